//! Exporters of all signals.

use super::Kind::{Bool, List, Map, Text, Words};
use super::{Others, POSITIVE, REQUEST_SIZE, RESPONSE_SIZE, Shape, WHOLE, key};

pub(super) static OTLP_FILE_EXPORTER: Shape =
    Shape { keys: &[key("output_stream", Text).or_null()], others: Others::Refused };

pub(super) static GRPC_TLS: Shape = Shape {
    keys: &[
        key("ca_file", Text).or_null(),
        key("key_file", Text).or_null(),
        key("cert_file", Text).or_null(),
        key("insecure", Bool).or_null(),
    ],
    others: Others::Refused,
};

pub(super) static HTTP_TLS: Shape = Shape {
    keys: &[key("ca_file", Text).or_null(), key("key_file", Text).or_null(), key("cert_file", Text).or_null()],
    others: Others::Refused,
};

pub(super) static NAME_STRING_VALUE_PAIR: Shape = Shape {
    keys: &[key("name", Text).required(), key("value", Text).or_null().secret().required()],
    others: Others::Refused,
};

/// The keys of OTLP exporters: those of all, with the mapping `tls` of the transport, and those of one.
macro_rules! otlp_keys {
    ($tls:expr $(, $own:expr)* $(,)?) => {
        &[
            key("endpoint", Text).or_null(),
            key("tls", Map(&$tls)).or_null(),
            key("headers", List(&Map(&NAME_STRING_VALUE_PAIR), 1)),
            key("headers_list", Text).or_null().secret(),
            key("compression", Text).or_null(),
            key("max_request_size", WHOLE).or_null().unsupported(REQUEST_SIZE),
            key("max_response_size", POSITIVE).or_null().unsupported(RESPONSE_SIZE),
            key("timeout", WHOLE).or_null(),
            $($own,)*
        ]
    };
}

pub(super) static OTLP_GRPC_EXPORTER: Shape = Shape { keys: otlp_keys!(GRPC_TLS), others: Others::Refused };

const OTLP_HTTP_ENCODING: &[&str] = &["protobuf", "json"];

pub(super) static OTLP_HTTP_EXPORTER: Shape =
    Shape { keys: otlp_keys!(HTTP_TLS, key("encoding", Words(OTLP_HTTP_ENCODING)).or_null()), others: Others::Refused };

pub(super) const EXPORTER_TEMPORALITY_PREFERENCE: &[&str] = &["cumulative", "delta", "low_memory"];

pub(super) const EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION: &[&str] =
    &["explicit_bucket_histogram", "base2_exponential_bucket_histogram"];

pub(super) static OTLP_GRPC_METRIC_EXPORTER: Shape = Shape {
    keys: otlp_keys!(
        GRPC_TLS,
        key("temporality_preference", Words(EXPORTER_TEMPORALITY_PREFERENCE)).or_null(),
        key("default_histogram_aggregation", Words(EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION)).or_null(),
    ),
    others: Others::Refused,
};

pub(super) static OTLP_HTTP_METRIC_EXPORTER: Shape = Shape {
    keys: otlp_keys!(
        HTTP_TLS,
        key("encoding", Words(OTLP_HTTP_ENCODING)).or_null(),
        key("temporality_preference", Words(EXPORTER_TEMPORALITY_PREFERENCE)).or_null(),
        key("default_histogram_aggregation", Words(EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION)).or_null(),
    ),
    others: Others::Refused,
};
