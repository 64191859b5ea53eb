//! YAML as a tree of nodes. Each node has its line and column, so that problems can name them.
//!
//! A plain scalar has the type that the core schema of YAML 1.2 gives it. A scalar in quotes and a block scalar are texts.

mod fault;
mod scalar;
mod size;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fmt;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

pub(crate) use fault::Fault;
use scalar::{resolve, tag_text, tagged};
pub(crate) use size::MAX_TEXT;
use size::Size;

use super::substitute::{self, Variables};

/// The maximum size of a file.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// What is wrong with a larger file.
pub(crate) fn too_large() -> String {
    format!("the configuration file has more than {MAX_BYTES} bytes")
}

/// The maximum nesting of nodes.
const MAX_DEPTH: usize = 64;

/// A place in a file. Line and column start at 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Position {
    /// This place, or the end of the text if the place is after it. The parser reports missing tokens after the end.
    fn within(self, text: &str) -> Self {
        // YAML has three line breaks.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.last().copied().unwrap_or_default();
        let end = Self { line: lines.len().max(1), column: last.chars().count() + 1 };
        self.min(end)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl From<&Marker> for Position {
    fn from(marker: &Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

/// A value and its place. `Debug` does not show scalars: they may be secrets.
#[derive(Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) position: Position,
    pub(crate) value: Value,
    /// The scalar as it is written, if it refers to environment variables.
    pub(crate) reference: Option<Box<str>>,
}

#[derive(Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a mapping and its value.
#[derive(Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) position: Position,
    pub(crate) node: Node,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.value.kind();
        write!(f, "{kind} at {}", self.position)
    }
}

impl Value {
    /// The type in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl Node {
    fn new(position: Position, value: Value) -> Self {
        Self { position, value, reference: None }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The value of a key, if the node is a mapping that has it.
    #[cfg(any(feature = "config-file", test))]
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    #[cfg(any(feature = "config-file", test))]
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// A number, also if it is an integer.
    pub(crate) fn as_f64(&self) -> Option<f64> {
        match self.value {
            Value::Int(value) => Some(value as f64),
            Value::Float(value) => Some(value),
            _ => None,
        }
    }
}

/// Parses a file with one document. With `variables`, references such as `${NAME}` in scalars are replaced.
///
/// # Errors
///
/// Returns all faults: the first syntax error, since nothing can be read after it, and all duplicate keys and invalid references before it.
pub(crate) fn parse(text: &str, variables: Option<Variables<'_>>) -> Result<Node, Vec<Fault>> {
    let start = Position { line: 1, column: 1 };
    if text.len() > MAX_BYTES {
        return Err(vec![Fault { position: start, read: None, allowed: too_large() }]);
    }
    let mut builder = Builder { variables, ..Builder::default() };
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, span)) => builder.add(event, Position::from(&span.start)),
            Err(error) => {
                let position = Position::from(error.marker()).within(text);
                Err(Fault { position, read: None, allowed: format!("invalid YAML: {}", error.info()) })
            }
        };
        if let Err(fault) = step {
            builder.faults.push(fault);
            break;
        }
    }
    if builder.faults.is_empty() {
        Ok(builder.root.unwrap_or_else(|| Node::new(start, Value::Null)))
    } else {
        Err(builder.faults)
    }
}

/// A node that an anchor names.
struct Anchored {
    node: Node,
    depth: usize,
    size: Size,
}

/// A list or a mapping whose end has not been read.
struct Open {
    position: Position,
    anchor: usize,
    /// The size of the tree that was read before it.
    before: Size,
    /// The depth of the deepest child.
    depth: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, keys: HashSet<String>, key: Option<(String, Position)> },
}

/// Builds the tree from the events of the parser.
#[derive(Default)]
struct Builder<'v> {
    variables: Option<Variables<'v>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    /// The size of all nodes in `anchors`.
    kept: Size,
    size: Size,
    root: Option<Node>,
    faults: Vec<Fault>,
}

