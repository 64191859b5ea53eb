//! The labels of a point: renamed, sorted, merged with those of the resource, escaped.

use std::borrow::Cow;

use opentelemetry::{Array, InstrumentationScope, Key, KeyValue, Value};
use opentelemetry_sdk::Resource;

use crate::catalog::name::{SCOPE_PREFIX, is_label_name, is_reserved_of_scope};
use crate::export::scopes::Library;
use crate::view::{SCOPE, is_internal_attribute};

use super::number::{write_float, write_integer};
use super::text::{write_escaped, write_quoted};
use super::{Format, Names, wire};

/// The resource attributes that are labels of every sample, sorted by name.
const ON_EVERY_SAMPLE: [&str; 2] = ["service", "version"];

/// A label before it is written.
struct Label<'a> {
    name: Cow<'a, str>,
    /// The original key. If several keys become one name, their values are sorted by it.
    key: &'a str,
    text: Text<'a>,
}

/// The value of a label before it is written.
#[derive(Clone, Copy)]
pub(super) enum Text<'a> {
    Attribute(&'a Value),
    Str(&'a str),
}

impl Text<'_> {
    /// An empty value is the same as no label.
    fn is_empty(&self) -> bool {
        match self {
            Text::Attribute(Value::String(text)) => text.as_str().is_empty(),
            Text::Attribute(_) => false,
            Text::Str(text) => text.is_empty(),
        }
    }
}

/// How labels are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// As text. All names are classic ones.
    Classic,
    /// As text. Names that are not classic ones are quoted.
    Quoted,
    /// As the labels of a protobuf message.
    Protobuf,
}

impl Notation {
    pub(super) fn of(names: Names, format: Format) -> Self {
        match format {
            Format::Protobuf => Self::Protobuf,
            _ if names.may_be_utf8() => Self::Quoted,
            _ => Self::Classic,
        }
    }
}

/// The labels that a scope adds to its points: names, original keys, and values.
#[derive(Default)]
pub(super) struct ScopeLabels<'a>(Vec<(Cow<'a, str>, &'a str, Text<'a>)>);

impl<'a> ScopeLabels<'a> {
    /// Each attribute as `otel_scope_<attribute>`, as in OTLP. If `named`, also the name, version and schema URL of the scope.
    pub(super) fn of(scope: &'a InstrumentationScope, named: bool, names: Names) -> Self {
        // These attributes separate instruments of one metric. They are not labels.
        let is_internal_attribute = |key: &str| scope.name() == SCOPE && is_internal_attribute(key);
        let is_label = |key: &str| !is_reserved_of_scope(key) && !is_internal_attribute(key);
        let attributes = scope.attributes().filter(|attribute| is_label(attribute.key.as_str()));
        let attributes = attributes.filter(|attribute| !attribute.key.as_str().is_empty()).map(|attribute| {
            let key = attribute.key.as_str();
            let name = names.label(&format!("{SCOPE_PREFIX}{key}")).into_owned();
            (Cow::Owned(name), key, Text::Attribute(&attribute.value))
        });
        let own = Library::of(scope).labels().filter(|_| named);
        let own = own.map(|(name, value)| (Cow::Borrowed(name), name, Text::Str(value)));
        Self(attributes.chain(own).collect())
    }
}

/// Renders label sets, as `a="1",b="2"` without the braces, or as the labels of a protobuf message. Reused for each point.
pub(super) struct Labels<'a> {
    names: Names,
    notation: Notation,
    /// Names and rendered labels of the resource, sorted.
    resource: Vec<(&'static str, Vec<u8>)>,
    scratch: Vec<Label<'a>>,
    in_order: bool,
}

impl<'a> Labels<'a> {
    /// `resource` provides the labels `service` and `version`.
    pub(super) fn new(resource: &Resource, names: Names, format: Format) -> Self {
        let mut labels = Vec::new();
        let notation = Notation::of(names, format);
        for name in ON_EVERY_SAMPLE {
            let value = resource.get_ref(&Key::from_static_str(name));
            if let Some(text) = value.map(Text::Attribute).filter(|text| !text.is_empty()) {
                let mut rendered = Vec::new();
                write_label(&mut rendered, notation, name, [&text]);
                labels.push((name, rendered));
            }
        }
        Labels { names, notation, resource: labels, scratch: Vec::new(), in_order: true }
    }

    pub(super) fn begin(&mut self) {
        self.scratch.clear();
        self.in_order = true;
    }

    /// Adds an attribute. `reserved` is a name that the metric's type uses itself (`le`, `quantile`).
    pub(super) fn attribute(&mut self, attribute: &'a KeyValue, reserved: &str) {
        let key = attribute.key.as_str();
        self.push(self.names.label(key), key, Text::Attribute(&attribute.value), reserved);
    }

    /// Adds a resource attribute, for `target_info`.
    pub(super) fn pair(&mut self, key: &'a Key, value: &'a Value) {
        self.push(self.names.label(key.as_str()), key.as_str(), Text::Attribute(value), "");
    }

    /// Adds a label whose name is already valid.
    pub(super) fn label(&mut self, name: &'a str, value: &'a str, reserved: &str) {
        self.push(Cow::Borrowed(name), name, Text::Str(value), reserved);
    }

