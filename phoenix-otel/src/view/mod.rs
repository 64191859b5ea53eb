//! Views: what a service wants of a metric, between its definition and its instrument.
//!
//! A definition says what a metric is. [`View`]s say what this service wants of it. [`wanted::streams`] makes of both the streams, once, as
//! the instrument is made; recording never asks.

mod attributes;
mod check;
pub(crate) mod merge;
mod met;
mod pattern;
mod selector;
mod stream;
mod streams;
mod wanted;

pub(crate) use check::{DeclaredMetric, conflicts, problems, streams, unmatched};
pub(crate) use selector::Instrument;
pub use selector::InstrumentKind;
pub(crate) use stream::{Buckets, PART_SERIES, Stream};
pub(crate) use streams::Streams;
pub(crate) use wanted::{Aggregation, Wanted};

use attributes::AttributeKeys;
use pattern::Pattern;
use selector::Selector;

/// The scope of the meter that the catalog's instruments are made with.
pub(crate) const SCOPE: &str = "phoenix-otel";

/// The attributes of this scope that tell instruments of one name apart: the bounds of its own that it has, and which part of the metric's series.
pub(crate) const BOUNDS: &str = "bounds";
pub(crate) const PART: &str = "part";

/// Whether an attribute of our scope only tells instruments of one metric apart. Our exporters leave it out.
#[allow(dead_code, reason = "for exporters that may not be built in")]
pub(crate) fn is_of_instrument(key: &str) -> bool {
    [BOUNDS, PART].contains(&key)
}

/// Changes the metrics of some instruments: their name, description, attributes, buckets or cap, or whether they exist.
///
/// It is what the OpenTelemetry specification calls a *view*: a selector of instruments, and what their *stream* is. Give it to
/// [`Builder::view`](crate::Builder::view). It holds for the metrics of this crate and of [`metrics!`](crate::metrics!), and for the
/// instruments that any library makes with the global meter provider.
///
/// ```standalone_crate
/// use phoenix_otel::{View, metrics};
///
/// metrics! {
///     /// Time to wrap an order.
///     static WRAPPING: Histogram { hall: &str, tenant: &str } = "acme.wrapping" { unit: "s", bounds: [1.0, 10.0] };
///     /// Orders wrapped.
///     static WRAPPED: Counter { hall: &str } = "acme.wrapped" { unit: "{order}" };
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = phoenix_otel::builder("shop")
///     // Other buckets, and one series for all tenants of a hall.
///     .view(View::select("acme.wrapping").bounds([5.0, 30.0, 120.0]).drop_attributes(["tenant"]))
///     // At most ten series of each of these metrics.
///     .view(View::select("acme.*").cap(10))
///     // Not exported, and recording costs next to nothing.
///     .view(View::select("acme.wrapped").drop_metric())
/// #   .exporter("prometheus").without_listener()
///     .init()?;
/// WRAPPING.record(12.5, WRAPPING { hall: "north", tenant: "a" });
/// WRAPPING.record(7.5, WRAPPING { hall: "north", tenant: "b" });
/// WRAPPED.add(2, WRAPPED { hall: "north" });
/// # let shown = telemetry.exposition()?;
/// # assert!(shown.contains("acme_wrapping_seconds_bucket{hall=\"north\",service=\"shop\",le=\"30\"} 2"), "{shown}");
/// # assert!(!shown.contains("acme_wrapped"), "{shown}");
/// # Ok(()) }
/// ```
///
/// # Which instruments
///
/// All criteria have to hold. In the names of instruments and meters `*` matches any number of characters and `?` matches one. The name is
/// the instrument's own (`phoenix.llm.tokens`), not its name in Prometheus, with the configured namespace and subsystem filled in. A view that sets buckets selects histograms only.
///
/// # Several views
///
/// Views are combined where they give an instrument the same name. Of what two of them set, the later holds; so put general views before
/// special ones. A view that drops is no exception: a later view of the same metric brings it back, so everything can be dropped but for what follows:
///
/// ```
/// # use phoenix_otel::View;
/// # let builder = phoenix_otel::builder("shop");
/// builder.view(View::select("*").drop_metric()).view(View::select("acme.*"))
/// # ;
/// ```
///
/// A view that renames makes a *further* stream where another view selects the instrument too, and both are recorded. (The
/// SDK of OpenTelemetry makes a further stream of *every* view, two of one name included.)
///
/// # What it means for series
///
/// Series that differ in dropped attributes alone are merged: sums and histograms are added up, of a gauge the last value stays. Functions whose series are
/// merged have the bounds of the metric; those of `#[instrument_metrics(bounds = …)]` hold for series of a function alone. The cap
/// counts what is left of the series. A metric that is renamed keeps its zeros, its exemplars, its place in
/// `phoenix_otel_series` and `phoenix_otel_overflow_total`, and its Prometheus suffixes: all of them under the new name.
///
/// An exemplar of a histogram carries the attributes that its series lacks because of a view, such as the `method` of an instrumented function.
/// A metric with a string label is the exception: its series are found by the attributes that are kept, and to keep the text of the others would cost each
/// recording an allocation.
///
/// # What is wrong
///
/// [`Builder::init`](crate::Builder::init) refuses a view that cannot hold: a new name for several instruments, bounds that do not
/// rise, two metrics that would share a name in Prometheus, be it that of a series such as `…_count`, also where one of them is an
/// instrument of another library that the view renames. A view that matches no declared metric may be one for another library's; it is logged at the level `debug`.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a view does nothing before `Builder::view` takes it"]
pub struct View {
    selector: Selector,
    name: Option<String>,
    description: Option<String>,
    attributes: Option<AttributeKeys>,
    aggregation: Option<Aggregation>,
    cap: Option<usize>,
}

