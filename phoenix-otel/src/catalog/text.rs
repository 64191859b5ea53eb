//! Checks and builds texts of the attribute and of `metrics!` at compile time. Invalid texts are compile errors at the caller.

/// The maximum length of the prefix of an impl block, since labels should be short.
const MAX_PREFIX_LENGTH: usize = 64;

/// Checks the label `method` and returns it.
#[track_caller]
pub const fn method(name: &'static str) -> &'static str {
    assert!(!name.trim_ascii().is_empty(), "the name is empty: remove `name` to use the function's name");
    name
}

/// Checks a subsystem and returns it.
#[track_caller]
pub const fn subsystem(name: &'static str) -> &'static str {
    assert!(
        is_subsystem(name.as_bytes()),
        "a subsystem is part of metric names: use snake_case, such as `subsystem = \"back_office\"`, and not the word total"
    );
    name
}

/// Whether this is a valid subsystem. The word `total` is not, since the translation to Prometheus removes it from a counter's name.
pub(crate) const fn is_subsystem(name: &[u8]) -> bool {
    const TOTAL: &[u8] = b"total";
    let mut word = 0;
    let mut i = 0;
    while i <= name.len() {
        if i == name.len() || name[i] == b'_' {
            let mut same = 0;
            while same < TOTAL.len() && word + same < i && name[word + same] == TOTAL[same] {
                same += 1;
            }
            if same == TOTAL.len() && word + same == i {
                return false;
            }
            word = i + 1;
        }
        i += 1;
    }
    is_snake_case(name)
}

/// Checks the prefix of an impl block and returns it.
#[track_caller]
pub const fn prefix(name: &'static str) -> &'static str {
    assert!(
        is_snake_case(name.as_bytes()) && name.len() <= MAX_PREFIX_LENGTH,
        "a prefix must be one word in snake_case with at most 64 characters, such as `prefix = \"users\"`"
    );
    name
}

/// Checks a list of kinds of error and returns it.
#[track_caller]
pub const fn error_types(kinds: &'static [&'static str]) -> &'static [&'static str] {
    let mut i = 0;
    while i < kinds.len() {
        assert!(!kinds[i].is_empty(), "a kind of error is empty: remove it from `error_types`, or name it");
        i += 1;
    }
    kinds
}

const fn is_snake_case(word: &[u8]) -> bool {
    let mut i = 0;
    while i < word.len() {
        let fits = match word[i] {
            b'a'..=b'z' => true,
            b'0'..=b'9' => i > 0,
            // Not at either end, and not two in a row.
            b'_' => i > 0 && i + 1 < word.len() && word[i - 1] != b'_',
            _ => false,
        };
        if !fits {
            return false;
        }
        i += 1;
    }
    !word.is_empty()
}

/// The length of [`qualified`].
pub const fn qualified_len(prefix: &str, name: &str) -> usize {
    prefix.len() + 1 + name.len()
}

/// The prefix and the name, separated by a dot.
pub const fn qualified<const N: usize>(prefix: &str, name: &str) -> [u8; N] {
    let mut text = [b'.'; N];
    copy(prefix.as_bytes(), &mut text, 0);
    copy(name.as_bytes(), &mut text, prefix.len() + 1);
    text
}

const fn copy(from: &[u8], to: &mut [u8], at: usize) {
    let mut i = 0;
    while i < from.len() {
        to[at + i] = from[i];
        i += 1;
    }
}

/// The length of [`description`].
#[track_caller]
pub const fn description_len(doc: &str) -> usize {
    let len = write_description(doc, &mut []);
    assert!(len > 0, "describe what is measured in a doc comment: it becomes the metric's description");
    len
}

/// The first paragraph of a doc comment, on one line.
pub const fn description<const N: usize>(doc: &str) -> [u8; N] {
    let mut text = [0; N];
    write_description(doc, &mut text);
    text
}

/// Writes as much as fits and returns the total length.
const fn write_description(doc: &str, to: &mut [u8]) -> usize {
    let (mut len, mut rest) = (0, doc.as_bytes());
    loop {
        let mut end = 0;
        while end < rest.len() && rest[end] != b'\n' {
            end += 1;
        }
        let (line, after) = rest.split_at(end);
        let line = line.trim_ascii();
        if line.is_empty() && len > 0 {
            return len;
        }
        if !line.is_empty() {
            let at = if len > 0 { len + 1 } else { 0 };
            if at + line.len() <= to.len() {
                if at > 0 {
                    to[at - 1] = b' ';
                }
                copy(line, to, at);
            }
            len = at + line.len();
        }
        let [_, after @ ..] = after else { return len };
        rest = after;
    }
}

/// Converts a built text into a string.
pub const fn of(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The bytes come from whole lines and words.
        Err(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_snake_case_is_known() {
        for word in ["a", "data_router", "kb2", "a_1"] {
            assert!(is_snake_case(word.as_bytes()), "{word}");
        }
        for word in ["", "A", "1a", "_a", "a_", "a__b", "a-b", "größe", "a b"] {
            assert!(!is_snake_case(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn a_prefix_stands_before_the_name() {
        const METHOD: &str = of(const { &qualified::<{ qualified_len("users", "get") }>("users", "get") });
        assert_eq!(METHOD, "users.get");
    }

    #[test]
    fn the_first_paragraph_is_the_description() {
        macro_rules! described {
            ($doc:expr) => {
                of(const { &description::<{ description_len($doc) }>($doc) })
            };
        }
        assert_eq!(described!(" Orders placed."), "Orders placed.");
        assert_eq!(described!("\n\n Orders placed,\n  by channel. \n\n More."), "Orders placed, by channel.");
        assert_eq!(described!(" Größe\r\n der Bestellung."), "Größe der Bestellung.");
        assert_eq!(described!("Ends.\n"), "Ends.");
    }
}
