//! Small language models: trained on a text at the start, called by gRPC, with streamed answers.

mod cache;
mod model;
mod queue;
mod server;
mod tokenizer;

use axum::Router;
use phoenix_otel::grpc::MetricsLayer;
use phoenix_otel::platform::llm::Price;
use phoenix_otel::{ErrorType, instrument_metrics};
use tonic::Status;
use tonic::service::Routes;
use tower::Layer;

use crate::proto::language_models_server::{LanguageModelsServer, SERVICE_NAME};
use model::Model;
use tokenizer::{Token, Tokenizer};

/// Prices of the models' tokens. `phoenix-lab` has no price yet.
pub(crate) const PRICES: [(&str, Price); 2] = [
    ("phoenix-large", Price { prompt: 3.0, completion: 15.0 }),
    ("phoenix-small", Price { prompt: 0.15, completion: 0.6 }),
];

/// The models, and the length of their context in tokens.
const MODELS: [(&str, usize); 3] = [("phoenix-large", 5), ("phoenix-small", 3), ("phoenix-lab", 1)];

/// The longest prompt in tokens.
const LONGEST: usize = 4_096;

/// The training text.
const TEXTS: [&str; 2] = [include_str!("../../texts/story.txt"), include_str!("../../texts/knowledge.txt")];

pub(crate) fn routes() -> Router {
    let edge = MetricsLayer::new().with_summary().with_methods([format!("{SERVICE_NAME}/Complete")]);
    let grpc = Routes::new(edge.layer(LanguageModelsServer::new(server::Server::new(Models::learn()))));
    grpc.prepare().into_axum_router()
}

/// The tokenizer and the models.
pub(crate) struct Models {
    tokenizer: Tokenizer,
    models: Vec<(&'static str, Model)>,
}

/// Why a prompt is rejected.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum PromptError {
    #[error("the prompt is empty")]
    Empty,
    #[error("the prompt has more than {LONGEST} tokens")]
    TooLong,
}

impl From<PromptError> for Status {
    fn from(error: PromptError) -> Self {
        Self::invalid_argument(error.to_string())
    }
}

impl Models {
    pub(crate) fn learn() -> Self {
        let text = TEXTS.concat();
        let tokenizer = Tokenizer::learn(&text);
        let tokens = tokenizer.encode(&text);
        let models = MODELS.iter().map(|(name, memory)| (*name, Model::learn(&tokens, *memory))).collect();
        Self { tokenizer, models }
    }

    /// The model of this name. `phoenix-small:harbour` is the variant `harbour` of `phoenix-small`.
    pub(crate) fn find(&self, name: &str) -> Option<&Model> {
        let base = name.split(':').next()?;
        self.models.iter().find(|(model, _)| *model == base).map(|(_, model)| model)
    }

    /// A prompt's tokens.
    #[instrument_metrics(subsystem = "llm")]
    pub(crate) fn tokenize(&self, prompt: &str) -> Result<Vec<Token>, PromptError> {
        // A token has at least one byte, and rarely more than ten.
        if prompt.len() > 16 * LONGEST {
            return Err(PromptError::TooLong);
        }
        match self.tokenizer.encode(prompt) {
            tokens if tokens.is_empty() => Err(PromptError::Empty),
            tokens if tokens.len() > LONGEST => Err(PromptError::TooLong),
            tokens => Ok(tokens),
        }
    }

    pub(crate) fn piece(&self, token: Token) -> String {
        self.tokenizer.piece(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_go_on_in_words() {
        let models = Models::learn();
        let prompt = models.tokenize("The lighthouse keeper").unwrap();
        assert!(prompt.len() < 10, "{prompt:?}");
        let model = models.find("phoenix-large:harbour").unwrap();
        let text: String = model.go_on(&prompt, 1).take(40).map(|token| models.piece(token)).collect();
        assert!(text.split_whitespace().count() > 8, "{text}");
        assert!(models.find("gpt").is_none());
    }

    #[test]
    fn prompts_have_bounds() {
        let models = Models::learn();
        assert!(matches!(models.tokenize(""), Err(PromptError::Empty)));
        assert!(matches!(models.tokenize(&"x".repeat(LONGEST + 1)), Err(PromptError::TooLong)));
    }
}
