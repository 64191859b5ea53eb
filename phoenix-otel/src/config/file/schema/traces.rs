//! Spans: processors, samplers and propagators.

use super::Kind::{Bool, List, Map, Number, Text, Words};
use super::exporters::{OTLP_FILE_EXPORTER, OTLP_GRPC_EXPORTER, OTLP_HTTP_EXPORTER};
use super::{DEPTH, EMPTY, LENGTH, NO_PROPAGATOR, Others, POSITIVE, SAMPLER_KIND, SPAN_FILE, Shape, WHOLE, key};

static ALWAYS_RECORD_SAMPLER: Shape = Shape { keys: &[key("root", Map(&SAMPLER)).required()], others: Others::Refused };

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

static JAEGER_REMOTE_SAMPLER: Shape = Shape {
    keys: &[
        key("endpoint", Text).required(),
        key("interval", WHOLE).or_null(),
        key("initial_sampler", Map(&SAMPLER)).required(),
    ],
    others: Others::Refused,
};

static PROBABILITY_SAMPLER: Shape =
    Shape { keys: &[key("ratio", Number(0.0, 1.0)).or_null()], others: Others::Refused };

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

static ID_GENERATOR: Shape = Shape { keys: &[key("random", Map(&EMPTY)).or_null()], others: Others::OneOfAnyName };

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

pub(super) static PROPAGATOR: Shape = Shape {
    keys: &[key("composite", List(&Map(&TEXT_MAP_PROPAGATOR), 1)), key("composite_list", Text).or_null()],
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

pub(super) static TRACER_PROVIDER: Shape = Shape {
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
