//! What stands in the parentheses of `#[instrument_metrics(…)]`.

use proc_macro2::Span;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, ExprLit, ExprStruct, Ident, Lit, LitStr, Path, Result, Token};

const OPTIONS: [&str; 8] = ["name", "prefix", "subsystem", "bounds", "ok_if", "error_if", "error_type", "crate"];

/// How long the prefix of an impl block may be: a label is short, and known at compile time.
const MOST_OF_PREFIX: usize = 64;

/// A call set, as the user named it.
pub(crate) enum Set {
    /// `SET { label: value }`
    Labels(ExprStruct),
    /// `SET`, for one without labels.
    Bare(Path),
}

#[derive(Default)]
pub(crate) struct Args {
    pub(crate) set: Option<Set>,
    pub(crate) name: Option<LitStr>,
    pub(crate) prefix: Option<LitStr>,
    pub(crate) subsystem: Option<LitStr>,
    /// A list, or the path of a constant.
    pub(crate) bounds: Option<Expr>,
    pub(crate) ok_if: Option<Expr>,
    pub(crate) error_if: Option<Expr>,
    pub(crate) error_type: Option<Expr>,
    pub(crate) krate: Option<Path>,
    pub(crate) skip: Option<Ident>,
}

impl Args {
    /// The options of a method over those of its impl block. What the method decides by one means it does not
    /// inherit by another.
    pub(crate) fn over(self, block: &Self) -> Self {
        let judges = self.ok_if.is_some() || self.error_if.is_some();
        let judged = |of_block: &Option<Expr>| if judges { None } else { of_block.clone() };
        let told = self.name.is_some() || self.subsystem.is_some() || self.bounds.is_some();
        let set = match &block.set {
            Some(Set::Labels(set)) if !told => Some(Set::Labels(set.clone())),
            Some(Set::Bare(set)) if !told => Some(Set::Bare(set.clone())),
            _ => None,
        };
        let has_set = self.set.is_some() || set.is_some();
        let of_functions = |option: &Option<Expr>| if has_set { None } else { option.clone() };
        let subsystem = if self.set.is_some() { None } else { block.subsystem.clone() };
        // A name is the whole label.
        let prefix = if self.set.is_some() || self.name.is_some() { None } else { block.prefix.clone() };
        Self {
            ok_if: self.ok_if.or_else(|| judged(&block.ok_if)),
            error_if: self.error_if.or_else(|| judged(&block.error_if)),
            set: self.set.or(set),
            name: self.name,
            prefix: self.prefix.or(prefix),
            subsystem: self.subsystem.or(subsystem),
            bounds: self.bounds.or_else(|| of_functions(&block.bounds)),
            error_type: self.error_type.or_else(|| block.error_type.clone()),
            krate: self.krate.or_else(|| block.krate.clone()),
            skip: self.skip,
        }
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
                return Err(input.error("write `,` between the arguments of `#[instrument_metrics]`"));
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
                "write the path under which this crate sees phoenix-otel: `crate = ::telemetry::phoenix_otel`",
            )
        })?;
        once(&mut self.krate, path, krate)
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
        let value: Expr = input.parse()?;
        match word.as_str() {
            "name" => once(&mut self.name, text(value, &word)?, option),
            "prefix" => once(&mut self.prefix, text(value, &word)?, option),
            "subsystem" => once(&mut self.subsystem, text(value, &word)?, option),
            "bounds" => once(&mut self.bounds, list(value)?, option),
            "ok_if" => once(&mut self.ok_if, function(value, &word)?, option),
            "error_if" => once(&mut self.error_if, function(value, &word)?, option),
            _ => once(&mut self.error_type, function(value, &word)?, option),
        }
    }

    fn set(&mut self, input: ParseStream<'_>) -> Result<()> {
        let value: Expr = input.parse()?;
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
                    format!("a call set is named with its labels in braces: `{word} {{ label: value }}`")
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
                "a function has one call set: declare one with `metrics!` that names all that is to be recorded",
            ));
        }
        self.set = Some(set);
        Ok(())
    }
}

fn once<T>(place: &mut Option<T>, value: T, option: impl ToTokens) -> Result<()> {
    if place.is_some() {
        let word = option.to_token_stream();
        return Err(Error::new_spanned(&option, format!("`{word}` is given twice: keep one")));
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
            ": there are `name`, `prefix`, `subsystem`, `bounds`, `ok_if`, `error_if`, `error_type` and `crate`. A label belongs to a call set: `SET {{ {option}: … }}`"
        );
    }
    Error::new(option.span(), message)
}

/// Whether two words have the same letters, or differ by one.
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

fn text(value: Expr, option: &str) -> Result<LitStr> {
    let wanted = || format!("`{option}` is a text known at compile time: write `{}`", example(option));
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value else {
        return Err(Error::new_spanned(value, wanted()));
    };
    let value = text.value();
    if option == "name" && value.trim().is_empty() {
        return Err(Error::new(
            text.span(),
            "an empty name says nothing: leave `name` out, and the function's own name is taken",
        ));
    }
    let first = value.chars().next();
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let snake = first.is_some_and(|c| c.is_ascii_lowercase()) && value.chars().all(legal);
    if option == "subsystem" && (!snake || value.contains("__") || value.ends_with('_')) {
        return Err(Error::new(
            text.span(),
            "a subsystem becomes part of the metrics' names: write it in snake_case, such as `subsystem = \"data_router\"`",
        ));
    }
    if option == "prefix" && (!snake || value.contains("__") || value.ends_with('_') || value.len() > MOST_OF_PREFIX) {
        return Err(Error::new(
            text.span(),
            format!(
                "a prefix is one word in snake_case of at most {MOST_OF_PREFIX} letters: write `{}`",
                example(option)
            ),
        ));
    }
    Ok(text)
}

/// What the bounds must be, the crate says; the compiler evaluates it.
fn list(value: Expr) -> Result<Expr> {
    match &value {
        Expr::Array(_) | Expr::Path(_) => Ok(value),
        other => {
            let wanted = format!("`bounds` is a list, or the path of a constant: write `{}`", example("bounds"));
            Err(Error::new_spanned(other, wanted))
        }
    }
}

fn function(value: Expr, option: &str) -> Result<Expr> {
    let wanted =
        || format!("`{option}` is a closure with one parameter, or the path of a function: `{}`", example(option));
    match &value {
        Expr::Path(_) => Ok(value),
        Expr::Closure(closure) if closure.inputs.len() == 1 && closure.asyncness.is_none() => Ok(value),
        Expr::Closure(closure) if closure.inputs.is_empty() => Err(Error::new(span(&closure.or1_token), wanted())),
        Expr::Closure(closure) => Err(Error::new_spanned(&closure.inputs, wanted())),
        other => Err(Error::new_spanned(other, wanted())),
    }
}

fn span(token: &Token![|]) -> Span {
    token.spans[0]
}

/// How an option is written.
pub(crate) fn example(option: &str) -> &'static str {
    match option {
        "name" => "name = \"plan\"",
        "prefix" => "prefix = \"users\"",
        "subsystem" => "subsystem = \"data_router\"",
        "bounds" => "bounds = [0.1, 1.0, 10.0]",
        "ok_if" => "ok_if = |result| result.is_ok()",
        "error_if" => "error_if = |result| result.is_err()",
        "error_type" => "error_type = |error| error.kind()",
        _ => "crate = ::telemetry::phoenix_otel",
    }
}
