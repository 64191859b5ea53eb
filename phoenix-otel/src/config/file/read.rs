//! Makes the plain settings of the builder out of a file that was compared with the schema.
//!
//! Values of wrong types have been reported. Here they count as absent.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::check::{Report, check, check_map, check_read, integer, join};
use super::node::{ConfigNode, FileReading};
use super::schema::{CONFIGURATION, PHOENIX};
use super::substitute::Variables;
use super::yaml::{Node, Value, parse};
use crate::config::detect::ResourceDetector;
use crate::config::endpoint::Url;
use crate::config::model::{
    Compression, ExemplarFilter, Headers, HistogramAggregation, LogLevel, PemPath, Protocol, PushOverrides,
    TemporalityPreference,
};
use crate::config::overrides::Overrides;
use crate::config::page::PageOn;
use crate::config::pairs;
use crate::config::problem::{Problem, Problems};
use crate::config::setting::{Places, Setting};
use crate::config::{ResourceValue, options};

/// The settings of a file.
#[derive(Debug, Default)]
pub(crate) struct FileConfig {
    pub(crate) overrides: Overrides,
    /// Without a meter provider: none.
    pub(crate) readers: Vec<FileReader>,
    pub(crate) views: Vec<FileView>,
    pub(crate) shutdown_timeout: Option<Duration>,
    /// The nodes of other crates within `distribution`, with their names.
    pub(crate) nodes: Vec<(String, ConfigNode)>,
    pub(crate) problems: Vec<Problem>,
}

/// A metric reader with its exporter.
#[derive(Debug)]
pub(crate) struct FileReader {
    pub(crate) place: Setting,
    pub(crate) exporter: FileExporter,
}

#[derive(Debug)]
pub(crate) enum FileExporter {
    Otlp(options::Otlp),
    OtlpFile(options::OtlpFile),
    Console(options::Console),
    Prometheus(options::Prometheus),
    /// An exporter that the service registers under this name.
    Registered {
        name: String,
        node: ConfigNode,
        push: PushOverrides,
    },
}

/// A view.
#[derive(Debug, Default)]
pub(crate) struct FileView {
    /// Its place, for messages.
    pub(crate) place: String,
    pub(crate) instrument: Option<String>,
    /// As the schema spells it.
    pub(crate) kind: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) meter: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) included: Option<Vec<String>>,
    pub(crate) excluded: Option<Vec<String>>,
    pub(crate) cap: Option<usize>,
    pub(crate) aggregation: Option<FileAggregation>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum FileAggregation {
    Drop,
    Explicit(Vec<f64>),
    Exponential { max_size: u32, max_scale: i8 },
}

/// The bounds of the specification.
const DEFAULT_BOUNDS: [f64; 15] =
    [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0, 10000.0];

/// The maximum duration in milliseconds, which `0` (no limit) means.
const NO_LIMIT: Duration = Duration::from_millis(u32::MAX as u64);

/// Reads a file. `name` is its name in messages.
pub(crate) fn read(name: &str, text: &str, variables: Variables<'_>) -> FileConfig {
    let mut report = Report::new(name);
    let root = match parse(text, Some(variables)) {
        Ok(root) => root,
        Err(faults) => {
            faults.into_iter().for_each(|fault| report.fault(fault));
            return FileConfig { problems: of_file(name, report.problems), ..FileConfig::default() };
        }
    };
    check(&root, &mut report);
    let is_valid = report.problems.iter().all(Problem::can_be_ignored);
    let mut reader = Reader { report, reading: FileReading::new(name), config: FileConfig::default() };
    let read = RefCell::default();
    if matches!(root.value, Value::Map(_)) {
        reader.root(&At { node: &root, path: String::new(), read: &read });
    }
    if is_valid {
        check_read(&root, &CONFIGURATION, "", &read.take(), &mut reader.report);
    }
    let mut config = reader.config;
    // The same place can be reported by the schema and by the reader.
    config.problems = of_file(name, reader.report.problems);
    config
}

fn of_file(name: &str, problems: Vec<Problem>) -> Vec<Problem> {
    Problems::of_file(problems, || Setting::File(name.to_owned().into())).into_vec()
}

/// A value with its path.
struct At<'n> {
    node: &'n Node,
    path: String,
    /// The paths that were read.
    read: &'n RefCell<HashSet<String>>,
}

