//! References to environment variables in scalars: `${NAME}`, `${env:NAME}`, `${NAME:-default}`, and `$$` for `$` (OpenTelemetry
//! specification, "Declarative configuration data model", "Environment variable substitution").
//!
//! A value that replaces a reference is not searched for references again, and cannot add lists or mappings.

use std::borrow::Cow;
use std::ffi::OsString;

use super::yaml::MAX_TEXT;

/// Returns the value of a variable. `None` if it is unset.
pub(crate) type Variables<'v> = &'v dyn Fn(&str) -> Option<OsString>;

/// What is wrong with a text.
type Wrong = Cow<'static, str>;

/// What is wrong with a reference. The reference itself is not shown: it may be a part of a secret that contains `${`.
const INVALID: &str = "an invalid reference to a variable; allowed: a reference such as ${NAME}, ${env:NAME} or ${NAME:-default}; $$ is a dollar sign";
const TOO_LONG: &str = "a text that is too long with the values of its variables";

/// Replaces all references. `None` if the text has neither references nor `$$`.
///
/// # Errors
///
/// What is wrong, if a reference is invalid, the value of a variable is not UTF-8, or the text becomes too long.
pub(crate) fn substitute(text: &str, variables: Variables<'_>) -> Result<Option<String>, Wrong> {
    if !text.contains("$$") && !text.contains("${") {
        return Ok(None);
    }
    let mut replaced = String::with_capacity(text.len());
    // No reference reaches over a `$$`.
    for (index, part) in text.split("$$").enumerate() {
        if index > 0 {
            replaced.push('$');
        }
        replace_references(part, variables, &mut replaced)?;
    }
    Ok(Some(replaced))
}

/// Replaces the references of a text without `$$`.
fn replace_references(text: &str, variables: Variables<'_>, replaced: &mut String) -> Result<(), Wrong> {
    let mut rest = text;
    // `${}` and `${` without an end are not references. Without an end, the rest of the text has none either: it is not searched again.
    while let Some((before, after)) = rest.split_once("${") {
        replaced.push_str(before);
        match after.split_once('}') {
            None => {
                replaced.push_str("${");
                rest = after;
                break;
            }
            Some((inner, after)) if !inner.is_empty() => {
                replaced.push_str(&value(inner, variables)?);
                if replaced.len() > MAX_TEXT {
                    return Err(TOO_LONG.into());
                }
                rest = after;
            }
            _ => {
                replaced.push_str("${");
                rest = after;
            }
        }
    }
    replaced.push_str(rest);
    Ok(())
}

