//! The closure that judges the returned value.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Generics, Ident, Lifetime, Type, TypeParamBound, WherePredicate};

use super::{Parts, local, types};

/// The last argument of the measured call: `|value, verdict| …`, or a path if every value is a success.
pub(super) fn closure(parts: &Parts<'_>) -> TokenStream {
    let private = &parts.private;
    let (value, verdict) = (local("value"), local("verdict"));
    let args = parts.args;
    if !args.decides() && cannot_fail(parts) {
        return quote!(#private::success);
    }
    if let Some(outcome) = &args.outcome {
        let judged = parts.call_user_fn(outcome, "outcome_by", &quote!(#value, #verdict));
        return quote!(|#value, #verdict| #judged);
    }
    let named = match &args.error_type {
        None => by_type(parts, "phoenix_name"),
        Some(name) => {
            let failure = local("failure");
            let otherwise = by_type(parts, "phoenix_name");
            let named = parts.call_user_fn(name, "name_by", &quote!(#failure, #verdict));
            quote! {
                match { use #private::by_type::*; (&&&#private::Returned(#value)).phoenix_failure() } {
                    ::core::option::Option::Some(#failure) => #named,
                    ::core::option::Option::None => #otherwise,
                }
            }
        }
    };
    let judged = match (&args.ok_if, &args.error_if) {
        (Some(ok), _) => {
            let decided = parts.call_user_fn(ok, "decide_by", &quote!(#value));
            quote!(if !#decided { #named })
        }
        (_, Some(error)) => {
            let decided = parts.call_user_fn(error, "decide_by", &quote!(#value));
            quote!(if #decided { #named })
        }
        _ if args.error_type.is_some() => {
            let failed = by_type(parts, "phoenix_is_failure");
            quote!(if #failed { #named })
        }
        _ => by_type(parts, "phoenix_judge"),
    };
    quote!(|#value, #verdict| { #judged })
}

/// Judges by type, in steps: finds the deciding part, then judges it.
fn by_type(parts: &Parts<'_>, method: &str) -> TokenStream {
    let private = &parts.private;
    let (value, verdict, part) = (local("value"), local("verdict"), local("part"));
    let method = Ident::new(method, proc_macro2::Span::mixed_site());
    let verdict = if method == "phoenix_is_failure" { None } else { Some(verdict) };
    let (of_value, of_failure) = downcastable(parts);
    let about_value = match of_value {
        true => quote!(#private::AnyValue(#part)),
        false => quote!((&&&#private::Value(#part))),
    };
    let about_inner = failure(&quote!(#part), parts.output.is_none_or(types::owns_error), private);
    let about_failure = match of_failure {
        true => quote!(#private::AnyFailure(#part)),
        false => about_inner.clone(),
    };
    quote! {{
        use #private::by_type::*;
        match (&&&#private::Returned(#value)).phoenix_branch() {
            #private::Branch::Value(#part) => match (&&#private::Returned(#part)).phoenix_inner() {
                #private::Branch::Value(#part) => #about_value.#method(#verdict),
                #private::Branch::Failure(#part) => #about_inner.#method(#verdict),
            },
            #private::Branch::Failure(#part) => #about_failure.#method(#verdict),
        }
    }}
}

/// Judges an error, or the pointee of a smart pointer, up to two levels: an `Arc` may contain a `Box`.
pub(crate) fn failure(error: &TokenStream, is_owned: bool, private: &TokenStream) -> TokenStream {
    let pointee = quote!((&&#private::Returned(#error)).phoenix_pointee());
    let pointee = quote!((&&#private::Returned(#pointee)).phoenix_pointee());
    quote!((&&&&&&#private::Failure::<_, #is_owned>(#pointee)))
}

/// Whether the returned value cannot be a failure: nothing, or a type parameter.
fn cannot_fail(parts: &Parts<'_>) -> bool {
    let output = parts
        .output
        .map(|ty| types::future_output(ty).or_else(|| types::boxed_output(ty)).map_or(Some(ty), |inner| inner));
    match output {
        None => parts.output.is_none(),
        Some(None) => false,
        Some(Some(Type::Tuple(tuple))) => tuple.elems.is_empty(),
        Some(Some(Type::Never(_))) => true,
        Some(Some(ty)) => types::path(ty)
            .and_then(|path| path.get_ident())
            .is_some_and(|name| parts.parameters().any(|parameter| parameter == name)),
    }
}

/// Whether `T` and `E` of a `Result<T, E>` are type parameters that can be downcast when the call ends.
fn downcastable(parts: &Parts<'_>) -> (bool, bool) {
    let Some(output) = parts.output else { return (false, false) };
    let output = types::future_output(output).or_else(|| types::boxed_output(output)).unwrap_or(Some(output));
    let arguments = match output.and_then(types::path) {
        Some(path) if path.segments.last().is_some_and(|last| last.ident == "Result") => types::type_arguments(path),
        _ => return (false, false),
    };
    let is_seen = |at: usize| {
        let name = arguments.get(at).copied().and_then(types::path).and_then(|path| path.get_ident());
        name.is_some_and(|name| {
            is_static(&parts.function.sig.generics, name)
                || parts.block.is_some_and(|block| is_static(block.generics, name))
        })
    };
    (is_seen(0), is_seen(1))
}

/// Whether the type parameter is bounded by `'static`.
fn is_static(generics: &Generics, name: &Ident) -> bool {
    let says =
        |bound: &TypeParamBound| matches!(bound, TypeParamBound::Lifetime(Lifetime { ident, .. }) if ident == "static");
    let declared = generics.params.iter().any(|parameter| match parameter {
        GenericParam::Type(parameter) => parameter.ident == *name && parameter.bounds.iter().any(&says),
        _ => false,
    });
    let bounded = generics.where_clause.iter().flat_map(|clause| &clause.predicates).any(|predicate| match predicate {
        WherePredicate::Type(predicate) => {
            let of_it = types::path(&predicate.bounded_ty).and_then(|path| path.get_ident()) == Some(name);
            of_it && predicate.bounds.iter().any(&says)
        }
        _ => false,
    });
    declared || bounded
}
