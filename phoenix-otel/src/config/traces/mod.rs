//! The settings of traces: the sampler, the exporters and the propagators.

mod exporters;

pub use exporters::TracesExporter;
pub(crate) use exporters::{Destination, SUFFIX, TracesSettings};

use super::env::Env;
use super::exporters::{join_names, names};
use super::features::Features;
use super::model::{Push, PushOverrides};
use super::overrides::Overrides;
use super::setting::{Places, Setting};
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
    pub(crate) limits: SpanLimits,
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

/// The maximum numbers of attributes, events and links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SpanLimits<T = u32> {
    pub(crate) attributes: T,
    pub(crate) events: T,
    pub(crate) links: T,
    pub(crate) attributes_of_event: T,
    pub(crate) attributes_of_link: T,
}

impl SpanLimits {
    const ATTRIBUTES: &str = "attribute_count_limit";
    const EVENTS: &str = "event_count_limit";
    const LINKS: &str = "link_count_limit";
    const ATTRIBUTES_OF_EVENT: &str = "event_attribute_count_limit";
    const ATTRIBUTES_OF_LINK: &str = "link_attribute_count_limit";

    /// The keys of a configuration file with their values.
    pub(crate) fn values(&self) -> [(&'static str, u32); 5] {
        [
            (Self::ATTRIBUTES, self.attributes),
            (Self::EVENTS, self.events),
            (Self::LINKS, self.links),
            (Self::ATTRIBUTES_OF_EVENT, self.attributes_of_event),
            (Self::ATTRIBUTES_OF_LINK, self.attributes_of_link),
        ]
    }

    /// The limits of the file, else of the variables, else of the specification.
    fn resolve(env: &mut Env<'_>, overrides: &Overrides) -> Self {
        let mut limit = |key: &'static str, of_file: Option<u32>, names: &[&'static str]| {
            const DEFAULT: u32 = 128;
            let limit = env.with_fallback(u32::to_string, |env| of_file.or(limit(env, names)).unwrap_or(DEFAULT));
            env.note(key, of_file.and(overrides.places.get(key).cloned()), names);
            limit
        };
        let of_file = overrides.span_limits.unwrap_or_default();
        Self {
            attributes: limit(
                Self::ATTRIBUTES,
                of_file.attributes,
                &["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
            ),
            events: limit(Self::EVENTS, of_file.events, &["OTEL_SPAN_EVENT_COUNT_LIMIT"]),
            links: limit(Self::LINKS, of_file.links, &["OTEL_SPAN_LINK_COUNT_LIMIT"]),
            attributes_of_event: limit(
                Self::ATTRIBUTES_OF_EVENT,
                of_file.attributes_of_event,
                &["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"],
            ),
            attributes_of_link: limit(
                Self::ATTRIBUTES_OF_LINK,
                of_file.attributes_of_link,
                &["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"],
            ),
        }
    }
}

/// The first valid limit. All variables are validated, also those that are not used.
fn limit(env: &mut Env<'_>, names: &[&'static str]) -> Option<u32> {
    let mut found = None;
    for name in names {
        let Some(text) = env.text(name) else { continue };
        match text.parse() {
            Ok(limit) => found = found.or(Some(limit)),
            Err(_) => {
                let allowed = format!("a whole number from 0 to {}", u32::MAX);
                env.problem(&Setting::variable(name), &text, allowed);
            }
        }
    }
    found
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

/// What a file sets for the batches of one exporter.
#[derive(Clone, Debug, Default)]
pub(crate) struct BatchLimits {
    pub(crate) queue: Option<usize>,
    pub(crate) size: Option<usize>,
    pub(crate) places: Places,
}

/// A format of trace context in requests to other services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagator {
    TraceContext,
    Baggage,
}

impl Propagator {
    const WORDS: [(&str, Self); 2] = [("tracecontext", Self::TraceContext), ("baggage", Self::Baggage)];

    /// As the variable and the configuration file spell it.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, propagator)| *propagator == self).map_or("", |(word, _)| *word)
    }
}

impl Traces {
    /// `has_receiver`: an exporter of metrics sends to an endpoint that is for all signals.
    pub(crate) fn resolve(env: &mut Env<'_>, overrides: &Overrides, features: Features, has_receiver: bool) -> Self {
        let batch = batch(env);
        let exporters = exporters::resolve(env, overrides, features, has_receiver, batch);
        let sampler = overrides.sampler.unwrap_or_else(|| sampler(env));
        env.note("sampler", overrides.places.get("sampler").cloned(), &[SAMPLER]);
        env.note("sampler_ratio", overrides.places.get("sampler").cloned(), &[SAMPLER_ARG]);
        let propagators = overrides.propagators.clone().unwrap_or_else(|| propagators(env));
        env.note("propagators", overrides.places.get("propagators").cloned(), &[PROPAGATORS]);
        let limits = SpanLimits::resolve(env, overrides);
        Self { exporters, sampler, propagators, filter: filter(env), limits }
    }
}

impl Batch {
    /// Applies what is set for the exporter `name`: the interval and the timeout, and the limits that a file can set.
    fn with(self, env: &mut Env<'_>, name: &str, overrides: PushOverrides, given: &BatchLimits) -> Self {
        let defaults = Push { interval: self.delay, timeout: self.timeout };
        let push = overrides.resolve(env, (name, &given.places), "export_timeout", defaults);
        let mut limit = |field: &'static str, value: Option<usize>, most: usize, allowed: &str| {
            if let Some(value) = value.filter(|value| *value > most) {
                let place = given.places.of_exporter(name, field);
                env.problem(&place, &value.to_string(), format!("{allowed} {most}"));
            }
            value.filter(|value| *value <= most)
        };
        let queue =
            limit("max_queue_size", given.queue, MOST_SPANS, "a number of spans of at most").unwrap_or(self.queue);
        let size = limit("max_export_batch_size", given.size, queue, "at most max_queue_size, which is");
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
    env.note("schedule_delay", None, &["OTEL_BSP_SCHEDULE_DELAY"]);
    env.note("export_timeout", None, &["OTEL_BSP_EXPORT_TIMEOUT"]);
    env.note("max_queue_size", None, &["OTEL_BSP_MAX_QUEUE_SIZE"]);
    env.note("max_export_batch_size", None, &["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"]);
    Batch { delay, timeout, queue, size }
}

/// The maximum length of a queue. Its memory grows with its length, so a larger number is probably a typing error.
const MOST_SPANS: usize = 1_000_000;

/// A number of spans.
fn count(env: &mut Env<'_>, name: &'static str) -> Option<usize> {
    let text = env.text(name)?;
    match text.parse() {
        Ok(count @ 1..=MOST_SPANS) => Some(count),
        _ => {
            env.problem(&Setting::variable(name), &text, format!("a whole number of spans from 1 to {MOST_SPANS}"));
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
