//! The settings of a scrape endpoint. Code takes precedence over `OTEL_EXPORTER_PROMETHEUS_HOST` and `OTEL_EXPORTER_PROMETHEUS_PORT`.

use super::env::Env;
use super::model::{PROMETHEUS_HOST, PROMETHEUS_PORT, Prometheus};
use super::setting::Setting;
use super::{endpoint, options};

const HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";

impl Prometheus {
    /// The settings of the exporter `name`. Both variables are always validated.
    pub(crate) fn resolve(env: &mut Env<'_>, name: &str, options: &options::Prometheus) -> Self {
        const PORT: &str = "OTEL_EXPORTER_PROMETHEUS_PORT";
        let resolved = Self {
            host: env.with_fallback(String::clone, |env| {
                let host = match &options.host {
                    Some(text) => host(env, &options.places.of_exporter(name, "host"), text.trim()),
                    None => env.text(HOST).and_then(|text| host(env, &Setting::variable(HOST), &text)),
                };
                host.unwrap_or_else(|| PROMETHEUS_HOST.to_owned())
            }),
            port: env.with_fallback(u16::to_string, |env| {
                let port = env.port(PORT);
                options.port.or(port).unwrap_or(PROMETHEUS_PORT)
            }),
            metrics_path: path(env, name, "metrics_path", options.metrics_path.as_deref()),
            health_path: path(env, name, "health_path", options.health_path.as_deref()),
            translation: options.translation.unwrap_or_default(),
            classic_histograms: options.classic_histograms,
        };
        let given = |field: &str, is_set: bool| is_set.then(|| options.places.of_exporter(name, field));
        env.note("host", given("host", options.host.is_some()), &[HOST]);
        env.note("port", given("port", options.port.is_some()), &[PORT]);
        env.note("translation_strategy", given("translation", options.translation.is_some()), &[]);
        resolved
    }
}

/// A path from code, if it is valid.
fn path(env: &mut Env<'_>, exporter: &str, name: &'static str, from_code: Option<&str>) -> Option<String> {
    let from_code = from_code?;
    let is_path =
        from_code.starts_with('/') && from_code.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#'));
    if !is_path {
        env.problem(
            &Setting::of_exporter(exporter, name),
            from_code,
            "a path such as `/internal/metrics`, without a query",
        );
    }
    is_path.then(|| from_code.to_owned())
}

/// A valid host, without brackets.
fn host(env: &mut Env<'_>, setting: &Setting, text: &str) -> Option<String> {
    let bare = endpoint::unbracketed(text);
    let is_host = bare.parse::<std::net::IpAddr>().is_ok() || endpoint::is_host(bare);
    if !is_host {
        env.problem(setting, text, "a host name or an IP address, without scheme and port");
    }
    is_host.then(|| bare.to_owned())
}
