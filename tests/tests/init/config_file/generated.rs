//! Files for each key of the schema: the smallest valid file around it, with valid and with invalid values.

use std::collections::HashSet;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::schema::{CONFIGURATION, Key, Kind, Others, Shape};

/// A key at one place of the schema. A mapping is entered at the first place, and again if that is a place that this crate does not support.
pub(super) struct Site {
    /// As messages have it.
    pub(super) path: String,
    pub(super) key: &'static Key,
    /// The smallest valid file that can have the key, without it. `None` if the key is required.
    pub(super) without: Option<Value>,
    /// A file for each valid value.
    pub(super) valid: Vec<Value>,
    /// A file for each fault, with what is wrong.
    pub(super) invalid: Vec<(String, Value)>,
}

/// All keys, also those that this crate does not support.
pub(super) fn sites() -> Vec<Site> {
    let mut sites = Vec::new();
    visit(&CONFIGURATION, "", &|value| value, false, &mut HashSet::new(), &mut sites);
    sites
}

type Wrap<'w> = &'w dyn Fn(Value) -> Value;

fn visit(
    shape: &'static Shape,
    path: &str,
    wrap: Wrap<'_>,
    is_unsupported: bool,
    seen: &mut HashSet<(*const Shape, bool)>,
    sites: &mut Vec<Site>,
) {
    let is_new = seen.insert((shape, is_unsupported));
    if !is_new || (is_unsupported && seen.contains(&(std::ptr::from_ref(shape), false))) {
        return;
    }
    for key in shape.keys {
        let is_unsupported = is_unsupported || key.unsupported.is_some();
        let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
        let set = |value: Value| wrap(with(shape, key, value));
        sites.push(Site {
            path: path.clone(),
            key,
            without: without(shape, key).map(wrap),
            valid: valid(key).into_iter().map(set).collect(),
            invalid: invalid(key).into_iter().map(|(what, value)| (what, set(value))).collect(),
        });
        match key.kind {
            Kind::Map(inner) => {
                if inner.others == Others::One || inner.others == Others::OneOfAnyName {
                    let (two, none) = (json!({"acme": null, "other": null}), json!({}));
                    let site = sites.last_mut().expect("it was added");
                    site.invalid.extend([("two keys".to_owned(), set(two)), ("no key".to_owned(), set(none))]);
                }
                visit(inner, &path, &set, is_unsupported, seen, sites);
            }
            Kind::List(Kind::Map(inner), _) => {
                visit(inner, &format!("{path}[0]"), &|item| set(json!([item])), is_unsupported, seen, sites);
            }
            _ => {}
        }
        refuses_others(key, &path, &set, sites);
    }
}

/// Adds a key that no schema has, and leaves out each required one.
fn refuses_others(key: &'static Key, path: &str, set: Wrap<'_>, sites: &mut [Site]) {
    let (shape, in_list) = match key.kind {
        Kind::Map(shape) => (shape, false),
        Kind::List(Kind::Map(shape), _) => (*shape, true),
        _ => return,
    };
    let set = |map: Value| if in_list { set(json!([map])) } else { set(map) };
    let site = sites.iter_mut().find(|site| site.path == path).expect("it was added");
    if shape.others == Others::Refused {
        let mut map = minimal(shape);
        map["no_key_of_the_schema"] = json!(1);
        site.invalid.push(("an unknown key".to_owned(), set(map)));
    }
    for required in shape.keys.iter().filter(|key| key.is_required) {
        let mut map = minimal(shape);
        map.as_object_mut().expect("a mapping").remove(required.name);
        site.invalid.push((format!("no {}", required.name), set(map)));
    }
}

/// The smallest valid mapping with this key.
fn with(shape: &'static Shape, key: &'static Key, value: Value) -> Value {
    let mut map = match shape.others {
        Others::One | Others::OneOfAnyName => json!({}),
        _ => minimal(shape),
    };
    // A certificate needs its key.
    for (one, other) in [("cert_file", "key_file"), ("key_file", "cert_file")] {
        if key.name == one {
            map[other] = json!(pem(other));
        }
    }
    if key.name == "type" {
        map["value"] = match value.as_str().unwrap_or_default() {
            "bool" => json!(true),
            "int" => json!(3),
            "double" => json!(1.5),
            "string_array" => json!(["a"]),
            "bool_array" => json!([true]),
            "int_array" => json!([3]),
            "double_array" => json!([1.5]),
            _ => json!("a"),
        };
    }
    map[key.name] = value;
    map
}

/// The smallest valid mapping without this key.
fn without(shape: &'static Shape, key: &'static Key) -> Option<Value> {
    match shape.others {
        Others::One | Others::OneOfAnyName => {
            let other = shape.keys.iter().find(|other| other.name != key.name)?;
            Some(with(shape, other, valid(other).remove(0)))
        }
        _ if key.is_required => None,
        _ => Some(minimal(shape)),
    }
}