impl Builder<'_> {
    fn add(&mut self, event: Event<'_>, position: Position) -> Result<(), Fault> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(Fault::new(position, "a second document", "one document"))
            }
            Event::Alias(anchor) => self.alias(anchor, position),
            Event::Scalar(text, style, anchor, tag) => {
                if self.expects_key() {
                    self.count(Size { nodes: 0, text: text.len() }, position)?;
                    self.begin_key(text.into_owned(), position);
                    return Ok(());
                }
                let node = self.scalar(&text, style, tag.as_deref(), position)?;
                let text = [node.as_str(), node.reference.as_deref()].into_iter().flatten().map(str::len).sum();
                let size = Size { nodes: 1, text };
                self.count(size, position)?;
                self.end(node, anchor, 0, size)
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), "seq", position, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map { entries: Vec::new(), keys: HashSet::new(), key: None };
                self.begin(anchor, tag.as_deref(), "map", position, content)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let value = match open.content {
                    Content::List(items) => Value::List(items),
                    Content::Map { entries, .. } => Value::Map(entries),
                };
                let Size { nodes, text } = open.before;
                let size = Size { nodes: self.size.nodes - nodes, text: self.size.text - text };
                self.end(Node::new(open.position, value), open.anchor, open.depth + 1, size)
            }
            _ => Ok(()),
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Map { key: None, .. }, .. }))
    }

    fn begin_key(&mut self, name: String, position: Position) {
        if let Some(Open { content: Content::Map { keys, key, .. }, .. }) = self.open.last_mut() {
            if !keys.insert(name.clone()) {
                self.faults.push(Fault::new(position, name.clone(), "each key only once in a mapping"));
            }
            *key = Some((name, position));
        }
    }

    fn begin(
        &mut self,
        anchor: usize,
        tag: Option<&Tag>,
        core: &str,
        position: Position,
        content: Content,
    ) -> Result<(), Fault> {
        if self.expects_key() {
            return Err(Fault::new(position, "a list or a mapping as a key", "a string as a key"));
        }
        if let Some(tag) = tag.filter(|tag| scalar::core(tag) != Some(core)) {
            return Err(Fault::new(position, tag_text(tag), format!("no tag, or !!{core}")));
        }
        self.check_depth(self.open.len() + 1, position)?;
        let before = self.size;
        self.count(Size { nodes: 1, text: 0 }, position)?;
        self.open.push(Open { position, anchor, before, depth: 0, content });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, position: Position) -> Result<(), Fault> {
        if self.expects_key() {
            return Err(Fault::new(position, "an alias as a key", "a string as a key"));
        }
        // An anchor is known once its node is complete.
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(Fault::new(position, "an alias within the node that it refers to", "an alias of another node"));
        };
        let (depth, size) = (anchored.depth, anchored.size);
        self.check_depth(self.open.len() + depth, position)?;
        self.count(size, position)?;
        let node = self.anchors[&anchor].node.clone();
        self.end(node, 0, depth, size)
    }

    fn check_depth(&self, depth: usize, position: Position) -> Result<(), Fault> {
        if depth <= MAX_DEPTH {
            return Ok(());
        }
        Err(Fault::new(position, "nested nodes", format!("at most {MAX_DEPTH} levels")))
    }

    fn count(&mut self, size: Size, position: Position) -> Result<(), Fault> {
        self.size = self.size.with(size, position)?;
        Ok(())
    }

    /// Adds a complete node to the list or the mapping that it belongs to.
    fn end(&mut self, node: Node, anchor: usize, depth: usize, size: Size) -> Result<(), Fault> {
        if anchor > 0 {
            self.kept = self.kept.with(size, node.position)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), depth, size });
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.depth = open.depth.max(depth);
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, key, .. } => {
                if let Some((key, position)) = key.take() {
                    entries.push(Entry { key, position, node });
                }
            }
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, position: Position) -> Result<Node, Fault> {
        let mut replaced = None;
        if let Some(variables) = self.variables {
            match substitute::substitute(text, variables) {
                Ok(new) => replaced = new,
                Err(wrong) => self.faults.push(Fault { position, read: None, allowed: wrong.into_owned() }),
            }
        }
        let reference = replaced.is_some().then(|| Box::from(text));
        let text = replaced.as_deref().unwrap_or(text);
        let value = match tag {
            None if style == ScalarStyle::Plain => resolve(text),
            None => Value::Text(text.to_owned()),
            Some(tag) => tagged(tag, text)
                .ok_or_else(|| Fault::new(position, tag_text(tag), "no tag, or a tag of YAML that fits the value"))?,
        };
        Ok(Node { position, value, reference })
    }
}
