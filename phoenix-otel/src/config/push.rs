//! The interval and the timeout of periodic exporters.

use super::env::Env;
use super::model::{PUSH_INTERVAL, PUSH_TIMEOUT, Push, PushOverrides};
use super::overrides::Overrides;
use super::setting::Places;

/// The default interval and timeout: from the builder, else from `OTEL_METRIC_EXPORT_INTERVAL` and `OTEL_METRIC_EXPORT_TIMEOUT`.
pub(super) fn defaults(env: &mut Env<'_>, overrides: &Overrides) -> Push {
    const INTERVAL: &[&str] = &["OTEL_METRIC_EXPORT_INTERVAL"];
    const TIMEOUT: &[&str] = &["OTEL_METRIC_EXPORT_TIMEOUT"];
    let interval = (overrides.places.setting("interval", "builder: interval"), overrides.push.interval);
    let timeout = (overrides.places.setting("timeout", "builder: export_timeout"), overrides.push.timeout);
    let given = [&interval, &timeout].map(|(setting, value)| value.map(|_| setting.clone()));
    let push = Push {
        interval: env.duration(interval, INTERVAL, PUSH_INTERVAL),
        timeout: env.timeout(timeout, TIMEOUT, PUSH_TIMEOUT),
    };
    let [interval, timeout] = given;
    env.note("interval", interval, INTERVAL);
    env.note("timeout", timeout, TIMEOUT);
    push
}

impl PushOverrides {
    /// The interval and the timeout of the exporter `exporter`. `method` is the method that sets its timeout.
    pub(crate) fn resolve(
        self,
        env: &mut Env<'_>,
        (exporter, places): (&str, &Places),
        method: &str,
        defaults: Push,
    ) -> Push {
        let interval = env.checked_duration(&places.of_exporter(exporter, "interval"), self.interval);
        let timeout = env.checked_duration(&places.of_exporter(exporter, method), self.timeout);
        env.note("interval", self.interval.map(|_| places.of_exporter(exporter, "interval")), &[]);
        env.note("timeout", self.timeout.map(|_| places.of_exporter(exporter, method)), &[]);
        Push { interval: interval.unwrap_or(defaults.interval), timeout: timeout.unwrap_or(defaults.timeout) }
    }
}
