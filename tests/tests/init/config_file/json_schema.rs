//! The table of the reader against the JSON schema of OpenTelemetry, key by key.

use std::collections::HashSet;

use phoenix_otel_tests::tools::node;
use serde_json::{Value, json};

use super::schema::{CONFIGURATION, Key, Kind, Others, Shape};

/// Keys that only our table has: it follows version 1.2 of the schema, and the package has version 1.1.
pub(super) const NEWER: [&str; 4] =
    ["max_request_size", "max_response_size", "always_record", "attribute_value_depth_limit"];

fn schema() -> Value {
    let output = node("configuration.cjs").arg("schema").output().expect("Node.js runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the schema is JSON")
}

struct Comparison<'s> {
    root: &'s Value,
    seen: HashSet<(*const Shape, String)>,
    compared: usize,
    differences: Vec<String>,
}

impl<'s> Comparison<'s> {
    /// The schema that a reference names, with its name.
    fn follow(&self, schema: &'s Value) -> (&'s Value, String) {
        match schema["$ref"].as_str() {
            Some(path) => (self.root.pointer(&path[1..]).expect("the reference has a target"), path.to_owned()),
            None => (schema, schema.to_string()),
        }
    }

    fn expect(&mut self, path: &str, what: &str, ours: impl Into<Value>, theirs: impl Into<Value>) {
        let (ours, theirs) = (ours.into(), theirs.into());
        self.compared += 1;
        if ours != theirs {
            self.differences.push(format!("{path}: {what}: {ours} and {theirs} in the schema"));
        }
    }

    fn map(&mut self, path: &str, shape: &'static Shape, schema: &'s Value) {
        let (schema, name) = self.follow(schema);
        if !self.seen.insert((shape, name)) {
            return;
        }
        let others = match shape.others {
            Others::Refused => json!([false, null, null]),
            // The root may have any key. The others belong to components and languages.
            Others::Allowed if path.is_empty() => json!([true, null, null]),
            Others::Allowed => json!([{"type": "object"}, schema["minProperties"], null]),
            Others::One => json!([false, 1, 1]),
            Others::OneOfAnyName => json!([{"type": ["object", "null"]}, 1, 1]),
        };
        let theirs = json!([schema["additionalProperties"], schema["minProperties"], schema["maxProperties"]]);
        self.expect(path, "other keys", others, theirs);
        let properties = &schema["properties"];
        let names = properties.as_object().into_iter().flat_map(|properties| properties.keys());
        for name in names.filter(|name| shape.key(name).is_none()) {
            self.differences.push(format!("{path}.{name} is missing in our table"));
        }
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for key in shape.keys {
            let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
            match properties.get(key.name) {
                Some(property) => {
                    self.expect(&path, "required", key.is_required, required.contains(&key.name));
                    self.key(&path, key, property);
                }
                None if NEWER.contains(&key.name) => {}
                None => self.differences.push(format!("{path} is not in the schema")),
            }
        }
    }

    fn key(&mut self, path: &str, key: &'static Key, schema: &'s Value) {
        let (target, _) = self.follow(schema);
        let types = types(target);
        self.expect(path, "nullable", key.is_nullable, types.contains(&"null"));
        self.kind(path, key.kind, schema);
    }

    fn kind(&mut self, path: &str, kind: Kind, schema: &'s Value) {
        let (target, _) = self.follow(schema);
        let of_type: Vec<&str> = types(target).into_iter().filter(|one| *one != "null").collect();
        let expected: &[&str] = match kind {
            Kind::Text | Kind::Words(_) => &["string"],
            Kind::Bool => &["boolean"],
            Kind::Int(..) => &["integer"],
            Kind::Number(..) => &["number"],
            Kind::AttributeValue => &["array", "boolean", "number", "string"],
            Kind::List(..) => &["array"],
            Kind::Map(_) => &["object"],
        };
        self.expect(path, "type", json!(expected), json!(of_type));
        match kind {
            Kind::Int(least, most) => {
                let minimum = target["minimum"].as_i64().or(target["exclusiveMinimum"].as_i64().map(|least| least + 1));
                self.expect(path, "minimum", json!((least > i64::MIN).then_some(least)), json!(minimum));
                self.expect(path, "maximum", json!((most < i64::MAX).then_some(most)), target["maximum"].clone());
            }
            Kind::Number(least, most) => {
                self.expect(
                    path,
                    "minimum",
                    json!(least.is_finite().then_some(least)),
                    json!(target["minimum"].as_f64()),
                );
                self.expect(
                    path,
                    "maximum",
                    json!(most.is_finite().then_some(most)),
                    json!(target["maximum"].as_f64()),
                );
            }
            Kind::Words(words) => {
                let mut ours = words.to_vec();
                let theirs = target["enum"].as_array().into_iter().flatten();
                let mut theirs: Vec<&str> = theirs.filter_map(Value::as_str).collect();
                ours.sort_unstable();
                theirs.sort_unstable();
                self.expect(path, "words", json!(ours), json!(theirs));
            }
            Kind::List(item, least) => {
                self.expect(path, "minimum length", least, target["minItems"].as_u64().unwrap_or(0));
                self.kind(&format!("{path}[]"), *item, &target["items"]);
            }
            Kind::Map(shape) => self.map(path, shape, schema),
            Kind::Text | Kind::Bool | Kind::AttributeValue => {}
        }
    }
}

/// The types of a value, sorted.
fn types(schema: &Value) -> Vec<&str> {
    let alternatives = schema["oneOf"].as_array().map_or_else(|| vec![schema], |all| all.iter().collect());
    let listed = alternatives.into_iter().flat_map(|one| match &one["type"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect::<Vec<_>>(),
    });
    let mut types: Vec<&str> = listed.collect();
    types.sort_unstable();
    types.dedup();
    types
}

/// Each key has the type, the range, the words, and the required and nullable marks of the schema, and none is missing.
#[test]
fn the_table_is_the_schema() {
    let schema = schema();
    let mut comparison = Comparison { root: &schema, seen: HashSet::new(), compared: 0, differences: Vec::new() };
    comparison.map("", &CONFIGURATION, &schema);
    assert_eq!(comparison.differences, Vec::<String>::new());
    assert!(comparison.compared > 800, "{} comparisons", comparison.compared);
}
