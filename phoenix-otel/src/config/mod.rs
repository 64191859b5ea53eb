//! The configuration: plain data that is read from the builder and the `OTEL_*` variables, and validated as a whole.
//!
//! Only settings that are used are validated: an invalid OTLP endpoint is not reported while no OTLP exporter is selected. Exceptions:
//! - If an exporter name is unknown, the variables of all built-in exporters are validated, because one of these exporters was probably meant.
//! - Numbers, the host of the scrape endpoint and values that are not UTF-8 are always validated.
//! - With `OTEL_SDK_DISABLED=true` nothing else is validated, so this switch works with any other settings.
//!
//! An invalid variable is ignored with a warning. An invalid value in code is an error of `init`. A strict service also fails on invalid
//! variables. `setting` names the source of a value, `problem` describes why the value is invalid.

mod detect;
pub(crate) mod effective;
mod endpoint;
mod env;
mod environment;
pub(crate) mod exporters;
mod features;
#[cfg(any(feature = "config-file", feature = "web-config"))]
pub(crate) mod file;
#[cfg(feature = "config-file")]
mod fingerprint;
mod headers;
mod known;
mod model;
mod name;
pub(crate) mod nearest;
pub(crate) mod options;
mod otlp;
mod otlp_file;
mod overrides;
mod page;
mod pairs;
mod pattern;
mod pem_file;
mod problem;
mod prometheus;
mod push;
#[cfg(any(feature = "config-file", feature = "tls-no-provider", feature = "web-config"))]
pub(crate) mod regular;
mod resource;
mod secret;
mod setting;
mod settings;
mod table;
#[cfg(all(
    test,
    feature = "prometheus",
    feature = "otlp-http",
    feature = "otlp-grpc",
    feature = "tls-no-provider",
    feature = "tracing"
))]
mod tests;
#[cfg(feature = "tracing")]
mod traces;
mod uuid;
#[cfg_attr(not(feature = "web-config"), path = "web/off.rs")]
mod web;

pub use detect::ResourceDetector;
pub use effective::{EffectiveConfig, EffectiveValue, Origin};
#[cfg(any(feature = "otlp-http", feature = "page"))]
pub(crate) use endpoint::Url;
pub(crate) use endpoint::unbracketed;
pub(crate) use env::Env;
pub(crate) use environment::Environment;
pub(crate) use features::Features;
pub(crate) use model::{
    CardinalityLimits, Config, MAX_CARDINALITY_LIMIT, Meters, Otlp, OtlpFile, Prometheus, Push, PushOverrides, Signal,
};
pub use model::{Compression, ExemplarFilter, HistogramAggregation, LogLevel, Protocol, TemporalityPreference};
#[cfg(feature = "web-config")]
pub(crate) use options::TlsVersion;
pub(crate) use otlp::check_numbers as check_otlp_numbers;
pub(crate) use overrides::Overrides;
pub(crate) use page::Page;
#[cfg(feature = "page")]
pub(crate) use page::PageOn;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
pub(crate) use pairs::percent_decode;
pub(crate) use pattern::Pattern;
pub(crate) use pem_file::{NamedFile, PemPath};
pub use problem::{Problem, ProblemKind, Problems};
pub(crate) use resource::ResourceValue;
#[cfg(feature = "web-config")]
pub(crate) use secret::Secret;
pub use setting::FileLocation;
pub(crate) use setting::{Places, Setting};
pub(crate) use settings::Nodes;
pub use settings::{ConfigValue, ExtensionSettings};
pub(crate) use web::WebSource;
#[cfg(feature = "web-config")]
pub(crate) use web::{ClientTls, Named, Pem, PemSource, RateLimit, Tls, User, WebConfig, tokens};

#[cfg(feature = "tracing")]
pub(crate) use traces::{Batch, Destination, MaxPerSpan, SUFFIX as TRACES_SUFFIX, Traces, TracesSettings};
#[cfg(feature = "tracing")]
pub use traces::{Propagator, Sampler, SpanLimits, TracesExporter};

