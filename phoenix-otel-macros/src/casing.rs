//! Converts the name of a variant into a label value.

/// The cases that `rename_all` accepts.
pub(crate) const CASES: [&str; 8] = [
    "snake_case",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
    "lowercase",
    "UPPERCASE",
    "camelCase",
    "PascalCase",
];

/// Converts the name of a variant to one of the [`CASES`].
pub(crate) fn write(variant: &str, case: &str) -> String {
    let words = words(variant);
    match case {
        "SCREAMING_SNAKE_CASE" => words.join("_").to_uppercase(),
        "kebab-case" => words.join("-"),
        "SCREAMING-KEBAB-CASE" => words.join("-").to_uppercase(),
        "lowercase" => words.concat(),
        "UPPERCASE" => words.concat().to_uppercase(),
        "camelCase" => {
            let pascal: String = words.iter().skip(1).map(|word| capital(word)).collect();
            words.first().map_or(String::new(), |first| first.clone() + &pascal)
        }
        "PascalCase" => words.iter().map(|word| capital(word)).collect(),
        _ => words.join("_"),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

/// The words of a name in lower case. A run of capitals is one word: `HTTPError` is `http error`.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| chars[before]);
        let lower_follows = chars.get(at + 1).is_some_and(|next| next.is_lowercase());
        let starts = c.is_uppercase() && before.is_some_and(|b| !b.is_uppercase() || lower_follows);
        if starts || c == '_' {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().expect("there is a first word").extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found() {
        for (name, snake) in [
            ("Ok", "ok"),
            ("PointOfSale", "point_of_sale"),
            ("HTTPError", "http_error"),
            ("TooManyDBs", "too_many_d_bs"),
            ("Sha256Hash", "sha256_hash"),
            ("Http2", "http2"),
            ("With_Underscore", "with_underscore"),
            ("SCREAMING", "screaming"),
            ("A", "a"),
            ("Größe", "größe"),
        ] {
            assert_eq!(write(name, "snake_case"), snake);
        }
    }

    #[test]
    fn every_case_is_written() {
        let written: Vec<String> = CASES.iter().map(|case| write("PointOfSale", case)).collect();
        assert_eq!(
            written,
            [
                "point_of_sale",
                "POINT_OF_SALE",
                "point-of-sale",
                "POINT-OF-SALE",
                "pointofsale",
                "POINTOFSALE",
                "pointOfSale",
                "PointOfSale"
            ]
        );
    }
}