/// The value that replaces `${inner}`.
fn value(inner: &str, variables: Variables<'_>) -> Result<String, Wrong> {
    let reference = inner.strip_prefix("env:").unwrap_or(inner);
    let end = reference.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(reference.len());
    let (name, default) = reference.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(INVALID.into());
    }
    let default = match default.strip_prefix(":-") {
        Some(default) if !default.contains('\n') => default,
        None if default.is_empty() => default,
        _ => return Err(INVALID.into()),
    };
    match variables(name).map(OsString::into_string) {
        // The value may be a secret, and it is not readable anyway.
        Some(Err(_)) => Err(format!("the value of the variable {name} is not text in UTF-8").into()),
        Some(Ok(value)) if !value.is_empty() => Ok(value),
        _ => Ok(default.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::yaml::{Value, parse};

    /// The variables of the specification's table.
    fn variables(name: &str) -> Option<OsString> {
        let value = match name {
            "STRING_VALUE" => "value",
            "BOOL_VALUE" => "true",
            "INT_VALUE" => "1",
            "FLOAT_VALUE" => "1.1",
            "HEX_VALUE" => "0xdeadbeef",
            "INVALID_MAP_VALUE" => "value\nkey:value",
            "DO_NOT_REPLACE_ME" => "Never use this value",
            "REPLACE_ME" => "${DO_NOT_REPLACE_ME}",
            "VALUE_WITH_ESCAPE" => "value$$",
            "EMPTY_VALUE" => "",
            _ => return None,
        };
        Some(value.into())
    }

    fn read(yaml: &str) -> Value {
        let root = parse(yaml, Some(&variables)).unwrap_or_else(|faults| panic!("{yaml}: {faults:?}"));
        root.get("key").expect("the key").value.clone()
    }

    /// The table "Environment variable substitution" of the specification, row by row.
    #[test]
    fn the_table_of_the_specification() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (yaml, expected) in [
            ("key: ${STRING_VALUE}", text("value")),
            ("key: ${BOOL_VALUE}", Value::Bool(true)),
            ("key: ${INT_VALUE}", Value::Int(1)),
            ("key: ${FLOAT_VALUE}", Value::Float(1.1)),
            ("key: ${HEX_VALUE}", Value::Int(3_735_928_559)),
            ("key: \"${STRING_VALUE}\"", text("value")),
            ("key: \"${BOOL_VALUE}\"", text("true")),
            ("key: \"${INT_VALUE}\"", text("1")),
            ("key: \"${FLOAT_VALUE}\"", text("1.1")),
            ("key: \"${HEX_VALUE}\"", text("0xdeadbeef")),
            ("key: ${env:STRING_VALUE}", text("value")),
            ("key: ${INVALID_MAP_VALUE}", text("value\nkey:value")),
            ("key: foo ${STRING_VALUE} ${FLOAT_VALUE}", text("foo value 1.1")),
            ("key: ${UNDEFINED_KEY}", Value::Null),
            ("key: ${UNDEFINED_KEY:-fallback}", text("fallback")),
            ("${STRING_VALUE}: value\nkey: x", text("x")),
            ("key: ${REPLACE_ME}", text("${DO_NOT_REPLACE_ME}")),
            ("key: ${UNDEFINED_KEY:-${STRING_VALUE}}", text("${STRING_VALUE}")),
            ("key: ${STRING_VALUE:-fallback}", text("value")),
            ("key: ${EMPTY_VALUE:-fallback}", text("fallback")),
            ("key: $${STRING_VALUE}", text("${STRING_VALUE}")),
            ("key: $$${STRING_VALUE}", text("$value")),
            ("key: $$$${STRING_VALUE}", text("$${STRING_VALUE}")),
            ("key: $${STRING_VALUE:-fallback}", text("${STRING_VALUE:-fallback}")),
            ("key: $${STRING_VALUE:-${STRING_VALUE}}", text("${STRING_VALUE:-value}")),
            ("key: ${UNDEFINED_KEY:-$${UNDEFINED_KEY}}", text("${UNDEFINED_KEY:-${UNDEFINED_KEY}}")),
            ("key: ${VALUE_WITH_ESCAPE}", text("value$$")),
            ("key: a $$ b", text("a $ b")),
            ("key: a $ b", text("a $ b")),
        ] {
            assert!(read(yaml) == expected, "{yaml}");
        }
        // The tag decides the type, as for any scalar.
        assert!(read("key: !!str ${INT_VALUE}") == text("1"));
        // Keys are not replaced.
        let root = parse("${STRING_VALUE}: value", Some(&variables)).expect("valid");
        assert_eq!(root.entries()[0].key, "${STRING_VALUE}");
    }

    #[test]
    fn invalid_references_are_errors_with_their_place() {
        for yaml in [
            "key: ${1_VAR}",
            "key: ${VAR?error}",
            "key: ${STRING_VALUE:?error}",
            "key: ${API_$KEY}",
            "key: ${env:}",
            "key: ${sys:user}",
            "key: ${ }",
        ] {
            let faults = parse(yaml, Some(&variables)).expect_err(yaml);
            assert_eq!((faults[0].read.as_deref(), &*faults[0].allowed), (None, super::INVALID));
            assert_eq!((faults.len(), faults[0].position.to_string()), (1, "1:6".to_owned()), "{yaml}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_utf8_is_an_error_that_names_its_variable() {
        use std::os::unix::ffi::OsStringExt as _;

        let latin1 = |name: &str| (name == "CITY").then(|| OsString::from_vec(b"M\xfcnchen".to_vec()));
        for yaml in ["key: ${CITY}", "key: 'in ${env:CITY:-Rome}'", "key: [x]\nother: ${CITY}"] {
            let faults = parse(yaml, Some(&latin1)).expect_err(yaml);
            assert_eq!(faults.len(), 1, "{yaml}");
            let expected = (None, "the value of the variable CITY is not text in UTF-8");
            assert_eq!((faults[0].read.as_deref(), &*faults[0].allowed), expected, "{yaml}");
        }
        // It is not referred to.
        assert!(parse("key: $${CITY} ${TOWN}", Some(&latin1)).is_ok());
    }

    #[test]
    fn variables_cannot_fill_the_memory() {
        let long = |_: &str| Some("x".repeat(1 << 20).into());
        for yaml in [format!("key: {}", "${A}".repeat(100_000)), format!("key: [{}]", "'${A}', ".repeat(50_000))] {
            let faults = parse(&yaml, Some(&long)).expect_err("too long");
            assert!(
                faults[0].allowed.contains("with the values of its variables")
                    || faults[0].allowed.contains("bytes, including those of")
            );
        }
    }

    #[test]
    fn incomplete_references_are_text() {
        for yaml in ["key: a${", "key: ${VAR", "key: ${}", "key: a${}b${", "key: ${}${${a"] {
            assert!(read(yaml) == Value::Text(yaml["key: ".len()..].to_owned()), "{yaml}");
        }
        // The end is searched for once, not for each beginning: that would take hours.
        let text = "${".repeat(super::MAX_TEXT / 2);
        assert!(super::substitute(&text, &variables) == Ok(Some(text.clone())));
    }
}
