//! Views: they change metrics between their definition and their instrument.
//!
//! A definition describes a metric. [`View`]s override parts of it for this service. [`resolve::streams`] combines both into streams, once,
//! when the instrument is created. Recording does not evaluate views.

mod attributes;
mod check;
mod library_names;
pub(crate) mod merge;
mod problem;
mod resolve;
mod selector;
mod stream;
mod streams;
mod switches;

pub(crate) use check::{DeclaredMetric, conflicts, problems, streams, unmatched};
pub use problem::{ViewProblem, ViewProblemKind};
pub(crate) use resolve::{Aggregation, StreamSettings};
pub use selector::InstrumentKind;
pub(crate) use selector::{Instrument, Meter};
pub(crate) use stream::{Buckets, EXPONENTIAL, PART_SERIES, Stream};
pub(crate) use streams::Streams;

use crate::config::effective::Scalar;
use crate::config::{Origin, Pattern};
use attributes::AttributeKeys;
use selector::Selector;

/// The instrumentation scope of our own instruments.
pub(crate) const SCOPE: &str = "phoenix-otel";

/// The scope attributes that distinguish instruments of one name: the bounds of the instrument, and which part of the metric's series it holds.
pub(crate) const BOUNDS: &str = "bounds";
pub(crate) const PART: &str = "part";

/// Whether a scope attribute only distinguishes the instruments of one metric. Our exporters do not export it.
#[allow(dead_code, reason = "for exporters that may not be built in")]
pub(crate) fn is_internal_attribute(key: &str) -> bool {
    [BOUNDS, PART].contains(&key)
}

/// Changes the metrics of the selected instruments: their name, description, attributes, buckets or cap, or drops them.
///
/// It is a *view* of the OpenTelemetry specification: an instrument selector, and the configuration of the *stream*. Pass it to
/// [`Builder::view`](crate::Builder::view). It applies to the metrics of this crate and of [`metrics!`](crate::metrics!), and to the
/// instruments that libraries create with the global meter provider.
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
///     // Not exported, and recording costs almost nothing.
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
/// # Selecting instruments
///
/// An instrument is selected if it matches all criteria. In the names of instruments and meters, `*` matches any number of characters and `?`
/// matches one. The name is the OpenTelemetry name (`phoenix.llm.tokens`) with the configured namespace and subsystem, not the Prometheus name.
/// A view that sets buckets selects histograms only.
///
/// # Several views
///
/// Views that give an instrument the same name are combined. If two of them set the same property, the later one takes precedence. So put
/// general views before specific ones. This includes dropping: a later view of the same metric restores it. To drop everything except some
/// metrics:
///
/// ```
/// # use phoenix_otel::View;
/// # let builder = phoenix_otel::builder("shop");
/// builder.view(View::select("*").drop_metric()).view(View::select("acme.*"))
/// # ;
/// ```
///
/// If a view renames an instrument and another view selects it under its own name, the instrument has two streams, and both are recorded. (The
/// OpenTelemetry SDK creates a stream for *every* view, even if two of them have the same name.)
///
/// # Effects on series
///
/// Series that differ only in dropped attributes are merged: sums and histograms are added up, a gauge keeps the last value. If the series of
/// several functions are merged, they have the bounds of the metric, not those of `#[instrument_metrics(bounds = …)]`. The cap counts the merged
/// series. A renamed metric keeps its zeros, its exemplars, its series in `phoenix_otel_series` and `phoenix_otel_overflow_total`, and its
/// Prometheus suffixes, all under the new name.
///
/// An exemplar of a histogram has the dropped attributes, such as the `method` of an instrumented function. Exception: exemplars of a metric
/// with a string label do not have them, because storing the strings would cost an allocation for each recording.
///
/// # Errors
///
/// [`Builder::init`](crate::Builder::init) fails if a view is invalid: it renames several instruments, its bounds are not ascending, or two
/// metrics would share a name in Prometheus. This check includes the names of series, such as `…_count`, and renamed instruments of other
/// libraries. A view that selects no declared metric is not an error, because it may be for another library. It is logged at the level `debug`.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a view does nothing until it is passed to `Builder::view`"]
pub struct View {
    selector: Selector,
    name: Option<String>,
    description: Option<String>,
    attributes: Option<AttributeKeys>,
    aggregation: Option<Aggregation>,
    cap: Option<usize>,
    /// Its place in the configuration file.
    place: Option<String>,
}

