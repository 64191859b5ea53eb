//! Reads Prometheus' protobuf format with code that is generated from its description.

use std::collections::BTreeMap;

use prost::Message;

pub use messages::{Exemplar, Histogram, LabelPair, Metric, MetricFamily, MetricType};

#[allow(clippy::pedantic, missing_docs, reason = "it is generated")]
mod messages {
    include!(concat!(env!("OUT_DIR"), "/io.prometheus.client.rs"));
}

/// The value of `Accept` that selects the format.
pub const ACCEPT: &str = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

/// Decodes an exposition.
///
/// # Panics
///
/// If it is invalid.
#[must_use]
pub fn decode(mut exposition: &[u8]) -> Vec<MetricFamily> {
    let mut families = Vec::new();
    while !exposition.is_empty() {
        families.push(MetricFamily::decode_length_delimited(&mut exposition).expect("a message"));
    }
    families
}

/// Returns labels by name.
///
/// # Panics
///
/// If a name occurs twice.
#[must_use]
pub fn labels(pairs: &[LabelPair]) -> BTreeMap<String, String> {
    let labels: BTreeMap<_, _> = pairs.iter().map(|pair| (pair.name().to_owned(), pair.value().to_owned())).collect();
    assert_eq!(labels.len(), pairs.len(), "{pairs:?}");
    labels
}

/// The buckets of a native histogram by the index of Prometheus: those of positive observations, then the negative ones.
///
/// # Panics
///
/// If spans and deltas contradict each other.
#[must_use]
pub fn native_buckets(histogram: &Histogram) -> [BTreeMap<i32, u64>; 2] {
    let sides =
        [(&histogram.positive_span, &histogram.positive_delta), (&histogram.negative_span, &histogram.negative_delta)];
    sides.map(|(spans, deltas)| {
        let (mut buckets, mut deltas) = (BTreeMap::new(), deltas.iter());
        let (mut index, mut count) = (0, 0);
        for span in spans {
            index += span.offset();
            for _ in 0..span.length() {
                count += deltas.next().expect("a delta for each bucket");
                let count = u64::try_from(count).expect("a count is not negative");
                if count > 0 {
                    buckets.insert(index, count);
                }
                index += 1;
            }
        }
        assert_eq!(deltas.next(), None, "a bucket for each delta");
        buckets
    })
}
