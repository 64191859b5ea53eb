//! The variables of the configurations: each address is one, and each is in the header of its file.

use super::configurations::{files, text};

/// Returns name and default of each variable in a text: `${env:NAME:-DEFAULT}`.
fn variables(text: &str) -> Vec<(&str, Option<&str>)> {
    let inside = text.split("${env:").skip(1).map(|rest| rest.split('}').next().unwrap_or_default());
    inside
        .map(|inside| inside.split_once(":-").map_or((inside, None), |(name, default)| (name, Some(default))))
        .collect()
}

#[test]
fn the_header_of_a_file_lists_its_variables_and_defaults() {
    for file in files() {
        let text = text(&file);
        let found = variables(&text);
        for (name, default) in &found {
            // Two variables on one line.
            let name = if name.starts_with("OTELCOL_METRICS_") { "OTELCOL_METRICS_HOST/PORT" } else { name };
            let entry = text.lines().find(|line| line.strip_prefix("#   ").is_some_and(|line| line.starts_with(name)));
            let entry = entry.unwrap_or_else(|| panic!("{file}: the header does not list {name}"));
            let default = match default {
                Some("") => "(empty)",
                Some("[]") => "none",
                Some(default) => default,
                None => continue,
            };
            assert!(entry.contains(default), "{file}: the default of {name} is {default}, but the header has: {entry}");
        }
        for entry in text.lines().filter_map(|line| line.strip_prefix("#   OTELCOL_")) {
            let name = entry.split([' ', '/']).next().unwrap_or_default();
            let there =
                found.iter().any(|(found, _)| found.strip_prefix("OTELCOL_").is_some_and(|f| f.starts_with(name)));
            assert!(there, "{file}: its head tells of OTELCOL_{name}, which nothing reads");
        }
    }
}

/// A file without settings listens on loopback only, and sends nothing to another machine.
#[test]
fn each_address_is_a_variable_with_a_default_on_loopback() {
    let mut found = 0;
    for file in files() {
        let text = text(&file);
        for line in text.lines() {
            let Some((key, value)) = line.trim().split_once(": ") else { continue };
            if ["endpoint", "host", "hostname", "hostnames"].contains(&key) {
                found += 1;
                let [(_, Some(default))] = variables(value)[..] else {
                    panic!("{file}: {line}: no variable with a default")
                };
                let of_loopback = default.contains("127.0.0.1") || default == "localhost";
                assert!(of_loopback, "{file}: {line}: the default is another machine");
            }
        }
    }
    assert!(found > 15, "only {found} addresses: does this test still find them?");
}

/// Agent and gateway build the labels in the same way, so it does not matter which of them came first.
#[test]
fn agent_and_gateway_give_the_same_identity() {
    let statements = |file: &str| -> Vec<String> {
        let text = text(file);
        let of_points = text.lines().filter(|line| line.trim().starts_with("- set(datapoint.attributes["));
        // The agent converts the scopes of scraped metrics; the gateway does not scrape.
        let of_points = of_points.filter(|line| line.contains("resource.attributes["));
        of_points.map(|line| line.trim().to_owned()).collect()
    };
    let of_gateway = statements("gateway.yaml");
    assert_eq!(of_gateway.len(), 4);
    assert_eq!(statements("agent.yaml"), of_gateway);
}
