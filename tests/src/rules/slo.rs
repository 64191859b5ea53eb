//! `collector/prometheus/slo.toml`: the objectives of each service.

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
    /// The objectives of services that set no others.
    pub defaults: Defaults,
    /// The services, by the value of their label `service`.
    pub services: BTreeMap<String, Service>,
    /// The ceiling for the cost of language models.
    pub llm_cost: LlmCost,
}

/// The default objectives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// The availability objective: percent of the requests that do not fail.
    pub availability: f64,
    /// The latency objective.
    pub latency: Latency,
}

/// One service.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The availability objective: percent of the requests that do not fail.
    pub availability: Option<f64>,
    /// The latency objective.
    pub latency: Option<Latency>,
    /// The subsystem in the names of its metrics, if it does not follow from the name of the service.
    pub subsystem: Option<String>,
    /// What its objectives are measured by.
    #[serde(default)]
    pub measured_by: MeasuredBy,
}

/// A latency objective: so many percent of the requests within so many seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Percent of the requests.
    pub percent: f64,
    /// The threshold for their duration.
    pub seconds: f64,
}

/// What the objectives of a service are measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MeasuredBy {
    /// The requests at its HTTP or gRPC middleware (the edge).
    #[default]
    Edge,
    /// The calls of its instrumented functions.
    Calls,
}

/// The ceiling for the cost of language models.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LlmCost {
    /// For all models of one service, per hour.
    pub dollars_per_hour: f64,
}

impl Slo {
    /// Reads the file of the repository.
    ///
    /// # Panics
    ///
    /// If the file cannot be read, or if an objective cannot be measured. The message says what is wrong.
    #[track_caller]
    pub fn read() -> Self {
        Self::parse(&repository_file("collector/prometheus/slo.toml"))
            .unwrap_or_else(|problem| panic!("collector/prometheus/slo.toml: {problem}"))
    }

    /// Reads the objectives from a text.
    ///
    /// # Errors
    ///
    /// A message that says what is wrong, and which values are allowed.
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

    /// The services with this `measured_by`.
    pub(super) fn measured_by(&self, by: MeasuredBy) -> impl Iterator<Item = (&str, &Service)> {
        let services = self.services.iter().map(|(name, service)| (&**name, service));
        services.filter(move |(_, service)| service.measured_by == by)
    }
}

fn check(name: &str, availability: f64, latency: Latency, histogram: &MetricDef) -> Result<(), String> {
    for percent in [availability, latency.percent] {
        if !(percent > 0.0 && percent < 100.0) {
            return Err(format!(
                "{name}: {percent} percent leaves no error budget; write a number between 0 and 100, such as 99.9"
            ));
        }
    }
    if histogram.bounds.contains(&latency.seconds) {
        Ok(())
    } else {
        Err(format!(
            "{name}: {} s is not a bound of {}; write one of {:?}",
            latency.seconds, histogram.name, histogram.bounds
        ))
    }
}
