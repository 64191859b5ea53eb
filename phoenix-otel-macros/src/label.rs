//! `#[derive(Label)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Variant};

use crate::casing;
use crate::mistakes::{Mistakes, crate_of};

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let krate = crate_of(&input.attrs, &mut mistakes);
    let name = &input.ident;
    let case = case(&input.attrs, &mut mistakes);
    let variants = variants(&input, &mut mistakes);
    let values = values(&variants, &case, &mut mistakes);
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "a label cannot have generics: its values must be known at compile time");
        return quote!(#mistakes);
    }

    // Variants with fields are already reported; `{ .. }` matches them anyway.
    let idents = variants.iter().map(|variant| &variant.ident);
    let position = 0usize..;
    let body =
        if variants.is_empty() { quote!(0) } else { quote!(match self { #(Self::#idents { .. } => #position,)* }) };
    // With the name's span, a missing `Copy` is reported at the enum.
    let label = quote_spanned!(name.span()=> #krate::__private::Label);
    quote! {
        // `do_not_recommend` keeps this impl out of error messages about other types.
        #[diagnostic::do_not_recommend]
        #[automatically_derived]
        impl #label for #name {
            const VALUES: &'static [&'static ::core::primitive::str] = &[#(#values),*];

            #[inline]
            fn index(self) -> ::core::primitive::usize {
                #body
            }
        }
        #mistakes
    }
}

fn variants<'i>(input: &'i DeriveInput, mistakes: &mut Mistakes) -> Vec<&'i Variant> {
    let Data::Enum(data) = &input.data else {
        mistakes.at(
            &input.ident,
            "a label must be an enum, since its values must be known at compile time; for any string use `&str` in `metrics!`",
        );
        return Vec::new();
    };
    if data.variants.is_empty() {
        mistakes.at(&input.ident, "a label needs at least one variant");
    }
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            mistakes.at(
                &variant.fields,
                "a label's variant cannot have fields, since each variant is one value: remove them",
            );
        }
    }
    data.variants.iter().collect()
}

fn case(attrs: &[Attribute], mistakes: &mut Mistakes) -> String {
    let mut case = String::from("snake_case");
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("label")) {
        const TAKES: &str = "use `#[label(rename_all = \"…\")]` on the enum, and `#[label(\"value\")]` on a variant";
        if attr.parse_args::<LitStr>().is_ok() {
            mistakes.at(attr, TAKES);
            continue;
        }
        let read = attr.parse_nested_meta(|meta| {
            if !meta.path.is_ident("rename_all") {
                return Err(meta.error(TAKES));
            }
            let given: LitStr = meta.value()?.parse()?;
            if !casing::CASES.contains(&given.value().as_str()) {
                return Err(syn::Error::new(given.span(), format!("write one of `{}`", casing::CASES.join("`, `"))));
            }
            case = given.value();
            Ok(())
        });
        mistakes.keep(read);
    }
    case
}

fn values(variants: &[&Variant], case: &str, mistakes: &mut Mistakes) -> Vec<LitStr> {
    let mut values: Vec<LitStr> = Vec::new();
    for variant in variants {
        let mut value = LitStr::new(&casing::write(&variant.ident.unraw().to_string(), case), variant.ident.span());
        for attr in variant.attrs.iter().filter(|attr| attr.path().is_ident("label")) {
            match attr.parse_args::<LitStr>() {
                Ok(given) => value = given,
                Err(_) => mistakes.at(attr, "write the value as `#[label(\"value\")]`"),
            }
        }
        if value.value().is_empty() {
            mistakes.at(&value, "an empty value is the same as no label: use a word, such as `none`");
        } else if values.iter().any(|other| other.value() == value.value()) {
            let message = format!("two variants have the value `{}`: change one with `#[label(\"…\")]`", value.value());
            mistakes.add(syn::Error::new(value.span(), message));
        }
        values.push(LitStr::new(&value.value(), value.span()));
    }
    values
}
