//! Grafana dashboards, made from `collector/grafana/boards/*.toml` and from the catalog.
//!
//! A board is rows of panels, each with its queries. What is the same in all of them (datasource, variables, links, the grid) is added
//! here, and a row that names domains of the catalog gets a panel for each of their metrics.

mod grafana;
mod mechanical;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::rules::{Slo, ratio};

/// What every series is chosen by.
const SELECTED: &str = r#"job=~"$job",service=~"$service",instance=~"$instance""#;
/// The same for a metric whose own label `service` names a dependency.
const SELECTED_BY_DEPENDENCY: &str = r#"job=~"$job",instance=~"$instance""#;

/// One dashboard, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The title, by which people find it.
    pub title: String,
    /// The identity, by which links find it.
    pub uid: String,
    /// What it answers.
    pub description: String,
    /// Rows from top to bottom.
    pub rows: Vec<Row>,
}

/// Panels under one heading.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The heading.
    pub title: String,
    /// Panels that are written by hand.
    #[serde(default)]
    pub panels: Vec<Panel>,
    /// Domains of the catalog whose metrics get a panel each.
    #[serde(default)]
    pub domains: Vec<String>,
}

/// One panel.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// The title.
    pub title: String,
    /// What it shows, and what to think of it.
    pub description: String,
    /// `timeseries`, `stat`, `bargauge`, `table`, `heatmap` or `state-timeline`.
    #[serde(default = "timeseries")]
    pub kind: String,
    /// Grafana's name of the unit.
    pub unit: String,
    /// In columns of 24.
    #[serde(default = "half")]
    pub width: u64,
    /// Its queries.
    pub queries: Vec<Query>,
    /// From which value on which colour holds, ascending.
    #[serde(default)]
    pub thresholds: Vec<(Threshold, String)>,
    /// What numbers mean.
    #[serde(default)]
    pub mappings: Vec<(f64, String, String)>,
    /// The highest value, for a share.
    pub max: Option<f64>,
    /// The alert whose runbook is linked.
    pub runbook: Option<String>,
}

/// Where a colour begins: a number, or what `slo.toml` promises for services that it does not list.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub enum Threshold {
    /// In the panel's unit.
    Number(f64),
    /// By its name.
    Promised(Promise),
}

/// A number of `slo.toml`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// The share of requests that do not fail.
    Availability,
    /// The time within which most are answered.
    LatencySeconds,
    /// What models may cost.
    DollarsPerHour,
}

impl Threshold {
    fn value(self) -> f64 {
        static SLO: LazyLock<Slo> = LazyLock::new(Slo::read);
        let slo = &*SLO;
        match self {
            Self::Number(value) => value,
            Self::Promised(Promise::Availability) => ratio(slo.defaults.availability),
            Self::Promised(Promise::LatencySeconds) => slo.defaults.latency.seconds,
            Self::Promised(Promise::DollarsPerHour) => slo.llm_cost.dollars_per_hour,
        }
    }
}

/// One query.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// PromQL, in which `$selected` chooses by the board's variables, and `$selected_by_dependency` by those but the service.
    pub expr: String,
    /// What the series is called.
    pub legend: String,
    /// Whether exemplars are shown.
    #[serde(default)]
    pub exemplars: bool,
}

fn timeseries() -> String {
    "timeseries".to_owned()
}

fn half() -> u64 {
    12
}

/// The folder of Grafana's files.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../collector/grafana")
}

/// All boards, by the name of their file.
///
/// # Panics
///
/// Where a file cannot be read, with its name and what is wrong in it.
pub fn all() -> Vec<(String, Board)> {
    let boards = folder().join("boards");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&boards).expect("there are boards").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let board = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("a board can be read");
        let board = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (file.file_stem().expect("a name").to_string_lossy().into_owned(), board)
    };
    files.iter().map(board).collect()
}

impl Board {
    /// All panels of a row, those of the catalog after those by hand.
    pub fn panels(&self, row: &Row) -> Vec<Panel> {
        let of_catalog = row.domains.iter().flat_map(|domain| mechanical::panels(domain));
        let panels = row.panels.iter().cloned().chain(of_catalog);
        panels.map(Panel::resolved).collect()
    }

    /// The dashboard as Grafana reads it.
    pub fn json(&self) -> Value {
        grafana::dashboard(self)
    }
}

impl Panel {
    /// With the choices of the board in its queries.
    fn resolved(mut self) -> Self {
        for query in &mut self.queries {
            query.expr = query
                .expr
                .trim()
                .replace("$selected_by_dependency", SELECTED_BY_DEPENDENCY)
                .replace("$selected", SELECTED);
        }
        self
    }
}