impl<'n> At<'n> {
    /// The value of a key. `None` if it is absent or null.
    fn get(&self, key: &str) -> Option<At<'n>> {
        self.entry(key).filter(|at| !at.node.is_null())
    }

    /// The value of a key, also if it is null.
    fn entry(&self, key: &str) -> Option<At<'n>> {
        Some(self.child(self.node.get(key)?, join(&self.path, key)))
    }

    fn child(&self, node: &'n Node, path: String) -> At<'n> {
        self.read.borrow_mut().insert(path.clone());
        At { node, path, read: self.read }
    }

    fn items(&self) -> Vec<At<'n>> {
        let item = |(index, node)| At { node, path: format!("{}[{index}]", self.path), read: self.read };
        self.node.items().iter().enumerate().map(item).collect()
    }

    /// The only key of a mapping that chooses something, with its value.
    fn choice(&self) -> Option<(&'n str, At<'n>)> {
        let [entry] = self.node.entries() else { return None };
        Some((&entry.key, self.child(&entry.node, join(&self.path, &entry.key))))
    }

    fn text(&self, key: &str) -> Option<String> {
        self.get(key)?.node.as_str().map(str::to_owned)
    }

    fn boolean(&self, key: &str) -> Option<bool> {
        self.get(key)?.node.as_bool()
    }

    fn integer(&self, key: &str) -> Option<i64> {
        integer(self.get(key)?.node)
    }

    fn texts(&self, key: &str) -> Option<Vec<String>> {
        let list = self.get(key)?;
        Some(list.items().iter().filter_map(|item| item.node.as_str().map(str::to_owned)).collect())
    }

    /// A duration in milliseconds. `0` means no limit.
    fn limit(&self, key: &str) -> Option<Duration> {
        match self.millis(key)? {
            Duration::ZERO => Some(NO_LIMIT),
            limit => Some(limit),
        }
    }

    fn millis(&self, key: &str) -> Option<Duration> {
        u64::try_from(self.integer(key)?).ok().map(Duration::from_millis)
    }
}

struct Reader<'f> {
    report: Report<'f>,
    reading: Arc<FileReading>,
    config: FileConfig,
}