impl View {
    /// The settings as a configuration file has them: keys and values.
    pub(crate) fn settings(&self) -> Vec<(&'static str, Scalar)> {
        let Self { selector, name, description, attributes, aggregation, cap, place: _ } = self;
        let mut settings = Vec::new();
        let mut add = |key: &'static str, value: Scalar| settings.push((key, value));
        add("selector.instrument_name", selector.name.as_str().into());
        if let Some(kind) = selector.kind.and_then(InstrumentKind::word) {
            add("selector.instrument_type", kind.into());
        }
        selector.unit.iter().for_each(|unit| add("selector.unit", unit.as_str().into()));
        selector.meter.iter().for_each(|meter| add("selector.meter_name", meter.as_str().into()));
        selector.meter_version.iter().for_each(|version| add("selector.meter_version", version.as_str().into()));
        selector.meter_schema_url.iter().for_each(|url| add("selector.meter_schema_url", url.as_str().into()));
        name.iter().for_each(|name| add("stream.name", name.as_str().into()));
        description.iter().for_each(|text| add("stream.description", text.as_str().into()));
        match aggregation {
            Some(Aggregation::Drop) => add("stream.aggregation.drop", Scalar::Empty),
            Some(Aggregation::Explicit(bounds)) => {
                add("stream.aggregation.explicit_bucket_histogram.boundaries", bounds.iter().copied().collect());
            }
            Some(Aggregation::Exponential { max_size, max_scale }) => {
                let key = "stream.aggregation.base2_exponential_bucket_histogram.max_size";
                add(key, Scalar::Int(u64::from(*max_size)));
                let key = "stream.aggregation.base2_exponential_bucket_histogram.max_scale";
                add(key, Scalar::Integer(i64::from(*max_scale)));
            }
            None => {}
        }
        cap.iter().for_each(|cap| add("stream.aggregation_cardinality_limit", Scalar::Int(*cap as u64)));
        let texts = |patterns: &[Pattern]| patterns.iter().map(Pattern::as_str).collect();
        if let Some(attributes) = attributes {
            attributes.included.iter().for_each(|keys| add("stream.attribute_keys.included", texts(keys)));
            if !attributes.excluded.is_empty() {
                add("stream.attribute_keys.excluded", texts(&attributes.excluded));
            }
        }
        if !settings.iter().any(|(key, _)| key.starts_with("stream")) {
            settings.push(("stream", Scalar::Map(Vec::new())));
        }
        settings
    }

    /// Whether a configuration file has it, and it only drops metrics, or restores those that an earlier view drops. Such a view can change while
    /// the service runs. When values are exported, the kind of the instrument and the version and the schema URL of the meter are not known. So a
    /// view that selects one of these is not a switch.
    pub(crate) fn is_switch(&self) -> bool {
        let Self { selector, name, description, attributes, aggregation, cap, place } = self;
        let sets_nothing = name.is_none() && description.is_none() && attributes.is_none() && cap.is_none();
        place.is_some()
            && selector.is_by_name()
            && sets_nothing
            && matches!(aggregation, None | Some(Aggregation::Drop))
    }

    /// Whether it is a switch that drops metrics.
    fn switches_off(&self) -> bool {
        self.is_switch() && self.aggregation == Some(Aggregation::Drop)
    }

