//! Masks secrets in texts of the receiver, which may repeat our credentials.

use crate::config::Otlp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// The longest text of a receiver that a message repeats, in characters.
const SHOWN: usize = 200;
/// A shorter text is no secret, and occurs in many other texts.
const SHORTEST: usize = 4;
/// Header words that name an authentication scheme.
const SCHEMES: [&str; 4] = ["bearer", "basic", "digest", "token"];

/// The values of the headers and of the endpoint's query, and the parts of each value.
pub(super) struct Secrets(Vec<String>);

/// Shows only the number of secrets.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl Secrets {
    pub(super) fn of(config: &Otlp) -> Self {
        let mut secrets = Vec::new();
        for (_, value) in &config.headers.0 {
            add(&mut secrets, value);
        }
        let query = config.endpoint.as_str().split_once('?').map_or("", |(_, query)| query);
        for value in query.split('&').filter_map(|pair| pair.split_once('=')) {
            add(&mut secrets, value.1);
        }
        // Longer secrets are replaced first, because they may contain shorter ones.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self(secrets)
    }

    #[cfg(all(test, feature = "otlp-http"))]
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// The beginning of a text, on one line, with `***` in place of each secret.
    pub(super) fn hide(&self, text: &str) -> String {
        let text = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"));
        text.trim().chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

/// Adds a value, its words, and their decoded forms.
fn add(secrets: &mut Vec<String>, value: &str) {
    let mut push = |text: &str| {
        if text.len() >= SHORTEST && !SCHEMES.contains(&text.to_ascii_lowercase().as_str()) {
            secrets.push(text.to_owned());
        }
    };
    push(value);
    for word in value.split([' ', '\t', ',', ';']) {
        push(word);
        if let Some((_, value)) = word.split_once('=') {
            push(value);
        }
        // The user and the password of `Basic`.
        let decoded = STANDARD.decode(word).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((user, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) {
            push(&format!("{user}:{password}"));
            push(user);
            push(password);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(values: &[&str]) -> Secrets {
        let mut secrets = Vec::new();
        values.iter().for_each(|value| add(&mut secrets, value));
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Secrets(secrets)
    }

    #[test]
    fn each_part_of_a_secret_is_hidden() {
        let bearer = secrets(&["Bearer s3cret-token"]);
        assert_eq!(bearer.hide("invalid token s3cret-token"), "invalid token ***");
        assert_eq!(bearer.hide("Bearer s3cret-token is no Bearer token"), "*** is no Bearer token");
        let basic = secrets(&["Basic dXNlcjpwYXNzd29yZA=="]);
        assert_eq!(basic.hide("user may not log in with password"), "*** may not log in with ***");
        assert_eq!(basic.hide("dXNlcjpwYXNzd29yZA== or user:password"), "*** or ***");
        let cookie = secrets(&["session=abcdef; theme=dark"]);
        assert_eq!(cookie.hide("abcdef\nhas\tended"), "*** has ended");
        assert!(!format!("{cookie:?}").contains("abcdef"));
    }

    #[test]
    fn a_long_text_is_truncated() {
        assert_eq!(secrets(&["x"]).hide(&"x".repeat(500)).len(), SHOWN);
    }
}
