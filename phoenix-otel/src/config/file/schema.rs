//! The schema of OpenTelemetry's configuration file, version 1.2, and which of its keys this crate does not support.
//!
//! A test compares it with the JSON schema that OpenTelemetry publishes.

/// A mapping of the schema.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) keys: &'static [Key],
    pub(super) others: Others,
}

/// Which keys a mapping can have in addition to the named ones, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    Refused,
    Allowed,
    /// None. The mapping has exactly one key.
    One,
    /// The mapping has exactly one key, with any name.
    OneOfAnyName,
}

/// A key of a mapping.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_nullable: bool,
    pub(super) is_required: bool,
    /// Why this crate does not support the key.
    pub(super) unsupported: Option<&'static str>,
    /// Whether no message shows the value.
    pub(super) is_secret: bool,
}

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Bool,
    /// An integer from a minimum to a maximum.
    Int(i64, i64),
    /// A number from a minimum to a maximum.
    Number(f64, f64),
    /// One of these words.
    Words(&'static [&'static str]),
    /// A scalar, or a list of scalars of one type.
    AttributeValue,
    /// A list with a minimum length.
    List(&'static Kind, usize),
    Map(&'static Shape),
}

use Kind::{AttributeValue, Bool, Int, List, Map, Number, Text, Words};

const INT: Kind = Int(i64::MIN, i64::MAX);
const WHOLE: Kind = Int(0, i64::MAX);
const POSITIVE: Kind = Int(1, i64::MAX);
const NUMBER: Kind = Number(f64::NEG_INFINITY, f64::INFINITY);

const LENGTH: &str = "the OpenTelemetry SDK for Rust does not limit the length of attribute values";
const DEPTH: &str = "the OpenTelemetry SDK for Rust has no nested attribute values";
const BATCH: &str = "phoenix-otel sends all metrics in one request";
const PRODUCERS: &str = "the OpenTelemetry SDK for Rust has no metric producers";
const NO_PROPAGATOR: &str = "phoenix-otel has the propagators tracecontext and baggage only";
const SAMPLER_KIND: &str =
    "phoenix-otel has the samplers always_on, always_off, trace_id_ratio_based and parent_based only";
const SPAN_FILE: &str = "phoenix-otel writes metrics to files, but not spans";
const SCOPE_INFO: &str =
    "phoenix-otel adds the labels of the scope only where two libraries share the name of a metric";
const CONSTANT_LABELS: &str =
    "of the resource, phoenix-otel adds the labels `service` and `version`; `target_info` has all attributes";
const REQUEST_SIZE: &str = "phoenix-otel does not limit the size of requests";
const RESPONSE_SIZE: &str = "the limit of phoenix-otel is fixed";

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, is_nullable: false, is_required: false, unsupported: None, is_secret: false }
}

impl Key {
    const fn or_null(self) -> Self {
        Self { is_nullable: true, ..self }
    }

    const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    const fn unsupported(self, why: &'static str) -> Self {
        Self { unsupported: Some(why), ..self }
    }
}

