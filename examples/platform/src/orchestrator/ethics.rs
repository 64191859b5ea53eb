//! Purposes that no plan may have, even if its words are safe.

use phoenix_otel::platform::orchestrator::{ETHICS_CHECKS, EthicsResult};
use phoenix_otel::{ErrorType, instrument_metrics};

use crate::words::words;

/// Forbidden purposes, as words that occur together in a goal.
const DENIED: [(&[&str], Denied); 3] = [
    (&["spy", "on"], Denied::Surveillance),
    (&["manipulate"], Denied::Manipulation),
    (&["deceive"], Denied::Manipulation),
];

/// Why a plan is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, ErrorType)]
pub(super) enum Denied {
    #[error("a plan must not spy on people")]
    Surveillance,
    #[error("a plan must not deceive people")]
    Manipulation,
}

/// Checks whether a goal is allowed.
#[instrument_metrics(subsystem = "orchestrator")]
pub(super) fn check_ethics(goal: &str) -> Result<(), Denied> {
    let words: Vec<String> = words(goal).collect();
    let stands = |wanted: &[&str]| words.windows(wanted.len()).any(|words| words == wanted);
    let denied = DENIED.iter().find(|(wanted, _)| stands(wanted)).map(|(_, denied)| *denied);
    let result = if denied.is_some() { EthicsResult::Denied } else { EthicsResult::Allowed };
    ETHICS_CHECKS.add(1, ETHICS_CHECKS { result });
    denied.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_judged_and_not_words_alone() {
        assert_eq!(check_ethics("Spy on my neighbours"), Err(Denied::Surveillance));
        assert_eq!(check_ethics("How do I deceive an auditor?"), Err(Denied::Manipulation));
        assert_eq!(check_ethics("Tell a story about a spy on holiday"), Err(Denied::Surveillance));
        assert_eq!(check_ethics("Tell a story about a spy"), Ok(()));
    }
}
