//! Parses the arguments of `#[instrument_metrics(…)]`.

use proc_macro2::Span;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, ExprLit, ExprStruct, Ident, Lit, Path, Result, Token};

const OPTIONS: [&str; 10] =
    ["name", "prefix", "subsystem", "bounds", "ok_if", "error_if", "outcome", "error_type", "error_types", "crate"];

/// The call set in the arguments.
pub(crate) enum Set {
    /// `SET { label: value }`
    Labels(ExprStruct),
    /// `SET`, a set without labels.
    Bare(Path),
}

/// A function of the user, which is called with the returned value: a closure with one parameter, or a path.
#[derive(Clone)]
pub(crate) struct UserFn {
    pub(crate) expr: Expr,
    /// Whether the attribute on the impl block sets it, so that it applies to each method.
    pub(crate) from_block: bool,
}

/// The arguments. Texts, bounds and kinds are constants: phoenix-otel checks them at compile time.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) set: Option<Set>,
    pub(crate) name: Option<Expr>,
    pub(crate) prefix: Option<Expr>,
    pub(crate) subsystem: Option<Expr>,
    pub(crate) bounds: Option<Expr>,
    pub(crate) ok_if: Option<UserFn>,
    pub(crate) error_if: Option<UserFn>,
    pub(crate) outcome: Option<UserFn>,
    pub(crate) error_type: Option<UserFn>,
    pub(crate) error_types: Option<Expr>,
    pub(crate) krate: Option<Path>,
    pub(crate) skip: Option<Ident>,
}

impl Args {
    /// Merges the options of a method with those of its impl block. An option of the method also disables conflicting options of the
    /// block.
    pub(crate) fn over(self, block: &Self) -> Self {
        let (decides, names) = (self.decides(), self.error_type.is_some());
        let unless = |own: bool, of_block: &Option<UserFn>| {
            let user_fn = of_block.clone().filter(|_| !own);
            user_fn.map(|user_fn| UserFn { from_block: true, ..user_fn })
        };
        let given = self.name.is_some() || self.subsystem.is_some() || self.bounds.is_some();
        let set = match &block.set {
            Some(Set::Labels(set)) if !given => Some(Set::Labels(set.clone())),
            Some(Set::Bare(set)) if !given => Some(Set::Bare(set.clone())),
            _ => None,
        };
        let has_set = self.set.is_some() || set.is_some();
        let of_functions = |option: &Option<Expr>| if has_set { None } else { option.clone() };
        let subsystem = if self.set.is_some() { None } else { block.subsystem.clone() };
        // `name` is the whole label, without a prefix.
        let prefix = if self.set.is_some() || self.name.is_some() { None } else { block.prefix.clone() };
        let error_types = if decides || names { None } else { of_functions(&block.error_types) };
        Self {
            ok_if: self.ok_if.or_else(|| unless(decides, &block.ok_if)),
            error_if: self.error_if.or_else(|| unless(decides, &block.error_if)),
            error_type: self.error_type.or_else(|| unless(self.outcome.is_some(), &block.error_type)),
            outcome: self.outcome.or_else(|| unless(decides || names, &block.outcome)),
            set: self.set.or(set),
            name: self.name,
            prefix: self.prefix.or(prefix),
            subsystem: self.subsystem.or(subsystem),
            bounds: self.bounds.or_else(|| of_functions(&block.bounds)),
            error_types: self.error_types.or(error_types),
            krate: self.krate.or_else(|| block.krate.clone()),
            skip: self.skip,
        }
    }

    /// Whether an option decides the outcome instead of the return type.
    pub(crate) fn decides(&self) -> bool {
        self.ok_if.is_some() || self.error_if.is_some() || self.outcome.is_some()
    }
}

impl Set {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Labels(set) => &set.path,
            Self::Bare(path) => path,
        }
    }
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut args = Self::default();
        while !input.is_empty() {
            if input.peek(Token![crate]) && input.peek2(Token![=]) {
                args.krate(input)?;
            } else if input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
                args.option(input)?;
            } else if input.fork().parse::<Ident>().is_ok_and(|word| word == "skip") {
                args.skip = Some(input.parse()?);
            } else {
                args.set(input)?;
            }
            if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                return Err(input.error("add `,` between the arguments of `#[instrument_metrics]`"));
            }
        }
        Ok(args)
    }
}

impl Args {
    fn krate(&mut self, input: ParseStream<'_>) -> Result<()> {
        let krate: Token![crate] = input.parse()?;
        input.parse::<Token![=]>()?;
        let path = input.call(Path::parse_mod_style).map_err(|error| {
            Error::new(
                error.span(),
                "write the path of phoenix-otel in this crate: `crate = ::telemetry::phoenix_otel`",
            )
        })?;
        set_once(&mut self.krate, path, krate)
    }

    fn option(&mut self, input: ParseStream<'_>) -> Result<()> {
        let option: Ident = input.parse()?;
        let equals: Token![=] = input.parse()?;
        let word = option.to_string();
        if !OPTIONS.contains(&word.as_str()) {
            return Err(unknown(&option));
        }
        if input.is_empty() || input.peek(Token![,]) {
            return Err(Error::new(equals.span, format!("a value is missing: write `{}`", example(&word))));
        }
        let value = ungrouped(input.parse()?);
        match word.as_str() {
            "name" => set_once(&mut self.name, text(value, &word)?, option),
            "prefix" => set_once(&mut self.prefix, text(value, &word)?, option),
            "subsystem" => set_once(&mut self.subsystem, text(value, &word)?, option),
            "bounds" => set_once(&mut self.bounds, list(value, &word)?, option),
            "error_types" => set_once(&mut self.error_types, list(value, &word)?, option),
            "ok_if" => set_once(&mut self.ok_if, function(value, &word)?, option),
            "error_if" => set_once(&mut self.error_if, function(value, &word)?, option),
            "outcome" => set_once(&mut self.outcome, function(value, &word)?, option),
            _ => set_once(&mut self.error_type, function(value, &word)?, option),
        }
    }

