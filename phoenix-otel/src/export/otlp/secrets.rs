//! Masks secrets in texts of the receiver, which may repeat our credentials.

use crate::config::{Otlp, percent_decode};
use crate::error::{is_invisible, visible};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::BTreeSet;
use std::fmt;

/// The maximum length of a receiver's text in a message, in characters.
const SHOWN: usize = 200;
/// Shorter texts are not masked: they occur in many other texts.
const MIN_SECRET_LENGTH: usize = 4;
/// A prefix of a secret with at least this length is masked, too.
const PREFIX: usize = 8;
/// Header words that name an authentication scheme.
const SCHEMES: [&str; 4] = ["bearer", "basic", "digest", "token"];

/// The values of the headers, of the endpoint's query and of the proxies' credentials, the parts of each value, and their other encodings.
pub(super) struct Secrets(BTreeSet<String>);

/// Shows only the number of secrets.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl Secrets {
    pub(super) fn of(config: &Otlp) -> Self {
        let mut secrets = Self(BTreeSet::new());
        for (_, value) in &config.headers.0 {
            secrets.add(value);
        }
        let query = config.endpoint.as_str().split_once('?').map_or("", |(_, query)| query);
        for item in query.split('&') {
            // An item may have no name. An `=` in it may be a part of the value, such as the end of base64.
            let (_, value) = item.split_once('=').unwrap_or_default();
            secrets.add(if value.len() < MIN_SECRET_LENGTH { item } else { value });
        }
        #[cfg(feature = "otlp-http")]
        for proxy in super::http::proxies() {
            secrets.add_credentials(proxy.credentials().unwrap_or_default());
        }
        secrets
    }

    #[cfg(all(test, feature = "otlp-http"))]
    pub(super) fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// A text with `***` in place of each secret.
    pub(super) fn mask(&self, text: &str) -> String {
        self.masked(text).collect()
    }

    /// The beginning of a receiver's text, on one line, with `***` in place of each secret.
    pub(super) fn hide(&self, text: &str) -> String {
        // The text may be long. Only the part that is shown is searched for secrets.
        let masked = self.masked(text.trim()).flat_map(str::chars);
        masked.take(SHOWN).map(visible).collect()
    }

    /// The text in pieces, each a character or `***`.
    fn masked<'t>(&'t self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let mut rest = text;
        std::iter::from_fn(move || {
            let secret = self.0.iter().map(|secret| occurrence(rest.as_bytes(), secret.as_bytes())).max();
            let secret = secret.filter(|length| *length > 0);
            let mut end = secret.or_else(|| rest.chars().next().map(char::len_utf8))?;
            // An occurrence may end within a character.
            while !rest.is_char_boundary(end) {
                end += 1;
            }
            let (piece, tail) = rest.split_at(end);
            rest = tail;
            Some(if secret.is_some() { "***" } else { piece })
        })
    }

    /// Adds a value and its words.
    fn add(&mut self, value: &str) {
        // The first word of the value is the authentication scheme, which is not a secret.
        let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
        self.add_part(if SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) { rest } else { value });
        self.add_encoded(value);
        for word in value.split([' ', '\t', ',', ';', ':', '"', '\'', '.']) {
            // Shorter words may be ordinary words of a receiver's text.
            if word.len() >= PREFIX {
                self.add_part(word);
            }
        }
        for word in value.split([' ', '\t', ',', ';']) {
            self.add_part(word);
            if let Some((_, value)) = word.split_once('=') {
                self.add_part(value);
            }
            // For the scheme `Basic`: the user and the password.
            let unpadded = word.trim_end_matches('=');
            let decoded = STANDARD_NO_PAD.decode(unpadded).or_else(|_| URL_SAFE_NO_PAD.decode(unpadded));
            let decoded = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok());
            if let Some(credentials) = decoded.filter(|text| text.contains(':')) {
                self.add_credentials(&credentials);
            }
        }
    }

    /// Adds `user:password` and its parts.
    fn add_credentials(&mut self, credentials: &str) {
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        for part in [credentials, user, password] {
            self.add_part(part);
        }
    }

    /// Adds a text unchanged, decoded and encoded.
    fn add_part(&mut self, text: &str) {
        for text in [Some(text.to_owned()), percent_decode(text)].into_iter().flatten() {
            if text.len() >= MIN_SECRET_LENGTH && !SCHEMES.contains(&text.to_ascii_lowercase().as_str()) {
                self.add_encoded(&text);
                self.0.insert(text);
            }
        }
    }

    fn add_encoded(&mut self, text: &str) {
        if text.len() >= MIN_SECRET_LENGTH {
            for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                // Within a longer text, it can begin at each of the three bytes that base64 encodes together. The characters of the bytes
                // before it, and one that it shares with them, are left out.
                for (before, shared) in [("", 0), ("-", 2), ("--", 3)] {
                    self.0.insert(engine.encode(format!("{before}{text}")).split_off(shared));
                }
            }
            self.0.insert(text.bytes().map(|byte| format!("{byte:02x}")).collect());
            self.0.insert(text.bytes().map(|byte| format!("{byte:02X}")).collect());
            // The search finds a text that is percent-encoded once. This entry finds it encoded twice.
            self.0.insert(text.bytes().map(percent_encoded).collect());
        }
    }
}

fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).into()
    } else {
        format!("%{byte:02X}")
    }
}

/// The length of a secret, or of its beginning, that a text begins with: as it is, in another case, with some of its characters escaped, or
/// split by white space. 0 for none.
fn occurrence(text: &[u8], secret: &[u8]) -> usize {
    let least = secret.len().min(PREFIX);
    let plain = text.iter().zip(secret).take_while(|(a, b)| a == b).count();
    let (mut count, mut end) = (0, 0);
    for byte in secret {
        // A short secret that may be split would be found in many texts.
        let gap = if count > 0 && least == PREFIX && !byte.is_ascii_whitespace() { gap(&text[end..]) } else { 0 };
        let Some(length) = escape(&text[end + gap..], *byte) else { break };
        (count, end) = (count + 1, end + gap + length);
    }
    [(plain, plain), (count, end)]
        .iter()
        .map(|(count, length)| if *count < least { 0 } else { *length })
        .max()
        .unwrap_or(0)
}

/// How many bytes at the beginning of a text are white space, or characters without width.
fn gap(text: &[u8]) -> usize {
    let mut end = 0;
    loop {
        // No character is longer.
        let rest = &text[end..text.len().min(end + 4)];
        match rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()) {
            Some(first) if first.is_whitespace() || is_invisible(first) => end += first.len_utf8(),
            _ => return end,
        }
    }
}

/// How many bytes at the beginning of a text stand for this byte: percent-encoded, escaped as in JSON, as in HTML or by a backslash, or as
/// it is, in any case.
fn escape(text: &[u8], byte: u8) -> Option<usize> {
    let is_byte = |high: &u8, low: &u8| {
        let digit = |digit: &u8| char::from(*digit).to_digit(16);
        digit(high).zip(digit(low)).is_some_and(|(high, low)| high * 16 + low == u32::from(byte))
    };
    match text {
        [b'%', high, low, ..] if is_byte(high, low) => Some(3),
        [b'\\', b'x', high, low, ..] if is_byte(high, low) => Some(4),
        [b'\\', b'u', b'0', b'0', high, low, ..] if is_byte(high, low) => Some(6),
        [b'\\', escaped, ..] if *escaped == byte => Some(2),
        [b'&', rest @ ..] if entity(rest, byte).is_some() => entity(rest, byte).map(|length| 1 + length),
        [b'+', ..] if byte == b' ' => Some(1),
        [first, ..] if first.eq_ignore_ascii_case(&byte) => Some(1),
        _ => None,
    }
}

