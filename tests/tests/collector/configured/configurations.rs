//! All configurations: each base file alone, and each overlay over the files that its header names.

use std::fs;

use phoenix_otel_tests::collector::{Builder, config};

/// The files of one configuration, in the order of merging.
pub(crate) type Files = Vec<String>;

/// Returns all configurations.
pub(crate) fn all() -> Vec<Files> {
    let overlays = yaml_files("overlays").into_iter().flat_map(|name| {
        let path = format!("overlays/{name}");
        let text = text(&path);
        let over: Vec<Files> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# Over: "))
            .map(|files| files.split(", ").map(str::to_owned).chain([path.clone()]).collect())
            .collect();
        assert!(!over.is_empty(), "{path}: the header has no line such as \"# Over: gateway.yaml\"");
        let in_full = text.contains("#   otelcol-phoenix --config ") && text.contains(&format!("--config {path}\n"));
        assert!(in_full, "{path}: its head has no command that ends in --config {path}");
        over
    });
    let bases = yaml_files("").into_iter().map(|base| vec![base]);
    bases.chain(overlays).collect()
}

/// Returns the names of all files.
pub(crate) fn files() -> Vec<String> {
    let overlays = yaml_files("overlays").into_iter().map(|name| format!("overlays/{name}"));
    yaml_files("").into_iter().chain(overlays).collect()
}

/// Returns the text of a file.
pub(crate) fn text(file: &str) -> String {
    fs::read_to_string(config(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// Returns a builder for a collector with these files.
pub(crate) fn collector(files: &[String]) -> Builder {
    files.iter().fold(Builder::default(), |builder, file| builder.config(config(file)))
}

fn yaml_files(folder: &str) -> Vec<String> {
    let listed = fs::read_dir(config(folder)).unwrap_or_else(|e| panic!("{folder}: {e}"));
    let names = listed.map(|file| file.expect("a readable folder").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".yaml")).collect();
    names.sort();
    assert!(names.len() > 1, "{names:?}");
    names
}
