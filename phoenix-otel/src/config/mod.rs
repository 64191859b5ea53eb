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
mod endpoint;
mod env;
pub(crate) mod exporters;
mod features;
#[cfg(any(feature = "config-file", feature = "web-config"))]
pub(crate) mod file;
mod headers;
mod known;
mod model;
mod name;
pub(crate) mod nearest;
pub(crate) mod options;
mod otlp;
mod otlp_file;
mod page;
mod pairs;
mod problem;
mod prometheus;
mod push;
mod resource;
mod secret;
mod setting;
mod settings;
#[cfg(all(test, feature = "prometheus", feature = "otlp-http", feature = "otlp-grpc", feature = "tls-no-provider"))]
mod tests;
#[cfg(feature = "tracing")]
mod traces;
mod uuid;
#[cfg_attr(not(feature = "web-config"), path = "web/off.rs")]
mod web;

pub use detect::ResourceDetector;
#[cfg(feature = "otlp-http")]
pub(crate) use endpoint::Url;
pub(crate) use endpoint::unbracketed;
pub(crate) use env::{Env, Environment};
pub(crate) use features::Features;
pub use model::{Compression, HistogramAggregation, Protocol, TemporalityPreference};
pub(crate) use model::{
    Config, ExemplarFilter, NamedFile, Otlp, OtlpFile, Overrides, PemPath, Prometheus, Push, PushOverrides, Signal,
};
#[cfg(feature = "web-config")]
pub(crate) use options::TlsVersion;
pub(crate) use otlp::check_numbers as check_otlp_numbers;
pub(crate) use page::Page;
#[cfg(feature = "page")]
pub(crate) use page::PageOn;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
pub(crate) use pairs::percent_decode;
pub use problem::{Problem, Problems};
#[cfg(feature = "web-config")]
pub(crate) use secret::Secret;
pub(crate) use setting::Setting;
pub use settings::ExtensionSettings;
pub(crate) use web::WebSource;
#[cfg(feature = "web-config")]
pub(crate) use web::{ClientTls, Named, Pem, PemSource, RateLimit, Tls, User, WebConfig, tokens};

#[cfg(feature = "tracing")]
pub use traces::TracesExporter;
#[cfg(feature = "tracing")]
pub(crate) use traces::{Batch, Destination, Propagator, SUFFIX as TRACES_SUFFIX, Sampler, Traces};

impl Config {
    /// Resolves all settings except those of single exporters. Adds invalid settings to the problems of `env`.
    ///
    /// `name` and `version` are the arguments of `init`.
    pub(crate) fn resolve(env: &mut Env<'_>, name: &str, version: Option<&str>, overrides: &Overrides) -> Self {
        let disabled = env.flag(&["OTEL_SDK_DISABLED"]).unwrap_or(false);
        let strict = env.with_fallback(bool::to_string, |env| {
            env.boolean("PHOENIX_OTEL_STRICT").unwrap_or(false) || overrides.strict
        });
        let resource = resource::resolve(env, name, version, overrides);
        let before = env.problems.len();
        let namespace = name::namespace(env, overrides);
        let subsystem = name::subsystem(env, overrides, name);
        let edge = name::edge(env, overrides, &subsystem);
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
            exemplars: exemplars(env),
            process_metrics: process_metrics(env, overrides),
            page: Page::resolve(env, &overrides.page),
            resource,
        }
    }
}

/// `OTEL_METRICS_EXEMPLAR_FILTER`.
fn exemplars(env: &mut Env<'_>) -> ExemplarFilter {
    let filters = [ExemplarFilter::TraceBased, ExemplarFilter::AlwaysOn, ExemplarFilter::AlwaysOff];
    let choices = filters.map(|filter| (filter.word(), filter));
    env.choice_or_default(None, &["OTEL_METRICS_EXEMPLAR_FILTER"], &choices)
}

/// `PHOENIX_OTEL_PROCESS_METRICS`.
fn process_metrics(env: &mut Env<'_>, overrides: &Overrides) -> bool {
    const VARIABLE: &str = "PHOENIX_OTEL_PROCESS_METRICS";
    env.with_fallback(bool::to_string, |env| {
        let enabled = overrides.process_metrics.or(env.boolean(VARIABLE));
        if cfg!(feature = "process") {
            return enabled.unwrap_or(true);
        }
        if enabled == Some(true) {
            let allowed = "false; process metrics need the feature `process` of phoenix-otel, which is not compiled in";
            env.problem(&Setting::variable(VARIABLE), "true", allowed);
        }
        false
    })
}
