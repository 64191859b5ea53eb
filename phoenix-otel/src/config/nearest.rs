//! Finds the known word that is most similar to an unknown one.

/// Words that users or other SDKs write for a known word.
const SYNONYMS: [(&str, &str); 10] = [
    ("yes", "true"),
    ("on", "true"),
    ("1", "true"),
    ("no", "false"),
    ("off", "false"),
    ("0", "false"),
    // The former name in the specification.
    ("logging", "console"),
    ("stdout", "console"),
    ("off", "none"),
    ("warning", "warn"),
];

/// The most similar known word, if one is similar enough.
pub(crate) fn nearest<'w>(read: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    nearest_of(read, &words.into_iter().collect::<Vec<_>>())
}

/// The same with a slice, so that it is compiled only once.
fn nearest_of<'w>(read: &str, words: &[&'w str]) -> Option<&'w str> {
    let read = read.trim().to_ascii_lowercase();
    let meant = |word: &&&str| SYNONYMS.iter().any(|synonym| *synonym == (&*read, **word));
    if let Some(word) = words.iter().find(meant) {
        return Some(word);
    }
    let typed = words.iter().filter_map(|word| {
        let most = allowed(read.len().min(word.len()));
        Some((edits(&read, &word.to_ascii_lowercase(), most)?, *word))
    });
    if let Some((edits, word)) = typed.min_by_key(|(edits, _)| *edits) {
        return (edits < word.len()).then_some(word);
    }
    // The text up to `/` is a prefix or a part of the word: `gz` matches `gzip`, `http` and `http/json` match `http/protobuf`, `exponential`
    // matches `base2_exponential_bucket_histogram`.
    let head = read.split('/').next().filter(|head| head.len() >= 2)?;
    let is_near = |word: &str| word.starts_with(head) || (head.len() >= 4 && word.contains(head));
    let mut near = words.iter().copied().filter(|word| is_near(&word.to_ascii_lowercase()));
    let first = near.next()?;
    // If there are several, an exact match is preferred.
    Some(near.find(|word| word.eq_ignore_ascii_case(head)).unwrap_or(first))
}

/// The known variable name that is most similar to an unknown one: it differs by a typing error, or the unknown name lacks one word, as in
/// `OTEL_PROMETHEUS_PORT` for `OTEL_EXPORTER_PROMETHEUS_PORT`.
pub(crate) fn misspelt<'w>(read: &str, names: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let names: Vec<&str> = names.into_iter().collect();
    let typed = names.iter().copied().filter_map(|name| {
        let most = allowed(own_letters(read).min(own_letters(name)));
        Some((edits(read, name, most)?, name))
    });
    let typed = typed.min_by_key(|(edits, _)| *edits).map(|(_, name)| name);
    typed.or_else(|| names.into_iter().find(|name| lacks_a_word(read, name)))
}

/// The number of letters after the common prefix `OTEL_` or `PHOENIX_OTEL_`.
fn own_letters(name: &str) -> usize {
    name.split_once("OTEL_").map_or(name, |(_, own)| own).len()
}

/// Whether `read` is `name` without one of its words.
fn lacks_a_word(read: &str, name: &str) -> bool {
    if read.len() >= name.len() {
        return false;
    }
    let (read, name): (Vec<_>, Vec<_>) = (read.split('_').collect(), name.split('_').collect());
    name.len() == read.len() + 1
        && (0..name.len()).any(|lacking| name[..lacking] == read[..lacking] && name[lacking + 1..] == read[lacking..])
}

/// The maximum number of edits that count as a typing error, for a word of this length.
fn allowed(letters: usize) -> usize {
    match letters {
        0..=3 => 1,
        4..=9 => 2,
        _ => 3,
    }
}

/// The number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other. `None` if there are more than
/// `most`.
fn edits(a: &str, b: &str, most: usize) -> Option<usize> {
    // The difference of the lengths is the least number of edits. Comparing with a very long word would take seconds.
    if a.chars().count().abs_diff(b.chars().count()) > most {
        return None;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // Three rows of the table of distances between the prefixes of both words.
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    Some(last[b.len()]).filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_were_meant() {
        const EXPORTERS: [&str; 4] = ["prometheus", "otlp", "otlp/stdout", "console"];
        const PROTOCOLS: [&str; 2] = ["grpc", "http/protobuf"];
        const FLAG: [&str; 2] = ["true", "false"];
        const HISTOGRAM: [&str; 2] = ["explicit_bucket_histogram", "base2_exponential_bucket_histogram"];
        for (read, words, expected) in [
            ("promtheus", &EXPORTERS[..], Some("prometheus")),
            ("Prometeus", &EXPORTERS, Some("prometheus")),
            ("otpl", &EXPORTERS, Some("otlp")),
            ("otlp/http", &EXPORTERS, Some("otlp")),
            ("otlp-stdout", &EXPORTERS, Some("otlp/stdout")),
            ("logging", &EXPORTERS, Some("console")),
            ("jaeger", &EXPORTERS, None),
            ("carrier-pigeon", &EXPORTERS, None),
            ("gprc", &PROTOCOLS, Some("grpc")),
            ("http/json", &PROTOCOLS, Some("http/protobuf")),
            ("http", &PROTOCOLS, Some("http/protobuf")),
            ("smoke", &PROTOCOLS, None),
            ("gz", &["none", "gzip"], Some("gzip")),
            ("g", &["none", "gzip"], None),
            ("yes", &FLAG, Some("true")),
            ("OFF", &FLAG, Some("false")),
            ("ture", &FLAG, Some("true")),
            ("maybe", &FLAG, None),
            ("exponential", &HISTOGRAM, Some("base2_exponential_bucket_histogram")),
            ("", &FLAG, None),
            ("ü", &FLAG, None),
        ] {
            assert_eq!(nearest(read, words.iter().copied()), expected, "{read}");
        }
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn edits_are_counted() {
        for (a, b, expected) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "", 3),
            ("abc", "xyz", 3),
            ("abc", "acb", 1),
            ("abc", "abd", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!((edits(a, b, 3), edits(b, a, 3)), (Some(expected), Some(expected)), "{a} {b}");
            if expected > 0 {
                assert_eq!(edits(a, b, expected - 1), None, "{a} {b}");
            }
        }
        // They are not compared, which would take hours.
        let long = "a".repeat(4_000_000);
        assert_eq!(edits(&long, &long[3_000_000..], 3), None);
    }
}
