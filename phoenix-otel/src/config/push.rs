//! The interval and the timeout of periodic exporters.

use super::env::Env;
use super::model::{Overrides, PUSH_INTERVAL, PUSH_TIMEOUT, Push, PushOverrides};
use super::setting::Setting;

/// The default interval and timeout: from the builder, else from `OTEL_METRIC_EXPORT_INTERVAL` and `OTEL_METRIC_EXPORT_TIMEOUT`.
pub(super) fn defaults(env: &mut Env<'_>, overrides: &Overrides) -> Push {
    let interval = (Setting::builder("builder: interval"), overrides.push.interval);
    let timeout = (Setting::builder("builder: timeout"), overrides.push.timeout);
    Push {
        interval: env.duration(interval, &["OTEL_METRIC_EXPORT_INTERVAL"], PUSH_INTERVAL),
        timeout: env.duration(timeout, &["OTEL_METRIC_EXPORT_TIMEOUT"], PUSH_TIMEOUT),
    }
}

impl PushOverrides {
    /// The interval and the timeout of the exporter `exporter`. `method` is the method that sets its timeout.
    pub(crate) fn resolve(self, env: &mut Env<'_>, exporter: &str, method: &str, defaults: Push) -> Push {
        let interval = env.checked_duration(&Setting::of_exporter(exporter, "interval"), self.interval);
        let timeout = env.checked_duration(&Setting::of_exporter(exporter, method), self.timeout);
        Push { interval: interval.unwrap_or(defaults.interval), timeout: timeout.unwrap_or(defaults.timeout) }
    }
}