/// The smallest valid mapping.
fn minimal(shape: &'static Shape) -> Value {
    let one = matches!(shape.others, Others::One | Others::OneOfAnyName);
    let keys = shape.keys.iter().filter(|key| key.is_required);
    let keys = keys.chain(shape.keys.iter().take(usize::from(one)));
    Value::Object(keys.map(|key| (key.name.to_owned(), valid(key).remove(0))).collect::<Map<_, _>>())
}

/// Valid values of a key. The first one is not the default.
fn valid(key: &'static Key) -> Vec<Value> {
    let mut values = of_kind(key.name, key.kind);
    if key.is_nullable {
        values.push(Value::Null);
    }
    values
}

fn of_kind(name: &str, kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Text => text(name).iter().map(|text| json!(text)).collect(),
        Kind::Bool => vec![json!(true), json!(false)],
        Kind::Int(i64::MIN, _) => vec![json!(9000), json!(1)],
        Kind::Int(least, i64::MAX) => vec![json!(least.max(0) + 7), json!(least.max(1)), json!(least)],
        Kind::Int(least, most) => vec![json!(least + 1), json!(least), json!(most)],
        Kind::Number(least, _) if least.is_infinite() => vec![json!(0.5), json!(3)],
        Kind::Number(least, most) => vec![json!(least + (most - least) / 4.0), json!(least), json!(most)],
        Kind::Words(words) => words.iter().map(|word| json!(word)).collect(),
        Kind::AttributeValue => vec![json!("a"), json!("b")],
        Kind::List(item, least) => {
            let items = of_kind(name, *item);
            let mut lists = vec![json!([items[0]])];
            lists.extend((least == 0).then(|| json!([])));
            lists
        }
        Kind::Map(shape) => {
            let mut maps = vec![minimal(shape)];
            if matches!(shape.others, Others::OneOfAnyName) && shape.keys.is_empty() {
                maps.push(json!({"acme": {}}));
            }
            maps
        }
    }
}

fn text(name: &str) -> Vec<String> {
    let texts: &[&str] = match name {
        "file_format" => &["1.1", "1.0", "1.0-rc.2"],
        "endpoint" => &["http://127.0.0.1:4317", "http://127.0.0.1:4318"],
        "compression" => &["gzip", "none"],
        "output_stream" => &["file:///tmp/metrics.jsonl", "stdout"],
        "headers_list" | "attributes_list" => &["a=1,b=2", "c=%33"],
        "composite_list" => &["baggage", "tracecontext,baggage"],
        "host" => &["127.0.0.1", "localhost"],
        "ca_file" | "cert_file" | "key_file" => return vec![pem(name), pem(name)],
        _ => &["a", "b"],
    };
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The path of a file with a certificate or a key.
fn pem(name: &str) -> String {
    static FILES: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FILES.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        for (name, text) in [
            ("ca_file", pair.cert.pem()),
            ("cert_file", pair.cert.pem()),
            ("key_file", pair.signing_key.serialize_pem()),
        ] {
            std::fs::write(folder.path().join(name), text).expect("it is written");
        }
        folder
    });
    folder.path().join(name).to_str().expect("a UTF-8 path").to_owned()
}

/// Invalid values of a key, with what is wrong.
fn invalid(key: &'static Key) -> Vec<(String, Value)> {
    let mut values = match key.kind {
        Kind::Text => vec![json!(1), json!(true), json!(["a"]), json!({"a": 1})],
        Kind::Bool => vec![json!("true"), json!(1), json!([true])],
        Kind::Int(least, most) => {
            let mut values = vec![json!("7"), json!(1.5), json!(true), json!([7])];
            values.extend((least > i64::MIN).then(|| json!(least - 1)));
            values.extend((most < i64::MAX).then(|| json!(most + 1)));
            values
        }
        Kind::Number(least, most) => {
            let mut values = vec![json!("0.5"), json!(true)];
            values.extend(least.is_finite().then(|| json!(least - 0.25)));
            values.extend(most.is_finite().then(|| json!(most + 0.25)));
            values
        }
        Kind::Words(words) => vec![json!("no word"), json!(words[0].to_uppercase()), json!(1)],
        Kind::AttributeValue => vec![json!({"a": 1}), json!([]), json!([1, "a"]), json!([null])],
        Kind::List(_, least) => {
            let mut values = vec![json!("a"), json!({"a": 1}), json!([{"b": []}]), json!([null])];
            values.extend((least > 0).then(|| json!([])));
            values
        }
        Kind::Map(_) => vec![json!("a"), json!(1), json!([])],
    };
    if !key.is_nullable {
        values.push(Value::Null);
    }
    values.into_iter().map(|value| (value.to_string(), value)).collect()
}
