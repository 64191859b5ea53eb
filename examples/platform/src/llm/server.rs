//! The gRPC service of the models.

use std::sync::Arc;

use phoenix_otel::platform::llm::{Generation, Operation, Priority};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::Models;
use super::cache::{Answer, Cache, Question};
use super::model::Model;
use super::queue::Queue;
use super::tokenizer::Token;
use crate::proto::completion_event::Event;
use crate::proto::language_models_server::LanguageModels;
use crate::proto::{self, CompletionEvent, CompletionRequest, Usage};
use crate::words::hash;

/// Number of answers that are generated in parallel.
const AT_ONCE: usize = 2;
/// Tokens in flight to a client. A slow client blocks the model that writes for it.
const UNREAD: usize = 16;
/// Default length of an answer in tokens.
const TOKENS: usize = 64;
/// Maximum length of an answer in tokens.
const MOST_TOKENS: usize = 4_096;

#[derive(Clone)]
pub(super) struct Server(Arc<Shared>);

struct Shared {
    models: Models,
    queue: Queue,
    cache: Cache,
}

/// Sends the events of an answer.
type Events = mpsc::Sender<Result<CompletionEvent, Status>>;

/// The client has disconnected.
struct Left;

impl Server {
    pub(super) fn new(models: Models) -> Self {
        Self(Arc::new(Shared { models, queue: Queue::new(AT_ONCE), cache: Cache::default() }))
    }
}

#[tonic::async_trait]
impl LanguageModels for Server {
    type CompleteStream = ReceiverStream<Result<CompletionEvent, Status>>;

    async fn complete(&self, request: Request<CompletionRequest>) -> Result<Response<Self::CompleteStream>, Status> {
        let request = request.into_inner();
        if self.0.models.find(&request.model).is_none() {
            return Err(Status::not_found(format!("unknown model {:?}", request.model)));
        }
        let (events, stream) = mpsc::channel(UNREAD);
        let shared = self.0.clone();
        // The task ends when the client disconnects, since sending its events fails then.
        tokio::spawn(async move { shared.answer(request, &events).await });
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

impl Shared {
    async fn answer(&self, request: CompletionRequest, events: &Events) -> Result<(), Left> {
        let (priority, operation) = (priority(&request), operation(&request));
        let max_tokens = match request.max_tokens as usize {
            0 => TOKENS,
            tokens => tokens.min(MOST_TOKENS),
        };
        let question = Question { model: request.model, prompt: request.prompt, max_tokens };
        if let Some(answer) = self.cache.look_up(&question) {
            for token in &answer.tokens {
                self.send(events, *token).await?;
            }
            return done(events, &answer, true).await;
        }

        // If it is dropped without one of the two calls below, the request is recorded as cancelled.
        let mut generation = Generation::start(&question.model).operation(operation);
        let turn = tokio::select! {
            turn = self.queue.turn(priority) => turn.map_err(|_| Status::resource_exhausted("too many requests wait")),
            () = events.closed() => return Err(Left),
        };
        let prompt = turn.and_then(|turn| Ok((turn, self.models.tokenize(&question.prompt)?)));
        let (turn, prompt) = match prompt {
            Ok(prompt) => prompt,
            Err(refused) => {
                generation.fail();
                return events.send(Err(refused)).await.map_err(|_| Left);
            }
        };
        let mut tokens = Vec::new();
        for token in self.written(&question, &prompt).take(max_tokens) {
            generation.token();
            self.send(events, token).await?;
            tokens.push(token);
        }
        drop(turn);
        generation.finish(prompt.len() as u64, tokens.len() as u64);
        let answer = Answer { prompt_tokens: prompt.len(), tokens };
        let told = done(events, &answer, false).await;
        self.cache.keep(question, answer);
        told
    }

    fn written<'s>(&'s self, question: &Question, prompt: &'s [Token]) -> impl Iterator<Item = Token> + use<'s> {
        let seed = hash(question.prompt.as_bytes()) ^ hash(question.model.as_bytes());
        self.models.find(&question.model).into_iter().flat_map(move |model: &Model| model.go_on(prompt, seed))
    }

    async fn send(&self, events: &Events, token: Token) -> Result<(), Left> {
        let event = CompletionEvent { event: Some(Event::Token(self.models.piece(token))) };
        events.send(Ok(event)).await.map_err(|_| Left)
    }
}

async fn done(events: &Events, answer: &Answer, cached: bool) -> Result<(), Left> {
    let (prompt_tokens, completion_tokens) = (answer.prompt_tokens as u32, answer.tokens.len() as u32);
    let event = Event::Usage(Usage { prompt_tokens, completion_tokens, cached });
    events.send(Ok(CompletionEvent { event: Some(event) })).await.map_err(|_| Left)
}

fn priority(request: &CompletionRequest) -> Priority {
    match request.priority() {
        proto::Priority::Low => Priority::Low,
        proto::Priority::Normal => Priority::Normal,
        proto::Priority::High => Priority::High,
    }
}

fn operation(request: &CompletionRequest) -> Operation {
    match request.task() {
        proto::Task::Chat => Operation::Chat,
        proto::Task::TextCompletion => Operation::TextCompletion,
    }
}
