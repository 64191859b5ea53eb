//! Applies a configuration file to the builder.

use crate::builder::Builder;
use crate::config::file::{FileAggregation, FileConfig, FileExporter, FileReader, FileSource, FileView};
use crate::config::{Places, Problem};
use crate::export::plugin::Exporter;
use crate::report::report;
use crate::view::{InstrumentKind, View};

/// Reads the file that the builder or `OTEL_CONFIG_FILE` names, if there is one. Code keeps its settings, and the variables are no longer
/// read. Returns the problems of the file.
pub(super) fn apply(builder: &mut Builder) -> Vec<Problem> {
    let Some(source) = builder.file.source.take().or_else(|| FileSource::of(&builder.environment)) else {
        return Vec::new();
    };
    let file = source.read(&builder.environment);
    let ignored: Vec<String> =
        builder.environment.settings().into_iter().filter(|name| name != crate::config::file::VARIABLE).collect();
    if !ignored.is_empty() {
        let (name, ignored) = (source.name(), ignored.join(", "));
        report!(
            INFO,
            {},
            "these variables are ignored, except where the configuration file {name} refers to them: {ignored}"
        );
    }
    builder.environment = std::mem::take(&mut builder.environment).without_settings();
    let FileConfig { overrides, mut readers, views, shutdown_timeout, nodes, fingerprints, mut problems } = file;
    readers.retain(|reader| {
        let problem = unknown_exporter(reader, &builder.exporters.provider_names());
        let is_known = problem.is_none();
        problems.extend(problem);
        is_known
    });
    builder.overrides.fill(overrides);
    builder.shutdown_timeout = builder.shutdown_timeout.or(shutdown_timeout);
    builder.exporters.exporters.get_or_insert_with(|| exporters(readers));
    // The last view takes precedence.
    let views = views.into_iter().map(view).collect();
    builder.views.splice(..0, Vec::<View>::into_iter(views));
    builder.file.nodes = nodes;
    builder.file.fingerprints = fingerprints;
    problems
}

/// The problem of a reader whose exporter is neither one of the schema for this kind of reader nor registered in code.
fn unknown_exporter(reader: &FileReader, registered: &[&str]) -> Option<Problem> {
    const PUSHED: &[&str] = &["otlp_http", "otlp_grpc", "otlp_file/development", "console"];
    const PULLED: &[&str] = &["prometheus/development"];
    let FileExporter::Registered { name, is_pulled, .. } = &reader.exporter else { return None };
    let name = name.as_str();
    if registered.contains(&name) {
        return None;
    }
    let (own, others, other_kind) = if *is_pulled { (PULLED, PUSHED, "periodic") } else { (PUSHED, PULLED, "pull") };
    let words = || own.iter().chain(registered).copied();
    let of_reader = words().collect::<Vec<_>>().join(", ");
    let allowed = format!("an exporter: {of_reader}, or one that `Builder::exporter_provider` registers");
    if others.contains(&name) {
        let allowed = format!("{allowed}; {name} belongs in a reader `{other_kind}`");
        return Some(Problem::new(&reader.place, name, allowed));
    }
    let mut problem = Problem::new(&reader.place, name, allowed.as_str());
    problem.suggest(words().chain(others.iter().copied()));
    if let Some(meant) = problem.suggestion().filter(|meant| others.contains(meant)) {
        let allowed = format!("{allowed}; {meant} belongs in a reader `{other_kind}`");
        problem = Problem::new(&reader.place, name, allowed);
        problem.suggest(others.iter().copied());
    }
    Some(problem)
}

/// The exporters of the readers, with unique names.
fn exporters(readers: Vec<FileReader>) -> Vec<Exporter> {
    let mut names: Vec<String> = Vec::new();
    let mut exporters = Vec::new();
    for FileReader { place, exporter } in readers {
        let exporter: Exporter = match exporter {
            FileExporter::Otlp(options) => options.into(),
            FileExporter::OtlpFile(options) => options.into(),
            FileExporter::Console(options) => options.into(),
            FileExporter::Prometheus(options) => options.into(),
            FileExporter::Registered { name, node, push, .. } => {
                let mut places = Places::default();
                places.set("interval", place.clone());
                places.set("export_timeout", place.clone());
                Exporter::from(name).with_node(node, push, places)
            }
        };
        let name = exporter.own_name().to_owned();
        let same = names.iter().filter(|other| **other == name).count();
        let exporter = if same > 0 { exporter.name(format!("{name}-{}", same + 1)) } else { exporter };
        names.push(name);
        exporters.push(exporter.at(place));
    }
    exporters
}

fn view(file: FileView) -> View {
    let mut view = View::select(file.instrument.as_deref().unwrap_or("*")).at(file.place);
    let kind = InstrumentKind::WORDS.iter().find(|(word, _)| Some(*word) == file.kind.as_deref());
    view = kind.into_iter().fold(view, |view, (_, kind)| view.kind(*kind));
    view = file.unit.into_iter().fold(view, View::unit);
    view = file.meter.into_iter().fold(view, View::meter);
    view = file.meter_version.into_iter().fold(view, View::meter_version);
    view = file.meter_schema_url.into_iter().fold(view, View::meter_schema_url);
    view = file.name.into_iter().fold(view, View::rename);
    view = file.description.into_iter().fold(view, View::description);
    view = file.included.into_iter().fold(view, View::keep_attributes);
    view = file.excluded.into_iter().fold(view, View::drop_attributes);
    view = file.cap.into_iter().fold(view, View::cap);
    match file.aggregation {
        Some(FileAggregation::Drop) => view.drop_metric(),
        Some(FileAggregation::Explicit(bounds)) => view.bounds(bounds),
        Some(FileAggregation::Exponential { max_size, max_scale }) => view.exponential(max_size, max_scale),
        None => view,
    }
}
