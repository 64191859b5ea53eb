//! The dashboards as in their JSON files.

use std::fs;
use std::path::PathBuf;

use phoenix_otel_tests::boards;
use serde_json::Value;

/// A dashboard: the name of its file, and its content.
pub(crate) type Dashboard = (String, Value);

/// Returns all dashboards, sorted by file name.
pub(crate) fn all() -> Vec<Dashboard> {
    let folder = boards::folder().join("dashboards");
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a readable folder").path()).collect();
    files.sort();
    assert!(files.len() >= 4, "{files:?}");
    files.iter().map(read).collect()
}

fn read(file: &PathBuf) -> Dashboard {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    (file.file_stem().unwrap_or_default().to_string_lossy().into_owned(), json)
}

/// Returns the elements of a list, or none if it is not a list.
pub(crate) fn list(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}

/// Returns a string of an object, or an empty string.
pub(crate) fn text<'j>(json: &'j Value, key: &str) -> &'j str {
    json[key].as_str().unwrap_or_default()
}
