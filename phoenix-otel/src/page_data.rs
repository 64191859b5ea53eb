//! The data of the live page in addition to the current metrics: which metrics its history keeps, and the configuration of the service.

use std::time::Duration;

use crate::catalog::circuit_breaker::STATE;
use crate::catalog::function::{CALLS, ERRORS, REQUEST_DURATION, REQUESTS, REQUESTS_ACTIVE};
use crate::catalog::sdk::{DROPPED, OVERFLOW, SERIES};
use crate::catalog::{Kind, MetricDef, edge};
use crate::config::Config;
use crate::declared::{CATALOG, declared_in, instrumented};
use crate::export::live::{Function, Group, Role, ServiceInfo, Tracked};
use crate::export::plugin::Chosen;
use crate::record::set::DeclaredSet;
use crate::sort;
use crate::view::Streams;

/// The metrics that the history keeps, and the configuration.
pub(crate) fn page_data(
    config: &Config,
    exporters: &[Chosen],
    shutdown_timeout: Duration,
    streams: &Streams,
) -> (Vec<Tracked>, ServiceInfo) {
    (tracked(streams), info(config, exporters, shutdown_timeout))
}

/// The metrics that the history keeps: calls of every kind, circuit breakers, domains, the process, and the telemetry itself.
fn tracked(streams: &Streams) -> Vec<Tracked> {
    let mut tracked: Vec<Tracked> = vec![
        Tracked::new(REQUESTS::DEF, Group::Functions, Role::Requests),
        Tracked::new(CALLS::DEF, Group::Functions, Role::Requests),
        Tracked::new(REQUEST_DURATION::DEF, Group::Functions, Role::Duration),
        Tracked::new(ERRORS::DEF, Group::Functions, Role::Errors),
        Tracked::new(REQUESTS_ACTIVE::DEF, Group::Functions, Role::Active),
        Tracked::new(edge::REQUESTS::DEF, Group::Routes, Role::Requests),
        Tracked::new(edge::REQUEST_DURATION::DEF, Group::Routes, Role::Duration),
        Tracked::new(edge::CONNECTIONS_ACTIVE::DEF, Group::Routes, Role::Active),
        Tracked::new(STATE::DEF, Group::Breakers, Role::Value),
        Tracked::new(OVERFLOW::DEF, Group::Telemetry, Role::Value),
        Tracked::new(DROPPED::DEF, Group::Telemetry, Role::Value),
        Tracked::new(SERIES::DEF, Group::Telemetry, Role::Value),
    ];
    for DeclaredSet(set) in inventory::iter::<DeclaredSet> {
        let def = set.def();
        let roles = [
            (def.requests, Role::Requests),
            (def.duration, Role::Duration),
            (def.errors, Role::Errors),
            (def.active, Role::Active),
        ];
        let Some(first) = def.metrics().next() else { continue };
        let metrics = roles.into_iter().filter_map(|(metric, role)| Some((metric?, role)));
        tracked.extend(metrics.map(|(metric, role)| Tracked::new(metric, Group::Calls, role).of_set(first.name)));
    }
    let domains = streams.naming().domains().clone();
    let others = declared_in(domains).filter_map(|def| Some(Tracked::new(def, group(def)?, Role::Value)));
    tracked.extend(others);
    tracked
}

/// The group of a metric that belongs to no call.
fn group(def: &MetricDef) -> Option<Group> {
    let can_be_added = matches!(def.kind, Kind::Counter | Kind::UpDownCounter | Kind::Histogram);
    if can_be_added && def.domain.is_some_and(|domain| domain.section().is_some()) {
        return Some(Group::Domain);
    }
    let is_of_process = def.module.strip_prefix(CATALOG) == Some("process");
    is_of_process.then_some(Group::Process)
}

fn info(config: &Config, exporters: &[Chosen], shutdown_timeout: Duration) -> ServiceInfo {
    let mut info = ServiceInfo::default();
    let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    let switch = |on: bool| if on { "on" } else { "off" };
    for (name, value) in [
        ("namespace", or_none(&config.namespace)),
        ("subsystem", or_none(&config.subsystem)),
        ("edge subsystem", or_none(&config.edge)),
        ("process metrics", switch(config.process_metrics).to_owned()),
        ("exemplars", config.exemplars.word().to_owned()),
        ("push interval", format!("{:?}", config.push.interval)),
        ("push timeout", format!("{:?}", config.push.timeout)),
        ("shutdown timeout", format!("{shutdown_timeout:?}")),
        ("live page", config.page.on.word().to_owned()),
        ("page history", switch(config.page.history).to_owned()),
        ("page hosts", or_none(&config.page.hosts.join(", "))),
        ("page origins", or_none(&config.page.origins.join(", "))),
        ("trace link", or_none(config.page.trace_link.as_deref().unwrap_or_default())),
    ] {
        info.set("Settings", name, value);
    }
    for exporter in exporters {
        let section = format!("Exporter {}", exporter.name());
        let settings = exporter.resolved().settings();
        if settings.is_empty() {
            info.set(section.clone(), "settings", "its own");
        }
        settings.into_iter().for_each(|(name, value)| info.set(section.clone(), name, or_none(&value)));
    }
    config.resource.iter().for_each(|(name, value)| info.set("Resource", name, value));
    for (name, value) in [
        ("phoenix-otel", env!("CARGO_PKG_VERSION").to_owned()),
        ("target", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        ("build", if cfg!(debug_assertions) { "with debug assertions" } else { "release" }.to_owned()),
    ] {
        info.set("Versions", name, value);
    }
    info.functions = instrumented()
        .map(|function| Function { method: function.method.to_owned(), path: function.path(), place: function.place() })
        .collect();
    sort::by(&mut info.functions, |a, b| (&a.method, &a.place).cmp(&(&b.method, &b.place)));
    info
}
