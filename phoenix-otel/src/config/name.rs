//! The first two parts of a metric's name: the namespace, and the subsystem that follows from the name given to `init`.

use super::env::Env;
use super::model::{EDGE, NAMESPACE, Overrides};
use super::setting::Setting;

const VARIABLE: &str = "PHOENIX_OTEL_NAMESPACE";

const ALLOWED: &str =
    "lower-case letters, digits and single underscores, beginning with a letter, without the word total";

pub(crate) fn namespace(env: &mut Env<'_>, given: &Overrides) -> String {
    if let Some(namespace) = &given.namespace {
        if !is_part(namespace) {
            env.problem(&Setting::builder("builder: namespace"), namespace, ALLOWED);
        }
        return namespace.clone();
    }
    env.settled(String::clone, |env| match env.text(VARIABLE) {
        Some(namespace) if is_part(&namespace) => namespace,
        Some(wrong) => {
            env.problem(&Setting::variable(VARIABLE), &wrong, ALLOWED);
            NAMESPACE.to_owned()
        }
        None => NAMESPACE.to_owned(),
    })
}

/// `name` is what `init` was given. The name that a service is deployed under, `OTEL_SERVICE_NAME`, is no part of a metric's name: the same
/// program has the same names wherever it runs.
pub(crate) fn subsystem(env: &mut Env<'_>, given: &Overrides, name: &str) -> String {
    match &given.subsystem {
        None => derive(name),
        Some(subsystem) => {
            if !subsystem.is_empty() && !is_part(subsystem) {
                env.problem(&Setting::builder("builder: subsystem"), subsystem, format!("empty, or {ALLOWED}"));
            }
            subsystem.clone()
        }
    }
}

/// The subsystem of the edge. It must not be that of the functions, or a request would be counted twice under one name.
pub(crate) fn edge(env: &mut Env<'_>, given: &Overrides, subsystem: &str) -> String {
    let edge = given.edge.as_deref().unwrap_or(EDGE);
    if !edge.is_empty() && !is_part(edge) {
        env.problem(&Setting::builder("builder: edge_subsystem"), edge, format!("empty, or {ALLOWED}"));
    } else if edge == subsystem {
        let (setting, whose) = match given.edge {
            Some(_) => ("builder: edge_subsystem", "the service's functions"),
            None => ("builder: subsystem", "the layers' metrics"),
        };
        let other = format!(
            "another than {edge:?}, which is the subsystem of {whose}, or each request is counted twice under one name: give one of the two another by `.subsystem(\"…\")` or `.edge_subsystem(\"…\")`"
        );
        env.problem(&Setting::builder(setting), edge, other);
    }
    edge.to_owned()
}

/// Whether the subsystem that follows from the name lacks a part of it that people read: letters that are not ASCII, the word `total`, or all.
pub(crate) fn loses(service: &str) -> bool {
    let is_foreign = |c: char| c.is_alphanumeric() && !c.is_ascii();
    let is_nothing = !service.is_empty() && !service.chars().any(char::is_alphanumeric);
    is_nothing
        || service.chars().any(is_foreign)
        || service.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("total"))
}

/// The subsystem of a service: `data-router-service` is `data_router`.
///
/// What cannot stand in a name separates words; the word `total` goes, as the translation to Prometheus would take it out; a
/// leading digit gets `svc_` before it; a name of which nothing is left is `unknown`.
pub(crate) fn derive(service: &str) -> String {
    let lower = service.to_ascii_lowercase();
    let mut words: Vec<&str> =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty() && *word != "total").collect();
    if words.len() > 1 && words.last() == Some(&"service") {
        words.pop();
    }
    let name = words.join("_");
    if name.is_empty() {
        "unknown".to_owned()
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("svc_{name}")
    } else {
        name
    }
}

/// Whether a text can be a part of a metric's name as it is.
pub(crate) fn is_part(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && text.split('_').all(|word| !word.is_empty() && word != "total")
}
