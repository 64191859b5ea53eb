//! The gRPC service of the knowledge bases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use phoenix_otel::instrument_metrics;
use phoenix_otel::platform::kb::QUERY;
use tonic::{Request, Response, Status};

use super::Stores;
use super::embed::embed;
use super::store::Store;
use crate::proto::knowledge_bases_server::KnowledgeBases;
use crate::proto::{
    DeleteReply, DeleteRequest, InsertReply, InsertRequest, Match, PruneReply, PruneRequest, SearchReply, SearchRequest,
};

/// Default number of results.
const LIMIT: usize = 5;
/// Maximum number of results.
const MOST: usize = 100;

pub(super) struct Server {
    stores: Stores,
    inserted: AtomicU64,
}

impl Server {
    pub(super) fn new(stores: Stores) -> Self {
        Self { stores, inserted: AtomicU64::new(0) }
    }

    fn store(&self, kb: &str) -> Result<&Arc<Store>, Status> {
        self.stores.get(kb).ok_or_else(|| Status::not_found(format!("unknown knowledge base {kb:?}")))
    }

    #[instrument_metrics(QUERY { kb: &request.kb, operation: "search" })]
    async fn find(&self, request: SearchRequest) -> Result<SearchReply, Status> {
        let store = self.store(&request.kb)?;
        let limit = if request.limit == 0 { LIMIT } else { MOST.min(request.limit as usize) };
        let found = store.nearest(&embed(&request.text)?, limit);
        let matches =
            found.into_iter().map(|found| Match { id: found.id, text: found.text, similarity: found.similarity });
        Ok(SearchReply { matches: matches.collect() })
    }

    #[instrument_metrics(QUERY { kb: &request.kb, operation: "insert" })]
    async fn put(&self, request: InsertRequest) -> Result<InsertReply, Status> {
        let store = self.store(&request.kb)?;
        let vector = embed(&request.text)?;
        let id = match request.id {
            id if id.is_empty() => format!("{}-new-{}", request.kb, self.inserted.fetch_add(1, Ordering::Relaxed)),
            id => id,
        };
        Ok(InsertReply { replaced: store.insert(id.clone(), request.text, vector), id })
    }

    #[instrument_metrics(QUERY { kb: &request.kb, operation: "delete" })]
    async fn take_out(&self, request: DeleteRequest) -> Result<DeleteReply, Status> {
        Ok(DeleteReply { deleted: self.store(&request.kb)?.delete(&request.id) })
    }

    #[instrument_metrics(QUERY { kb: &request.kb, operation: "prune" })]
    async fn clear(&self, request: PruneRequest) -> Result<PruneReply, Status> {
        let store = self.store(&request.kb)?;
        let age = (request.older_than_seconds > 0).then(|| Duration::from_secs(request.older_than_seconds));
        let keep = (request.keep > 0).then_some(request.keep as usize);
        Ok(PruneReply { removed: store.prune(age, keep) as u64, left: store.len() as u64 })
    }
}

#[tonic::async_trait]
impl KnowledgeBases for Server {
    async fn search(&self, request: Request<SearchRequest>) -> Result<Response<SearchReply>, Status> {
        self.find(request.into_inner()).await.map(Response::new)
    }

    async fn insert(&self, request: Request<InsertRequest>) -> Result<Response<InsertReply>, Status> {
        self.put(request.into_inner()).await.map(Response::new)
    }

    async fn delete(&self, request: Request<DeleteRequest>) -> Result<Response<DeleteReply>, Status> {
        self.take_out(request.into_inner()).await.map(Response::new)
    }

    async fn prune(&self, request: Request<PruneRequest>) -> Result<Response<PruneReply>, Status> {
        self.clear(request.into_inner()).await.map(Response::new)
    }
}
