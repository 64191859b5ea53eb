//! A real Prometheus with a data folder and a port of its own.

mod builder;

use serde_json::Value;
use tempfile::TempDir;

pub use self::builder::Builder;
pub(crate) use self::builder::listening;
use crate::http;
use crate::process::Process;
use crate::series::Series;
use crate::tools::repository_file;
use crate::wait::wait_until;

/// A running Prometheus. It ends, and its data goes, when this is dropped.
#[derive(Debug)]
pub struct Prometheus {
    // Before the folder, so that the process has ended when the folder is removed.
    process: Process,
    folder: TempDir,
    address: String,
}

impl Prometheus {
    /// One with this configuration; relative paths in it are relative to its folder.
    ///
    /// # Panics
    ///
    /// When its folder cannot be written.
    #[track_caller]
    pub fn with_config(config: &str) -> Builder {
        Builder::new(config)
    }

    /// One with the configuration of the repository, which scrapes and evaluates every second instead of
    /// every fifteen, and has no targets until [`Builder::targets`] names some.
    ///
    /// # Panics
    ///
    /// When the configuration cannot be read, or has no such interval.
    #[track_caller]
    pub fn from_repository() -> Builder {
        let config = repository_file("collector/prometheus/prometheus.yml");
        let fast = config
            .replace("scrape_interval: 15s", "scrape_interval: 1s")
            .replace("scrape_timeout: 10s", "scrape_timeout: 1s")
            .replace("evaluation_interval: 15s", "evaluation_interval: 1s");
        assert_ne!(config, fast, "prometheus.yml has another scrape_interval than 15s");
        let jobs = ["services", "otelcol-services", "otelcol", "prometheus", "alertmanager"];
        jobs.iter().fold(Self::with_config(&fast), |builder, job| builder.targets(job, &[]))
    }

    /// `host:port` of its API.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The URL of a path of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where it takes remote write, if it was started with that.
    pub fn remote_write_url(&self) -> String {
        self.url("/api/v1/write")
    }

    /// The base URL of its OTLP receiver: an SDK adds `/v1/metrics`.
    pub fn otlp_url(&self) -> String {
        self.url("/api/v1/otlp")
    }

    /// The process, to look at its log or send it a signal.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Lets a job that reads `targets/<job>.yml` scrape these addresses from now on.
    ///
    /// # Panics
    ///
    /// When the file cannot be written.
    #[track_caller]
    pub fn set_targets(&self, job: &str, addresses: &[&str]) {
        builder::write_targets(self.folder.path(), job, addresses);
    }

    /// The `data` of a GET on its API, such as `/api/v1/metadata`.
    ///
    /// # Errors
    ///
    /// When it does not answer, or answers with an error.
    pub fn api(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, String> {
        let body = http::get_query(&self.url(path), parameters)?.ok()?;
        let mut answer: Value = serde_json::from_str(&body).map_err(|e| format!("{e}: {body}"))?;
        Ok(answer["data"].take())
    }

    /// An instant query.
    ///
    /// # Panics
    ///
    /// When it fails, so when the expression is wrong or Prometheus is gone.
    #[track_caller]
    pub fn query(&self, promql: &str) -> Series {
        self.api("/api/v1/query", &[("query", promql)])
            .and_then(|data| Series::from_vector(&data["result"]))
            .unwrap_or_else(|e| panic!("query {promql}: {e}; {}", self.process.log_tail()))
    }

    /// All `phoenix_*` series, without what only the way they came adds (`job`, `instance`,
    /// `otel_scope_*`): what must be the same by every way.
    ///
    /// # Panics
    ///
    /// As [`Prometheus::query`], and when a series is there twice.
    #[track_caller]
    pub fn phoenix(&self) -> Series {
        const OF_THE_WAY: [&str; 5] =
            ["job", "instance", "otel_scope_name", "otel_scope_version", "otel_scope_schema_url"];
        self.query(r#"{__name__=~"phoenix_.*"}"#).without(&OF_THE_WAY)
    }

    /// Waits until the query has an answer that `enough` likes, and gives that.
    ///
    /// # Panics
    ///
    /// When it takes too long: with the last answer.
    #[track_caller]
    pub fn wait_for(&self, promql: &str, enough: impl Fn(&Series) -> bool) -> Series {
        wait_until(&format!("the answer to {promql}"), || {
            let seen = self.query(promql);
            if enough(&seen) { Ok(seen) } else { Err(format!("\n{}", seen.lines())) }
        })
    }
}
