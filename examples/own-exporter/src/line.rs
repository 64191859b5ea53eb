//! Metrics in, lines of the Influx line protocol out: `measurement,tag=value,… field=value,… nanoseconds`. Pure, so it is tested
//! without a network.
//!
//! The measurement is the metric's name, and the fields are those that Telegraf writes for Prometheus metrics: `counter`; `gauge`, also for what goes up
//! and down; of a histogram `sum`, `count` and, under each bound, how many values are at most that. The protocol has no place for
//! a unit or a description. Tags are the attributes of the resource (not those of the SDK itself), the name of the scope, and the attributes
//! of the point, which win.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};

/// Sorted, which is the order that a database wants, and one value for each key.
type Tags<'m> = BTreeMap<&'m str, Cow<'m, str>>;

/// A line for each point.
pub(crate) fn encode(metrics: &ResourceMetrics) -> String {
    let mut lines = String::new();
    let resource = metrics.resource().iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let resource: Tags = resource.filter(|(key, _)| !key.starts_with("telemetry.sdk.")).collect();
    for scope in metrics.scope_metrics() {
        let mut tags = resource.clone();
        // The name that InfluxData's own converters have for it.
        tags.insert("otel.library.name", scope.scope().name().into());
        for metric in scope.metrics() {
            let lines = Lines { out: &mut lines, measurement: metric.name(), tags: &tags };
            match metric.data() {
                AggregatedMetrics::F64(data) => lines.points(data),
                AggregatedMetrics::U64(data) => lines.points(data),
                AggregatedMetrics::I64(data) => lines.points(data),
            }
        }
    }
    lines
}

/// What the lines of one metric have in common.
struct Lines<'a> {
    out: &'a mut String,
    measurement: &'a str,
    tags: &'a Tags<'a>,
}

impl Lines<'_> {
    fn points<T: Copy + Into<Field>>(mut self, data: &MetricData<T>) {
        match data {
            MetricData::Gauge(gauge) => {
                for point in gauge.data_points() {
                    self.line(point.attributes(), &[("gauge".into(), point.value().into())], gauge.time());
                }
            }
            MetricData::Sum(sum) => {
                let key = if sum.is_monotonic() { "counter" } else { "gauge" };
                for point in sum.data_points() {
                    self.line(point.attributes(), &[(key.into(), point.value().into())], sum.time());
                }
            }
            MetricData::Histogram(histogram) => {
                for point in histogram.data_points() {
                    let mut fields = totals(point.sum(), point.count());
                    let mut at_most = 0;
                    for (bound, count) in point.bounds().zip(point.bucket_counts()) {
                        at_most += count;
                        fields.push((bound.to_string(), Field::Float(at_most as f64)));
                    }
                    self.line(point.attributes(), &fields, histogram.time());
                }
            }
            // Its buckets have no bounds that a field could be named after.
            MetricData::ExponentialHistogram(histogram) => {
                for point in histogram.data_points() {
                    self.line(point.attributes(), &totals(point.sum(), point.count() as u64), histogram.time());
                }
            }
        }
    }

    /// A point without a finite value is left out: the protocol cannot write it, and a receiver refuses a whole request for one wrong line.
    fn line<'p>(
        &mut self,
        attributes: impl Iterator<Item = &'p KeyValue>,
        fields: &[(String, Field)],
        time: SystemTime,
    ) {
        if fields.iter().any(|(_, field)| matches!(field, Field::Float(value) if !value.is_finite())) {
            return;
        }
        let mut tags = self.tags.clone();
        tags.extend(attributes.map(|attribute| (attribute.key.as_str(), attribute.value.as_str())));
        let nanoseconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();

        escape(self.out, self.measurement, &[',', ' ']);
        // An empty tag is a syntax error, and means the same as none.
        for (key, value) in tags.iter().filter(|(key, value)| !key.is_empty() && !value.is_empty()) {
            self.out.push(',');
            escape(self.out, key, &[',', ' ', '=']);
            // These are names of columns.
            self.out.push_str(if ["time", "_field", "_measurement"].contains(key) { "_=" } else { "=" });
            escape(self.out, value, &[',', ' ', '=']);
        }
        let mut separator = ' ';
        for (key, field) in fields {
            // Writing to a string does not fail.
            let _ = write!(self.out, "{separator}{key}={field}");
            separator = ',';
        }
        let _ = writeln!(self.out, " {nanoseconds}");
    }
}

/// The fields that every histogram has: numbers with a point even where they count, as Telegraf writes them.
fn totals(sum: impl Into<Field>, count: u64) -> Vec<(String, Field)> {
    let sum = match sum.into() {
        Field::Integer(sum) => sum as f64,
        Field::Float(sum) => sum,
    };
    vec![("sum".into(), Field::Float(sum)), ("count".into(), Field::Float(count as f64))]
}

/// The value of a field.
#[derive(Clone, Copy)]
enum Field {
    Integer(i64),
    Float(f64),
}

impl Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(f, "{value}i"),
            // With an exponent where that is shorter.
            Self::Float(value) => write!(f, "{value:?}"),
        }
    }
}

impl From<f64> for Field {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<i64> for Field {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

/// An integer of the protocol is signed: a counter ends at its greatest.
impl From<u64> for Field {
    fn from(value: u64) -> Self {
        Self::Integer(value.try_into().unwrap_or(i64::MAX))
    }
}

/// Writes a measurement, a key or the value of a tag. A quote is a character like others there.
fn escape(out: &mut String, text: &str, special: &[char]) {
    for character in text.chars() {
        match character {
            _ if special.contains(&character) => out.extend(['\\', character]),
            // A newline would end the line: it becomes the two characters `\n`. A backslash becomes two, which InfluxDB 3 reads as one
            // and its predecessors as two; a single one would escape what follows.
            _ if character.is_control() || character == '\\' => out.extend(character.escape_default()),
            _ => out.push(character),
        }
    }
    // To the predecessors the second of two still escapes the separator, so a space comes between.
    if text.ends_with('\\') {
        out.push_str("\\ ");
    }
}

#[cfg(test)]
mod tests;
