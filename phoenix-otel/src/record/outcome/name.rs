//! The name of an error that does not implement `ErrorType`: its type in snake case.

use std::any::type_name;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use try_specialize::TrySpecialize;

use crate::catalog::ErrorNames;
use crate::instrument::trie::Trie;

/// The maximum length of a name. Longer names are truncated.
const MAX_LENGTH: usize = 64;

/// Type names that mean nothing without their module or crate.
const GENERIC_NAMES: [&str; 4] = ["Error", "Err", "ErrorKind", "Failure"];

/// The kind of an `io::Error`, else the name of the error's type.
pub(super) fn of<E: ?Sized>(error: &E) -> &'static str {
    let mut name = Name::default();
    match io_error(error) {
        Some(error) => name.io_kind(error.kind()),
        None => name.of_type(type_name::<E>()),
    }
    interned(name.as_str())
}

/// Interns the name. The number of names is bounded by the error types and the kinds of `io::Error`.
fn interned(name: &str) -> &'static str {
    static NAMES: LazyLock<Trie<&'static str, &'static str>> = LazyLock::new(Trie::new);
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let hash = hasher.finish();
    match NAMES.get(hash, |kept| *kept == name) {
        Some(kept) => kept,
        // If another thread inserts the same name first, this copy is leaked.
        None => {
            let new: &'static str = Box::leak(name.into());
            NAMES.insert(hash, new, new)
        }
    }
}

/// The name that the type of an error determines. `Unknown` for an `io::Error`, which is named by its kind, and for an uninhabited type.
pub(super) fn known<E>() -> ErrorNames {
    let of_type = type_name::<E>();
    let (_, held) = strip_pointers(of_type);
    if [type_name::<io::Error>(), type_name::<Infallible>(), "!"].contains(&held) {
        return ErrorNames::Unknown;
    }
    let mut name = Name::default();
    name.of_type(of_type);
    ErrorNames::OfType { type_name: of_type, error_type: name.as_str().to_owned() }
}

/// Finds an `io::Error`, also behind a type parameter or a smart pointer.
fn io_error<E: ?Sized>(error: &E) -> Option<&io::Error> {
    error
        .try_specialize_ref::<io::Error>()
        .or_else(|| error.try_specialize_ref::<Box<io::Error>>().map(|boxed| &**boxed))
        .or_else(|| error.try_specialize_ref::<Arc<io::Error>>().map(|shared| &**shared))
        .or_else(|| error.try_specialize_ref::<Rc<io::Error>>().map(|shared| &**shared))
}

/// A buffer for a name, on the stack, so that a frequent error allocates nothing.
struct Name {
    bytes: [u8; MAX_LENGTH],
    len: usize,
}

impl Default for Name {
    fn default() -> Self {
        Self { bytes: [0; MAX_LENGTH], len: 0 }
    }
}

impl Name {
    fn as_str(&self) -> &str {
        // Only ASCII is ever pushed.
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or("error")
    }

    fn push(&mut self, byte: u8) {
        if self.len < MAX_LENGTH {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
    }

    /// Appends an identifier in snake case. A run of capitals is one word: `HTTPError` is `http_error`.
    fn push_snake(&mut self, ident: &str) {
        let bytes = ident.as_bytes();
        for (at, &byte) in bytes.iter().enumerate() {
            let lower_follows = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            let starts_word =
                byte.is_ascii_uppercase() && (at == 0 || !bytes[at - 1].is_ascii_uppercase() || lower_follows);
            let separates = starts_word || !byte.is_ascii_alphanumeric();
            if separates && self.len > 0 && self.bytes[self.len - 1] != b'_' {
                self.push(b'_');
            }
            if byte.is_ascii_alphanumeric() {
                self.push(byte.to_ascii_lowercase());
            }
        }
    }

    fn io_kind(&mut self, kind: io::ErrorKind) {
        struct Ident<'n>(&'n mut Name);
        impl std::fmt::Write for Ident<'_> {
            fn write_str(&mut self, text: &str) -> std::fmt::Result {
                self.0.push_snake(text);
                Ok(())
            }
        }
        // Its `Debug` output is the variant's name. Writing to a `Name` does not fail.
        let _ = std::fmt::Write::write_fmt(&mut Ident(self), format_args!("{kind:?}"));
    }

    fn of_type(&mut self, full: &str) {
        let (holder, full) = strip_pointers(full);
        match without_binder(full) {
            "()" => self.push_snake("unit"),
            "!" => self.push_snake("never"),
            _ if full.starts_with('(') => self.push_snake("tuple"),
            _ if full.starts_with('[') => self.push_snake(if full.contains(';') { "array" } else { "slice" }),
            full if full.starts_with("fn(") || full.starts_with("unsafe ") || full.starts_with("extern ") => {
                self.push_snake("fn");
            }
            _ => self.of_path(holder, full),
        }
        while self.len > 0 && self.bytes[self.len - 1] == b'_' {
            self.len -= 1;
        }
        if self.len == 0 || self.bytes[0].is_ascii_digit() {
            self.len = 0;
            self.push_snake("error");
        }
    }

    fn of_path(&mut self, holder: Holder, full: &str) {
        let path = before_generics(without_binder(full.strip_prefix("dyn ").unwrap_or(full)));
        let mut segments = path.rsplit("::").filter(|segment| !segment.starts_with('{'));
        let last = segments.next().unwrap_or_default();
        let of_std =
            path.starts_with("core::error") || path.starts_with("alloc::boxed") || path.starts_with("std::error");
        if full.starts_with("dyn ") && of_std {
            // The error in a `Box<dyn Error>` is not known here.
            self.push_snake(if holder.boxed { "boxed_error" } else { "dyn_error" });
            return;
        }
        if path.contains("{{closure}}") {
            self.push_snake("closure");
            return;
        }
        if GENERIC_NAMES.contains(&last) {
            let says_more = |segment: &&str| !matches!(*segment, "error" | "errors" | "err" | "imp" | "kind");
            if let Some(module) = segments.find(says_more) {
                self.push_snake(module);
                self.push(b'_');
            }
        }
        self.push_snake(last);
    }
}

