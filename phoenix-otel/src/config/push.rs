//! The timing of periodic exporters.

use super::env::Env;
use super::model::{GivenPush, Overrides, PUSH_INTERVAL, PUSH_TIMEOUT, Push};
use super::setting::Setting;

/// `OTEL_METRIC_EXPORT_INTERVAL` and `_TIMEOUT`: for exporters that are given nothing else.
pub(super) fn defaults(env: &mut Env<'_>, given: &Overrides) -> Push {
    let interval = (Setting::builder("builder: interval"), given.push.interval);
    let timeout = (Setting::builder("builder: timeout"), given.push.timeout);
    Push {
        interval: env.duration(interval, &["OTEL_METRIC_EXPORT_INTERVAL"], PUSH_INTERVAL),
        timeout: env.duration(timeout, &["OTEL_METRIC_EXPORT_TIMEOUT"], PUSH_TIMEOUT),
    }
}

impl GivenPush {
    /// The timing of the exporter called `exporter`. `method` is what sets its timeout.
    pub(crate) fn resolve(self, env: &mut Env<'_>, exporter: &str, method: &str, defaults: Push) -> Push {
        let interval = env.given(&Setting::of_exporter(exporter, "interval"), self.interval);
        let timeout = env.given(&Setting::of_exporter(exporter, method), self.timeout);
        Push { interval: interval.unwrap_or(defaults.interval), timeout: timeout.unwrap_or(defaults.timeout) }
    }
}
