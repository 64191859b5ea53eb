//! The settings of traces: which spans there are, where they go, and what of them is carried to other services.

mod exporters;

pub use exporters::TracesExporter;
pub(crate) use exporters::TracesSettings;

use super::env::Env;
use super::features::Features;
use super::model::{GivenPush, Overrides, Push};
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
    let (parent_based, ratio) = env.choice(&[SAMPLER], &choices).unwrap_or((true, Some(1.0)));
    Sampler { parent_based, ratio: ratio.unwrap_or_else(|| share(env)) }
}

fn share(env: &mut Env<'_>) -> f64 {
    const ALL: f64 = 1.0;
    let Some(text) = env.text(SAMPLER_ARG) else { return ALL };
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => share,
        _ => {
            env.problem(SAMPLER_ARG, &text, "the share of traces to record, from 0 to 1");
            ALL
        }
    }
}

fn batch(env: &mut Env<'_>) -> Batch {
    let delay = env.millis(&["OTEL_BSP_SCHEDULE_DELAY"]).unwrap_or(Duration::from_secs(5));
    let timeout = env.millis(&["OTEL_BSP_EXPORT_TIMEOUT"]).unwrap_or(Duration::from_secs(30));
    let queue = count(env, "OTEL_BSP_MAX_QUEUE_SIZE");
    let size = count(env, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE");
    let queue_size = queue.unwrap_or(2048);
    if let Some(size) = size.filter(|size| *size > queue_size) {
        let allowed = format!("at most OTEL_BSP_MAX_QUEUE_SIZE, which is {queue_size}");
        env.problem("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", &size.to_string(), allowed);
    }
    Batch { delay, timeout, queue: queue_size, size: size.unwrap_or(512).min(queue_size) }
}

/// A number of spans. The memory for the queue grows with what waits in it; more than this would be a typing error.
fn count(env: &mut Env<'_>, name: &'static str) -> Option<usize> {
    const MOST: usize = 1_000_000;
    let text = env.text(name)?;
    match text.parse() {
        Ok(count @ 1..=MOST) => Some(count),
        _ => {
            env.problem(name, &text, format!("a whole number of spans from 1 to {MOST}"));
            None
        }
    }
}

fn propagators(env: &mut Env<'_>) -> Vec<Propagator> {
    const ALLOWED: &str = "a list of tracecontext, baggage; or none alone";
    let Some(list) = env.text(PROPAGATORS) else {
        return vec![Propagator::TraceContext, Propagator::Baggage];
    };
    let mut propagators = Vec::new();
    let mut none = false;
    for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let propagator = match word.to_ascii_lowercase().as_str() {
            "tracecontext" => Propagator::TraceContext,
            "baggage" => Propagator::Baggage,
            "none" => {
                none = true;
                continue;
            }
            _ => {
                env.problem(PROPAGATORS, word, ALLOWED);
                continue;
            }
        };
        if !propagators.contains(&propagator) {
            propagators.push(propagator);
        }
    }
    if none && !propagators.is_empty() {
        env.problem(PROPAGATORS, &list, ALLOWED);
    }
    propagators
}

fn filter(env: &mut Env<'_>) -> String {
    let Some(text) = env.text(FILTER) else {
        return "info".to_owned();
    };
    if let Err(error) = text.parse::<tracing_subscriber::EnvFilter>() {
        env.problem(FILTER, &text, format!("a level, or directives like `info,my_crate=debug`; {error}"));
    }
    text
}