impl Shape {
    /// The key with this name.
    pub(super) fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// The settings of this crate, in the mapping `distribution`.
pub(super) static PHOENIX: Shape = Shape {
    keys: &[
        key("namespace", Text).or_null(),
        key("subsystem", Text).or_null(),
        key("edge_subsystem", Text).or_null(),
        key("strict", Bool).or_null(),
        key("process_metrics", Bool).or_null(),
        key("shutdown_timeout", POSITIVE).or_null(),
        key("page", Map(&PAGE)).or_null(),
        key("web_config_file", Text).or_null(),
    ],
    others: Others::Refused,
};

static PAGE: Shape = Shape {
    keys: &[
        key("served", Words(&["guarded", "loopback", "everywhere", "nowhere"])).or_null(),
        key("history", Bool).or_null(),
        key("hosts", List(&Text, 0)).or_null(),
        key("origins", List(&Text, 0)).or_null(),
        key("trace_link", Text).or_null(),
    ],
    others: Others::Refused,
};

static EMPTY: Shape = Shape { keys: &[], others: Others::Refused };

/// The whole file.
pub(super) static CONFIGURATION: Shape = Shape {
    keys: &[
        key("file_format", Text).required(),
        key("disabled", Bool).or_null(),
        key("log_level", Words(SEVERITY_NUMBER)).or_null(),
        key("attribute_limits", Map(&ATTRIBUTE_LIMITS)),
        key("logger_provider", Map(&LOGGER_PROVIDER)).unsupported("phoenix-otel has no logs"),
        key("meter_provider", Map(&METER_PROVIDER)),
        key("propagator", Map(&PROPAGATOR)),
        key("tracer_provider", Map(&TRACER_PROVIDER)),
        key("resource", Map(&RESOURCE)),
        key("instrumentation/development", Map(&INSTRUMENTATION))
            .unsupported("phoenix-otel reads no settings of instrumentation"),
        key("distribution", Map(&DISTRIBUTION)),
    ],
    others: Others::Allowed,
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

static ALWAYS_RECORD_SAMPLER: Shape = Shape { keys: &[key("root", Map(&SAMPLER)).required()], others: Others::Refused };

static ATTRIBUTE_LIMITS: Shape = Shape {
    keys: &[
        key("attribute_value_length_limit", WHOLE).or_null().unsupported(LENGTH),
        key("attribute_value_depth_limit", POSITIVE).or_null().unsupported(DEPTH),
        key("attribute_count_limit", WHOLE).or_null(),
    ],
    others: Others::Refused,
};

static ATTRIBUTE_NAME_VALUE: Shape = Shape {
    keys: &[
        key("name", Text).required(),
        key("value", AttributeValue).or_null().required(),
        key("type", Words(ATTRIBUTE_TYPE)).or_null(),
    ],
    others: Others::Refused,
};

const ATTRIBUTE_TYPE: &[&str] =
    &["string", "bool", "int", "double", "string_array", "bool_array", "int_array", "double_array"];

static BASE2_EXPONENTIAL_BUCKET_HISTOGRAM_AGGREGATION: Shape = Shape {
    keys: &[
        key("max_scale", Int(-10, 20)).or_null(),
        key("max_size", Int(2, i64::MAX)).or_null(),
        key("record_min_max", Bool).or_null(),
    ],
    others: Others::Refused,
};

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

static BATCH_SPAN_PROCESSOR: Shape = Shape {
    keys: &[
        key("schedule_delay", WHOLE).or_null(),
        key("export_timeout", WHOLE).or_null(),
        key("max_queue_size", POSITIVE).or_null(),
        key("max_export_batch_size", POSITIVE).or_null(),
        key("exporter", Map(&SPAN_EXPORTER)).required(),
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

static DISTRIBUTION: Shape = Shape { keys: &[], others: Others::Allowed };

const EXEMPLAR_FILTER: &[&str] = &["always_on", "always_off", "trace_based"];

static CODE_INSTRUMENTATION: Shape = Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static COMPOSABLE_PARENT_THRESHOLD_SAMPLER: Shape =
    Shape { keys: &[key("root", Map(&COMPOSABLE_SAMPLER)).required()], others: Others::Refused };

static COMPOSABLE_PROBABILITY_SAMPLER: Shape =
    Shape { keys: &[key("ratio", Number(0.0, 1.0)).or_null()], others: Others::Refused };

static COMPOSABLE_RULE_BASED_SAMPLER: Shape =
    Shape { keys: &[key("rules", List(&Map(&COMPOSABLE_RULE_BASED_SAMPLER_RULE), 1))], others: Others::Refused };

static COMPOSABLE_RULE_BASED_SAMPLER_RULE: Shape = Shape {
    keys: &[
        key("attribute_values", Map(&COMPOSABLE_RULE_BASED_SAMPLER_RULE_ATTRIBUTE_VALUES)),
        key("attribute_patterns", Map(&COMPOSABLE_RULE_BASED_SAMPLER_RULE_ATTRIBUTE_PATTERNS)),
        key("span_kinds", List(&Words(SPAN_KIND), 1)),
        key("parent", List(&Words(SPAN_PARENT), 1)),
        key("sampler", Map(&COMPOSABLE_SAMPLER)).required(),
    ],
    others: Others::Refused,
};

static COMPOSABLE_RULE_BASED_SAMPLER_RULE_ATTRIBUTE_PATTERNS: Shape = Shape {
    keys: &[key("key", Text).required(), key("included", List(&Text, 1)), key("excluded", List(&Text, 1))],
    others: Others::Refused,
};

static COMPOSABLE_RULE_BASED_SAMPLER_RULE_ATTRIBUTE_VALUES: Shape =
    Shape { keys: &[key("key", Text).required(), key("values", List(&Text, 1)).required()], others: Others::Refused };

static COMPOSABLE_SAMPLER: Shape = Shape {
    keys: &[
        key("always_off", Map(&EMPTY)).or_null(),
        key("always_on", Map(&EMPTY)).or_null(),
        key("parent_threshold", Map(&COMPOSABLE_PARENT_THRESHOLD_SAMPLER)),
        key("probability", Map(&COMPOSABLE_PROBABILITY_SAMPLER)).or_null(),
        key("rule_based", Map(&COMPOSABLE_RULE_BASED_SAMPLER)).or_null(),
    ],
    others: Others::OneOfAnyName,
};

static DB_INSTRUMENTATION: Shape = Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static GEN_AI_INSTRUMENTATION: Shape = Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static GENERAL_INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("http", Map(&HTTP_INSTRUMENTATION)),
        key("code", Map(&CODE_INSTRUMENTATION)),
        key("db", Map(&DB_INSTRUMENTATION)),
        key("gen_ai", Map(&GEN_AI_INSTRUMENTATION)),
        key("messaging", Map(&MESSAGING_INSTRUMENTATION)),
        key("rpc", Map(&RPC_INSTRUMENTATION)),
        key("sanitization", Map(&SANITIZATION)),
        key("stability_opt_in_list", Text).or_null(),
    ],
    others: Others::Refused,
};

static HTTP_CLIENT_INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("request_captured_headers", List(&Text, 1)),
        key("response_captured_headers", List(&Text, 1)),
        key("known_methods", List(&Text, 0)),
    ],
    others: Others::Refused,
};

