//! The resource attributes, merged from the builder, the environment, the resource detectors and the arguments of `init`.

use super::effective::{Origin, Scalar};
use super::env::Env;
use super::overrides::Overrides;
use super::pattern::Pattern;
use super::setting::Setting;
use super::{ResourceDetector, detect, pairs, uuid};
use std::collections::BTreeMap;
use std::fmt;

const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
/// The format of the variable in the specification.
pub(super) const ALLOWED: &str = "a list like `key1=value1,key2=value2`, percent-encoded";
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
    detectors: &[ResourceDetector],
) -> Vec<(String, ResourceValue)> {
    let of_variable = attributes(env);
    let mut from_env = of_variable.clone();
    from_env.extend(overrides.file_attributes.iter().map(|(key, (value, _))| (key.clone(), value.to_string())));
    let mut merged = distribution();
    let detected = detect::attributes(env, detectors, &detect::Machine::here());
    let detected = detected.into_iter().filter(|(key, _)| is_wanted(overrides, key));
    merged.extend(detected.map(|(key, value)| (key.to_owned(), value)));
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
    note_origins(env, &merged, &of_variable, overrides);
    merged.into_iter().map(|(key, value)| typed(key, value, overrides)).collect()
}

/// Notes where each attribute comes from: the last source, in the order of precedence, that has this value.
fn note_origins(
    env: &mut Env<'_>,
    merged: &BTreeMap<String, String>,
    of_variable: &BTreeMap<String, String>,
    overrides: &Overrides,
) {
    let service = env.text(SERVICE_NAME);
    for (key, value) in merged {
        let in_file = overrides.file_attributes.get(key).filter(|(set, _)| set.to_string() == *value);
        let origin = if key == "service.name" && service.as_ref() == Some(value) {
            Origin::Variable(SERVICE_NAME.to_owned())
        } else if let Some((_, place)) = in_file {
            Origin::from(place)
        } else if of_variable.get(key) == Some(value) {
            Origin::Variable(ATTRIBUTES.to_owned())
        } else if overrides.resource_attributes.iter().any(|(other, set)| other == key && set == value) {
            Origin::Code("builder: resource_attribute".to_owned())
        } else if key == "service.instance.id" && overrides.instance.as_ref() == Some(value) {
            Origin::Code("builder: instance".to_owned())
        } else {
            match key.as_str() {
                "service.name" => Origin::Code("builder: name".to_owned()),
                "service.version" => Origin::Code("builder: version".to_owned()),
                "service" | "version" | "service.instance.id" => Origin::Default,
                _ if key.starts_with("telemetry.") => Origin::Default,
                _ => Origin::Detected,
            }
        };
        env.note_origin(format!("resource: {key}"), origin);
    }
}

/// Whether a detected attribute is kept.
fn is_wanted(overrides: &Overrides, key: &str) -> bool {
    let matches = |patterns: &Vec<String>| patterns.iter().any(|pattern| Pattern::new(pattern.as_str()).matches(key));
    overrides.detected_included.as_ref().is_none_or(matches) && !matches(&overrides.detected_excluded)
}

/// The value with its type: that of the file, else that of the semantic conventions: a string, except for `process.pid`.
fn typed(key: String, value: String, overrides: &Overrides) -> (String, ResourceValue) {
    let of_file = overrides.file_attributes.get(&key).filter(|(typed, _)| typed.to_string() == value);
    let typed = match of_file {
        Some((typed, _)) => typed.clone(),
        None if key == "process.pid" => value.parse().map_or_else(|_| ResourceValue::Text(value), ResourceValue::Int),
        None => ResourceValue::Text(value),
    };
    (key, typed)
}

/// The value of a resource attribute.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(feature = "config-file"), allow(dead_code, reason = "only a configuration file has the other types"))]
pub(crate) enum ResourceValue {
    Text(String),
    Bool(bool),
    Int(i64),
    Double(f64),
    Texts(Vec<String>),
    Bools(Vec<bool>),
    Ints(Vec<i64>),
    Doubles(Vec<f64>),
}

impl From<String> for ResourceValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl ResourceValue {
    /// The value as a configuration file has it, and its type if it is not a string.
    pub(crate) fn scalar(&self) -> (Scalar, Option<&'static str>) {
        match self {
            Self::Text(text) => (Scalar::from(text.as_str()), None),
            Self::Bool(value) => (Scalar::Bool(*value), Some("bool")),
            Self::Int(value) => (Scalar::Integer(*value), Some("int")),
            Self::Double(value) => (Scalar::Number(*value), Some("double")),
            Self::Texts(values) => (values.iter().map(String::as_str).collect(), Some("string_array")),
            Self::Bools(values) => (values.iter().copied().collect(), Some("bool_array")),
            Self::Ints(values) => (values.iter().copied().collect(), Some("int_array")),
            Self::Doubles(values) => (values.iter().copied().collect(), Some("double_array")),
        }
    }
}

/// As Prometheus labels show it.
impl fmt::Display for ResourceValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Double(value) => write!(f, "{value}"),
            Self::Texts(values) => write!(f, "{values:?}"),
            Self::Bools(values) => write!(f, "{values:?}"),
            Self::Ints(values) => write!(f, "{values:?}"),
            Self::Doubles(values) => write!(f, "{values:?}"),
        }
    }
}

/// The attributes of the environment. If an item is invalid, it is reported, and the whole value is ignored, as the specification requires:
/// with only some of the attributes, the service could be mistaken for another one.
fn attributes(env: &mut Env<'_>) -> BTreeMap<String, String> {
    let none = |_: &BTreeMap<_, _>| "no attributes from this variable".to_owned();
    env.with_fallback(none, |env| {
        let list = env.text(ATTRIBUTES).unwrap_or_default();
        let (mut attributes, mut is_right) = (BTreeMap::new(), true);
        for (place, pair) in pairs::parse(&list) {
            match pair {
                Ok((key, value)) => _ = attributes.insert(key, value),
                Err(bad) => {
                    is_right = false;
                    let allowed = format!("{ALLOWED}; item {place} is invalid: {}", bad.why);
                    env.problem(&Setting::variable(ATTRIBUTES), bad.text, allowed);
                }
            }
        }
        if is_right { attributes } else { BTreeMap::new() }
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
