//! Turns a goal into a plan, a list of steps.

use phoenix_otel::platform::orchestrator::{PLAN, PLAN_STEPS};
use phoenix_otel::{ErrorType, instrument_metrics};

use crate::api::{RouteRequest, RunRequest};
use crate::words::words;

/// The most steps of a plan.
const MOST_STEPS: usize = 20;

/// The type of a plan, by its goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlanType {
    /// Find information.
    Research,
    /// Calculate.
    Compute,
    /// Store a note.
    Remember,
    /// Write a text.
    Write,
    /// Several of these types.
    Composite,
}

/// The steps to a goal.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) plan_type: PlanType,
    pub(super) steps: Vec<Step>,
}

/// A step, by the service that runs it.
#[derive(Debug)]
pub(super) enum Step {
    Route(RouteRequest),
    Run(RunRequest),
}

/// Why there is no plan.
#[derive(Debug, PartialEq, Eq, thiserror::Error, ErrorType)]
pub(super) enum PlanError {
    #[error("the goal has no words")]
    NoGoal,
    #[error("the plan has more than {MOST_STEPS} steps")]
    TooManySteps,
}

impl PlanType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Research => "research",
            Self::Compute => "compute",
            Self::Remember => "remember",
            Self::Write => "write",
            Self::Composite => "composite",
        }
    }

    /// The type of plan that a goal needs.
    pub(super) fn of(goal: &str) -> Self {
        let mut types = parts(goal).map(Self::of_part);
        let first = types.next().unwrap_or(Self::Research);
        if types.all(|other| other == first) { first } else { Self::Composite }
    }

    fn of_part(part: &str) -> Self {
        let first = words(part).next().unwrap_or_default();
        match first.as_str() {
            _ if job(part).is_some() => Self::Compute,
            "remember" => Self::Remember,
            "write" | "tell" => Self::Write,
            _ => Self::Research,
        }
    }
}

/// Plans the steps to a goal.
#[instrument_metrics(PLAN { plan_type: plan_type.name() })]
pub(super) fn generate(goal: &str, plan_type: PlanType, model: Option<&str>) -> Result<Plan, PlanError> {
    if words(goal).next().is_none() {
        return Err(PlanError::NoGoal);
    }
    let steps: Vec<Step> = parts(goal).flat_map(|part| steps(part, model)).collect();
    if steps.len() > MOST_STEPS {
        return Err(PlanError::TooManySteps);
    }
    PLAN_STEPS.record(steps.len() as f64, ());
    Ok(Plan { plan_type, steps })
}

/// The parts of a goal.
fn parts(goal: &str) -> impl Iterator<Item = &str> {
    goal.split(';').map(str::trim).filter(|part| !part.is_empty())
}

fn steps(part: &str, model: Option<&str>) -> Vec<Step> {
    let (text, model) = (part.to_owned(), model.map(str::to_owned));
    let search = |kb: &str| Step::Route(RouteRequest::Search { kb: kb.to_owned(), text: part.to_owned() });
    let complete = |text| Step::Route(RouteRequest::Complete { text, model });
    match PlanType::of_part(part) {
        PlanType::Compute => job(part).map(Step::Run).into_iter().collect(),
        // Search first, since a known text need not be stored twice.
        PlanType::Remember => {
            vec![search(topic(part)), Step::Route(RouteRequest::Remember { kb: topic(part).to_owned(), text })]
        }
        PlanType::Write => vec![complete(text)],
        PlanType::Research | PlanType::Composite => vec![search("mind"), search(topic(part)), complete(text)],
    }
}

/// The knowledge base for the topic of a text.
fn topic(text: &str) -> &'static str {
    const TOPICS: [(&str, &[&str]); 4] = [
        ("body", &["sleep", "bones", "muscles", "pulse", "breathing", "thirst"]),
        ("heart", &["trust", "grief", "anger", "kindness", "friend", "apology"]),
        ("social", &["meeting", "team", "neighbours", "city", "market", "rule"]),
        ("soul", &["sea", "lighthouse", "music", "stars", "snow", "gardener"]),
    ];
    let is_about = |(_, signs): &&(&str, &[&str])| words(text).any(|word| signs.contains(&word.as_str()));
    TOPICS.iter().find(is_about).map_or("mind", |(topic, _)| topic)
}

/// The job that a part names: `run primes 1000`.
fn job(part: &str) -> Option<RunRequest> {
    let (job, argument) = part.strip_prefix("run ")?.split_once(' ').unwrap_or((part.strip_prefix("run ")?, ""));
    Some(RunRequest { job: job.to_owned(), argument: argument.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_says_what_its_plan_is_for() {
        for (goal, plan_type) in [
            ("How much sleep does an adult need?", PlanType::Research),
            ("run primes 1000", PlanType::Compute),
            ("Remember that the market is on Friday", PlanType::Remember),
            ("Write about snow; tell me of the sea", PlanType::Write),
            ("run primes 1000; Write about snow", PlanType::Composite),
        ] {
            assert_eq!(PlanType::of(goal), plan_type, "{goal}");
        }
    }

    fn plan(goal: &str) -> Result<Plan, PlanError> {
        generate(goal, PlanType::of(goal), None)
    }

    #[test]
    fn a_plan_has_the_steps_of_all_its_parts() {
        let plan = plan("How do muscles grow?; run primes 10; ").unwrap();
        assert_eq!(plan.steps.len(), 4);
        assert!(matches!(&plan.steps[1], Step::Route(RouteRequest::Search { kb, .. }) if kb == "body"));
        assert!(
            matches!(&plan.steps[3], Step::Run(RunRequest { job, argument }) if job == "primes" && argument == "10")
        );
    }

    #[test]
    fn goals_have_bounds() {
        assert_eq!(plan(" ; !").unwrap_err(), PlanError::NoGoal);
        assert_eq!(plan(&"run words x;".repeat(MOST_STEPS + 1)).unwrap_err(), PlanError::TooManySteps);
    }
}
