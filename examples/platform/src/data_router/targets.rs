//! The services behind the router.

use std::error::Error;

use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
use phoenix_otel::platform::data_router::{ROUTE, observe_breaker};
use phoenix_otel::{ErrorType, instrument_metrics};
use tonic::{Code, Status};

use crate::api::{Answer, Completed, RouteRequest};
use crate::neighbour::{Guarded, channel, was_open};
use crate::proto::completion_event::Event;
use crate::proto::knowledge_bases_client::KnowledgeBasesClient;
use crate::proto::language_models_client::LanguageModelsClient;
use crate::proto::{CompletionRequest, InsertRequest, SearchRequest};
use crate::role::{Addresses, Role};

/// Less similar entries have another topic.
const SIMILAR: f32 = 0.2;

pub(super) struct Targets {
    kb: KnowledgeBasesClient<Guarded>,
    llm: LanguageModelsClient<Guarded>,
}

/// Why a request could not be answered.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(super) enum RouteError {
    #[error("the circuit breaker of the service is open")]
    CircuitOpen,
    #[error("the service is unreachable")]
    Unreachable,
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Busy(String),
    #[error("{0}")]
    Failed(String),
}

impl From<Status> for RouteError {
    fn from(status: Status) -> Self {
        let text = status.message().to_owned();
        match status.code() {
            _ if was_open(&status) => Self::CircuitOpen,
            // gRPC reports a broken connection as `Unknown`.
            Code::Unavailable | Code::Unknown | Code::DeadlineExceeded => Self::Unreachable,
            Code::NotFound => Self::NotFound(text),
            Code::InvalidArgument => Self::Invalid(text),
            Code::ResourceExhausted => Self::Busy(text),
            _ => Self::Failed(text),
        }
    }
}

/// The target of a request, by kind.
pub(super) fn target(request: &RouteRequest) -> Role {
    match request {
        RouteRequest::Search { .. } | RouteRequest::Remember { .. } => Role::Kb,
        RouteRequest::Complete { .. } => Role::Llm,
    }
}

/// The model for a language. For other languages the small model is as good as the large one.
fn model_for(language: &str) -> &'static str {
    if language == "eng" { "phoenix-large" } else { "phoenix-small" }
}

impl Targets {
    pub(super) fn new(addresses: &Addresses) -> Result<Self, Box<dyn Error>> {
        let channel = |role: Role| {
            let breaker = observe_breaker(CircuitBreakerMetrics::new(role.service()));
            channel(addresses.of(role), &breaker)
        };
        Ok(Self {
            kb: KnowledgeBasesClient::new(channel(Role::Kb)?),
            llm: LanguageModelsClient::new(channel(Role::Llm)?),
        })
    }

    /// Calls the target service.
    #[instrument_metrics(ROUTE { target_service: target(&request).service() })]
    pub(super) async fn forward(&self, request: RouteRequest, language: &'static str) -> Result<Answer, RouteError> {
        match request {
            RouteRequest::Search { kb, text } => {
                let request = SearchRequest { kb, text, limit: 3 };
                let found = self.kb.clone().search(request).await?.into_inner().matches;
                let similar = found.into_iter().filter(|found| found.similarity >= SIMILAR).map(|found| found.text);
                Ok(Answer::Found(similar.collect()))
            }
            RouteRequest::Remember { kb, text } => {
                let request = InsertRequest { kb, text, id: String::new() };
                Ok(Answer::Remembered { id: self.kb.clone().insert(request).await?.into_inner().id })
            }
            RouteRequest::Complete { text, model } => {
                let model = model.unwrap_or_else(|| model_for(language).to_owned());
                self.complete(text, model).await.map(Answer::Completed)
            }
        }
    }

    async fn complete(&self, prompt: String, model: String) -> Result<Completed, RouteError> {
        let request = CompletionRequest { model: model.clone(), prompt, ..CompletionRequest::default() };
        let mut events = self.llm.clone().complete(request).await?.into_inner();
        let mut completed = Completed { model, ..Completed::default() };
        while let Some(event) = events.message().await? {
            match event.event {
                Some(Event::Token(token)) => completed.text.push_str(&token),
                Some(Event::Usage(usage)) => {
                    completed.prompt_tokens = usage.prompt_tokens;
                    completed.completion_tokens = usage.completion_tokens;
                    completed.cached = usage.cached;
                    return Ok(completed);
                }
                None => {}
            }
        }
        Err(RouteError::Failed("the response was truncated".to_owned()))
    }
}
