//! The first two parts of a metric name: the namespace, and the subsystem, which is derived from the service name.

use super::env::Env;
use super::model::{EDGE, NAMESPACE};
use super::overrides::Overrides;
use super::setting::Setting;

pub(super) const VARIABLE: &str = "PHOENIX_OTEL_NAMESPACE";

const ALLOWED: &str =
    "lower-case letters, digits and single underscores; it starts with a letter and does not contain the word `total`";

pub(crate) fn namespace(env: &mut Env<'_>, overrides: &Overrides) -> String {
    if let Some(namespace) = &overrides.namespace {
        if !is_part(namespace) {
            env.problem(&overrides.places.setting("namespace", "builder: namespace"), namespace, ALLOWED);
        }
        return namespace.clone();
    }
    env.with_fallback(String::clone, |env| match env.text(VARIABLE) {
        Some(namespace) if is_part(&namespace) => namespace,
        Some(wrong) => {
            env.problem(&Setting::variable(VARIABLE), &wrong, ALLOWED);
            NAMESPACE.to_owned()
        }
        None => NAMESPACE.to_owned(),
    })
}

/// The subsystem of the functions. `name` is the service name in code. `OTEL_SERVICE_NAME`, which depends on the deployment, does not change
/// metric names.
pub(crate) fn subsystem(env: &mut Env<'_>, overrides: &Overrides, name: &str) -> String {
    match &overrides.subsystem {
        None => derive(name),
        Some(subsystem) => {
            if !subsystem.is_empty() && !is_part(subsystem) {
                env.problem(
                    &overrides.places.setting("subsystem", "builder: subsystem"),
                    subsystem,
                    format!("empty, or {ALLOWED}"),
                );
            }
            subsystem.clone()
        }
    }
}

/// The subsystem of the edge metrics. It must differ from the subsystem of the functions, or each request is counted twice under one name.
pub(crate) fn edge(env: &mut Env<'_>, overrides: &Overrides, subsystem: &str) -> String {
    let edge = overrides.edge.as_deref().unwrap_or(EDGE);
    if !edge.is_empty() && !is_part(edge) {
        env.problem(
            &overrides.places.setting("edge_subsystem", "builder: edge_subsystem"),
            edge,
            format!("empty, or {ALLOWED}"),
        );
    } else if edge == subsystem {
        let (field, setting, whose) = match overrides.edge {
            Some(_) => ("edge_subsystem", "builder: edge_subsystem", "the service's functions"),
            None => ("subsystem", "builder: subsystem", "the layers' metrics"),
        };
        let other = format!(
            "a subsystem other than {edge:?}, which {whose} use already: each request would be counted twice under one name. Change one of the two with `.subsystem(\"…\")` or `.edge_subsystem(\"…\")`"
        );
        env.problem(&overrides.places.setting(field, setting), edge, other);
    }
    edge.to_owned()
}

/// Whether the subsystem that is derived from a service name lacks a part of it: letters that are not ASCII, the word `total`, or everything.
pub(crate) fn is_lossy(service: &str) -> bool {
    let is_foreign = |c: char| c.is_alphanumeric() && !c.is_ascii();
    let is_nothing = !service.is_empty() && !service.chars().any(char::is_alphanumeric);
    is_nothing
        || service.chars().any(is_foreign)
        || service.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("total"))
}

/// Derives the subsystem from a service name: `data-router-service` becomes `data_router`.
///
/// Characters that are not allowed in a metric name separate words. The words `total` and a trailing `service` are removed. A leading digit
/// gets the prefix `svc_`. If nothing is left, the subsystem is `unknown`.
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

/// Whether a text is a valid namespace or subsystem.
pub(crate) fn is_part(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && text.split('_').all(|word| !word.is_empty() && word != "total")
}
