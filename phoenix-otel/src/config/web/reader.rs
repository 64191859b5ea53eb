//! Reads the nodes of a file, and collects the problems with their places.

use crate::config::NamedFile;
use crate::config::file::yaml::{Entry, Fault, Node, Position, Value};
use crate::config::problem::{MAX_OF_FILE, Problem};
use crate::config::setting::{FileLocation, Setting};

/// Reads nodes of one file.
pub(super) struct Reader<'f> {
    file: &'f NamedFile,
    pub(super) problems: Vec<Problem>,
}

impl<'f> Reader<'f> {
    pub(super) fn new(file: &'f NamedFile) -> Self {
        Self { file, problems: Vec::new() }
    }

    /// The setting at a place of the file, such as `web.yml:3:5: tls_server_config.cert_file`. It can be ignored if the file can be, which a
    /// variable names.
    pub(super) fn setting(&self, position: Position, path: &str) -> Setting {
        let location = FileLocation::new(&self.file.path.shown().to_string(), (position.line, position.column), path);
        match self.file.setting {
            Setting::Variable(_) => Setting::Variable(location.to_string().into()),
            Setting::Code(_) | Setting::File(_) => Setting::File(Box::new(location)),
        }
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        let setting = self.setting(fault.position, "");
        self.problems.push(match fault.read {
            Some(read) => Problem::new(&setting, read, fault.allowed),
            None => Problem::unreadable(&setting, fault.allowed),
        });
    }

    pub(super) fn problem(&mut self, node: &Node, path: &str, read: &str, allowed: impl Into<String>) {
        self.problems.push(Problem::new(&self.setting(node.position, path), read, allowed));
    }

    /// The entries of a mapping that has only these keys. Other keys are reported. Entries without a value count as absent.
    pub(super) fn map<'n>(&mut self, node: &'n Node, path: &str, keys: &[&str]) -> Vec<&'n Entry> {
        let entries = self.any_map(node, path);
        let (known, unknown): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| keys.contains(&&*entry.key));
        for entry in unknown {
            let setting = self.setting(entry.position, path);
            let mut problem = Problem::new(&setting, &entry.key, format!("the keys {}", keys.join(", ")));
            if self.problems.len() < MAX_OF_FILE {
                problem.suggest(keys.iter().copied());
            }
            self.problems.push(problem);
        }
        known.into_iter().filter(|entry| !entry.node.is_null()).collect()
    }

    /// The entries of a mapping with any keys.
    pub(super) fn any_map<'n>(&mut self, node: &'n Node, path: &str) -> Vec<&'n Entry> {
        match &node.value {
            Value::Map(entries) => entries.iter().collect(),
            Value::Null => Vec::new(),
            other => {
                self.problem(node, path, other.kind(), "a mapping");
                Vec::new()
            }
        }
    }

    /// The items of a list of strings.
    pub(super) fn texts<'n>(&mut self, node: &'n Node, path: &str) -> Vec<(Setting, &'n str)> {
        if !matches!(node.value, Value::List(_)) {
            self.problem(node, path, node.value.kind(), "a list of strings");
        }
        let items = node.items().iter();
        items.filter_map(|item| Some((self.setting(item.position, path), self.text(item, path)?))).collect()
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node, path: &str) -> Option<&'n str> {
        let text = node.as_str();
        if text.is_none() {
            self.problem(node, path, node.value.kind(), "a string");
        }
        text
    }

    pub(super) fn boolean(&mut self, node: &Node, path: &str) -> Option<bool> {
        let value = node.as_bool();
        if value.is_none() {
            let mut problem = Problem::new(
                &self.setting(node.position, path),
                node.as_str().unwrap_or(node.value.kind()),
                "true or false",
            );
            problem.suggest(["true", "false"]);
            self.problems.push(problem);
        }
        value
    }

    /// One of the choices. `allowed` describes them.
    pub(super) fn choice<T: Copy>(
        &mut self,
        node: &Node,
        path: &str,
        choices: &[(&str, T)],
        allowed: &str,
    ) -> Option<T> {
        let text = self.text(node, path)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
        if found.is_none() {
            let mut problem = Problem::new(&self.setting(node.position, path), text, allowed);
            problem.suggest(choices.iter().map(|(word, _)| *word));
            self.problems.push(problem);
        }
        found
    }
}
