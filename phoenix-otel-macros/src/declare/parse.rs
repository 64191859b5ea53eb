//! Parses the items, each with its labels and options.

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitStr, Path, Result, Token, Type, Visibility, braced, token};

use crate::mistakes::{Mistakes, crate_path};

/// All declarations of one `metrics!`.
pub(super) struct Declarations {
    pub(super) krate: Path,
    /// The domain of all metrics.
    pub(super) domain: Option<Path>,
    pub(super) items: Vec<Item>,
}

/// One metric or call set.
pub(super) struct Item {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) name: Ident,
    /// `Counter`, `CallSet`, …, as written.
    pub(super) kind: Ident,
    /// The type in `Counter<f64>`.
    pub(super) number: Option<Type>,
    pub(super) labels: Vec<Label>,
    pub(super) body: Body,
}

pub(super) enum Body {
    Metric { name: LitStr, options: Vec<Entry> },
    Set { metrics: Vec<Entry> },
}

/// One label: its field and its type.
pub(super) struct Label {
    pub(super) attrs: Vec<Attribute>,
    pub(super) field: Ident,
    pub(super) ty: Type,
}

/// One `key: value` of the options, or of a set's metrics.
pub(super) struct Entry {
    pub(super) key: Ident,
    pub(super) value: Expr,
}

/// Parses every item that is valid. A mistake affects only its own item.
pub(super) fn declarations(input: TokenStream, mistakes: &mut Mistakes) -> Declarations {
    let mut statements = statements(input, mistakes);
    let items = statements.split_off(statements.iter().take_while(|statement| is_option(statement)).count());
    let mut options = Options::default();
    for option in statements {
        mistakes.keep(syn::parse2(option).and_then(|option| options.set(option)));
    }
    let items = items.into_iter().filter_map(|item| {
        if is_option(&item) {
            mistakes.at(item, "move this before the first metric: it applies to all of them");
            return None;
        }
        mistakes.keep(syn::parse2(item))
    });
    Declarations { items: items.collect(), krate: crate_path(options.krate), domain: options.domain }
}

/// Splits after each `;` and keeps the `;`, so that an item that ends too early is reported there.
fn statements(input: TokenStream, mistakes: &mut Mistakes) -> Vec<TokenStream> {
    let mut statements = vec![Vec::new()];
    for tree in input {
        let ends = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ';');
        statements.last_mut().expect("there is a first statement").push(tree);
        if ends {
            statements.push(Vec::new());
        }
    }
    let unended = statements.pop().expect("there is a first statement");
    if let Some(last) = unended.last() {
        mistakes.at(last, "expected `;` after this");
        statements.push(unended.into_iter().chain([TokenTree::Punct(Punct::new(';', Spacing::Alone))]).collect());
    }
    statements.into_iter().map(TokenStream::from_iter).collect()
}

/// Whether the statement is an option for all items: `key = …;`.
fn is_option(statement: &TokenStream) -> bool {
    let mut trees = statement.clone().into_iter();
    matches!(trees.next(), Some(TokenTree::Ident(_)))
        && matches!(trees.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=')
}

/// The options for all items.
#[derive(Default)]
struct Options {
    krate: Option<Path>,
    domain: Option<Path>,
}

/// One `key = path;`.
struct SetOption {
    key: Ident,
    path: Path,
}

impl Options {
    fn set(&mut self, SetOption { key, path }: SetOption) -> Result<()> {
        let option = if key == "crate" { &mut self.krate } else { &mut self.domain };
        if option.replace(path).is_some() {
            return Err(syn::Error::new(key.span(), format!("`{key}` is set twice: remove one")));
        }
        Ok(())
    }
}

impl Parse for SetOption {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if key != "crate" && key != "domain" {
            let message = format!(
                "unknown option `{key}`: the options before the metrics are `crate = path;` and `domain = DOMAIN;`"
            );
            return Err(syn::Error::new(key.span(), message));
        }
        input.parse::<Token![=]>()?;
        if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
            let what = if key == "crate" { "the crate" } else { "a `phoenix_otel::Domain`" };
            return Err(input.error(format!("write the path of {what}: `{key} = path;`")));
        }
        let path = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        Ok(Self { key, path })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if !input.peek(Token![static]) {
            return Err(input.error(
                "declare a metric as a static: `static NAME: Counter { label: Type } = \"dotted.name\" { unit: \"…\" };`",
            ));
        }
        input.parse::<Token![static]>()?;
        if input.peek(Token![mut]) {
            return Err(input.error("a metric needs no `mut`: remove it"));
        }
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let kind = input.parse()?;
        let number = number(input)?;
        let labels = if input.peek(token::Brace) { list(input)? } else { Vec::new() };
        input.parse::<Token![=]>()?;
        let body = input.parse()?;
        if !input.peek(Token![;]) {
            return Err(input.error("expected `;` after the declaration"));
        }
        input.parse::<Token![;]>()?;
        Ok(Self { attrs, vis, name, kind, number, labels, body })
    }
}

fn number(input: ParseStream<'_>) -> Result<Option<Type>> {
    if !input.peek(Token![<]) {
        return Ok(None);
    }
    input.parse::<Token![<]>()?;
    let number = input.parse()?;
    input.parse::<Token![>]>()?;
    Ok(Some(number))
}

/// A list in braces, separated by commas.
fn list<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    let content;
    braced!(content in input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

impl Parse for Body {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(token::Brace) {
            return Ok(Self::Set { metrics: list(input)? });
        }
        if !input.peek(LitStr) {
            return Err(input.error("write the metric's dotted name, such as `\"acme.shop.orders\"`, or a call set's metrics, such as `{ requests: REQUESTS }`"));
        }
        let name = input.parse()?;
        let options = if input.peek(token::Brace) { list(input)? } else { Vec::new() };
        Ok(Self::Metric { name, options })
    }
}

impl Parse for Label {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let word = input.call(Ident::parse_any)?;
        // A label's name may be a keyword, such as `type`. Its field is then the raw identifier.
        let field = match syn::parse2::<Ident>(word.to_token_stream()) {
            Ok(field) => field,
            Err(_) if ["self", "Self", "super", "crate", "_"].iter().any(|reserved| word == reserved) => {
                return Err(syn::Error::new(word.span(), "a field cannot have this name: choose another"));
            }
            Err(_) => Ident::new_raw(&word.to_string(), word.span()),
        };
        input.parse::<Token![:]>()?;
        let mut ty: Type = input.parse()?;
        // A type that a `macro_rules!` passes on is in an invisible group.
        while let Type::Group(group) = ty {
            ty = *group.elem;
        }
        Ok(Self { attrs, field, ty })
    }
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = input.call(Ident::parse_any)?;
        input.parse::<Token![:]>()?;
        let mut value: Expr = input.parse()?;
        while let Expr::Group(group) = value {
            value = *group.expr;
        }
        Ok(Self { key, value })
    }
}
