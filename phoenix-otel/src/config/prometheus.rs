//! The settings of a scrape endpoint: `OTEL_EXPORTER_PROMETHEUS_HOST` and `_PORT`, the value given in code before both.

use super::env::Env;
use super::model::{PROMETHEUS_HOST, PROMETHEUS_PORT, Prometheus};
use super::setting::Setting;
use super::{endpoint, given};

const HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";

impl Prometheus {
    /// The settings of the exporter called `name`. Both variables are checked, used or not.
    pub(crate) fn resolve(env: &mut Env<'_>, name: &str, given: &given::Prometheus) -> Self {
        Self {
            host: env.settled(String::clone, |env| {
                let host = match &given.host {
                    Some(given) => host(env, &Setting::of_exporter(name, "host"), given.trim()),
                    None => env.text(HOST).and_then(|text| host(env, &Setting::variable(HOST), &text)),
                };
                host.unwrap_or_else(|| PROMETHEUS_HOST.to_owned())
            }),
            port: env.settled(u16::to_string, |env| {
                let port = env.port("OTEL_EXPORTER_PROMETHEUS_PORT");
                given.port.or(port).unwrap_or(PROMETHEUS_PORT)
            }),
            metrics_path: path(env, name, "metrics_path", given.metrics_path.as_deref()),
            health_path: path(env, name, "health_path", given.health_path.as_deref()),
        }
    }
}

/// A path that a request can have.
fn path(env: &mut Env<'_>, exporter: &str, name: &'static str, given: Option<&str>) -> Option<String> {
    let given = given?;
    let is_path = given.starts_with('/') && given.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#'));
    if !is_path {
        env.problem(
            &Setting::of_exporter(exporter, name),
            given,
            "a path, such as `/internal/metrics`, without a query",
        );
    }
    is_path.then(|| given.to_owned())
}

/// The host without brackets.
fn host(env: &mut Env<'_>, setting: &Setting, text: &str) -> Option<String> {
    let bare = endpoint::unbracketed(text);
    let is_host = bare.parse::<std::net::IpAddr>().is_ok() || endpoint::is_host(bare);
    if !is_host {
        env.problem(setting, text, "a host name or an IP address, without scheme and port");
    }
    is_host.then(|| bare.to_owned())
}
