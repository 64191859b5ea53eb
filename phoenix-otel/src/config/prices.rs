//! What the tokens of language models cost: `PHOENIX_OTEL_LLM_PRICES`, as `model=prompt/completion,…`, in dollars for a million tokens.

use super::env::Env;
use super::model::Overrides;
use super::pairs;

const VARIABLE: &str = "PHOENIX_OTEL_LLM_PRICES";
const SETTING: &str = "builder: llm_price";
const ALLOWED: &str = "`model=prompt/completion,…`: dollars for a million tokens that the model reads and writes, such as `small=0.15/0.6`";

/// The prices of the environment, then those of the builder, which beat them.
pub(crate) fn resolve(env: &mut Env<'_>, given: &Overrides) -> Vec<(String, [f64; 2])> {
    let list = env.text(VARIABLE).unwrap_or_default();
    let mut prices = Vec::new();
    for (place, pair) in pairs::parse(&list) {
        match pair {
            Ok((model, text)) => match price(&text) {
                Some(price) => prices.push((model, price)),
                None => env.problem(VARIABLE, &format!("{model}={text} (entry {place})"), ALLOWED),
            },
            Err(bad) => env.problem(VARIABLE, &format!("{} (entry {place}: {})", bad.text, bad.why), ALLOWED),
        }
    }
    for (model, price) in &given.llm_prices {
        if model.is_empty() || !price.iter().copied().all(is_price) {
            let read = format!("{model}: {} and {}", price[0], price[1]);
            env.problem(SETTING, &read, "the name of a model, and prices that are finite and not negative");
        }
        prices.push((model.clone(), *price));
    }
    prices
}

fn price(text: &str) -> Option<[f64; 2]> {
    let (prompt, completion) = text.split_once('/')?;
    let price = [prompt.trim().parse().ok()?, completion.trim().parse().ok()?];
    price.iter().copied().all(is_price).then_some(price)
}

fn is_price(dollars: f64) -> bool {
    dollars.is_finite() && dollars >= 0.0
}
