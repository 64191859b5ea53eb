//! Who emits: the resource's attributes, merged from the builder, the environment and the arguments of `init`.

use super::env::Env;
use super::model::Overrides;
use super::setting::Setting;
use super::{detect, pairs, uuid};
use std::collections::BTreeMap;

const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";

/// The merged attributes, sorted by key.
///
/// What detectors find is beaten by all others. The builder's beat the environment's, but for the service's name and version: those are defaults, so that one binary can run as
/// several services. `OTEL_SERVICE_NAME` beats `service.name` in `OTEL_RESOURCE_ATTRIBUTES`.
pub(crate) fn resolve(
    env: &mut Env<'_>,
    name: &str,
    version: Option<&str>,
    given: &Overrides,
) -> Vec<(String, String)> {
    let from_env = attributes(env);
    let mut merged = distribution();
    let detected = detect::attributes(env, given.detectors.as_deref(), &detect::Machine::here());
    merged.extend(detected.into_iter().map(|(key, value)| (key.to_owned(), value)));
    merged.insert("service.name".to_owned(), name.to_owned());
    merged.extend(version.map(|version| ("service.version".to_owned(), version.to_owned())));
    let (identity, rest): (Vec<_>, Vec<_>) = given
        .resource_attributes
        .iter()
        .cloned()
        .partition(|(key, _)| key == "service.name" || key == "service.version");
    // An empty name or version says nothing, so it does not cover one that does.
    let says = |(key, value): &(String, String)| {
        !value.trim().is_empty() || !matches!(key.as_str(), "service.name" | "service.version")
    };
    merged.extend(identity.into_iter().filter(says));
    merged.extend(from_env.into_iter().filter(says));
    if rest.iter().any(|(key, _)| key.is_empty()) {
        let allowed = "a key, since receivers refuse the whole push for an attribute without one";
        env.problem(&Setting::builder("builder: resource_attribute"), "", allowed);
    }
    merged.extend(rest);
    let service =
        env.settled(String::clone, |env| env.text(SERVICE_NAME).unwrap_or_else(|| merged["service.name"].clone()));
    merged.insert("service.name".to_owned(), service);
    if name.trim().is_empty() {
        let allowed = format!("the service's name, which {SERVICE_NAME} may override; its metrics are named after it");
        env.problem(&Setting::builder("builder: name"), name, allowed);
    }
    merged.retain(|key, value| key != "service.version" || !value.is_empty());
    let instance = env.settled(String::clone, |env| instance(env, &merged, given));
    merged.insert("service.instance.id".to_owned(), instance);
    for (label, source) in [("service", "service.name"), ("version", "service.version")] {
        if let (false, Some(value)) = (merged.contains_key(label), merged.get(source).cloned()) {
            merged.insert(label.to_owned(), value);
        }
    }
    merged.into_iter().collect()
}

/// The attributes of the environment: none if any is malformed, and a problem for each that is. The specification has the whole value
/// discarded, so that a service does not go by half of its identity.
fn attributes(env: &mut Env<'_>) -> Vec<(String, String)> {
    let none = |_: &Vec<_>| "no attribute of this variable".to_owned();
    env.settled(none, |env| {
        let list = env.text(ATTRIBUTES).unwrap_or_default();
        let (mut attributes, mut is_right) = (Vec::new(), true);
        for (place, pair) in pairs::parse(&list) {
            match pair {
                Ok((key, value)) => pairs::set(&mut attributes, key, value),
                Err(bad) => {
                    is_right = false;
                    let allowed = "a list like `key1=value1,key2=value2`, percent-encoded";
                    let allowed = format!("{allowed}; item {place} is not: {}", bad.why);
                    env.problem(&Setting::variable(ATTRIBUTES), bad.text, allowed);
                }
            }
        }
        if is_right { attributes } else { Vec::new() }
    })
}

/// What makes replicas differ: given, or the pod's name, which is unique in its cluster, or a random UUID.
///
/// A host's name alone is not taken, since two processes of one service may share a host.
fn instance(env: &mut Env<'_>, merged: &BTreeMap<String, String>, given: &Overrides) -> String {
    let known = |key: &str| merged.get(key).filter(|value| !value.is_empty()).cloned();
    given
        .instance
        .clone()
        .filter(|instance| !instance.is_empty())
        .or_else(|| known("service.instance.id"))
        .or_else(|| known("k8s.pod.name"))
        .or_else(|| env.text("POD_NAME"))
        .or_else(|| env.text("KUBERNETES_SERVICE_HOST").and_then(|_| env.text("HOSTNAME")))
        .unwrap_or_else(uuid::random)
}

/// This crate, as the SDK's distribution. What the SDK says of itself is added where its resource is made.
fn distribution() -> BTreeMap<String, String> {
    let named = [("name", env!("CARGO_PKG_NAME")), ("version", env!("CARGO_PKG_VERSION"))];
    let mut distribution = BTreeMap::new();
    // Collecting would sort first, which is compiled anew for this type.
    distribution.extend(named.map(|(key, value)| (format!("telemetry.distro.{key}"), value.to_owned())));
    distribution
}
