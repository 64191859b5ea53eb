//! An answer in flight.

use std::fmt;
use std::time::{Duration, Instant};

use phoenix_otel::Call;

use super::{Completion, GENERATE, Operation};

/// An answer in flight: a call of [`GENERATE`](static@GENERATE) that also measures the time to the first token.
///
/// If it is dropped without [`finish`](Self::finish) or [`fail`](Self::fail), the request counts as cancelled, or as a panic if a panic drops it.
///
/// ```
/// use phoenix_otel::platform::llm::Generation;
///
/// # fn tokens() -> impl Iterator<Item = &'static str> { ["one", "two"].into_iter() }
/// let mut generation = Generation::start("local-7b");
/// let mut written = 0;
/// for token in tokens() {
///     generation.token(); // the first call records the time to the first token
///     written += 1;
/// }
/// generation.finish(12, written); // requests, duration, tokens, cost, ratio
/// ```
#[must_use = "an answer that is dropped at once is counted as cancelled"]
pub struct Generation<'m> {
    call: Call,
    model: &'m str,
    operation: Operation,
    start: Instant,
    first_token: Option<Duration>,
}

impl<'m> Generation<'m> {
    /// Starts an answer of this model to a chat.
    pub fn start(model: &'m str) -> Self {
        let call = Call::start(GENERATE.bind(&GENERATE { model }));
        Self { call, model, operation: Operation::Chat, start: Instant::now(), first_token: None }
    }

    /// The operation of the model. The default is a chat.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// Records that a token of a streamed answer was generated. Only the first call has an effect.
    pub fn token(&mut self) {
        if self.first_token.is_none() {
            self.first_token = Some(self.start.elapsed());
        }
    }

    /// Ends the answer: records the request, its duration, and the metrics of [`Completion`].
    pub fn finish(self, prompt: u64, completion: u64) {
        let Self { model, operation, first_token, .. } = self;
        Completion { model, operation, prompt, completion, first_token }.record();
        self.call.ok();
    }

    /// Ends the answer as failed: records the request with the status `error`, and its duration.
    pub fn fail(self) {
        self.call.error("generation_failed");
    }
}

impl fmt::Debug for Generation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("model", &self.model).finish_non_exhaustive()
    }
}
