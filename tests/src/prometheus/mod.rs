//! A real Prometheus with its own data folder and port.

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

/// The target files of the configuration.
const TARGETS: [&str; 7] =
    ["services", "otelcol-services", "otelcol", "prometheus", "alertmanager", "node", "cadvisor"];

/// Scrape interval and scrape timeout of the tests' Prometheus. The timeout is as long as possible, since it only limits a scrape.
pub const SCRAPE_SECONDS: u32 = 3;

/// The configuration of the repository with a scrape every [`SCRAPE_SECONDS`], and an evaluation and a discovery refresh every second.
#[track_caller]
fn fast() -> String {
    let changes = [
        ("scrape_interval: 15s", format!("scrape_interval: {SCRAPE_SECONDS}s")),
        ("scrape_timeout: 10s", format!("scrape_timeout: {SCRAPE_SECONDS}s")),
        ("evaluation_interval: 15s", "evaluation_interval: 1s".to_owned()),
        ("refresh_interval: 30s", "refresh_interval: 1s".to_owned()),
    ];
    changes.iter().fold(repository_file("collector/prometheus/prometheus.yml"), |config, (from, to)| {
        assert!(config.contains(from), "prometheus.yml does not contain {from}");
        config.replace(from, to)
    })
}

/// A running Prometheus. Drop stops it and deletes its data.
#[derive(Debug)]
pub struct Prometheus {
    // Declared before the folder, so that the process ends before the folder is removed.
    process: Process,
    folder: TempDir,
    flags: Vec<String>,
    address: String,
}

impl Prometheus {
    /// Returns a builder with this configuration. Relative paths refer to its folder.
    ///
    /// # Panics
    ///
    /// If its folder cannot be written.
    #[track_caller]
    pub fn with_config(config: &str) -> Builder {
        Builder::new(config)
    }

    /// Returns a builder with the configuration of the repository, which scrapes every [`SCRAPE_SECONDS`] and evaluates every second instead of
    /// every 15, without discovery by DNS, and without targets until [`Builder::targets`] sets some.
    ///
    /// # Panics
    ///
    /// If the configuration cannot be read or has other intervals.
    #[track_caller]
    pub fn from_repository() -> Builder {
        let config = fast();
        let discovery = config.find("    dns_sd_configs:").expect("prometheus.yml has dns_sd_configs");
        let files = config[discovery..]
            .find("    file_sd_configs:")
            .expect("prometheus.yml has file_sd_configs after dns_sd_configs");
        let without = [&config[..discovery], &config[discovery + files..]].concat();
        let builder = Self::with_config(&without);
        TARGETS.iter().fold(builder, |builder, job| builder.targets(job, &[]))
    }

    /// The same with discovery by DNS and the targets of the repository.
    ///
    /// # Panics
    ///
    /// As in [`Prometheus::from_repository`].
    #[track_caller]
    pub fn with_discovery() -> Builder {
        TARGETS.iter().fold(Self::with_config(&fast()), |builder, job| {
            let file = format!("targets/{job}.yml");
            let text = repository_file(&format!("collector/prometheus/{file}"));
            builder.file(&file, &text)
        })
    }

    /// Returns the `host:port` of its API.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the URL of remote write, if the receiver is enabled.
    pub fn remote_write_url(&self) -> String {
        self.url("/api/v1/write")
    }

    /// Returns the base URL of its OTLP receiver, to which an SDK adds `/v1/metrics`.
    pub fn otlp_url(&self) -> String {
        self.url("/api/v1/otlp")
    }

    /// Returns the process, to read its log or to send it a signal.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Restarts it after it has ended, with the same data and on the same address. Set the address with
    /// [`Builder::listen`], since another program may have taken a port that the system chose.
    ///
    /// # Panics
    ///
    /// If it still runs, or does not get ready.
    #[track_caller]
    pub fn restart(&mut self) {
        assert!(self.process.ended().is_some(), "Prometheus still runs; {}", self.process.log_tail());
        (self.process, self.address) = builder::launch(self.folder.path(), &self.flags, &self.address);
    }

    /// Sets the targets of a job that reads `targets/<job>.yml`.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    #[track_caller]
    pub fn set_targets(&self, job: &str, addresses: &[&str]) {
        builder::write_targets(self.folder.path(), job, addresses);
    }

    /// Writes a file into its folder, as [`Builder::file`] does before the start.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    #[track_caller]
    pub fn set_file(&self, name: &str, text: &str) {
        builder::write(self.folder.path(), name, text);
    }

    /// Returns the `data` of a GET request to its API, such as `/api/v1/metadata`.
    ///
    /// # Errors
    ///
    /// If it does not respond, or responds with an error.
    pub fn api(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, String> {
        let body = http::get_query(&self.url(path), parameters)?.ok()?;
        let mut answer: Value = serde_json::from_str(&body).map_err(|e| format!("{e}: {body}"))?;
        Ok(answer["data"].take())
    }

    /// Runs an instant query.
    ///
    /// # Panics
    ///
    /// If it fails: the expression is wrong, or Prometheus does not respond.
    #[track_caller]
    pub fn query(&self, promql: &str) -> Series {
        self.api("/api/v1/query", &[("query", promql)])
            .and_then(|data| Series::from_vector(&data["result"]))
            .unwrap_or_else(|e| panic!("query {promql}: {e}; {}", self.process.log_tail()))
    }

    /// Returns all `phoenix_*` series without the labels that depend on the way (`job`, `instance`,
    /// `otel_scope_*`). They must be equal for scrape and OTLP.
    ///
    /// # Panics
    ///
    /// As in [`Prometheus::query`], and if a series exists twice.
    #[track_caller]
    pub fn phoenix(&self) -> Series {
        const OF_THE_WAY: [&str; 5] =
            ["job", "instance", "otel_scope_name", "otel_scope_version", "otel_scope_schema_url"];
        self.query(r#"{__name__=~"phoenix_.*"}"#).without(&OF_THE_WAY)
    }

    /// Waits until the result of a query satisfies `enough`, and returns it.
    ///
    /// # Panics
    ///
    /// If it takes too long. The message has the last result.
    #[track_caller]
    pub fn wait_for(&self, promql: &str, enough: impl Fn(&Series) -> bool) -> Series {
        wait_until(&format!("the result of {promql}"), || {
            let seen = self.query(promql);
            if enough(&seen) { Ok(seen) } else { Err(format!("\n{}", seen.lines())) }
        })
    }
}
