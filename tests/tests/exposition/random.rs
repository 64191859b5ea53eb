//! Metrics with random names, labels and values, each with the samples that a scraper must read.

use std::collections::BTreeMap;

use opentelemetry::KeyValue;
use proptest::prelude::*;

use super::hostile::Recorder;

/// The kind of a metric, its name, the labels of its point, and the value.
type Point = (u8, String, BTreeMap<String, String>, f64);

/// Returns points of metrics, each with a number.
pub(crate) fn points() -> impl Strategy<Value = BTreeMap<u8, Point>> {
    let name = "[a-z]{1,8}(\\.[a-z]{1,8}){0,2}";
    // A histogram has a label `le` of its own.
    let label = prop_oneof![9 => "[a-z]{1,6}", 1 => Just("le".to_owned())];
    let labels = prop::collection::btree_map(label, any::<String>(), 0..4);
    let value = prop_oneof![any::<f64>(), any::<u32>().prop_map(f64::from)];
    prop::collection::btree_map(any::<u8>(), (0u8..4, name, labels, value), 1..20)
}

/// Records the points, and expects their samples.
pub(crate) fn record(to: &mut Recorder, points: BTreeMap<u8, Point>) {
    for (number, (kind, name, labels, value)) in points {
        // The number prevents collisions with other families, which another test covers.
        let name = format!("r{number}.{name}.x");
        let prometheus = name.replace('.', "_");
        let attributes: Vec<KeyValue> =
            labels.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        let pairs: Vec<(&str, &str)> = labels.iter().map(|(key, value)| (&**key, &**value)).collect();
        match kind {
            0 => {
                to.meter.f64_counter(name).build().add(value.abs(), &attributes);
                let tokens: Vec<&str> = prometheus.split('_').filter(|token| *token != "total").collect();
                to.expect(&format!("{}_total", tokens.join("_")), &pairs, value.abs());
            }
            1 => {
                to.meter.f64_histogram(name).with_boundaries(vec![0.0]).build().record(value.abs(), &attributes);
                let counts = if value == 0.0 { [1, 0] } else { [0, 1] };
                to.expect_histogram(&prometheus, &pairs, &[0.0], &counts, value.abs());
            }
            2 => {
                to.meter.i64_up_down_counter(name).build().add(value as i64, &attributes);
                to.expect(&prometheus, &pairs, value as i64 as f64);
            }
            _ => {
                to.meter.f64_gauge(name).build().record(value, &attributes);
                to.expect(&prometheus, &pairs, value);
            }
        }
    }
}
