//! Expands an instrumented function. The expansion never fails. It does not decide what is recorded: `record` in phoenix-otel does.

mod block;
mod closures;
pub(crate) mod judge;
mod known;
mod location;
pub(crate) mod types;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, GenericParam, LitStr, Pat, Path, ReturnType, Type};

use crate::args::{Args, Set, UserFn};
use crate::item::Function;

pub(crate) use block::Block;

/// The parts of an expansion.
struct Parts<'i> {
    function: &'i Function,
    args: &'i Args,
    /// The impl block, if the attribute is on the block.
    block: Option<&'i Block<'i>>,
    /// The only module whose names an expansion uses.
    private: TokenStream,
    output: Option<&'i Type>,
}

/// Expands one function.
pub(crate) fn function(function: &Function, args: &Args, block: Option<&Block<'_>>) -> TokenStream {
    let Some(body) = &function.body else { return function.to_token_stream() };
    let private = match &args.krate {
        Some(path) => quote!(#path::__private),
        None => quote!(::phoenix_otel::__private),
    };
    let output = match &function.sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, output) => Some(types::ungrouped(output)),
    };
    let parts = Parts { function, args, block, private, output };
    let target = parts.target();
    let call = match closures::in_place(&parts, &target, &body.stream()) {
        Some(body) => body,
        None => parts.call(target, body),
    };

    let mut braces = Group::new(Delimiter::Brace, call);
    braces.set_span(body.span());
    let Function { attrs, vis, defaultness, sig, .. } = function;
    quote!(#(#attrs)* #vis #defaultness #sig #braces)
}

/// The identifier of a local variable. Hygiene hides it from the user's code. But a constant or static of the user's with the same name
/// would still match as a pattern, hence the prefix.
fn local(name: &str) -> Ident {
    Ident::new(&format!("phoenix_otel_{name}"), Span::mixed_site())
}

/// The same tokens with another location for error messages.
fn located_at(tokens: TokenStream, here: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), located_at(group.stream(), here)).into();
        }
        token.set_span(token.span().located_at(here));
        token
    });
    moved.collect()
}

/// The target of a call: the statements that bind it, and the expression.
struct Target {
    bind: TokenStream,
    target: TokenStream,
}

