//! The definition of an instrumented function.

use std::any::type_name;

/// The name of the static that an expansion adds to a function.
const FUNCTION_STATIC: &str = "__PHOENIX_OTEL_FUNCTION";

/// The definition of a function with `#[instrument_metrics]`.
///
/// [`instrumented`](crate::instrumented()) lists the functions of a program. A function that records a call set is not listed, because it has
/// the labels of the set instead of `method`.
#[derive(Debug)]
#[non_exhaustive]
pub struct FunctionDef {
    /// The value of the label `method`.
    pub method: &'static str,
    /// Whether `name = "…"` sets that value.
    pub is_named: bool,
    /// The subsystem set by the attribute; `None` for that of the service.
    pub subsystem: Option<&'static str>,
    /// The bounds of its duration's histogram; `None` for those of the metric.
    pub bounds: Option<&'static [f64]>,
    /// The source file, as the compiler reports it.
    pub file: &'static str,
    /// The line of the keyword `fn`. If a `macro_rules!` generates the function, it is a line of the macro.
    pub line: u32,
    /// The column of the keyword `fn`.
    pub column: u32,
    /// Returns the name of a type within the function, which begins with the function's path.
    inner_type: fn() -> &'static str,
    errors: Errors,
}

/// The source of the kinds of error.
#[derive(Debug)]
enum Errors {
    /// `error_types = […]`.
    Listed(&'static [&'static str]),
    /// The signature.
    FromSignature(fn() -> ErrorNames),
}

/// The values of a function's label `error_type` that are known in advance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorNames {
    /// These values: the error implements [`ErrorType`](crate::ErrorType), the function returns an `Option`, or `error_types = […]` lists
    /// them.
    Known(&'static [&'static str]),
    /// One value: the name of the error's type, because the type does not implement `ErrorType`.
    OfType {
        /// The error's type.
        type_name: &'static str,
        /// The value of the label.
        error_type: String,
    },
    /// No values: the function returns no error, the error is a status, an `io::Error` or a type parameter, or `error_type = …` sets the kind.
    Unknown,
}

impl ErrorNames {
    /// The result for a function with `ok_if` or `error_if`: not all kinds of the type occur, so none are known in advance.
    pub fn undecided(self) -> Self {
        match self {
            Self::Known(_) => Self::Unknown,
            other => other,
        }
    }
}

impl FunctionDef {
    /// Creates the definition of a function at this file, line and column. `inside` is a value of a type that is declared within the
    /// function.
    #[doc(hidden)]
    pub const fn new<T>(method: &'static str, (file, line, column): (&'static str, u32, u32), _inside: &T) -> Self {
        Self {
            method,
            is_named: false,
            subsystem: None,
            bounds: None,
            file,
            line,
            column,
            inner_type: type_name::<T>,
            errors: Errors::FromSignature(|| ErrorNames::Unknown),
        }
    }

    /// Records that `name = "…"` sets the label `method`.
    #[doc(hidden)]
    pub const fn named(mut self) -> Self {
        self.is_named = true;
        self
    }

    /// Sets a subsystem other than the service's.
    #[doc(hidden)]
    pub const fn subsystem(mut self, subsystem: &'static str) -> Self {
        self.subsystem = Some(subsystem);
        self
    }

    /// Sets the bounds of the duration's histogram, instead of those of the metric.
    #[doc(hidden)]
    pub const fn bounds(mut self, bounds: &'static [f64]) -> Self {
        self.bounds = Some(bounds);
        self
    }

    /// Sets the kinds of error that the signature determines.
    #[doc(hidden)]
    pub const fn errors(mut self, errors: fn() -> ErrorNames) -> Self {
        self.errors = Errors::FromSignature(errors);
        self
    }

    /// Sets the list of kinds of error, instead of those of the signature.
    #[doc(hidden)]
    pub const fn error_types(mut self, error_types: &'static [&'static str]) -> Self {
        self.errors = Errors::Listed(error_types);
        self
    }

    /// The values of the label `error_type` that are known in advance.
    pub fn error_names(&self) -> ErrorNames {
        match self.errors {
            Errors::Listed(error_types) => ErrorNames::Known(error_types),
            Errors::FromSignature(errors) => errors(),
        }
    }

    /// The function's path: `shop::users::Users::get`. For an implementation of a trait it is the path of the trait's function, the same
    /// for all implementations: `shop::Store::get`. It has no generic arguments.
    ///
    /// The compiler does not guarantee the format of such paths. Use them for messages and the lint only.
    pub fn path(&self) -> String {
        path((self.inner_type)()).0
    }

    /// Whether the function belongs to an implementation of a trait. Then other functions have the same path.
    pub(crate) fn is_of_trait(&self) -> bool {
        path((self.inner_type)()).1
    }

    /// The source file and the line: `src/users.rs:12`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// The path of a function, from the name of a type within it, and whether it is the function of a trait.
fn path(inside: &str) -> (String, bool) {
    let mut parts = segments(inside);
    // The last occurrence: functions and closures can be nested.
    let end = parts.iter().rposition(|part| *part == FUNCTION_STATIC).unwrap_or(parts.len());
    parts.truncate(end);
    parts.retain(|part| *part != "{{closure}}");
    let Some(at) = parts.iter().rposition(|part| part.starts_with('<')) else { return (joined(&parts), false) };
    // `<Type as Trait>`; or `module::<impl Trait for Type>` and `module::<impl Type>` if the type is from another module.
    let implemented = parts[at].trim_start_matches('<').trim_end_matches('>');
    let (owner, of_trait) = match (implemented.strip_prefix("impl "), split_at_word(implemented, " as ")) {
        (Some(block), _) => split_at_word(block, " for ").map_or((block, false), |(of_trait, _)| (of_trait, true)),
        (None, Some((_, of_trait))) => (of_trait, true),
        (None, None) => (implemented, false),
    };
    let own = &parts[at + 1..];
    (joined(&segments(owner).into_iter().chain(own.iter().copied()).collect::<Vec<_>>()), of_trait && own.len() == 1)
}