/// The wrapper of a type.
#[derive(Clone, Copy, Default)]
struct Holder {
    boxed: bool,
}

/// Removes references and smart pointers.
fn strip_pointers(mut full: &str) -> (Holder, &str) {
    const HOLDERS: [&str; 4] = ["alloc::boxed::Box<", "alloc::rc::Rc<", "alloc::sync::Arc<", "core::pin::Pin<"];
    let mut holder = Holder::default();
    loop {
        full = full.trim_start_matches(['&', '*', ' ']);
        full = full.strip_prefix("mut ").or_else(|| full.strip_prefix("const ")).unwrap_or(full);
        let inside = HOLDERS.iter().find_map(|holder| full.strip_prefix(holder));
        match inside.and_then(|inside| inside.strip_suffix('>')) {
            Some(inside) => {
                holder.boxed = true;
                full = inside;
            }
            None if full.starts_with('&') => {}
            None => return (holder, full),
        }
    }
}

/// The type without a leading `for<'a>`.
fn without_binder(full: &str) -> &str {
    let after = full.strip_prefix("for<").and_then(|after| after.split_once("> "));
    after.map_or(full, |(_, inside)| inside)
}

/// A path without its arguments and without the further bounds of a trait object.
fn before_generics(path: &str) -> &str {
    let end = path.find(['<', ' ', '+']).unwrap_or(path.len());
    path[..end].trim_end_matches("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named<E: ?Sized>() -> String {
        let mut name = Name::default();
        name.of_type(std::any::type_name::<E>());
        name.as_str().to_owned()
    }

    mod db {
        pub(super) struct Error;
        pub(super) mod error {
            pub(in super::super) struct Error;
        }
        pub(super) struct HTTPTimeoutError<T>(pub(super) T);
        pub(super) trait Sad {}
        pub(super) trait Hears<'a> {}
        #[expect(non_camel_case_types, reason = "a name that is not one of Rust's")]
        pub(super) struct größe;
    }

    #[test]
    fn types_have_sensible_names() {
        for (name, expected) in [
            (named::<std::num::ParseIntError>(), "parse_int_error"),
            (named::<std::fmt::Error>(), "fmt_error"),
            (named::<db::Error>(), "db_error"),
            (named::<db::error::Error>(), "db_error"),
            (named::<db::HTTPTimeoutError<Vec<db::Error>>>(), "http_timeout_error"),
            (named::<Box<db::Error>>(), "db_error"),
            (named::<&&mut db::Error>(), "db_error"),
            (named::<std::sync::Arc<std::num::ParseIntError>>(), "parse_int_error"),
            (named::<Box<dyn std::error::Error>>(), "boxed_error"),
            (named::<Box<dyn std::error::Error + Send + Sync>>(), "boxed_error"),
            (named::<dyn std::error::Error>(), "dyn_error"),
            (named::<Box<dyn db::Sad + Send>>(), "sad"),
            (named::<Box<dyn for<'a> db::Hears<'a>>>(), "hears"),
            (named::<Box<dyn std::any::Any + Send>>(), "any"),
            (named::<()>(), "unit"),
            (named::<(u8, u8)>(), "tuple"),
            (named::<[u8; 4]>(), "array"),
            (named::<&[u8]>(), "slice"),
            (named::<&str>(), "str"),
            (named::<String>(), "string"),
            (named::<std::borrow::Cow<'static, str>>(), "cow"),
            (named::<i32>(), "i32"),
            (named::<fn(u8) -> u8>(), "fn"),
            (named::<for<'a> fn(&'a u8) -> &'a u8>(), "fn"),
            (named::<std::convert::Infallible>(), "infallible"),
            (named::<db::größe>(), "gr_e"),
        ] {
            assert_eq!(name, expected);
        }
        fn of_value<T>(_: &T) -> String {
            named::<T>()
        }
        assert_eq!(of_value(&|| ()), "closure");
    }

    #[test]
    fn a_long_name_is_truncated() {
        let mut name = Name::default();
        name.of_type(&"Long".repeat(40));
        assert_eq!(name.as_str().len(), MAX_LENGTH - 1 + usize::from(!name.as_str().ends_with('_')));
        assert!(name.as_str().starts_with("long_long_"));
    }

    #[test]
    fn the_kind_of_an_io_error_is_its_name() {
        for (kind, expected) in [
            (io::ErrorKind::NotFound, "not_found"),
            (io::ErrorKind::UnexpectedEof, "unexpected_eof"),
            (io::ErrorKind::Other, "other"),
        ] {
            let mut name = Name::default();
            name.io_kind(kind);
            assert_eq!(name.as_str(), expected);
        }
    }

    #[test]
    fn an_io_error_is_found_behind_a_parameter() {
        fn seen<E>(error: &E) -> bool {
            io_error(error).is_some()
        }
        let error = || io::Error::from(io::ErrorKind::NotFound);
        assert!(seen(&error()));
        assert!(seen(&Box::new(error())) && seen(&Arc::new(error())) && seen(&Rc::new(error())));
        assert!(!seen(&String::new()));
    }
}
