//! Lists `key=value,key=value` with percent-encoding: the format of headers and resource attributes.
//!
//! The format is that of W3C Baggage without its metadata (OpenTelemetry specification, "Specifying headers via environment
//! variables" and "Specifying resource information via an environment variable").

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// An invalid item of a list, and the reason.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadPair<'a> {
    pub(crate) text: &'a str,
    pub(crate) why: &'static str,
}

/// A pair, or an invalid item.
pub(crate) type Pair<'a> = Result<(String, String), BadPair<'a>>;

/// The decoded pairs of a list with their positions from 1. Empty items, such as after a trailing comma, are skipped.
pub(crate) fn parse(list: &str) -> impl Iterator<Item = (usize, Pair<'_>)> {
    let items = list.split(',').enumerate().filter(|(_, item)| !item.trim().is_empty());
    items.map(|(index, item)| (index + 1, pair(item.trim())))
}

fn pair(text: &str) -> Pair<'_> {
    let bad = |why| BadPair { text, why };
    let (key, value) = text.split_once('=').ok_or_else(|| bad("it has no `=`"))?;
    let decode = |text: &str| {
        percent_decode(text.trim()).ok_or_else(|| {
            bad("each `%` must be followed by two hexadecimal digits, and the decoded bytes must be UTF-8")
        })
    };
    match (decode(key)?, decode(value)?) {
        (key, _) if key.is_empty() => Err(bad("its key is empty")),
        pair => Ok(pair),
    }
}

/// Decodes `%XX`. A `+` is not a space.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// Leaves one pair of each key: at the place of the first one, with the value of the last one.
pub(crate) fn unique(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut places = HashMap::new();
    let mut unique: Vec<(String, String)> = Vec::new();
    for (key, value) in pairs {
        match places.entry(key) {
            Entry::Occupied(place) => {
                let place: usize = *place.get();
                unique[place].1 = value;
            }
            Entry::Vacant(place) => {
                unique.push((place.key().clone(), value));
                place.insert(unique.len() - 1);
            }
        }
    }
    unique
}
