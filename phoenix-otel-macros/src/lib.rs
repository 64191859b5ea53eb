//! The macros of phoenix-otel, which re-exports and documents them.

mod args;
mod attribute;
mod casing;
mod declare;
mod error_type;
mod expand;
mod item;
mod label;
mod mistakes;
mod validate;

use proc_macro::TokenStream;

/// Measures a function, a method, or every method of an `impl` block: see `phoenix_otel::instrument_metrics`.
#[proc_macro_attribute]
pub fn instrument_metrics(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute::instrument(args.into(), item.into()).into()
}

/// Declares metrics and call sets: see `phoenix_otel::metrics!`.
#[proc_macro]
pub fn metrics(input: TokenStream) -> TokenStream {
    declare::metrics(input.into()).into()
}

/// Derives `Label` for a field-less enum: see `phoenix_otel::Label`.
#[proc_macro_derive(Label, attributes(label, phoenix_otel))]
pub fn label(input: TokenStream) -> TokenStream {
    label::derive(input.into()).into()
}

/// Derives `ErrorType` for an error: see `phoenix_otel::ErrorType`.
#[proc_macro_derive(ErrorType, attributes(error_type, phoenix_otel))]
pub fn error_type(input: TokenStream) -> TokenStream {
    error_type::derive(input.into()).into()
}
