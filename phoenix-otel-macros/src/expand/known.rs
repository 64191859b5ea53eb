//! The kinds of error that the signature knows, so that their counters exist from the start.
//!
//! They are found by type in a static, and a static cannot name a type parameter. Those of an impl block cannot be seen
//! from a method, so what looks like one is left alone: the first failure then makes the counter.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Ident, Lifetime, Path, PathArguments, Type, parse_quote};

use super::{Parts, types};

/// `.errors(…)` for the static, or nothing.
pub(super) fn errors(parts: &Parts<'_>) -> Option<TokenStream> {
    if parts.args.error_type.is_some() {
        return None;
    }
    let output = parts.output?;
    let returned = types::future_output(output).or_else(|| types::boxed_output(output)).unwrap_or(Some(output))?;
    let private = &parts.private;
    let known = nameable(parts, returned)?;
    Some(quote! {
        .errors(|| { use #private::by_type::*; (&&&&&&&#private::Known::<#known>::new()).phoenix_error_names() })
    })
}

/// The type as a static can name it.
fn nameable(parts: &Parts<'_>, returned: &Type) -> Option<Type> {
    let mut ty = types::ungrouped(returned).clone();
    let name = types::path(&ty)?.segments.last()?.ident.to_string();
    if name == "Option" {
        return Some(parse_quote!(::core::option::Option<()>));
    }
    let Type::Path(path) = &mut ty else { return None };
    if name.ends_with("Result") {
        // What a `Result` holds when all is well has no part in this.
        without_value(&mut path.path);
    } else if name.ends_with("Future") && !types::type_arguments(&path.path).is_empty() {
        return nameable(parts, types::type_arguments(&path.path).last()?);
    }
    let mut check = Check { parts, known: true, is_result: name.ends_with("Result") };
    check.visit_type_mut(&mut ty);
    check.known.then_some(ty)
}

fn without_value(path: &mut Path) {
    if let Some(PathArguments::AngleBracketed(arguments)) = path.segments.last_mut().map(|last| &mut last.arguments) {
        let first = arguments.args.iter_mut().find(|argument| matches!(argument, GenericArgument::Type(_)));
        if let Some(first) = first {
            *first = GenericArgument::Type(parse_quote!(()));
        }
    }
}

struct Check<'p, 'i> {
    parts: &'p Parts<'i>,
    known: bool,
    is_result: bool,
}

impl Check<'_, '_> {
    /// Whether the first segment of a path may be a type parameter.
    fn is_parameter(&self, first: &Ident, alone: bool) -> bool {
        let name = first.to_string();
        if name == "Self" || self.parts.type_parameters().any(|parameter| *parameter == name) {
            return true;
        }
        if self.parts.block.is_some() || name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return false;
        }
        // The generics of the block are out of sight. Type parameters are short or all capitals, errors are not.
        let looks_like_one = name.len() <= 2 || name == "Err" || !name.contains(|c: char| c.is_ascii_lowercase());
        looks_like_one || (alone && !self.is_result)
    }
}

impl VisitMut for Check<'_, '_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::ImplTrait(_)
            | Type::BareFn(_)
            | Type::Infer(_)
            | Type::Macro(_)
            | Type::Never(_)
            | Type::Verbatim(_) => {
                self.known = false;
            }
            other => visit_mut::visit_type_mut(self, other),
        }
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        let alone = path.segments.len() == 1;
        if let (Some(first), None) = (path.segments.first(), path.leading_colon)
            && self.is_parameter(&first.ident, alone)
        {
            self.known = false;
        }
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_bound_lifetimes_mut(&mut self, _: &mut syn::BoundLifetimes) {
        self.known = false;
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident != "static" {
            lifetime.ident = Ident::new("_", lifetime.ident.span());
        }
    }
}
