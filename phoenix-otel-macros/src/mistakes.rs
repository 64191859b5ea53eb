//! Collects mistakes, so that all are reported at once, each at its own tokens.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Mistakes(Option<syn::Error>);

impl Mistakes {
    /// Adds a mistake made in these tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Adds a mistake that a parser found.
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// Adds the error of a failed parse and returns `None`.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }
}

impl ToTokens for Mistakes {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.as_ref().map(syn::Error::to_compile_error));
    }
}

/// The path of phoenix-otel: the given one, else `::phoenix_otel`.
pub(crate) fn crate_path(given: Option<syn::Path>) -> syn::Path {
    given.unwrap_or_else(|| syn::parse_quote!(::phoenix_otel))
}

/// Reads `#[phoenix_otel(crate = path)]`, which gives a derive the path of phoenix-otel.
pub(crate) fn crate_of(attrs: &[syn::Attribute], mistakes: &mut Mistakes) -> syn::Path {
    let mut given = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("phoenix_otel")) {
        let read = attr.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") {
                return Err(meta.error("write `#[phoenix_otel(crate = path::to::phoenix_otel)]`"));
            }
            given = Some(meta.value()?.call(syn::Path::parse_mod_style)?);
            Ok(())
        });
        mistakes.keep(read);
    }
    crate_path(given)
}