impl Reader<'_> {
    fn place(&self, at: &At<'_>) -> Setting {
        self.report.setting(at.node.position, &at.path)
    }

    /// Notes the place of an override, if the file has the key.
    fn set_place(&mut self, at: &At<'_>, key: &str, field: &'static str) {
        if let Some(value) = at.get(key) {
            let place = self.place(&value);
            self.config.overrides.places.set(field, place);
        }
    }

    fn unsupported(&mut self, at: &At<'_>, why: impl Into<String>) {
        self.report.unsupported(at.node.position, &at.path, why);
    }

    fn invalid(&mut self, at: &At<'_>, allowed: impl Into<String>) {
        self.report.invalid(at.node, &at.path, allowed);
    }

    fn root(&mut self, root: &At<'_>) {
        // `check` has read it.
        let _ = root.get("file_format");
        self.set_place(root, "disabled", "disabled");
        self.set_place(root, "log_level", "log_level");
        let overrides = &mut self.config.overrides;
        overrides.disabled = root.boolean("disabled");
        overrides.log_level = root.text("log_level").and_then(|word| LogLevel::parse(&word));
        self.resource(root.get("resource"));
        self.meter_provider(root.get("meter_provider"));
        self.traces(root);
        self.distribution(root.get("distribution"));
    }

    fn resource(&mut self, resource: Option<At<'_>>) {
        // Without this key there is no detection.
        self.config.overrides.detectors = Some(Vec::new());
        let Some(resource) = resource else { return };
        if let Some(list) = resource.get("attributes_list") {
            for (place, pair) in pairs::parse(list.node.as_str().unwrap_or_default()) {
                match pair {
                    Ok((key, value)) => self.attribute(&list, key, ResourceValue::from(value)),
                    Err(bad) => {
                        let why = format!(
                            "a list like `key1=value1,key2=value2`, percent-encoded; item {place} is invalid: {}",
                            bad.why
                        );
                        self.invalid(&list, why);
                    }
                }
            }
        }
        for item in resource.get("attributes").map(|list| list.items()).unwrap_or_default() {
            let (Some(key), Some(value)) = (item.text("name"), item.get("value")) else { continue };
            let kind = item.text("type").unwrap_or_else(|| "string".to_owned());
            match attribute_value(value.node, &kind) {
                Some(typed) => self.attribute(&value, key, typed),
                None => {
                    let allowed = format!("a value of the type {kind}; the key `type` next to it sets another type");
                    self.invalid(&value, allowed);
                }
            }
        }
        let Some(detection) = resource.get("detection/development") else { return };
        if let Some(attributes) = detection.get("attributes") {
            let overrides = &mut self.config.overrides;
            overrides.detected_included = attributes.texts("included");
            overrides.detected_excluded = attributes.texts("excluded").unwrap_or_default();
        }
        let mut detectors = Vec::new();
        for item in detection.get("detectors").map(|list| list.items()).unwrap_or_default() {
            let Some((name, _)) = item.choice() else { continue };
            match ResourceDetector::ALL.iter().find(|(word, _)| *word == name) {
                Some((_, detector)) => detectors.push(*detector),
                // The name and the instance ID of the service are always attributes.
                None if name == "service" => {}
                None => {
                    let words = ResourceDetector::ALL.map(|(word, _)| word);
                    self.unknown_component(&item, name, "a resource detector", words.into_iter().chain(["service"]));
                }
            }
        }
        self.config.overrides.detectors = Some(detectors);
    }

    /// Adds a resource attribute. It replaces an earlier one with the same key.
    fn attribute(&mut self, at: &At<'_>, key: String, value: ResourceValue) {
        let place = self.place(at);
        let overrides = &mut self.config.overrides;
        // The schema's default, which its examples write out. It is no name that somebody gave to the service.
        if key == "service.name" && value.to_string() == "unknown_service" {
            return;
        }
        overrides.file_attributes.retain(|(other, _, _)| *other != key);
        overrides.file_attributes.push((key, value, place));
    }

    /// The name of a component that this build does not have.
    fn unknown_component<'w>(&mut self, at: &At<'_>, name: &str, what: &str, words: impl Iterator<Item = &'w str>) {
        let words: Vec<&str> = words.collect();
        let mut problem = Problem::new(&self.place(at), name, format!("{what} of this build: {}", words.join(", ")));
        problem.suggest(words);
        self.report.problems.push(problem);
    }

    fn meter_provider(&mut self, provider: Option<At<'_>>) {
        let Some(provider) = provider else { return };
        self.set_place(&provider, "exemplar_filter", "exemplar_filter");
        let filters = [ExemplarFilter::TraceBased, ExemplarFilter::AlwaysOn, ExemplarFilter::AlwaysOff];
        let filter = provider.text("exemplar_filter");
        self.config.overrides.exemplars = filters.into_iter().find(|one| Some(one.word()) == filter.as_deref());
        let mut limits: Option<Vec<(Option<String>, usize)>> = None;
        for item in provider.get("readers").map(|list| list.items()).unwrap_or_default() {
            let Some((kind, reader)) = item.choice() else { continue };
            let Some(exporter) = reader.get("exporter") else { continue };
            let push = self.push(&reader);
            let found = if kind == "pull" {
                self.pull_exporter(&exporter)
            } else {
                self.push_exporter(&reader, &exporter, push)
            };
            if let Some(found) = found {
                let place = self.place(&exporter);
                self.config.readers.push(FileReader { place, exporter: found });
            }
            let of_reader = reader.get("cardinality_limits").map(|at| cardinality_limits(&at)).unwrap_or_default();
            match &limits {
                Some(limits) if *limits != of_reader => {
                    let at = reader.get("cardinality_limits").unwrap_or(reader);
                    self.unsupported(
                        &at,
                        "all readers of phoenix-otel have the same limits; those of the first are used",
                    );
                }
                Some(_) => {}
                None => limits = Some(of_reader),
            }
        }
        // General views come before special ones.
        for (kind, cap) in limits.unwrap_or_default() {
            self.config.views.push(FileView { kind, cap: Some(cap), ..FileView::default() });
        }
        self.meters(provider.get("meter_configurator/development"));
        for item in provider.get("views").map(|list| list.items()).unwrap_or_default() {
            let view = self.view(&item);
            self.config.views.push(view);
        }
    }

    /// The meters that are switched off, as views. The first entry that matches a meter decides, and of views the last one.
    fn meters(&mut self, configurator: Option<At<'_>>) {
        let Some(configurator) = configurator else { return };
        let switch = |config: Option<At<'_>>| config.and_then(|config| config.boolean("enabled"));
        let drop = |enabled: bool| (!enabled).then_some(FileAggregation::Drop);
        let place = self.place(&configurator).name().to_owned();
        if switch(configurator.get("default_config")) == Some(false) {
            self.config.views.push(FileView {
                place: place.clone(),
                aggregation: Some(FileAggregation::Drop),
                ..FileView::default()
            });
        }
        for item in configurator.get("meters").map(|list| list.items()).unwrap_or_default().into_iter().rev() {
            let Some(meter) = item.text("name") else { continue };
            let enabled = switch(item.get("config")).unwrap_or(true);
            let view = FileView { place: place.clone(), meter: Some(meter), ..FileView::default() };
            self.config.views.push(FileView { aggregation: drop(enabled), ..view });
        }
    }

    fn push(&mut self, reader: &At<'_>) -> PushOverrides {
        PushOverrides { interval: reader.millis("interval"), timeout: reader.limit("timeout") }
    }

    fn push_exporter(&mut self, reader: &At<'_>, exporter: &At<'_>, push: PushOverrides) -> Option<FileExporter> {
        let (name, at) = exporter.choice()?;
        let mut places = Places::default();
        self.note(reader, &mut places, &[("interval", "interval"), ("timeout", "export_timeout")]);
        Some(match name {
            "otlp_http" => FileExporter::Otlp(self.otlp(&at, Protocol::HttpProtobuf, push, places)),
            "otlp_grpc" => FileExporter::Otlp(self.otlp(&at, Protocol::Grpc, push, places)),
            "otlp_file/development" => FileExporter::OtlpFile(self.otlp_file(&at, push, places)?),
            "console" => {
                self.histogram_aggregation(&at);
                if self.temporality(&at).is_some_and(|temporality| temporality != TemporalityPreference::Cumulative) {
                    let at = at.get("temporality_preference")?;
                    self.unsupported(&at, "the console exporter shows cumulative values only");
                }
                FileExporter::Console(options::Console { push, places, ..options::Console::new() })
            }
            other => {
                let node = ConfigNode::new(at.node.clone(), at.path.clone(), self.reading.clone());
                FileExporter::Registered { name: other.to_owned(), node, push }
            }
        })
    }

    fn pull_exporter(&mut self, exporter: &At<'_>) -> Option<FileExporter> {
        let (name, at) = exporter.choice()?;
        if name != "prometheus/development" {
            let node = ConfigNode::new(at.node.clone(), at.path.clone(), self.reading.clone());
            let push = PushOverrides::default();
            return Some(FileExporter::Registered { name: name.to_owned(), node, push });
        }
        let mut places = Places::default();
        self.note(&at, &mut places, &[("host", "host"), ("port", "port"), ("translation_strategy", "translation")]);
        if let Some(off) = at.get("target_info_enabled/development").filter(|at| at.node.as_bool() == Some(false)) {
            self.unsupported(&off, "phoenix-otel always exports target_info");
        }
        let strategy = at.text("translation_strategy");
        let strategies = options::Translation::ALL;
        let translation = strategies.into_iter().find(|(word, _)| Some(*word) == strategy.as_deref());
        let mut options = options::Prometheus {
            host: at.text("host"),
            translation: translation.map(|(_, translation)| translation),
            places,
            ..options::Prometheus::new()
        };
        if let Some(port) = at.get("port") {
            match integer(port.node).and_then(|port| u16::try_from(port).ok()) {
                Some(number) => options.port = Some(number),
                None => self.invalid(&port, "a port number from 0 to 65535; 0 selects a free port"),
            }
        }
        Some(FileExporter::Prometheus(options))
    }

    /// Notes the places of keys.
    fn note(&mut self, at: &At<'_>, places: &mut Places, keys: &[(&str, &'static str)]) {
        for (key, field) in keys {
            if let Some(value) = at.get(key) {
                places.set(field, self.place(&value));
            }
        }
    }

    fn temporality(&mut self, at: &At<'_>) -> Option<TemporalityPreference> {
        Some(match at.text("temporality_preference")?.as_str() {
            "delta" => TemporalityPreference::Delta,
            "low_memory" => TemporalityPreference::LowMemory,
            _ => TemporalityPreference::Cumulative,
        })
    }

    /// All exporters have the same aggregation, because they share one provider.
    fn histogram_aggregation(&mut self, at: &At<'_>) {
        if at.text("default_histogram_aggregation").as_deref() == Some("base2_exponential_bucket_histogram") {
            self.set_place(at, "default_histogram_aggregation", "histogram_aggregation");
            self.config.overrides.histogram_aggregation = Some(HistogramAggregation::Base2Exponential);
        }
    }

    fn otlp(&mut self, at: &At<'_>, protocol: Protocol, push: PushOverrides, mut places: Places) -> options::Otlp {
        self.note(
            at,
            &mut places,
            &[
                ("endpoint", "endpoint"),
                ("compression", "compression"),
                ("timeout", "timeout"),
                ("temporality_preference", "temporality"),
                ("headers_list", "header"),
                ("headers", "header"),
            ],
        );
        places.set("protocol", self.place(at));
        self.histogram_aggregation(at);
        let mut options = options::Otlp {
            endpoint: at.text("endpoint").map(Url::new),
            endpoint_is_whole: true,
            protocol: Some(protocol),
            headers: self.headers(at),
            timeout: at.limit("timeout"),
            temporality: self.temporality(at),
            push,
            ..options::Otlp::new()
        };
        if let Some(compression) = at.get("compression") {
            match compression.node.as_str() {
                Some("gzip") => options.compression = Some(Compression::Gzip),
                Some("none") | None => options.compression = Some(Compression::None),
                Some(_) => self.invalid(&compression, "gzip, none"),
            }
        }
        if let Some(encoding) = at.get("encoding").filter(|encoding| encoding.node.as_str() == Some("json")) {
            self.unsupported(&encoding, "phoenix-otel sends protobuf");
        }
        if let Some(tls) = at.get("tls") {
            self.note(
                &tls,
                &mut places,
                &[
                    ("ca_file", "certificate"),
                    ("key_file", "client_certificate"),
                    ("cert_file", "client_certificate"),
                    ("insecure", "insecure"),
                ],
            );
            options.insecure = tls.boolean("insecure");
            options.certificate = self.pem(&tls, "ca_file");
            options.client_certificate = self.pem(&tls, "cert_file");
            options.client_key = self.pem(&tls, "key_file");
        }
        options.places = places;
        options
    }

    /// The path of a file with a certificate or a key. The schema requires an absolute one.
    fn pem(&mut self, tls: &At<'_>, key: &str) -> Option<PemPath> {
        let at = tls.get(key)?;
        let path = PemPath::new(at.node.as_str()?);
        if !path.is_absolute() {
            let problem = path.problem(&self.place(&at), "an absolute path");
            self.report.problems.push(problem);
        }
        Some(path)
    }

    /// The headers of both keys. Those of `headers` have precedence.
    fn headers(&mut self, at: &At<'_>) -> Option<Headers> {
        let mut headers = Vec::new();
        if let Some(list) = at.get("headers_list") {
            for (place, pair) in pairs::parse(list.node.as_str().unwrap_or_default()) {
                match pair {
                    Ok((key, value)) => pairs::set(&mut headers, key.to_ascii_lowercase(), value),
                    Err(bad) => {
                        let allowed = format!(
                            "a list like `key1=value1,key2=value2`, values percent-encoded; item {place} is invalid: {}",
                            bad.why
                        );
                        let problem = Problem::secret(&self.place(&list), allowed);
                        self.report.problems.push(problem);
                    }
                }
            }
        }
        for item in at.get("headers").map(|list| list.items()).unwrap_or_default() {
            if let (Some(name), Some(value)) = (item.text("name"), item.text("value")) {
                pairs::set(&mut headers, name.to_ascii_lowercase(), value);
            }
        }
        (!headers.is_empty()).then_some(Headers(headers))
    }

    fn otlp_file(&mut self, at: &At<'_>, push: PushOverrides, mut places: Places) -> Option<options::OtlpFile> {
        self.note(at, &mut places, &[("output_stream", "path"), ("temporality_preference", "temporality")]);
        self.histogram_aggregation(at);
        let mut options =
            options::OtlpFile { temporality: self.temporality(at), push, places, ..options::OtlpFile::new() };
        if let Some(stream) = at.get("output_stream") {
            match stream.node.as_str() {
                Some("stdout") | None => {}
                Some(text) => match text.strip_prefix("file://").filter(|path| path.starts_with('/')) {
                    Some(path) => options.path = Some(PathBuf::from(path)),
                    None => {
                        self.invalid(&stream, "stdout, or a file such as file:///var/log/metrics.jsonl");
                        return None;
                    }
                },
            }
        }
        Some(options)
    }

    fn view(&mut self, item: &At<'_>) -> FileView {
        let mut view = FileView { place: self.place(item).name().to_owned(), ..FileView::default() };
        if let Some(selector) = item.get("selector") {
            view.instrument = selector.text("instrument_name");
            view.kind = selector.text("instrument_type");
            view.unit = selector.text("unit");
            view.meter = selector.text("meter_name");
        }
        let Some(stream) = item.get("stream") else { return view };
        view.name = stream.text("name");
        view.description = stream.text("description");
        view.cap = stream.integer("aggregation_cardinality_limit").and_then(|cap| usize::try_from(cap).ok());
        if let Some(keys) = stream.get("attribute_keys") {
            view.included = keys.texts("included");
            view.excluded = keys.texts("excluded");
        }
        if let Some((name, at)) = stream.get("aggregation").as_ref().and_then(At::choice) {
            view.aggregation = self.aggregation(name, &at, view.kind.as_deref());
        }
        view
    }

    fn aggregation(&mut self, name: &str, at: &At<'_>, kind: Option<&str>) -> Option<FileAggregation> {
        if let Some(off) = at.get("record_min_max").filter(|at| at.node.as_bool() == Some(false)) {
            self.unsupported(&off, "phoenix-otel always records minimum and maximum");
        }
        match name {
            "drop" => Some(FileAggregation::Drop),
            "explicit_bucket_histogram" => {
                let Some(list) = at.get("boundaries") else {
                    return Some(FileAggregation::Explicit(DEFAULT_BOUNDS.to_vec()));
                };
                let bounds: Vec<f64> = list.items().iter().filter_map(|item| item.node.as_f64()).collect();
                if bounds.is_empty() {
                    self.unsupported(&list, "a histogram of phoenix-otel has at least one bound");
                    return None;
                }
                Some(FileAggregation::Explicit(bounds))
            }
            "base2_exponential_bucket_histogram" => {
                let max_size = at.integer("max_size").and_then(|size| u32::try_from(size).ok()).unwrap_or(160);
                let max_scale = at.integer("max_scale").and_then(|scale| i8::try_from(scale).ok()).unwrap_or(20);
                Some(FileAggregation::Exponential { max_size, max_scale })
            }
            "last_value" | "sum" => {
                let is_default = match kind {
                    Some("gauge" | "observable_gauge") => name == "last_value",
                    Some("histogram") | None => false,
                    Some(_) => name == "sum",
                };
                if !is_default {
                    let why = "phoenix-otel does not change the aggregation of counters and gauges, and a histogram keeps its buckets";
                    self.unsupported(at, why);
                }
                None
            }
            _ => None,
        }
    }

    #[cfg(not(feature = "tracing"))]
    fn traces(&mut self, root: &At<'_>) {
        for key in ["tracer_provider", "propagator", "attribute_limits"] {
            if let Some(at) = root.get(key) {
                self.unsupported(&at, "traces need the feature `tracing` of phoenix-otel, which is not compiled in");
            }
        }
    }

    #[cfg(feature = "tracing")]
    fn traces(&mut self, root: &At<'_>) {
        use crate::config::traces::Propagator;

        self.propagators(root.get("propagator"), |name| match name {
            "tracecontext" => Some(Propagator::TraceContext),
            "baggage" => Some(Propagator::Baggage),
            _ => None,
        });
        let (general, provider) = (root.get("attribute_limits"), root.get("tracer_provider"));
        let limits = provider.as_ref().and_then(|provider| provider.get("limits"));
        let mut limit = |at: &Option<At<'_>>, key: &'static str| {
            let at = at.as_ref()?.get(key)?;
            let place = self.place(&at);
            self.config.overrides.places.set(key, place);
            Some(u32::try_from(integer(at.node)?).unwrap_or(u32::MAX))
        };
        let for_all = limit(&general, "attribute_count_limit");
        self.config.overrides.span_limits = Some(crate::config::traces::SpanLimits {
            attributes: limit(&limits, "attribute_count_limit").or(for_all),
            events: limit(&limits, "event_count_limit"),
            links: limit(&limits, "link_count_limit"),
            attributes_of_event: limit(&limits, "event_attribute_count_limit"),
            attributes_of_link: limit(&limits, "link_attribute_count_limit"),
        });
        self.config.overrides.traces_exporters = Some(Vec::new());
        let Some(provider) = provider else { return };
        if let Some(sampler) = provider.get("sampler") {
            let place = self.place(&sampler);
            self.config.overrides.places.set("sampler", place);
            self.config.overrides.sampler = self.sampler(&sampler);
        }
        if let Some(generator) = provider.get("id_generator")
            && let Some((name, _)) = generator.choice()
            && name != "random"
        {
            self.unknown_component(&generator, name, "an ID generator", ["random"].into_iter());
        }
        for item in provider.get("processors").map(|list| list.items()).unwrap_or_default() {
            self.span_processor(&item);
        }
    }

    #[cfg(feature = "tracing")]
    fn propagators(
        &mut self,
        propagator: Option<At<'_>>,
        known: impl Fn(&str) -> Option<crate::config::traces::Propagator>,
    ) {
        let mut found = Vec::new();
        let mut add = |reader: &mut Self, at: &At<'_>, name: &str| match known(name) {
            Some(one) if !found.contains(&one) => found.push(one),
            Some(_) => {}
            // As a key of the list they have been reported.
            None if matches!(name, "b3" | "b3multi") && at.node.as_str().is_none() => {}
            None => {
                let words = ["tracecontext", "baggage"];
                match name {
                    "none" => {}
                    "b3" | "b3multi" | "jaeger" | "xray" | "ottrace" => {
                        reader.unsupported(at, format!("phoenix-otel has no propagator {name}"));
                    }
                    _ => reader.unknown_component(at, name, "a propagator", words.into_iter()),
                }
            }
        };
        if let Some(at) = &propagator {
            for item in at.get("composite").map(|list| list.items()).unwrap_or_default() {
                if let Some((name, _)) = item.choice() {
                    add(self, &item, name);
                }
            }
            if let Some(list) = at.get("composite_list") {
                let text = list.node.as_str().unwrap_or_default().to_owned();
                text.split(',').map(str::trim).filter(|name| !name.is_empty()).for_each(|name| add(self, &list, name));
            }
            let place = self.place(at);
            self.config.overrides.places.set("propagators", place);
        }
        self.config.overrides.propagators = Some(found);
    }

    #[cfg(feature = "tracing")]
    fn sampler(&mut self, at: &At<'_>) -> Option<crate::config::traces::Sampler> {
        use crate::config::traces::Sampler;

        let (name, at) = at.choice()?;
        match name {
            "always_on" => Some(Sampler { parent_based: false, ratio: 1.0 }),
            "always_off" => Some(Sampler { parent_based: false, ratio: 0.0 }),
            "trace_id_ratio_based" => {
                let ratio = at.get("ratio").and_then(|ratio| ratio.node.as_f64()).unwrap_or(1.0);
                Some(Sampler { parent_based: false, ratio })
            }
            "parent_based" => {
                let root = match at.get("root") {
                    Some(root) => self.sampler(&root)?,
                    None => Sampler { parent_based: false, ratio: 1.0 },
                };
                if root.parent_based {
                    let root = at.get("root")?;
                    self.unsupported(&root, "the root of a parent-based sampler cannot be parent-based");
                }
                for (key, fixed) in [
                    ("remote_parent_sampled", "always_on"),
                    ("remote_parent_not_sampled", "always_off"),
                    ("local_parent_sampled", "always_on"),
                    ("local_parent_not_sampled", "always_off"),
                ] {
                    if let Some(at) = at.get(key)
                        && at.choice().is_some_and(|(name, _)| name != fixed)
                    {
                        self.unsupported(&at, format!("the sampler of phoenix-otel for this case is {fixed}"));
                    }
                }
                Some(Sampler { parent_based: true, ..root })
            }
            // The schema reports it.
            "always_record" | "composite/development" | "jaeger_remote/development" | "probability/development" => None,
            other => {
                let words = ["always_on", "always_off", "trace_id_ratio_based", "parent_based"];
                self.unknown_component(&at, other, "a sampler", words.into_iter());
                None
            }
        }
    }

    #[cfg(feature = "tracing")]
    fn span_processor(&mut self, item: &At<'_>) {
        let Some((kind, processor)) = item.choice() else { return };
        if !matches!(kind, "batch" | "simple") {
            return self.unknown_component(item, kind, "a span processor", ["batch"].into_iter());
        }
        let Some(exporter) = processor.get("exporter") else { return };
        let Some((name, at)) = exporter.choice() else { return };
        let push =
            PushOverrides { interval: processor.millis("schedule_delay"), timeout: processor.limit("export_timeout") };
        let mut places = Places::default();
        self.note(
            &processor,
            &mut places,
            &[
                ("schedule_delay", "interval"),
                ("export_timeout", "export_timeout"),
                ("max_queue_size", "max_queue_size"),
                ("max_export_batch_size", "max_export_batch_size"),
            ],
        );
        let size = |key: &str| processor.integer(key).and_then(|size| usize::try_from(size).ok());
        // A simple processor exports each span when it ends.
        let batch = if kind == "simple" { Some(1) } else { size("max_export_batch_size") };
        let queue = size("max_queue_size");
        let exporter: crate::config::TracesExporter = match name {
            "otlp_http" => self.otlp(&at, Protocol::HttpProtobuf, push, places.clone()).into(),
            "otlp_grpc" => self.otlp(&at, Protocol::Grpc, push, places.clone()).into(),
            "console" => options::Console { push, places: places.clone(), ..options::Console::new() }.into(),
            "otlp_file/development" => return,
            other => {
                let words = ["otlp_http", "otlp_grpc", "console"];
                return self.unknown_component(&exporter, other, "an exporter of spans", words.into_iter());
            }
        };
        let exporter = exporter.with_batch(queue, batch, places);
        self.config.overrides.traces_exporters.get_or_insert_default().push(exporter);
    }

    /// Our own settings, and those of other crates.
    fn distribution(&mut self, distribution: Option<At<'_>>) {
        let Some(distribution) = distribution else { return };
        for entry in distribution.node.entries() {
            let at = distribution.child(&entry.node, join(&distribution.path, &entry.key));
            if entry.key == "phoenix_otel" {
                check_map(at.node, &PHOENIX, &at.path, &mut self.report);
                self.phoenix(&at);
            } else {
                let node = ConfigNode::new(at.node.clone(), at.path, self.reading.clone());
                self.config.nodes.push((entry.key.clone(), node));
            }
        }
    }

    fn phoenix(&mut self, at: &At<'_>) {
        for (key, field) in [
            ("namespace", "namespace"),
            ("subsystem", "subsystem"),
            ("edge_subsystem", "edge_subsystem"),
            ("strict", "strict"),
            ("process_metrics", "process_metrics"),
            ("shutdown_timeout", "shutdown_timeout"),
        ] {
            self.set_place(at, key, field);
        }
        self.config.shutdown_timeout = at.millis("shutdown_timeout");
        let overrides = &mut self.config.overrides;
        overrides.namespace = at.text("namespace");
        overrides.subsystem = at.text("subsystem");
        overrides.edge = at.text("edge_subsystem");
        overrides.strict = at.boolean("strict").unwrap_or_default();
        overrides.process_metrics = at.boolean("process_metrics");
        if let Some(file) = at.get("web_config_file") {
            let place = self.place(&file);
            let path = file.node.as_str().map(PathBuf::from);
            for reader in &mut self.config.readers {
                if let FileExporter::Prometheus(options) = &mut reader.exporter {
                    options.web_config_file = path.clone();
                    options.places.set("web_config_file", place.clone());
                }
            }
        }
        let Some(page) = at.get("page") else { return };
        let mut places = Places::default();
        self.note(
            &page,
            &mut places,
            &[
                ("served", "on"),
                ("history", "history"),
                ("hosts", "hosts"),
                ("origins", "origins"),
                ("trace_link", "trace_link"),
            ],
        );
        self.config.overrides.page = options::Page {
            on: page.text("served").and_then(|word| match word.as_str() {
                "nowhere" => Some(PageOn::Nowhere),
                "guarded" => Some(PageOn::Guarded),
                "loopback" => Some(PageOn::Loopback),
                "everywhere" => Some(PageOn::Everywhere),
                _ => None,
            }),
            history: page.boolean("history"),
            hosts: page.texts("hosts").unwrap_or_default(),
            origins: page.texts("origins").unwrap_or_default(),
            trace_link: page.text("trace_link"),
            places,
        };
    }
}

