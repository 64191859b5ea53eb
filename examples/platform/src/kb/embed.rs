//! Embeds texts as vectors: words and parts of words, hashed into a fixed number of dimensions.

use phoenix_otel::{ErrorType, instrument_metrics};
use tonic::Status;

use crate::words::{hash, words};

/// Dimensions of a vector.
pub(crate) const DIMENSIONS: usize = 256;

/// The longest text in bytes. A longer one has too many topics.
const LONGEST: usize = 16 * 1024;

/// Why a text cannot be embedded.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum EmbedError {
    #[error("the text has no words")]
    NoWords,
    #[error("the text has more than {LONGEST} bytes")]
    TooLong,
}

impl From<EmbedError> for Status {
    fn from(error: EmbedError) -> Self {
        Self::invalid_argument(error.to_string())
    }
}

/// Embeds the text of a request.
#[instrument_metrics(subsystem = "kb")]
pub(crate) fn embed(text: &str) -> Result<Vector, EmbedError> {
    if text.len() > LONGEST {
        return Err(EmbedError::TooLong);
    }
    if words(text).next().is_none() {
        return Err(EmbedError::NoWords);
    }
    Ok(Vector::of(text))
}

/// A vector of length 1, or all zeros if the text has no words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Vector(Box<[f32; DIMENSIONS]>);

impl Vector {
    /// Embeds a text. Texts that share words, or parts of words, have vectors that point in similar directions.
    pub(crate) fn of(text: &str) -> Self {
        let mut vector = [0.0f32; DIMENSIONS];
        for word in words(text) {
            // Long words have more weight than short ones.
            let characters: Vec<char> = format!("<{word}>").chars().collect();
            let mut add = |feature: &str, weight: f32| vector[hash(feature.as_bytes()) as usize % DIMENSIONS] += weight;
            add(&word, (characters.len() as f32 - 2.0).ln_1p());
            for part in characters.windows(4) {
                add(&part.iter().collect::<String>(), 0.5);
            }
        }
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|x| *x /= length);
        }
        Self(Box::new(vector))
    }

    /// Cosine similarity: from 0 (nothing in common) to 1 (equal).
    pub(crate) fn similarity(&self, other: &Self) -> f32 {
        self.0.iter().zip(other.0.iter()).map(|(a, b)| a * b).sum::<f32>().clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_most_similar_to_itself() {
        let lighthouse = Vector::of("The lighthouse keeper trims the lamp at dusk.");
        assert!(lighthouse.similarity(&lighthouse) > 0.999);
        let near = lighthouse.similarity(&Vector::of("At dusk the keeper of a lighthouse lights the lamp."));
        let far = lighthouse.similarity(&Vector::of("Quarterly budgets are due on Friday."));
        assert!(near > 0.6, "{near}");
        assert!(far < 0.4, "{far}");
    }

    #[test]
    fn a_text_without_words_is_similar_to_nothing() {
        assert_eq!(Vector::of(" ?! ").similarity(&Vector::of("lamp")), 0.0);
    }
}
