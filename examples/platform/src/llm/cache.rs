//! A cache of answers.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use phoenix_otel::platform::llm::record_cache_lookup;

use super::tokenizer::Token;

/// The most cached answers. The oldest is evicted first.
const CAPACITY: usize = 512;

/// The cache key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) model: String,
    pub(crate) prompt: String,
    pub(crate) max_tokens: usize,
}

/// An answer's tokens.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) prompt_tokens: usize,
    pub(crate) tokens: Vec<Token>,
}

#[derive(Default)]
pub(crate) struct Cache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    answers: HashMap<Question, Arc<Answer>>,
    by_age: VecDeque<Question>,
}

impl Cache {
    pub(crate) fn look_up(&self, question: &Question) -> Option<Arc<Answer>> {
        let answer = self.kept().answers.get(question).cloned();
        record_cache_lookup(answer.is_some());
        answer
    }

    pub(crate) fn keep(&self, question: Question, answer: Answer) {
        let mut kept = self.kept();
        if kept.answers.insert(question.clone(), Arc::new(answer)).is_none() {
            kept.by_age.push_back(question);
        }
        if kept.by_age.len() > CAPACITY
            && let Some(oldest) = kept.by_age.pop_front()
        {
            kept.answers.remove(&oldest);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(number: usize) -> Question {
        Question { model: "small".into(), prompt: number.to_string(), max_tokens: 8 }
    }

    #[test]
    fn the_oldest_answer_goes_first() {
        let cache = Cache::default();
        for number in 0..CAPACITY + 1 {
            cache.keep(question(number), Answer { prompt_tokens: 1, tokens: vec![7] });
        }
        assert!(cache.look_up(&question(0)).is_none());
        assert_eq!(cache.look_up(&question(CAPACITY)).unwrap().tokens, [7]);
        assert_eq!(cache.kept().answers.len(), CAPACITY);
    }
}
