//! Writes a board in the format of Grafana.

use serde_json::{Value, json};

use super::{Board, Panel};

/// The version of the dashboard schema (Grafana 11).
const SCHEMA_VERSION: u64 = 39;
/// The number of columns of the grid.
const COLUMNS: u64 = 24;
/// The address of the runbooks.
const RUNBOOKS: &str = "https://github.com/phoenix-orch/phoenix-otel/blob/main/docs/runbooks";
/// The tag of all boards.
const TAG: &str = "phoenix";

pub(super) fn dashboard(board: &Board) -> Value {
    json!({
        "uid": board.uid,
        "title": board.title,
        "description": board.description,
        "tags": [TAG],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": false,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": { "from": "now-1h", "to": "now" },
        "timezone": "browser",
        "templating": { "list": variables() },
        "annotations": { "list": [annotations()] },
        "links": [{
            "title": "Phoenix boards", "type": "dashboards", "tags": [TAG], "asDropdown": true,
            "includeVars": true, "keepTime": true, "targetBlank": false, "icon": "external link", "url": "", "tooltip": "",
        }],
        "panels": panels(board),
    })
}

fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

fn variables() -> Value {
    let of_label = |name: &str, label: &str, query: &str| {
        json!({
            "name": name, "label": label, "type": "query", "datasource": datasource(),
            "definition": query, "query": { "query": query, "refId": name },
            "refresh": 2, "sort": 1, "multi": true, "includeAll": true, "allValue": ".+",
            "current": { "text": ["All"], "value": ["$__all"] }, "regex": "", "hide": 0,
        })
    };
    let spans = ["5m", "15m", "1h", "6h", "1d", "7d"]
        .map(|span| json!({ "text": span, "value": span, "selected": span == "1h" }));
    json!([
        {
            "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
            "current": {}, "refresh": 1, "regex": "", "hide": 0, "multi": false, "includeAll": false,
        },
        of_label("job", "Job", "label_values(target_info, job)"),
        of_label("service", "Service", "label_values(target_info{job=~\"$job\"}, service)"),
        of_label("instance", "Instance", "label_values(target_info{job=~\"$job\",service=~\"$service\"}, instance)"),
        {
            "name": "interval", "label": "Interval", "type": "interval", "query": "5m,15m,1h,6h,1d,7d",
            "options": spans,
            "current": { "text": "1h", "value": "1h", "selected": true },
            "auto": false, "refresh": 2, "hide": 0,
        },
    ])
}

/// Every graph shows firing critical alerts as annotations.
fn annotations() -> Value {
    json!({
        "name": "Alerts", "enable": true, "iconColor": "red", "datasource": datasource(),
        "expr": "ALERTS{alertstate=\"firing\",severity=\"critical\"}", "titleFormat": "{{alertname}}", "textFormat": "{{service}}",
        "step": "60s", "type": "tags",
    })
}

/// Lays out rows and panels from left to right and from top to bottom.
fn panels(board: &Board) -> Vec<Value> {
    let mut laid = Vec::new();
    let mut y = 0;
    let mut id = 0;
    let mut next = || {
        id += 1;
        id
    };
    for row in &board.rows {
        laid.push(json!({
            "id": next(), "type": "row", "title": row.title, "collapsed": false, "panels": [],
            "gridPos": { "x": 0, "y": y, "w": COLUMNS, "h": 1 },
        }));
        y += 1;
        let (mut x, mut height) = (0, 0);
        for panel in board.panels(row) {
            if x + panel.width > COLUMNS {
                (x, y, height) = (0, y + height, 0);
            }
            let h = if ["stat", "bargauge"].contains(&&*panel.kind) { 5 } else { 8 };
            laid.push(json(&panel, next(), &json!({ "x": x, "y": y, "w": panel.width, "h": h })));
            x += panel.width;
            height = height.max(h);
        }
        y += height;
    }
    laid
}

fn json(panel: &Panel, id: u64, place: &Value) -> Value {
    let instant = ["stat", "bargauge", "table"].contains(&&*panel.kind);
    let targets = panel.queries.iter().zip('A'..).map(|(query, id)| {
        json!({
            "refId": id.to_string(), "expr": query.expr, "legendFormat": query.legend, "exemplar": query.exemplars,
            "instant": instant, "range": !instant, "datasource": datasource(),
            "format": match &*panel.kind { "table" => "table", "heatmap" => "heatmap", _ => "time_series" },
        })
    });
    let mut json = json!({
        "id": id,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": datasource(),
        "gridPos": place,
        "targets": targets.collect::<Vec<_>>(),
        "fieldConfig": { "defaults": defaults(panel), "overrides": [] },
        "options": options(&panel.kind),
    });
    if let Some(alert) = &panel.runbook {
        json["links"] = json!([{
            "title": format!("Runbook: {alert}"), "url": format!("{RUNBOOKS}/{alert}.md"), "targetBlank": true,
        }]);
    }
    json
}

fn defaults(panel: &Panel) -> Value {
    let mut steps = vec![json!({ "value": null, "color": panel.thresholds.first().map_or("green", |_| "text") })];
    steps.extend(panel.thresholds.iter().map(|(from, color)| json!({ "value": from.value(), "color": color })));
    let mut defaults = json!({
        "unit": panel.unit,
        "thresholds": { "mode": "absolute", "steps": steps },
        "color": { "mode": if panel.thresholds.is_empty() { "palette-classic" } else { "thresholds" } },
        "mappings": panel.mappings.iter().map(|(value, text, color)| json!({
            "type": "value", "options": { value.to_string(): { "text": text, "color": color, "index": 0 } },
        })).collect::<Vec<_>>(),
    });
    if panel.kind == "timeseries" {
        defaults["custom"] = json!({
            "fillOpacity": 10, "showPoints": "never", "lineWidth": 1,
            "thresholdsStyle": { "mode": if panel.thresholds.is_empty() { "off" } else { "line" } },
        });
        // Series keep their own colours; a threshold is a separate line.
        defaults["color"] = json!({ "mode": "palette-classic" });
    }
    if panel.unit == "percentunit" || panel.max.is_some() {
        defaults["min"] = json!(0);
    }
    if let Some(max) = panel.max {
        defaults["max"] = json!(max);
    }
    defaults
}

fn options(kind: &str) -> Value {
    let reduce = json!({ "calcs": ["lastNotNull"], "fields": "", "values": false });
    match kind {
        "stat" => {
            json!({ "reduceOptions": reduce, "colorMode": "value", "graphMode": "none", "textMode": "auto", "justifyMode": "auto" })
        }
        "bargauge" => json!({ "reduceOptions": reduce, "displayMode": "basic", "orientation": "horizontal" }),
        "table" => json!({ "showHeader": true, "cellHeight": "sm" }),
        "heatmap" => {
            json!({ "calculate": false, "yAxis": { "unit": "s" }, "color": { "mode": "scheme", "scheme": "Oranges" } })
        }
        "state-timeline" => json!({ "mergeValues": true, "showValue": "auto", "rowHeight": 0.8 }),
        _ => json!({
            "legend": { "displayMode": "table", "placement": "bottom", "calcs": ["mean", "max"], "showLegend": true },
            "tooltip": { "mode": "multi", "sort": "desc" },
        }),
    }
}
