//! Metrics: readers, exporters and views.

use super::Kind::{Bool, Int, List, Map, Text, Words};
use super::exporters::{
    EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION, EXPORTER_TEMPORALITY_PREFERENCE, OTLP_GRPC_METRIC_EXPORTER,
    OTLP_HTTP_METRIC_EXPORTER,
};
use super::{
    BATCH, CONSTANT_LABELS, EMPTY, INCLUDE_EXCLUDE, INT, NUMBER, Others, POSITIVE, PRODUCERS, SCOPE_INFO, Shape, WHOLE,
    key,
};

static AGGREGATION: Shape = Shape {
    keys: &[
        key("default", Map(&EMPTY)).or_null(),
        key("drop", Map(&EMPTY)).or_null(),
        key("explicit_bucket_histogram", Map(&EXPLICIT_BUCKET_HISTOGRAM_AGGREGATION)).or_null(),
        key("base2_exponential_bucket_histogram", Map(&BASE2_EXPONENTIAL_BUCKET_HISTOGRAM_AGGREGATION)).or_null(),
        key("last_value", Map(&EMPTY)).or_null(),
        key("sum", Map(&EMPTY)).or_null(),
    ],
    others: Others::One,
};

static BASE2_EXPONENTIAL_BUCKET_HISTOGRAM_AGGREGATION: Shape = Shape {
    keys: &[
        key("max_scale", Int(-10, 20)).or_null(),
        key("max_size", Int(2, i64::MAX)).or_null(),
        key("record_min_max", Bool).or_null(),
    ],
    others: Others::Refused,
};

static CARDINALITY_LIMITS: Shape = Shape {
    keys: &[
        key("default", POSITIVE).or_null(),
        key("counter", POSITIVE).or_null(),
        key("gauge", POSITIVE).or_null(),
        key("histogram", POSITIVE).or_null(),
        key("observable_counter", POSITIVE).or_null(),
        key("observable_gauge", POSITIVE).or_null(),
        key("observable_up_down_counter", POSITIVE).or_null(),
        key("up_down_counter", POSITIVE).or_null(),
    ],
    others: Others::Refused,
};

static CONSOLE_METRIC_EXPORTER: Shape = Shape {
    keys: &[
        key("temporality_preference", Words(EXPORTER_TEMPORALITY_PREFERENCE)).or_null(),
        key("default_histogram_aggregation", Words(EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION)).or_null(),
    ],
    others: Others::Refused,
};

const EXEMPLAR_FILTER: &[&str] = &["always_on", "always_off", "trace_based"];

static METER_CONFIG: Shape = Shape { keys: &[key("enabled", Bool)], others: Others::Refused };

static METER_CONFIGURATOR: Shape = Shape {
    keys: &[key("default_config", Map(&METER_CONFIG)), key("meters", List(&Map(&METER_MATCHER_AND_CONFIG), 1))],
    others: Others::Refused,
};

static METER_MATCHER_AND_CONFIG: Shape = Shape {
    keys: &[key("name", Text).required(), key("config", Map(&METER_CONFIG)).required()],
    others: Others::Refused,
};

static OTLP_FILE_METRIC_EXPORTER: Shape = Shape {
    keys: &[
        key("output_stream", Text).or_null(),
        key("temporality_preference", Words(EXPORTER_TEMPORALITY_PREFERENCE)).or_null(),
        key("default_histogram_aggregation", Words(EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION)).or_null(),
    ],
    others: Others::Refused,
};

static PROMETHEUS_METRIC_EXPORTER: Shape = Shape {
    keys: &[
        key("host", Text).or_null(),
        key("port", INT).or_null(),
        key("scope_info_enabled", Bool).or_null().unsupported(SCOPE_INFO),
        key("target_info_enabled/development", Bool).or_null(),
        key("resource_constant_labels", Map(&INCLUDE_EXCLUDE)).unsupported(CONSTANT_LABELS),
        key("translation_strategy", Words(PROMETHEUS_TRANSLATION_STRATEGY)).or_null(),
    ],
    others: Others::Refused,
};

