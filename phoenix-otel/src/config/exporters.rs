//! The names of exporters: the list in a variable, and what a name may be.

use super::env::Env;
use super::setting::Setting;

/// The names in the variable `name`, each once; nothing where it is not set. `allowed` says what it may hold.
///
/// `none` is ignored beside other names: a deployment that names an exporter wants it.
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

/// Names as the variable has them.
pub(crate) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() { "none".to_owned() } else { names.join(",") }
}

/// What holds in place of a setting without which the exporter called `name` cannot export.
pub(crate) fn unexported(name: &str) -> String {
    format!("an exporter `{name}` that fails each export")
}

/// What an exporter may be called.
pub(crate) const NAMES: &str = "a name of at most 64 letters, digits and characters of `._-/`";

/// Whether an exporter can be called so: its name stands in labels, in lines of health and in the log.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte))
}
