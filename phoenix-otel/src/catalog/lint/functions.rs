//! Instrumented functions: names that two of them share by accident, and errors that are named by nothing but their type.

use std::collections::BTreeMap;
use std::fmt;

use super::super::function_def::{ErrorNames, FunctionDef};
use crate::sort;

/// In the names of types that hold an error of any type.
const HOLDING: [&str; 3] = ["<dyn ", "anyhow::Error", "eyre::Report"];

/// What is wrong with instrumented functions, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionFinding {
    /// The value of the label `method`.
    pub method: &'static str,
    /// The functions, each by its path and its place in the source: `shop::Users::get (src/users.rs:12:5)`.
    pub functions: Vec<String>,
    /// What is wrong, and what to do.
    pub advice: String,
}

impl fmt::Display for FunctionFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.functions.join(", "), self.advice)
    }
}

/// Holds the instrumented functions of a program to the rules, for a test of the service:
///
/// ```standalone_crate
/// use phoenix_otel::catalog::lint;
///
/// let findings = lint::functions(phoenix_otel::instrumented());
/// assert!(findings.is_empty(), "{findings:#?}");
/// ```
///
/// An error that does not implement [`ErrorType`](crate::ErrorType) is named by its type: all its failures are one kind, and its name changes with
/// that of the type. Derive [`ErrorType`](macro@crate::ErrorType) on it where the type is yours, or name its kinds by `error_type = |error| …`. A
/// `Box<dyn Error>` or `anyhow::Error` is named by what it holds, so there it is the closure that tells the kinds.
///
/// Two functions of one name in one subsystem share their series: nobody can tell `Users::get` from `Orders::get`. They are reported, by
/// [`init`](crate::init()) too, unless
///
/// - each of them has `name = "…"`, which is how functions are told to share;
/// - they implement one function of a trait, or one of them is its default;
/// - they are written in one place: a generic function, or a function that a `macro_rules!` writes, wherever it is expanded.
pub fn functions<'d>(functions: impl IntoIterator<Item = &'d FunctionDef>) -> Vec<FunctionFinding> {
    let functions: Vec<_> = functions.into_iter().collect();
    let mut findings = shared_names(functions.iter().copied(), None);
    findings.extend(functions.into_iter().filter_map(named_by_type));
    findings
}

fn named_by_type(function: &FunctionDef) -> Option<FunctionFinding> {
    let ErrorNames::OfType { type_name, error_type } = function.error_names() else { return None };
    Some(FunctionFinding {
        method: function.method,
        functions: vec![path_and_place(function)],
        advice: if HOLDING.iter().any(|holding| type_name.contains(holding)) {
            format!(
                "a failure is named by the first error in the `{type_name}` that implements `phoenix_otel::ErrorType`, and without one it is `error_type=\"{error_type}\"`: name the kinds by `error_type = |error| …`"
            )
        } else {
            format!(
                "every failure is `error_type=\"{error_type}\"`, after the type `{type_name}`: name the kinds by `error_type = |error| …`, or, where the type is yours, derive `phoenix_otel::ErrorType` on it"
            )
        },
    })
}

/// The functions that share their series without being told to, where the service has this subsystem.
pub(crate) fn shared_names<'d>(
    functions: impl IntoIterator<Item = &'d FunctionDef>,
    subsystem: Option<&str>,
) -> Vec<FunctionFinding> {
    let mut by_name: BTreeMap<_, Vec<&FunctionDef>> = BTreeMap::new();
    for function in functions {
        let subsystem = function.subsystem.filter(|own| Some(*own) != subsystem);
        by_name.entry((subsystem, function.method)).or_default().push(function);
    }
    by_name.into_iter().filter_map(|((_, method), functions)| shared(method, functions)).collect()
}

fn shared(method: &'static str, functions: Vec<&FunctionDef>) -> Option<FunctionFinding> {
    let all_named = functions.iter().all(|function| function.is_named);
    let mut distinct: Vec<&FunctionDef> = Vec::new();
    for function in functions {
        if !distinct.iter().any(|other| is_one(other, function)) {
            distinct.push(function);
        }
    }
    if all_named || distinct.len() < 2 {
        return None;
    }
    let mut functions: Vec<String> = distinct.into_iter().map(path_and_place).collect();
    sort::by(&mut functions, Ord::cmp);
    Some(FunctionFinding {
        method,
        functions,
        advice: format!(
            "these functions share the series `method=\"{method}\"`: write `name = \"…\"` on one of them or `prefix = \"…\"` on its `impl` block, or the same `name` on each if they are to share"
        ),
    })
}

/// Whether both are written in one place, or are one function of a trait.
fn is_one(a: &FunctionDef, b: &FunctionDef) -> bool {
    let place = |function: &FunctionDef| (function.file, function.line, function.column);
    place(a) == place(b) || (a.is_of_trait() || b.is_of_trait()) && a.path() == b.path()
}

fn path_and_place(function: &FunctionDef) -> String {
    format!("{} ({}:{})", function.path(), function.place(), function.column)
}
