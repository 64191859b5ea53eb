//! Rust sources as tokens, without comments and test code.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use phoenix_otel_tests::tools::repository;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A line that breaks a rule.
pub(crate) struct Finding {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) rule: String,
    pub(crate) remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file, self.line, self.rule, self.remedy)
    }
}

/// A token. A group consists of its brackets and its content.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) is_word: bool,
    pub(crate) is_literal: bool,
}

/// A source file.
pub(crate) struct Source {
    /// The path, relative to the repository.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
}

impl Source {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let stream = TokenStream::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        let path = path.strip_prefix(repository()).expect("a file of the repository");
        Self { path: path.to_string_lossy().replace('\\', "/"), text, tokens }
    }

    pub(crate) fn finding(&self, line: usize, rule: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { file: self.path.clone(), line, rule: rule.into(), remedy: remedy.into() }
    }

    /// Whether the file is compiled only for tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
            || self.path.contains("/src/") && self.path.contains("/tests/")
    }

    /// Returns where these tokens occur in sequence.
    pub(crate) fn places<'s>(&'s self, texts: &'s [&'s str]) -> impl Iterator<Item = usize> + 's {
        let starts = 0..self.tokens.len().saturating_sub(texts.len() - 1);
        starts.filter(move |at| texts.iter().zip(&self.tokens[*at..]).all(|(text, token)| token.text == *text))
    }
}

/// Returns all Rust files below these folders.
pub(crate) fn sources(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in folders {
        collect(&repository().join(folder), &mut paths);
    }
    paths.sort();
    assert!(!paths.is_empty(), "no source below {folders:?}");
    paths.iter().map(|path| Source::read(path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            collect(&path, paths);
        } else if name.ends_with(".rs") {
            paths.push(path);
        }
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let mut push = |text: String, line, is_word, is_literal| tokens.push(Token { text, line, is_word, is_literal });
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == '#' => match attribute(trees.peek()).as_deref() {
                Some("doc") => drop(trees.next()),
                Some("cfg(test)") => {
                    // Skip the item after it, up to its body or its semicolon.
                    trees.find(|tree| match tree {
                        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                        TokenTree::Punct(punct) => punct.as_char() == ';',
                        _ => false,
                    });
                }
                _ => push("#".to_owned(), line, false, false),
            },
            TokenTree::Punct(punct) => push(punct.to_string(), line, false, false),
            TokenTree::Ident(ident) => push(ident.to_string(), line, true, false),
            TokenTree::Literal(literal) => push(literal.to_string(), line, false, true),
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(open.to_owned(), line, false, false);
                flatten(group.stream(), tokens);
                let line = group.span_close().start().line;
                tokens.push(Token { text: close.to_owned(), line, is_word: false, is_literal: false });
            }
        }
    }
}

/// Returns the kind of attribute in the brackets after a `#`: a comment, or a test attribute.
fn attribute(behind: Option<&TokenTree>) -> Option<String> {
    let Some(TokenTree::Group(group)) = behind else { return None };
    let text = group.stream().to_string().replace(' ', "");
    Some(if text.starts_with("doc=") { "doc".to_owned() } else { text })
}
