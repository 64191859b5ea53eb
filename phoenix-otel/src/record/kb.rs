//! Knowledge bases: what is measured, and calls that record a search as a whole.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::call::Call;
pub use crate::catalog::kb::*;
use crate::instrument::Observation;

/// One search for near vectors, under way: a call of [`VECTOR_SEARCH`](static@VECTOR_SEARCH).
///
/// Dropped without [`finish`](Self::finish), only its duration is recorded.
///
/// ```
/// use phoenix_otel::kb::VectorSearch;
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
    /// Starts a search in the knowledge base of this name.
    pub fn start(kb_name: &'k str) -> Self {
        Self { call: Call::start(VECTOR_SEARCH.bind(&VECTOR_SEARCH { kb_name })), kb_name }
    }

    /// Ends the search with the similarities of what it found, in any order: records its duration, and what [`record_results`] does.
    pub fn finish(self, similarities: impl IntoIterator<Item = f64>) {
        // Ended first: what the results cost to record is not the search's time.
        self.call.finish(&(), |(), _| ());
        record_results(self.kb_name, similarities);
    }
}

impl fmt::Debug for VectorSearch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VectorSearch").field("kb_name", &self.kb_name).finish_non_exhaustive()
    }
}

/// Records what a search found: the operation, the number of results, every similarity, and the best one if there is any.
///
/// For a function that is measured as [`VECTOR_SEARCH`](static@VECTOR_SEARCH) already. Where nothing is, [`VectorSearch`] does it all.
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

/// How many entries a knowledge base has.
type Size = Arc<dyn Fn() -> u64 + Send + Sync>;

/// All knowledge bases of the process, for their sum.
static SIZES: Mutex<Vec<Size>> = Mutex::new(Vec::new());

/// Shows the size of a knowledge base: `size` is called at each collection, until what this returns is dropped.
///
/// It makes two metrics: the entries of this knowledge base, and the sum over all of the process. Two that are shown under one name write one
/// series, of which the last is seen: name them apart.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// static ENTRIES: AtomicU64 = AtomicU64::new(0);
/// let shown = phoenix_otel::kb::observe_size("mind", || ENTRIES.load(Ordering::Relaxed));
/// ```
pub fn observe_size(kb: impl Into<String>, size: impl Fn() -> u64 + Send + Sync + 'static) -> Observation {
    static SUM: OnceLock<()> = OnceLock::new();
    SUM.get_or_init(|| {
        let sum = ENTRIES.observe(|sum| {
            let sizes = sizes().clone();
            if !sizes.is_empty() {
                // One that panics is told of by its own metric, and missing here.
                let entries = sizes.iter().filter_map(|size| catch_unwind(AssertUnwindSafe(|| size())).ok());
                sum.observe(entries.fold(0, u64::saturating_add) as f64, ());
            }
        });
        sum.detach();
    });
    let (kb, size): (String, Size) = (kb.into(), Arc::new(size));
    sizes().push(size.clone());
    let of_sum = size.clone();
    let shown = SIZE.observe(move |sizes| sizes.observe(size() as f64, SIZE { kb: &kb }));
    shown.and_then(move || sizes().retain(|other| !Arc::ptr_eq(other, &of_sum)))
}

fn sizes() -> std::sync::MutexGuard<'static, Vec<Size>> {
    SIZES.lock().unwrap_or_else(PoisonError::into_inner)
}
