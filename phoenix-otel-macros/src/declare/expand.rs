//! Expands a declaration: the struct of labels, the definition, the static, and its registration.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Ident, LitStr, Path, Type};

use super::check::{docs, label_name};
use super::parse::{Body, Declarations, Entry, Item, Label};

pub(super) fn item(item: &Item, declarations: &Declarations) -> TokenStream {
    let krate = &declarations.krate;
    let private = quote!(#krate::__private);
    let labels = labels(item, &private);
    let def = match &item.body {
        Body::Metric { name, options } => metric_def(item, name, options, declarations.domain.as_ref(), &private),
        Body::Set { metrics } => set_def(item, metrics, &private),
    };
    let Item { attrs, vis, name, kind, number, .. } = item;
    let cfg = cfg(attrs);
    let (own, number) = (of(item), number.iter());
    let of = if item.labels.is_empty() { quote!(()) } else { own.clone() };
    let its_def = quote_spanned!(def_span(item)=> <#own>::DEF);
    quote! {
        #labels

        #(#cfg)*
        #def

        #(#attrs)*
        #vis static #name: #private::#kind<#of #(, #number)*> = #private::#kind::new(#its_def);

        #(#cfg)*
        #private::inventory::submit! { #name.declared() }
    }
}

/// The attributes that decide whether the item exists.
fn cfg(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect()
}

fn is_string(label: &Label) -> bool {
    matches!(label.ty, Type::Reference(_))
}

/// The struct with the lifetime `'static`, or without a lifetime if it has none.
fn of(item: &Item) -> TokenStream {
    let name = &item.name;
    if item.labels.iter().any(is_string) { quote!(#name<'static>) } else { quote!(#name) }
}

fn labels(item: &Item, private: &TokenStream) -> TokenStream {
    let Item { attrs, vis, name, labels, .. } = item;
    let cfg = cfg(attrs);
    let lifetime = labels.iter().any(is_string).then(|| quote!(<'a>));
    let of = if labels.is_empty() { quote!(()) } else { of(item) };
    let doc = format!("The labels of `{name}`.");
    let count = labels.len();
    let fields = labels.iter().map(|label| field(label, vis));
    let defs = labels.iter().map(|label| {
        let (name, ty) = (label_name(label), &label.ty);
        match is_string(label) {
            true => quote!(#private::LabelDef::string(#name)),
            false => {
                let values = of_label(ty, "VALUES", private);
                quote!(#private::LabelDef::closed(#name, #values))
            }
        }
    });
    let values = labels.iter().map(|Label { field, ty, .. }| match ty {
        Type::Reference(_) => quote!(self.#field),
        _ => {
            let (values, index) = (of_label(ty, "VALUES", private), of_label(ty, "index", private));
            quote!(#private::value(#values, #index(self.#field)))
        }
    });
    let index = index(labels, private);
    let shown = name.unraw().to_string();
    quote! {
        #(#cfg)*
        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code, unreachable_pub)]
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        #vis struct #name #lifetime { #(#fields),* }

        #(#cfg)*
        impl #lifetime ::core::fmt::Debug for #name #lifetime {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #private::debug(#shown, self, f)
            }
        }

        #(#cfg)*
        impl #lifetime #private::Labels for #name #lifetime {
            type Schema = #of;
            type Values<'s> = [&'s ::core::primitive::str; #count] where Self: 's;
            const LABELS: &'static [#private::LabelDef] = &[#(#defs),*];

            #[inline]
            fn values(&self) -> Self::Values<'_> {
                [#(#values),*]
            }

            #[inline]
            fn index(&self) -> ::core::primitive::usize {
                #index
            }
        }
    }
}

fn field(label: &Label, vis: &syn::Visibility) -> TokenStream {
    let Label { attrs, field, ty } = label;
    let ty = if is_string(label) { quote!(&'a ::core::primitive::str) } else { quote!(#ty) };
    let docs: Vec<_> = attrs.iter().filter(|attr| !attr.path().is_ident("label")).collect();
    let doc = docs.is_empty().then(|| {
        let doc = format!("The label `{}`.", label_name(label));
        quote!(#[doc = #doc])
    });
    quote!(#doc #(#docs)* #vis #field: #ty)
}

/// The index among all combinations of enum values, with the first label as the most significant.
fn index(labels: &[Label], private: &TokenStream) -> TokenStream {
    labels.iter().filter(|label| !is_string(label)).fold(quote!(0), |before, Label { field, ty, .. }| {
        let (values, index) = (of_label(ty, "VALUES", private), of_label(ty, "index", private));
        quote!(#before * #values.len() + #index(self.#field))
    })
}

/// An item of the trait `Label`. It always has this form, so a type that is not a label gives the same error each time, and the compiler
/// reports it once.
fn of_label(ty: &Type, item: &str, private: &TokenStream) -> TokenStream {
    let item = Ident::new(item, ty.span());
    quote_spanned!(ty.span()=> <#ty as #private::Label>::#item)
}

fn metric_def(
    item: &Item,
    metric: &LitStr,
    options: &[Entry],
    domain: Option<&Path>,
    private: &TokenStream,
) -> TokenStream {
    let Item { attrs, vis, .. } = item;
    // Only the handle differs between synchronous and observable instruments.
    let kind = item.kind.to_string();
    let kind = Ident::new(kind.strip_prefix("Observable").unwrap_or(&kind), item.kind.span());
    let description = description(attrs, item.name.span(), private);
    let unit = options.iter().find(|option| option.key == "unit").map(|option| &option.value);
    // phoenix-otel checks names and units. Each check has the span of the user's value.
    let name = checked(private, "name", metric.span());
    let name = match unit {
        Some(unit) => quote_spanned!(metric.span()=> #name(#metric, #unit)),
        None => quote!(#metric),
    };
    let domain = domain.map(|domain| quote!(.domain(#domain)));
    let options = options.iter().map(|Entry { key, value }| {
        let span = value.span();
        match key.to_string().as_str() {
            "unit" => {
                let unit = checked(private, "unit", span);
                let unit = quote_spanned!(span=> #unit(#value, #private::Kind::#kind));
                quote!(.unit(#unit))
            }
            "bounds" => {
                let value = match value {
                    Expr::Reference(borrowed) => &borrowed.expr,
                    value => value,
                };
                // The `&` accepts both an array and a slice. The constant has no name, since a name could collide with the user's.
                let bounds = checked(private, "bounds", span);
                let bounds = quote_spanned!(span=> #bounds(const { &#value }));
                quote!(.bounds(#bounds))
            }
            _ => quote!(.#key(#value)),
        }
    });
    definition(
        item,
        quote!(#private::MetricDef),
        quote! {
            &#private::MetricDef::new(#private::Kind::#kind, #name, #description, ::core::module_path!())
                .version(::core::option_env!("CARGO_PKG_VERSION"))
                .labels(<Self as #private::Labels>::LABELS)
                #(#options)*
                #domain
        },
        vis,
    )
}

/// The first paragraph of the doc comment. The comment may contain macros, so the compiler extracts it. Its errors have the span of the
/// metric's name.
fn description(attrs: &[Attribute], here: Span, private: &TokenStream) -> TokenStream {
    let docs: Vec<_> = docs(attrs).collect();
    if docs.is_empty() {
        // The check has already reported this.
        return quote!("");
    }
    let doc = quote!(::core::concat!(#(#docs, "\n"),*));
    let len = checked(private, "description_len", here);
    let len = quote_spanned!(here=> #len(#doc));
    quote!(#private::text::of(const { &#private::text::description::<{ #len }>(#doc) }))
}

/// A check function of phoenix-otel, with the span where its error is reported.
fn checked(private: &TokenStream, check: &str, here: Span) -> TokenStream {
    let check = Ident::new(check, here);
    let path = private.clone().into_iter().chain(quote_spanned!(here=> ::#check));
    let moved = path.map(|mut token| {
        token.set_span(token.span().located_at(here));
        token
    });
    moved.collect()
}

fn set_def(item: &Item, metrics: &[Entry], private: &TokenStream) -> TokenStream {
    let empty = quote!(#private::CallDef::new(<Self as #private::Labels>::LABELS));
    let def = metrics.iter().fold(empty, |before, Entry { key, value }| {
        // The whole call has the span of the metric, so that errors are reported there.
        let span = value.span();
        let private = private.clone().into_iter().map(|mut tree| {
            tree.set_span(span);
            tree
        });
        let (private, with) = (private.collect::<TokenStream>(), Ident::new(&key.to_string(), span));
        let metric = quote_spanned!(span=> #value::DEF);
        quote_spanned!(span=> #private::CallDef::#with(#before, #metric))
    });
    definition(item, quote!(#private::CallDef), quote_spanned!(def_span(item)=> &#def), &item.vis)
}

/// The span for errors of a definition: the last metric of a call set, or the item's name, never the whole macro. Each error then has one
/// place.
fn def_span(item: &Item) -> Span {
    match &item.body {
        Body::Set { metrics } => metrics.last().map_or(item.name.span(), |entry| entry.value.span()),
        Body::Metric { .. } => item.name.span(),
    }
}

fn definition(item: &Item, ty: TokenStream, value: TokenStream, vis: &syn::Visibility) -> TokenStream {
    let name = &item.name;
    let lifetime = item.labels.iter().any(is_string).then(|| quote!(<'_>));
    quote! {
        // The path of a metric in a call set has no lifetime, since the macro does not know whether the metric needs one.
        #[allow(dead_code, unreachable_pub, elided_lifetimes_in_paths)]
        impl #name #lifetime {
            /// The definition.
            #vis const DEF: &'static #ty = #value;
        }
    }
}
