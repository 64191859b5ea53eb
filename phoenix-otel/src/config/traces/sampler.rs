//! The sampler.

use std::ops::RangeInclusive;

use crate::config::env::Env;
use crate::config::overrides::Overrides;
use crate::config::setting::Setting;

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";
const RATIOS: RangeInclusive<f64> = 0.0..=1.0;
const ALLOWED: &str = "the ratio of traces to record, from 0 to 1";
const ALL: f64 = 1.0;

/// Decides which traces are recorded. Pass it to [`Builder::sampler`](crate::Builder::sampler). The names are those of the OpenTelemetry
/// specification.
///
/// ```
/// use phoenix_otel::Sampler;
///
/// // One in ten of the traces that start here, and those that the caller records.
/// let builder = phoenix_otel::builder("orchestrator").sampler(Sampler::trace_id_ratio(0.1).parent_based());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct Sampler {
    /// Whether the decision of the parent span is used, if there is a parent.
    pub(crate) parent_based: bool,
    /// The ratio of traces without a parent that are recorded, from 0 to 1.
    pub(crate) ratio: f64,
}

impl Sampler {
    /// Records every trace.
    pub const fn always_on() -> Self {
        Self::trace_id_ratio(ALL)
    }

    /// Records no trace.
    pub const fn always_off() -> Self {
        Self::trace_id_ratio(0.0)
    }

    /// Records this ratio of traces, from 0 to 1. The trace ID decides, so services with the same ratio record the same traces. A ratio outside of
    /// this range is an error of [`init`](crate::Builder::init).
    pub const fn trace_id_ratio(ratio: f64) -> Self {
        Self { parent_based: false, ratio }
    }

    /// Uses the decision of the parent span, if there is a parent.
    pub const fn parent_based(mut self) -> Self {
        self.parent_based = true;
        self
    }

    /// The sampler of code, else of the file, else of the variables.
    pub(super) fn resolve(env: &mut Env<'_>, overrides: &Overrides) -> Self {
        let given = || overrides.given("sampler", "builder: sampler", overrides.sampler.is_some());
        let sampler = overrides.sampler.unwrap_or_else(|| of_variables(env));
        env.note("sampler", given(), &[SAMPLER]);
        env.note("sampler_ratio", given(), &[SAMPLER_ARG]);
        // A file with an invalid ratio is already reported.
        if let Some(setting @ Setting::Code(_)) = given()
            && !RATIOS.contains(&sampler.ratio)
        {
            env.problem(&setting, &sampler.ratio.to_string(), ALLOWED);
        }
        sampler
    }
}

fn of_variables(env: &mut Env<'_>) -> Sampler {
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
    env.with_fallback(f64::to_string, |env| {
        let Some(text) = env.text(SAMPLER_ARG) else { return ALL };
        match text.parse() {
            Ok(ratio) if RATIOS.contains(&ratio) => ratio,
            _ => {
                env.problem(&Setting::variable(SAMPLER_ARG), &text, ALLOWED);
                ALL
            }
        }
    })
}