impl View {
    /// A view of the instruments whose name matches, in which the case of letters does not count.
    pub fn select(instrument: impl Into<String>) -> Self {
        let selector = Selector::new(instrument.into());
        Self { selector, name: None, description: None, attributes: None, aggregation: None, cap: None }
    }

    /// Of them only those of this kind. An instrument with callbacks has the kind `Observable…`: [`ObservableCounter`](InstrumentKind::ObservableCounter)
    /// is not [`Counter`](InstrumentKind::Counter), and to select both takes two views. The observed metrics of [`metrics!`](crate::metrics!) are of these
    /// kinds, too.
    pub fn kind(mut self, kind: InstrumentKind) -> Self {
        self.selector.kind = Some(kind);
        self
    }

    /// Of them only those with this UCUM unit.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.selector.unit = Some(unit.into());
        self
    }

    /// Of them only those of meters whose name matches. The meter of this crate, and of [`metrics!`](crate::metrics!), is `phoenix-otel`.
    pub fn meter(mut self, meter: impl Into<String>) -> Self {
        self.selector.meter = Some(Pattern::new(meter));
        self
    }

    /// Gives the metric this OpenTelemetry name, without the part `total`, which a counter gets in Prometheus. The selector must name one
    /// instrument, without wildcards.
    pub fn rename(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Describes the metric with this sentence.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Keeps attributes whose keys match one of these, and drops the others. `*` and `?` are wildcards; without any key all are dropped.
    pub fn keep_attributes<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.attributes.get_or_insert_default().included = Some(keys.into_iter().map(Pattern::new).collect());
        self
    }

    /// Drops attributes whose keys match one of these, also of those that [`keep_attributes`](Self::keep_attributes) names.
    pub fn drop_attributes<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.attributes.get_or_insert_default().excluded = keys.into_iter().map(Pattern::new).collect();
        self
    }

    /// Gives a histogram these upper bounds, in place of those of its definition or of `#[instrument_metrics(bounds = …)]`. No bound
    /// at all is an error of `init`.
    pub fn bounds(mut self, bounds: impl IntoIterator<Item = f64>) -> Self {
        self.aggregation = Some(Aggregation::Explicit(bounds.into_iter().collect()));
        self
    }

    /// Makes a base-2 exponential histogram of a histogram, with at most `max_size` buckets on either side of zero (the specification's default
    /// is 160), and a scale of at most `max_scale` (20).
    ///
    /// By OTLP it is sent as such. On a scrape, which has no exponential ones in text, its buckets are classic ones.
    pub fn exponential(mut self, max_size: u32, max_scale: i8) -> Self {
        self.aggregation = Some(Aggregation::Exponential { max_size, max_scale });
        self
    }

    /// Lets each metric have this many series, at most [`MOST_SERIES`](crate::catalog::MOST_SERIES); what exceeds it is recorded on the overflow series.
    ///
    /// The SDK reserves the table of every metric that the view selects, so select with care where the cap is high.
    pub fn cap(mut self, series: usize) -> Self {
        self.cap = Some(series);
        self
    }

    /// Drops the metrics: they have no series, and recording ends after one look.
    pub fn drop_metric(mut self) -> Self {
        self.aggregation = Some(Aggregation::Drop);
        self
    }
}
