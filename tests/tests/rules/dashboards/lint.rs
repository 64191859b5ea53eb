//! The rules of Grafana's dashboard linter, and a valid layout.

use std::collections::HashSet;

use phoenix_otel_tests::boards::all;
use serde_json::Value;

/// The units of Grafana that our boards use.
const UNITS: [&str; 10] =
    ["short", "s", "bytes", "Bps", "percentunit", "reqps", "ops", "currencyUSD", "dateTimeAsIso", "none"];

/// Words that occur in metric names, and must not occur in titles.
const PIECES: [&str; 9] =
    ["Llm", "Kb", "Otel", "Cpu", "cpu", "requests active", "dollars", "descriptor count", "entries count"];

fn text<'j>(json: &'j Value, key: &str) -> &'j str {
    json[key].as_str().unwrap_or_default()
}

/// Returns every panel except rows.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row")
}

#[test]
fn dashboards_follow_the_linter_rules() {
    let mut uids = HashSet::new();
    for (file, board) in all() {
        let dashboard = board.json();
        assert!(uids.insert(text(&dashboard, "uid").to_owned()), "{file}: its uid is another's");
        assert!(dashboard["schemaVersion"].as_u64().is_some_and(|version| version >= 39), "{file}");
        assert_eq!(dashboard["editable"], false, "{file}: a provisioned board is not editable");
        for key in ["title", "description"] {
            assert!(!text(&dashboard, key).is_empty(), "{file}: no {key}");
        }
        let variables: Vec<&str> =
            dashboard["templating"]["list"].as_array().unwrap().iter().map(|v| text(v, "name")).collect();
        assert_eq!(variables, ["datasource", "job", "service", "instance", "interval"], "{file}");
        let mut titles = HashSet::new();
        for panel in panels(&dashboard) {
            let title = text(panel, "title");
            let here = format!("{file}: {title}");
            assert!(!title.is_empty() && titles.insert(title), "{here}: no title, or another's");
            let piece = PIECES.iter().find(|piece| title.contains(**piece));
            assert_eq!(piece, None, "{here}: a piece of a metric's name, for which people have a word");
            assert!(text(panel, "description").ends_with('.'), "{here}: a description is a sentence");
            assert!(UNITS.contains(&text(&panel["fieldConfig"]["defaults"], "unit")), "{here}: its unit is unknown");
            assert_eq!(text(&panel["datasource"], "uid"), "${datasource}", "{here}");
            let targets = panel["targets"].as_array().unwrap();
            assert!(!targets.is_empty(), "{here}: no query");
            for target in targets {
                let expr = text(target, "expr");
                assert!(!text(target, "legendFormat").is_empty(), "{here}: a query without a legend");
                assert_eq!(text(&target["datasource"], "uid"), "${datasource}", "{here}");
                for (at, _) in expr.match_indices("rate(") {
                    let range = expr[at..].split_once('[').and_then(|(_, rest)| rest.split_once(']')).unwrap().0;
                    assert_eq!(range, "$__rate_interval", "{here}: {expr}");
                }
                assert!(!expr.contains("increase(") || expr.contains("[$interval]"), "{here}: {expr}");
                // Recorded series and ALERTS have no job and instance of a service. The variables do not select collectors.
                let made = ["phoenix:", "slo:", "ALERTS", "{job=\"otelcol\"}"].iter().any(|start| expr.contains(start));
                let chosen = ["job=~\"$job\"", "instance=~\"$instance\""].iter().all(|choice| expr.contains(choice));
                assert!(made || chosen, "{here} has no matchers on $job and $instance: {expr}");
            }
        }
    }
}

#[test]
fn panels_do_not_overlap() {
    for (file, board) in all() {
        let dashboard = board.json();
        let mut ids = HashSet::new();
        let mut taken = HashSet::new();
        for panel in dashboard["panels"].as_array().unwrap() {
            let title = text(panel, "title");
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{file}: {title}: its id is another's");
            let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().unwrap());
            assert!(w > 0 && h > 0 && x + w <= 24, "{file}: {title} is off the grid");
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(taken.insert(cell), "{file}: {title} overlaps another panel");
            }
        }
    }
}
