//! The SDK view that applies our streams to instruments.

use std::sync::Arc;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::metrics::{self as sdk, Instrument, StreamBuilder};

use crate::catalog::Kind;
use crate::catalog::def::QUANTILES;
use crate::view::{
    Aggregation, BOUNDS, Buckets, EXPONENTIAL, InstrumentKind, Meter, PART_SERIES, SCOPE, Stream, StreamSettings,
    Streams,
};

/// Two series above the cap: the overflow series, and one so that the SDK's own limit is never reached.
const EXTRA_SERIES: usize = 2;

/// Sets the buckets and the cardinality limit of our instruments. For instruments of other libraries it applies the views, or exponential
/// buckets if they are configured.
pub(super) fn view(streams: Arc<Streams>) -> impl Fn(&Instrument) -> Option<sdk::Stream> + Send + Sync + 'static {
    move |instrument| {
        let (scope, name) = (instrument.scope().name(), instrument.name());
        let kind = kind(instrument.kind());
        if scope == SCOPE {
            let bounds = instrument.scope().attributes().find(|attribute| attribute.key.as_str() == BOUNDS);
            let bounds = bounds.map(|attribute| attribute.value.as_str());
            if let Some(stream) = streams.find(bounds.as_deref().unwrap_or_default(), name) {
                return build(ours(&stream, kind), name);
            }
            // The instrument whose callback the SDK calls before each collection. A later view must not drop it.
            return build(sdk::Stream::builder(), name);
        }
        let settings = streams.find_foreign(meter(instrument.scope()), name, kind);
        let is_exponential = streams.are_exponential() && kind == InstrumentKind::Histogram;
        build(foreign(settings.as_ref(), is_exponential)?, name)
    }
}

/// A meter, as views select it.
pub(super) fn meter(scope: &InstrumentationScope) -> Meter<'_> {
    let [version, schema_url] = [scope.version(), scope.schema_url()].map(Option::unwrap_or_default);
    Meter { name: scope.name(), version, schema_url }
}

fn ours(stream: &Stream, kind: InstrumentKind) -> StreamBuilder {
    // New series of observable instruments do not wait for a lock, so they have no parts.
    let is_observed =
        [InstrumentKind::ObservableCounter, InstrumentKind::ObservableUpDownCounter, InstrumentKind::ObservableGauge]
            .contains(&kind);
    let cap = if is_observed { stream.cap } else { stream.cap.min(PART_SERIES) };
    // The gauge of a summary has a series for each quantile.
    let quantiles = stream.def.kind == Kind::Summary && kind == InstrumentKind::ObservableGauge;
    let series = if quantiles { QUANTILES.len() } else { 1 };
    let builder = sdk::Stream::builder().with_cardinality_limit((cap + EXTRA_SERIES).saturating_mul(series));
    if stream.def.kind != Kind::Histogram {
        return builder;
    }
    // A bound series without measurements would export the largest number as its minimum, which is invalid.
    let record_min_max = false;
    builder.with_aggregation(aggregation(&stream.buckets, record_min_max))
}

fn aggregation(buckets: &Buckets, record_min_max: bool) -> sdk::Aggregation {
    match buckets {
        Buckets::Explicit(bounds) => {
            sdk::Aggregation::ExplicitBucketHistogram { boundaries: bounds.to_vec(), record_min_max }
        }
        Buckets::Exponential { max_size, max_scale } => {
            sdk::Aggregation::Base2ExponentialHistogram { max_size: *max_size, max_scale: *max_scale, record_min_max }
        }
    }
}

/// The name, the description and the attribute filter are already applied when the SDK calls the view. `None` if there is nothing else to set.
fn foreign(settings: Option<&StreamSettings>, is_exponential: bool) -> Option<StreamBuilder> {
    let cap = settings.and_then(|settings| settings.cap);
    let record_min_max = true;
    let aggregation = match settings.and_then(|settings| settings.aggregation.as_ref()) {
        Some(Aggregation::Explicit(bounds)) => {
            Some(sdk::Aggregation::ExplicitBucketHistogram { boundaries: bounds.to_vec(), record_min_max })
        }
        Some(Aggregation::Exponential { max_size, max_scale }) => Some(sdk::Aggregation::Base2ExponentialHistogram {
            max_size: *max_size,
            max_scale: *max_scale,
            record_min_max,
        }),
        _ => is_exponential.then(|| aggregation(&EXPONENTIAL, record_min_max)),
    };
    if cap.is_none() && aggregation.is_none() {
        return None;
    }
    let mut builder = sdk::Stream::builder();
    if let Some(cap) = cap {
        builder = builder.with_cardinality_limit(cap);
    }
    if let Some(aggregation) = aggregation {
        builder = builder.with_aggregation(aggregation);
    }
    Some(builder)
}

fn build(builder: StreamBuilder, metric: &str) -> Option<sdk::Stream> {
    match builder.build() {
        Ok(stream) => Some(stream),
        Err(error) => {
            tracing::error!(metric, %error, "the SDK rejects the view of this metric");
            None
        }
    }
}

fn kind(kind: sdk::InstrumentKind) -> InstrumentKind {
    match kind {
        sdk::InstrumentKind::Counter => InstrumentKind::Counter,
        sdk::InstrumentKind::UpDownCounter => InstrumentKind::UpDownCounter,
        sdk::InstrumentKind::Histogram => InstrumentKind::Histogram,
        sdk::InstrumentKind::ObservableCounter => InstrumentKind::ObservableCounter,
        sdk::InstrumentKind::ObservableUpDownCounter => InstrumentKind::ObservableUpDownCounter,
        sdk::InstrumentKind::Gauge => InstrumentKind::Gauge,
        sdk::InstrumentKind::ObservableGauge => InstrumentKind::ObservableGauge,
    }
}
