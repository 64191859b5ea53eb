//! The state of the models since the latest `init`: their prices, and the counts for the ratios.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, RwLock};

use super::super::lock::{read, write};
use super::{COST, GENERATE, Operation, Price, TIME_TO_FIRST_TOKEN, TOKEN_USAGE, TOKENS, TokenType};

/// Each `init` resets the counts.
static MODELS: LazyLock<RwLock<Arc<Models>>> = LazyLock::new(RwLock::default);

#[derive(Default)]
pub(super) struct Models {
    prices: HashMap<String, Price>,
    used: RwLock<HashMap<Box<str>, Arc<Used>>>,
    /// Models above the cap share these counts, as their gauges share the overflow series.
    used_beyond: Arc<Used>,
    look_ups: LookUps,
}

/// The tokens of one model.
#[derive(Default)]
struct Used {
    prompt: AtomicU64,
    completion: AtomicU64,
}

/// Look-ups in the response cache.
#[derive(Default)]
struct LookUps {
    all: AtomicU64,
    hits: AtomicU64,
}

/// Resets the state with these prices. The counters and histograms of priced models (operation chat) are created at 0 first, so that unknown model
/// names cannot use up the cap. A gauge is not created, because it has no value yet.
pub(in super::super) fn begin(prices: HashMap<String, Price>) {
    for model in prices.keys() {
        COST.declare(COST { model });
        for token_type in [TokenType::Prompt, TokenType::Completion] {
            TOKENS.declare(TOKENS { model, operation: Operation::Chat, token_type });
        }
        TIME_TO_FIRST_TOKEN.declare(TIME_TO_FIRST_TOKEN { model });
        let _ = GENERATE.bind(&GENERATE { model });
    }
    let models = Models { prices, ..Models::default() };
    *write(&MODELS) = Arc::new(models);
}

/// The models of the latest `init`.
pub(super) fn current() -> Arc<Models> {
    read(&MODELS).clone()
}

impl Models {
    pub(super) fn price(&self, model: &str) -> Option<Price> {
        self.prices.get(model).copied()
    }

    /// The ratio of prompt tokens to completion tokens, including these. `None` before a token is written.
    pub(super) fn usage(&self, model: &str, prompt: u64, completion: u64) -> Option<f64> {
        let used = self.used(model);
        let prompt = add(&used.prompt, prompt);
        let completion = add(&used.completion, completion);
        (completion > 0).then(|| prompt as f64 / completion as f64)
    }

    fn used(&self, model: &str) -> Arc<Used> {
        let cap = TOKEN_USAGE::DEF.cap;
        let known = read(&self.used);
        match known.get(model) {
            Some(used) => return used.clone(),
            None if known.len() >= cap => return self.used_beyond.clone(),
            None => drop(known),
        }
        let mut known = write(&self.used);
        if known.len() >= cap && !known.contains_key(model) {
            return self.used_beyond.clone();
        }
        known.entry(model.into()).or_default().clone()
    }

    /// Counts a look-up in the response cache. Returns the hit ratio, including this look-up.
    pub(super) fn looked_up(&self, hit: bool) -> f64 {
        // Writes the total before the hits and reads the hits before the total: with concurrent threads the ratio is still at most 1.
        self.look_ups.all.fetch_add(1, Ordering::AcqRel);
        if hit {
            self.look_ups.hits.fetch_add(1, Ordering::AcqRel);
        }
        let hits = self.look_ups.hits.load(Ordering::Acquire);
        let all = self.look_ups.all.load(Ordering::Acquire);
        hits as f64 / all as f64
    }
}

/// Saturating addition: recording must not panic for any number that a backend reports.
fn add(sum: &AtomicU64, n: u64) -> u64 {
    let before = sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sum| Some(sum.saturating_add(n)));
    before.unwrap_or_default().saturating_add(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_beyond_the_cap_share_one_ratio() {
        let models = Models::default();
        for n in 0..TOKEN_USAGE::DEF.cap {
            assert_eq!(models.usage(&format!("model-{n}"), 2, 1), Some(2.0));
        }
        assert_eq!(models.usage("one more", 3, 1), Some(3.0));
        assert_eq!(models.usage("another", 5, 1), Some(4.0), "8 tokens read, 2 written");
        assert_eq!(models.usage("model-0", 2, 1), Some(2.0));
    }

    #[test]
    fn nothing_written_is_no_ratio() {
        let models = Models::default();
        assert_eq!(models.usage("small", 7, 0), None);
        assert_eq!(models.usage("small", 7, 7), Some(2.0));
        assert_eq!(models.usage("small", u64::MAX, u64::MAX), Some(1.0));
    }

    #[test]
    fn the_share_of_hits() {
        let models = Models::default();
        assert_eq!(models.looked_up(false), 0.0);
        assert_eq!(models.looked_up(true), 0.5);
    }
}
