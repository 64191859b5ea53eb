//! Parses the item under the attribute, without its bodies.
//!
//! A body is kept as tokens. A body that does not parse, because it is being typed, still expands, so an editor can complete in it, and
//! its errors are the compiler's.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, ImplItem, ItemImpl, Result, Signature, Token, Visibility};

pub(crate) enum Item {
    Function(Function),
    Impl(Impl),
}

/// A free function, a method, or a function of a trait.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// The body with its braces; `None` if there is only a `;`.
    pub(crate) body: Option<Group>,
}

/// A whole impl block.
pub(crate) struct Impl {
    /// The block without its items.
    pub(crate) header: ItemImpl,
    pub(crate) items: Vec<Member>,
    pub(crate) braces: Group,
}

pub(crate) enum Member {
    Function(Box<Function>),
    Other(Box<ImplItem>),
}

const USAGE: &str = "`#[instrument_metrics]` can be used on a function, a method, or an `impl` block";

/// Parses the item under the attribute.
pub(crate) fn parse(tokens: TokenStream) -> Result<Item> {
    let parser = |input: ParseStream<'_>| {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        if is_function(&ahead) {
            return input.parse().map(Item::Function);
        }
        ahead.parse::<Option<Token![default]>>()?;
        ahead.parse::<Option<Token![unsafe]>>()?;
        if ahead.peek(Token![impl]) {
            return input.parse().map(Item::Impl);
        }
        let is_trait = ahead.peek(Token![trait]) || ahead.peek2(Token![trait]);
        let instead = if is_trait {
            "; put it on the trait's functions that have a body, or on an `impl` of the trait"
        } else if ahead.peek(Token![mod]) {
            "; put it on the functions in the module"
        } else {
            ""
        };
        Err(Error::new(name_span(&ahead), format!("{USAGE}{instead}")))
    };
    parser.parse2(tokens)
}

fn name_span(item: ParseStream<'_>) -> proc_macro2::Span {
    let keyword = item.cursor().span();
    let _ = item.parse::<TokenTree>();
    if item.peek(syn::Ident) { item.cursor().span() } else { keyword }
}

/// Whether a signature follows, rather than a `const` item or anything else.
fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let _ = ahead.parse::<Option<Token![default]>>();
    let mut word = ahead.cursor();
    // The qualifiers, including the ABI.
    for _ in 0..6 {
        if let Some((ident, rest)) = word.ident() {
            match ident.to_string().as_str() {
                "fn" => return true,
                "const" | "async" | "unsafe" | "extern" | "safe" => word = rest,
                _ => return false,
            }
        } else if let Some((_, rest)) = word.literal() {
            word = rest;
        } else {
            return false;
        }
    }
    false
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let defaultness = input.parse()?;
        let sig = input.parse()?;
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else {
            let TokenTree::Group(braces) = input.parse()? else {
                return Err(input.error("the function's body is missing"));
            };
            Some(without_inner(without_invisible_group(braces), &mut attrs))
        };
        Ok(Self { attrs, vis, defaultness, sig, body })
    }
}

/// Removes this attribute from the item's members and from the item itself. Otherwise each would report the same mistake again, or a
/// false one.
pub(crate) fn without_own_attribute(item: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    for token in item {
        match token {
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::Bracket && is_attribute(&kept) && names_own(&group.stream()) =>
            {
                kept.pop();
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let mut inside = Group::new(Delimiter::Brace, without_own_attribute(group.stream()));
                inside.set_span(group.span());
                kept.push(TokenTree::Group(inside));
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

fn is_attribute(before: &[TokenTree]) -> bool {
    matches!(before.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
}

fn names_own(attribute: &TokenStream) -> bool {
    attribute.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "instrument_metrics",
        TokenTree::Group(group) => names_own(&group.stream()),
        _ => false,
    })
}

/// The braces of a body that a `macro_rules!` passes as `$body:block`: they are in an invisible group.
fn without_invisible_group(group: Group) -> Group {
    let mut inside = group.stream().into_iter();
    match (group.delimiter(), inside.next(), inside.next()) {
        (Delimiter::None, Some(TokenTree::Group(braces)), None) => without_invisible_group(braces),
        _ => group,
    }
}

/// Moves inner attributes from the body to the function: they are not allowed at their new place in the body.
fn without_inner(braces: Group, attrs: &mut Vec<Attribute>) -> Group {
    let parser = |input: ParseStream<'_>| Ok((Attribute::parse_inner(input)?, input.parse::<TokenStream>()?));
    let Ok((inner, rest)) = parser.parse2(braces.stream()) else { return braces };
    if inner.is_empty() {
        return braces;
    }
    attrs.extend(inner.into_iter().map(|attr| Attribute { style: syn::AttrStyle::Outer, ..attr }));
    let mut body = Group::new(Delimiter::Brace, rest);
    body.set_span(braces.span());
    body
}

impl Parse for Impl {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut header: Vec<TokenTree> = input.parse::<TokenStream>()?.into_iter().collect();
        let braces = match header.pop() {
            Some(TokenTree::Group(braces)) if braces.delimiter() == Delimiter::Brace => braces,
            _ => return Err(input.error("the braces of the `impl` block are missing")),
        };
        let header: TokenStream = header.into_iter().collect();
        let mut header: ItemImpl = syn::parse2(quote!(#header {}))?;
        let members = |input: ParseStream<'_>| {
            header.attrs.extend(input.call(Attribute::parse_inner)?);
            let mut items = Vec::new();
            while !input.is_empty() {
                items.push(input.parse()?);
            }
            Ok(items)
        };
        let items = members.parse2(braces.stream())?;
        Ok(Self { header, items, braces })
    }
}

impl Parse for Member {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        if is_function(&ahead) {
            return input.parse().map(|function| Self::Function(Box::new(function)));
        }
        input.parse().map(|item| Self::Other(Box::new(item)))
    }
}

impl Impl {
    /// The block around these items.
    pub(crate) fn around(&self, items: &TokenStream) -> TokenStream {
        let ItemImpl { attrs, defaultness, unsafety, generics, trait_, self_ty, .. } = &self.header;
        let bounds = &generics.where_clause;
        let of_trait = trait_.as_ref().map(|(not, path, of)| quote!(#not #path #of));
        let mut braces = Group::new(Delimiter::Brace, items.clone());
        braces.set_span(self.braces.span());
        let attrs = attrs.iter().map(|attr| Attribute { style: syn::AttrStyle::Outer, ..attr.clone() });
        quote! { #(#attrs)* #defaultness #unsafety impl #generics #of_trait #self_ty #bounds #braces }
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attrs, vis, defaultness, sig, body } = self;
        let body = body.as_ref().map_or_else(|| quote!(;), ToTokens::to_token_stream);
        tokens.extend(quote!(#(#attrs)* #vis #defaultness #sig #body));
    }
}
