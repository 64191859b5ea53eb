//! The settings of traces: the sampler, the exporters and the propagators.

mod exporters;
mod limits;
mod sampler;

pub use exporters::TracesExporter;
pub(crate) use exporters::{Destination, SUFFIX, TracesSettings};
pub(crate) use limits::MaxPerSpan;
pub use limits::SpanLimits;
pub use sampler::Sampler;

use super::env::{Env, word_of};
use super::exporters::{join_names, names};
use super::features::Features;
use super::model::{Push, PushOverrides};
use super::overrides::Overrides;
use super::setting::{Places, Setting};
use std::time::Duration;

const PROPAGATORS: &str = "OTEL_PROPAGATORS";
const FILTER: &str = "RUST_LOG";

/// The resolved settings of traces.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Traces {
    /// Unique names, in the given order.
    pub(crate) exporters: Vec<TracesSettings>,
    pub(crate) sampler: Sampler,
    /// Without duplicates, in the given order.
    pub(crate) propagators: Vec<Propagator>,
    pub(crate) limits: MaxPerSpan,
    /// The filter of log lines, in the format of `EnvFilter`.
    pub(crate) filter: String,
}

/// The interval, the timeout and the limits of span batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) delay: Duration,
    pub(crate) timeout: Duration,
    /// If the queue is full, spans are dropped.
    pub(crate) queue: usize,
    pub(crate) size: usize,
}

/// What code or a file sets for the batches of one exporter.
#[derive(Clone, Debug, Default)]
pub(crate) struct BatchLimits {
    pub(crate) queue: Option<usize>,
    pub(crate) size: Option<usize>,
    pub(crate) places: Places,
}

/// A format of trace context in requests to other services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Propagator {
    /// The headers `traceparent` and `tracestate` of the W3C.
    TraceContext,
    /// The header `baggage` of the W3C.
    Baggage,
}

impl Propagator {
    const WORDS: [(&str, Self); 2] = [("tracecontext", Self::TraceContext), ("baggage", Self::Baggage)];

    /// As the variable and the configuration file spell it.
    pub(crate) fn word(self) -> &'static str {
        word_of(&Self::WORDS, &self)
    }
}

impl Traces {
    /// `has_receiver`: an exporter of metrics sends to an endpoint that is for all signals.
    pub(crate) fn resolve(env: &mut Env<'_>, overrides: &Overrides, features: Features, has_receiver: bool) -> Self {
        let batch = batch(env);
        let exporters = exporters::resolve(env, overrides, features, has_receiver, batch);
        let sampler = Sampler::resolve(env, overrides);
        let propagators = overrides.propagators.clone().unwrap_or_else(|| propagators(env));
        let given = overrides.given("propagators", "builder: propagators", overrides.propagators.is_some());
        env.note("propagators", given, &[PROPAGATORS]);
        let limits = MaxPerSpan::resolve(env, overrides);
        Self { exporters, sampler, propagators, filter: filter(env), limits }
    }
}

impl Batch {
    /// Applies what is set for the exporter `name`: the interval and the timeout, and the limits.
    fn with(self, env: &mut Env<'_>, name: &str, overrides: PushOverrides, given: &BatchLimits) -> Self {
        let defaults = Push { interval: self.delay, timeout: self.timeout };
        let push = overrides.resolve(env, (name, &given.places), "export_timeout", defaults);
        let mut limit = |field: &'static str, value: Option<usize>, most: usize, allowed: &str| {
            let value = value?;
            let fits = (1..=most).contains(&value);
            if !fits {
                let place = given.places.of_exporter(name, field);
                env.problem(&place, &value.to_string(), format!("{allowed} {most}"));
            }
            fits.then_some(value)
        };
        let queue =
            limit("max_queue_size", given.queue, MAX_SPANS, "a number of spans from 1 to").unwrap_or(self.queue);
        let size = limit("max_export_batch_size", given.size, queue, "at least 1 and at most max_queue_size, which is");
        let size = size.unwrap_or(self.size).min(queue);
        let is_set = [
            ("schedule_delay", "interval", overrides.interval.is_some()),
            ("export_timeout", "export_timeout", overrides.timeout.is_some()),
            ("max_queue_size", "max_queue_size", given.queue.is_some()),
            ("max_export_batch_size", "max_export_batch_size", given.size.is_some()),
        ];
        for (setting, field, is_set) in is_set {
            env.note(setting, is_set.then(|| given.places.of_exporter(name, field)), &[]);
        }
        Self { delay: push.interval, timeout: push.timeout, queue, size }
    }
}

