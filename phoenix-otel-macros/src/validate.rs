//! Checks what cannot be instrumented. The expansion after it does not fail.

mod captures;

use syn::{Attribute, Error, Meta, Result};

use crate::args::Args;
use crate::item::{Function, Impl, Member};

/// Whether an attribute is `instrument_metrics`, with any path.
pub(crate) fn is_own(attr: &Attribute) -> bool {
    attr.path().segments.last().is_some_and(|last| last.ident == "instrument_metrics")
}

/// Checks a function with its arguments. `in_impl` is true if the attribute is on the whole block.
pub(crate) fn function(function: &Function, args: &Args, in_impl: bool) -> Result<()> {
    combination(args)?;
    if !in_impl {
        without_prefix(args)?;
    }
    for user_fn in [&args.ok_if, &args.error_if, &args.outcome, &args.error_type].into_iter().flatten() {
        captures::none(&user_fn.expr, &function.sig)?;
    }
    if let Some(constant) = &function.sig.constness {
        let instead = if in_impl {
            "skip it with `#[instrument_metrics(skip)]`"
        } else {
            "remove `const`, or instrument the function that calls it"
        };
        return Err(Error::new(
            constant.span,
            format!("a `const fn` can run at compile time, where nothing can be recorded: {instead}"),
        ));
    }
    if function.body.is_none() {
        return Err(Error::new_spanned(
            &function.sig.ident,
            "the function has no body: put `#[instrument_metrics]` on the function in the `impl`",
        ));
    }
    if in_impl {
        return Ok(());
    }
    if let Some(skip) = &args.skip {
        return Err(Error::new(
            skip.span(),
            "`skip` is for a method of an instrumented `impl` block: remove the attribute here",
        ));
    }
    if let Some(second) = function.attrs.iter().find(|attr| is_own(attr)) {
        return Err(Error::new_spanned(second, "this would count every call twice: keep one `#[instrument_metrics]`"));
    }
    Ok(())
}

/// Checks an impl block.
pub(crate) fn block(block: &Impl, args: &Args) -> Result<()> {
    combination(args)?;
    if let Some(name) = &args.name {
        return Err(Error::new_spanned(
            name,
            "all methods of the block would have the same name: put `#[instrument_metrics(name = \"…\")]` on the method",
        ));
    }
    if let Some(skip) = &args.skip {
        return Err(Error::new(
            skip.span(),
            "`skip` belongs on a method: to skip the whole block, remove the attribute from the `impl`",
        ));
    }
    if let Some(second) = block.header.attrs.iter().find(|attr| is_own(attr)) {
        return Err(Error::new_spanned(second, "this would count every call twice: keep one `#[instrument_metrics]`"));
    }
    if !block.items.iter().any(|item| matches!(item, Member::Function(_))) {
        return Err(Error::new_spanned(
            &block.header.self_ty,
            "this `impl` has no function: remove `#[instrument_metrics]`",
        ));
    }
    Ok(())
}

/// Checks the attributes of a method in an instrumented block. `own` are its `instrument_metrics` attributes.
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
            "the attribute on the `impl` cannot evaluate `cfg_attr`: write the method twice, under `#[cfg(…)]` and `#[cfg(not(…))]`, or put the attribute on each method instead of the `impl`",
        )),
        None => Ok(()),
    }
}

/// Checks that a function's own arguments have no prefix, which belongs on the block.
pub(crate) fn without_prefix(args: &Args) -> Result<()> {
    match &args.prefix {
        Some(prefix) => Err(Error::new_spanned(
            prefix,
            "`prefix` belongs on an `impl` block and applies to all its methods: write the whole label here, such as `name = \"users.get\"`",
        )),
        None => Ok(()),
    }
}

/// Checks arguments that exclude each other.
pub(crate) fn combination(args: &Args) -> Result<()> {
    if let (Some(skip), true) = (&args.skip, others_than_skip(args)) {
        return Err(Error::new(skip.span(), "`skip` cannot be combined with other options: remove them"));
    }
    let deciding = [("ok_if", &args.ok_if), ("error_if", &args.error_if), ("outcome", &args.outcome)];
    let mut deciding = deciding.into_iter().filter_map(|(option, user_fn)| Some((option, user_fn.as_ref()?)));
    if let (Some((first, _)), Some((second, user_fn))) = (deciding.next(), deciding.next()) {
        return Err(Error::new_spanned(
            &user_fn.expr,
            format!("`{first}` and `{second}` both decide the outcome: remove one"),
        ));
    }
    if let (Some(_), Some(error_type)) = (&args.outcome, &args.error_type) {
        return Err(Error::new_spanned(
            &error_type.expr,
            "`outcome` also sets the kind of error: remove `error_type`, or use `error_if` instead of `outcome`",
        ));
    }
    if args.set.is_some() {
        let unfit = [
            (&args.name, "a call set has its own labels instead of `method`: remove `name`"),
            (&args.prefix, "a call set has its own labels instead of `method`: remove `prefix`"),
            (&args.subsystem, "a call set has its own metrics: remove `subsystem`"),
            (&args.bounds, "`metrics!` sets the bounds of a call set's histogram: move `bounds` there"),
            (&args.error_types, "a call set creates no series of errors in advance: remove `error_types`"),
        ];
        if let Some((option, why)) = unfit.into_iter().find_map(|(option, why)| Some((option.as_ref()?, why))) {
            return Err(Error::new_spanned(option, why));
        }
    }
    Ok(())
}

fn others_than_skip(args: &Args) -> bool {
    let Args {
        set,
        name,
        prefix,
        subsystem,
        bounds,
        ok_if,
        error_if,
        outcome,
        error_type,
        error_types,
        krate,
        skip: _,
    } = args;
    let constants = [name, prefix, subsystem, bounds, error_types].into_iter().flatten().next().is_some();
    let has_user_fn = [ok_if, error_if, outcome, error_type].into_iter().flatten().next().is_some();
    set.is_some() || constants || has_user_fn || krate.is_some()
}
