//! The variables of OTLP exporters.

use super::{OTLP, OTLP_METRICS, Row, row};

/// The keys of an OTLP exporter of metrics and of one of spans.
macro_rules! otlp {
    ($key:literal) => {
        &[
            concat!("meter_provider.readers[].periodic.exporter.otlp_", $key),
            concat!("tracer_provider.processors[].batch.exporter.otlp_", $key),
        ]
    };
}

pub(super) static EXPORTERS: [Row; 11] = [
    row(
        &["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"],
        otlp!("http.endpoint"),
        "Otlp::endpoint",
        "http://localhost:4318",
        "the default for gRPC is `http://localhost:4317`. On Unix and with both protocols also a socket: `unix:///run/otel.sock`",
        OTLP,
    )
    .and_traces(&["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]),
    row(
        &["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"],
        otlp!("http"),
        "Otlp::protocol",
        "http/protobuf",
        "or `grpc`, with the feature `otlp-grpc`",
        OTLP,
    )
    .and_traces(&["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"]),
    row(
        &["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"],
        otlp!("http.headers"),
        "Otlp::header",
        "",
        "a list `key1=value1,key2=value2`, percent-encoded; no message shows the values",
        OTLP,
    )
    .and_traces(&["OTEL_EXPORTER_OTLP_TRACES_HEADERS"]),
    row(
        &["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT"],
        otlp!("http.timeout"),
        "Otlp::timeout",
        "10000",
        "milliseconds for one request; 0: no limit",
        OTLP,
    )
    .and_traces(&["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"]),
    row(
        &["OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION"],
        otlp!("http.compression"),
        "Otlp::compression",
        "none",
        "or `gzip`",
        OTLP,
    )
    .and_traces(&["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION"]),
    row(
        &["OTEL_EXPORTER_OTLP_INSECURE", "OTEL_EXPORTER_OTLP_METRICS_INSECURE"],
        otlp!("grpc.tls.insecure"),
        "Otlp::insecure",
        "false",
        "`true`: no TLS, if the endpoint of a gRPC exporter has no scheme",
        OTLP,
    )
    .and_traces(&["OTEL_EXPORTER_OTLP_TRACES_INSECURE"]),
    row(
        &["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE"],
        otlp!("http.tls.ca_file"),
        "Otlp::certificate",
        "the authorities of the system",
        "a PEM file. Like every `https` endpoint, it needs the feature `tls`",
        OTLP,
    )
    .and_traces(&["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"]),
    row(
        &["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE"],
        otlp!("http.tls.cert_file"),
        "Otlp::client_certificate",
        "",
        "a PEM file, together with the key",
        OTLP,
    )
    .and_traces(&["OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE"]),
    row(
        &["OTEL_EXPORTER_OTLP_CLIENT_KEY", "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY"],
        otlp!("http.tls.key_file"),
        "Otlp::client_certificate",
        "",
        "a PEM file, together with the certificate",
        OTLP,
    )
    .and_traces(&["OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY"]),
    row(
        &["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"],
        &["meter_provider.readers[].periodic.exporter.otlp_http.temporality_preference"],
        "Otlp::temporality",
        "cumulative",
        "or `delta`, `lowmemory`",
        OTLP_METRICS,
    ),
    row(
        &["OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"],
        &["meter_provider.readers[].periodic.exporter.otlp_http.default_histogram_aggregation"],
        "Builder::histogram_aggregation",
        "explicit_bucket_histogram",
        "or `base2_exponential_bucket_histogram`, for all histograms except those declared with `fixed_bounds` ([native histograms](prometheus.md#native-histograms))",
        OTLP_METRICS,
    ),
];
