//! Writes families as messages of `io.prometheus.client` (its file `metrics.proto`), each after its length.

use super::buckets::Buckets;
use super::collect::Points;
use super::exponential::{Native, Side};
use super::plan::Family;
use super::point::{Point, Value};
use super::summary::Summary;
use super::text::{Type, is_unit_of};
use super::{Names, wire};

/// Writes messages. Reused for each family.
pub(super) struct Messages<'a> {
    names: Names,
    /// Whether native histograms also have classic buckets.
    classic: bool,
    buckets: Buckets<'a>,
    native: Native,
}

impl<'a> Messages<'a> {
    pub(super) fn new(names: Names, classic: bool) -> Self {
        Self { names, classic, buckets: Buckets::new(), native: Native::default() }
    }

    /// Writes a `MetricFamily`.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, family: &Family<'a>, points: &Points<'a>) {
        wire::delimited(out, |out| {
            wire::string(out, 1, &family.name);
            if !family.help.is_empty() {
                wire::string(out, 2, family.help);
            }
            wire::unsigned(out, 3, number(family.kind));
            // The time of each source, as the field of the value that has it.
            let field = match family.kind {
                Type::Counter => Some(3),
                Type::Summary => Some(4),
                Type::Histogram => Some(15),
                Type::Gauge | Type::Info | Type::Unknown => None,
            };
            let created = family.sources.iter().map(|source| {
                let mut created = Vec::new();
                if let Some((field, time)) = field.zip(source.start_time()) {
                    wire::time(&mut created, field, time);
                }
                created
            });
            let created: Vec<_> = created.collect();
            for (labels, point) in points.iter() {
                wire::message(out, 4, |out| {
                    out.extend_from_slice(labels);
                    self.value(out, family.kind, point, points, &created[point.origin as usize]);
                });
            }
            // Prometheus requires that the name ends in the unit, before the suffix of a counter.
            let name = family.name.strip_suffix("_total").filter(|_| family.kind == Type::Counter);
            if is_unit_of(name.unwrap_or(&family.name), &family.unit) {
                wire::string(out, 5, &family.unit);
            }
        });
    }

    fn value(&mut self, out: &mut Vec<u8>, kind: Type, point: &Point<'a>, points: &Points<'a>, created: &[u8]) {
        match &point.value {
            Value::Number(value) => wire::message(out, number_field(kind), |out| {
                wire::double(out, 1, value.as_f64());
                out.extend_from_slice(created);
            }),
            Value::NumberWithExemplar(value, exemplar) => wire::message(out, number_field(kind), |out| {
                wire::double(out, 1, value.as_f64());
                if kind == Type::Counter {
                    wire::message(out, 2, |out| exemplar.write_message(out, self.names));
                }
                out.extend_from_slice(created);
            }),
            Value::Summary(summary) => wire::message(out, 4, |out| {
                write_summary(out, summary);
                out.extend_from_slice(created);
            }),
            histogram => wire::message(out, 7, |out| {
                self.histogram(out, histogram, points);
                out.extend_from_slice(created);
            }),
        }
    }

    fn histogram(&mut self, out: &mut Vec<u8>, value: &Value<'a>, points: &Points<'a>) {
        let is_native = value.exponential().is_some_and(|point| self.native.fill(&point));
        value.fill(&mut self.buckets, points.layout(), true);
        let buckets = &self.buckets;
        wire::unsigned(out, 1, if is_native { self.native.count } else { buckets.count });
        wire::double(out, 2, buckets.sum.as_f64());
        if !is_native || self.classic {
            let counts = buckets.cumulative.iter().chain([&buckets.count]);
            for (at, (bound, count)) in buckets.bounds.iter().chain([&f64::INFINITY]).zip(counts).enumerate() {
                wire::message(out, 3, |out| {
                    wire::unsigned(out, 1, *count);
                    wire::double(out, 2, *bound);
                    if !buckets.exemplars.is_empty()
                        && let Some(exemplar) = buckets.exemplar(at)
                    {
                        wire::message(out, 3, |out| exemplar.write_message(out, self.names));
                    }
                });
            }
        }
        if is_native {
            self.native(out);
            for exemplar in &buckets.exemplars {
                wire::message(out, 16, |out| exemplar.write_message(out, self.names));
            }
        }
    }

    fn native(&self, out: &mut Vec<u8>) {
        let native = &self.native;
        wire::signed(out, 5, native.schema);
        wire::double(out, 6, native.zero_threshold);
        wire::unsigned(out, 7, native.zero_count);
        for (side, span, deltas) in [(Side::Negative, 9, 10), (Side::Positive, 12, 13)] {
            let buckets = &native.sides[side as usize];
            for (offset, length) in &buckets.spans {
                wire::message(out, span, |out| {
                    wire::signed(out, 1, *offset);
                    wire::unsigned(out, 2, (*length).into());
                });
            }
            if !buckets.deltas.is_empty() {
                wire::message(out, deltas, |out| {
                    buckets.deltas.iter().for_each(|delta| wire::varint(out, wire::zigzag(*delta)));
                });
            }
        }
    }
}

fn write_summary(out: &mut Vec<u8>, summary: &Summary) {
    wire::unsigned(out, 1, summary.count.as_count());
    wire::double(out, 2, summary.sum.as_f64());
    for (quantile, value) in &summary.quantiles {
        wire::message(out, 3, |out| {
            wire::double(out, 1, *quantile);
            wire::double(out, 2, *value);
        });
    }
}

/// The value of the enum `MetricType`.
fn number(kind: Type) -> u64 {
    match kind {
        Type::Counter => 0,
        Type::Gauge | Type::Info => 1,
        Type::Summary => 2,
        Type::Unknown => 3,
        Type::Histogram => 4,
    }
}

/// The field of `Metric` for a single number.
fn number_field(kind: Type) -> u8 {
    match kind {
        Type::Counter => 3,
        Type::Unknown => 5,
        _ => 2,
    }
}
