//! An attack on the labels: each request has a new value for everything that may become a label.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Method;
use tokio::task::JoinSet;

use super::clients::{Clients, Reading};
use super::users;
use crate::api::RunRequest;
use crate::proto::{CompletionRequest, SearchRequest};
use crate::role::Role;

/// Number of attackers.
const ATTACKERS: usize = 8;
/// The most requests of an attack.
const MOST: u64 = 1_000_000;

/// Attackers that send until the clients are closed, each has sent `acts` requests, or the maximum is reached.
pub(super) fn attackers(clients: &Clients, acts: usize) -> JoinSet<()> {
    let sent = Arc::new(AtomicU64::new(0));
    let attacker = |_| {
        let (clients, sent) = (clients.clone(), sent.clone());
        async move {
            for _ in 0..acts {
                let number = sent.fetch_add(1, Ordering::Relaxed);
                if clients.is_closed() || number >= MOST {
                    return;
                }
                send(&clients, number).await;
            }
        }
    };
    (0..ATTACKERS).map(attacker).collect()
}

async fn send(clients: &Clients, number: u64) {
    let patience = Duration::from_secs(5);
    match number % 6 {
        0 => {
            let path = format!("/{number}/of/a/million");
            clients.send(Role::Orchestrator, Method::GET, &path, "", Vec::new(), patience).await;
        }
        1 => {
            let method = Method::from_bytes(format!("METHOD{number}").as_bytes()).unwrap_or(Method::GET);
            clients.send(Role::DataRouter, method, "/route", "/route", Vec::new(), patience).await;
        }
        2 => users::plan(clients, format!("run job-{number}")).await,
        3 => {
            let model = format!("phoenix-small:tenant-{number}");
            let (prompt, max_tokens) = (number.to_string(), 1);
            let request = CompletionRequest { model, prompt, max_tokens, ..CompletionRequest::default() };
            clients.complete(request, Reading::default()).await;
        }
        4 => {
            let request = SearchRequest { kb: format!("kb-{number}"), text: "a lamp".to_owned(), limit: 1 };
            clients.call("Search", clients.kb.clone().search(request)).await;
        }
        _ => {
            let request = RunRequest { job: format!("job-{number}"), argument: String::new() };
            clients.post(Role::Executor, "/run", &request).await;
        }
    }
}
