//! `#[instrument_metrics]`: parse, check, expand. A mistake gives one error, and the item is emitted unchanged.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Meta, Result};

use crate::args::Args;
use crate::expand::Block;
use crate::item::{self, Function, Impl, Item, Member};
use crate::{expand, validate};

pub(crate) fn instrument(args: TokenStream, tokens: TokenStream) -> TokenStream {
    match attempt(args, tokens.clone()) {
        Ok(instrumented) => instrumented,
        Err(mistake) => {
            let mistake = mistake.to_compile_error();
            let item = item::without_own_attribute(tokens);
            quote!(#mistake #item)
        }
    }
}

fn attempt(args: TokenStream, tokens: TokenStream) -> Result<TokenStream> {
    let args: Args = syn::parse2(args)?;
    match item::parse(tokens)? {
        Item::Function(function) => {
            validate::function(&function, &args, false)?;
            Ok(expand::function(&function, &args, None))
        }
        Item::Impl(block) => impl_block(block, &args),
    }
}

fn impl_block(block: Impl, args: &Args) -> Result<TokenStream> {
    validate::block(&block, args)?;
    let seen = Block::of(&block);
    let mut items = TokenStream::new();
    for item in &block.items {
        match item {
            Member::Function(function) => items.extend(method(function, args, &seen)?),
            Member::Other(item) => item.to_tokens(&mut items),
        }
    }
    Ok(block.around(&items))
}

fn method(function: &Function, of_block: &Args, block: &Block<'_>) -> Result<TokenStream> {
    let mut function = function.clone();
    let (own, others): (Vec<Attribute>, _) = function.attrs.drain(..).partition(validate::is_own);
    function.attrs = others;
    validate::method(&function, &own)?;
    let args = match own.first().map(|attr| &attr.meta) {
        None | Some(Meta::Path(_)) => Args::default(),
        Some(Meta::List(list)) => list.parse_args()?,
        Some(Meta::NameValue(pair)) => {
            return Err(syn::Error::new_spanned(pair, "write the options in parentheses: `#[instrument_metrics(…)]`"));
        }
    };
    if args.skip.is_some() {
        validate::combination(&args)?;
        return Ok(function.into_token_stream());
    }
    validate::without_prefix(&args)?;
    let args = args.over(of_block);
    validate::function(&function, &args, true)?;
    Ok(expand::function(&function, &args, Some(block)))
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn expanded(args: &str, item: &str) -> String {
        let tokens = |text: &str| TokenStream::from_str(text).expect("tokens");
        instrument(tokens(args), tokens(item)).to_string()
    }

    /// An editor needs this while a body is being typed: the expansion contains the user's tokens, and no error of ours.
    #[test]
    fn a_body_that_does_not_parse_is_kept() {
        for body in ["{ let plan = request. }", "{ match x { } else }", "{ a b c }", "{ if }"] {
            for head in ["fn f(x: u32) -> u32", "async fn f(x: u32) -> u32", "fn f(&self) -> impl Future<Output = u32>"]
            {
                let expanded = expanded("", &format!("{head} {body}"));
                let inside = TokenStream::from_str(&body[1..body.len() - 1]).expect("tokens").to_string();
                assert!(expanded.contains(&inside), "{expanded}");
                assert!(expanded.contains("__private") && !expanded.contains("compile_error"), "{expanded}");
            }
        }
        let block = expanded("", "impl S { fn f(&self) { self. } const N: u32 = 1; fn g() {} }");
        assert!(block.contains("self .") && block.matches("inventory").count() == 2, "{block}");
    }

    #[test]
    fn a_mistake_leaves_the_item_as_it_was() {
        for (args, item) in [
            ("nmae = \"x\"", "fn f () { body }"),
            ("", "const fn f () { body }"),
            ("", "struct S ;"),
            ("", "impl S { const fn f () { } fn g () { } }"),
            ("skip", "fn f () { }"),
        ] {
            let expanded = expanded(args, item);
            let item = TokenStream::from_str(item).expect("tokens").to_string();
            assert_eq!(expanded.matches("compile_error").count(), 1, "{expanded}");
            assert!(expanded.ends_with(&item), "{expanded}");
            assert!(!expanded.contains("__private"), "{expanded}");
        }
    }
}
