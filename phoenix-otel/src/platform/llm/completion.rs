//! The tokens of one answer.

use std::time::Duration;

use super::{COST, Operation, Price, TIME_TO_FIRST_TOKEN, TOKEN_USAGE, TOKENS, TokenType, UNPRICED_TOKENS};

/// Records the tokens of one answer: their number, their cost, and the ratio of prompt tokens to completion tokens.
///
/// Use it in a function that is measured with [`GENERATE`](static@super::GENERATE). Otherwise use [`Generation`](super::Generation), which records everything.
///
/// ```
/// use phoenix_otel::instrument_metrics;
/// use phoenix_otel::platform::llm::{self, GENERATE};
///
/// #[instrument_metrics(GENERATE { model: &model })]
/// async fn generate(model: String, prompt: String) -> String {
///     let answer = prompt.to_uppercase();
///     llm::Completion::new(&model, 12, 34).record();
///     answer
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing is recorded before `record` is called"]
pub struct Completion<'m> {
    pub(super) model: &'m str,
    pub(super) operation: Operation,
    pub(super) prompt: u64,
    pub(super) completion: u64,
    pub(super) first_token: Option<Duration>,
}

impl<'m> Completion<'m> {
    /// An answer with `completion` tokens to a chat with `prompt` tokens.
    pub const fn new(model: &'m str, prompt: u64, completion: u64) -> Self {
        Self { model, operation: Operation::Chat, prompt, completion, first_token: None }
    }

    /// Sets the operation of the model. The default is [`Operation::Chat`].
    pub const fn operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// The time from the request to the first token of a streamed answer.
    pub const fn time_to_first_token(mut self, time: Duration) -> Self {
        self.first_token = Some(time);
        self
    }

    /// Records everything. Does nothing before `init`, or if the domain is inactive.
    ///
    /// If a model has no price, its cost is 0 and its tokens are counted as unpriced.
    pub fn record(self) {
        let Self { model, operation, prompt, completion, first_token } = self;
        TOKENS.add(prompt, TOKENS { model, operation, token_type: TokenType::Prompt });
        TOKENS.add(completion, TOKENS { model, operation, token_type: TokenType::Completion });
        let models = super::models::current();
        let price = models.price(model).unwrap_or_else(|| {
            UNPRICED_TOKENS.add(prompt.saturating_add(completion), UNPRICED_TOKENS { model });
            Price::default()
        });
        let cost = prompt as f64 * price.prompt + completion as f64 * price.completion;
        COST.add(cost / 1e6, COST { model });
        if let Some(ratio) = models.usage(model, prompt, completion) {
            TOKEN_USAGE.set(ratio, TOKEN_USAGE { model });
        }
        if let Some(time) = first_token {
            TIME_TO_FIRST_TOKEN.record(time.as_secs_f64(), TIME_TO_FIRST_TOKEN { model });
        }
    }
}
