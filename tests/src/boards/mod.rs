//! Generates the Grafana dashboards from `collector/grafana/boards/*.toml` and from the catalog.
//!
//! A board has rows of panels, and a panel has queries. This module adds what all boards share: data source, variables, links, and the grid.
//! A row that names domains of the catalog gets a panel for each of their metrics.

mod catalog_panels;
mod grafana;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::rules::{Slo, ratio};

/// The matchers of every selector.
const SELECTED: &str = r#"job=~"$job",service=~"$service",instance=~"$instance""#;
/// The matchers for a metric whose own label `service` is a dependency.
const SELECTED_BY_DEPENDENCY: &str = r#"job=~"$job",instance=~"$instance""#;

/// One dashboard, as in its `.toml` file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The title.
    pub title: String,
    /// The uid, for links.
    pub uid: String,
    /// The question that the board answers.
    pub description: String,
    /// Rows, from top to bottom.
    pub rows: Vec<Row>,
}

/// Panels under one title.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The title.
    pub title: String,
    /// Panels written by hand.
    #[serde(default)]
    pub panels: Vec<Panel>,
    /// Domains of the catalog. Each of their metrics gets a panel.
    #[serde(default)]
    pub domains: Vec<String>,
}

/// One panel.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// The title.
    pub title: String,
    /// What the panel shows, and how to read it.
    pub description: String,
    /// The type: `timeseries`, `stat`, `bargauge`, `table`, `heatmap` or `state-timeline`.
    #[serde(default = "timeseries")]
    pub kind: String,
    /// The unit, by its name in Grafana.
    pub unit: String,
    /// The width, in 24ths of the board.
    #[serde(default = "half")]
    pub width: u64,
    /// The queries.
    pub queries: Vec<Query>,
    /// Values at which a colour starts, ascending.
    #[serde(default)]
    pub thresholds: Vec<(Threshold, String)>,
    /// Value mappings: the text and the colour of a number.
    #[serde(default)]
    pub mappings: Vec<(f64, String, String)>,
    /// The maximum of the axis, for a ratio.
    pub max: Option<f64>,
    /// The alert whose runbook is linked.
    pub runbook: Option<String>,
}

/// Where a colour starts: a number, or a default objective of `slo.toml`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub enum Threshold {
    /// A value in the unit of the panel.
    Number(f64),
    /// The name of a number in `slo.toml`.
    Objective(Objective),
}

/// A default of `slo.toml`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// The availability objective, as a ratio.
    Availability,
    /// The threshold of the latency objective.
    LatencySeconds,
    /// The ceiling for the cost of language models.
    DollarsPerHour,
}

impl Threshold {
    fn value(self) -> f64 {
        static SLO: LazyLock<Slo> = LazyLock::new(Slo::read);
        let slo = &*SLO;
        match self {
            Self::Number(value) => value,
            Self::Objective(Objective::Availability) => ratio(slo.defaults.availability),
            Self::Objective(Objective::LatencySeconds) => slo.defaults.latency.seconds,
            Self::Objective(Objective::DollarsPerHour) => slo.llm_cost.dollars_per_hour,
        }
    }
}

/// One query.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// PromQL. `$selected` stands for matchers on the variables of the board, `$selected_by_dependency` for the same without the service.
    pub expr: String,
    /// The legend of the series.
    pub legend: String,
    /// Whether the panel shows exemplars.
    #[serde(default)]
    pub exemplars: bool,
}

fn timeseries() -> String {
    "timeseries".to_owned()
}

fn half() -> u64 {
    12
}

/// The folder of the files for Grafana.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../collector/grafana")
}

/// Returns all boards with the name of their file.
///
/// # Panics
///
/// If a file cannot be read. The message has its name and what is wrong.
pub fn all() -> Vec<(String, Board)> {
    let boards = folder().join("boards");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&boards).expect("there are boards").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let board = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("a readable board");
        let board = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (file.file_stem().expect("a name").to_string_lossy().into_owned(), board)
    };
    files.iter().map(board).collect()
}

impl Board {
    /// Returns the panels of a row: first those written by hand, then those of the catalog.
    pub fn panels(&self, row: &Row) -> Vec<Panel> {
        let of_catalog = row.domains.iter().flat_map(|domain| catalog_panels::panels(domain));
        let panels = row.panels.iter().cloned().chain(of_catalog);
        panels.map(Panel::resolved).collect()
    }

    /// Returns the dashboard in the format of Grafana.
    pub fn json(&self) -> Value {
        grafana::dashboard(self)
    }
}

impl Panel {
    /// Replaces `$selected` in the queries.
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