/// How many bytes after an `&` are an entity of HTML for this byte, by its name or its number.
fn entity(text: &[u8], byte: u8) -> Option<usize> {
    // No entity of a byte is longer, with leading zeros.
    const MAX_ENTITY_LENGTH: usize = 12;
    let length = text.iter().take(MAX_ENTITY_LENGTH).position(|end| *end == b';')?;
    let name = std::str::from_utf8(&text[..length]).ok()?;
    let value = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u8::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        },
        None => match name {
            "amp" => b'&',
            "lt" => b'<',
            "gt" => b'>',
            "quot" => b'"',
            "apos" => b'\'',
            "sol" => b'/',
            "equals" => b'=',
            "plus" => b'+',
            _ => return None,
        },
    };
    (value == byte).then_some(length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(values: &[&str]) -> Secrets {
        let mut secrets = Secrets(BTreeSet::new());
        values.iter().for_each(|value| secrets.add(value));
        secrets
    }

    #[test]
    fn each_part_of_a_secret_is_hidden() {
        let bearer = secrets(&["Bearer s3cret-token"]);
        assert_eq!(bearer.hide("invalid token s3cret-token"), "invalid token ***");
        assert_eq!(bearer.hide("Bearer s3cret-token is no Bearer scheme"), "Bearer *** is no Bearer scheme");
        let basic = secrets(&["Basic dXNlcjpwYXNzd29yZA=="]);
        assert_eq!(basic.hide("user may not log in with password"), "*** may not log in with ***");
        assert_eq!(basic.hide("dXNlcjpwYXNzd29yZA== or user:password"), "*** or ***");
        let cookie = secrets(&["session=abcdef; theme=dark"]);
        assert_eq!(cookie.hide("abcdef\nhas\tended"), "*** has ended");
        assert!(!format!("{cookie:?}").contains("abcdef"));
    }

    #[test]
    fn each_encoding_of_a_secret_is_hidden() {
        let (secret, encoded) = ("k/secret=1", "k%2Fsecret%3D1");
        for known in [secret, encoded] {
            let secrets = secrets(&[known]);
            for repeated in [
                secret,
                encoded,
                "k%2fsecret%3d1",
                "%6B%2F%73%65%63%72%65%74%3D%31",
                "k%252Fsecret%253D1",
                "k\\/secret=1",
                "k/secret\\u003d1",
                "k/secret\\x3d1",
                "ay9zZWNyZXQ9MQ==",
                "6b2f7365637265743d31",
                "6B2F7365637265743D31",
            ] {
                let shown = secrets.hide(&format!("no such key: {repeated}!"));
                assert!(
                    ["no such key: ***!", "no such key: ***==!"].contains(&&*shown),
                    "{known}, {repeated}: {shown}"
                );
            }
        }
    }

    #[test]
    fn a_secret_is_hidden_in_any_case_in_html_and_split() {
        let secrets = secrets(&["Bearer k/S3cret=1&'value'", "name"]);
        for repeated in [
            "K/S3CRET=1&'VALUE'",
            "k/s3cret=1&'value'",
            "k&#47;S3cret&#61;1&amp;&#39;value&#x27;",
            "k&sol;S3cret&equals;1&amp;&apos;value&#0039;",
            "k/S3 cret=1&'va lue'",
            "k/S3\r\n\tcret=1&'value'",
            "k / S 3 c r e t = 1 & ' v a l u e '",
            "k/S3\u{200b}cret\u{ad}=1\u{feff}&'value'",
            "K%2fS3\u{2028}CRET%3D1 %26&#39;value'",
            "k/S3\u{fe0f}cret\u{34f}=1\u{e0041}&'value'",
        ] {
            let shown = secrets.hide(&format!("no such key: {repeated}!"));
            assert_eq!(shown, "no such key: ***!", "{repeated}");
        }
        assert_eq!(secrets.hide("a NAME, na me"), "a ***, na me", "a short one is not searched for in parts");
        assert_eq!(secrets.hide("&amp; &#; &#x; &#999; &; & &amp"), "&amp; &#; &#x; &#999; &; & &amp");
    }

    #[test]
    fn a_secret_is_hidden_at_each_place_in_base64() {
        let secrets = secrets(&["k/secret=1"]);
        for before in ["", "?", "??", "{\"key\":"] {
            let shown = secrets.hide(&STANDARD_NO_PAD.encode(format!("{before}k/secret=1")));
            let first = STANDARD_NO_PAD.encode(before);
            assert!(shown.starts_with(&first[..first.len().saturating_sub(1)]) && shown.ends_with("***"), "{shown}");
        }
    }

    #[test]
    fn the_beginning_of_a_secret_is_hidden() {
        let secrets = secrets(&["0123456789abcdef", "größe-größe"]);
        assert_eq!(secrets.hide("key 01234567… and 0123456…"), "key ***… and 0123456…");
        assert_eq!(secrets.hide("größe-gräser"), "***ser");
        assert_eq!(secrets.mask(&format!("{}0123456789abcdef", "x".repeat(500))), format!("{}***", "x".repeat(500)));
    }

    #[test]
    fn a_long_text_is_truncated() {
        assert_eq!(secrets(&["x"]).hide(&"x".repeat(500)).len(), SHOWN);
        // The truncation does not uncover the beginning of a secret.
        for length in 0..SHOWN {
            let text = format!("{}0123456789abcdef{}", "x".repeat(length), "y".repeat(SHOWN));
            assert!(!secrets(&["0123456789abcdef"]).hide(&text).contains('0'), "{length}");
        }
    }
}
