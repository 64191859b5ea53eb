//! Metrics of knowledge bases, and calls that record all metrics of a search.

mod search;
mod size;

use phoenix_otel::catalog::function::DURATION_BOUNDS;
use phoenix_otel::{Label, Status, metrics};

pub use search::{VectorSearch, record_results};
pub use size::observe_size;

/// An operation on a vector store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum VectorOperation {
    /// A vector was inserted.
    Insert,
    /// A vector was replaced.
    Update,
    /// A vector was deleted.
    Delete,
    /// Similar vectors were searched.
    Search,
}

metrics! {
    domain = super::KB;

    /// Queries, by knowledge base, operation and status.
    pub static QUERIES: Counter { kb: &str, operation: &str, status: Status } = "phoenix.kb.queries" { unit: "{query}", cap: 1200 };

    /// Time to answer a query.
    pub static QUERY_DURATION: Histogram { kb: &str, operation: &str } = "phoenix.kb.query.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS,
        cap: 300
    };

    /// Operations on the vector store.
    pub static VECTOR_OPERATIONS: Counter { operation: VectorOperation } = "phoenix.kb.vector.operations" { unit: "{operation}" };

    /// Entries of a knowledge base.
    pub static SIZE: ObservableGauge { kb: &str } = "phoenix.kb.size.entries" { unit: "{entry}", cap: 100 };

    /// Entries of all knowledge bases of the process together.
    pub static ENTRIES: ObservableGauge = "phoenix.kb.entries.count" { unit: "{entry}" };

    /// Number of times that a knowledge base was pruned.
    pub static PRUNING_OPERATIONS: Counter { kb: &str } = "phoenix.kb.pruning.operations" { unit: "{operation}", cap: 100 };

    /// Similarity of each result of a vector search to the query.
    pub static SIMILARITY_SCORE: Histogram = "phoenix.kb.similarity.score" { bounds: TENTHS };

    /// Time of a vector search.
    pub static VECTOR_SEARCH_DURATION: Histogram { kb_name: &str } = "phoenix.kb.vector_search.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS,
        cap: 100
    };

    /// Number of results of a vector search.
    pub static SEARCH_RESULTS: Histogram { kb_name: &str } = "phoenix.kb.search_results.count" {
        unit: "{result}",
        bounds: [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0],
        cap: 100
    };

    /// Similarity of the best result of a vector search to the query.
    pub static TOP_MATCH_SIMILARITY: Histogram { kb_name: &str } = "phoenix.kb.top_match.similarity" { bounds: TENTHS, cap: 100 };

    /// One query.
    pub static QUERY: CallSet { kb: &str, operation: &str } = { requests: QUERIES, duration: QUERY_DURATION };

    /// One vector search.
    pub static VECTOR_SEARCH: CallSet { kb_name: &str } = { duration: VECTOR_SEARCH_DURATION };
}

/// 0, 0.1 … 1.
const TENTHS: [f64; 11] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
