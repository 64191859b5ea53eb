//! What the tokens of language models cost: `PHOENIX_OTEL_LLM_PRICES`, and what a service sets in code.

use std::collections::HashMap;

use phoenix_otel::ExtensionSettings;

/// What a model's tokens cost, in US dollars for a million of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Price {
    /// A million tokens that the model reads.
    pub prompt: f64,
    /// A million tokens that the model writes.
    pub completion: f64,
}

const VARIABLE: &str = "PHOENIX_OTEL_LLM_PRICES";
const SETTING: &str = "builder: Platform::price";
const ALLOWED: &str = "`model=prompt/completion,…`: dollars for a million tokens that the model reads and writes, such as `small=0.15/0.6`";

/// The prices of the variable, and those that were set in code, which beat them.
pub(in super::super) fn resolve(
    settings: &mut ExtensionSettings<'_>,
    given: &[(String, Price)],
) -> HashMap<String, Price> {
    let mut prices = HashMap::new();
    for (model, text) in settings.pairs(VARIABLE, ALLOWED) {
        match Price::parse(&text) {
            Some(price) => _ = prices.insert(model, price),
            None => settings.ignored(VARIABLE, format_args!("{model}={text}"), ALLOWED, "no price for this model"),
        }
    }
    for (model, price) in given {
        if model.is_empty() || !price.is_valid() {
            let read = format!("{model:?}: {} and {}", price.prompt, price.completion);
            settings.problem(SETTING, read, "the name of a model, and prices that are finite and not negative");
        }
        prices.insert(model.clone(), *price);
    }
    prices
}

impl Price {
    /// The price `prompt/completion`.
    fn parse(text: &str) -> Option<Self> {
        let (prompt, completion) = text.split_once('/')?;
        let price = Self { prompt: prompt.trim().parse().ok()?, completion: completion.trim().parse().ok()? };
        price.is_valid().then_some(price)
    }

    fn is_valid(&self) -> bool {
        [self.prompt, self.completion].iter().all(|dollars| dollars.is_finite() && *dollars >= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_two_numbers() {
        assert_eq!(Price::parse("0.15/0.6"), Some(Price { prompt: 0.15, completion: 0.6 }));
        assert_eq!(Price::parse(" 3 / 15 "), Some(Price { prompt: 3.0, completion: 15.0 }));
        for wrong in ["", "1", "1/", "/1", "a/b", "-1/1", "1/inf", "1/NaN"] {
            assert_eq!(Price::parse(wrong), None, "{wrong}");
        }
    }
}
