//! The names of exporters: the list in a variable, and the allowed names.

use super::env::Env;
use super::setting::Setting;

/// The names in the variable `name`, without duplicates. `None` if the variable is not set. `allowed` describes the allowed values.
///
/// A `none` together with other names is reported and ignored.
pub(crate) fn names(env: &mut Env<'_>, name: &'static str, allowed: &str) -> Option<Vec<String>> {
    let list = env.text(name)?;
    let mut names: Vec<String> = Vec::new();
    let mut none = false;
    for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        if word.eq_ignore_ascii_case("none") {
            none = true;
        } else if !names.iter().any(|name| name.eq_ignore_ascii_case(word)) {
            names.push(word.to_owned());
        }
    }
    if none && !names.is_empty() {
        env.problem(&Setting::variable(name), &list, allowed);
    }
    Some(names)
}

/// Names in the format of the variable.
pub(crate) fn join_names<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() { "none".to_owned() } else { names.join(",") }
}

/// The text for "used instead" of an invalid setting that the exporter `name` requires.
pub(crate) fn no_export_fallback(name: &str) -> String {
    format!("nothing; exporter `{name}` fails every export")
}

/// The allowed names of exporters.
pub(crate) const ALLOWED_NAMES: &str = "a name of 1 to 64 ASCII letters, digits or characters of `._-/`";

/// Whether an exporter name is valid. It appears in labels, in `/healthz` and in the log.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte))
}
