//! One series: many threads record while others read.
//!
//! A thread records in one of a few stripes, under a lock that is held for one addition. A reader takes the new observations out of each
//! stripe, and merges them without blocking recording.

use std::mem;
use std::sync::{Arc, Mutex};

use super::ring::Ring;
use crate::catalog::def::QUANTILES;
use crate::instrument::striped;
use crate::lock::lock;

/// The number of threads that can record at the same time. More threads rarely record within the same few nanoseconds, and each stripe may
/// need its own sketches.
pub(super) const STRIPES: usize = 4;

/// The length of a part of the window, in nanoseconds.
const PART: u64 = 60_000_000_000;

/// A clock that counts parts of the window since its creation.
#[derive(Debug)]
pub(super) struct PartClock {
    clock: quanta::Clock,
    start: u64,
}

impl PartClock {
    pub(super) fn new(clock: quanta::Clock) -> Self {
        let start = clock.raw();
        Self { clock, start }
    }

    #[inline]
    fn now(&self) -> u64 {
        self.clock.delta_as_nanos(self.start, self.clock.raw()) / PART
    }
}

/// The observations of one series.
pub(super) struct Window {
    clock: Arc<PartClock>,
    stripes: [Stripe; STRIPES],
    /// The observations that readers took out of the stripes. Recording never waits for this lock.
    merged: Mutex<Ring>,
}

/// Aligned to a cache line to avoid false sharing.
#[derive(Default)]
#[repr(align(64))]
struct Stripe(Mutex<Recorded>);

#[derive(Default)]
struct Recorded {
    sum: f64,
    count: u64,
    /// The observations that no reader has taken yet.
    pending: Ring,
}

/// The state of a series at one point in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    /// Quantiles over the window, in the order of [`QUANTILES`]. `None` if the window is empty.
    pub(super) quantiles: Option<[f64; QUANTILES.len()]>,
    /// The sum of all observations.
    pub(super) sum: f64,
    pub(super) count: u64,
}

impl Window {
    pub(super) fn new(clock: Arc<PartClock>) -> Self {
        Self { clock, stripes: Default::default(), merged: Mutex::default() }
    }

    /// Adds an observation. It must be finite.
    #[inline]
    pub(crate) fn record(&self, value: f64) {
        let now = self.clock.now();
        let mut recorded = lock(&self.stripes[striped::line() % STRIPES].0);
        // An infinite sum would remove the series from the exposition forever.
        recorded.sum = (recorded.sum + value).clamp(f64::MIN, f64::MAX);
        recorded.count += 1;
        recorded.pending.add(now, value);
    }

    /// Reads the series. Concurrent readers wait for each other.
    pub(super) fn read(&self) -> Reading {
        let mut merged = lock(&self.merged);
        let (mut sum, mut count) = (0.0, 0);
        for stripe in &self.stripes {
            let taken = {
                let mut recorded = lock(&stripe.0);
                sum += recorded.sum;
                count += recorded.count;
                mem::take(&mut recorded.pending)
            };
            merged.merge(taken);
        }
        merged.expire(self.clock.now());
        Reading { quantiles: merged.quantiles(), sum: sum.clamp(f64::MIN, f64::MAX), count }
    }

    /// Removes all observations.
    pub(super) fn clear(&self) {
        self.stripes.iter().for_each(|stripe| *lock(&stripe.0) = Recorded::default());
        *lock(&self.merged) = Ring::default();
    }

    /// The number of buckets in memory, and of sketches.
    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        let sizes = self.stripes.iter().map(|stripe| lock(&stripe.0).pending.size());
        sizes.chain([lock(&self.merged).size()]).fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
    }
}
