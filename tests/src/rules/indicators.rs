//! The service level indicators: the ratio of bad requests over each window, and the remaining error budget.

use std::collections::BTreeMap;

use super::burn::WINDOWS;
use super::objectives::PERIOD_DAYS;
use super::slo::{MeasuredBy, Slo};
use super::yaml::Group;

/// The recorded durations of requests and of calls, by service.
const EDGE: &str = "phoenix:request_duration_seconds_bucket:rate5m";
const CALLS: &str = "phoenix:call_duration_seconds_bucket:rate5m";

pub(super) fn groups(slo: &Slo) -> String {
    format!("{}{}", indicators(slo), period())
}

fn indicators(slo: &Slo) -> String {
    let mut group = Group::new("phoenix-slo-indicators");
    let by_calls: Vec<&str> = slo.measured_by(MeasuredBy::Calls).map(|(name, _)| name).collect();
    let by_calls = by_calls.join("|");
    // The series of the edge, and for services with `measured_by = "calls"` those of their functions.
    let of_both = |edge: &str, calls: &str, le: &str| {
        let matchers = [le, &format!("service!~\"{by_calls}\"")].concat();
        let edge = format!("sum by (service) ({edge}{{{matchers}}})");
        let matchers = [le, &format!("service=~\"{by_calls}\"")].concat();
        format!("{edge}\nor sum by (service) ({calls}{{{matchers}}})")
    };
    let all = of_both("phoenix:requests:rate5m", "phoenix:calls:rate5m", "");
    let failed = of_both("phoenix:errors:rate5m", "phoenix:calls_failed:rate5m", "");
    group.record("slo:sli_total:rate5m", &all, &[("slo", "availability")]);
    group.record("slo:sli_bad:rate5m", &failed, &[("slo", "availability")]);
    let all = of_both(EDGE, CALLS, "le=\"+Inf\",");
    group.record("slo:sli_total:rate5m", &all, &[("slo", "latency")]);
    // The buckets of a histogram are not read at one instant, so a difference can be slightly below 0.
    let late = format!(
        "clamp_min(\n  slo:sli_total:rate5m{{slo=\"latency\"}}\n  - on (service) (\n{}\n  ),\n  0\n)",
        in_time(slo)
    );
    group.record("slo:sli_bad:rate5m", &late, &[("slo", "latency")]);

    for window in WINDOWS {
        let expr = match window {
            "5m" => "slo:sli_bad:rate5m / (slo:sli_total:rate5m > 0)".to_owned(),
            _ => share(window),
        };
        group.record(&format!("slo:sli_error:ratio_rate{window}"), &expr, &[]);
    }
    group.record(
        "slo:current_burn_rate:ratio",
        "slo:sli_error:ratio_rate5m / on (service, slo) slo:error_budget:ratio",
        &[],
    );
    group.finish()
}

/// The rate of requests within the latency objective. Services with one threshold share a selector; services that are not listed have the default.
fn in_time(slo: &Slo) -> String {
    let mut asked = Vec::new();
    let mut ask = |buckets: &str, matcher: &str, seconds: f64| {
        asked.push(format!("sum by (service) ({buckets}{{le=\"{seconds}\",service{matcher}}})"));
    };
    for (by, buckets) in [(MeasuredBy::Edge, EDGE), (MeasuredBy::Calls, CALLS)] {
        let mut named: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        for (name, service) in slo.measured_by(by) {
            // A threshold is a bound of the histogram and positive, so the order of its bits is the order of the numbers.
            named.entry(slo.latency(service).seconds.to_bits()).or_default().push(name);
        }
        for (seconds, names) in named {
            ask(buckets, &format!("=~\"{}\"", names.join("|")), f64::from_bits(seconds));
        }
    }
    let listed: Vec<&str> = slo.services.keys().map(String::as_str).collect();
    ask(EDGE, &format!("!~\"{}\"", listed.join("|")), slo.defaults.latency.seconds);
    format!("    {}", asked.join("\n    or "))
}

/// The error budget over the whole period. This long sum changes slowly, so it is evaluated less often, but within the 5 minutes for which a sample is valid.
fn period() -> String {
    let mut group = Group::every("phoenix-slo-period", "2m");
    let window = format!("{PERIOD_DAYS}d");
    let errors = format!("slo:sli_error:ratio_rate{window}");
    group.record(&errors, &share(&window), &[]);
    let burnt = format!("{errors} / on (service, slo) slo:error_budget:ratio");
    group.record("slo:period_burn_rate:ratio", &burnt, &[]);
    group.record("slo:period_error_budget_remaining:ratio", "1 - slo:period_burn_rate:ratio", &[]);
    group.finish()
}

fn share(window: &str) -> String {
    format!("sum_over_time(slo:sli_bad:rate5m[{window}])\n/ (sum_over_time(slo:sli_total:rate5m[{window}]) > 0)")
}
