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

pub(super) static OTLP_GRPC_EXPORTER: Shape = Shape {
    keys: &[
        key("endpoint", Text).or_null(),
        key("tls", Map(&GRPC_TLS)).or_null(),
        key("headers", List(&Map(&NAME_STRING_VALUE_PAIR), 1)),
        key("headers_list", Text).or_null().secret(),
        key("compression", Text).or_null(),
        key("max_request_size", WHOLE).or_null().unsupported(REQUEST_SIZE),
        key("max_response_size", POSITIVE).or_null().unsupported(RESPONSE_SIZE),
        key("timeout", WHOLE).or_null(),
    ],
    others: Others::Refused,
};

pub(super) const OTLP_HTTP_ENCODING: &[&str] = &["protobuf", "json"];

pub(super) static OTLP_HTTP_EXPORTER: Shape = Shape {
    keys: &[
        key("endpoint", Text).or_null(),
        key("tls", Map(&HTTP_TLS)).or_null(),
        key("headers", List(&Map(&NAME_STRING_VALUE_PAIR), 1)),
        key("headers_list", Text).or_null().secret(),
        key("compression", Text).or_null(),
        key("max_request_size", WHOLE).or_null().unsupported(REQUEST_SIZE),
        key("max_response_size", POSITIVE).or_null().unsupported(RESPONSE_SIZE),
        key("timeout", WHOLE).or_null(),
        key("encoding", Words(OTLP_HTTP_ENCODING)).or_null(),
    ],
    others: Others::Refused,
};