    fn set(&mut self, input: ParseStream<'_>) -> Result<()> {
        let value = ungrouped(input.parse()?);
        let set = match value {
            Expr::Struct(set) => Set::Labels(set),
            Expr::Path(path) if path.qself.is_none() => {
                let word = path.path.get_ident().map(Ident::to_string).unwrap_or_default();
                if OPTIONS.contains(&word.as_str()) {
                    return Err(Error::new_spanned(path, format!("a value is missing: write `{}`", example(&word))));
                }
                Set::Bare(path.path)
            }
            Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) => {
                let message = format!("write `name = \"{}\"` to set the label `method`", name.value());
                return Err(Error::new_spanned(name, message));
            }
            Expr::Call(call) => {
                let word = call.func.to_token_stream().to_string();
                let message = if OPTIONS.contains(&word.as_str()) {
                    format!("options are written with `=`: `{}`", example(&word))
                } else {
                    format!("write the labels of a call set in braces: `{word} {{ label: value }}`")
                };
                return Err(Error::new_spanned(call, message));
            }
            other => {
                return Err(Error::new_spanned(
                    other,
                    "write a call set with its labels, `SET { label: value }`, or an option, such as `name = \"…\"`",
                ));
            }
        };
        if self.set.is_some() {
            return Err(Error::new_spanned(
                set.path(),
                "a function can have only one call set: declare a call set that lists all metrics with `metrics!`",
            ));
        }
        self.set = Some(set);
        Ok(())
    }
}

fn set_once<T>(place: &mut Option<T>, value: T, option: impl ToTokens) -> Result<()> {
    if place.is_some() {
        let word = option.to_token_stream();
        return Err(Error::new_spanned(&option, format!("`{word}` is set twice: remove one")));
    }
    *place = Some(value);
    Ok(())
}

fn unknown(option: &Ident) -> Error {
    let mut message = format!("there is no option `{option}`");
    if let Some(near) = OPTIONS.into_iter().find(|known| near(known, &option.to_string())) {
        message += &format!(": did you mean `{near}`?");
    } else {
        message += &format!(
            ": the options are `name`, `prefix`, `subsystem`, `bounds`, `ok_if`, `error_if`, `outcome`, `error_type`, `error_types` and `crate`. A label belongs to a call set: `SET {{ {option}: … }}`"
        );
    }
    Error::new(option.span(), message)
}

/// Whether two words have the same letters in any order, or differ by one letter.
fn near(known: &str, word: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
        letters.sort_unstable();
        letters
    };
    let (known, mut word) = (sorted(known), sorted(word));
    let missing = known.iter().filter(|&letter| match word.iter().position(|has| has == letter) {
        Some(at) => {
            word.remove(at);
            false
        }
        None => true,
    });
    let missing = missing.count();
    missing + word.len() <= 1
}

/// Removes the invisible groups that a `macro_rules!` adds around a value.
fn ungrouped(mut value: Expr) -> Expr {
    while let Expr::Group(group) = value {
        value = *group.expr;
    }
    value
}

fn text(value: Expr, option: &str) -> Result<Expr> {
    match &value {
        Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => Ok(value),
        Expr::Lit(_) | Expr::Closure(_) | Expr::Array(_) => {
            let wanted = format!("`{option}` must be a string: write `{}`, or a constant", example(option));
            Err(Error::new_spanned(value, wanted))
        }
        _ => Ok(value),
    }
}

/// A list. The expansion borrows it, so a `&` is removed.
fn list(value: Expr, option: &str) -> Result<Expr> {
    match value {
        Expr::Reference(borrowed) if borrowed.mutability.is_none() => Ok(*borrowed.expr),
        Expr::Lit(_) | Expr::Closure(_) => {
            let wanted = format!("`{option}` must be a list: write `{}`, or a constant", example(option));
            Err(Error::new_spanned(value, wanted))
        }
        _ => Ok(value),
    }
}

fn function(value: Expr, option: &str) -> Result<UserFn> {
    let wanted =
        || format!("`{option}` must be a closure with one parameter, or the path of a function: `{}`", example(option));
    match &value {
        Expr::Path(_) | Expr::Macro(_) => {}
        Expr::Closure(closure) if closure.inputs.len() == 1 && closure.asyncness.is_none() => {}
        Expr::Closure(closure) if closure.inputs.is_empty() => {
            return Err(Error::new(span(&closure.or1_token), wanted()));
        }
        Expr::Closure(closure) => return Err(Error::new_spanned(&closure.inputs, wanted())),
        other => return Err(Error::new_spanned(other, wanted())),
    }
    Ok(UserFn { expr: value, from_block: false })
}

fn span(token: &Token![|]) -> Span {
    token.spans[0]
}

/// An example of each option, for messages.
pub(crate) fn example(option: &str) -> &'static str {
    match option {
        "name" => "name = \"plan\"",
        "prefix" => "prefix = \"users\"",
        "subsystem" => "subsystem = \"back_office\"",
        "bounds" => "bounds = [0.1, 1.0, 10.0]",
        "ok_if" => "ok_if = |result| result.is_ok()",
        "error_if" => "error_if = |result| result.is_err()",
        "outcome" => "outcome = |returned| returned.status().as_u16()",
        "error_type" => "error_type = |error| error.kind()",
        "error_types" => "error_types = [\"timeout\", \"denied\"]",
        _ => "crate = ::telemetry::phoenix_otel",
    }
}
