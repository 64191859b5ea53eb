//! What each scenario should raise, and why.

use super::Alerts;

/// What a scenario should raise. Each alert with the services that it speaks of.
pub(crate) struct Expected {
    pub(crate) scenario: &'static str,
    /// How long the load lasts.
    pub(crate) lasts: &'static str,
    must: &'static [(&'static str, &'static [&'static str])],
    /// What depends on how fast the machine is.
    may: &'static [(&'static str, &'static [&'static str])],
}

/// Always fires.
const WATCHDOG: (&str, &[&str]) = ("Watchdog", &["prometheus"]);
/// The platform has a model without a price.
const UNPRICED: (&str, &[&str]) = ("LlmTokensUnpriced", &["llm"]);

/// What can be had is had: nobody is bothered but about the price of `phoenix-lab`.
pub(crate) const CALM: Expected = Expected { scenario: "calm", lasts: "15s", must: &[WATCHDOG, UNPRICED], may: &[] };

/// What a client does wrong is no alert. But the orchestrator answers 502 where a step of a plan fails, and half of the plans here have one.
pub(crate) const ERRORS: Expected = Expected {
    scenario: "errors",
    lasts: "15s",
    must: &[
        WATCHDOG,
        ("HighErrorRate", &["orchestrator"]),
        ("AvailabilityBudgetBurnFast", &["orchestrator"]),
        ("AvailabilityBudgetBurnSlow", &["orchestrator"]),
    ],
    // Jobs that run against their limit of processor time keep all cores busy, which others of the same machine feel.
    may: &[
        ("SlowResponseTime", &["executor", "orchestrator"]),
        ("LatencyBudgetBurnFast", &["data-router", "executor", "llm", "mind-kb", "orchestrator", "safety"]),
        ("LatencyBudgetBurnSlow", &["data-router", "executor", "llm", "mind-kb", "orchestrator", "safety"]),
    ],
};

/// Answers take long at the services that are asked for much, and clients leave them.
pub(crate) const SLOW: Expected = Expected {
    scenario: "slow",
    lasts: "20s",
    must: &[WATCHDOG, ("SlowResponseTime", &["executor", "llm"]), ("HighCancellationRate", &["executor", "llm"])],
    // The orchestrator waits for both. How long the queues before the models and the sandbox get, depends on the machine.
    may: &[
        ("SlowResponseTime", &["orchestrator", "data-router"]),
        ("LatencyBudgetBurnFast", &["data-router", "executor", "llm", "orchestrator"]),
        ("LatencyBudgetBurnSlow", &["data-router", "executor", "llm", "orchestrator"]),
    ],
};

/// Two services are down: they are missed, the breakers before them open, and who depends on them fails.
pub(crate) const OUTAGE: Expected = Expected {
    scenario: "outage",
    lasts: "28s",
    must: &[
        WATCHDOG,
        UNPRICED,
        ("ServiceDown", &["executor", "llm"]),
        ("ServiceSilent", &["executor", "llm"]),
        ("TargetDown", &["executor", "llm"]),
        ("CircuitBreakerOpen", &["executor", "llm"]),
        ("HighErrorRate", &["data-router", "orchestrator"]),
        ("AvailabilityBudgetBurnFast", &["data-router", "orchestrator"]),
        ("AvailabilityBudgetBurnSlow", &["data-router", "orchestrator"]),
    ],
    // It waits for twice as long as the other, and the outage is over at just that time.
    may: &[("CircuitBreakerNotClosing", &["executor", "llm"])],
};

/// Whatever may become a label overflows. A goal that names a job which does not exist is a step that fails.
pub(crate) const ATTACK: Expected = Expected {
    scenario: "attack",
    lasts: "15s",
    must: &[
        WATCHDOG,
        UNPRICED,
        ("CardinalityOverflow", &["executor", "llm", "mind-kb"]),
        ("HighErrorRate", &["orchestrator"]),
        ("AvailabilityBudgetBurnFast", &["orchestrator"]),
        ("AvailabilityBudgetBurnSlow", &["orchestrator"]),
    ],
    may: &[],
};

/// Alerts that end soon after what they tell of.
pub(crate) const OF_THE_MOMENT: [&str; 8] = [
    "HighErrorRate",
    "SlowResponseTime",
    "HighCancellationRate",
    "CircuitBreakerOpen",
    "CircuitBreakerNotClosing",
    "ServiceDown",
    "ServiceSilent",
    "TargetDown",
];

impl Expected {
    /// What has to fire.
    pub(crate) fn must(&self) -> Alerts {
        pairs(self.must)
    }

    /// Whether it is no wonder that this one fires.
    pub(crate) fn may(&self, alert: &(String, String)) -> bool {
        pairs(self.must).contains(alert) || pairs(self.may).contains(alert)
    }
}

fn pairs(of: &[(&str, &[&str])]) -> Alerts {
    let each = of
        .iter()
        .flat_map(|(name, services)| services.iter().map(|service| ((*name).to_owned(), (*service).to_owned())));
    each.collect()
}
