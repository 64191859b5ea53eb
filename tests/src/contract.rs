//! The metric contract as data: the metrics that every service must have, by their final names.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::tools::repository_file;

/// The contract.
#[derive(Debug)]
pub struct Contract {
    /// The metrics.
    pub rows: Vec<Row>,
    /// The call sets, by the path that the attribute uses.
    pub call_sets: BTreeMap<String, CallSet>,
}

/// A metric of the contract.
#[derive(Debug)]
pub struct Row {
    /// The name in Prometheus. `<subsystem>` is a placeholder for the subsystem of the service.
    pub name: String,
    /// The part of the contract: the module of the catalog.
    pub domain: String,
    /// The subsystems of the services that have it. Empty if every service has it.
    pub services: Option<Vec<String>>,
    /// Its type, labels and buckets.
    pub metric: Metric,
}

/// The properties of a metric.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// `counter`, `gauge`, `histogram` or `summary`.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The subsystems that have it, if they differ from those of its part.
    services: Option<Vec<String>>,
    /// Its labels, without those of the emitter.
    #[serde(default)]
    pub labels: BTreeMap<String, Values>,
    /// The bounds of a histogram, if the contract has them.
    pub bounds: Option<Vec<f64>>,
    /// The quantiles of a summary.
    pub quantiles: Option<Vec<f64>>,
    /// The reason for a metric that is not in the original contract.
    pub addition: Option<String>,
}

/// The type of a metric in Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A counter.
    Counter,
    /// A gauge or an up-down counter.
    Gauge,
    /// A histogram.
    Histogram,
    /// A summary.
    Summary,
}

/// The values of a label.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// Any string.
    Any(Any),
    /// One of these values.
    OneOf(Vec<String>),
}

/// Whether a string label is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Any {
    /// Required.
    Any,
    /// Optional.
    Maybe,
}

/// The metrics of a call set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSet {
    /// The labels of the set.
    pub labels: Vec<String>,
    /// The counter. It also has the label `status`.
    pub requests: Option<String>,
    /// The histogram of durations.
    pub duration: Option<String>,
}

#[derive(Deserialize)]
struct File {
    call_sets: BTreeMap<String, CallSet>,
    #[serde(flatten)]
    domains: BTreeMap<String, Domain>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Domain {
    services: Services,
    metrics: BTreeMap<String, Metric>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Services {
    Every(Every),
    These(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Every {
    Every,
}

impl Contract {
    /// Parses `tests/contract/metrics.toml`.
    ///
    /// # Panics
    ///
    /// If it cannot be read.
    #[track_caller]
    pub fn read() -> Self {
        let file: File = toml::from_str(&repository_file("tests/contract/metrics.toml"))
            .unwrap_or_else(|e| panic!("tests/contract/metrics.toml: {e}"));
        let rows = file.domains.into_iter().flat_map(|(domain, Domain { services, metrics })| {
            let services = match services {
                Services::Every(Every::Every) => None,
                Services::These(these) => Some(these),
            };
            metrics.into_iter().map(move |(name, mut metric)| Row {
                name,
                domain: domain.clone(),
                services: metric.services.take().or_else(|| services.clone()),
                metric,
            })
        });
        Self { rows: rows.collect(), call_sets: file.call_sets }
    }
}

impl Row {
    /// Returns its name in the service of this subsystem, or `None` if that service does not have it.
    pub fn name_in(&self, subsystem: &str) -> Option<String> {
        let shows = self.services.as_ref().is_none_or(|services| services.iter().any(|service| service == subsystem));
        shows.then(|| self.name.replace("<subsystem>", subsystem))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        })
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(Any::Any | Any::Maybe) => f.write_str("any"),
            Self::OneOf(values) => f.write_str(&values.join("|")),
        }
    }
}