/// Splits a path at each `::` outside brackets.
fn segments(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in path.match_indices("::") {
        if depth(&path[..at]) == 0 {
            parts.push(&path[start..at]);
            start = at + 2;
        }
    }
    parts.push(&path[start..]);
    parts
}

/// Splits at a word outside brackets.
fn split_at_word<'t>(text: &'t str, word: &str) -> Option<(&'t str, &'t str)> {
    let (at, _) = text.match_indices(word).find(|(at, _)| depth(&text[..*at]) == 0)?;
    Some((&text[..at], &text[at + word.len()..]))
}

/// The number of brackets that are open at the end of the text.
fn depth(text: &str) -> isize {
    // The `>` of an arrow closes nothing.
    text.replace("->", "").chars().fold(0, |depth, c| match c {
        '<' | '(' | '[' => depth + 1,
        '>' | ')' | ']' => depth - 1,
        _ => depth,
    })
}

/// The path without generic arguments.
fn joined(parts: &[&str]) -> String {
    let plain = |part: &&str| match part.find('<') {
        Some(at) if at > 0 => part[..at].to_owned(),
        _ => (*part).to_owned(),
    };
    parts.iter().map(plain).collect::<Vec<_>>().join("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_from_the_names_of_types() {
        for (inside, expected) in [
            ("shop::plan::__PHOENIX_OTEL_FUNCTION::{{closure}}", "shop::plan"),
            ("shop::plan::{{closure}}::__PHOENIX_OTEL_FUNCTION::{{closure}}", "shop::plan"),
            ("shop::outer::inner::__PHOENIX_OTEL_FUNCTION::{{closure}}", "shop::outer::inner"),
            (
                "shop::outer::{{closure}}::inner::{{closure}}::__PHOENIX_OTEL_FUNCTION::{{closure}}",
                "shop::outer::inner",
            ),
            ("shop::users::Users::get::__PHOENIX_OTEL_FUNCTION::{{closure}}", "shop::users::Users::get"),
            ("shop::Store::get::__PHOENIX_OTEL_FUNCTION::{{closure}}", "shop::Store::get"),
            ("<shop::Users as shop::Store>::get::__PHOENIX_OTEL_FUNCTION::{{closure}}", "shop::Store::get"),
            (
                "<shop::Page<_> as shop::Store<(u8, alloc::vec::Vec<u8>)>>::get::__PHOENIX_OTEL_FUNCTION",
                "shop::Store::get",
            ),
            (
                "<dyn core::ops::function::Fn(u8) -> u8 as shop::Store>::get::__PHOENIX_OTEL_FUNCTION",
                "shop::Store::get",
            ),
            ("shop::api::<impl shop::Users>::get::__PHOENIX_OTEL_FUNCTION::{{closure}}", "shop::Users::get"),
            (
                "shop::api::<impl shop::Page<_>>::get::{{closure}}::__PHOENIX_OTEL_FUNCTION::{{closure}}",
                "shop::Page::get",
            ),
            (
                "shop::api::<impl shop::Store<u8> for shop::Page<_>>::get::__PHOENIX_OTEL_FUNCTION::{{closure}}",
                "shop::Store::get",
            ),
            (
                "shop::api::<impl shop::Store for dyn Fn(u8) -> shop::Page<_>>::get::__PHOENIX_OTEL_FUNCTION",
                "shop::Store::get",
            ),
        ] {
            assert_eq!(path(inside).0, expected, "{inside}");
            assert_eq!(path(inside).1, inside.contains(" as ") || inside.contains(" for "), "{inside}");
        }
    }

    #[test]
    fn a_function_within_one_of_a_trait_is_none_of_the_trait() {
        let inside = "<shop::Users as shop::Store>::get::{{closure}}::inner::__PHOENIX_OTEL_FUNCTION::{{closure}}";
        assert_eq!(path(inside), ("shop::Store::get::inner".to_owned(), false));
    }

    struct Page<T>(T);

    trait Store {
        fn get(&self) -> FunctionDef;
    }

    impl<T> Page<T> {
        async fn get(&self) -> FunctionDef {
            FunctionDef::new("get", (file!(), line!(), column!()), &|| {})
        }
    }

    impl<T> Store for Page<T> {
        fn get(&self) -> FunctionDef {
            FunctionDef::new("get", (file!(), line!(), column!()), &|| {})
        }
    }

    /// Checks that the compiler's type names have the format that `path` expects.
    #[test]
    fn the_compiler_names_types_so() {
        let own = module_path!();
        let page = Page(1u8);
        assert_eq!(Store::get(&page).path(), format!("{own}::Store::get"));
        let inherent = futures_now(page.get());
        assert_eq!(inherent.path(), format!("{own}::Page::get"));
        assert!(inherent.place().ends_with(&format!(":{}", inherent.line)), "{inherent:?}");
        assert_eq!(page.0, 1);
    }

    /// The output of a future that never waits.
    fn futures_now<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
    }
}
