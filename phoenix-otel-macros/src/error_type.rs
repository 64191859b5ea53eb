//! `#[derive(ErrorType)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Generics, Ident, LitStr, Token, Type, parse_quote};

use crate::casing;
use crate::expand::{judge, types};
use crate::mistakes::{Mistakes, crate_of};

/// A variant, or a struct.
struct Kind<'i> {
    named: Named<'i>,
    is_failure: bool,
}

/// The source of its kind.
enum Named<'i> {
    By(LitStr),
    /// The kind of its only field.
    Transparent(&'i Field),
}

/// A word in `#[error_type(…)]`.
enum Word {
    Name(LitStr),
    Transparent,
    NotAFailure,
}

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Name);
        }
        match input.parse::<Ident>()?.to_string().as_str() {
            "transparent" => Ok(Self::Transparent),
            "not_a_failure" => Ok(Self::NotAFailure),
            _ => Err(input.error("unknown option")),
        }
    }
}

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let krate = crate_of(&input.attrs, &mut mistakes);
    let private = quote!(#krate::__private);
    let name = &input.ident;

    let mut kinds = Vec::new();
    match &input.data {
        Data::Enum(data) => {
            for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("error_type")) {
                mistakes.at(attr, "on an enum, this attribute belongs on a variant: move it");
            }
            for variant in &data.variants {
                let ident = &variant.ident;
                let kind = kind(ident, &variant.attrs, &variant.fields, &mut mistakes);
                kinds.push((quote!(Self::#ident), kind));
            }
        }
        Data::Struct(data) => {
            kinds.push((quote!(Self), kind(name, &input.attrs, &data.fields, &mut mistakes)));
        }
        Data::Union(_) => mistakes.at(name, "`ErrorType` can be derived for an enum or a struct, not for a union"),
    }

    let failures = kinds.iter().map(|(_, kind)| kind).filter(|kind| kind.is_failure);
    let parts = failures.filter_map(|kind| match &kind.named {
        Named::By(name) => Some(quote!(&[#name])),
        // A recursive error has no kinds besides its own.
        Named::Transparent(field) if is_itself(&field.ty, name) => None,
        Named::Transparent(field) => {
            let ty = &field.ty;
            Some(quote!({ use #private::by_type::*; #private::Kinds::<#ty>::ALL }))
        }
    });
    let generics = bounded(&input, &kinds, &private);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let arms = kinds.iter().map(|(pattern, kind)| arm(pattern, kind, &private));
    let body = match &input.data {
        Data::Union(_) => quote!(""),
        // An enum without variants has no value to match on.
        _ if kinds.is_empty() => quote!(match *self {}),
        _ => quote!(match self { #(#arms)* }),
    };
    let is_failure = is_failure(&kinds, &private);
    // Registers the type, so that a value behind a type parameter can be classified at run time.
    let registered = input.generics.params.is_empty().then(|| {
        quote! {
            #private::inventory::submit! {
                #private::NamedError::of::<#name>(|phoenix_otel_error| {
                    use #private::by_type::*;
                    (&&#private::Probe::<#name>::new()).phoenix_classify(phoenix_otel_error)
                })
            }
        }
    });
    quote! {
        #registered

        #[automatically_derived]
        impl #impl_generics #private::ErrorTypeParts for #name #ty_generics #where_clause {
            const PARTS: &'static [&'static [&'static ::core::primitive::str]] = &[#(#parts),*];
        }

        #[automatically_derived]
        impl #impl_generics #private::ErrorType for #name #ty_generics #where_clause {
            const ERROR_TYPES: &'static [&'static ::core::primitive::str] = #private::Joined::<Self>::ALL;

            fn error_type(&self) -> &::core::primitive::str {
                #body
            }

            #is_failure
        }
        #mistakes
    }
}

fn kind<'i>(ident: &Ident, attrs: &[Attribute], fields: &'i Fields, mistakes: &mut Mistakes) -> Kind<'i> {
    let (mut name, mut transparent, mut is_failure) = (None, None, true);
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("error_type")) {
        let words = attr.parse_args_with(Punctuated::<Word, Token![,]>::parse_terminated).unwrap_or_default();
        if words.is_empty() {
            mistakes.at(
                attr,
                "write `#[error_type(\"name\")]`, `#[error_type(transparent)]` or `#[error_type(not_a_failure)]`",
            );
        }
        for word in words {
            match word {
                Word::Name(given) if given.value().is_empty() => {
                    mistakes.at(&given, "the kind is empty: write a word in snake_case, such as `not_found`");
                }
                Word::Name(given) => name = Some(given),
                Word::Transparent => match fields.iter().collect::<Vec<_>>().as_slice() {
                    [field] => transparent = Some((attr, *field)),
                    _ => mistakes.at(attr, "`transparent` needs exactly one field, whose kind it uses: otherwise write `#[error_type(\"name\")]`"),
                },
                Word::NotAFailure => is_failure = false,
            }
        }
    }
    let named = match (name, transparent) {
        (None, Some((_, field))) => Named::Transparent(field),
        (Some(name), None) => Named::By(name),
        (Some(name), Some((attr, _))) => {
            mistakes.at(attr, "`transparent` uses the kind of the field: remove either `transparent` or the name");
            Named::By(name)
        }
        (None, None) => Named::By(LitStr::new(&casing::write(&ident.unraw().to_string(), "snake_case"), ident.span())),
    };
    Kind { named, is_failure }
}

fn arm(pattern: &TokenStream, kind: &Kind<'_>, private: &TokenStream) -> TokenStream {
    match &kind.named {
        Named::By(name) => quote!(#pattern { .. } => #name,),
        Named::Transparent(field) => delegate(pattern, field, &quote!(phoenix_error_type), private),
    }
}

/// The method `is_failure`, if not every value is a failure.
fn is_failure(kinds: &[(TokenStream, Kind<'_>)], private: &TokenStream) -> Option<TokenStream> {
    let arms: Vec<TokenStream> = kinds
        .iter()
        .filter_map(|(pattern, kind)| match kind {
            Kind { is_failure: false, .. } => Some(quote!(#pattern { .. } => false,)),
            Kind { named: Named::Transparent(field), .. } => {
                Some(delegate(pattern, field, &quote!(phoenix_is_failure), private))
            }
            Kind { named: Named::By(_), .. } => None,
        })
        .collect();
    let rest = (arms.len() < kinds.len()).then(|| quote!(_ => true,));
    (!arms.is_empty())
        .then(|| quote!(fn is_failure(&self) -> ::core::primitive::bool { match self { #(#arms)* #rest } }))
}

/// A match arm that delegates to the inner error, with the same rules as in the attribute.
fn delegate(pattern: &TokenStream, field: &Field, method: &TokenStream, private: &TokenStream) -> TokenStream {
    let member = field.ident.as_ref().map_or_else(|| quote!(0), |ident| quote!(#ident));
    let inner = judge::failure(&quote!(phoenix_otel_inner), types::owns(types::referent(&field.ty)), private);
    quote! {
        #pattern { #member: phoenix_otel_inner } => {
            use #private::by_type::*;
            #inner.#method()
        }
    }
}

/// The generics, with a bound for a transparent field whose type contains a type parameter.
fn bounded(input: &DeriveInput, kinds: &[(TokenStream, Kind<'_>)], private: &TokenStream) -> Generics {
    let mut generics = input.generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    for (_, kind) in kinds {
        if let Named::Transparent(field) = &kind.named
            && mentions(&field.ty, &parameters)
            && !is_itself(&field.ty, &input.ident)
        {
            let ty = &field.ty;
            generics.make_where_clause().predicates.push(parse_quote!(#ty: #private::ErrorType));
        }
    }
    generics
}

/// Whether this is the type that derives, also behind a reference or a smart pointer.
fn is_itself(ty: &Type, name: &Ident) -> bool {
    let Some(path) = types::path(types::referent(ty)) else { return false };
    let Some(last) = path.segments.last() else { return false };
    if ["Box", "Arc", "Rc"].iter().any(|pointer| last.ident == pointer) {
        return types::type_arguments(path).first().is_some_and(|held| is_itself(held, name));
    }
    path.segments.len() == 1 && path.leading_colon.is_none() && (last.ident == "Self" || last.ident == *name)
}

fn mentions(ty: &Type, parameters: &[Ident]) -> bool {
    struct Search<'p>(&'p [Ident], bool);
    impl<'ast> syn::visit::Visit<'ast> for Search<'_> {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.1 |= self.0.contains(ident);
        }
    }
    let mut search = Search(parameters, false);
    syn::visit::Visit::visit_type(&mut search, ty);
    search.1
}
