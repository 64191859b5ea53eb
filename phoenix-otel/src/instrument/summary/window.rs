//! One series: recorded by many threads, read while they record.
//!
//! A thread writes to one of a few stripes, under a lock that is held for one addition. A reader takes out of each stripe what is new, and
//! merges it where no recording waits for it.

use std::mem;
use std::sync::{Arc, Mutex};

use super::ring::Ring;
use crate::catalog::def::QUANTILES;
use crate::instrument::striped;
use crate::lock::lock;

/// How many threads can record at once. More are rarely in the same few nanoseconds, and each may hold sketches of its own.
pub(super) const STRIPES: usize = 4;

/// How long a part of the window is, in nanoseconds.
const PART: u64 = 60_000_000_000;

/// Tells the part of time that it is, from the moment it was made.
#[derive(Debug)]
pub(super) struct Parts {
    clock: quanta::Clock,
    start: u64,
}

impl Parts {
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
    parts: Arc<Parts>,
    stripes: [Stripe; STRIPES],
    /// What readers took out of the stripes. Recording never waits for it.
    merged: Mutex<Ring>,
}

/// On a cache line of its own, so that threads do not fight over a line that they do not share.
#[derive(Default)]
#[repr(align(64))]
struct Stripe(Mutex<Recorded>);

#[derive(Default)]
struct Recorded {
    sum: f64,
    count: u64,
    /// What no reader has taken yet.
    pending: Ring,
}

/// What a series amounts to at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    /// Over the window, in the order of [`QUANTILES`]; `None` without an observation in it.
    pub(super) quantiles: Option<[f64; QUANTILES.len()]>,
    /// Of all observations.
    pub(super) sum: f64,
    pub(super) count: u64,
}

impl Window {
    pub(super) fn new(parts: Arc<Parts>) -> Self {
        Self { parts, stripes: Default::default(), merged: Mutex::default() }
    }

    /// Adds an observation, which is finite.
    #[inline]
    pub(crate) fn record(&self, value: f64) {
        let now = self.parts.now();
        let mut recorded = lock(&self.stripes[striped::line() % STRIPES].0);
        // An infinite sum would take the series from the exposition for ever.
        recorded.sum = (recorded.sum + value).clamp(f64::MIN, f64::MAX);
        recorded.count += 1;
        recorded.pending.add(now, value);
    }

    /// What there is now. A second reader waits for the first one.
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
        merged.expire(self.parts.now());
        Reading { quantiles: merged.quantiles(), sum: sum.clamp(f64::MIN, f64::MAX), count }
    }

    /// Forgets all observations.
    pub(super) fn clear(&self) {
        self.stripes.iter().for_each(|stripe| *lock(&stripe.0) = Recorded::default());
        *lock(&self.merged) = Ring::default();
    }

    /// How many buckets the series has in memory, and in how many sketches.
    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        let sizes = self.stripes.iter().map(|stripe| lock(&stripe.0).pending.size());
        sizes.chain([lock(&self.merged).size()]).fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
    }
}
