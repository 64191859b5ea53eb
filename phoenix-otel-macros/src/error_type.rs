//! `#[derive(ErrorType)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Generics, Ident, LitStr, Type, parse_quote};

use crate::casing;
use crate::mistakes::{Mistakes, crate_of};

/// How a variant, or a struct, is named.
enum Named<'i> {
    By(LitStr),
    /// By its one field.
    Transparent(&'i Field),
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

    let mut arms = Vec::new();
    let mut kinds = Vec::new();
    match &input.data {
        Data::Enum(data) => {
            for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("error_type")) {
                mistakes.at(attr, "an enum is named by its variants: move this to a variant");
            }
            for variant in &data.variants {
                let named = named(&variant.ident, &variant.attrs, &variant.fields, &mut mistakes);
                let ident = &variant.ident;
                arms.push(arm(quote!(Self::#ident), &named, &private));
                kinds.push(named);
            }
        }
        Data::Struct(data) => {
            let named = named(name, &input.attrs, &data.fields, &mut mistakes);
            arms.push(arm(quote!(Self), &named, &private));
            kinds.push(named);
        }
        Data::Union(_) => mistakes.at(name, "an error is an enum or a struct: a union does not say what it holds"),
    }

    let parts = kinds.iter().map(|kind| match kind {
        Named::By(name) => quote!(&[#name]),
        Named::Transparent(field) => {
            let ty = &field.ty;
            quote_spanned!(ty.span()=> <#ty as #private::ErrorType>::ERROR_TYPES)
        }
    });
    let generics = bounded(&input.generics, &kinds, &private);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    // An enum without variants has no value to match.
    let body = if arms.is_empty() { quote!(match *self {}) } else { quote!(match self { #(#arms)* }) };
    let body = if matches!(input.data, Data::Union(_)) { quote!("") } else { body };
    // Found by its type at run time, too, where the compiler does not know it: behind a type parameter.
    let registered = input.generics.params.is_empty().then(|| {
        quote! { #private::inventory::submit! { #private::NamedError::of::<#name>() } }
    });
    quote! {
        #registered

        #[automatically_derived]
        impl #impl_generics #private::ErrorTypeParts for #name #ty_generics #where_clause {
            const PARTS: &'static [&'static [&'static str]] = &[#(#parts),*];
        }

        #[automatically_derived]
        impl #impl_generics #private::ErrorType for #name #ty_generics #where_clause {
            const ERROR_TYPES: &'static [&'static str] = #private::Joined::<Self>::ALL;

            fn error_type(&self) -> &str {
                #body
            }
        }
        #mistakes
    }
}

fn named<'i>(ident: &Ident, attrs: &[Attribute], fields: &'i Fields, mistakes: &mut Mistakes) -> Named<'i> {
    let mut named = Named::By(LitStr::new(&casing::write(&ident.unraw().to_string(), "snake_case"), ident.span()));
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("error_type")) {
        if let Ok(told) = attr.parse_args::<LitStr>() {
            if told.value().is_empty() {
                mistakes.at(&told, "an empty name says nothing: write a word in snake_case, such as `not_found`");
            } else {
                named = Named::By(told);
            }
        } else if attr.parse_args::<Ident>().is_ok_and(|word| word == "transparent") {
            match fields.iter().collect::<Vec<_>>().as_slice() {
                [field] => named = Named::Transparent(field),
                _ => mistakes.at(attr, "`transparent` asks the one field for its name: there must be one field, or write `#[error_type(\"name\")]`"),
            }
        } else {
            mistakes.at(attr, "write `#[error_type(\"name\")]` or `#[error_type(transparent)]`");
        }
    }
    named
}

fn arm(pattern: TokenStream, named: &Named<'_>, private: &TokenStream) -> TokenStream {
    match named {
        Named::By(name) => quote!(#pattern { .. } => #name,),
        Named::Transparent(field) => {
            let member = field.ident.as_ref().map_or_else(|| quote!(0), |ident| quote!(#ident));
            let ty = &field.ty;
            // In the same form as the constant above, so that the compiler shows a missing derive once.
            let ask = quote_spanned!(ty.span()=> <#ty as #private::ErrorType>::error_type);
            quote!(#pattern { #member: inner } => #ask(inner),)
        }
    }
}

/// The generics, with the bound that a transparent field of a type parameter needs.
fn bounded(generics: &Generics, kinds: &[Named<'_>], private: &TokenStream) -> Generics {
    let mut generics = generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    for kind in kinds {
        if let Named::Transparent(field) = kind
            && mentions(&field.ty, &parameters)
        {
            let ty = &field.ty;
            generics.make_where_clause().predicates.push(parse_quote!(#ty: #private::ErrorType));
        }
    }
    generics
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
