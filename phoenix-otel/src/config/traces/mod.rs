//! The settings of traces: the sampler, the exporters and the propagators.

mod exporters;

pub use exporters::TracesExporter;
pub(crate) use exporters::{Destination, SUFFIX, TracesSettings};

use super::env::Env;
use super::exporters::{join_names, names};
use super::features::Features;
use super::model::{Overrides, Push, PushOverrides};
use super::setting::Setting;
use std::time::Duration;

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";
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
    /// The filter of log lines, in the format of `EnvFilter`.
    pub(crate) filter: String,
}

/// Decides which traces are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// Whether the decision of the parent span is used, if there is a parent.
    pub(crate) parent_based: bool,
    /// The ratio of traces without a parent that are recorded, from 0 to 1.
    pub(crate) ratio: f64,
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

/// A format of trace context in requests to other services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagator {
    TraceContext,
    Baggage,
}

impl Traces {
    /// `has_receiver`: an exporter of metrics sends to an endpoint that is for all signals.
    pub(crate) fn resolve(env: &mut Env<'_>, overrides: &Overrides, features: Features, has_receiver: bool) -> Self {
        let batch = batch(env);
        let exporters = exporters::resolve(env, overrides, features, has_receiver, batch);
        Self { exporters, sampler: sampler(env), propagators: propagators(env), filter: filter(env) }
    }
}

impl Batch {
    /// Applies the interval and the timeout that are set in code for the exporter `name`.
    fn with(self, env: &mut Env<'_>, name: &str, overrides: PushOverrides) -> Self {
        let push = overrides.resolve(env, name, "export_timeout", Push { interval: self.delay, timeout: self.timeout });
        Self { delay: push.interval, timeout: push.timeout, ..self }
    }
}

fn sampler(env: &mut Env<'_>) -> Sampler {
    // `None` means that the ratio comes from the variable.
    let choices = [
        ("parentbased_always_on", (true, Some(1.0))),
        ("parentbased_always_off", (true, Some(0.0))),
        ("parentbased_traceidratio", (true, None)),
        ("always_on", (false, Some(1.0))),
        ("always_off", (false, Some(0.0))),
        ("traceidratio", (false, None)),
    ];
    let default = |_: &_| "parentbased_always_on".to_owned();
    let (parent_based, ratio) =
        env.with_fallback(default, |env| env.choice(&[SAMPLER], &choices).unwrap_or((true, Some(1.0))));
    Sampler { parent_based, ratio: ratio.unwrap_or_else(|| ratio_argument(env)) }
}

fn ratio_argument(env: &mut Env<'_>) -> f64 {
    const ALL: f64 = 1.0;
    env.with_fallback(f64::to_string, |env| {
        let Some(text) = env.text(SAMPLER_ARG) else { return ALL };
        match text.parse() {
            Ok(share) if (0.0..=1.0).contains(&share) => share,
            _ => {
                env.problem(&Setting::variable(SAMPLER_ARG), &text, "the ratio of traces to record, from 0 to 1");
                ALL
            }
        }
    })
}

fn batch(env: &mut Env<'_>) -> Batch {
    // Code can only set them for single exporters.
    let from_code = (Setting::builder("builder"), None);
    let delay = env.duration(from_code.clone(), &["OTEL_BSP_SCHEDULE_DELAY"], Duration::from_secs(5));
    let timeout = env.duration(from_code, &["OTEL_BSP_EXPORT_TIMEOUT"], Duration::from_secs(30));
    let queue = env.with_fallback(usize::to_string, |env| count(env, "OTEL_BSP_MAX_QUEUE_SIZE").unwrap_or(2048));
    let size = env.with_fallback(usize::to_string, |env| {
        let size = count(env, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE");
        if let Some(size) = size.filter(|size| *size > queue) {
            let allowed = format!("at most OTEL_BSP_MAX_QUEUE_SIZE, which is {queue}");
            env.problem(&Setting::variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"), &size.to_string(), allowed);
        }
        size.unwrap_or(512).min(queue)
    });
    Batch { delay, timeout, queue, size }
}

/// A number of spans. The memory of the queue grows with its length, so a larger number is probably a typing error.
fn count(env: &mut Env<'_>, name: &'static str) -> Option<usize> {
    const MOST: usize = 1_000_000;
    let text = env.text(name)?;
    match text.parse() {
        Ok(count @ 1..=MOST) => Some(count),
        _ => {
            env.problem(&Setting::variable(name), &text, format!("a whole number of spans from 1 to {MOST}"));
            None
        }
    }
}

fn propagators(env: &mut Env<'_>) -> Vec<Propagator> {
    const ALLOWED: &str = "a comma-separated list of tracecontext, baggage, or the single word none";
    const WORDS: [(&str, Propagator); 2] =
        [("tracecontext", Propagator::TraceContext), ("baggage", Propagator::Baggage)];
    let word = |propagator: &Propagator| WORDS.iter().find(|(_, one)| one == propagator).map_or("", |(word, _)| word);
    env.with_fallback(
        |propagators: &Vec<_>| join_names(propagators.iter().map(word)),
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
