//! The encoder: one line per data point, `measurement,tag=value,… field=value,… nanoseconds`. It is a pure function, so its tests need no
//! network.
//!
//! - The measurement is the metric's name. The protocol has no place for unit and description.
//! - Fields have the names that Telegraf gives to Prometheus metrics: a counter has `counter`; a gauge or an up-down counter has `gauge`; a
//!   histogram has `sum`, `count`, and for each bound a field with the number of values up to it.
//! - Tags are the attributes of the resource except `telemetry.*`, the name of the scope, and the attributes of the point. If two have
//!   the same key, the point's attribute takes precedence.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};

/// Tags by key, sorted as InfluxDB recommends.
type Tags<'m> = BTreeMap<&'m str, Cow<'m, str>>;

/// Encodes each data point as one line.
pub(crate) fn encode(metrics: &ResourceMetrics) -> String {
    let mut lines = String::new();
    let resource = metrics.resource().iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let resource: Tags = resource.filter(|(key, _)| !key.starts_with("telemetry.")).collect();
    for scope in metrics.scope_metrics() {
        let mut tags = resource.clone();
        // InfluxData's own converters use this key.
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

/// The parts that all lines of a metric share.
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
            // Buckets are not written: their bounds change with the data, so the database could not compare them.
            MetricData::ExponentialHistogram(histogram) => {
                for point in histogram.data_points() {
                    self.line(point.attributes(), &totals(point.sum(), point.count() as u64), histogram.time());
                }
            }
        }
    }

    /// Writes a point unless a value is not finite. The protocol has no such number, and a receiver rejects a whole request for one wrong line.
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
        // An empty tag is a syntax error; a missing tag means the same.
        for (key, value) in tags.iter().filter(|(key, value)| !key.is_empty() && !value.is_empty()) {
            self.out.push(',');
            escape(self.out, key, &[',', ' ', '=']);
            // Reserved: InfluxDB has columns of these names.
            self.out.push_str(if ["time", "_field", "_measurement"].contains(key) { "_=" } else { "=" });
            escape(self.out, value, &[',', ' ', '=']);
        }
        let mut separator = ' ';
        for (key, field) in fields {
            // Writing to a string cannot fail.
            let _ = write!(self.out, "{separator}{key}={field}");
            separator = ',';
        }
        let _ = writeln!(self.out, " {nanoseconds}");
    }
}

/// The fields of every histogram. Counts are floats, as in Telegraf; the collector's receiver accepts nothing else.
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
            // `Debug` writes an exponent if that is shorter.
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

/// Integers of the protocol are signed, so larger counts saturate.
impl From<u64> for Field {
    fn from(value: u64) -> Self {
        Self::Integer(value.try_into().unwrap_or(i64::MAX))
    }
}

/// Writes a measurement, or the key or value of a tag, with a backslash before each special character. Quotes are not special there.
fn escape(out: &mut String, text: &str, special: &[char]) {
    for character in text.chars() {
        match character {
            _ if special.contains(&character) => out.extend(['\\', character]),
            // A newline would end the line, so it becomes the two characters `\n`. A backslash is doubled, since a single one could escape the next
            // character. InfluxDB 3 reads two as one; InfluxDB 1 and 2 and the collector keep both.
            _ if character.is_control() || character == '\\' => out.extend(character.escape_default()),
            _ => out.push(character),
        }
    }
    // In InfluxDB 1 and 2 the second backslash would escape the next separator, so an escaped space goes between.
    if text.ends_with('\\') {
        out.push_str("\\ ");
    }
}

#[cfg(test)]
mod tests;
