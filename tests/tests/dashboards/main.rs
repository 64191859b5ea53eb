//! The Grafana dashboards: made from the boards and the catalog, sound, and true to what is measured.

mod lint;
mod names;
mod provisioned;

use std::fs;

use phoenix_otel_tests::boards::{all, folder};

/// Run elsewhere than in CI, this writes the dashboards anew.
#[test]
fn the_dashboards_are_those_of_the_boards() {
    let dashboards = folder().join("dashboards");
    let in_ci = std::env::var_os("CI").is_some();
    let mut files = vec![];
    for (name, board) in all() {
        let file = dashboards.join(format!("{name}.json"));
        let made = format!("{}\n", serde_json::to_string_pretty(&board.json()).unwrap());
        let before = fs::read_to_string(&file).unwrap_or_default();
        if before != made && !in_ci {
            fs::create_dir_all(&dashboards).unwrap();
            fs::write(&file, &made).unwrap();
        }
        assert!(
            before == made || !in_ci,
            "{} is not what the board says: run `cargo test -p phoenix-otel-tests --test dashboards` and commit it",
            file.display()
        );
        files.push(file);
    }
    assert!(files.len() >= 4, "there are boards");
    for entry in fs::read_dir(&dashboards).unwrap() {
        let path = entry.unwrap().path();
        assert!(files.contains(&path), "{} has no board: delete it", path.display());
    }
}
