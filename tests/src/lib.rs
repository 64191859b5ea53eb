//! The test harness: real processes (a Prometheus, a collector, any program), clients for
//! them, and polling instead of sleeping.
//!
//! `tests/tools` builds the programs. A test fails if a program is missing. Every program
//! listens on loopback, on its own ports, and stops when its handle is dropped.

pub mod alertmanager;
pub mod boards;
pub mod browser;
pub mod calls;
pub mod catalog;
pub mod certificates;
pub mod collector;
pub mod contract;
pub mod example;
pub mod http;
pub mod ingested;
pub mod link;
pub mod log_sink;
pub mod openmetrics;
pub mod otlp_json;
pub mod otlp_sink;
pub mod platform;
pub mod ports;
pub mod process;
pub mod prometheus;
pub mod promql;
pub mod protobuf;
pub mod quickstart;
pub mod receiver_down;
pub mod rerun;
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
pub use link::{Link, Network};
pub use log_sink::LogSink;
pub use platform::Platform;
pub use process::Process;
pub use prometheus::Prometheus;
pub use quickstart::Quickstart;
pub use samples::{Sample, Samples};
pub use series::{Labels, Series, assert_same};
pub use wait::wait_until;
pub use webhook::Webhook;

/// The code blocks of the README and the guides, as doc tests.
macro_rules! documentation {
    ($($page:ident: $path:literal,)+) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!($path)]
            struct $page;
        )+
    };
}

documentation! {
    Readme: "../../README.md",
    BatchJobs: "../../docs/batch-jobs.md",
    Configuration: "../../docs/configuration.md",
    Exporters: "../../docs/exporters.md",
    Functions: "../../docs/functions.md",
    HttpAndGrpc: "../../docs/http-grpc.md",
    OwnMetrics: "../../docs/own-metrics.md",
    PlatformPage: "../../docs/platform.md",
    PrometheusPage: "../../docs/prometheus.md",
    Testing: "../../docs/testing.md",
    Views: "../../docs/views.md",
}