    /// Adds the labels of the point's scope, except those that the point already has.
    pub(super) fn scope(&mut self, scope: &ScopeLabels<'a>) {
        let own = self.scratch.len();
        for (name, key, text) in &scope.0 {
            if !self.scratch[..own].iter().any(|label| label.name == *name) {
                self.push(name.clone(), key, *text, "");
            }
        }
    }

    fn push(&mut self, mut name: Cow<'a, str>, key: &'a str, text: Text<'a>, reserved: &str) {
        if name.is_empty() || text.is_empty() {
            return;
        }
        if name == reserved {
            name = Cow::Owned(format!("exported_{name}"));
        }
        self.in_order &= self.scratch.last().is_none_or(|last| last.name < name);
        self.scratch.push(Label { name, key, text });
    }

    /// Writes the labels of the point, and those of the resource that the point does not have.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.sort();
        self.write(out, &self.resource);
    }

    /// Writes the labels of the point without those of the resource.
    pub(super) fn finish_without_resource(&mut self, out: &mut Vec<u8>) {
        self.sort();
        self.write(out, &[]);
    }

    /// Sorts the labels by name, so that equal label sets are equal bytes.
    fn sort(&mut self) {
        if !self.in_order {
            self.scratch.sort_by(|a, b| (&a.name, a.key).cmp(&(&b.name, b.key)));
            // If a key occurs twice, the first value is used, as in the SDK.
            self.scratch.dedup_by(|later, kept| later.name == kept.name && later.key == kept.key);
        }
    }

    fn write(&self, out: &mut Vec<u8>, resource: &[(&'static str, Vec<u8>)]) {
        let start = out.len();
        let mut resource = resource.iter().peekable();
        let mut labels = &self.scratch[..];
        while let Some(label) = labels.first() {
            while let Some((_, rendered)) = resource.next_if(|(name, _)| *name < &*label.name) {
                self.separate(out, start);
                out.extend_from_slice(rendered);
            }
            resource.next_if(|(name, _)| *name == label.name);
            self.separate(out, start);
            let same = labels.iter().take_while(|other| other.name == label.name).count();
            write_label(out, self.notation, &label.name, labels[..same].iter().map(|label| &label.text));
            labels = &labels[same..];
        }
        for (_, rendered) in resource {
            self.separate(out, start);
            out.extend_from_slice(rendered);
        }
    }

    fn separate(&self, out: &mut Vec<u8>, start: usize) {
        if self.notation != Notation::Protobuf && out.len() > start {
            out.push(b',');
        }
    }
}

/// Joins the values of keys that became one name with `;` (Prometheus compatibility, "Metric Attributes").
pub(super) fn write_label<'t, 'v: 't>(
    out: &mut Vec<u8>,
    notation: Notation,
    name: &str,
    texts: impl IntoIterator<Item = &'t Text<'v>>,
) {
    let value = |out: &mut Vec<u8>| {
        for (i, text) in texts.into_iter().enumerate() {
            if i > 0 {
                out.push(b';');
            }
            write_text(out, text, notation != Notation::Protobuf);
        }
    };
    if notation == Notation::Protobuf {
        // The messages `Metric` and `Exemplar` both have their labels in the field 1.
        wire::message(out, 1, |out| {
            wire::string(out, 1, name);
            wire::message(out, 2, value);
        });
        return;
    }
    if notation == Notation::Quoted && !is_label_name(name) {
        write_quoted(out, name);
    } else {
        out.extend_from_slice(name.as_bytes());
    }
    out.extend_from_slice(b"=\"");
    value(out);
    out.push(b'"');
}

fn write_text(out: &mut Vec<u8>, text: &Text<'_>, escape: bool) {
    let mut write = |text: &str| {
        if escape { write_escaped(out, text, true) } else { out.extend_from_slice(text.as_bytes()) }
    };
    match text {
        Text::Str(text) => write(text),
        Text::Attribute(Value::String(text)) => write(text.as_str()),
        Text::Attribute(Value::Array(array)) => write(&json(array)),
        Text::Attribute(Value::Bool(value)) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Text::Attribute(Value::I64(value)) => write_integer(out, *value),
        Text::Attribute(Value::F64(value)) => write_float(out, *value),
        Text::Attribute(other) => write(&other.to_string()),
    }
}

/// An array as JSON, as the specification converts it to a string ("Attribute Type Mapping").
fn json(array: &Array) -> String {
    fn join(items: impl Iterator<Item = String>) -> String {
        format!("[{}]", items.collect::<Vec<_>>().join(","))
    }
    match array {
        Array::Bool(items) => join(items.iter().map(ToString::to_string)),
        Array::I64(items) => join(items.iter().map(ToString::to_string)),
        Array::F64(items) => join(items.iter().map(|item| {
            let mut out = Vec::new();
            write_float(&mut out, *item);
            let text = String::from_utf8_lossy(&out).into_owned();
            if item.is_finite() { text } else { format!("\"{text}\"") }
        })),
        Array::String(items) => join(items.iter().map(|item| quoted(item.as_str()))),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() && c.is_ascii() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
