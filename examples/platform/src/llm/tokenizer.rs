//! Byte-pair encoding, trained on a text when the service starts.

use std::collections::{BTreeMap, HashMap};

/// Number of merges: the number of tokens in addition to the 256 bytes.
const MERGES: usize = 300;

/// A token's number.
pub(crate) type Token = u32;

/// Encodes texts as tokens and decodes them.
pub(crate) struct Tokenizer {
    /// The merge of each pair of tokens. A lower token was learned earlier and is merged first.
    merges: HashMap<(Token, Token), Token>,
    pieces: Vec<Vec<u8>>,
}

impl Tokenizer {
    /// Learns the most frequent pairs.
    pub(crate) fn learn(text: &str) -> Self {
        let mut pieces: Vec<Vec<u8>> = (0..=u8::MAX).map(|byte| vec![byte]).collect();
        let mut merges = HashMap::new();
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        for chunk in chunks(text) {
            *counted.entry(chunk).or_default() += 1;
        }
        let mut chunks: Vec<(Vec<Token>, u64)> =
            counted.into_iter().map(|(chunk, count)| (bytes(chunk), count)).collect();
        for _ in 0..MERGES {
            let mut pairs: HashMap<(Token, Token), u64> = HashMap::new();
            for (tokens, count) in &chunks {
                for pair in tokens.windows(2) {
                    *pairs.entry((pair[0], pair[1])).or_default() += count;
                }
            }
            // Of equally frequent pairs the first, so that the same text gives the same tokens.
            let best = pairs.into_iter().max_by_key(|(pair, count)| (*count, std::cmp::Reverse(*pair)));
            let Some((pair, count)) = best else { break };
            if count < 2 {
                break;
            }
            let merged = pieces.len() as Token;
            pieces.push([pieces[pair.0 as usize].as_slice(), &pieces[pair.1 as usize]].concat());
            merges.insert(pair, merged);
            chunks.iter_mut().for_each(|(tokens, _)| merge(tokens, pair, merged));
        }
        Self { merges, pieces }
    }

    /// The tokens of a text.
    pub(crate) fn encode(&self, text: &str) -> Vec<Token> {
        let mut encoded = Vec::new();
        for chunk in chunks(text) {
            let mut tokens = bytes(chunk);
            let known = |pair: &[Token]| Some((*self.merges.get(&(pair[0], pair[1]))?, (pair[0], pair[1])));
            while let Some((merged, pair)) = tokens.windows(2).filter_map(known).min() {
                merge(&mut tokens, pair, merged);
            }
            encoded.extend(tokens);
        }
        encoded
    }

    /// The text of a token. An incomplete character becomes a replacement character.
    pub(crate) fn piece(&self, token: Token) -> String {
        String::from_utf8_lossy(self.pieces.get(token as usize).map_or(&[], Vec::as_slice)).into_owned()
    }
}

/// Splits a text into words with their leading space, and the text between words. Merges never cross these parts.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices();
        let (_, first) = characters.next()?;
        let starts_word = first.is_alphanumeric() || first == ' ';
        let end = characters.find(|(_, c)| !starts_word || !c.is_alphanumeric()).map_or(rest.len(), |(at, _)| at);
        let (chunk, after) = rest.split_at(end);
        rest = after;
        Some(chunk)
    })
}

fn bytes(chunk: &str) -> Vec<Token> {
    chunk.bytes().map(Token::from).collect()
}

fn merge(tokens: &mut Vec<Token>, pair: (Token, Token), merged: Token) {
    let mut at = 0;
    while at + 1 < tokens.len() {
        if (tokens[at], tokens[at + 1]) == pair {
            tokens[at] = merged;
            tokens.remove(at + 1);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(tokenizer: &Tokenizer, tokens: &[Token]) -> String {
        let bytes = tokens.iter().flat_map(|token| tokenizer.pieces[*token as usize].clone()).collect();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_is_encoded_can_be_read_again() {
        let tokenizer = Tokenizer::learn("the lamp and the lighthouse, the lamp and the sea");
        for text in ["the lamp", "  The lämp?\n\n日本", "", "the lamp and the lighthouse"] {
            assert_eq!(decode(&tokenizer, &tokenizer.encode(text)), text);
        }
    }

    #[test]
    fn what_is_frequent_is_one_token() {
        let tokenizer = Tokenizer::learn("the lamp and the lighthouse, the lamp and the sea");
        let tokens = tokenizer.encode(" the the the");
        assert_eq!(tokens.len(), 3, "{tokens:?}");
        assert_eq!(tokenizer.piece(tokens[0]), " the");
        assert_eq!(tokenizer.encode("qz").len(), 2, "what was never seen is bytes");
    }

    #[test]
    fn chunks_are_words_with_their_space() {
        let chunks: Vec<&str> = chunks("a lamp,  the sea\n").collect();
        assert_eq!(chunks, ["a", " lamp", ",", " ", " the", " sea", "\n"]);
    }
}
