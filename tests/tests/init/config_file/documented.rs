//! Each configuration file in the documentation is valid.

use std::path::Path;

use phoenix_otel::platform::Platform;
use phoenix_otel::testing::FakeExporter;
use phoenix_otel::{Component, ExporterSettings, Extension, ExtensionSettings, PushExporter};
use phoenix_otel_tests::isolated;
use phoenix_otel_tests::tools::{repository, repository_file};

use super::generated::sites;

/// The extension of the documentation.
struct Acme;

impl Extension for Acme {
    fn configure(&mut self, settings: &mut ExtensionSettings<'_>) {
        settings.node("acme", |node| _ = node.texts("carriers"));
    }
}

/// The exporter of the documentation.
fn influx(settings: &ExporterSettings) -> Result<Component, Box<dyn std::error::Error + Send + Sync>> {
    let node = settings.node().ok_or("a file chose it")?;
    node.text("url").ok_or("the key url is missing")?;
    Ok(Component::push(PushExporter::new(FakeExporter::default())))
}

fn pages(folder: &Path, pages: &mut Vec<std::path::PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    for path in entries {
        if path.is_dir() {
            self::pages(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
}

/// The keys that are not supported, by reason.
fn unsupported() -> String {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for site in sites() {
        let Some(reason) = site.key.unsupported else { continue };
        let path = format!("`{}`", site.path.replace("[0]", "[]"));
        match reasons.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, paths)) => paths.push(path),
            None => reasons.push((reason, vec![path])),
        }
    }
    let rows = reasons.iter().map(|(reason, paths)| format!("| {} | {reason} |\n", paths.join(", ")));
    format!("| key | why |\n|---|---|\n{}", rows.collect::<String>())
}

#[test]
fn the_keys_that_are_not_supported_are_listed() {
    const START: &str = "--test init documented -->\n";
    let page = repository_file("docs/configuration.md");
    let (before, rest) = page.split_once(START).expect("the start of the table");
    let (_, after) = rest.split_once("<!-- end -->").expect("the end of the table");
    let expected = format!("{before}{START}{}<!-- end -->{after}", unsupported());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(repository().join("docs/configuration.md"), &expected).expect("it is written");
        return;
    }
    assert_eq!(page, expected, "UPDATE_GOLDEN=1 rewrites the table");
}

#[test]
fn each_example_is_loaded() {
    isolated!();
    let mut paths = vec![repository().join("README.md")];
    pages(&repository().join("docs"), &mut paths);
    let mut loaded = 0;
    for path in paths {
        let page = std::fs::read_to_string(&path).expect("a page");
        let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block);
        for block in blocks.filter(|block| block.starts_with("file_format")) {
            // The ports of the examples may be in use, and their certificates do not exist.
            let block = block.replace("port: 9464", "port: 0");
            let variables = [
                ("OTLP_TOKEN", "secret"),
                ("SERVICE_VERSION", "1.2.3"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
            ];
            let service = phoenix_otel::builder("documented").without_subscriber().environment(variables);
            let service = service.with(Acme).with(Platform::new()).exporter_provider("influx", influx);
            let telemetry = service.strict().config(&block).init();
            let telemetry = telemetry.unwrap_or_else(|error| panic!("{}: {error}\n{block}", path.display()));
            drop(telemetry);
            loaded += 1;
        }
    }
    assert!(loaded >= 5, "{loaded} examples");
}
