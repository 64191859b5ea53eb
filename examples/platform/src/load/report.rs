//! What was sent, and what came back.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::api::{Answer, Completed, PlanReply, StepResult};

/// The load generator's own numbers, to hold against the metrics.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) scenario: &'static str,
    pub(super) seconds: f64,
    /// Every request that was sent. The status is the code, a canonical name of gRPC, `left` where the client did not wait for the end
    /// of the answer, or `unreachable`.
    #[serde(serialize_with = "lines")]
    requests: BTreeMap<Request, u64>,
    /// Plans of which an answer tells, by type.
    plans: BTreeMap<String, u64>,
    /// Texts of which an answer tells the language.
    languages: BTreeMap<String, u64>,
    /// Answers of models that came to their end.
    completions: Completions,
    /// Texts that were blocked, by reason, as far as answers tell.
    blocked: BTreeMap<String, u64>,
    /// Blocked texts that were reported as harmless.
    false_positives: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Request {
    pub(super) service: &'static str,
    pub(super) method: String,
    /// The template that the path matches; empty where nothing does.
    pub(super) route: String,
    pub(super) status: String,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Completions {
    /// Written by a model.
    generated: u64,
    /// Given before, and kept.
    cached: u64,
    /// Those that were generated, by model.
    tokens: BTreeMap<String, Tokens>,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Tokens {
    prompt: u64,
    completion: u64,
}

#[derive(Serialize)]
struct Line<'r> {
    #[serde(flatten)]
    request: &'r Request,
    count: u64,
}

fn lines<S: serde::Serializer>(requests: &BTreeMap<Request, u64>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(requests.iter().map(|(request, count)| Line { request, count: *count }))
}

impl Report {
    pub(super) fn request(&mut self, request: Request) {
        *self.requests.entry(request).or_default() += 1;
    }

    pub(super) fn completed(&mut self, completed: &Completed) {
        if completed.cached {
            self.completions.cached += 1;
            return;
        }
        self.completions.generated += 1;
        let tokens = self.completions.tokens.entry(completed.model.clone()).or_default();
        tokens.prompt += u64::from(completed.prompt_tokens);
        tokens.completion += u64::from(completed.completion_tokens);
    }

    pub(super) fn planned(&mut self, reply: &PlanReply) {
        *self.plans.entry(reply.plan_type.clone()).or_default() += 1;
        for result in reply.steps.iter().filter_map(|step| step.result.as_ref()) {
            if let StepResult::Route(route) = result {
                *self.languages.entry(route.language.clone()).or_default() += 1;
                if let Answer::Completed(completed) = &route.answer {
                    self.completed(completed);
                }
            }
        }
    }

    pub(super) fn blocked(&mut self, reason: &str) {
        *self.blocked.entry(reason.to_owned()).or_default() += 1;
    }

    pub(super) fn reported_false_positive(&mut self) {
        self.false_positives += 1;
    }

    /// Writes it where a test finds it, all at once.
    pub(super) fn write(&self, path: &Path) -> std::io::Result<()> {
        let unfinished = path.with_extension("unfinished");
        std::fs::write(&unfinished, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(unfinished, path)
    }

    pub(super) fn print(&self) {
        println!("\nload: {}, {:.1} s, {} requests", self.scenario, self.seconds, self.requests.values().sum::<u64>());
        for (Request { service, method, route, status }, count) in &self.requests {
            println!("  {count:>8}  {service:<22} {method:<36} {route:<18} {status}");
        }
        let of = |counts: &BTreeMap<String, u64>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        println!("  plans      {}", of(&self.plans));
        println!("  languages  {}", of(&self.languages));
        println!("  blocked    {}; {} reported as harmless", of(&self.blocked), self.false_positives);
        println!("  answers    {} generated, {} cached", self.completions.generated, self.completions.cached);
        // An attack asks for a model of its own each time.
        for (model, tokens) in self.completions.tokens.iter().take(5) {
            println!("             {model}: {} tokens read, {} written", tokens.prompt, tokens.completion);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_lines_with_a_count() {
        let mut report = Report::default();
        let request =
            Request { service: "executor", method: "POST".into(), route: "/run".into(), status: "200".into() };
        report.request(request.clone());
        report.request(request);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["requests"][0]["route"], "/run");
        assert_eq!(json["requests"][0]["count"], 2);
    }
}
