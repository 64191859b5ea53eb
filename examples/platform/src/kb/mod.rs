//! Knowledge bases: collections of texts with semantic search.

mod embed;
mod server;
mod store;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use phoenix_otel::grpc::MetricsLayer;
use tonic::service::Routes;
use tower::Layer;

use crate::proto::knowledge_bases_server::{self as kb_server, KnowledgeBasesServer};
use embed::Vector;
use server::Server;
use store::Store;

/// The default of `KB_NAMES`.
const NAMES: &str = "mind,body,heart,social,soul";

/// The initial texts: the name of a knowledge base, and a text.
const TEXTS: &str = include_str!("../../texts/knowledge.txt");

/// The knowledge bases of this process, by name.
type Stores = BTreeMap<String, Arc<Store>>;

pub(crate) fn routes() -> Result<Router, Box<dyn Error>> {
    let names = std::env::var("KB_NAMES").unwrap_or_else(|_| NAMES.to_owned());
    let stores = filled(names.split(',').map(str::trim).filter(|name| !name.is_empty()));
    if stores.is_empty() {
        return Err(format!("KB_NAMES is {names:?}; expected names separated by commas, such as {NAMES}").into());
    }
    for (name, store) in &stores {
        let store = store.clone();
        // The callback stays until the process ends.
        phoenix_otel::platform::kb::observe_size(name, move || store.len() as u64).detach();
    }
    let methods = ["Search", "Insert", "Delete", "Prune"].map(|method| format!("{}/{method}", kb_server::SERVICE_NAME));
    let edge = MetricsLayer::new().with_summary().with_methods(methods);
    let grpc = Routes::new(edge.layer(KnowledgeBasesServer::new(Server::new(stores))));
    Ok(grpc.prepare().into_axum_router())
}

/// Creates the knowledge bases of these names, with their initial texts.
fn filled<'n>(names: impl Iterator<Item = &'n str>) -> Stores {
    let stores: Stores = names.map(|name| (name.to_owned(), Arc::new(Store::new(name)))).collect();
    for (number, line) in TEXTS.lines().enumerate() {
        let Some((name, text)) = line.split_once(": ") else { continue };
        if let Some(store) = stores.get(name) {
            store.insert(format!("{name}-{number}"), text.to_owned(), Vector::of(text));
        }
    }
    stores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knowledge_base_knows_something() {
        let stores = filled(NAMES.split(','));
        assert_eq!(stores.len(), 5);
        for (name, store) in &stores {
            assert!(store.len() >= 8, "{name} has {} texts", store.len());
        }
        let found = stores["body"].nearest(&Vector::of("How much sleep does an adult need at night?"), 1);
        assert!(found[0].text.contains("sleep"), "{found:?}");
    }
}
