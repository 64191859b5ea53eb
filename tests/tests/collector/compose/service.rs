//! A service of a compose file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Returns the services of the platform, with the names that Prometheus discovers and their roles.
pub(crate) const SERVICES: &[&str] =
    &["orchestrator-service", "data-router", "llm-service", "mind-kb", "safety-service", "executor"];

pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) json: Value,
}

pub(crate) fn services(project: &Value) -> Vec<Service> {
    let services = project["services"].as_object().expect("a project has services");
    services.iter().map(|(name, json)| Service { name: name.clone(), json: json.clone() }).collect()
}

impl Service {
    pub(crate) fn text(&self, key: &str) -> String {
        self.json[key].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn words(&self, key: &str) -> Vec<String> {
        self.json[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The environment as a map, or, after a merge, as a list of `NAME=value`.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match &self.json["environment"] {
            Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            Value::Array(list) => {
                let pairs = list.iter().filter_map(|pair| pair.as_str()?.split_once('='));
                pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
            }
            _ => BTreeMap::new(),
        }
    }

    /// Returns the mounts: the path on the host, and the path in the container.
    pub(crate) fn mounts(&self) -> Vec<(String, String)> {
        let volumes = self.json["volumes"].as_array().into_iter().flatten();
        let binds = volumes.filter(|volume| volume["type"] == "bind");
        let text = |value: &Value| value.as_str().expect("a bind has both ends").to_owned();
        binds.map(|bind| (text(&bind["source"]), text(&bind["target"]))).collect()
    }

    /// Returns the file on the host for a path in the container.
    pub(crate) fn file(&self, path: &str) -> Option<PathBuf> {
        self.mounts().iter().find_map(|(from, to)| {
            let rest = Path::new(path).strip_prefix(to).ok()?;
            Some(if rest.as_os_str().is_empty() { from.into() } else { Path::new(from).join(rest) })
        })
    }

    pub(crate) fn dockerfile(&self) -> Option<PathBuf> {
        let build = self.json.get("build")?;
        Some(Path::new(build["context"].as_str()?).join(build["dockerfile"].as_str()?))
    }
}
