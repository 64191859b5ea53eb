//! Tokens, cost and latency of a language model's answers. Prices come from the configuration, token counts from the answers.

use std::collections::HashMap;
use std::time::Duration;

use phoenix_otel::platform::Platform;
use phoenix_otel::platform::llm::{self, Completion, GENERATE, Generation, Operation, Price, Priority, QUEUE_DEPTH};
use phoenix_otel::{Telemetry, instrument_metrics};

/// Tokens of the system prompt, which is part of every request.
const INSTRUCTIONS: u64 = 1_000;

/// The attribute records the request's status and duration. `Completion` records tokens and cost.
#[instrument_metrics(GENERATE { model: model })]
async fn generate(model: &str, prompt: &str) -> Result<String, std::io::Error> {
    let answer = format!("You ask: {prompt}? I wonder, too.");
    // A real client reads these counts from the provider's response.
    let words = |text: &str| text.split(' ').count() as u64;
    Completion::new(model, INSTRUCTIONS + words(prompt), words(&answer)).operation(Operation::Chat).record();
    Ok(answer)
}

/// A streamed answer. No function returns it as a whole, so a guard records it.
async fn stream(model: &str, prompt: &str) {
    let mut answer = Generation::start(model);
    let mut words = 0;
    for _word in prompt.split(' ') {
        tokio::time::sleep(Duration::from_millis(5)).await;
        answer.token(); // the first call records the time to the first token
        words += 1;
    }
    answer.finish(INSTRUCTIONS + words, words);
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Dollars per million tokens. The variable sets them too: PHOENIX_OTEL_LLM_PRICES=small=0.15/0.6.
    let price = Price { prompt: 0.15, completion: 0.6 };
    let telemetry = phoenix_otel::builder("llm-service").with(Platform::new().price("small", price)).init()?;

    let mut cache: HashMap<&str, String> = HashMap::new();
    for question in ["who is there", "what for", "who is there"] {
        let _waiting = QUEUE_DEPTH.increment_guard(QUEUE_DEPTH { priority: Priority::Normal });
        llm::record_cache_lookup(cache.contains_key(question));
        if !cache.contains_key(question) {
            cache.insert(question, generate("small", question).await?);
        }
    }
    stream("small", "tell me a story").await;
    // A model without a price records no cost; phoenix_llm_unpriced_tokens_total counts its tokens.
    generate("brand-new", "how much are you").await?;

    show(&telemetry)?;
    telemetry.shutdown();
    Ok(())
}

/// Prints the samples of the model, without buckets, sums and zeros.
fn show(telemetry: &Telemetry) -> Result<(), Box<dyn std::error::Error>> {
    let exposition = telemetry.exposition()?;
    let models = exposition.lines().filter(|line| line.contains("_llm_") && line.contains("model="));
    let ratios =
        exposition.lines().filter(|line| line.contains("_hit_") && !line.contains("metric=") && !line.starts_with('#'));
    for line in models.chain(ratios).filter(|line| !line.ends_with(" 0")) {
        if !line.contains("_bucket{") && !line.contains("_sum{") {
            println!("{line}");
        }
    }
    Ok(())
}
