//! Summaries: quantiles over a sliding window, and the sum and count of all observations.
//!
//! `ring`: the sketches of the window. `window`: records and reads one series. `instrument`: the SDK instruments.

mod instrument;
mod ring;
#[cfg(test)]
mod tests;
mod window;

use std::marker::PhantomData;

use instrument::SummaryInstrument;

use super::handle::{Declared, Handle};
use super::handles::handle;
use crate::catalog::{Labels, MetricDef};

handle! {
    /// The quantiles 0.5, 0.9, 0.95 and 0.99 of observations over the last ten minutes of this process.
    ///
    /// A quantile has a relative error of at most 1 %, as long as the largest observation of a minute is at most about 10^17 times the
    /// smallest. The window moves by whole minutes, so an observation counts for nine to ten minutes. A series without an observation in
    /// the window has no quantile. Its sum and count, over all observations since `init`, remain.
    ///
    /// Quantiles of several processes cannot be aggregated. Use a [`Histogram`](crate::Histogram) for that.
    ///
    /// On the scrape endpoint it is a Prometheus summary. SDKs cannot send a summary over OTLP, so there it is a gauge with the attribute
    /// `quantile` and two sums. Their Prometheus names are the same as those of a scrape.
    ///
    /// # Memory
    ///
    /// A minute of a series takes 1 KiB for each factor of 13 between its smallest and largest observation, at most 16 KiB, or twice as
    /// much with negative observations. A series stores ten minutes. Threads record in up to four buffers, which each read empties into these
    /// ten minutes. Between two reads a buffer stores the minutes since the last read, at most ten. Latencies between 1 ms and 10 s take
    /// about 50 KiB per series.
    ///
    /// ```
    /// phoenix_otel::metrics! {
    ///     /// Time from an order to its parcel.
    ///     static PACKING: Summary { hall: &str } = "acme.packing" { unit: "s", cap: 20 };
    /// }
    ///
    /// PACKING.record(12.5, PACKING { hall: "north" });
    /// ```
    Summary<L> of SummaryInstrument
}

impl<L: Labels + 'static> Summary<L> {
    /// Records an observation in the series of `labels`. Does nothing before `init`.
    ///
    /// Negative values are allowed. Infinite values and NaN are dropped and counted. For values closer to 0 than 1e-9 the quantile is 0.
    #[inline]
    pub fn record<M: Labels<Schema = L>>(&'static self, value: f64, labels: M) {
        if !value.is_finite() {
            return self.0.count_dropped(value);
        }
        self.0.record(&labels, |window| window.record(value));
    }
}