impl Config {
    /// Resolves all settings except those of single exporters. Adds invalid settings to the problems of `env`.
    ///
    /// `name` and `version` are the arguments of `init`.
    pub(crate) fn resolve(env: &mut Env<'_>, name: &str, version: Option<&str>, overrides: &Overrides) -> Self {
        const DISABLED: &str = "OTEL_SDK_DISABLED";
        let disabled = overrides.disabled.or_else(|| env.flag(&[DISABLED])).unwrap_or(false);
        let given = overrides.given("disabled", "builder: disabled", overrides.disabled.is_some());
        env.note("disabled", given, &[DISABLED]);
        let strict = env.with_fallback(bool::to_string, |env| {
            env.boolean("PHOENIX_OTEL_STRICT").unwrap_or(false) || overrides.strict
        });
        env.note("strict", overrides.given("strict", "builder: strict", overrides.strict), &["PHOENIX_OTEL_STRICT"]);
        let detectors = detect::chosen(env, overrides.detectors.as_deref());
        let given = overrides.given("detectors", "builder: detectors", overrides.detectors.is_some());
        env.note("detectors", given, &[detect::VARIABLE]);
        env.note("detected_attributes", overrides.places.get("detected_attributes").cloned(), &[]);
        env.note("cardinality_limits", overrides.places.get("cardinality_limits").cloned(), &[]);
        env.note("meters", overrides.places.get("meters").cloned(), &[]);
        let resource = resource::resolve(env, name, version, overrides, &detectors);
        let before = env.problems.len();
        let namespace = name::namespace(env, overrides);
        let subsystem = name::subsystem(env, overrides, name);
        let edge = name::edge(env, overrides, &subsystem);
        note_names(env, overrides);
        let log_level = env.choice_or_default(overrides.log_level, &["OTEL_LOG_LEVEL"], &LogLevel::ALL);
        let given = overrides.given("log_level", "builder: log_level", overrides.log_level.is_some());
        env.note("log_level", given, &["OTEL_LOG_LEVEL"]);
        let aggregation = overrides.histogram_aggregation.is_some();
        let aggregation = overrides.given("histogram_aggregation", "builder: histogram_aggregation", aggregation);
        env.note("default_histogram_aggregation", aggregation, &[]);
        Self {
            disabled,
            strict,
            namespace,
            edge,
            subsystem,
            lossy_name: (overrides.subsystem.is_none() && name::is_lossy(name)).then(|| name.to_owned()),
            names_are_valid: env.problems[before..].iter().all(Problem::can_be_ignored),
            push: push::defaults(env, overrides),
            histogram_aggregation: overrides.histogram_aggregation,
            exemplars: exemplars(env, overrides),
            meters: overrides.meters.clone(),
            limits: overrides.limits.clone(),
            log_level,
            process_metrics: process_metrics(env, overrides),
            page: Page::resolve(env, &overrides.page),
            resource,
            detectors,
            detected_included: overrides.detected_included.clone(),
            detected_excluded: overrides.detected_excluded.clone(),
        }
    }
}

/// The problem of `OTEL_CONFIG_FILE` in a build that reads no files. It is fatal: the service would run with other settings than the file's.
#[cfg(not(feature = "config-file"))]
pub(crate) fn without_files(environment: &Environment) -> Vec<Problem> {
    const VARIABLE: &str = "OTEL_CONFIG_FILE";
    let path = environment.get(VARIABLE).map(|path| path.to_string_lossy().trim().to_owned());
    let path = path.filter(|path| !path.is_empty());
    let allowed =
        "no value; configuration files need the feature `config-file` of phoenix-otel, which is not compiled in";
    path.map(|path| Problem::new(&Setting::file(VARIABLE), path, allowed)).into_iter().collect()
}

/// `OTEL_METRICS_EXEMPLAR_FILTER`.
fn exemplars(env: &mut Env<'_>, overrides: &Overrides) -> ExemplarFilter {
    let choices = ExemplarFilter::ALL.map(|filter| (filter.word(), filter));
    let filter = env.choice_or_default(overrides.exemplars, &["OTEL_METRICS_EXEMPLAR_FILTER"], &choices);
    let given = overrides.given("exemplar_filter", "builder: exemplar_filter", overrides.exemplars.is_some());
    env.note("exemplar_filter", given, &["OTEL_METRICS_EXEMPLAR_FILTER"]);
    filter
}

/// Notes where the first two parts of metric names come from.
fn note_names(env: &mut Env<'_>, overrides: &Overrides) {
    let namespace = overrides.given("namespace", "builder: namespace", overrides.namespace.is_some());
    env.note("namespace", namespace, &[name::VARIABLE]);
    let subsystem = overrides.given("subsystem", "builder: subsystem", overrides.subsystem.is_some());
    env.note("subsystem", subsystem, &[]);
    let edge = overrides.given("edge_subsystem", "builder: edge_subsystem", overrides.edge.is_some());
    env.note("edge_subsystem", edge, &[]);
}

/// `PHOENIX_OTEL_PROCESS_METRICS`.
fn process_metrics(env: &mut Env<'_>, overrides: &Overrides) -> bool {
    const VARIABLE: &str = "PHOENIX_OTEL_PROCESS_METRICS";
    let is_given = overrides.process_metrics.is_some();
    let given = overrides.given("process_metrics", "builder: process_metrics", is_given);
    let enabled = env.with_fallback(bool::to_string, |env| {
        let enabled = overrides.process_metrics.or(env.boolean(VARIABLE));
        if cfg!(feature = "process") {
            return enabled.unwrap_or(true);
        }
        if enabled == Some(true) {
            let allowed = "false; process metrics need the feature `process` of phoenix-otel, which is not compiled in";
            let place = overrides.places.get("process_metrics").cloned();
            env.problem(&place.unwrap_or(Setting::variable(VARIABLE)), "true", allowed);
        }
        false
    });
    env.note("process_metrics", given, &[VARIABLE]);
    enabled
}
