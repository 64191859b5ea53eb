//! Alerts on budgets that burn too fast, each over a long window and a short one that ends it soon after the trouble has ended
//! (Site Reliability Workbook, "Alerting on SLOs": multiwindow, multi-burn-rate).

use super::RUNBOOKS;
use super::yaml::Group;

/// Every window that a rate of errors is needed over.
pub(super) const WINDOWS: [&str; 7] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

/// A budget of little traffic is burnt by a single failure, which is no reason to wake anybody: so many must have failed in the long window.
const AT_LEAST: u32 = 5;

/// Long and short window, how many times too fast, the share of the 30 days' budget that is gone by then, the alert's name and severity.
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
            // Looked at in steps that do not follow the interval of evaluation, so that a sum of rates is a number of requests.
            let (step, seconds) = if long.ends_with('h') { ("1m", 60) } else { ("5m", 300) };
            let enough =
                format!("sum_over_time(slo:sli_bad:rate5m{{slo=\"{slo}\"}}[{long}:{step}]) * {seconds} >= {AT_LEAST}");
            // At once the pace is that of the objective itself.
            let pace = if times == 1.0 { "more than".to_owned() } else { format!("more than {times} times what") };
            let description = format!(
                "{{{{ $value | humanizePercentage }}}} of the requests to {{{{ $labels.service }}}} {failed} within {long}, {pace} its \
                 {slo} objective allows: at this pace {gone} of the month's error budget goes in {long}"
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
                    ("summary", &format!("{{{{ $labels.service }}}} burns its {slo} budget")),
                    ("description", &description),
                    ("runbook_url", &format!("{RUNBOOKS}/{alert}.md")),
                ],
            );
        }
    }
    group.finish()
}
