//! Alerts on error budgets that burn too fast, each over a long and a short window. The short window ends the alert soon after the errors
//! end (Site Reliability Workbook, "Alerting on SLOs": multiwindow, multi-burn-rate).

use super::RUNBOOKS;
use super::yaml::Group;

/// The windows of the recorded error ratios.
pub(super) const WINDOWS: [&str; 7] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

/// With little traffic a single failure can exceed the burn rate. So an alert also needs this many failures in the long window.
const AT_LEAST: u32 = 5;

/// Long and short window, burn rate, the share of the 30-day budget that this rate uses in the long window, the alert's suffix and severity.
const BURNS: [(&str, &str, f64, &str, &str, &str); 4] = [
    ("1h", "5m", 14.4, "2%", "Fast", "critical"),
    ("6h", "30m", 6.0, "5%", "Fast", "critical"),
    ("1d", "2h", 3.0, "10%", "Slow", "warning"),
    ("3d", "6h", 1.0, "10%", "Slow", "warning"),
];

pub(super) fn group() -> String {
    let mut group = Group::new("phoenix-slo-alerts");
    for (slo, name, failed) in [("availability", "Availability", "failed"), ("latency", "Latency", "were too slow")] {
        for (long, short, times, gone, speed, severity) in BURNS {
            let alert = format!("{name}BudgetBurn{speed}");
            let above = |window: &str| {
                format!(
                    "slo:sli_error:ratio_rate{window}{{slo=\"{slo}\"}} > on (service, slo) {times} * slo:error_budget:ratio"
                )
            };
            // The subquery has a fixed step, so that the sum of rates times the step is a number of requests, whatever the evaluation interval.
            let (step, seconds) = if long.ends_with('h') { ("1m", 60) } else { ("5m", 300) };
            let enough =
                format!("sum_over_time(slo:sli_bad:rate5m{{slo=\"{slo}\"}}[{long}:{step}]) * {seconds} >= {AT_LEAST}");
            let description = format!(
                "{{{{ $value | humanizePercentage }}}} of the requests to {{{{ $labels.service }}}} {failed} in {long}: the {slo} burn rate \
                 is above {times} over {long} and {short} (at {times}, {long} uses {gone} of the 30-day error budget)"
            );
            group.alert(
                &alert,
                &format!(
                    "({})\nand on (service, slo)\n({})\nand on (service, slo)\n({enough})",
                    above(long),
                    above(short)
                ),
                &[("severity", severity), ("window", long)],
                &[
                    ("summary", &format!("{{{{ $labels.service }}}} burns its {slo} error budget too fast")),
                    ("description", &description),
                    ("runbook_url", &format!("{RUNBOOKS}/{alert}.md")),
                ],
            );
        }
    }
    group.finish()
}
