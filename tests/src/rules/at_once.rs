//! Rules whose alerts do not wait.

/// Rewrites the text of a file of rules so that every group is evaluated each second, and an alert fires at the second evaluation that finds what it
/// is about. Windows stay: what they hold is a matter of counts, so that no result depends on how fast the machine is.
///
/// Whether an alert waits as long as it should is asked of promtool, on samples that have their times.
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
