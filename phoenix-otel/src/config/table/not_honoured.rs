//! The variables of the specification that have no effect.

use super::{DECLARATIVE, GENERAL, NotHonoured, OTLP, ZIPKIN};

pub(in super::super) static NOT_HONOURED: [NotHonoured; 9] = [
    NotHonoured {
        names: &["OTEL_EXPERIMENTAL_CONFIG_FILE"],
        why: "it is deprecated; set OTEL_CONFIG_FILE",
        is_refused: true,
        source: DECLARATIVE,
    },
    NotHonoured {
        names: &["OTEL_ENTITIES"],
        why: "the OpenTelemetry SDK for Rust has no entities; set the attributes with OTEL_RESOURCE_ATTRIBUTES",
        is_refused: true,
        source: GENERAL,
    },
    NotHonoured {
        names: &["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"],
        why: "the OpenTelemetry SDK for Rust does not limit the length of attribute values; the transform processor of a collector does (`truncate_all`)",
        is_refused: true,
        source: "Attribute Limits, Span Limits",
    },
    NotHonoured {
        names: &["OTEL_EXPORTER_OTLP_METRIC_INSECURE"],
        why: "it is obsolete; set OTEL_EXPORTER_OTLP_METRICS_INSECURE",
        is_refused: true,
        source: OTLP,
    },
    NotHonoured {
        names: &["OTEL_EXPORTER_OTLP_SPAN_INSECURE"],
        why: "it is obsolete; set OTEL_EXPORTER_OTLP_TRACES_INSECURE",
        is_refused: true,
        source: OTLP,
    },
    NotHonoured {
        names: &["OTEL_BSP_MAX_CONCURRENT_EXPORTS"],
        why: "each exporter sends one batch of spans at a time; unset the variable",
        is_refused: true,
        source: "opentelemetry_sdk",
    },
    NotHonoured {
        names: &["OTEL_EXPORTER_ZIPKIN_ENDPOINT", "OTEL_EXPORTER_ZIPKIN_TIMEOUT", "OTEL_EXPORTER_ZIPKIN_PROTOCOL"],
        why: "phoenix-otel has no Zipkin exporter; export spans with OTEL_TRACES_EXPORTER=otlp",
        is_refused: false,
        source: ZIPKIN,
    },
    NotHonoured {
        names: &["OTEL_SEMCONV_STABILITY_OPT_IN"],
        why: "phoenix-otel has one version of each semantic convention; unset the variable, unless another library of the service reads it",
        is_refused: false,
        source: "Semantic conventions",
    },
    NotHonoured {
        names: &[
            "OTEL_LOGS_EXPORTER",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
            "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
            "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
            "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
            "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
            "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
            "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
            "OTEL_BLRP_SCHEDULE_DELAY",
            "OTEL_BLRP_EXPORT_TIMEOUT",
            "OTEL_BLRP_MAX_QUEUE_SIZE",
            "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
            "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
            "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        ],
        why: "phoenix-otel has no logs; unset the variable, unless another SDK of the service reads it",
        is_refused: false,
        source: "Exporter Selection, OTLP Exporter, Batch LogRecord Processor, LogRecord Limits",
    },
];
