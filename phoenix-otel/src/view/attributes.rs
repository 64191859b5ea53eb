//! The attribute filter of a stream.

use crate::config::Pattern;

/// The kept attribute keys: the included keys, or all keys, minus the excluded keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AttributeKeys {
    pub(crate) included: Option<Vec<Pattern>>,
    pub(crate) excluded: Vec<Pattern>,
}

impl AttributeKeys {
    pub(crate) fn keeps(&self, key: &str) -> bool {
        let matches = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(key));
        self.included.as_deref().is_none_or(matches) && !matches(&self.excluded)
    }

    pub(crate) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.included.iter().flatten().chain(&self.excluded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excluded_comes_before_included() {
        let patterns = |patterns: &[&str]| patterns.iter().map(|pattern| Pattern::new(*pattern)).collect::<Vec<_>>();
        let keys = AttributeKeys { included: Some(patterns(&["http.*"])), excluded: patterns(&["*.secret"]) };
        assert!(keys.keeps("http.method") && !keys.keeps("http.secret") && !keys.keeps("method"));
        assert!(AttributeKeys::default().keeps("method"));
        assert!(!AttributeKeys { included: Some(Vec::new()), excluded: Vec::new() }.keeps("method"));
    }
}
