//! Objectives and error budgets as series.

use super::slo::{MeasuredBy, Slo};
use super::yaml::Group;

/// The period of the error budget.
pub(super) const PERIOD_DAYS: u32 = 30;

pub(super) fn group(slo: &Slo) -> String {
    let mut group = Group::new("phoenix-slo-objectives");
    let mut record = |expr: &str, labels: &[(&str, &str)]| group.record("slo:objective:ratio", expr, labels);
    for (name, service) in &slo.services {
        let by = match service.measured_by {
            MeasuredBy::Edge => "edge",
            MeasuredBy::Calls => "calls",
        };
        let objectives = [("availability", slo.availability(service)), ("latency", slo.latency(service).percent)];
        for (kind, percent) in objectives {
            let labels = [("service", &**name), ("slo", kind), ("measured_by", by)];
            record(&format!("vector({})", ratio(percent)), &labels);
        }
    }
    let listed: Vec<&str> = slo.services.keys().map(String::as_str).collect();
    let listed = listed.join("|");
    for (kind, percent) in [("availability", slo.defaults.availability), ("latency", slo.defaults.latency.percent)] {
        let expr = format!("0 * phoenix:requests:rate5m{{service!~\"{listed}\"}} + {}", ratio(percent));
        record(&expr, &[("slo", kind), ("measured_by", "edge")]);
    }
    group.record("slo:error_budget:ratio", "1 - slo:objective:ratio", &[]);
    group.record("slo:time_period:days", &format!("0 * slo:objective:ratio + {PERIOD_DAYS}"), &[]);
    group.record(
        "phoenix:llm_cost_ceiling:dollars_per_hour",
        &format!("vector({})", slo.llm_cost.dollars_per_hour),
        &[],
    );
    group.finish()
}

/// Percent as a ratio, without rounding errors of the division.
pub(crate) fn ratio(percent: f64) -> f64 {
    (percent * 1e6).round() / 1e8
}
