//! The Grafana dashboards: generated from the boards and the catalog, valid, and with queries on existing metrics.

mod lint;
mod names;
mod provisioned;

use std::fs;

use phoenix_otel_tests::boards::{all, folder};

/// If a dashboard does not match its board, the test regenerates it and fails.
#[test]
fn the_dashboards_match_the_boards() {
    let dashboards = folder().join("dashboards");
    let (mut files, mut stale) = (vec![], vec![]);
    for (name, board) in all() {
        let file = dashboards.join(format!("{name}.json"));
        let made = format!("{}\n", serde_json::to_string_pretty(&board.json()).unwrap());
        if fs::read_to_string(&file).unwrap_or_default() != made {
            fs::create_dir_all(&dashboards).unwrap();
            fs::write(&file, &made).unwrap();
            stale.push(name);
        }
        files.push(file);
    }
    assert!(
        stale.is_empty(),
        "these dashboards did not match their boards; they are regenerated: check and commit {stale:?}"
    );
    assert!(files.len() >= 4, "there are boards");
    for entry in fs::read_dir(&dashboards).unwrap() {
        let path = entry.unwrap().path();
        assert!(files.contains(&path), "{} has no board: delete it", path.display());
    }
}
