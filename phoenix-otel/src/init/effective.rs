//! The effective configuration, written as a configuration file.

use std::time::Duration;

use crate::config::effective::{EffectiveExporter, EffectiveValue, MASK, Origins, Scalar, is_secret};
use crate::config::{Config, EffectiveConfig, Origin, Setting};
use crate::export::plugin::Chosen;
use crate::traces;
use crate::view::View;

/// The values and the origins from which the configuration is written.
pub(super) struct Parts<'p> {
    pub(super) config: &'p Config,
    pub(super) exporters: &'p [Chosen],
    pub(super) views: &'p [View],
    pub(super) has_sdk_views: bool,
    pub(super) traces: &'p traces::Resolved,
    pub(super) shutdown_timeout: (Duration, Option<Setting>),
    /// The values of extensions.
    pub(super) of_extensions: Vec<EffectiveValue>,
    pub(super) origins: &'p Origins,
}

/// Settings of the scrape endpoints that a file has once for all of them.
#[derive(Default)]
struct Endpoints {
    web_config_files: Vec<(String, Origin)>,
    token_files: Vec<(String, Origin)>,
    open_health: Vec<(bool, Origin)>,
}

impl Parts<'_> {
    pub(super) fn effective(self) -> EffectiveConfig {
        let Self { config, origins, .. } = &self;
        let mut file = EffectiveConfig::default();
        let global = |setting: &str| origins.get("", setting);
        file.add("file_format", "1.1", Origin::Default);
        file.add("disabled", config.disabled, global("disabled"));
        file.add("log_level", config.log_level.word(), global("log_level"));
        self.resource(&mut file);
        self.traces.effective(origins, &mut file);
        let endpoints = self.meter_provider(&mut file);
        self.distribution(endpoints, &mut file);
        file.add_of_extensions(self.of_extensions);
        if self.has_sdk_views {
            file.add_in_code("`sdk_view`: views of the OpenTelemetry SDK".to_owned());
        }
        file
    }

    /// Adds the resource attributes. Detected ones differ between machines, and the instance ID differs between processes, so they are not
    /// settings.
    fn resource(&self, file: &mut EffectiveConfig) {
        let mut index = 0;
        for (name, value) in &self.config.resource {
            let origin = self.origins.get("", &format!("resource: {name}"));
            let (value, kind) = value.scalar();
            let value = if is_secret(name) { Scalar::from(MASK) } else { value };
            if matches!(origin, Origin::Default | Origin::Detected) {
                file.add_found(format!("resource attribute {name}"), value, origin);
                continue;
            }
            let path = format!("resource.attributes[{index}]");
            file.add(format!("{path}.name"), name.as_str(), origin.clone());
            file.add(format!("{path}.value"), value, origin.clone());
            if let Some(kind) = kind {
                file.add(format!("{path}.type"), kind, origin);
            }
            index += 1;
        }
        let attributes = "resource.detection/development.attributes";
        let origin = self.origins.get("", "detected_attributes");
        if let Some(included) = &self.config.detected_included {
            let included: Scalar = included.iter().map(String::as_str).collect();
            file.add(format!("{attributes}.included"), included, origin.clone());
        }
        if !self.config.detected_excluded.is_empty() {
            let excluded: Scalar = self.config.detected_excluded.iter().map(String::as_str).collect();
            file.add(format!("{attributes}.excluded"), excluded, origin);
        }
        for (index, detector) in self.config.detectors.iter().enumerate() {
            let path = format!("resource.detection/development.detectors[{index}].{}", detector.word());
            file.add(path, Scalar::Empty, self.origins.get("", "detectors"));
        }
    }

    /// Adds the readers and the views. Returns the settings of the scrape endpoints that a file has once for all of them.
    fn meter_provider(&self, file: &mut EffectiveConfig) -> Endpoints {
        let Self { config, origins, .. } = self;
        let mut endpoints = Endpoints::default();
        let mut index = 0;
        for exporter in self.exporters {
            let name = exporter.name();
            let Some(mut settings) = exporter.resolved().settings() else {
                file.add_exporter_in_code(name);
                continue;
            };
            // One value applies to all exporters. In a file, each exporter that pushes has the key.
            if let Some(aggregation) = config.histogram_aggregation.filter(|_| settings.push.is_some()) {
                settings.set_histogram_aggregation(aggregation.word());
            }
            endpoints.web_config_files.extend(settings.web_config_file.take());
            endpoints.token_files.extend(settings.bearer_token_file.take());
            endpoints
                .open_health
                .extend(settings.open_health.map(|is_open| (is_open, origins.get(name, "open_health"))));
            file.add_reader(name);
            if settings.is_protected_in_code {
                file.add_in_code(format!("the TLS or the authentication of the endpoint `{name}`"));
            }
            let is_pushed = settings.push.is_some();
            reader(&format!("meter_provider.readers[{index}]"), name, settings, origins, file);
            let kind = if is_pushed { "periodic" } else { "pull" };
            self.limits(&format!("meter_provider.readers[{index}].{kind}.cardinality_limits"), file);
            index += 1;
        }
        // Without a reader, the schema has no meter provider.
        if index == 0 {
            return endpoints;
        }
        for (index, view) in self.views.iter().enumerate() {
            let path = format!("meter_provider.views[{index}]");
            let origin = view.origin();
            for (key, value) in view.settings() {
                file.add(format!("{path}.{key}"), value, origin.clone());
            }
        }
        let (configurator, origin) = ("meter_provider.meter_configurator/development", origins.get("", "meters"));
        if let Some(enabled) = config.meters.default {
            file.add(format!("{configurator}.default_config.enabled"), enabled, origin.clone());
        }
        for (index, (meter, enabled)) in config.meters.entries.iter().enumerate() {
            let path = format!("{configurator}.meters[{index}]");
            file.add(format!("{path}.name"), meter.as_str(), origin.clone());
            file.add(format!("{path}.config.enabled"), *enabled, origin.clone());
        }
        let filter = origins.get("", "exemplar_filter");
        file.add("meter_provider.exemplar_filter", config.exemplars.word(), filter);
        endpoints
    }

    /// Adds the limits, which are the same for all readers.
    fn limits(&self, path: &str, file: &mut EffectiveConfig) {
        let limits = &self.config.limits;
        let default = limits.default.iter().map(|limit| ("default", *limit));
        for (key, limit) in default.chain(limits.kinds.iter().map(|(kind, limit)| (kind.as_str(), *limit))) {
            let origin = self.origins.get("", "cardinality_limits");
            file.add(format!("{path}.{key}"), Scalar::Int(limit as u64), origin);
        }
    }

    fn distribution(&self, endpoints: Endpoints, file: &mut EffectiveConfig) {
        let Self { config, origins, shutdown_timeout: (timeout, given), .. } = self;
        let mut add = |key: &str, value: Scalar| {
            file.add(format!("distribution.phoenix_otel.{key}"), value, origins.get("", key));
        };
        add("namespace", config.namespace.as_str().into());
        add("subsystem", config.subsystem.as_str().into());
        add("edge_subsystem", config.edge.as_str().into());
        add("strict", config.strict.into());
        add("process_metrics", config.process_metrics.into());
        let page = &config.page;
        add("page.served", page.on.place().into());
        add("page.history", page.history.into());
        add("page.hosts", page.hosts.iter().map(String::as_str).collect());
        add("page.origins", page.origins.iter().map(String::as_str).collect());
        if let Some(link) = &page.trace_link {
            add("page.trace_link", link.as_str().into());
        }
        let origin = given.as_ref().map(Origin::from).unwrap_or_default();
        file.add("distribution.phoenix_otel.shutdown_timeout", *timeout, origin);
        // A file has one key for all endpoints.
        let Endpoints { web_config_files, token_files, open_health } = endpoints;
        for (key, files) in [("web_config_file", web_config_files), ("bearer_token_file", token_files)] {
            let mut files = files.into_iter();
            let Some((path, origin)) = files.next() else { continue };
            file.add(format!("distribution.phoenix_otel.{key}"), path.as_str(), origin);
            for (other, _) in files.filter(|(other, _)| *other != path) {
                file.add_in_code(format!("`{key}` of another endpoint, {other}"));
            }
        }
        if let Some((is_open, origin)) = open_health.first() {
            file.add("distribution.phoenix_otel.open_health", *is_open, origin.clone());
            if open_health.iter().any(|(other, _)| other != is_open) {
                file.add_in_code("`open_health` of another endpoint".to_owned());
            }
        }
    }
}

/// Adds a reader and its exporter.
fn reader(path: &str, name: &str, settings: EffectiveExporter, origins: &Origins, file: &mut EffectiveConfig) {
    let kind = if settings.push.is_some() { "periodic" } else { "pull" };
    let path = format!("{path}.{kind}");
    if let Some(push) = settings.push {
        file.add(format!("{path}.interval"), push.interval, origins.get(name, "interval"));
        file.add(format!("{path}.timeout"), push.timeout, origins.get(name, "timeout"));
    }
    settings.write(&format!("{path}.exporter"), name, origins, file);
}
