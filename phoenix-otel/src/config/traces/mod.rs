//! The settings of traces: which spans there are, where they go, and what of them is carried to other services.

mod exporters;

pub use exporters::TracesExporter;
pub(crate) use exporters::{Destination, SUFFIX, TracesSettings};

use super::env::Env;
use super::exporters::{listed, names};
use super::features::Features;
use super::model::{GivenPush, Overrides, Push};
use super::setting::Setting;
use std::time::Duration;

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";
const PROPAGATORS: &str = "OTEL_PROPAGATORS";
const FILTER: &str = "RUST_LOG";

/// Traces, with nothing left to be looked up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Traces {
    /// Each name at most once, in the order given.
    pub(crate) exporters: Vec<TracesSettings>,
    pub(crate) sampler: Sampler,
    /// Each at most once, in the order given.
    pub(crate) propagators: Vec<Propagator>,
    /// Which events are written as lines of the log: what `EnvFilter` takes.
    pub(crate) filter: String,
}

/// Which traces are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// Whether a parent has the say, if there is one.
    pub(crate) parent_based: bool,
    /// The share of the traces that begin here, from 0 to 1.
    pub(crate) ratio: f64,
}

/// When spans are sent, and how many wait for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) delay: Duration,
    pub(crate) timeout: Duration,
    /// What does not fit is dropped.
    pub(crate) queue: usize,
    pub(crate) size: usize,
}

/// How a trace gets from one service to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagator {
    TraceContext,
    Baggage,
}

impl Traces {
    /// `receiver` is whether an exporter of metrics sends to a receiver that is one for spans, too.
    pub(crate) fn resolve(env: &mut Env<'_>, given: &Overrides, features: Features, receiver: bool) -> Self {
        let batch = batch(env);
        let exporters = exporters::resolve(env, given, features, receiver, batch);
        Self { exporters, sampler: sampler(env), propagators: propagators(env), filter: filter(env) }
    }
}

impl Batch {
    /// With the timing that code gives the exporter called `name`.
    fn with(self, env: &mut Env<'_>, name: &str, given: GivenPush) -> Self {
        let push = given.resolve(env, name, "export_timeout", Push { interval: self.delay, timeout: self.timeout });
        Self { delay: push.interval, timeout: push.timeout, ..self }
    }
}

fn sampler(env: &mut Env<'_>) -> Sampler {
    // With `None` the share is the variable's.
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
        env.settled(default, |env| env.choice(&[SAMPLER], &choices).unwrap_or((true, Some(1.0))));
    Sampler { parent_based, ratio: ratio.unwrap_or_else(|| share(env)) }
}

fn share(env: &mut Env<'_>) -> f64 {
    const ALL: f64 = 1.0;
    env.settled(f64::to_string, |env| {
        let Some(text) = env.text(SAMPLER_ARG) else { return ALL };
        match text.parse() {
            Ok(share) if (0.0..=1.0).contains(&share) => share,
            _ => {
                env.problem(&Setting::variable(SAMPLER_ARG), &text, "the share of traces to record, from 0 to 1");
                ALL
            }
        }
    })
}

fn batch(env: &mut Env<'_>) -> Batch {
    // Code gives each exporter its own.
    let given = (Setting::builder("builder"), None);
    let delay = env.duration(given.clone(), &["OTEL_BSP_SCHEDULE_DELAY"], Duration::from_secs(5));
    let timeout = env.duration(given, &["OTEL_BSP_EXPORT_TIMEOUT"], Duration::from_secs(30));
    let queue = env.settled(usize::to_string, |env| count(env, "OTEL_BSP_MAX_QUEUE_SIZE").unwrap_or(2048));
    let size = env.settled(usize::to_string, |env| {
        let size = count(env, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE");
        if let Some(size) = size.filter(|size| *size > queue) {
            let allowed = format!("at most OTEL_BSP_MAX_QUEUE_SIZE, which is {queue}");
            env.problem(&Setting::variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"), &size.to_string(), allowed);
        }
        size.unwrap_or(512).min(queue)
    });
    Batch { delay, timeout, queue, size }
}

/// A number of spans. The memory for the queue grows with what waits in it; more than this would be a typing error.
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
    const ALLOWED: &str = "a list of tracecontext, baggage; or none alone";
    const WORDS: [(&str, Propagator); 2] =
        [("tracecontext", Propagator::TraceContext), ("baggage", Propagator::Baggage)];
    let word = |propagator: &Propagator| WORDS.iter().find(|(_, one)| one == propagator).map_or("", |(word, _)| word);
    env.settled(
        |propagators: &Vec<_>| listed(propagators.iter().map(word)),
        |env| {
            // An unknown one is ignored alone; where there is no other it is as if the variable was not set.
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
    env.settled(String::clone, |env| {
        let text = env.text(FILTER).unwrap_or_else(|| DEFAULT.to_owned());
        let Err(error) = text.parse::<tracing_subscriber::EnvFilter>() else { return text };
        let allowed = format!("a level, or directives like `info,my_crate=debug`; {error}");
        env.problem(&Setting::variable(FILTER), &text, allowed);
        DEFAULT.to_owned()
    })
}
