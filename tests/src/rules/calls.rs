//! Recording rules on instrumented functions: the same series for each subsystem, from the metrics of the attribute and of the call sets.

use std::collections::BTreeSet;

use phoenix_otel::MetricDef;
use phoenix_otel::catalog::{CallDef, function};
use phoenix_otel::platform::{data_router, executor, kb, llm, safety};

use super::slo::{Service, Slo};
use super::yaml::Group;

/// The duration of functions.
pub(super) const DURATION: &MetricDef = function::REQUEST_DURATION::DEF;

/// The call sets with a counter. Each belongs to a subsystem.
const SETS: [&CallDef; 5] =
    [data_router::ROUTE::DEF, executor::EXECUTE::DEF, kb::QUERY::DEF, llm::GENERATE::DEF, safety::VALIDATE::DEF];

pub(super) fn group(slo: &Slo) -> String {
    let mut group = Group::new("phoenix-calls");
    let subsystems: BTreeSet<String> = slo.services.iter().map(|(name, service)| subsystem(name, service)).collect();
    for subsystem in &subsystems {
        for counter in counters(subsystem) {
            let name = prometheus(counter, subsystem);
            let labels = [("subsystem", &**subsystem), ("counter", &*name)];
            let all = format!("sum by (service) (rate({name}[5m]))");
            group.record("phoenix:calls:rate5m", &all, &labels);
            let failed = format!("sum by (service) (rate({name}{{status=~\"error|panic\"}}[5m]))\nor 0 * {all}");
            group.record("phoenix:calls_failed:rate5m", &failed, &labels);
        }
        let buckets = format!("sum by (service, le) (rate({}_bucket[5m]))", prometheus(DURATION, subsystem));
        group.record("phoenix:call_duration_seconds_bucket:rate5m", &buckets, &[("subsystem", subsystem)]);
    }

    let failed = "sum by (service, subsystem) (phoenix:calls_failed:rate5m)";
    let all = "sum by (service, subsystem) (phoenix:calls:rate5m)";
    group.record("phoenix:calls_error_rate:ratio_rate5m", &format!("{failed}\n/ ({all} > 0)"), &[]);
    let hour = |series: &str| format!("sum by (service, subsystem) (sum_over_time({series}:rate5m[1h]))");
    let availability = format!("1 - {}\n/ ({} > 0)", hour("phoenix:calls_failed"), hour("phoenix:calls"));
    group.record("phoenix:calls_availability:ratio", &availability, &[]);
    let within =
        |le: &str| format!("sum by (service, subsystem) (phoenix:call_duration_seconds_bucket:rate5m{{le=\"{le}\"}})");
    // The same thresholds as at the edge: satisfied within 0.3 s, tolerating within 1.2 s.
    let apdex = format!("({}\n+ {})\n/ 2\n/ ({} > 0)", within("0.3"), within("1.2"), within("+Inf"));
    group.record("phoenix:calls_apdex:ratio", &apdex, &[]);
    for quantile in ["0.5", "0.9", "0.95", "0.99"] {
        let expr = format!("histogram_quantile({quantile}, phoenix:call_duration_seconds_bucket:rate5m) >= 0");
        group.record("phoenix:call_duration_seconds:quantile_rate5m", &expr, &[("quantile", quantile)]);
    }
    group.finish()
}

/// The subsystem of a service. Without one in `slo.toml` it follows from the name, as in `init`.
fn subsystem(name: &str, service: &Service) -> String {
    let derived = || name.strip_suffix("-service").unwrap_or(name).replace('-', "_");
    service.subsystem.clone().unwrap_or_else(derived)
}

/// The counters of a subsystem: that of the plain attribute, and those of the call sets.
fn counters(subsystem: &str) -> Vec<&'static MetricDef> {
    let taken = format!("phoenix.{subsystem}.requests");
    let plain = match crate::catalog::declared().any(|def| def.name == taken) {
        true => function::CALLS::DEF,
        false => function::REQUESTS::DEF,
    };
    let of_sets = SETS.iter().filter_map(|set| set.requests);
    let here = of_sets.filter(|def| def.name.split('.').nth(1) == Some(subsystem));
    [plain].into_iter().chain(here).collect()
}

fn prometheus(def: &MetricDef, subsystem: &str) -> String {
    def.prometheus_name(&def.name.replace("{subsystem}", subsystem))
}