/// The limits of a reader: for one kind of instruments, or for all.
fn cardinality_limits(at: &At<'_>) -> Vec<(Option<String>, usize)> {
    let limit = |key: &str| at.integer(key).and_then(|limit| usize::try_from(limit).ok());
    let mut limits: Vec<_> = limit("default").map(|limit| (None, limit)).into_iter().collect();
    for kind in [
        "counter",
        "gauge",
        "histogram",
        "observable_counter",
        "observable_gauge",
        "observable_up_down_counter",
        "up_down_counter",
    ] {
        limits.extend(limit(kind).map(|limit| (Some(kind.to_owned()), limit)));
    }
    limits
}

/// The value of a resource attribute, if it has the type `kind` of the schema.
fn attribute_value(node: &Node, kind: &str) -> Option<ResourceValue> {
    fn list<T>(node: &Node, convert: impl Fn(&Node) -> Option<T>) -> Option<Vec<T>> {
        match &node.value {
            Value::List(items) => items.iter().map(convert).collect(),
            _ => None,
        }
    }
    let text = |node: &Node| node.as_str().map(str::to_owned);
    Some(match kind {
        "string" => ResourceValue::Text(text(node)?),
        "bool" => ResourceValue::Bool(node.as_bool()?),
        "int" => ResourceValue::Int(integer(node)?),
        "double" => ResourceValue::Double(node.as_f64()?),
        "string_array" => ResourceValue::Texts(list(node, text)?),
        "bool_array" => ResourceValue::Bools(list(node, Node::as_bool)?),
        "int_array" => ResourceValue::Ints(list(node, integer)?),
        "double_array" => ResourceValue::Doubles(list(node, Node::as_f64)?),
        _ => return None,
    })
}
