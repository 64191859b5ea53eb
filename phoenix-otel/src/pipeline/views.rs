//! The one view of the SDK: what a stream says of an instrument, as the SDK takes it.

use std::sync::Arc;

use opentelemetry_sdk::metrics::{self as sdk, Instrument, StreamBuilder};

use crate::catalog::Kind;
use crate::catalog::def::QUANTILES;
use crate::view::{Aggregation, BOUNDS, Buckets, InstrumentKind, PART_SERIES, SCOPE, Stream, Streams, Wanted};

/// Two series more than the handles bind: their overflow series, and one so that the SDK's own limit is never met.
const BESIDE_THE_CAP: usize = 2;

/// The exponential histogram that the OpenTelemetry specification makes the default.
const EXPONENTIAL: sdk::Aggregation =
    sdk::Aggregation::Base2ExponentialHistogram { max_size: 160, max_scale: 20, record_min_max: true };

/// Gives an instrument of ours its buckets and its limit; one of another library what views want of it, or exponential buckets where they are
/// configured.
pub(super) fn view(
    streams: Arc<Streams>,
    exponential: bool,
) -> impl Fn(&Instrument) -> Option<sdk::Stream> + Send + Sync + 'static {
    move |instrument| {
        let (scope, name) = (instrument.scope().name(), instrument.name());
        let kind = kind(instrument.kind());
        if scope == SCOPE {
            let bounds = instrument.scope().attributes().find(|attribute| attribute.key.as_str() == BOUNDS);
            let bounds = bounds.map(|attribute| attribute.value.as_str());
            if let Some(stream) = streams.find(bounds.as_deref().unwrap_or_default(), name) {
                return build(ours(&stream, kind), name);
            }
            // What makes the SDK call back before each collection. A view that comes later must not drop it.
            return build(sdk::Stream::builder(), name);
        }
        let wanted = streams.find_foreign(scope, name, kind);
        let is_exponential = exponential && kind == InstrumentKind::Histogram;
        build(foreign(wanted.as_ref(), is_exponential)?, name)
    }
}

fn ours(stream: &Stream, kind: InstrumentKind) -> StreamBuilder {
    // Series of what is observed wait for nothing, so they are not in parts.
    let is_observed =
        [InstrumentKind::ObservableCounter, InstrumentKind::ObservableUpDownCounter, InstrumentKind::ObservableGauge]
            .contains(&kind);
    let cap = if is_observed { stream.cap } else { stream.cap.min(PART_SERIES) };
    // Of a summary's three instruments the gauge has a series for each quantile.
    let quantiles = stream.def.kind == Kind::Summary && kind == InstrumentKind::ObservableGauge;
    let series = if quantiles { QUANTILES.len() } else { 1 };
    let builder = sdk::Stream::builder().with_cardinality_limit((cap + BESIDE_THE_CAP).saturating_mul(series));
    if stream.def.kind != Kind::Histogram {
        return builder;
    }
    // A series that is bound and not yet used would export the minimum of nothing: the largest number there is.
    let record_min_max = false;
    builder.with_aggregation(match &stream.buckets {
        Buckets::Explicit(bounds) => {
            sdk::Aggregation::ExplicitBucketHistogram { boundaries: bounds.to_vec(), record_min_max }
        }
        Buckets::Exponential { max_size, max_scale } => {
            sdk::Aggregation::Base2ExponentialHistogram { max_size: *max_size, max_scale: *max_scale, record_min_max }
        }
    })
}

/// The name, the description and the attributes are as wanted already, when the SDK asks. Nothing where there is nothing else to say.
fn foreign(wanted: Option<&Wanted>, is_exponential: bool) -> Option<StreamBuilder> {
    let cap = wanted.and_then(|wanted| wanted.cap);
    let record_min_max = true;
    let aggregation = match wanted.and_then(|wanted| wanted.aggregation.as_ref()) {
        Some(Aggregation::Explicit(bounds)) => {
            Some(sdk::Aggregation::ExplicitBucketHistogram { boundaries: bounds.to_vec(), record_min_max })
        }
        Some(Aggregation::Exponential { max_size, max_scale }) => Some(sdk::Aggregation::Base2ExponentialHistogram {
            max_size: *max_size,
            max_scale: *max_scale,
            record_min_max,
        }),
        _ => is_exponential.then_some(EXPONENTIAL),
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
            tracing::error!(metric, %error, "the metric's definition cannot be turned into a view");
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
