//! Each variable that a source reads is in the table of known variables, since `init` would report it as misspelt otherwise; and each supported
//! variable of the table is read.

use std::collections::BTreeSet;

use super::none;
use super::source::{Source, sources};

const TABLE: &str = "phoenix-otel/src/config/table/";
const NOT_HONOURED: &str = "phoenix-otel/src/config/table/not_honoured.rs";
/// The extension knows the variables that it reads.
const EXTENSION: &str = "phoenix-otel/src/platform/";

#[test]
fn the_table_of_variables_matches_the_sources() {
    let files = sources(&["phoenix-otel/src"]);
    let table = files.iter().filter(|file| file.path.starts_with(TABLE) && file.path != NOT_HONOURED);
    let known: BTreeSet<String> =
        table.flat_map(variables).map(|(_, name)| name).filter(|name| !name.ends_with('_')).collect();
    assert!(known.len() > 50, "{} variables are in {TABLE}", known.len());
    let read: Vec<_> = files
        .iter()
        .filter(|file| !file.path.starts_with(TABLE) && !file.path.starts_with(EXTENSION) && !file.is_test())
        .flat_map(|file| variables(file).map(move |(line, name)| (file, line, name)))
        .collect();
    assert!(read.len() > 30, "{} variables are found", read.len());
    none(read.iter().filter(|(_, _, name)| !is_known(&known, name)).map(|(file, line, name)| {
        file.finding(*line, format!("{name} is not in the table of known variables"), format!("add it to {TABLE}"))
    }));
    let unread: Vec<_> = known.iter().filter(|name| !read.iter().any(|(_, _, read)| is_part(name, read))).collect();
    assert!(unread.is_empty(), "{TABLE} lists these variables as supported, but no source reads them: {unread:?}");
}

/// A literal that ends in `_` is the prefix of several names.
fn is_part(name: &str, literal: &str) -> bool {
    name == literal || literal.ends_with('_') && name.starts_with(literal)
}

fn is_known(known: &BTreeSet<String>, literal: &str) -> bool {
    known.iter().any(|name| is_part(name, literal))
}

/// Returns the string literals that are the name of a variable, or a prefix of it.
fn variables(file: &Source) -> impl Iterator<Item = (usize, String)> + '_ {
    let literals = file.tokens.iter().filter(|token| token.is_literal && token.text.starts_with('"'));
    literals.map(|token| (token.line, token.text.trim_matches('"').to_owned())).filter(|(_, text)| is_variable(text))
}

fn is_variable(text: &str) -> bool {
    let rest = text.strip_prefix("PHOENIX_").unwrap_or(text).strip_prefix("OTEL_");
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}
