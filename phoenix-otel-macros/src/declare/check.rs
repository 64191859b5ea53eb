//! Checks the declarations. It also repairs each mistake, so that it gives only one error.

use std::collections::HashMap;

use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Type, parse_quote};

use super::name;
use super::parse::{Body, Declarations, Entry, Item, Label};
use crate::mistakes::Mistakes;

const KINDS: [&str; 9] = [
    "Counter",
    "UpDownCounter",
    "Gauge",
    "Histogram",
    "Summary",
    "ObservableCounter",
    "ObservableUpDownCounter",
    "ObservableGauge",
    "CallSet",
];
const SET_KEYS: [&str; 4] = ["requests", "duration", "errors", "active"];

pub(super) fn check(declarations: &mut Declarations, mistakes: &mut Mistakes) {
    let mut names = HashMap::new();
    let mut metric_names = HashMap::new();
    declarations.items.retain_mut(|item| {
        check_item(item, mistakes);
        if let Body::Metric { name, .. } = &item.body
            && metric_names.insert(name.value(), ()).is_some()
        {
            mistakes.at(name, format!("the metric `{}` is declared twice: rename one", name.value()));
        }
        let is_new = names.insert(item.name.unraw().to_string(), ()).is_none();
        // The same static may be declared again under a different `cfg`.
        let is_conditional = item.attrs.iter().any(|attr| attr.path().is_ident("cfg"));
        if !is_new && !is_conditional {
            mistakes.at(&item.name, format!("`{}` is declared twice: rename one", item.name));
        }
        is_new || is_conditional
    });
}

fn check_item(item: &mut Item, mistakes: &mut Mistakes) {
    if docs(&item.attrs).next().is_none() {
        mistakes.at(&item.name, "add a doc comment that describes what is measured: `/// Orders placed, by channel.` It becomes the metric's description");
    }
    let is_set = matches!(item.body, Body::Set { .. });
    if !KINDS.iter().any(|kind| item.kind == kind) {
        mistakes.at(
            &item.kind,
            format!(
                "unknown kind `{}`: write `Counter`, `UpDownCounter`, `Gauge` (or one of them with `Observable` before it), `Histogram`, `Summary` or `CallSet`",
                item.kind
            ),
        );
        item.kind = Ident::new(if is_set { "CallSet" } else { "Counter" }, item.kind.span());
    } else if is_set && item.kind != "CallSet" {
        mistakes.at(
            &item.kind,
            format!("a `{}` needs a name, such as `= \"acme.shop.orders\"`; only a `CallSet` lists metrics", item.kind),
        );
        item.kind = Ident::new("CallSet", item.kind.span());
    } else if !is_set && item.kind == "CallSet" {
        mistakes.at(
            &item.kind,
            "a `CallSet` has no metric name: list its metrics, such as `= { requests: REQUESTS, duration: DURATION }`",
        );
        item.kind = Ident::new("Counter", item.kind.span());
    }
    if let Some(number) = &item.number {
        let text = quote!(#number).to_string();
        if item.kind != "Counter" || !["u64", "f64"].contains(&text.as_str()) {
            mistakes.at(number, "only a counter has a number type: `Counter` counts in `u64`, `Counter<f64>` in `f64`");
            item.number = None;
        }
    }
    check_labels(&mut item.labels, is_set, mistakes);
    match &mut item.body {
        Body::Metric { name, options } => {
            check_options(options, &item.kind, mistakes);
            if let Some(wrong) = name::metric(&name.value()) {
                mistakes.at(name, wrong);
            }
            let needs_bounds = item.kind == "Histogram" && !options.iter().any(|option| option.key == "bounds");
            if needs_bounds {
                mistakes.at(
                    &item.kind,
                    "a histogram needs its buckets: add `bounds: [0.1, 1.0, 10.0]`, in the metric's unit",
                );
            }
        }
        Body::Set { metrics } => check_metrics(metrics, &item.kind, mistakes),
    }
}

fn check_labels(labels: &mut Vec<Label>, in_set: bool, mistakes: &mut Mistakes) {
    let mut names = HashMap::new();
    labels.retain_mut(|label| {
        let name = label_name(label);
        if let Some(wrong) = name::label(&name) {
            mistakes.at(&label.field, wrong);
        } else if in_set && ["status", "error_type"].contains(&name.as_str()) {
            mistakes.at(
                &label.field,
                format!("`{name}` is set when a call ends: remove it from the call set, and keep it in the metrics"),
            );
        }
        for attr in &label.attrs {
            if attr.path().is_ident("label") && attr.parse_args::<LitStr>().is_err() {
                mistakes.at(attr, "write the label's name as `#[label(\"name\")]`");
            }
        }
        if let Some(wrong) = wrong_type(&label.ty) {
            mistakes.at(&label.ty, wrong);
            label.ty = parse_quote!(&str);
        }
        let is_new = names.insert(name.clone(), ()).is_none();
        if !is_new {
            mistakes.at(&label.field, format!("the label `{name}` is declared twice: remove one"));
        }
        is_new
    });
}

/// Types that are common mistakes. For other types the compiler checks the trait `Label`.
fn wrong_type(ty: &Type) -> Option<&'static str> {
    const STRING: &str = "write `&str` for a label with any string";
    match ty {
        Type::Reference(reference) => {
            let is_str = matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str"));
            (!is_str || reference.mutability.is_some() || reference.lifetime.is_some()).then_some(STRING)
        }
        Type::Path(path) if ["String", "str"].iter().any(|name| path.path.is_ident(name)) => Some(STRING),
        Type::Path(path) => {
            let is_primitive = path.path.get_ident().is_some_and(|ident| {
                let name = ident.to_string();
                ["bool", "char", "f32", "f64"].contains(&name.as_str())
                    || matches!(name.strip_prefix(['u', 'i']), Some("8" | "16" | "32" | "64" | "128" | "size"))
            });
            is_primitive.then_some("a label must have few, named values: use an enum with `#[derive(Clone, Copy, phoenix_otel::Label)]`, or `&str`")
        }
        _ => Some("a label must be `&str`, or an enum with `#[derive(Clone, Copy, phoenix_otel::Label)]`"),
    }
}

