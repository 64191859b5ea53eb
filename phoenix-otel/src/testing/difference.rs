//! Compares two texts of series.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The number of occurrences of a line in the first and in the second text.
type Counts = [usize; 2];

/// All lines, sorted, with marks at lines that only one text has. `None` if both have the same lines.
///
/// Lines of one series are adjacent, because the name and the labels precede the value.
pub(super) fn difference(expected: &str, recorded: &str) -> Option<String> {
    let mut lines: BTreeMap<&str, Counts> = BTreeMap::new();
    for (at, text) in [expected, recorded].into_iter().enumerate() {
        let text = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        text.for_each(|line| lines.entry(line).or_default()[at] += 1);
    }
    if lines.values().all(|[expected, recorded]| expected == recorded) {
        return None;
    }
    let mut shown = String::new();
    for (line, [expected, recorded]) in lines {
        let both = expected.min(recorded);
        for (mark, times) in [(' ', both), ('-', expected - both), ('+', recorded - both)] {
            (0..times).for_each(|_| _ = writeln!(shown, "{mark} {line}"));
        }
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn lines_that_differ_are_marked() {
        assert_eq!(difference("\n  b 1\n# a comment\n a 2\n", "a 2\nb 1"), None);
        let shown = difference("a 1\nb 2\nc 3", "a 1\nb 3\nd 4").unwrap();
        assert_eq!(shown, "  a 1\n- b 2\n+ b 3\n- c 3\n+ d 4\n");
        assert_eq!(difference("", "a 1").unwrap(), "+ a 1\n");
        assert_eq!(difference("a 1\na 1", "a 1").unwrap(), "  a 1\n- a 1\n");
    }
}
