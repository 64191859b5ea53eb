//! One vector search: records all its metrics.

use std::fmt;

use phoenix_otel::Call;

use super::{
    SEARCH_RESULTS, SIMILARITY_SCORE, TOP_MATCH_SIMILARITY, VECTOR_OPERATIONS, VECTOR_SEARCH, VectorOperation,
};

/// A vector search in flight: a call of [`VECTOR_SEARCH`](static@VECTOR_SEARCH).
///
/// If it is dropped without [`finish`](Self::finish), only its duration is recorded.
///
/// ```
/// use phoenix_otel::platform::kb::VectorSearch;
///
/// # fn nearest(_: &[f32]) -> Vec<(u64, f32)> { vec![(7, 0.9), (3, 0.4)] }
/// let search = VectorSearch::start("mind");
/// let found = nearest(&[0.1, 0.7]);
/// search.finish(found.iter().map(|(_, similarity)| f64::from(*similarity)));
/// ```
#[must_use = "a search that is dropped at once has no results"]
pub struct VectorSearch<'k> {
    call: Call,
    kb_name: &'k str,
}

impl<'k> VectorSearch<'k> {
    /// Starts a search in the knowledge base with this name.
    pub fn start(kb_name: &'k str) -> Self {
        Self { call: Call::start(VECTOR_SEARCH.bind(&VECTOR_SEARCH { kb_name })), kb_name }
    }

    /// Ends the search with the similarities of its results, in any order. Records its duration, and the metrics of [`record_results`].
    pub fn finish(self, similarities: impl IntoIterator<Item = f64>) {
        // Ended first: recording the results is not part of the search's duration.
        self.call.ok();
        record_results(self.kb_name, similarities);
    }
}

impl fmt::Debug for VectorSearch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VectorSearch").field("kb_name", &self.kb_name).finish_non_exhaustive()
    }
}

/// Records the results of a search: the operation, the number of results, every similarity, and the best similarity, if any.
///
/// Use it in a function that is measured with [`VECTOR_SEARCH`](static@VECTOR_SEARCH). Otherwise use [`VectorSearch`], which records everything.
pub fn record_results(kb_name: &str, similarities: impl IntoIterator<Item = f64>) {
    let mut results = 0u64;
    let mut top = f64::NAN;
    for similarity in similarities {
        results += 1;
        top = top.max(similarity);
        SIMILARITY_SCORE.record(similarity, ());
    }
    VECTOR_OPERATIONS.add(1, VECTOR_OPERATIONS { operation: VectorOperation::Search });
    SEARCH_RESULTS.record(results as f64, SEARCH_RESULTS { kb_name });
    if !top.is_nan() {
        TOP_MATCH_SIMILARITY.record(top, TOP_MATCH_SIMILARITY { kb_name });
    }
}
