//! The resource.

use super::super::check::integer;
use super::super::yaml::{Node, Value};
use super::{At, Reader};
use crate::config::detect::ResourceDetector;
use crate::config::resource::ALLOWED;
use crate::config::{ResourceValue, pairs};

impl Reader<'_> {
    pub(super) fn resource(&mut self, resource: Option<At<'_>>) {
        // Without this key there is no detection.
        self.config.overrides.detectors = Some(Vec::new());
        let Some(resource) = resource else { return };
        if let Some(list) = resource.get("attributes_list") {
            for (place, pair) in pairs::parse(list.node.as_str().unwrap_or_default()) {
                match pair {
                    Ok((key, value)) => self.attribute(&list, key, ResourceValue::from(value)),
                    Err(bad) => {
                        self.invalid(&list, format!("{ALLOWED}; item {place} is invalid: {}", bad.why));
                    }
                }
            }
        }
        for item in resource.get("attributes").map(|list| list.items()).unwrap_or_default() {
            // Whether the value fits is not known.
            if item.is_invalid("type") {
                continue;
            }
            let (Some(key), Some(value)) = (item.text("name"), item.get("value")) else { continue };
            let kind = item.text("type").unwrap_or_else(|| "string".to_owned());
            match attribute_value(value.node, &kind) {
                Some(typed) => self.attribute(&value, key, typed),
                None => {
                    let allowed = format!("a value of the type {kind}; the key `type` next to it sets another type");
                    self.invalid(&value, allowed);
                }
            }
        }
        let Some(detection) = resource.get("detection/development") else { return };
        if let Some(attributes) = detection.get("attributes") {
            let overrides = &mut self.config.overrides;
            overrides.detected_included = attributes.texts("included");
            overrides.detected_excluded = attributes.texts("excluded").unwrap_or_default();
        }
        self.set_place(&detection, "detectors", "detectors");
        self.set_place(&detection, "attributes", "detected_attributes");
        let mut detectors = Vec::new();
        for item in detection.get("detectors").map(|list| list.items()).unwrap_or_default() {
            let Some((name, _)) = item.choice() else { continue };
            match ResourceDetector::ALL.iter().find(|(word, _)| *word == name) {
                Some((_, detector)) => detectors.push(*detector),
                // The name and the instance ID of the service are always attributes.
                None if name == "service" => {}
                None => {
                    let words = ResourceDetector::ALL.map(|(word, _)| word);
                    self.unknown_component(&item, name, "a resource detector", words.into_iter().chain(["service"]));
                }
            }
        }
        self.config.overrides.detectors = Some(detectors);
    }

    /// Adds a resource attribute. It replaces an earlier one with the same key.
    pub(super) fn attribute(&mut self, at: &At<'_>, key: String, value: ResourceValue) {
        let place = self.place(at);
        let overrides = &mut self.config.overrides;
        // The schema's default, which OpenTelemetry's examples contain. It is not the name of a service.
        if key == "service.name" && value.to_string() == "unknown_service" {
            return;
        }
        overrides.file_attributes.insert(key, (value, place));
    }
}

/// The value of a resource attribute, if it has the type `kind` of the schema.
fn attribute_value(node: &Node, kind: &str) -> Option<ResourceValue> {
    fn list<T>(node: &Node, convert: impl Fn(&Node) -> Option<T>) -> Option<Vec<T>> {
        match &node.value {
            Value::List(items) => items.iter().map(convert).collect(),
            _ => None,
        }
    }
    let text = |node: &Node| node.as_str().map(str::to_owned);
    Some(match kind {
        "string" => ResourceValue::Text(text(node)?),
        "bool" => ResourceValue::Bool(node.as_bool()?),
        "int" => ResourceValue::Int(integer(node)?),
        "double" => ResourceValue::Double(node.as_f64()?),
        "string_array" => ResourceValue::Texts(list(node, text)?),
        "bool_array" => ResourceValue::Bools(list(node, Node::as_bool)?),
        "int_array" => ResourceValue::Ints(list(node, integer)?),
        "double_array" => ResourceValue::Doubles(list(node, Node::as_f64)?),
        _ => return None,
    })
}
