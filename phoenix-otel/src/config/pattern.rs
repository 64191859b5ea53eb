//! Wildcards: `*` for any number of characters, `?` for one.

/// A pattern of views, as in the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    pub(crate) fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has no wildcards.
    pub(crate) fn is_exact(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    /// Whether it matches `text`, case-sensitive.
    pub(crate) fn matches(&self, text: &str) -> bool {
        if self.is_exact() { self.0 == text } else { glob(&self.0, text, |a, b| a == b) }
    }

    /// Whether it matches the name of an instrument. Instrument names are not case-sensitive.
    pub(crate) fn matches_name(&self, name: &str) -> bool {
        glob(&self.0, name, |a, b| a.eq_ignore_ascii_case(&b))
    }
}

/// Backtracks only to the last `*`: an earlier `*` never needs another attempt. So the worst case is the product of both lengths.
fn glob(pattern: &str, text: &str, equal: fn(char, char) -> bool) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let mut star = None;
    loop {
        let (mut next_pattern, mut next_text) = (pattern.clone(), text.clone());
        match (next_pattern.next(), next_text.next()) {
            (Some('*'), _) => {
                pattern = next_pattern;
                star = Some((pattern.clone(), text.clone()));
                continue;
            }
            (None, None) => return true,
            (Some(expected), Some(found)) if expected == '?' || equal(expected, found) => {
                (pattern, text) = (next_pattern, next_text);
                continue;
            }
            _ => {}
        }
        let Some((after, from)) = &mut star else { return false };
        if from.next().is_none() {
            return false;
        }
        (pattern, text) = (after.clone(), from.clone());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_match_as_the_specification_says() {
        for (pattern, text, matches) in [
            ("http.server.*", "http.server.duration", true),
            ("http.server.*", "http.server.", true),
            ("http.server.*", "http.server", false),
            ("*", "", true),
            ("*.duration", "http.server.duration", true),
            ("*.duration", "http.server.duration.x", false),
            ("a*b*c", "axxbxxbxc", true),
            ("a*b*c", "axxbxxbx", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "aüc", true),
            ("", "", true),
            ("", "a", false),
            ("a**", "a", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), matches, "{pattern} {text}");
        }
        assert!(!Pattern::new("HTTP.*").matches("http.x"));
        assert!(Pattern::new("HTTP.*").matches_name("http.x"));
    }

    /// The obvious definition, which takes exponential time.
    fn defined(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', rest @ ..] => (0..=text.len()).any(|n| defined(rest, &text[n..])),
            ['?', rest @ ..] => !text.is_empty() && defined(rest, &text[1..]),
            [c, rest @ ..] => text.first() == Some(c) && defined(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn it_matches_what_the_definition_matches(pattern in "[ab*?]{0,7}", text in "[ab]{0,9}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(Pattern::new(&*pattern).matches(&text), defined(&chars(&pattern), &chars(&text)));
        }
    }
}
