//! How many entries knowledge bases have.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard};

use phoenix_otel::Observation;

use super::super::lock::lock;
use super::{ENTRIES, SIZE};

/// How many entries a knowledge base has.
type Size = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The knowledge bases of the process.
struct Shown {
    sizes: Vec<Size>,
    /// Observes their sum as long as there are some.
    sum: Option<Observation>,
}

static SHOWN: Mutex<Shown> = Mutex::new(Shown { sizes: Vec::new(), sum: None });

/// Shows the size of a knowledge base: `size` is called at each collection, until what this returns is dropped.
///
/// It makes two metrics: the entries of this knowledge base, and the sum over all of the process. Two that are shown under one name write one
/// series, of which the last is seen: name them apart.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// static ENTRIES: AtomicU64 = AtomicU64::new(0);
/// let shown = phoenix_otel::platform::kb::observe_size("mind", || ENTRIES.load(Ordering::Relaxed));
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
                // One that panics is reported for its own metric, and missing here.
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
