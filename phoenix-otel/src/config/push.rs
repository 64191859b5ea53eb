//! The timing of periodic exporters.

use super::env::Env;
use super::model::{GivenPush, Overrides, PUSH_INTERVAL, PUSH_TIMEOUT, Push};

/// `OTEL_METRIC_EXPORT_INTERVAL` and `_TIMEOUT`: for exporters that are given nothing else.
pub(super) fn defaults(env: &mut Env<'_>, given: &Overrides) -> Push {
    let interval = env.millis(&["OTEL_METRIC_EXPORT_INTERVAL"]);
    let timeout = env.millis(&["OTEL_METRIC_EXPORT_TIMEOUT"]);
    Push {
        interval: env.given("builder: interval", given.push.interval).or(interval).unwrap_or(PUSH_INTERVAL),
        timeout: env.given("builder: timeout", given.push.timeout).or(timeout).unwrap_or(PUSH_TIMEOUT),
    }
}

impl GivenPush {
    /// The timing of the exporter called `exporter`. `method` is what sets its timeout.
    pub(crate) fn resolve(self, env: &mut Env<'_>, exporter: &str, method: &str, defaults: Push) -> Push {
        let interval = env.given(&format!("builder: {exporter}: interval"), self.interval);
        let timeout = env.given(&format!("builder: {exporter}: {method}"), self.timeout);
        Push { interval: interval.unwrap_or(defaults.interval), timeout: timeout.unwrap_or(defaults.timeout) }
    }
}
