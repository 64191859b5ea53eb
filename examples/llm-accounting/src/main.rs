//! What a language model's answers cost. Prices come from the configuration, tokens from the answers, and the rest is arithmetic.

use std::collections::HashMap;
use std::time::Duration;

use phoenix_otel::platform::Platform;
use phoenix_otel::platform::llm::{self, Completion, GENERATE, Generation, Operation, Price, Priority, QUEUE_DEPTH};
use phoenix_otel::{Telemetry, instrument_metrics};

/// Tokens that every request carries: what the model is told to be like.
const INSTRUCTIONS: u64 = 1_000;

/// The attribute counts the request by how it ended and takes its time; one line more accounts for the tokens.
#[instrument_metrics(GENERATE { model: model })]
async fn generate(model: &str, prompt: &str) -> Result<String, std::io::Error> {
    let answer = format!("You ask: {prompt}? I wonder, too.");
    // A real client finds these numbers in the answer, where the provider has counted.
    let words = |text: &str| text.split(' ').count() as u64;
    Completion::new(model, INSTRUCTIONS + words(prompt), words(&answer)).operation(Operation::Chat).record();
    Ok(answer)
}

/// A streamed answer, which no function returns as a whole.
async fn stream(model: &str, prompt: &str) {
    let mut answer = Generation::start(model);
    let mut words = 0;
    for _word in prompt.split(' ') {
        tokio::time::sleep(Duration::from_millis(5)).await;
        answer.token(); // the first one tells the time to the first token
        words += 1;
    }
    answer.finish(INSTRUCTIONS + words, words);
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Dollars for a million tokens. They may also stand in PHOENIX_OTEL_LLM_PRICES=small=0.15/0.6.
    let price = Price { prompt: 0.15, completion: 0.6 };
    let telemetry = phoenix_otel::builder("llm-service").with(Platform::new().price("small", price)).init()?;

    let mut cache: HashMap<&str, String> = HashMap::new();
    for question in ["who is there", "what for", "who is there"] {
        let _waiting = QUEUE_DEPTH.increment_guard(QUEUE_DEPTH { priority: Priority::Normal });
        llm::cache_looked_up(cache.contains_key(question));
        if !cache.contains_key(question) {
            cache.insert(question, generate("small", question).await?);
        }
    }
    stream("small", "tell me a story").await;
    // A model that the price table lacks costs nothing, and that is seen.
    generate("brand-new", "how much are you").await?;

    show(&telemetry)?;
    telemetry.shutdown();
    Ok(())
}

/// Prints what was accounted, but for buckets, times and what never happened.
fn show(telemetry: &Telemetry) -> Result<(), Box<dyn std::error::Error>> {
    let exposition = telemetry.exposition()?;
    let accounted = exposition.lines().filter(|line| line.contains("_llm_") && line.contains("model="));
    let ratios =
        exposition.lines().filter(|line| line.contains("_hit_") && !line.contains("metric=") && !line.starts_with('#'));
    for line in accounted.chain(ratios).filter(|line| !line.ends_with(" 0")) {
        if !line.contains("_bucket{") && !line.contains("_sum{") {
            println!("{line}");
        }
    }
    Ok(())
}
