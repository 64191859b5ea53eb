//! Where a function is written.

use proc_macro2::Span;

/// The source file, the line and the column of a token.
///
/// For one that a `macro_rules!` wrote that is a line of the macro, where `file!()` and `line!()` say where the macro is expanded: a function
/// that is written once has one place.
pub(super) fn of(token: Span) -> (String, u32, u32) {
    // In a unit test there is no compiler to ask.
    if !proc_macro::is_available() {
        return (String::new(), 0, 0);
    }
    let token = token.unwrap();
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (token.file(), number(token.line()), number(token.column()))
}
