//! Reflection: is the goal answered, and which steps are worth a retry?

use std::collections::BTreeSet;

use phoenix_otel::instrument_metrics;
use phoenix_otel::platform::orchestrator::REFLECTION_OPERATIONS;

use super::steps::{Done, is_worth_a_retry};
use crate::api::{Answer, StepResult};
use crate::words::words;

/// Shorter words say little about the topic of a text.
const SHORTEST: usize = 4;

/// The result of a reflection.
#[derive(Debug)]
pub(super) struct Reflection {
    /// Share of the goal's words that occur in the results, from 0 to 1.
    pub(super) coverage: f32,
    /// Indexes of the steps that may succeed on a retry.
    pub(super) again: Vec<usize>,
}

/// Compares the results with the goal.
#[instrument_metrics(subsystem = "orchestrator")]
pub(super) fn reflect(goal: &str, done: &[Done]) -> Reflection {
    REFLECTION_OPERATIONS.add(1, ());
    let again = done.iter().enumerate().filter(|(_, done)| done.as_ref().is_err_and(is_worth_a_retry));
    Reflection { coverage: coverage(goal, done), again: again.map(|(place, _)| place).collect() }
}

fn coverage(goal: &str, done: &[Done]) -> f32 {
    let about = |text: &str| words(text).filter(|word| word.chars().count() >= SHORTEST).collect::<BTreeSet<_>>();
    let wanted = about(goal);
    let results = done.iter().flatten().map(|result| match result {
        StepResult::Run(run) => run.output.clone(),
        StepResult::Route(route) => match &route.answer {
            Answer::Found(texts) => texts.join(" "),
            Answer::Completed(completed) => completed.text.clone(),
            Answer::Remembered { .. } => goal.to_owned(),
        },
    });
    let spoken = about(&results.collect::<Vec<_>>().join(" "));
    if wanted.is_empty() { 1.0 } else { wanted.intersection(&spoken).count() as f32 / wanted.len() as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::RouteReply;
    use crate::neighbour::CallError;

    fn found(text: &str) -> Done {
        let answer = Answer::Found(vec![text.to_owned()]);
        Ok(StepResult::Route(RouteReply { service: "mind-kb".into(), language: "eng".into(), answer }))
    }

    #[test]
    fn what_failed_by_chance_is_tried_again() {
        let refused = CallError::Refused {
            service: "executor",
            status: reqwest::StatusCode::UNPROCESSABLE_ENTITY,
            text: String::new(),
        };
        let done = [found("x"), Err(CallError::Unreachable("mind-kb")), Err(refused)];
        assert_eq!(reflect("goal", &done).again, [1]);
    }

    #[test]
    fn coverage_counts_the_words_that_were_spoken_of() {
        let coverage = reflect("Lamps and harbours", &[found("The lamps are lit")]).coverage;
        assert_eq!(coverage, 0.5);
    }
}
