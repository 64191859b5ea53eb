//! A request in OTLP's JSON: protobuf's mapping, but with ids in hexadecimal and enums as numbers (specification, "JSON Protobuf
//! Encoding").
//!
//! `opentelemetry-proto` can write JSON, but is not used: it writes `null` for unset fields and for numbers that are not finite, and then
//! the collector rejects the whole line.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, exemplar, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt::Write as _;

/// A message as JSON.
pub(super) struct Json<'a, T>(pub(super) &'a T);

/// Several messages, as an array.
struct List<'a, T>(&'a [T]);

/// A message that is written field by field.
pub(super) trait Message {
    fn write<M: SerializeMap>(&self, object: &mut Object<M>) -> Result<(), M::Error>;
}

impl<T: Message> Serialize for Json<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = Object(serializer.serialize_map(None)?);
        self.0.write(&mut object)?;
        object.0.end()
    }
}

impl<T: Message> Serialize for List<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Json))
    }
}

/// A JSON object. Fields with default values are omitted, as protobuf's mapping allows, unless the default has a meaning.
pub(super) struct Object<M>(M);

impl<M: SerializeMap> Object<M> {
    fn field(&mut self, key: &str, value: &impl Serialize) -> Result<(), M::Error> {
        self.0.serialize_entry(key, value)
    }

    fn text(&mut self, key: &str, text: &str) -> Result<(), M::Error> {
        if text.is_empty() { Ok(()) } else { self.field(key, &text) }
    }

    fn list<T: Message>(&mut self, key: &str, list: &[T]) -> Result<(), M::Error> {
        if list.is_empty() { Ok(()) } else { self.field(key, &List(list)) }
    }

    /// 64-bit numbers are strings, because not every JSON reader supports them as numbers.
    fn whole(&mut self, key: &str, number: impl ToString) -> Result<(), M::Error> {
        self.field(key, &number.to_string())
    }

