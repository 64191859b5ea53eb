//! The settings of a scrape endpoint: `OTEL_EXPORTER_PROMETHEUS_HOST` and `_PORT`, the value given in code before both.

use super::env::Env;
use super::model::{PROMETHEUS_HOST, PROMETHEUS_PORT, Prometheus};
use super::{endpoint, given};

const HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";

impl Prometheus {
    /// The settings of the exporter called `name`. Both variables are checked, used or not.
    pub(crate) fn resolve(env: &mut Env<'_>, name: &str, given: &given::Prometheus) -> Self {
        let port = env.port("OTEL_EXPORTER_PROMETHEUS_PORT");
        let (setting, host) = match &given.host {
            Some(host) => (format!("builder: {name}: host"), host.trim().to_owned()),
            None => (HOST.to_owned(), env.text(HOST).unwrap_or_else(|| PROMETHEUS_HOST.to_owned())),
        };
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&host);
        if bare.parse::<std::net::IpAddr>().is_err() && !endpoint::is_host(bare) {
            env.problem(&setting, &host, "a host name or an IP address, without scheme and port");
        }
        Self { host: bare.to_owned(), port: given.port.or(port).unwrap_or(PROMETHEUS_PORT) }
    }
}
