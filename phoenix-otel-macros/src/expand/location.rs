//! The place of a function in the source.

use proc_macro2::Span;

/// The source file, the line and the column of a token.
///
/// For a function that a `macro_rules!` generates, this is a line of the macro, while `file!()` and `line!()` return the place of the
/// expansion. So a function that is written once has one place.
pub(super) fn of(token: Span) -> (String, u32, u32) {
    // Unit tests run without the compiler's API.
    if !proc_macro::is_available() {
        return (String::new(), 0, 0);
    }
    let token = token.unwrap();
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (token.file(), number(token.line()), number(token.column()))
}
