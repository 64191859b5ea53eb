//! The values of a mapping of another crate, for the effective configuration.

use super::node::ConfigNode;
use super::yaml::{Entry, Node, Value};
use crate::config::effective::{EffectiveValue, MASK, Origin, Scalar, is_secret, join};
use crate::config::endpoint::Url;

impl ConfigNode {
    /// The values of this mapping, with their paths below `path`.
    ///
    /// Values of keys that are named like secrets are masked, and so are credentials and queries of URLs. A value that refers to environment
    /// variables is the reference.
    pub(crate) fn effective(&self, path: &str) -> Vec<EffectiveValue> {
        let mut values = Vec::new();
        if has_keys(&self.node) || !path.is_empty() {
            self.add(&mut values, &self.node, path.to_owned());
        }
        values
    }

    fn add(&self, values: &mut Vec<EffectiveValue>, node: &Node, path: String) {
        match &node.value {
            Value::Map(entries) if !entries.is_empty() => {
                for entry in entries {
                    let path = join(&path, &entry.key);
                    if is_masked(entry) {
                        values.push(EffectiveValue::new(path, MASK, self.origin(&entry.node)));
                    } else {
                        self.add(values, &entry.node, path);
                    }
                }
            }
            Value::List(items) if !items.is_empty() && items.iter().all(has_keys) => {
                for (index, item) in items.iter().enumerate() {
                    self.add(values, item, format!("{path}[{index}]"));
                }
            }
            _ => values.push(EffectiveValue::new(path, scalar(node), self.origin(node))),
        }
    }

    fn origin(&self, node: &Node) -> Origin {
        Origin::File(format!("{}:{}", self.file_name(), node.position))
    }
}

fn is_masked(entry: &Entry) -> bool {
    is_secret(&entry.key) && !entry.node.is_null()
}

fn has_keys(node: &Node) -> bool {
    matches!(&node.value, Value::Map(entries) if !entries.is_empty())
}

/// A value in one line.
fn scalar(node: &Node) -> Scalar {
    match (&node.value, &node.reference) {
        (Value::Text(_), Some(reference)) => Scalar::Reference { text: reference.to_string(), is_text: true },
        (_, Some(reference)) => Scalar::Reference { text: reference.to_string(), is_text: false },
        (Value::Null, None) => Scalar::Empty,
        (Value::Bool(value), None) => Scalar::Bool(*value),
        (Value::Int(value), None) => Scalar::Integer(*value),
        (Value::Float(value), None) => Scalar::Number(*value),
        (Value::Text(text), None) if text.contains("://") => Scalar::Text(Url::new(text).to_string()),
        (Value::Text(text), None) => Scalar::Text(text.clone()),
        (Value::List(items), None) => Scalar::List(items.iter().map(scalar).collect()),
        (Value::Map(entries), None) => {
            let value = |entry: &Entry| if is_masked(entry) { MASK.into() } else { scalar(&entry.node) };
            Scalar::Map(entries.iter().map(|entry| (entry.key.clone(), value(entry))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::node::FileReading;
    use super::super::yaml::parse;
    use super::*;
    use crate::config::effective::EffectiveConfig;

    fn written(text: &str) -> String {
        let variables = |name: &str| (name == "URL").then(|| "https://user:hush@x".into());
        let node = parse(text, Some(&variables)).expect("valid YAML");
        let node = ConfigNode::new(node, "acme".to_owned(), FileReading::new("otel.yaml"));
        let mut config = EffectiveConfig::default();
        config.add_of_extensions(node.effective("distribution.acme"));
        config.to_string()
    }

    #[test]
    fn values_are_written_with_their_places() {
        let text = "a: x\nb: [1, true, 0.5, y z]\n\"c.d\": {e: 1, f: }\ng: [{h: 1}, {h: 2, i: [{}]}]\nj: {}\nk: []\n'l\"m[': n\n";
        let expected = concat!(
            "distribution:\n",
            "  acme:\n",
            "    a: x # otel.yaml:1:4\n",
            "    b: [1, true, 0.5, \"y z\"] # otel.yaml:2:4\n",
            "    \"c.d\":\n",
            "      e: 1 # otel.yaml:3:12\n",
            "      f: # otel.yaml:3:16\n",
            "    g:\n",
            "      - h: 1 # otel.yaml:4:9\n",
            "      - h: 2 # otel.yaml:4:17\n",
            "        i: [{}] # otel.yaml:4:23\n",
            "    j: {} # otel.yaml:5:4\n",
            "    k: [] # otel.yaml:6:4\n",
            "    \"l\\x22m[\": n # otel.yaml:7:9\n",
        );
        let written = written(text);
        assert_eq!(written, expected);
        // It is read as the same tree.
        let read = parse(&written, None).expect("valid YAML");
        let read = read.get("distribution").and_then(|node| node.get("acme")).expect("the mapping").clone();
        let own = ConfigNode::new(parse(text, None).expect("valid YAML"), String::new(), FileReading::new("otel.yaml"));
        assert_eq!(
            ConfigNode::new(read, String::new(), FileReading::new("otel.yaml")).fingerprint(),
            own.fingerprint()
        );
    }

    #[test]
    fn secrets_are_masked_and_references_kept() {
        let text = "token: hush\npassword: {a: hush}\nurl: https://user:hush@x/?key=hush\nreference: ${URL}\n\
                    list: [{}, {secret: hush}]\nnumber: ${NONE:-5}\n";
        let expected = concat!(
            "distribution:\n",
            "  acme:\n",
            "    token: \"***\" # otel.yaml:1:8\n",
            "    password: \"***\" # otel.yaml:2:11\n",
            "    url: \"https://***@x/?***\" # otel.yaml:3:6\n",
            "    reference: \"${URL}\" # otel.yaml:4:12\n",
            "    list: [{}, {\"secret\": \"***\"}] # otel.yaml:5:7\n",
            "    number: ${NONE:-5} # otel.yaml:6:9\n",
        );
        assert_eq!(written(text), expected);
    }
}
