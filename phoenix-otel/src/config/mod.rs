//! The configuration: plain data, read from the builder and the `OTEL_*` variables, checked as a whole.
//!
//! What is checked is what is used: a bad OTLP endpoint is no problem while OTLP is not asked for. Numbers, the
//! host of the scrape endpoint and values that are not UTF-8 are problems wherever they stand, as they are never right. With `OTEL_SDK_DISABLED=true` nothing else is checked, so
//! that the switch works in any state.

mod endpoint;
mod env;
mod exporters;
mod features;
mod headers;
mod model;
mod name;
mod otlp;
mod pairs;
mod problem;
mod resource;
mod settings;
#[cfg(test)]
mod tests;
#[cfg(feature = "tracing")]
mod traces;

pub(crate) use env::Lookup;
pub use model::{Compression, Exporter, HistogramAggregation, Protocol, TemporalityPreference};
pub(crate) use model::{Config, ExemplarFilter, Overrides, Prometheus, Push};
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
pub(crate) use model::{NamedFile, Otlp};
pub use problem::{Problem, Problems};
pub use settings::Settings;

#[cfg(feature = "tracing")]
pub(crate) use traces::{Batch, Propagator, Sampler, Traces};

use env::Env;
use features::Features;
use model::Signal;

impl Config {
    /// Resolves the whole configuration, or says all that is wrong with it.
    ///
    /// `name` and `version` are what `init` was given; `lookup` gives environment variables, in a process
    /// `&|name| std::env::var_os(name)`. `of_extensions` are the problems of their settings: they stand in the same report.
    pub(crate) fn resolve(
        name: &str,
        version: Option<&str>,
        given: &Overrides,
        lookup: Lookup<'_>,
        of_extensions: Vec<Problem>,
    ) -> Result<Self, Problems> {
        match Self::resolve_with(name, version, given, lookup, Features::BUILT) {
            Ok(config) if config.disabled || of_extensions.is_empty() => Ok(config),
            Ok(_) => Err(of_extensions.into()),
            Err(problems) => Err(problems.and(of_extensions)),
        }
    }

    fn resolve_with(
        name: &str,
        version: Option<&str>,
        given: &Overrides,
        lookup: Lookup<'_>,
        features: Features,
    ) -> Result<Self, Problems> {
        let env = &mut Env::new(lookup);
        let disabled = env.flag(&["OTEL_SDK_DISABLED"]).unwrap_or(false);
        let exporters = match disabled {
            true => Vec::new(),
            false => exporters::resolve(env, given, features),
        };
        let resource = resource::resolve(env, name, version, given);
        let service = resource.iter().find(|(key, _)| key == "service.name").map_or("", |(_, value)| value);
        let otlp = if exporters.contains(&Exporter::Otlp) {
            Some(otlp::resolve(env, given, features, Signal::Metrics))
        } else {
            otlp::check_numbers(env, Signal::Metrics);
            None
        };
        let namespace = name::namespace(env, given);
        let subsystem = name::subsystem(env, given, service);
        let config = Self {
            disabled,
            namespace,
            edge: name::edge(env, given, &subsystem),
            subsystem,
            prometheus: prometheus(env, given, exporters.contains(&Exporter::Prometheus)),
            otlp,
            push: push(env, given),
            exemplars: exemplars(env),
            #[cfg(feature = "tracing")]
            traces: traces::resolve(env, given, features, &exporters, disabled),
            #[cfg(feature = "process")]
            process_metrics: process_metrics(env, given),
            exporters,
            resource,
        };
        match distinct(std::mem::take(&mut env.problems)) {
            problems if problems.is_empty() || disabled => Ok(config),
            problems => Err(problems.into()),
        }
    }
}

/// Each problem once: a variable that holds for metrics and for traces is read for both.
fn distinct(problems: Vec<Problem>) -> Vec<Problem> {
    let mut distinct = Vec::new();
    for problem in problems {
        if !distinct.contains(&problem) {
            distinct.push(problem);
        }
    }
    distinct
}

/// `OTEL_METRICS_EXEMPLAR_FILTER`.
fn exemplars(env: &mut Env<'_>) -> ExemplarFilter {
    let choices = [
        ("trace_based", ExemplarFilter::TraceBased),
        ("always_on", ExemplarFilter::AlwaysOn),
        ("always_off", ExemplarFilter::AlwaysOff),
    ];
    env.choice(&["OTEL_METRICS_EXEMPLAR_FILTER"], &choices).unwrap_or_default()
}

/// `OTEL_EXPORTER_PROMETHEUS_HOST` and `_PORT`.
fn prometheus(env: &mut Env<'_>, given: &Overrides, used: bool) -> Option<Prometheus> {
    let port = env.port("OTEL_EXPORTER_PROMETHEUS_PORT");
    const HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";
    let (setting, host) = match &given.prometheus_host {
        Some(host) => ("builder: prometheus_host", host.trim().to_owned()),
        None => (HOST, env.text(HOST).unwrap_or_else(|| model::PROMETHEUS_HOST.to_owned())),
    };
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&host);
    if bare.parse::<std::net::IpAddr>().is_err() && !endpoint::is_host(bare) {
        env.problem(setting, &host, "a host name or an IP address, without scheme and port");
    }
    used.then(|| Prometheus {
        host: bare.to_owned(),
        port: given.prometheus_port.or(port).unwrap_or(model::PROMETHEUS_PORT),
    })
}

/// `PHOENIX_OTEL_PROCESS_METRICS`.
#[cfg(feature = "process")]
fn process_metrics(env: &mut Env<'_>, given: &Overrides) -> bool {
    let variable = env.flag(&["PHOENIX_OTEL_PROCESS_METRICS"]);
    given.process_metrics.or(variable).unwrap_or(true)
}

/// `OTEL_METRIC_EXPORT_INTERVAL` and `_TIMEOUT`.
fn push(env: &mut Env<'_>, given: &Overrides) -> Push {
    let interval = env.millis(&["OTEL_METRIC_EXPORT_INTERVAL"]);
    let timeout = env.millis(&["OTEL_METRIC_EXPORT_TIMEOUT"]);
    Push {
        interval: env.given("builder: interval", given.interval).or(interval).unwrap_or(model::PUSH_INTERVAL),
        timeout: env.given("builder: timeout", given.timeout).or(timeout).unwrap_or(model::PUSH_TIMEOUT),
    }
}
