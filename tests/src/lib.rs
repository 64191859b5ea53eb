//! What the tests share: real processes (a Prometheus, a collector, any program), clients to ask
//! them, and polling in place of sleeping.
//!
//! The programs are built by `tests/tools`; a test that misses one fails and says so. Everything
//! listens on loopback, at ports of its own, and ends when its handle is dropped.

pub mod again;
pub mod alertmanager;
pub mod boards;
pub mod browser;
pub mod calls;
pub mod catalog;
pub mod collector;
pub mod contract;
pub mod dead;
pub mod example;
pub mod http;
pub mod ingested;
pub mod link;
pub mod openmetrics;
pub mod otlp_json;
pub mod otlp_sink;
pub mod platform;
pub mod ports;
pub mod process;
pub mod prometheus;
pub mod promql;
pub mod quickstart;
pub mod rules;
pub mod samples;
pub mod series;
pub mod snapshot;
pub mod tools;
pub mod wait;
pub mod webhook;

pub use alertmanager::Alertmanager;
pub use browser::{Browser, Window};
pub use calls::{block_on, counted, counted_of, start};
pub use collector::Collector;
pub use link::{Link, Wire};
pub use platform::Platform;
pub use process::Process;
pub use prometheus::Prometheus;
pub use quickstart::Quickstart;
pub use samples::{Sample, Samples};
pub use series::{Labels, Series, assert_same};
pub use wait::wait_until;
pub use webhook::Webhook;

/// The README's examples compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// So do those of the page on the platform.
#[cfg(doctest)]
#[doc = include_str!("../../docs/platform.md")]
struct PlatformPage;

/// So do those of the page on batch jobs.
#[cfg(doctest)]
#[doc = include_str!("../../docs/batch-jobs.md")]
struct BatchJobs;

/// So do those of the page on tests, and they run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/testing.md")]
struct Testing;

/// So do those of the page on exporters.
#[cfg(doctest)]
#[doc = include_str!("../../docs/exporters.md")]
struct Exporters;
