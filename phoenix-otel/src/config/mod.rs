//! The configuration: plain data, read from the builder and the `OTEL_*` variables, checked as a whole.
//!
//! What is checked is what is used: a bad OTLP endpoint is no problem while OTLP is not asked for, unless the name of an exporter is not known, where it may have been meant. Numbers, the
//! host of the scrape endpoint and values that are not UTF-8 are problems wherever they stand, as they are never right. With `OTEL_SDK_DISABLED=true` nothing else is checked, so
//! that the switch works in any state.
//!
//! A variable that cannot be used is ignored with a warning, and what code sets wrongly is an error of `init`: `setting` is where a value
//! stands, `problem` what is wrong with it. No variable stops a service, unless it is strict.

mod detect;
mod endpoint;
mod env;
pub(crate) mod exporters;
mod features;
pub(crate) mod given;
mod headers;
mod known;
mod model;
mod name;
pub(crate) mod nearest;
mod otlp;
mod otlp_file;
mod page;
mod pairs;
mod problem;
mod prometheus;
mod push;
mod resource;
mod setting;
mod settings;
#[cfg(all(test, feature = "prometheus", feature = "otlp-http", feature = "otlp-grpc", feature = "tls-no-provider"))]
mod tests;
#[cfg(feature = "tracing")]
mod traces;
mod uuid;

pub use detect::ResourceDetector;
#[cfg(feature = "otlp-http")]
pub(crate) use endpoint::Url;
pub(crate) use endpoint::unbracketed;
pub(crate) use env::{Env, Environment};
pub(crate) use features::Features;
pub use model::{Compression, HistogramAggregation, Protocol, TemporalityPreference};
pub(crate) use model::{
    Config, ExemplarFilter, GivenPush, NamedFile, Otlp, OtlpFile, Overrides, PemPath, Prometheus, Push, Signal,
};
pub(crate) use otlp::check_numbers as check_otlp_numbers;
pub(crate) use page::Page;
#[cfg(feature = "page")]
pub(crate) use page::PageOn;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
pub(crate) use pairs::percent_decode;
pub use problem::{Problem, Problems};
pub(crate) use setting::Setting;
pub use settings::ExtensionSettings;

#[cfg(feature = "tracing")]
pub use traces::TracesExporter;
#[cfg(feature = "tracing")]
pub(crate) use traces::{Batch, Destination, Propagator, SUFFIX as TRACES_SUFFIX, Sampler, Traces};

impl Config {
    /// Resolves all that is not one exporter's own. What is wrong with it is among the problems of `env`.
    ///
    /// `name` and `version` are what `init` was given.
    pub(crate) fn resolve(env: &mut Env<'_>, name: &str, version: Option<&str>, given: &Overrides) -> Self {
        let disabled = env.flag(&["OTEL_SDK_DISABLED"]).unwrap_or(false);
        let strict =
            env.settled(bool::to_string, |env| env.switch("PHOENIX_OTEL_STRICT").unwrap_or(false) || given.strict);
        let resource = resource::resolve(env, name, version, given);
        let before = env.problems.len();
        let namespace = name::namespace(env, given);
        let subsystem = name::subsystem(env, given, name);
        let edge = name::edge(env, given, &subsystem);
        Self {
            disabled,
            strict,
            namespace,
            edge,
            subsystem,
            shortened: (given.subsystem.is_none() && name::loses(name)).then(|| name.to_owned()),
            is_named: env.problems[before..].iter().all(Problem::can_be_ignored),
            push: push::defaults(env, given),
            histogram_aggregation: given.histogram_aggregation,
            exemplars: exemplars(env),
            process_metrics: process_metrics(env, given),
            page: Page::resolve(env, &given.page),
            resource,
        }
    }
}

/// `OTEL_METRICS_EXEMPLAR_FILTER`.
fn exemplars(env: &mut Env<'_>) -> ExemplarFilter {
    let filters = [ExemplarFilter::TraceBased, ExemplarFilter::AlwaysOn, ExemplarFilter::AlwaysOff];
    let choices = filters.map(|filter| (filter.word(), filter));
    env.chosen(None, &["OTEL_METRICS_EXEMPLAR_FILTER"], &choices)
}

/// `PHOENIX_OTEL_PROCESS_METRICS`.
fn process_metrics(env: &mut Env<'_>, given: &Overrides) -> bool {
    const VARIABLE: &str = "PHOENIX_OTEL_PROCESS_METRICS";
    env.settled(bool::to_string, |env| {
        let wanted = given.process_metrics.or(env.switch(VARIABLE));
        if cfg!(feature = "process") {
            return wanted.unwrap_or(true);
        }
        if wanted == Some(true) {
            let allowed = "metrics that were built in; these need the feature `process` of phoenix-otel";
            env.problem(&Setting::variable(VARIABLE), "true", allowed);
        }
        false
    })
}
