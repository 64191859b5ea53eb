//! The one view: what the catalog says of an instrument, as the SDK takes it.

use std::sync::Arc;

use opentelemetry_sdk::metrics::{Aggregation, Instrument, InstrumentKind, Stream};

use super::SCOPE;
use crate::catalog::def::QUANTILES;
use crate::catalog::naming::Naming;
use crate::catalog::{Kind, MetricDef};

/// Two series more than the handles bind: their overflow series, and one so that the SDK's own limit is never met.
const BESIDE_THE_CAP: usize = 2;

/// The exponential histogram that the OpenTelemetry specification makes the default.
const EXPONENTIAL: Aggregation =
    Aggregation::Base2ExponentialHistogram { max_size: 160, max_scale: 20, record_min_max: true };

/// Gives an instrument of the catalog its bounds and its limit; and a foreign histogram exponential buckets if they are
/// configured.
pub(super) fn view(
    naming: Arc<Naming>,
    exponential: bool,
) -> impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static {
    move |instrument| {
        if instrument.scope().name() == SCOPE {
            return naming.definition(instrument.name()).and_then(|def| stream(def, instrument.kind()));
        }
        if exponential && instrument.kind() == InstrumentKind::Histogram {
            return Stream::builder().with_aggregation(EXPONENTIAL).build().ok();
        }
        None
    }
}

fn stream(def: &'static MetricDef, kind: InstrumentKind) -> Option<Stream> {
    // Of a summary's three instruments the gauge has a series for each quantile.
    let quantiles = def.kind == Kind::Summary && kind == InstrumentKind::ObservableGauge;
    let series = if quantiles { QUANTILES.len() } else { 1 };
    let mut stream = Stream::builder().with_cardinality_limit((def.cap + BESIDE_THE_CAP).saturating_mul(series));
    if def.kind == Kind::Histogram {
        stream = stream.with_aggregation(Aggregation::ExplicitBucketHistogram {
            boundaries: def.bounds.to_vec(),
            // A series that is bound and not yet used would export the minimum of nothing: the largest number there is.
            record_min_max: false,
        });
    }
    match stream.build() {
        Ok(stream) => Some(stream),
        Err(error) => {
            tracing::error!(metric = def.name, %error, "the metric's definition cannot be turned into a view");
            None
        }
    }
}