fn check_options(options: &mut Vec<Entry>, kind: &Ident, mistakes: &mut Mistakes) {
    let is_histogram = kind == "Histogram";
    let allowed = if is_histogram { "`unit`, `bounds`, `fixed_bounds` and `cap`" } else { "`unit` and `cap`" };
    let mut keys = HashMap::new();
    options.retain_mut(|option| {
        let key = option.key.to_string();
        match key.as_str() {
            "bounds" if !is_histogram => {
                mistakes.at(&option.key, format!("only a histogram has buckets: remove `bounds`, or use `Histogram` instead of `{kind}`"));
                return false;
            }
            "fixed_bounds" if !is_histogram => {
                mistakes.at(&option.key, "only a histogram has bounds: remove `fixed_bounds`");
                return false;
            }
            "unit" if !may_be_text(&option.value) => {
                mistakes.at(&option.value, "write the unit as a string: `\"s\"`, `\"By\"`, or the counted item in braces, such as `\"{order}\"`");
                return false;
            }
            "cap" if matches!(&option.value, Expr::Lit(ExprLit { lit: Lit::Int(cap), .. }) if cap.base10_digits() == "0") => {
                mistakes.at(&option.value, "a metric needs at least one series: remove `cap` for the default, 2000");
                return false;
            }
            // phoenix-otel checks the values of these at compile time.
            "unit" | "bounds" | "fixed_bounds" | "cap" => {}
            _ => {
                mistakes.at(&option.key, format!("unknown option `{key}`: the options of a `{kind}` are {allowed}"));
                return false;
            }
        }
        let is_new = keys.insert(key.clone(), ()).is_none();
        if !is_new {
            mistakes.at(&option.key, format!("`{key}` is set twice: remove one"));
        }
        is_new
    });
}

fn check_metrics(metrics: &mut Vec<Entry>, kind: &Ident, mistakes: &mut Mistakes) {
    let mut keys = HashMap::new();
    let mut wrong = 0;
    metrics.retain(|entry| {
        let key = entry.key.to_string();
        let is_known = SET_KEYS.contains(&key.as_str());
        let is_path = matches!(entry.value, Expr::Path(_));
        if !is_known {
            mistakes.at(
                &entry.key,
                format!(
                    "unknown key `{key}`: the keys of a call set are `requests`, `duration`, `errors` and `active`"
                ),
            );
        } else if !is_path {
            mistakes.at(&entry.value, format!("write the path of a metric: `{key}: path::METRIC`"));
        }
        let is_new = keys.insert(key.clone(), ()).is_none();
        if is_known && !is_new {
            mistakes.at(&entry.key, format!("`{key}` is set twice: remove one"));
        }
        let is_right = is_known && is_path && is_new;
        wrong += usize::from(!is_right);
        is_right
    });
    if metrics.is_empty() && wrong == 0 {
        mistakes.at(kind, "a call set needs at least one metric: `{ requests: …, duration: …, errors: …, active: … }`");
    }
}

/// The exported name of a label.
pub(super) fn label_name(label: &Label) -> String {
    let given = label
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("label"))
        .find_map(|attr| attr.parse_args::<LitStr>().ok());
    given.map_or_else(|| label.field.unraw().to_string(), |given| given.value())
}

/// The lines of the doc comment, which may also be expressions of macros.
pub(super) fn docs(attrs: &[Attribute]) -> impl Iterator<Item = &Expr> {
    attrs.iter().filter_map(|attr| match &attr.meta {
        syn::Meta::NameValue(doc) if doc.path.is_ident("doc") => Some(&doc.value),
        _ => None,
    })
}

/// Whether this may be a string constant. An identifier with lower-case letters is a string without quotation marks.
fn may_be_text(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(literal) => matches!(literal.lit, Lit::Str(_)),
        Expr::Path(path) => {
            path.path.get_ident().is_none_or(|word| !word.to_string().contains(|c: char| c.is_lowercase()))
        }
        _ => true,
    }
}
