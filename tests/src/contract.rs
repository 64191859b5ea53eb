//! The metric contract as data: what every service must show, by its final names.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::tools::repository_file;

/// The whole contract.
#[derive(Debug)]
pub struct Contract {
    /// The metrics.
    pub rows: Vec<Row>,
    /// The call sets, by the path that the attribute names them by.
    pub call_sets: BTreeMap<String, CallSet>,
}

/// One metric.
#[derive(Debug)]
pub struct Row {
    /// The name in Prometheus; `<subsystem>` stands for the service's.
    pub name: String,
    /// The part of the contract, which is the module of the catalog.
    pub domain: String,
    /// The subsystems of the services that show it; none where every service does.
    pub services: Option<Vec<String>>,
    /// What it is.
    pub metric: Metric,
}

/// What a metric is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// `counter`, `gauge`, `histogram` or `summary`.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Where it is, where that is not what its part of the contract says.
    services: Option<Vec<String>>,
    /// The labels of its own, without those of the emitter.
    #[serde(default)]
    pub labels: BTreeMap<String, Values>,
    /// The upper bounds of a histogram, where the contract states them.
    pub bounds: Option<Vec<f64>>,
    /// The quantiles of a summary.
    pub quantiles: Option<Vec<f64>>,
    /// Why it is there though the contract does not have it.
    pub addition: Option<String>,
}

/// What Prometheus calls a metric's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It grows and falls.
    Gauge,
    /// Buckets.
    Histogram,
    /// Quantiles.
    Summary,
}

/// The values of a label.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// Strings.
    Any(Any),
    /// One of these.
    OneOf(Vec<String>),
}

/// Whether a label of strings has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Any {
    /// It has.
    Any,
    /// A service may lack it.
    Maybe,
}

/// The metrics that one call records.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSet {
    /// The labels of the set.
    pub labels: Vec<String>,
    /// The counter, which has `status` beside them.
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
    /// Reads `tests/contract/metrics.toml`.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
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
    /// The name that it has in the service of this subsystem, if that shows it.
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
