//! The number of entries of knowledge bases.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard};

use phoenix_otel::Observation;

use super::super::lock::lock;
use super::{ENTRIES, SIZE};

/// Returns the number of entries of a knowledge base.
type Size = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The knowledge bases of the process.
struct Shown {
    sizes: Vec<Size>,
    /// Observes their sum while there are any.
    sum: Option<Observation>,
}

static SHOWN: Mutex<Shown> = Mutex::new(Shown { sizes: Vec::new(), sum: None });

/// Exports the size of a knowledge base: each collection calls `size`, until the returned guard is dropped.
///
/// There are two metrics: the entries of this knowledge base, and the sum over all knowledge bases of the process. Use a unique name for each
/// knowledge base: two with one name write the same series, and only the last value is exported.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// static ENTRIES: AtomicU64 = AtomicU64::new(0);
/// let guard = phoenix_otel::platform::kb::observe_size("mind", || ENTRIES.load(Ordering::Relaxed));
/// ```
pub fn observe_size(kb: impl Into<String>, size: impl Fn() -> u64 + Send + Sync + 'static) -> Observation {
    let (kb, size): (String, Size) = (kb.into(), Arc::new(size));
    add(size.clone());
    let of_sum = size.clone();
    let shown = SIZE.observe(move |sizes| sizes.observe(size() as f64, SIZE { kb: &kb }));
    shown.on_end(move || remove(&of_sum))
}

fn add(size: Size) {
    let mut shown = shown();
    shown.sizes.push(size);
    shown.sum.get_or_insert_with(|| {
        ENTRIES.observe(|sum| {
            let sizes = self::shown().sizes.clone();
            if !sizes.is_empty() {
                // A panic is reported for the size metric; that knowledge base is missing in this sum.
                let entries = sizes.iter().filter_map(|size| catch_unwind(AssertUnwindSafe(|| size())).ok());
                sum.observe(entries.fold(0, u64::saturating_add) as f64, ());
            }
        })
    });
}

fn remove(size: &Size) {
    let mut shown = shown();
    shown.sizes.retain(|other| !Arc::ptr_eq(other, size));
    if shown.sizes.is_empty() {
        shown.sum = None;
    }
}

fn shown() -> MutexGuard<'static, Shown> {
    lock(&SHOWN)
}
