//! Summaries: quantiles over a sliding window, and the sum and the count of everything.
//!
//! `ring` holds the sketches of the window, `window` is where threads record and readers read, `instrument` is what the SDK sees of it.

mod instrument;
mod ring;
#[cfg(test)]
mod tests;
mod window;

use std::marker::PhantomData;

use instrument::Summarized;

use super::handle::{Declared, Handle};
use super::handles::handle;
use crate::catalog::{Labels, MetricDef};

handle! {
    /// Observations of which the quantiles 0.5, 0.9, 0.95 and 0.99 are kept, over the last ten minutes of this process.
    ///
    /// A quantile is within 1 % of an observation of that rank, as long as the greatest observation of a minute is at most some 10^17 times the least. The window moves by whole minutes: an observation counts for nine minutes at
    /// least and for ten at most. A series without an observation in the window has no quantile; its sum and its count, which are of all
    /// observations since `init`, stay.
    ///
    /// Quantiles of several processes cannot be added up or averaged. Where that is wanted, a [`Histogram`](crate::Histogram) is the
    /// instrument.
    ///
    /// On the scrape endpoint it is a Prometheus summary. By OTLP, which no SDK can send a summary by, it is a gauge with the attribute
    /// `quantile` and two sums, whose names in Prometheus are the same as those of a scrape.
    ///
    /// # Memory
    ///
    /// A minute of a series takes 1 KiB for each factor of 13 between its least and its greatest observation, and 16 KiB at most, or twice that
    /// if negative ones occur. Ten minutes are kept, and up to four more parts of a minute that threads recorded since the last read; where
    /// nobody reads, these four grow to ten minutes each. Latencies between 1 ms and 10 s take about 50 KiB a series.
    ///
    /// ```
    /// phoenix_otel::metrics! {
    ///     /// Time from an order to its parcel.
    ///     static PACKING: Summary { hall: &str } = "acme.packing" { unit: "s", cap: 20 };
    /// }
    ///
    /// PACKING.record(12.5, PACKING { hall: "north" });
    /// ```
    Summary<L> of Summarized
}

impl<L: Labels + 'static> Summary<L> {
    /// Records an observation in the series of `labels`. Does nothing before `init`.
    ///
    /// A negative value is an observation like others. An infinite value and NaN, which have no quantile, are left out and counted. Of what is
    /// nearer to 0 than 1e-9 a quantile is 0.
    #[inline]
    pub fn record<M: Labels<Of = L>>(&'static self, value: f64, labels: M) {
        if !value.is_finite() {
            return self.0.dropped(value);
        }
        self.0.record(&labels, |window| window.record(value));
    }
}
