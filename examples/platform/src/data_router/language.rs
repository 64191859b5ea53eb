//! Detects the language of a text.

use phoenix_otel::platform::data_router::LANGUAGE_DETECTION;
use phoenix_otel::{ErrorType, instrument_metrics};
use whatlang::{Detector, Lang};

/// The code for an undetermined language (ISO 639-3).
const UNDETERMINED: &str = "und";

/// The candidates, since a short text resembles many languages. A script that only one language uses still identifies that language.
const READ: [Lang; 6] = [Lang::Eng, Lang::Deu, Lang::Fra, Lang::Spa, Lang::Ukr, Lang::Cmn];

/// Why the language cannot be detected.
#[derive(Debug, PartialEq, Eq, thiserror::Error, ErrorType)]
pub(crate) enum TextError {
    #[error("the text has no letters")]
    NoLetters,
}

/// The language of a text (ISO 639-3).
#[instrument_metrics(subsystem = "data_router")]
pub(crate) fn detect_language(text: &str) -> Result<&'static str, TextError> {
    if !text.chars().any(char::is_alphabetic) {
        return Err(TextError::NoLetters);
    }
    let detector = Detector::with_allowlist(READ.to_vec());
    let language = detector.detect(text).map_or(UNDETERMINED, |detected| detected.lang().code());
    LANGUAGE_DETECTION.add(1, LANGUAGE_DETECTION { language });
    Ok(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart() {
        let texts = [
            ("eng", "Why does the lighthouse keeper count the ships that come into the harbour?"),
            ("eng", "Write about the bell that was heard in the fog"),
            ("deu", "Warum zählt die Wärterin des Leuchtturms die Schiffe, die in den Hafen kommen?"),
            ("fra", "Pourquoi la gardienne du phare compte-t-elle les bateaux qui entrent dans le port ?"),
            ("ukr", "Чому доглядачка маяка рахує кораблі, які заходять у гавань?"),
            ("ell", "ελληνικά"),
        ];
        for (language, text) in texts {
            assert_eq!(detect_language(text), Ok(language), "{text}");
        }
        assert_eq!(detect_language("12 + 30"), Err(TextError::NoLetters));
    }
}
