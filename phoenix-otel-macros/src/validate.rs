//! What cannot be instrumented, and what to write instead. After this nothing fails.

mod captures;

use syn::{Attribute, Error, Meta, Result};

use crate::args::Args;
use crate::item::{Function, Impl, Member};

/// Whether an attribute is this one, by whichever path.
pub(crate) fn is_own(attr: &Attribute) -> bool {
    attr.path().segments.last().is_some_and(|last| last.ident == "instrument_metrics")
}

/// Checks a function with the arguments that hold for it. `in_impl` where the attribute stands on the whole block.
pub(crate) fn function(function: &Function, args: &Args, in_impl: bool) -> Result<()> {
    combination(args)?;
    if !in_impl {
        without_prefix(args)?;
    }
    for asked in [&args.ok_if, &args.error_if, &args.error_type].into_iter().flatten() {
        captures::none(asked, &function.sig)?;
    }
    if let Some(constant) = &function.sig.constness {
        let instead = if in_impl {
            "leave it out with `#[instrument_metrics(skip)]`"
        } else {
            "remove `const`, or instrument the function that calls it"
        };
        return Err(Error::new(
            constant.span,
            format!("a `const fn` may run at compile time, where nothing is recorded: {instead}"),
        ));
    }
    if function.body.is_none() {
        return Err(Error::new_spanned(
            &function.sig.ident,
            "there is no body to measure: put `#[instrument_metrics]` on the function in the `impl`",
        ));
    }
    if in_impl {
        return Ok(());
    }
    if let Some(skip) = &args.skip {
        return Err(Error::new(
            skip.span(),
            "`skip` leaves out a method where the whole `impl` block is instrumented: remove the attribute here",
        ));
    }
    if let Some(second) = function.attrs.iter().find(|attr| is_own(attr)) {
        return Err(Error::new_spanned(second, "this would count every call twice: keep one `#[instrument_metrics]`"));
    }
    Ok(())
}

/// Checks what holds for every function of the block.
pub(crate) fn block(block: &Impl, args: &Args) -> Result<()> {
    combination(args)?;
    if let Some(name) = &args.name {
        return Err(Error::new(
            name.span(),
            "one name for all methods would mix their calls: write `#[instrument_metrics(name = \"…\")]` on the method",
        ));
    }
    if let Some(skip) = &args.skip {
        return Err(Error::new(
            skip.span(),
            "`skip` stands on a method: remove the attribute from the `impl` to leave out the whole block",
        ));
    }
    if let Some(second) = block.header.attrs.iter().find(|attr| is_own(attr)) {
        return Err(Error::new_spanned(second, "this would count every call twice: keep one `#[instrument_metrics]`"));
    }
    if !block.items.iter().any(|item| matches!(item, Member::Function(_))) {
        return Err(Error::new_spanned(
            &block.header.self_ty,
            "this `impl` has no function to measure: remove `#[instrument_metrics]`",
        ));
    }
    Ok(())
}

/// Checks the attributes of a method in an instrumented block, of which `own` are this one.
pub(crate) fn method(function: &Function, own: &[Attribute]) -> Result<()> {
    if let [_, second, ..] = own {
        return Err(Error::new_spanned(second, "this would count every call twice: keep one `#[instrument_metrics]`"));
    }
    let conditional = function.attrs.iter().find(|attr| match &attr.meta {
        Meta::List(list) => list.path.is_ident("cfg_attr") && list.tokens.to_string().contains("instrument_metrics"),
        _ => false,
    });
    match conditional {
        Some(attr) => Err(Error::new_spanned(
            attr,
            "the attribute on the `impl` cannot see through `cfg_attr`: write the method twice, under `#[cfg(…)]` and `#[cfg(not(…))]`, or instrument the methods one by one",
        )),
        None => Ok(()),
    }
}

/// Checks that a function's own arguments have no prefix, which is the block's.
pub(crate) fn without_prefix(args: &Args) -> Result<()> {
    match &args.prefix {
        Some(prefix) => Err(Error::new(
            prefix.span(),
            "`prefix` stands on an `impl` block and qualifies all its methods: write the whole label here, such as `name = \"users.get\"`",
        )),
        None => Ok(()),
    }
}

/// Checks arguments that exclude each other.
pub(crate) fn combination(args: &Args) -> Result<()> {
    if let (Some(skip), true) = (&args.skip, others_than_skip(args)) {
        return Err(Error::new(skip.span(), "`skip` stands alone: a method that is left out has no options"));
    }
    if let (Some(_), Some(error_if)) = (&args.ok_if, &args.error_if) {
        return Err(Error::new_spanned(error_if, "`ok_if` and `error_if` both decide: keep one"));
    }
    if args.set.is_some() {
        if let Some(name) = &args.name {
            return Err(Error::new(
                name.span(),
                "a call set has labels of its own in place of `method`: remove `name`",
            ));
        }
        if let Some(prefix) = &args.prefix {
            return Err(Error::new(
                prefix.span(),
                "a call set has labels of its own in place of `method`: remove `prefix`",
            ));
        }
        if let Some(subsystem) = &args.subsystem {
            return Err(Error::new(
                subsystem.span(),
                "a call set says itself which metrics it records: remove `subsystem`",
            ));
        }
        if let Some(bounds) = &args.bounds {
            return Err(Error::new_spanned(
                bounds,
                "a call set's histogram has the bounds that `metrics!` gives it: remove `bounds`, and write them there",
            ));
        }
    }
    Ok(())
}

fn others_than_skip(args: &Args) -> bool {
    let Args { set, name, prefix, subsystem, bounds, ok_if, error_if, error_type, krate, skip: _ } = args;
    let judged = ok_if.is_some() || error_if.is_some() || error_type.is_some();
    set.is_some()
        || name.is_some()
        || prefix.is_some()
        || subsystem.is_some()
        || bounds.is_some()
        || judged
        || krate.is_some()
}
