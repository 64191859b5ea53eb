//! Exemplars of histograms, each on the series whose bucket counted its observation.

use crate::exemplar::{InstrumentExemplars, RecordedExemplar};
use opentelemetry::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::exemplar::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Exemplar, Metric};
use opentelemetry_proto::transform::common::tonic::Attributes;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use std::time::UNIX_EPOCH;

/// Adds to each point of `encoded` the exemplars of its series. `encoded` is the translation of `metric`.
pub(super) fn add(
    encoded: &mut Metric,
    metric: &opentelemetry_sdk::metrics::data::Metric,
    observed: InstrumentExemplars<'_>,
) {
    match metric.data() {
        AggregatedMetrics::F64(data) => add_to(encoded, data, observed),
        AggregatedMetrics::U64(data) => add_to(encoded, data, observed),
        AggregatedMetrics::I64(data) => add_to(encoded, data, observed),
    }
}

fn add_to<T>(encoded: &mut Metric, data: &MetricData<T>, observed: InstrumentExemplars<'_>) {
    match (&mut encoded.data, data) {
        (Some(Data::Histogram(encoded)), MetricData::Histogram(histogram)) => {
            for (encoded, point) in encoded.data_points.iter_mut().zip(histogram.data_points()) {
                let window = (encoded.start_time_unix_nano, encoded.time_unix_nano);
                encoded.exemplars.extend(of_series(observed, point.attributes(), window));
            }
        }
        (Some(Data::ExponentialHistogram(encoded)), MetricData::ExponentialHistogram(histogram)) => {
            for (encoded, point) in encoded.data_points.iter_mut().zip(histogram.data_points()) {
                let window = (encoded.start_time_unix_nano, encoded.time_unix_nano);
                encoded.exemplars.extend(of_series(observed, point.attributes(), window));
            }
        }
        _ => {}
    }
}

/// The exemplars of a series that were observed within the time window of its point, as the specification's "Exemplar reservoirs" requires.
///
/// With delta temporality the reservoir still holds exemplars of earlier intervals, which were already exported. With any temporality the
/// reservoir may hold an exemplar that was recorded after the collection and is not counted in the point. The next export contains this one.
fn of_series<'a>(
    observed: InstrumentExemplars<'a>,
    attributes: impl Iterator<Item = &'a KeyValue>,
    (start, end): (u64, u64),
) -> impl Iterator<Item = Exemplar> + 'a {
    let of_series = observed.series(attributes).iter();
    of_series.map(exemplar).filter(move |exemplar| (start + 1..=end).contains(&exemplar.time_unix_nano))
}

fn exemplar(observed: &RecordedExemplar) -> Exemplar {
    let since = observed.time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Exemplar {
        filtered_attributes: Attributes::from(observed.filtered_attributes().iter().cloned()).0,
        time_unix_nano: u64::try_from(since.as_nanos()).unwrap_or(u64::MAX),
        span_id: observed.span.map_or_else(Vec::new, |span| span.span.to_vec()),
        trace_id: observed.span.map_or_else(Vec::new, |span| span.trace.to_vec()),
        value: Some(Value::AsDouble(observed.value)),
    }
}
