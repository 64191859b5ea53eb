//! Each key of the schema has an effect, or a message names it as not supported.

use phoenix_otel_tests::isolated;
use serde_json::Value;

use super::generated::{Site, sites};
use super::schema::Kind;
use super::{in_force, named};

/// Keys without an effect in the effective configuration, and why.
const NO_EFFECT: [(&str, &str); 6] = [
    ("file_format", "it is a version"),
    ("disabled", "the test sets it"),
    (
        "attribute_limits.attribute_count_limit",
        "it is the limit of spans, and without a tracer provider there are none",
    ),
    ("meter_provider.readers[0].periodic.exporter.otlp_grpc.tls.insecure", "it is for an endpoint without a scheme"),
    ("tracer_provider.id_generator.random", "all trace IDs are random"),
    ("distribution", "its mappings have owners"),
];

/// The effect of a key.
#[derive(PartialEq)]
enum Outcome {
    Refused,
    Named,
    InForce(Vec<(String, String)>),
}

fn outcome(site: &Site, file: &Value) -> Outcome {
    match named(file) {
        None => Outcome::Refused,
        Some(named) if named.iter().any(|named| names(named, &site.path)) => Outcome::Named,
        Some(_) => in_force(file).map_or(Outcome::Refused, Outcome::InForce),
    }
}

/// Whether a message names the key, or a mapping that contains it.
fn names(named: &str, path: &str) -> bool {
    path == named || path.strip_prefix(named).is_some_and(|rest| rest.starts_with(['.', '[']))
}

#[test]
fn no_key_is_passed_over_in_silence() {
    isolated!();
    let (mut silent, mut exceptions) = (Vec::new(), Vec::new());
    let sites = sites();
    for site in &sites {
        // A mapping has the effects of its keys.
        if matches!(site.key.kind, Kind::Map(shape) if !shape.keys.is_empty())
            || matches!(site.key.kind, Kind::List(Kind::Map(_), _))
        {
            continue;
        }
        let mut outcomes: Vec<Outcome> = site.valid.iter().map(|file| outcome(site, file)).collect();
        outcomes.extend(site.without.iter().map(|file| outcome(site, file)));
        let has_effect = outcomes.contains(&Outcome::Named)
            || outcomes.iter().any(|one| *one != outcomes[0] && *one != Outcome::Refused);
        match NO_EFFECT.iter().find(|(path, _)| site.path == *path) {
            Some((path, _)) => exceptions.push((*path, has_effect)),
            None if !has_effect => silent.push(site.path.as_str()),
            None => {}
        }
    }
    assert_eq!(silent, [""; 0], "keys without any effect");
    assert_eq!(exceptions, NO_EFFECT.map(|(path, _)| (path, false)));
    assert!(sites.len() > 200, "{} keys", sites.len());
}
