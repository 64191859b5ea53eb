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
    for asked in [&args.ok_if, &args.error_if, &args.outcome, &args.error_type].into_iter().flatten() {
        captures::none(&asked.how, &function.sig)?;
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
        return Err(Error::new_spanned(
            name,
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
        Some(prefix) => Err(Error::new_spanned(
            prefix,
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
    let deciding = [("ok_if", &args.ok_if), ("error_if", &args.error_if), ("outcome", &args.outcome)];
    let mut deciding = deciding.into_iter().filter_map(|(option, asked)| Some((option, asked.as_ref()?)));
    if let (Some((first, _)), Some((second, asked))) = (deciding.next(), deciding.next()) {
        return Err(Error::new_spanned(&asked.how, format!("`{first}` and `{second}` both decide: keep one")));
    }
    if let (Some(_), Some(error_type)) = (&args.outcome, &args.error_type) {
        return Err(Error::new_spanned(
            &error_type.how,
            "`outcome` names the kind of error, too: remove `error_type`, or decide by `error_if`",
        ));
    }
    if args.set.is_some() {
        let unfit = [
            (&args.name, "a call set has labels of its own in place of `method`: remove `name`"),
            (&args.prefix, "a call set has labels of its own in place of `method`: remove `prefix`"),
            (&args.subsystem, "a call set says itself which metrics it records: remove `subsystem`"),
            (
                &args.bounds,
                "a call set's histogram has the bounds that `metrics!` gives it: remove `bounds`, and write them there",
            ),
            (&args.error_types, "a call set's counter of errors has no series before the first: remove `error_types`"),
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
    let asked = [ok_if, error_if, outcome, error_type].into_iter().flatten().next().is_some();
    set.is_some() || constants || asked || krate.is_some()
}
