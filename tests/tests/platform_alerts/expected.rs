//! The alerts that each scenario must raise, with their times and the reason.
//!
//! The scrapes from 20:15 to 50:00 see the scenario's work, those before and after see calm work.

use phoenix_otel_tests::Labels;

use super::evaluated::Fires;
use super::timeline::Took;

/// The expectation for a scenario.
pub(crate) struct Expected {
    pub(crate) scenario: &'static str,
    /// Acts of each user within 15 seconds.
    pub(crate) acts: usize,
    /// The durations of its requests.
    pub(crate) took: Took,
    alerts: &'static [Row],
}

/// An alert, a service, and the first and the last evaluation at which it fires, in minutes and seconds.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// Always fires.
const WATCHDOG: Row = ("Watchdog", "prometheus", "00:00", END);
/// The last scrape. An alert that fires then has no end.
const END: &str = "90:00";

/// All requests are fast.
fn at_once(_: &str, _: &Labels) -> &'static [f64] {
    &[0.02]
}

/// The CPU time limit ends one of six jobs after a second.
fn errors_take(service: &str, labels: &Labels) -> &'static [f64] {
    match service {
        "executor" if is_edge(labels) => &[0.02, 0.02, 0.02, 0.02, 0.02, 1.0],
        _ => &[0.02],
    }
}

/// From the acts of the scenario: how long jobs sleep, how long a client reads a response, when it disconnects. Of 13 jobs that users
/// run in two acts each, five clients disconnect after 0.15 s, and two jobs sleep until their limit of 5 s. Of 13 model answers three are read for
/// 3 s, two for 2.5 s, and six clients disconnect after five tokens. A plan has a job that sleeps for half a second.
fn slow_takes(service: &str, labels: &Labels) -> &'static [f64] {
    match service {
        "executor" if is_edge(labels) => &[0.15, 0.15, 0.15, 0.15, 0.15, 0.4, 0.4, 0.5, 0.5, 0.02, 0.02, 5.0, 5.0],
        "llm" if is_edge(labels) => &[3.0, 3.0, 3.0, 2.5, 2.5, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.02, 0.02],
        "orchestrator" if is_edge(labels) => &[0.54],
        _ => &[0.02],
    }
}

/// Whether these are the labels of requests for jobs, for plans, or for model answers.
fn is_edge(labels: &Labels) -> bool {
    let is = |label: &str, values: &[&str]| labels.get(label).is_some_and(|value| values.contains(&value.as_str()));
    is("route", &["/run", "/plans"]) || is("method", &["platform.v1.LanguageModels/Complete"])
}

/// All requests are valid. The only alert is for the missing price of `phoenix-lab`. It ends an hour after the last uncached answer: from
/// the second time on the cache answers.
pub(crate) const CALM: Expected = Expected {
    scenario: "calm",
    acts: 19,
    took: at_once,
    alerts: &[WATCHDOG, ("LlmTokensUnpriced", "llm", "00:30", "79:30")],
};

/// Client errors raise no alert. But the orchestrator responds 502 if a step of a plan fails, which is a quarter of its responses here.
pub(crate) const ERRORS: Expected = Expected {
    scenario: "errors",
    acts: 19,
    took: errors_take,
    alerts: &[
        WATCHDOG,
        ("LlmTokensUnpriced", "llm", "00:30", "79:30"),
        ("AvailabilityBudgetBurnFast", "orchestrator", "22:30", "81:45"),
        ("AvailabilityBudgetBurnSlow", "orchestrator", "25:00", END),
        ("HighErrorRate", "orchestrator", "26:15", "53:30"),
    ],
};

/// Responses are slow where users ask for much, and clients disconnect. Orchestrator and router have shorter timeouts than their objectives.
pub(crate) const SLOW: Expected = Expected {
    scenario: "slow",
    acts: 2,
    took: slow_takes,
    alerts: &[
        WATCHDOG,
        ("LlmTokensUnpriced", "llm", "00:30", "79:30"),
        ("SlowResponseTime", "llm", "32:00", "52:45"),
        ("SlowResponseTime", "executor", "32:15", "52:30"),
        ("HighCancellationRate", "executor", "33:15", "51:30"),
        ("HighCancellationRate", "llm", "34:00", "51:00"),
    ],
};

/// Two services are down: they are missing, their breakers open, and services that depend on them fail. The restarted models have an empty
/// cache.
pub(crate) const OUTAGE: Expected = Expected {
    scenario: "outage",
    acts: 19,
    took: at_once,
    alerts: &[
        WATCHDOG,
        ("LlmTokensUnpriced", "llm", "00:30", END),
        ("AvailabilityBudgetBurnFast", "orchestrator", "21:15", "83:00"),
        ("AvailabilityBudgetBurnFast", "data-router", "21:30", "83:00"),
        ("ServiceDown", "executor", "22:15", "50:00"),
        ("ServiceDown", "llm", "22:15", "50:00"),
        ("AvailabilityBudgetBurnSlow", "data-router", "25:00", END),
        ("AvailabilityBudgetBurnSlow", "orchestrator", "25:00", END),
        ("TargetDown", "executor", "25:15", "50:00"),
        ("TargetDown", "llm", "25:15", "50:00"),
        ("CircuitBreakerOpen", "executor", "25:15", "50:00"),
        ("CircuitBreakerOpen", "llm", "25:15", "50:00"),
        ("HighErrorRate", "data-router", "25:30", "54:15"),
        ("HighErrorRate", "orchestrator", "25:30", "54:15"),
        ("ServiceSilent", "executor", "29:45", "50:00"),
        ("ServiceSilent", "llm", "29:45", "50:00"),
        ("CircuitBreakerNotClosing", "executor", "30:00", "50:00"),
        ("CircuitBreakerNotClosing", "llm", "30:00", "50:00"),
    ],
};

/// Everything that may become a label overflows. A goal that names an unknown job is a failed step.
pub(crate) const ATTACK: Expected = Expected {
    scenario: "attack",
    acts: 300,
    took: at_once,
    alerts: &[
        WATCHDOG,
        ("LlmTokensUnpriced", "llm", "00:30", END),
        ("CardinalityOverflow", "executor", "20:15", "64:30"),
        ("CardinalityOverflow", "llm", "20:15", "64:30"),
        ("CardinalityOverflow", "mind-kb", "20:15", "64:30"),
        ("AvailabilityBudgetBurnFast", "orchestrator", "21:00", "84:00"),
        ("AvailabilityBudgetBurnSlow", "orchestrator", "25:00", END),
        ("HighErrorRate", "orchestrator", "25:30", "54:30"),
    ],
};

impl Expected {
    pub(crate) fn fires(&self) -> Vec<Fires> {
        let fires =
            |(alert, service, first, last): &Row| Fires { alert, service, first: seconds(first), last: seconds(last) };
        self.alerts.iter().map(fires).collect()
    }
}

/// Parses minutes and seconds.
fn seconds(time: &str) -> usize {
    let (minutes, seconds) = time.split_once(':').unwrap_or_else(|| panic!("{time}: write 21:15"));
    let number = |text: &str| text.parse::<usize>().unwrap_or_else(|e| panic!("{time}: {e}"));
    60 * number(minutes) + number(seconds)
}