    /// Whether both are the same view, wherever they are written.
    #[cfg(feature = "config-file")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Self { place: None, ..self.clone() } == Self { place: None, ..other.clone() }
    }

    /// Where the view comes from.
    pub(crate) fn origin(&self) -> Origin {
        match &self.place {
            Some(place) => Origin::File(place.clone()),
            None => Origin::Code("builder: view".to_owned()),
        }
    }

    /// Sets the place in the configuration file.
    #[cfg(feature = "config-file")]
    pub(crate) fn at(mut self, place: String) -> Self {
        self.place = Some(place);
        self
    }

    /// Selects the instruments whose name matches. The match is not case-sensitive.
    pub fn select(instrument: impl Into<String>) -> Self {
        let selector = Selector::new(instrument.into());
        Self { selector, name: None, description: None, attributes: None, aggregation: None, cap: None, place: None }
    }

    /// Selects only instruments of this kind. Instruments with callbacks have the kinds `Observable…`, also those of
    /// [`metrics!`](crate::metrics!). [`Counter`](InstrumentKind::Counter) does not include
    /// [`ObservableCounter`](InstrumentKind::ObservableCounter): to select both, use two views.
    pub fn kind(mut self, kind: InstrumentKind) -> Self {
        self.selector.kind = Some(kind);
        self
    }

    /// Selects only instruments with this UCUM unit.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.selector.unit = Some(unit.into());
        self
    }

    /// Selects only instruments of meters whose name matches. The meter of this crate and of [`metrics!`](crate::metrics!) is `phoenix-otel`.
    pub fn meter(mut self, meter: impl Into<String>) -> Self {
        self.selector.meter = Some(Pattern::new(meter));
        self
    }

    /// Selects only instruments of meters with this version.
    pub fn meter_version(mut self, version: impl Into<String>) -> Self {
        self.selector.meter_version = Some(version.into());
        self
    }

    /// Selects only instruments of meters with this schema URL.
    pub fn meter_schema_url(mut self, url: impl Into<String>) -> Self {
        self.selector.meter_schema_url = Some(url.into());
        self
    }

    /// Renames the metric. `name` is its OpenTelemetry name, without `total`, which is added to counters in Prometheus. The selector must be the
    /// name of one instrument, without wildcards.
    pub fn rename(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the description of the metric.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Keeps only attributes whose keys match one of these patterns. `*` and `?` are wildcards. An empty list drops all attributes.
    pub fn keep_attributes<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.attributes.get_or_insert_default().included = Some(keys.into_iter().map(Pattern::new).collect());
        self
    }

    /// Drops attributes whose keys match one of these patterns. It takes precedence over [`keep_attributes`](Self::keep_attributes).
    pub fn drop_attributes<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.attributes.get_or_insert_default().excluded = keys.into_iter().map(Pattern::new).collect();
        self
    }

    /// Sets the upper bounds of histogram buckets. Overrides those of the definition and of `#[instrument_metrics(bounds = …)]`. An empty list
    /// is an error of `init`.
    pub fn bounds(mut self, bounds: impl IntoIterator<Item = f64>) -> Self {
        self.aggregation = Some(Aggregation::Explicit(bounds.into_iter().collect()));
        self
    }

    /// Aggregates a histogram as a base-2 exponential histogram, with at most `max_size` buckets each for positive and negative values (the
    /// default in the specification is 160) and a scale of at most `max_scale` (default: 20).
    ///
    /// In Prometheus it is a native histogram: over OTLP, and by a scrape in the protobuf format, which Prometheus requests with
    /// `scrape_native_histograms: true`. The text formats of a scrape have none, so they show at most 32 classic buckets for positive and for
    /// negative values.
    pub fn exponential(mut self, max_size: u32, max_scale: i8) -> Self {
        self.aggregation = Some(Aggregation::Exponential { max_size, max_scale });
        self
    }

    /// Sets the cap (cardinality limit) of each metric: the maximum number of series, at most [`MAX_SERIES`](crate::catalog::MAX_SERIES).
    /// Further attribute sets are recorded on the overflow series.
    ///
    /// The SDK allocates memory for the cap of each selected metric, so select few metrics if the cap is high.
    pub fn cap(mut self, series: usize) -> Self {
        self.cap = Some(series);
        self
    }

    /// Drops the metrics: they have no series, and recording does almost nothing.
    pub fn drop_metric(mut self) -> Self {
        self.aggregation = Some(Aggregation::Drop);
        self
    }
}
