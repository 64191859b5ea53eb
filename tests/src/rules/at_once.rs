//! Rules whose alerts fire without a long `for`.

/// Rewrites the text of a rule file: every group is evaluated each second, and an alert fires at the second evaluation for which its expression holds.
/// Windows stay as they are: their content is a number of calls, so that no result depends on the speed of the machine.
///
/// The real `for` of the alerts is tested with promtool, on samples with timestamps.
#[must_use]
pub fn at_once(text: &str) -> String {
    let line = |line: &str| {
        let key = ["for: ", "interval: "].into_iter().find(|key| line.trim_start().starts_with(key));
        let indent = &line[..line.len() - line.trim_start().len()];
        key.map_or_else(|| format!("{line}\n"), |key| format!("{indent}{key}1s\n"))
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::at_once;

    #[test]
    fn alerts_wait_a_second_and_windows_stay() {
        let text = "  - name: a\n    interval: 2m\n    rules:\n      - alert: A\n        expr: rate(a[5m]) > 0\n        for: 10m\n";
        let fast = "  - name: a\n    interval: 1s\n    rules:\n      - alert: A\n        expr: rate(a[5m]) > 0\n        for: 1s\n";
        assert_eq!(at_once(text), fast);
    }
}
