//! The types of scalars.

use saphyr_parser::Tag;

use super::Value;

/// A tag for a message. A tag that YAML does not define may be a secret that begins with `!`, so it is not shown.
pub(super) fn tag_text(tag: &Tag) -> String {
    const OF_YAML: [&str; 12] =
        ["binary", "bool", "float", "int", "map", "merge", "null", "omap", "seq", "set", "str", "timestamp"];
    match core(tag).filter(|name| OF_YAML.contains(name)) {
        Some(name) => format!("the tag !!{name}"),
        None => "a custom tag; a text that begins with `!` needs quotes".to_owned(),
    }
}

/// The name of a tag of YAML itself: `str` for `!!str` and for `!<tag:yaml.org,2002:str>`.
pub(super) fn core(tag: &Tag) -> Option<&str> {
    match tag.handle.as_str() {
        "" => tag.suffix.strip_prefix("tag:yaml.org,2002:"),
        _ => tag.is_yaml_core_schema().then_some(tag.suffix.as_str()),
    }
}

/// The value of a scalar with a tag, if they fit.
pub(super) fn tagged(tag: &Tag, text: &str) -> Option<Value> {
    let Some(name) = core(tag) else {
        // `!` alone means that the scalar is a text.
        return (tag.handle.is_empty() && tag.suffix == "!").then(|| Value::Text(text.to_owned()));
    };
    match (name, resolve(text)) {
        ("str", _) => Some(Value::Text(text.to_owned())),
        ("null", value @ Value::Null) | ("bool", value @ Value::Bool(_)) => Some(value),
        ("int", value @ Value::Int(_)) | ("float", value @ Value::Float(_)) => Some(value),
        ("float", Value::Int(value)) => Some(Value::Float(value as f64)),
        _ => None,
    }
}

/// The value of a plain scalar in the core schema of YAML 1.2.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Value::Float(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        let digits = text.strip_prefix(prefix).filter(|digits| digits.bytes().all(|b| b.is_ascii_alphanumeric()));
        if let Some(number) = digits.and_then(|digits| i64::from_str_radix(digits, radix).ok()) {
            return Value::Int(number);
        }
    }
    if !unsigned.is_empty()
        && unsigned.bytes().all(|b| b.is_ascii_digit())
        && let Ok(number) = text.parse()
    {
        return Value::Int(number);
    }
    if is_decimal(unsigned)
        && let Ok(number) = text.parse()
    {
        return Value::Float(number);
    }
    Value::Text(text.to_owned())
}

/// `[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?` or `\.[0-9]+([eE][-+]?[0-9]+)?`.
fn is_decimal(text: &str) -> bool {
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    has_digits
        && is_digits(whole)
        && is_digits(fraction)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && is_digits(exponent))
}
