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

/// The files of targets that the configuration reads.
const TARGETS: [&str; 7] =
    ["services", "otelcol-services", "otelcol", "prometheus", "alertmanager", "node", "cadvisor"];

/// How often the tests' Prometheus scrapes, and how long a scrape may take: as long as it can, since that is a bound and not a pace.
pub const SCRAPE_SECONDS: u32 = 3;

/// The configuration of the repository, but with a scrape every [`SCRAPE_SECONDS`], and an evaluation and a look-up every second.
#[track_caller]
fn fast() -> String {
    let changes = [
        ("scrape_interval: 15s", format!("scrape_interval: {SCRAPE_SECONDS}s")),
        ("scrape_timeout: 10s", format!("scrape_timeout: {SCRAPE_SECONDS}s")),
        ("evaluation_interval: 15s", "evaluation_interval: 1s".to_owned()),
        ("refresh_interval: 30s", "refresh_interval: 1s".to_owned()),
    ];
    changes.iter().fold(repository_file("collector/prometheus/prometheus.yml"), |config, (from, to)| {
        assert!(config.contains(from), "prometheus.yml has another {from}");
        config.replace(from, to)
    })
}

/// A running Prometheus. It ends, and its data goes, when this is dropped.
#[derive(Debug)]
pub struct Prometheus {
    // Before the folder, so that the process has ended when the folder is removed.
    process: Process,
    folder: TempDir,
    flags: Vec<String>,
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

    /// One with the configuration of the repository, which scrapes every [`SCRAPE_SECONDS`] and evaluates every second instead of
    /// every fifteen, looks up no name in the DNS, and has no targets until [`Builder::targets`] names some.
    ///
    /// # Panics
    ///
    /// When the configuration cannot be read, or has no such interval.
    #[track_caller]
    pub fn from_repository() -> Builder {
        let config = fast();
        let discovery = config.find("    dns_sd_configs:").expect("prometheus.yml looks up names");
        let files = config[discovery..].find("    file_sd_configs:").expect("and reads files after it");
        let without = [&config[..discovery], &config[discovery + files..]].concat();
        let builder = Self::with_config(&without);
        TARGETS.iter().fold(builder, |builder, job| builder.targets(job, &[]))
    }

    /// The same with its discovery by DNS, and with the targets of the repository.
    ///
    /// # Panics
    ///
    /// As [`Prometheus::from_repository`].
    #[track_caller]
    pub fn discovering() -> Builder {
        TARGETS.iter().fold(Self::with_config(&fast()), |builder, job| {
            let file = format!("targets/{job}.yml");
            let text = repository_file(&format!("collector/prometheus/{file}"));
            builder.file(&file, &text)
        })
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

    /// Starts it again after it has ended, with the same data and at the same address; that should come from
    /// [`Builder::listen`], since a port of the system's choice may be another program's by now.
    ///
    /// # Panics
    ///
    /// When it still runs, or does not get ready.
    #[track_caller]
    pub fn start_again(&mut self) {
        assert!(self.process.ended().is_some(), "Prometheus still runs; {}", self.process.log_tail());
        (self.process, self.address) = builder::launch(self.folder.path(), &self.flags, &self.address);
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

    /// Writes a file into its folder, such as `targets/services.yml`, as [`Builder::file`] does before the start.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    #[track_caller]
    pub fn set_file(&self, name: &str, text: &str) {
        builder::write(self.folder.path(), name, text);
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
