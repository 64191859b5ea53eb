//! Trees, their places, and the limits.

use proptest::prelude::*;

use super::*;

fn faults(text: &str) -> Vec<String> {
    let faults = parse(text, None).expect_err("it is invalid");
    let text =
        |fault: &Fault| format!("{} {}: {}", fault.position, fault.read.as_deref().unwrap_or("-"), fault.allowed);
    faults.iter().map(text).collect()
}

fn value(text: &str) -> Value {
    parse(text, None).unwrap_or_else(|faults| panic!("{text}: {faults:?}")).value
}

/// The value with its scalars, since `Debug` does not show them.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("{value}"),
        Value::Int(value) => format!("{value}"),
        Value::Float(value) => format!("{value:?}"),
        Value::Text(value) => format!("{value:?}"),
        Value::List(items) => {
            format!("[{}]", items.iter().map(|item| shown(&item.value)).collect::<Vec<_>>().join(", "))
        }
        Value::Map(entries) => {
            let entry = |entry: &Entry| format!("{}: {}", entry.key, shown(&entry.node.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn plain_scalars_have_the_types_of_the_core_schema() {
    for (text, expected) in [
        ("", "null"),
        ("~", "null"),
        ("Null", "null"),
        ("TRUE", "true"),
        ("yes", "\"yes\""),
        ("0o17", "15"),
        ("0x1F", "31"),
        ("-12", "-12"),
        ("+12", "12"),
        ("012", "12"),
        ("1_000", "\"1_000\""),
        ("1.5", "1.5"),
        (".5e1", "5.0"),
        ("1.", "1.0"),
        ("-.inf", "-inf"),
        (".nan", "NaN"),
        ("1e", "\"1e\""),
        (".", "\".\""),
        ("-", "[null]"),
        ("inf", "\"inf\""),
        ("0x", "\"0x\""),
        ("0x-1", "\"0x-1\""),
        ("99999999999999999999", "1e20"),
        ("'12'", "\"12\""),
        ("\"true\"", "\"true\""),
        ("!!str 12", "\"12\""),
        ("!!float 12", "12.0"),
        ("|-\n  12", "\"12\""),
    ] {
        assert_eq!(shown(&value(text)), expected, "{text}");
    }
}

#[test]
fn nodes_know_their_place() {
    let root = parse("a:\n  - b: 1\n    c: [x, {d: y}]\n", None).expect("valid");
    let list = root.get("a").expect("a");
    assert_eq!(list.position, Position { line: 2, column: 3 });
    let first = &list.items()[0];
    assert_eq!(first.entries()[1].position, Position { line: 3, column: 5 });
    assert_eq!(first.get("c").expect("c").items()[1].position, Position { line: 3, column: 12 });
}

#[test]
fn aliases_are_copies() {
    assert_eq!(shown(&value("a: &x [1, 2]\nb: *x\nc: *x")), "{a: [1, 2], b: [1, 2], c: [1, 2]}");
}

#[test]
fn invalid_files_are_reported_with_their_place() {
    assert_eq!(
        faults("a: 1\nb: 2\na: 3\nb: 4"),
        ["3:1 a: each key only once in a mapping", "4:1 b: each key only once in a mapping"]
    );
    assert!(faults("a: [1\n").len() == 1 && faults("a: [1\n")[0].contains("invalid YAML: "));
    assert!(faults("a: 1\n&x ")[0].starts_with("2:4 "), "{:?}", faults("a: 1\n&x "));
    assert_eq!(faults("a\n---\nb"), ["2:1 a second document: one document"]);
    assert_eq!(faults("? [a]\n: b"), ["1:3 a list or a mapping as a key: a string as a key"]);
    assert_eq!(
        faults("a: !secret b"),
        ["1:4 a custom tag; a text that begins with `!` needs quotes: no tag, or a tag of YAML that fits the value"]
    );
    assert_eq!(faults("a: !!int b"), ["1:4 the tag !!int: no tag, or a tag of YAML that fits the value"]);
    assert_eq!(faults("a: &x [*x]"), ["1:8 an alias within the node that it refers to: an alias of another node"]);
    assert!(faults(&"[".repeat(100))[0].contains("at most 64 levels"));
    assert!(faults(&" ".repeat(MAX_BYTES + 1))[0].contains("more than 1048576 bytes"));
}

#[test]
fn aliases_cannot_multiply_without_bounds() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, former) in ["b", "c", "d", "e", "f", "g"].iter().zip(["a", "b", "c", "d", "e", "f"]) {
        text.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{former}"); 10].join(", ")));
    }
    assert!(faults(&text)[0].contains("too many nodes"), "{:?}", faults(&text));
    let mut text = "a0: &a0 [x]\n".to_owned();
    (1..70).for_each(|n| text.push_str(&format!("a{n}: &a{n} [*a{}]\n", n - 1)));
    assert!(faults(&text)[0].contains("at most 64 levels"), "{:?}", faults(&text));
    // Few nodes with much text: without a limit of the text, this would be 30 GB.
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(700_000), "*a, ".repeat(50_000));
    assert!(faults(&text)[0].contains("too much text"), "{:?}", faults(&text));
    let text = format!("a: &a {{{}: x}}\nb: [{}]\n", "x".repeat(900), "*a, ".repeat(50_000));
    assert!(faults(&text)[0].contains("too much text"), "{:?}", faults(&text));
}

/// A copy of each node with an anchor is kept.
#[test]
fn anchors_cannot_multiply_without_bounds() {
    let nested = |items: &str| {
        let anchors: String = (0..60).map(|n| format!("&a{n} [")).collect();
        format!("{anchors}{items}{}", "]".repeat(60))
    };
    let (many, long) = (nested(&"x, ".repeat(2_000)), nested(&"x".repeat(300_000)));
    assert!(faults(&many)[0].contains("too many nodes"), "{:?}", faults(&many));
    assert!(faults(&long)[0].contains("too much text"), "{:?}", faults(&long));
    assert!(parse(&nested("x"), None).is_ok());
}

proptest! {
    #[test]
    fn no_text_panics(text in "[ -~\\n]{0,200}") {
        _ = parse(&text, None);
    }

    #[test]
    fn no_structure_panics(text in "([\\[\\]{}:,&*!|>'\"#?a1 -]|\\n){0,120}") {
        _ = parse(&text, None);
    }
}
