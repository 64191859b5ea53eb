//! `collector/prometheus/slo.toml`: what each service promises.

use std::collections::BTreeMap;

use phoenix_otel::MetricDef;
use phoenix_otel::catalog::edge;
use serde::Deserialize;

use super::calls;
use crate::tools::repository_file;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slo {
    /// What a service promises where it says nothing else.
    pub defaults: Defaults,
    /// The services, by the value of their label `service`.
    pub services: BTreeMap<String, Service>,
    /// What language models may cost.
    pub llm_cost: LlmCost,
}

/// What every service promises.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// Percent of the requests that do not fail.
    pub availability: f64,
    /// How fast they are answered.
    pub latency: Latency,
}

/// One service.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Percent of the requests that do not fail.
    pub availability: Option<f64>,
    /// How fast they are answered.
    pub latency: Option<Latency>,
    /// The second word of its metrics' names, where that does not follow from its own.
    pub subsystem: Option<String>,
    /// What its promises are held against.
    #[serde(default)]
    pub measured_by: MeasuredBy,
}

/// So many percent within so many seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Percent of the requests.
    pub percent: f64,
    /// The time in which they are answered.
    pub seconds: f64,
}

/// What a service is measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MeasuredBy {
    /// The requests that the edge's middleware answers.
    #[default]
    Edge,
    /// The calls of its instrumented functions.
    Calls,
}

/// What language models may cost.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LlmCost {
    /// All models of one service, within an hour.
    pub dollars_per_hour: f64,
}

impl Slo {
    /// The file of the repository.
    ///
    /// # Panics
    ///
    /// When it cannot be read, or promises what cannot be measured: with what is wrong.
    #[track_caller]
    pub fn read() -> Self {
        Self::parse(&repository_file("collector/prometheus/slo.toml"))
            .unwrap_or_else(|problem| panic!("collector/prometheus/slo.toml: {problem}"))
    }

    /// The same from a text.
    ///
    /// # Errors
    ///
    /// What is wrong, and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let slo: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        check("defaults", slo.defaults.availability, slo.defaults.latency, edge::REQUEST_DURATION::DEF)?;
        for (name, service) in &slo.services {
            let histogram = match service.measured_by {
                MeasuredBy::Edge => edge::REQUEST_DURATION::DEF,
                MeasuredBy::Calls => calls::DURATION,
            };
            check(name, slo.availability(service), slo.latency(service), histogram)?;
        }
        Ok(slo)
    }

    pub(super) fn availability(&self, service: &Service) -> f64 {
        service.availability.unwrap_or(self.defaults.availability)
    }

    pub(super) fn latency(&self, service: &Service) -> Latency {
        service.latency.unwrap_or(self.defaults.latency)
    }

    /// The services that are measured so.
    pub(super) fn measured_by(&self, by: MeasuredBy) -> impl Iterator<Item = (&str, &Service)> {
        let services = self.services.iter().map(|(name, service)| (&**name, service));
        services.filter(move |(_, service)| service.measured_by == by)
    }
}

fn check(name: &str, availability: f64, latency: Latency, histogram: &MetricDef) -> Result<(), String> {
    for percent in [availability, latency.percent] {
        if !(percent > 0.0 && percent < 100.0) {
            return Err(format!(
                "{name}: {percent} percent leaves no budget; write a number between 0 and 100, such as 99.9"
            ));
        }
    }
    if histogram.bounds.contains(&latency.seconds) {
        Ok(())
    } else {
        Err(format!(
            "{name}: {} s is no bound of {}; write one of {:?}",
            latency.seconds, histogram.name, histogram.bounds
        ))
    }
}