fn batch(env: &mut Env<'_>) -> Batch {
    // Code can only set them for single exporters.
    let from_code = (Setting::builder("builder"), None);
    let delay = env.duration(from_code.clone(), &["OTEL_BSP_SCHEDULE_DELAY"], Duration::from_secs(5));
    let timeout = env.timeout(from_code, &["OTEL_BSP_EXPORT_TIMEOUT"], Duration::from_secs(30));
    let queue = env.with_fallback(usize::to_string, |env| count(env, "OTEL_BSP_MAX_QUEUE_SIZE").unwrap_or(2048));
    let size = env.with_fallback(usize::to_string, |env| {
        let size = count(env, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE");
        if let Some(size) = size.filter(|size| *size > queue) {
            let allowed = format!("at most OTEL_BSP_MAX_QUEUE_SIZE, which is {queue}");
            env.problem(&Setting::variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"), &size.to_string(), allowed);
        }
        size.unwrap_or(512).min(queue)
    });
    env.note("schedule_delay", None, &["OTEL_BSP_SCHEDULE_DELAY"]);
    env.note("export_timeout", None, &["OTEL_BSP_EXPORT_TIMEOUT"]);
    env.note("max_queue_size", None, &["OTEL_BSP_MAX_QUEUE_SIZE"]);
    env.note("max_export_batch_size", None, &["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"]);
    Batch { delay, timeout, queue, size }
}

/// The maximum length of a queue. Its memory grows with its length, so a larger number is probably a typing error.
const MAX_SPANS: usize = 1_000_000;

/// A number of spans.
fn count(env: &mut Env<'_>, name: &'static str) -> Option<usize> {
    let text = env.text(name)?;
    match text.parse() {
        Ok(count @ 1..=MAX_SPANS) => Some(count),
        _ => {
            env.problem(&Setting::variable(name), &text, format!("a whole number of spans from 1 to {MAX_SPANS}"));
            None
        }
    }
}

fn propagators(env: &mut Env<'_>) -> Vec<Propagator> {
    const ALLOWED: &str = "a comma-separated list of tracecontext, baggage, or the single word none";
    const WORDS: [(&str, Propagator); 2] = Propagator::WORDS;
    env.with_fallback(
        |propagators: &Vec<Propagator>| join_names(propagators.iter().map(|one| one.word())),
        |env| {
            // Unknown names are ignored. If all names are unknown, the default applies.
            let default = || WORDS.map(|(_, propagator)| propagator).to_vec();
            let Some(names) = names(env, PROPAGATORS, ALLOWED) else { return default() };
            let mut propagators = Vec::new();
            for name in &names {
                match WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(name)) {
                    Some((_, propagator)) => propagators.push(*propagator),
                    None => {
                        let words = WORDS.iter().map(|(word, _)| *word);
                        env.unknown(&Setting::variable(PROPAGATORS), name, words, ALLOWED);
                    }
                }
            }
            if propagators.is_empty() && !names.is_empty() { default() } else { propagators }
        },
    )
}

fn filter(env: &mut Env<'_>) -> String {
    const DEFAULT: &str = "info";
    env.with_fallback(String::clone, |env| {
        let text = env.text(FILTER).unwrap_or_else(|| DEFAULT.to_owned());
        let Err(error) = text.parse::<tracing_subscriber::EnvFilter>() else { return text };
        let allowed = format!("a level, or directives like `info,my_crate=debug`; {error}");
        env.problem(&Setting::variable(FILTER), &text, allowed);
        DEFAULT.to_owned()
    })
}
