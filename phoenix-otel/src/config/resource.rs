//! The resource attributes, merged from the builder, the environment, the resource detectors and the arguments of `init`.

use super::env::Env;
use super::model::Overrides;
use super::setting::Setting;
use super::{detect, pairs, uuid};
use std::collections::BTreeMap;

const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";

/// The merged attributes, sorted by key.
///
/// Detected attributes have the lowest precedence. The builder takes precedence over the environment, except for the name and the version of
/// the service: there the builder sets defaults, so that one binary can run as several services. `OTEL_SERVICE_NAME` takes precedence over
/// `service.name` in `OTEL_RESOURCE_ATTRIBUTES`.
pub(crate) fn resolve(
    env: &mut Env<'_>,
    name: &str,
    version: Option<&str>,
    overrides: &Overrides,
) -> Vec<(String, String)> {
    let from_env = attributes(env);
    let mut merged = distribution();
    let detected = detect::attributes(env, overrides.detectors.as_deref(), &detect::Machine::here());
    merged.extend(detected.into_iter().map(|(key, value)| (key.to_owned(), value)));
    merged.insert("service.name".to_owned(), name.to_owned());
    merged.extend(version.map(|version| ("service.version".to_owned(), version.to_owned())));
    let (identity, rest): (Vec<_>, Vec<_>) = overrides
        .resource_attributes
        .iter()
        .cloned()
        .partition(|(key, _)| key == "service.name" || key == "service.version");
    // An empty name or version does not override another one.
    let says = |(key, value): &(String, String)| {
        !value.trim().is_empty() || !matches!(key.as_str(), "service.name" | "service.version")
    };
    merged.extend(identity.into_iter().filter(says));
    merged.extend(from_env.into_iter().filter(says));
    if rest.iter().any(|(key, _)| key.is_empty()) {
        let allowed = "a non-empty key: receivers reject the whole request if an attribute has no key";
        env.problem(&Setting::builder("builder: resource_attribute"), "", allowed);
    }
    merged.extend(rest);
    let service = env
        .with_fallback(String::clone, |env| env.text(SERVICE_NAME).unwrap_or_else(|| merged["service.name"].clone()));
    merged.insert("service.name".to_owned(), service);
    if name.trim().is_empty() {
        let allowed = format!(
            "a non-empty service name, which is part of the metric names; {SERVICE_NAME} overrides only the resource attribute"
        );
        env.problem(&Setting::builder("builder: name"), name, allowed);
    }
    merged.retain(|key, value| key != "service.version" || !value.is_empty());
    let instance = env.with_fallback(String::clone, |env| instance(env, &merged, overrides));
    merged.insert("service.instance.id".to_owned(), instance);
    for (label, source) in [("service", "service.name"), ("version", "service.version")] {
        if let (false, Some(value)) = (merged.contains_key(label), merged.get(source).cloned()) {
            merged.insert(label.to_owned(), value);
        }
    }
    merged.into_iter().collect()
}

/// The attributes of the environment. If an item is invalid, it is reported, and the whole value is ignored, as the specification requires:
/// a service must not have half of its identity.
fn attributes(env: &mut Env<'_>) -> Vec<(String, String)> {
    let none = |_: &Vec<_>| "no attributes from this variable".to_owned();
    env.with_fallback(none, |env| {
        let list = env.text(ATTRIBUTES).unwrap_or_default();
        let (mut attributes, mut is_right) = (Vec::new(), true);
        for (place, pair) in pairs::parse(&list) {
            match pair {
                Ok((key, value)) => pairs::set(&mut attributes, key, value),
                Err(bad) => {
                    is_right = false;
                    let allowed = "a list like `key1=value1,key2=value2`, percent-encoded";
                    let allowed = format!("{allowed}; item {place} is invalid: {}", bad.why);
                    env.problem(&Setting::variable(ATTRIBUTES), bad.text, allowed);
                }
            }
        }
        if is_right { attributes } else { Vec::new() }
    })
}

/// The instance ID, which distinguishes replicas: from code or the environment, else the pod name, which is unique in its cluster, else a
/// random UUID.
///
/// The host name is not used, because two processes of a service can run on one host.
fn instance(env: &mut Env<'_>, merged: &BTreeMap<String, String>, overrides: &Overrides) -> String {
    let known = |key: &str| merged.get(key).filter(|value| !value.is_empty()).cloned();
    overrides
        .instance
        .clone()
        .filter(|instance| !instance.is_empty())
        .or_else(|| known("service.instance.id"))
        .or_else(|| known("k8s.pod.name"))
        .or_else(|| env.text("POD_NAME"))
        .or_else(|| env.text("KUBERNETES_SERVICE_HOST").and_then(|_| env.text("HOSTNAME")))
        .unwrap_or_else(uuid::random)
}

/// The attributes of this crate as a distribution of the SDK. `pipeline` adds the attributes of the SDK itself.
fn distribution() -> BTreeMap<String, String> {
    let named = [("name", env!("CARGO_PKG_NAME")), ("version", env!("CARGO_PKG_VERSION"))];
    let mut distribution = BTreeMap::new();
    // `collect` would compile another sort for this type.
    distribution.extend(named.map(|(key, value)| (format!("telemetry.distro.{key}"), value.to_owned())));
    distribution
}
