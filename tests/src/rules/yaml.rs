//! Writes rules in the format of Prometheus.

use std::fmt::Write;

/// A group of rules. Prometheus evaluates them in order, so that a rule can read what an earlier one has recorded.
pub(super) struct Group {
    text: String,
}

impl Group {
    pub(super) fn new(name: &str) -> Self {
        Self { text: format!("  - name: {name}\n    rules:\n") }
    }

    /// A group with its own evaluation interval.
    pub(super) fn every(name: &str, interval: &str) -> Self {
        Self { text: format!("  - name: {name}\n    interval: {interval}\n    rules:\n") }
    }

    pub(super) fn record(&mut self, name: &str, expr: &str, labels: &[(&str, &str)]) {
        self.rule(&format!("record: {name}"), expr, labels);
    }

    pub(super) fn alert(&mut self, name: &str, expr: &str, labels: &[(&str, &str)], annotations: &[(&str, &str)]) {
        self.rule(&format!("alert: {name}"), expr, labels);
        self.map("annotations", annotations);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn rule(&mut self, head: &str, expr: &str, labels: &[(&str, &str)]) {
        let expr = expr.trim().replace('\n', "\n          ");
        // Writing into a String cannot fail.
        let _ = writeln!(self.text, "      - {head}\n        expr: |-\n          {expr}");
        self.map("labels", labels);
    }

    fn map(&mut self, key: &str, entries: &[(&str, &str)]) {
        if entries.is_empty() {
            return;
        }
        let _ = writeln!(self.text, "        {key}:");
        for (name, value) in entries {
            // Every JSON string is a valid YAML string.
            let _ = writeln!(self.text, "          {name}: {}", serde_json::Value::from(*value));
        }
    }
}
