//! Log records, which this crate does not export.

use super::Kind::{Bool, List, Map, Text, Words};
use super::exporters::{OTLP_FILE_EXPORTER, OTLP_GRPC_EXPORTER, OTLP_HTTP_EXPORTER};
use super::{EMPTY, Others, POSITIVE, SEVERITY_NUMBER, Shape, WHOLE, key};

static BATCH_LOG_RECORD_PROCESSOR: Shape = Shape {
    keys: &[
        key("schedule_delay", WHOLE).or_null(),
        key("export_timeout", WHOLE).or_null(),
        key("max_queue_size", POSITIVE).or_null(),
        key("max_export_batch_size", POSITIVE).or_null(),
        key("exporter", Map(&LOG_RECORD_EXPORTER)).required(),
    ],
    others: Others::Refused,
};

static LOGGER_CONFIG: Shape = Shape {
    keys: &[
        key("enabled", Bool).or_null(),
        key("minimum_severity", Words(SEVERITY_NUMBER)).or_null(),
        key("trace_based", Bool).or_null(),
    ],
    others: Others::Refused,
};

static LOGGER_CONFIGURATOR: Shape = Shape {
    keys: &[key("default_config", Map(&LOGGER_CONFIG)), key("loggers", List(&Map(&LOGGER_MATCHER_AND_CONFIG), 1))],
    others: Others::Refused,
};

static LOGGER_MATCHER_AND_CONFIG: Shape = Shape {
    keys: &[key("name", Text).required(), key("config", Map(&LOGGER_CONFIG)).required()],
    others: Others::Refused,
};

static LOG_RECORD_EXPORTER: Shape = Shape {
    keys: &[
        key("otlp_http", Map(&OTLP_HTTP_EXPORTER)).or_null(),
        key("otlp_grpc", Map(&OTLP_GRPC_EXPORTER)).or_null(),
        key("otlp_file/development", Map(&OTLP_FILE_EXPORTER)).or_null(),
        key("console", Map(&EMPTY)).or_null(),
    ],
    others: Others::OneOfAnyName,
};

static LOG_RECORD_LIMITS: Shape = Shape {
    keys: &[
        key("attribute_value_length_limit", WHOLE).or_null(),
        key("attribute_value_depth_limit", POSITIVE).or_null(),
        key("attribute_count_limit", WHOLE).or_null(),
    ],
    others: Others::Refused,
};

static LOG_RECORD_PROCESSOR: Shape = Shape {
    keys: &[
        key("batch", Map(&BATCH_LOG_RECORD_PROCESSOR)),
        key("simple", Map(&SIMPLE_LOG_RECORD_PROCESSOR)),
        key("event_to_span_event_bridge/development", Map(&EMPTY)).or_null(),
    ],
    others: Others::OneOfAnyName,
};

pub(super) static LOGGER_PROVIDER: Shape = Shape {
    keys: &[
        key("processors", List(&Map(&LOG_RECORD_PROCESSOR), 1)).required(),
        key("limits", Map(&LOG_RECORD_LIMITS)),
        key("logger_configurator/development", Map(&LOGGER_CONFIGURATOR)),
    ],
    others: Others::Refused,
};

static SIMPLE_LOG_RECORD_PROCESSOR: Shape =
    Shape { keys: &[key("exporter", Map(&LOG_RECORD_EXPORTER)).required()], others: Others::Refused };