impl Parts<'_> {
    /// The target of the call.
    fn target(&self) -> Target {
        let private = &self.private;
        let Some(set) = &self.args.set else { return self.function_static() };
        let target = local("target");
        let path = set.path();
        let here = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
        let of = quote_spanned!(here=> &);
        let bound = match set {
            Set::Bare(path) => {
                let bind = self.private_at(here, "bind_without_labels");
                quote!(#bind(#of #path))
            }
            Set::Labels(set) => {
                // One import for both, the static and the struct of labels, so that an unknown set gives one error. Its span is the
                // user's path, for errors about the labels.
                let name = Ident::new("phoenix_otel_set", Span::mixed_site().located_at(here));
                let bind = self.private_at(here, "bind");
                let (fields, dots, rest) = (&set.fields, &set.dot2_token, &set.rest);
                quote! {{
                    use #path as #name;
                    #bind(#of #name, #of #name { #fields #dots #rest })
                }}
            }
        };
        Target { bind: quote!(let #target: #private::BoundCallSet = #bound;), target: quote!(#target) }
    }

    /// The static of a function that records the standard metrics.
    fn function_static(&self) -> Target {
        let private = &self.private;
        // Items are not hygienic, so the name must not be one of the user's.
        let function = Ident::new("__PHOENIX_OTEL_FUNCTION", Span::mixed_site());
        let (method, named) = self.method();
        let (file, line, column) = location::of(self.function.sig.fn_token.span);
        let subsystem = self.args.subsystem.iter().map(|subsystem| self.checked("subsystem", subsystem));
        let bounds = self.args.bounds.iter().map(|bounds| self.checked_list("bounds", bounds));
        let known = known::errors(self);
        // In its own block, since items are visible in the whole block.
        let function = quote! {{
            static #function: #private::InstrumentedFunction = #private::InstrumentedFunction::new(
                #private::FunctionDef::new(#method, (#file, #line, #column), &|| {}) #named #(.subsystem(#subsystem))* #(.bounds(#bounds))* #known
            );
            #private::inventory::submit! { #private::InstrumentedFunctionRef(&#function) }
            &#function
        }};
        Target { bind: TokenStream::new(), target: function }
    }

    /// The label `method`, and `.named()` if the attribute sets it.
    fn method(&self) -> (TokenStream, Option<TokenStream>) {
        if let Some(name) = &self.args.name {
            return (self.checked("method", name), Some(quote!(.named())));
        }
        let private = &self.private;
        let ident = &self.function.sig.ident;
        let own = LitStr::new(&ident.unraw().to_string(), ident.span().resolved_at(Span::mixed_site()));
        let Some(prefix) = &self.args.prefix else { return (quote!(#own), None) };
        let checked = self.checked("prefix", prefix);
        let len = quote!(#private::text::qualified_len(#prefix, #own));
        (quote!(#private::text::of(const { &#private::text::qualified::<{ #len }>(#checked, #own) })), None)
    }

    /// A constant of the user's, passed to a check function. Errors have the span of the constant.
    fn checked(&self, check: &str, constant: &Expr) -> TokenStream {
        let here = constant.span();
        let check = self.private_at(here, check);
        quote_spanned!(here=> #check(#constant))
    }

    /// Like `checked`, for a list. It is borrowed in a constant without a name, since a name could collide with the user's.
    fn checked_list(&self, check: &str, list: &Expr) -> TokenStream {
        let here = list.span();
        let check = self.private_at(here, check);
        quote_spanned!(here=> #check(const { &#list }))
    }

    /// Calls our function `helper` with these arguments and the user's function or closure.
    ///
    /// An option of the block is used for every method, so its errors must point to the method. If a function has the wrong type, the
    /// compiler reports it at the span of `helper`. Errors inside a closure are reported at the closure, so the closure also gets the location
    /// of the method, unless it declares the type of its parameter.
    fn call_user_fn(&self, user_fn: &UserFn, helper: &str, arguments: &TokenStream) -> TokenStream {
        let UserFn { expr: how, from_block } = user_fn;
        let here = if *from_block { self.function.sig.ident.span() } else { how.span() };
        let helper = self.private_at(here, helper);
        let is_untyped = matches!(how, Expr::Closure(closure) if !matches!(closure.inputs.first(), Some(Pat::Type(_))));
        let how = match *from_block && is_untyped {
            true => located_at(how.to_token_stream(), here),
            false => how.to_token_stream(),
        };
        quote_spanned!(here=> #helper(#arguments, #how))
    }

    /// The measured body, by the function's return type.
    fn call(&self, target: Target, body: &Group) -> TokenStream {
        let Target { bind, target } = target;
        let private = &self.private;
        let judge = judge::closure(self);
        if self.function.sig.asyncness.is_some() {
            let body = with_type_hint(body, self.output.and_then(types::hint));
            return quote!(#bind #private::future(#target, async move #body, #judge).await);
        }
        let plain = quote!(#private::Plain::new());
        let Some(output) = self.output else {
            return quote!(#bind #private::call(#target, #plain, move || #body, #judge));
        };
        if let Type::ImplTrait(_) = output {
            let Some(value) = types::future_output(output) else {
                return quote!(#bind #private::call(#target, #plain, move || #body, #judge));
            };
            // The `async` block stays in place, since `#[tracing::instrument]` looks for it. Labels are bound at the first poll, as in an
            // `async fn`.
            let is_inside = self.is_traced() || self.args.set.is_some();
            if let (true, Some(block)) = (is_inside, async_block(body.stream())) {
                let block = with_output_hint(block, value);
                return quote!(async move { #bind #private::future(#target, #block, #judge).await });
            }
            // The type of the output is stated, so that it is known when the compiler resolves the judging.
            let value = value.and_then(types::hint).map_or_else(|| quote!(_), ToTokens::into_token_stream);
            return quote!(#bind #private::future(#target, #private::created::<#value, _>(move || #body), #judge));
        }
        if let (Some(value), Some((boxed, block))) = (types::boxed_output(output), boxed_block(body.stream())) {
            // The wrapper is put into the same box. The box still contains an `async` block, since `#[tracing::instrument]` looks for it.
            // Labels are bound at its first poll, as in an `async fn`.
            let block = with_output_hint(block, value);
            return quote!(#boxed(async move { #bind #private::future(#target, #block, #judge).await }));
        }
        let hint = types::hint(output).map(|hint| quote!(-> #hint));
        let end = match hint.is_none() || types::is_plain(output) {
            true => plain,
            false => {
                let hint = types::hint(output);
                quote!({ use #private::by_type::*; (&&&&#private::ReturnType::<#hint>::new()).phoenix_return_kind() })
            }
        };
        quote!(#bind #private::call(#target, #end, move || #hint #body, #judge))
    }

    /// A function of the private module, with the location of the user's tokens that it concerns: errors about its arguments are reported
    /// there.
    fn private_at(&self, here: Span, function: &str) -> TokenStream {
        let function = Ident::new(function, Span::mixed_site());
        let private = &self.private;
        located_at(quote!(#private::#function), here)
    }

    /// Whether a later attribute examines the shape of the body.
    fn is_traced(&self) -> bool {
        self.function
            .attrs
            .iter()
            .any(|attr| attr.path().segments.last().is_some_and(|last| last.ident == "instrument"))
    }

    /// The visible type and const parameters.
    fn parameters(&self) -> impl Iterator<Item = &Ident> {
        let generics = self.block.map(|block| block.generics).into_iter().chain([&self.function.sig.generics]);
        generics.flat_map(|generics| &generics.params).filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Const(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) => None,
        })
    }
}

/// The body, after a statement of its return type, so that type errors are reported in the user's code, and the returned value is coerced as
/// before. The braces are those of the user: the edition of their tokens determines when temporaries are dropped, and a second pair of braces
/// would cause a warning.
fn with_type_hint(body: &Group, hint: Option<Type>) -> Group {
    let Some(hint) = hint else { return body.clone() };
    let fake = local("fake");
    let statements = body.stream();
    let mut pinned = Group::new(
        Delimiter::Brace,
        quote! {
            if let ::core::option::Option::Some(#fake) = ::core::option::Option::None::<#hint> {
                return #fake;
            }
            #statements
        },
    );
    pinned.set_span(body.span());
    pinned
}

/// An `async` block: its keywords and its braces.
struct AsyncBlock {
    keywords: TokenStream,
    braces: Group,
}

fn with_output_hint(block: AsyncBlock, value: Option<&Type>) -> TokenStream {
    let AsyncBlock { keywords, braces } = block;
    let pinned = with_type_hint(&braces, value.and_then(types::hint));
    quote!(#keywords #pinned)
}

/// Parses the tokens as a single `async` block.
fn async_block(tokens: TokenStream) -> Option<AsyncBlock> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let (keywords, braces) = match tokens.as_slice() {
        [keywords @ .., TokenTree::Group(braces)] if braces.delimiter() == Delimiter::Brace => (keywords, braces),
        _ => return None,
    };
    let words: Vec<String> = keywords.iter().map(ToString::to_string).collect();
    matches!(words.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), ["async"] | ["async", "move"])
        .then(|| AsyncBlock { keywords: keywords.iter().cloned().collect(), braces: braces.clone() })
}

/// Parses the tokens as a single `Box::pin(async …)`.
fn boxed_block(tokens: TokenStream) -> Option<(Path, AsyncBlock)> {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let Some(TokenTree::Group(arguments)) = tokens.pop() else { return None };
    if arguments.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let boxed: Path = syn::parse2(tokens.into_iter().collect()).ok()?;
    let mut names = boxed.segments.iter().rev().map(|segment| segment.ident.to_string());
    let is_box = names.next()? == "pin" && names.next()? == "Box";
    is_box.then(|| async_block(arguments.stream()))?.map(|block| (boxed, block))
}
