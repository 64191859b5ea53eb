//! The data of the live page in addition to the current metrics: which metrics its history keeps, and the configuration of the service.

use crate::catalog::circuit_breaker::STATE;
use crate::catalog::function::{CALLS, ERRORS, REQUEST_DURATION, REQUESTS, REQUESTS_ACTIVE};
use crate::catalog::sdk::{DROPPED, OVERFLOW, SERIES};
use crate::catalog::{Kind, MetricDef, edge};
use crate::config::EffectiveConfig;
use crate::declared::{CATALOG, declared_in, instrumented};
use crate::export::live::{Function, Group, Live, Role, ServiceInfo, Settings, Tracked};
use crate::record::set::DeclaredSet;
use crate::sort;
use crate::view::Streams;

/// The metrics that the history keeps, and the configuration.
pub(crate) fn page_data(config: &EffectiveConfig, streams: &Streams) -> (Vec<Tracked>, ServiceInfo) {
    (tracked(streams), info(config))
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
    for set in inventory::iter::<DeclaredSet> {
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

/// The section and the name of a value on the page.
fn place(path: &str, readers: &[&str]) -> (String, String) {
    let of = |section: &str, name: &str| (section.to_owned(), name.to_owned());
    if let Some(rest) = path.strip_prefix("meter_provider.readers[")
        && let Some((index, rest)) = rest.split_once("].")
    {
        let name = index.parse().ok().and_then(|index: usize| readers.get(index)).unwrap_or(&"");
        return of(&format!("Exporter {name}"), rest.split_once('.').map_or(rest, |(_, rest)| rest));
    }
    if let Some(rest) = path.strip_prefix("resource.attributes[") {
        return of("Resource", rest.split_once('.').map_or(rest, |(_, rest)| rest));
    }
    for (prefix, section) in [
        ("resource attribute ", "Resource"),
        ("meter_provider.views", "Views"),
        ("meter_provider.", "Settings"),
        ("distribution.phoenix_otel.", "Settings"),
    ] {
        if let Some(rest) = path.strip_prefix(prefix) {
            return of(section, rest);
        }
    }
    let is_trace = path.starts_with("tracer_provider") || path.starts_with("propagator");
    of(if is_trace { "Traces" } else { "Settings" }, path)
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

fn info(config: &EffectiveConfig) -> ServiceInfo {
    let mut info = ServiceInfo::new(configuration(config));
    info.functions = instrumented()
        .map(|function| Function { method: function.method.to_owned(), path: function.path(), place: function.place() })
        .collect();
    sort::by(&mut info.functions, |a, b| (&a.method, &a.place).cmp(&(&b.method, &b.place)));
    info
}

/// Shows this configuration from now on.
#[cfg_attr(not(feature = "config-file"), allow(dead_code, reason = "only a configuration file changes"))]
pub(crate) fn refresh(live: &Live, config: &EffectiveConfig) {
    live.set_configuration(configuration(config));
}

/// The effective configuration, as the page shows it.
fn configuration(config: &EffectiveConfig) -> Settings {
    let mut info = Settings::default();
    let readers: Vec<&str> = config.readers().iter().map(String::as_str).collect();
    let mut attribute = String::new();
    for value in config.values() {
        let (section, name) = place(value.path(), &readers);
        let (shown, origin) = (value.shown(), value.origin().to_string());
        match (section.as_str(), name.as_str()) {
            // An attribute is two values of the file: its name, and its value.
            ("Resource", "name") => attribute = shown,
            ("Resource", "value") => info.set_from(section, std::mem::take(&mut attribute), shown, origin),
            ("Resource", "type") => {}
            _ => info.set_from(section, name, shown, origin),
        }
    }
    for name in config.exporters_in_code() {
        info.set_from(format!("Exporter {name}"), "settings", "its own", "code".to_owned());
    }
    for (name, value) in [
        ("phoenix-otel", env!("CARGO_PKG_VERSION").to_owned()),
        ("target", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        ("build", if cfg!(debug_assertions) { "with debug assertions" } else { "release" }.to_owned()),
    ] {
        info.set("Versions", name, value);
    }
    info
}
