//! Small n-gram language models, trained when the service starts.

use std::collections::{BTreeMap, HashMap};

use super::tokenizer::Token;

/// How often each token follows.
type Followers = BTreeMap<Token, u32>;

/// A model with a context of `order` tokens, or fewer if it has never seen them.
pub(crate) struct Model {
    memory: usize,
    followers: HashMap<Vec<Token>, Followers>,
}

impl Model {
    /// Trains on a text's tokens.
    pub(crate) fn learn(tokens: &[Token], memory: usize) -> Self {
        let mut followers: HashMap<Vec<Token>, Followers> = HashMap::new();
        for (at, token) in tokens.iter().enumerate() {
            for length in 0..=memory.min(at) {
                *followers.entry(tokens[at - length..at].to_vec()).or_default().entry(*token).or_default() += 1;
            }
        }
        Self { memory, followers }
    }

    /// Continues a text without end. The same seed gives the same text.
    pub(crate) fn go_on(&self, prompt: &[Token], seed: u64) -> impl Iterator<Item = Token> {
        let mut context = prompt[prompt.len().saturating_sub(self.memory)..].to_vec();
        let mut random = Random(seed | 1);
        std::iter::from_fn(move || {
            let token = self.next(&context, &mut random)?;
            context.push(token);
            if context.len() > self.memory {
                context.remove(0);
            }
            Some(token)
        })
    }

    fn next(&self, context: &[Token], random: &mut Random) -> Option<Token> {
        let followers = (0..=context.len()).find_map(|skipped| self.followers.get(&context[skipped..]))?;
        let mut drawn = random.below(followers.values().sum());
        let chosen = followers.iter().find(|(_, count)| match drawn.checked_sub(**count) {
            Some(left) => {
                drawn = left;
                false
            }
            None => true,
        });
        chosen.map(|(token, _)| *token)
    }
}

/// Marsaglia's xorshift, good enough to draw words.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) % u64::from(bound.max(1))) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_says_what_it_learned() {
        let model = Model::learn(&[1, 2, 3, 1, 2, 3, 1, 2, 3, 1], 2);
        let said: Vec<Token> = model.go_on(&[9, 1, 2], 7).take(5).collect();
        assert_eq!(said, [3, 1, 2, 3, 1]);
    }

    #[test]
    fn the_same_seed_goes_on_in_the_same_way() {
        let tokens: Vec<Token> = (0..200).map(|at| at * at % 17).collect();
        let model = Model::learn(&tokens, 1);
        let say = |seed| model.go_on(&[4], seed).take(50).collect::<Vec<_>>();
        assert_eq!(say(3), say(3));
        assert_ne!(say(3), say(99));
    }

    #[test]
    fn a_prompt_that_was_never_seen_is_no_end() {
        let model = Model::learn(&[1, 2, 3], 2);
        assert_eq!(model.go_on(&[77, 78], 1).take(4).count(), 4);
        assert_eq!(Model::learn(&[], 2).go_on(&[1], 1).count(), 0);
    }
}
