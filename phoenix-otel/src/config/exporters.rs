//! The list of exporters that a variable names.

use super::env::Env;

/// The names in the variable `name`, each once; nothing where it is not set. `allowed` says what it may hold.
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
        env.problem(name, &list, allowed);
    }
    Some(names)
}
