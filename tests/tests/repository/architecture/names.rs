//! Metric names occur as strings only in a catalog.

use super::none;
use super::source::{Source, sources};

/// The code that prints a table reads the exposition as any user would, by metric names.
const READERS: [&str; 1] = ["examples/quickstart/src/report.rs"];

#[test]
fn no_metric_is_named_outside_the_catalog() {
    let files = sources(&["phoenix-otel/src", "phoenix-otel-macros/src", "examples"]);
    let elsewhere = files.iter().filter(|file| {
        !file.is_test() && !file.path.starts_with("phoenix-otel/src/catalog/") && !READERS.contains(&&*file.path)
    });
    none(elsewhere.flat_map(|file| {
        named(file).into_iter().map(|(line, name)| {
            file.finding(
                line,
                format!("the metric {name} is named in quotes"),
                "declare it in phoenix-otel/src/catalog by `metrics!` and use the handle or its DEF",
            )
        })
    }));
}

/// Returns the strings that are metric names outside of a `metrics!` declaration.
fn named(file: &Source) -> Vec<(usize, String)> {
    let declares = |at: usize| {
        // `static ORDERS: Counter { … } = "acme.orders" { … }` is the only place for a name.
        let before = file.tokens[..at].iter().rev().take_while(|token| token.text != ";");
        file.tokens[at - 1].text == "=" && before.map(|token| &*token.text).any(|text| text == "static")
    };
    let strings = file.tokens.iter().enumerate().filter(|(_, token)| token.is_literal && token.text.starts_with('"'));
    strings
        // Identifiers in expansions may begin like a name, but metric names of the macros contain dots.
        .filter(|(_, token)| token.text.contains('.') || !file.path.starts_with("phoenix-otel-macros/"))
        .filter(|(_, token)| is_metric(token.text.trim_matches('"')))
        .filter(|(at, _)| *at == 0 || !declares(*at))
        .map(|(_, token)| (token.line, token.text.clone()))
        .collect()
}

/// Whether the text begins with our namespace, with `.` or `_`, or is a metric of the SDK.
fn is_metric(text: &str) -> bool {
    let of_words =
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._{}".contains(&byte));
    let starts = ["phoenix.", "phoenix_", "otel.sdk.", "otel_sdk_"].iter().any(|start| text.starts_with(start));
    of_words && starts && !["phoenix_otel", "phoenix_otel_platform"].contains(&text)
}

#[test]
fn names_are_distinguished_from_other_strings() {
    for name in ["phoenix.llm.tokens", "phoenix_llm_tokens_total", "phoenix.{subsystem}.requests", "otel_sdk_x"] {
        assert!(is_metric(name), "{name}");
    }
    for other in
        ["phoenix_otel", "phoenix_otel_platform", "phoenix_otel::catalog::", "phoenix", "phoenix-otel", "a phoenix.txt"]
    {
        assert!(!is_metric(other), "{other}");
    }
}
