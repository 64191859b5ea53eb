//! The clients of the users. They count the requests.

use std::error::Error;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use super::Scenario;
use super::report::{Report, Request};
use crate::api::Completed;
use crate::proto::CompletionRequest;
use crate::proto::completion_event::Event;
use crate::proto::knowledge_bases_client::KnowledgeBasesClient;
use crate::proto::knowledge_bases_server::SERVICE_NAME as KNOWLEDGE_BASES;
use crate::proto::language_models_client::LanguageModelsClient;
use crate::proto::language_models_server::SERVICE_NAME as LANGUAGE_MODELS;
use crate::role::{Addresses, Role};

/// How long a user waits for a response.
const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes of a model's response that may be in flight to a user.
const ROOM: u32 = 256;

/// The state that all users share.
#[derive(Clone)]
pub(super) struct Clients {
    http: reqwest::Client,
    pub(super) kb: KnowledgeBasesClient<Channel>,
    llm: LanguageModelsClient<Channel>,
    addresses: Arc<Addresses>,
    report: Arc<Mutex<Report>>,
    closed: Arc<AtomicBool>,
}

/// How a user reads a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    /// Time to read a token.
    pub(super) pause: Duration,
    /// After this number of tokens the user disconnects.
    pub(super) leave_after: Option<usize>,
}

impl Clients {
    /// Asks the orchestrator for the addresses of the other services.
    pub(super) async fn connect(target: &str) -> Result<Self, Box<dyn Error>> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let answer = http.get(format!("{target}/services")).send().await;
        let answer = answer.map_err(|_| format!("no orchestrator responds at {target}; set its URL with --target"))?;
        let addresses: Addresses = serde_json::from_slice(&answer.bytes().await?)?;
        let endpoint = |role| Endpoint::from_shared(addresses.of(role).to_owned());
        // A slow reader has a small window, so the writer has to wait for it.
        let models = endpoint(Role::Llm)?.initial_stream_window_size(ROOM);
        let clients = Self {
            kb: KnowledgeBasesClient::new(endpoint(Role::Kb)?.connect_lazy()),
            llm: LanguageModelsClient::new(models.connect_lazy()),
            http,
            addresses: Arc::new(addresses),
            report: Arc::default(),
            closed: Arc::default(),
        };
        clients.note(Role::Orchestrator, "GET", "/services", "200");
        Ok(clients)
    }

    /// From now on no user starts a new act.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn tally(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn report(&self, scenario: Scenario, elapsed: Duration) -> Report {
        let mut report = self.tally().clone();
        (report.scenario, report.seconds) = (scenario.name(), elapsed.as_secs_f64());
        report
    }

    fn note(&self, role: Role, method: &str, route: &str, status: impl ToString) {
        let (service, method, route) = (role.service(), method.to_owned(), route.to_owned());
        self.tally().request(Request { service, method, route, status: status.to_string() });
    }

    /// Posts JSON. Returns body and status of the response.
    pub(super) async fn post(
        &self,
        role: Role,
        path: &'static str,
        question: &impl Serialize,
    ) -> Option<(u16, String)> {
        let body = serde_json::to_vec(question).ok()?;
        self.send(role, Method::POST, path, path, body, PATIENCE).await
    }

    /// Posts JSON and parses the response if it is a success.
    pub(super) async fn ask<A: DeserializeOwned>(
        &self,
        role: Role,
        path: &'static str,
        question: &impl Serialize,
    ) -> Option<A> {
        let (status, body) = self.post(role, path, question).await?;
        if status == 200 { serde_json::from_str(&body).ok() } else { None }
    }

    /// Sends an HTTP request. `route` is the template that the path matches.
    pub(super) async fn send(
        &self,
        role: Role,
        method: Method,
        path: &str,
        route: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Option<(u16, String)> {
        let known = [Method::GET, Method::POST, Method::PUT, Method::DELETE].contains(&method);
        let name = if known { method.to_string() } else { "_OTHER".to_owned() };
        let url = format!("{}{path}", self.addresses.of(role));
        let request = self.http.request(method, url).header("content-type", "application/json").body(body);
        let exchange = async {
            let response = request.send().await?;
            let status = response.status().as_u16();
            Ok::<_, reqwest::Error>((status, response.text().await?))
        };
        match tokio::time::timeout(patience, exchange).await {
            Err(_) => {
                self.note(role, &name, route, "left");
                None
            }
            Ok(Err(_)) => {
                self.note(role, &name, route, "unreachable");
                None
            }
            Ok(Ok((status, text))) => {
                self.note(role, &name, route, status);
                Some((status, text))
            }
        }
    }

    /// Calls a method of the knowledge bases.
    pub(super) async fn call<R>(
        &self,
        method: &str,
        call: impl Future<Output = Result<tonic::Response<R>, Status>>,
    ) -> Option<R> {
        let result = call.await;
        let status = result.as_ref().map_or_else(Status::code, |_| Code::Ok);
        self.note_call(Role::Kb, &format!("{KNOWLEDGE_BASES}/{method}"), status);
        result.ok().map(tonic::Response::into_inner)
    }

    /// Lets a model continue a text, and reads the response in the given way.
    pub(super) async fn complete(&self, request: CompletionRequest, reading: Reading) {
        let model = request.model.clone();
        let completed = self.read(request, reading).await;
        let method = &format!("{LANGUAGE_MODELS}/Complete");
        match completed {
            Ok(Some(completed)) => {
                self.note_call(Role::Llm, method, Code::Ok);
                self.tally().completed(&Completed { model, ..completed });
            }
            Ok(None) => self.note(Role::Llm, method, "", "left"),
            Err(status) => self.note_call(Role::Llm, method, status.code()),
        }
    }

    async fn read(&self, request: CompletionRequest, reading: Reading) -> Result<Option<Completed>, Status> {
        let mut events = self.llm.clone().complete(request).await?.into_inner();
        let (mut completed, mut tokens) = (Completed::default(), 0);
        while let Some(event) = events.message().await? {
            match event.event {
                Some(Event::Token(_)) => tokens += 1,
                Some(Event::Usage(usage)) => {
                    completed.prompt_tokens = usage.prompt_tokens;
                    completed.completion_tokens = usage.completion_tokens;
                    completed.cached = usage.cached;
                }
                None => {}
            }
            if reading.leave_after.is_some_and(|most| tokens >= most) {
                return Ok(None);
            }
            if !reading.pause.is_zero() {
                tokio::time::sleep(reading.pause).await;
            }
        }
        Ok(Some(completed))
    }

    fn note_call(&self, role: Role, method: &str, code: Code) {
        self.note(role, method, "", canonical(code));
    }
}

/// The canonical name of a gRPC code, such as `NOT_FOUND`.
fn canonical(code: Code) -> String {
    let mut name = String::new();
    for character in format!("{code:?}").chars() {
        if character.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(character.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_canonical_names() {
        assert_eq!(canonical(Code::Ok), "OK");
        assert_eq!(canonical(Code::ResourceExhausted), "RESOURCE_EXHAUSTED");
    }
}
