//! Checks the names of metrics and labels, which are literals.

/// Describes what is wrong with the name of a metric, and what to write.
pub(super) fn metric(name: &str) -> Option<String> {
    // The placeholders are replaced at run time. Here a letter replaces them.
    let plain = name.replace("{subsystem}", "x").replace("{edge}", "x");
    if plain.contains(['{', '}']) {
        return Some("unknown placeholder: the placeholders are `{subsystem}` and `{edge}`".into());
    }
    if !plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some("a metric's name must start with a letter, such as `acme.shop.orders`".into());
    }
    if let Some(c) = plain.chars().find(|c| !(c.is_ascii_alphanumeric() || "._-/".contains(*c))) {
        return Some(format!(
            "`{c}` is not allowed in a metric's name: use letters, digits, `_`, and dots between the parts"
        ));
    }
    if plain.len() > 255 {
        return Some("a metric's name has at most 255 characters".into());
    }
    if plain.split(['.', '_', '-', '/']).any(str::is_empty) {
        return Some(
            "the name has an empty part, which gives `__` in Prometheus: separate the parts by one dot, and do not end with a dot".into(),
        );
    }
    if plain.split(['.', '_', '-', '/']).any(|token| token == "total") {
        return Some("remove `total`: a counter's Prometheus name gets `_total` automatically".into());
    }
    None
}

/// Describes what is wrong with the name of a label, and what to write.
pub(super) fn label(name: &str) -> Option<String> {
    if name.starts_with("__")
        || name.starts_with("otel_scope_")
        || ["le", "quantile", "job", "instance"].contains(&name)
    {
        return Some(format!("the label `{name}` is reserved by Prometheus or the exporter: choose another name"));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c))
        || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    {
        return Some("a label's name must consist of letters, digits and `_`, and start with a letter".into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_pass() {
        for name in ["acme.shop.orders", "phoenix.{subsystem}.request.duration", "a", "http.server.request-size"] {
            assert_eq!(metric(name), None, "{name}");
        }
        assert_eq!(label("type"), None);
        assert_eq!(label("otel.component.type"), None);
    }

    #[test]
    fn bad_names_are_reported() {
        for name in ["", "1a", ".a", "a b", "a..b", "a__b", "a.", "a.total", "total_a", "a.{domain}.b", "größe"] {
            assert!(metric(name).is_some(), "{name}");
        }
        for name in ["le", "__name__", "job", "otel_scope_name", "größe"] {
            assert!(label(name).is_some(), "{name}");
        }
    }
}