    fn wholes(&mut self, key: &str, numbers: &[u64]) -> Result<(), M::Error> {
        self.field(key, &numbers.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    /// JSON has no numbers that are not finite.
    fn number(&mut self, key: &str, number: f64) -> Result<(), M::Error> {
        match number {
            f64::INFINITY => self.field(key, &"Infinity"),
            f64::NEG_INFINITY => self.field(key, &"-Infinity"),
            _ if number.is_nan() => self.field(key, &"NaN"),
            _ => self.field(key, &number),
        }
    }

    fn bits(&mut self, key: &str, bits: u32) -> Result<(), M::Error> {
        if bits == 0 { Ok(()) } else { self.field(key, &bits) }
    }

    fn id(&mut self, key: &str, id: &[u8]) -> Result<(), M::Error> {
        let hex = id.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        self.text(key, &hex)
    }
}

macro_rules! message {
    ($($message:ident: |$value:ident, $object:ident| { $($write:expr;)* })*) => {$(
        impl Message for $message {
            fn write<M: SerializeMap>(&self, $object: &mut Object<M>) -> Result<(), M::Error> {
                let $value = self;
                $($write?;)*
                Ok(())
            }
        }
    )*};
}

message! {
    ExportMetricsServiceRequest: |request, object| {
        object.field("resourceMetrics", &List(&request.resource_metrics));
    }
    ResourceMetrics: |metrics, object| {
        metrics.resource.as_ref().map_or(Ok(()), |resource| object.field("resource", &Json(resource)));
        object.field("scopeMetrics", &List(&metrics.scope_metrics));
        object.text("schemaUrl", &metrics.schema_url);
    }
    Resource: |resource, object| {
        object.list("attributes", &resource.attributes);
        object.bits("droppedAttributesCount", resource.dropped_attributes_count);
    }
    ScopeMetrics: |metrics, object| {
        metrics.scope.as_ref().map_or(Ok(()), |scope| object.field("scope", &Json(scope)));
        object.field("metrics", &List(&metrics.metrics));
        object.text("schemaUrl", &metrics.schema_url);
    }
    InstrumentationScope: |scope, object| {
        object.text("name", &scope.name);
        object.text("version", &scope.version);
        object.list("attributes", &scope.attributes);
        object.bits("droppedAttributesCount", scope.dropped_attributes_count);
    }
    Metric: |metric, object| {
        object.text("name", &metric.name);
        object.text("description", &metric.description);
        object.text("unit", &metric.unit);
        object.list("metadata", &metric.metadata);
        match &metric.data {
            Some(Data::Gauge(gauge)) => object.field("gauge", &Json(gauge)),
            Some(Data::Sum(sum)) => object.field("sum", &Json(sum)),
            Some(Data::Histogram(histogram)) => object.field("histogram", &Json(histogram)),
            Some(Data::ExponentialHistogram(histogram)) => object.field("exponentialHistogram", &Json(histogram)),
            // The SDK has no summaries.
            Some(Data::Summary(_)) | None => Ok(()),
        };
    }
    Gauge: |gauge, object| {
        object.field("dataPoints", &List(&gauge.data_points));
    }
    Sum: |sum, object| {
        object.field("dataPoints", &List(&sum.data_points));
        object.field("aggregationTemporality", &sum.aggregation_temporality);
        object.field("isMonotonic", &sum.is_monotonic);
    }
    Histogram: |histogram, object| {
        object.field("dataPoints", &List(&histogram.data_points));
        object.field("aggregationTemporality", &histogram.aggregation_temporality);
    }
    ExponentialHistogram: |histogram, object| {
        object.field("dataPoints", &List(&histogram.data_points));
        object.field("aggregationTemporality", &histogram.aggregation_temporality);
    }
    NumberDataPoint: |point, object| {
        object.list("attributes", &point.attributes);
        object.whole("startTimeUnixNano", point.start_time_unix_nano);
        object.whole("timeUnixNano", point.time_unix_nano);
        match point.value {
            Some(number_data_point::Value::AsDouble(value)) => object.number("asDouble", value),
            Some(number_data_point::Value::AsInt(value)) => object.whole("asInt", value),
            None => Ok(()),
        };
        object.list("exemplars", &point.exemplars);
        object.bits("flags", point.flags);
    }
    HistogramDataPoint: |point, object| {
        object.list("attributes", &point.attributes);
        object.whole("startTimeUnixNano", point.start_time_unix_nano);
        object.whole("timeUnixNano", point.time_unix_nano);
        object.whole("count", point.count);
        point.sum.map_or(Ok(()), |sum| object.number("sum", sum));
        object.wholes("bucketCounts", &point.bucket_counts);
        object.field("explicitBounds", &point.explicit_bounds);
        object.list("exemplars", &point.exemplars);
        object.bits("flags", point.flags);
        point.min.map_or(Ok(()), |min| object.number("min", min));
        point.max.map_or(Ok(()), |max| object.number("max", max));
    }
    ExponentialHistogramDataPoint: |point, object| {
        object.list("attributes", &point.attributes);
        object.whole("startTimeUnixNano", point.start_time_unix_nano);
        object.whole("timeUnixNano", point.time_unix_nano);
        object.whole("count", point.count);
        point.sum.map_or(Ok(()), |sum| object.number("sum", sum));
        object.field("scale", &point.scale);
        object.whole("zeroCount", point.zero_count);
        point.positive.as_ref().map_or(Ok(()), |buckets| object.field("positive", &Json(buckets)));
        point.negative.as_ref().map_or(Ok(()), |buckets| object.field("negative", &Json(buckets)));
        object.bits("flags", point.flags);
        object.list("exemplars", &point.exemplars);
        point.min.map_or(Ok(()), |min| object.number("min", min));
        point.max.map_or(Ok(()), |max| object.number("max", max));
        object.number("zeroThreshold", point.zero_threshold);
    }
    Buckets: |buckets, object| {
        object.field("offset", &buckets.offset);
        object.wholes("bucketCounts", &buckets.bucket_counts);
    }
    Exemplar: |exemplar, object| {
        object.list("filteredAttributes", &exemplar.filtered_attributes);
        object.whole("timeUnixNano", exemplar.time_unix_nano);
        match exemplar.value {
            Some(exemplar::Value::AsDouble(value)) => object.number("asDouble", value),
            Some(exemplar::Value::AsInt(value)) => object.whole("asInt", value),
            None => Ok(()),
        };
        object.id("spanId", &exemplar.span_id);
        object.id("traceId", &exemplar.trace_id);
    }
    KeyValue: |attribute, object| {
        object.field("key", &attribute.key);
        attribute.value.as_ref().map_or(Ok(()), |value| object.field("value", &Json(value)));
    }
    AnyValue: |value, object| {
        match &value.value {
            Some(Value::StringValue(text)) => object.field("stringValue", text),
            Some(Value::BoolValue(value)) => object.field("boolValue", value),
            Some(Value::IntValue(value)) => object.whole("intValue", value),
            Some(Value::DoubleValue(value)) => object.number("doubleValue", *value),
            Some(Value::ArrayValue(array)) => object.field("arrayValue", &Json(array)),
            Some(Value::KvlistValue(list)) => object.field("kvlistValue", &Json(list)),
            // The SDK's attributes have no other types.
            Some(Value::BytesValue(_) | Value::StringValueStrindex(_)) | None => Ok(()),
        };
    }
    ArrayValue: |array, object| {
        object.field("values", &List(&array.values));
    }
    KeyValueList: |list, object| {
        object.field("values", &List(&list.values));
    }
}
