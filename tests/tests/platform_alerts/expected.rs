//! What each scenario should raise, when, and why.
//!
//! The scenario's work is seen by the scrapes from 20:15 to 50:00, calm work by those before and after.

use phoenix_otel_tests::Labels;

use super::evaluated::Fires;
use super::timeline::Took;

/// What a scenario should raise.
pub(crate) struct Expected {
    pub(crate) scenario: &'static str,
    /// How many acts each of its users does within 15 seconds.
    pub(crate) acts: usize,
    /// How long its requests take.
    pub(crate) took: Took,
    alerts: &'static [Row],
}

/// An alert, a service, and the first and the last evaluation at which it fires, in minutes and seconds.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// Always fires.
const WATCHDOG: Row = ("Watchdog", "prometheus", "00:00", END);
/// When the last scrape is. What fires then, fires on.
const END: &str = "90:00";

/// Nothing takes long.
fn at_once(_: &str, _: &Labels) -> &'static [f64] {
    &[0.02]
}

/// The limit of processor time ends one job of six after a second.
fn errors_take(service: &str, labels: &Labels) -> &'static [f64] {
    match service {
        "executor" if is_edge(labels) => &[0.02, 0.02, 0.02, 0.02, 0.02, 1.0],
        _ => &[0.02],
    }
}

/// What the acts of the scenario say: how long jobs sleep, how long it takes to read an answer, when a client leaves. Of 13 jobs that users
/// run with two acts each, five are left after 0.15 s, and two sleep until their limit of 5 s. Of 13 answers of models three are read for
/// 3 s, two for 2.5 s, and six are left after five tokens. A plan has a job that sleeps for half a second.
fn slow_takes(service: &str, labels: &Labels) -> &'static [f64] {
    match service {
        "executor" if is_edge(labels) => &[0.15, 0.15, 0.15, 0.15, 0.15, 0.4, 0.4, 0.5, 0.5, 0.02, 0.02, 5.0, 5.0],
        "llm" if is_edge(labels) => &[3.0, 3.0, 3.0, 2.5, 2.5, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.02, 0.02],
        "orchestrator" if is_edge(labels) => &[0.54],
        _ => &[0.02],
    }
}

/// Whether these are the labels of the requests for jobs, for plans, or for what models say.
fn is_edge(labels: &Labels) -> bool {
    let is = |label: &str, values: &[&str]| labels.get(label).is_some_and(|value| values.contains(&value.as_str()));
    is("route", &["/run", "/plans"]) || is("method", &["platform.v1.LanguageModels/Complete"])
}

/// What can be had is had. The only alert is about the price of `phoenix-lab`, and ends an hour after the last answer that was not kept: the
/// same questions get kept answers from the second time on.
pub(crate) const CALM: Expected = Expected {
    scenario: "calm",
    acts: 19,
    took: at_once,
    alerts: &[WATCHDOG, ("LlmTokensUnpriced", "llm", "00:30", "79:30")],
};

/// A client's mistake raises no alert. But the orchestrator answers 502 where a step of a plan fails, which is a quarter of its answers here.
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

/// Answers take long where users ask for much, and their clients leave. The orchestrator and the router wait less than their promises allow.
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

/// Two services are down: they are missed, the breakers before them open, and services that depend on them fail. The models that were started
/// again have kept no answer.
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

/// Whatever may become a label overflows. A goal that names a job which does not exist is a step that fails.
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

/// Of minutes and seconds.
fn seconds(time: &str) -> usize {
    let (minutes, seconds) = time.split_once(':').unwrap_or_else(|| panic!("{time}: write 21:15"));
    let number = |text: &str| text.parse::<usize>().unwrap_or_else(|e| panic!("{time}: {e}"));
    60 * number(minutes) + number(seconds)
}
