//! Lists of the form `key=value,key=value` with percent-encoding, as headers and resource attributes have them.
//!
//! The form is that of W3C Baggage without its metadata (OpenTelemetry specification, "Specifying headers via environment
//! variables" and "Specifying resource information via an environment variable").

/// An item of a list that cannot be used, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadPair<'a> {
    pub(crate) text: &'a str,
    pub(crate) why: &'static str,
}

/// A pair, or what is wrong with it.
pub(crate) type Pair<'a> = Result<(String, String), BadPair<'a>>;

/// The pairs of a list, decoded, with their places from 1. Empty items, as after a last comma, are passed over.
pub(crate) fn parse(list: &str) -> impl Iterator<Item = (usize, Pair<'_>)> {
    let items = list.split(',').enumerate().filter(|(_, item)| !item.trim().is_empty());
    items.map(|(index, item)| (index + 1, pair(item.trim())))
}

fn pair(text: &str) -> Pair<'_> {
    let bad = |why| BadPair { text, why };
    let (key, value) = text.split_once('=').ok_or_else(|| bad("it has no `=`"))?;
    let decode = |text: &str| {
        percent_decode(text.trim())
            .ok_or_else(|| bad("a `%` must begin two hexadecimal digits, of bytes that are UTF-8"))
    };
    match (decode(key)?, decode(value)?) {
        (key, _) if key.is_empty() => Err(bad("its key is empty")),
        pair => Ok(pair),
    }
}

/// Decodes `%XX`; a `+` stays a plus.
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

/// Sets a pair in a list, in place of an earlier one with the same key.
pub(crate) fn set(pairs: &mut Vec<(String, String)>, key: String, value: String) {
    match pairs.iter_mut().find(|(k, _)| *k == key) {
        Some(pair) => pair.1 = value,
        None => pairs.push((key, value)),
    }
}