const PROMETHEUS_TRANSLATION_STRATEGY: &[&str] = &[
    "underscore_escaping_with_suffixes",
    "underscore_escaping_without_suffixes/development",
    "no_utf8_escaping_with_suffixes/development",
    "no_translation/development",
];

static EXPLICIT_BUCKET_HISTOGRAM_AGGREGATION: Shape = Shape {
    keys: &[key("boundaries", List(&NUMBER, 0)), key("record_min_max", Bool).or_null()],
    others: Others::Refused,
};

const INSTRUMENT_TYPE: &[&str] = &[
    "counter",
    "gauge",
    "histogram",
    "observable_counter",
    "observable_gauge",
    "observable_up_down_counter",
    "up_down_counter",
];

pub(super) static METER_PROVIDER: Shape = Shape {
    keys: &[
        key("readers", List(&Map(&METRIC_READER), 1)).required(),
        key("views", List(&Map(&VIEW), 1)),
        key("exemplar_filter", Words(EXEMPLAR_FILTER)).or_null(),
        key("meter_configurator/development", Map(&METER_CONFIGURATOR)),
    ],
    others: Others::Refused,
};

static METRIC_PRODUCER: Shape =
    Shape { keys: &[key("opencensus", Map(&EMPTY)).or_null()], others: Others::OneOfAnyName };

static METRIC_READER: Shape = Shape {
    keys: &[key("periodic", Map(&PERIODIC_METRIC_READER)), key("pull", Map(&PULL_METRIC_READER))],
    others: Others::One,
};

static PERIODIC_METRIC_READER: Shape = Shape {
    keys: &[
        key("interval", WHOLE).or_null(),
        key("timeout", WHOLE).or_null(),
        key("max_export_batch_size/development", POSITIVE).or_null().unsupported(BATCH),
        key("exporter", Map(&PUSH_METRIC_EXPORTER)).required(),
        key("producers", List(&Map(&METRIC_PRODUCER), 1)).unsupported(PRODUCERS),
        key("cardinality_limits", Map(&CARDINALITY_LIMITS)),
    ],
    others: Others::Refused,
};

static PULL_METRIC_EXPORTER: Shape = Shape {
    keys: &[key("prometheus/development", Map(&PROMETHEUS_METRIC_EXPORTER)).or_null()],
    others: Others::OneOfAnyName,
};

static PULL_METRIC_READER: Shape = Shape {
    keys: &[
        key("exporter", Map(&PULL_METRIC_EXPORTER)).required(),
        key("producers", List(&Map(&METRIC_PRODUCER), 1)).unsupported(PRODUCERS),
        key("cardinality_limits", Map(&CARDINALITY_LIMITS)),
    ],
    others: Others::Refused,
};

static PUSH_METRIC_EXPORTER: Shape = Shape {
    keys: &[
        key("otlp_http", Map(&OTLP_HTTP_METRIC_EXPORTER)).or_null(),
        key("otlp_grpc", Map(&OTLP_GRPC_METRIC_EXPORTER)).or_null(),
        key("otlp_file/development", Map(&OTLP_FILE_METRIC_EXPORTER)).or_null(),
        key("console", Map(&CONSOLE_METRIC_EXPORTER)).or_null(),
    ],
    others: Others::OneOfAnyName,
};

static VIEW: Shape = Shape {
    keys: &[key("selector", Map(&VIEW_SELECTOR)).required(), key("stream", Map(&VIEW_STREAM)).required()],
    others: Others::Refused,
};

static VIEW_SELECTOR: Shape = Shape {
    keys: &[
        key("instrument_name", Text).or_null(),
        key("instrument_type", Words(INSTRUMENT_TYPE)).or_null(),
        key("unit", Text).or_null(),
        key("meter_name", Text).or_null(),
        key("meter_version", Text).or_null(),
        key("meter_schema_url", Text).or_null(),
    ],
    others: Others::Refused,
};

static VIEW_STREAM: Shape = Shape {
    keys: &[
        key("name", Text).or_null(),
        key("description", Text).or_null(),
        key("aggregation", Map(&AGGREGATION)),
        key("aggregation_cardinality_limit", POSITIVE).or_null(),
        key("attribute_keys", Map(&INCLUDE_EXCLUDE)),
    ],
    others: Others::Refused,
};
