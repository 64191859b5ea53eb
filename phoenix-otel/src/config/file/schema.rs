//! The schema of OpenTelemetry's configuration file, version 1.2, and which of its keys this crate does not support.
//!
//! A test compares it with the JSON schema that OpenTelemetry publishes.

// The tests include this file as a module of their own, so the paths of its submodules are explicit.
#[path = "schema/exporters.rs"]
mod exporters;
#[path = "schema/instrumentation.rs"]
mod instrumentation;
#[path = "schema/logs.rs"]
mod logs;
#[path = "schema/metrics.rs"]
mod metrics;
#[path = "schema/traces.rs"]
mod traces;

use instrumentation::INSTRUMENTATION;
use logs::LOGGER_PROVIDER;
use metrics::METER_PROVIDER;
use traces::{PROPAGATOR, TRACER_PROVIDER};

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

/// Whether a file can have a key at this path, and this crate supports it. `[]` is an item of a list.
#[cfg(test)]
pub(crate) fn is_supported(path: &str) -> bool {
    let (mut shape, path) = match path.strip_prefix("distribution.phoenix_otel.") {
        Some(path) => (Some(&PHOENIX), path),
        None => (Some(&CONFIGURATION), path),
    };
    path.split('.').all(|part| {
        let Some(key) = shape.and_then(|shape| shape.key(part.trim_end_matches("[]"))) else { return false };
        shape = match (key.kind, part.ends_with("[]")) {
            (Map(shape), false) | (List(&Map(shape), _), true) => Some(shape),
            (_, false) => None,
            (_, true) => return false,
        };
        key.unsupported.is_none()
    })
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
        key("bearer_token_file", Text).or_null(),
        key("open_health", Bool).or_null(),
    ],
    others: Others::Refused,
};

static PAGE: Shape = Shape {
    keys: &[
        key("served", Words(&["authenticated", "loopback", "everywhere", "nowhere"])).or_null(),
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

static DISTRIBUTION: Shape = Shape { keys: &[], others: Others::Allowed };

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

static INCLUDE_EXCLUDE: Shape =
    Shape { keys: &[key("included", List(&Text, 1)), key("excluded", List(&Text, 1))], others: Others::Refused };

static RESOURCE: Shape = Shape {
    keys: &[
        key("attributes", List(&Map(&ATTRIBUTE_NAME_VALUE), 1)),
        key("detection/development", Map(&RESOURCE_DETECTION)),
        key("schema_url", Text).or_null().unsupported("phoenix-otel sends no schema URL of the resource"),
        key("attributes_list", Text).or_null(),
    ],
    others: Others::Refused,
};

const SEVERITY_NUMBER: &[&str] = &[
    "trace", "trace2", "trace3", "trace4", "debug", "debug2", "debug3", "debug4", "info", "info2", "info3", "info4",
    "warn", "warn2", "warn3", "warn4", "error", "error2", "error3", "error4", "fatal", "fatal2", "fatal3", "fatal4",
];
