//! One answer under way.

use std::fmt;
use std::time::{Duration, Instant};

use phoenix_otel::Call;

use super::{Completion, GENERATE, Operation};

/// One answer under way: a call of [`GENERATE`](static@GENERATE) that knows when the first token came.
///
/// Dropped without [`finish`](Self::finish) or [`fail`](Self::fail), it is a request that was cancelled, or a panic if it is dropped by one.
///
/// ```
/// use phoenix_otel::platform::llm::Generation;
///
/// # fn tokens() -> impl Iterator<Item = &'static str> { ["one", "two"].into_iter() }
/// let mut generation = Generation::start("local-7b");
/// let mut written = 0;
/// for token in tokens() {
///     generation.token(); // the first one tells the time to the first token
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
    /// Starts a chat's answer by this model.
    pub fn start(model: &'m str) -> Self {
        let call = Call::start(GENERATE.bind(&GENERATE { model }));
        Self { call, model, operation: Operation::Chat, start: Instant::now(), first_token: None }
    }

    /// What the model was asked to do, where that was no chat.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// Notes that a token of a streamed answer came. All but the first change nothing.
    pub fn token(&mut self) {
        if self.first_token.is_none() {
            self.first_token = Some(self.start.elapsed());
        }
    }

    /// The answer is there: records the request, its duration, and what [`Completion`] does.
    pub fn finish(self, prompt: u64, completion: u64) {
        let Self { model, operation, first_token, .. } = self;
        Completion { model, operation, prompt, completion, first_token }.record();
        self.call.ok();
    }

    /// There is no answer: records the request and its duration, as an error.
    pub fn fail(self) {
        self.call.error("generation_failed");
    }
}

impl fmt::Debug for Generation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("model", &self.model).finish_non_exhaustive()
    }
}