static HTTP_INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("semconv", Map(&SEMCONV_CONFIG)),
        key("client", Map(&HTTP_CLIENT_INSTRUMENTATION)),
        key("server", Map(&HTTP_SERVER_INSTRUMENTATION)),
    ],
    others: Others::Refused,
};

static HTTP_SERVER_INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("request_captured_headers", List(&Text, 1)),
        key("response_captured_headers", List(&Text, 1)),
        key("known_methods", List(&Text, 0)),
    ],
    others: Others::Refused,
};

static INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("general", Map(&GENERAL_INSTRUMENTATION)),
        key("cpp", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("dotnet", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("erlang", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("go", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("java", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("js", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("php", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("python", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("ruby", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("rust", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("swift", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
    ],
    others: Others::Refused,
};

static JAEGER_REMOTE_SAMPLER: Shape = Shape {
    keys: &[
        key("endpoint", Text).required(),
        key("interval", WHOLE).or_null(),
        key("initial_sampler", Map(&SAMPLER)).required(),
    ],
    others: Others::Refused,
};

static LANGUAGE_SPECIFIC_INSTRUMENTATION: Shape = Shape { keys: &[], others: Others::Allowed };

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

static MESSAGING_INSTRUMENTATION: Shape =
    Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static METER_CONFIG: Shape = Shape { keys: &[key("enabled", Bool)], others: Others::Refused };

static METER_CONFIGURATOR: Shape = Shape {
    keys: &[key("default_config", Map(&METER_CONFIG)), key("meters", List(&Map(&METER_MATCHER_AND_CONFIG), 1))],
    others: Others::Refused,
};

static METER_MATCHER_AND_CONFIG: Shape = Shape {
    keys: &[key("name", Text).required(), key("config", Map(&METER_CONFIG)).required()],
    others: Others::Refused,
};

static OTLP_FILE_EXPORTER: Shape = Shape { keys: &[key("output_stream", Text).or_null()], others: Others::Refused };

static OTLP_FILE_METRIC_EXPORTER: Shape = Shape {
    keys: &[
        key("output_stream", Text).or_null(),
        key("temporality_preference", Words(EXPORTER_TEMPORALITY_PREFERENCE)).or_null(),
        key("default_histogram_aggregation", Words(EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION)).or_null(),
    ],
    others: Others::Refused,
};

static PROBABILITY_SAMPLER: Shape =
    Shape { keys: &[key("ratio", Number(0.0, 1.0)).or_null()], others: Others::Refused };

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

static RESOURCE_DETECTION: Shape = Shape {
    keys: &[key("attributes", Map(&INCLUDE_EXCLUDE)), key("detectors", List(&Map(&RESOURCE_DETECTOR), 1))],
    others: Others::Refused,
};

static RESOURCE_DETECTOR: Shape = Shape {
    keys: &[
        key("container", Map(&EMPTY)).or_null(),
        key("host", Map(&EMPTY)).or_null(),
        key("process", Map(&EMPTY)).or_null(),
        key("service", Map(&EMPTY)).or_null(),
    ],
    others: Others::OneOfAnyName,
};

static RPC_INSTRUMENTATION: Shape = Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static SANITIZATION: Shape = Shape { keys: &[key("url", Map(&URL_SANITIZATION))], others: Others::Refused };

static SEMCONV_CONFIG: Shape = Shape {
    keys: &[key("version", WHOLE).or_null(), key("experimental", Bool).or_null(), key("dual_emit", Bool).or_null()],
    others: Others::Refused,
};

const SPAN_PARENT: &[&str] = &["none", "remote", "local"];

static TRACER_CONFIG: Shape = Shape { keys: &[key("enabled", Bool)], others: Others::Refused };

static TRACER_CONFIGURATOR: Shape = Shape {
    keys: &[key("default_config", Map(&TRACER_CONFIG)), key("tracers", List(&Map(&TRACER_MATCHER_AND_CONFIG), 1))],
    others: Others::Refused,
};

static TRACER_MATCHER_AND_CONFIG: Shape = Shape {
    keys: &[key("name", Text).required(), key("config", Map(&TRACER_CONFIG)).required()],
    others: Others::Refused,
};

static URL_SANITIZATION: Shape =
    Shape { keys: &[key("sensitive_query_parameters", List(&Text, 0))], others: Others::Refused };

static EXPLICIT_BUCKET_HISTOGRAM_AGGREGATION: Shape = Shape {
    keys: &[key("boundaries", List(&NUMBER, 0)), key("record_min_max", Bool).or_null()],
    others: Others::Refused,
};

const EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION: &[&str] =
    &["explicit_bucket_histogram", "base2_exponential_bucket_histogram"];

const EXPORTER_TEMPORALITY_PREFERENCE: &[&str] = &["cumulative", "delta", "low_memory"];

static GRPC_TLS: Shape = Shape {
    keys: &[
        key("ca_file", Text).or_null(),
        key("key_file", Text).or_null(),
        key("cert_file", Text).or_null(),
        key("insecure", Bool).or_null(),
    ],
    others: Others::Refused,
};

static HTTP_TLS: Shape = Shape {
    keys: &[key("ca_file", Text).or_null(), key("key_file", Text).or_null(), key("cert_file", Text).or_null()],
    others: Others::Refused,
};

static ID_GENERATOR: Shape = Shape { keys: &[key("random", Map(&EMPTY)).or_null()], others: Others::OneOfAnyName };

static INCLUDE_EXCLUDE: Shape =
    Shape { keys: &[key("included", List(&Text, 1)), key("excluded", List(&Text, 1))], others: Others::Refused };

const INSTRUMENT_TYPE: &[&str] = &[
    "counter",
    "gauge",
    "histogram",
    "observable_counter",
    "observable_gauge",
    "observable_up_down_counter",
    "up_down_counter",
];

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

static LOGGER_PROVIDER: Shape = Shape {
    keys: &[
        key("processors", List(&Map(&LOG_RECORD_PROCESSOR), 1)).required(),
        key("limits", Map(&LOG_RECORD_LIMITS)),
        key("logger_configurator/development", Map(&LOGGER_CONFIGURATOR)),
    ],
    others: Others::Refused,
};

static METER_PROVIDER: Shape = Shape {
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

static NAME_STRING_VALUE_PAIR: Shape = Shape {
    keys: &[key("name", Text).required(), key("value", Text).or_null().secret().required()],
    others: Others::Refused,
};

static OTLP_GRPC_EXPORTER: Shape = Shape {
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

static OTLP_GRPC_METRIC_EXPORTER: Shape = Shape {
    keys: &[
        key("endpoint", Text).or_null(),
        key("tls", Map(&GRPC_TLS)).or_null(),
        key("headers", List(&Map(&NAME_STRING_VALUE_PAIR), 1)),
        key("headers_list", Text).or_null().secret(),
        key("compression", Text).or_null(),
        key("max_request_size", WHOLE).or_null().unsupported(REQUEST_SIZE),
        key("max_response_size", POSITIVE).or_null().unsupported(RESPONSE_SIZE),
        key("timeout", WHOLE).or_null(),
        key("temporality_preference", Words(EXPORTER_TEMPORALITY_PREFERENCE)).or_null(),
        key("default_histogram_aggregation", Words(EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION)).or_null(),
    ],
    others: Others::Refused,
};

const OTLP_HTTP_ENCODING: &[&str] = &["protobuf", "json"];

static OTLP_HTTP_EXPORTER: Shape = Shape {
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

static OTLP_HTTP_METRIC_EXPORTER: Shape = Shape {
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
        key("temporality_preference", Words(EXPORTER_TEMPORALITY_PREFERENCE)).or_null(),
        key("default_histogram_aggregation", Words(EXPORTER_DEFAULT_HISTOGRAM_AGGREGATION)).or_null(),
    ],
    others: Others::Refused,
};

static PARENT_BASED_SAMPLER: Shape = Shape {
    keys: &[
        key("root", Map(&SAMPLER)),
        key("remote_parent_sampled", Map(&SAMPLER)),
        key("remote_parent_not_sampled", Map(&SAMPLER)),
        key("local_parent_sampled", Map(&SAMPLER)),
        key("local_parent_not_sampled", Map(&SAMPLER)),
    ],
    others: Others::Refused,
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

static PROPAGATOR: Shape = Shape {
    keys: &[key("composite", List(&Map(&TEXT_MAP_PROPAGATOR), 1)), key("composite_list", Text).or_null()],
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

static RESOURCE: Shape = Shape {
    keys: &[
        key("attributes", List(&Map(&ATTRIBUTE_NAME_VALUE), 1)),
        key("detection/development", Map(&RESOURCE_DETECTION)),
        key("schema_url", Text).or_null().unsupported("phoenix-otel sends no schema URL of the resource"),
        key("attributes_list", Text).or_null(),
    ],
    others: Others::Refused,
};

static SAMPLER: Shape = Shape {
    keys: &[
        key("always_off", Map(&EMPTY)).or_null(),
        key("always_on", Map(&EMPTY)).or_null(),
        key("always_record", Map(&ALWAYS_RECORD_SAMPLER)).unsupported(SAMPLER_KIND),
        key("composite/development", Map(&COMPOSABLE_SAMPLER)).unsupported(SAMPLER_KIND),
        key("jaeger_remote/development", Map(&JAEGER_REMOTE_SAMPLER)).or_null().unsupported(SAMPLER_KIND),
        key("parent_based", Map(&PARENT_BASED_SAMPLER)).or_null(),
        key("probability/development", Map(&PROBABILITY_SAMPLER)).or_null().unsupported(SAMPLER_KIND),
        key("trace_id_ratio_based", Map(&TRACE_ID_RATIO_BASED_SAMPLER)).or_null(),
    ],
    others: Others::OneOfAnyName,
};

const SEVERITY_NUMBER: &[&str] = &[
    "trace", "trace2", "trace3", "trace4", "debug", "debug2", "debug3", "debug4", "info", "info2", "info3", "info4",
    "warn", "warn2", "warn3", "warn4", "error", "error2", "error3", "error4", "fatal", "fatal2", "fatal3", "fatal4",
];

static SIMPLE_LOG_RECORD_PROCESSOR: Shape =
    Shape { keys: &[key("exporter", Map(&LOG_RECORD_EXPORTER)).required()], others: Others::Refused };

static SIMPLE_SPAN_PROCESSOR: Shape =
    Shape { keys: &[key("exporter", Map(&SPAN_EXPORTER)).required()], others: Others::Refused };

static SPAN_EXPORTER: Shape = Shape {
    keys: &[
        key("otlp_http", Map(&OTLP_HTTP_EXPORTER)).or_null(),
        key("otlp_grpc", Map(&OTLP_GRPC_EXPORTER)).or_null(),
        key("otlp_file/development", Map(&OTLP_FILE_EXPORTER)).or_null().unsupported(SPAN_FILE),
        key("console", Map(&EMPTY)).or_null(),
    ],
    others: Others::OneOfAnyName,
};

const SPAN_KIND: &[&str] = &["internal", "server", "client", "producer", "consumer"];

static SPAN_LIMITS: Shape = Shape {
    keys: &[
        key("attribute_value_length_limit", WHOLE).or_null().unsupported(LENGTH),
        key("attribute_value_depth_limit", POSITIVE).or_null().unsupported(DEPTH),
        key("attribute_count_limit", WHOLE).or_null(),
        key("event_count_limit", WHOLE).or_null(),
        key("link_count_limit", WHOLE).or_null(),
        key("event_attribute_count_limit", WHOLE).or_null(),
        key("link_attribute_count_limit", WHOLE).or_null(),
    ],
    others: Others::Refused,
};

static SPAN_PROCESSOR: Shape = Shape {
    keys: &[key("batch", Map(&BATCH_SPAN_PROCESSOR)), key("simple", Map(&SIMPLE_SPAN_PROCESSOR))],
    others: Others::OneOfAnyName,
};

static TEXT_MAP_PROPAGATOR: Shape = Shape {
    keys: &[
        key("tracecontext", Map(&EMPTY)).or_null(),
        key("baggage", Map(&EMPTY)).or_null(),
        key("b3", Map(&EMPTY)).or_null().unsupported(NO_PROPAGATOR),
        key("b3multi", Map(&EMPTY)).or_null().unsupported(NO_PROPAGATOR),
    ],
    others: Others::OneOfAnyName,
};

static TRACE_ID_RATIO_BASED_SAMPLER: Shape =
    Shape { keys: &[key("ratio", Number(0.0, 1.0)).or_null()], others: Others::Refused };

static TRACER_PROVIDER: Shape = Shape {
    keys: &[
        key("processors", List(&Map(&SPAN_PROCESSOR), 1)).required(),
        key("limits", Map(&SPAN_LIMITS)),
        key("sampler", Map(&SAMPLER)),
        key("id_generator", Map(&ID_GENERATOR)),
        key("tracer_configurator/development", Map(&TRACER_CONFIGURATOR))
            .unsupported("phoenix-otel cannot disable single tracers"),
    ],
    others: Others::Refused,
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
        key("meter_version", Text).or_null().unsupported("views of phoenix-otel select meters by name"),
        key("meter_schema_url", Text).or_null().unsupported("views of phoenix-otel select meters by name"),
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
