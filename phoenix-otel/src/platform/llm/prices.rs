//! The prices of the tokens of language models: from `PHOENIX_OTEL_LLM_PRICES`, from a configuration file and from code.

use std::collections::HashMap;

use phoenix_otel::{ExtensionSettings, Origin};

use super::super::NODE;

/// The prices of a model's tokens, in US dollars per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Price {
    /// The price of a million prompt tokens.
    pub prompt: f64,
    /// The price of a million completion tokens.
    pub completion: f64,
}

const VARIABLE: &str = "PHOENIX_OTEL_LLM_PRICES";
const SETTING: &str = "builder: Platform::price";
const ALLOWED: &str = "`model=prompt/completion,…`, the prices in US dollars of a million prompt tokens and completion tokens, such as `small=0.15/0.6`";

/// The prices from code, from the file and from the variable. Code takes precedence. With a file, the variable is not set.
pub(in super::super) fn resolve(
    settings: &mut ExtensionSettings<'_>,
    of_file: Vec<(String, Price)>,
    given: &[(String, Price)],
) -> HashMap<String, Price> {
    let mut prices = HashMap::from_iter(of_file);
    for (model, text) in settings.pairs(VARIABLE, ALLOWED) {
        match Price::parse(&text) {
            Some(price) => {
                price.show(settings, &model, Origin::Variable(VARIABLE.to_owned()));
                prices.insert(model, price);
            }
            None => settings.ignored(VARIABLE, format_args!("{model}={text}"), ALLOWED, "no price for this model"),
        }
    }
    for (model, price) in given {
        if model.is_empty() || !price.is_valid() {
            let read = format!("{model:?}: {} and {}", price.prompt, price.completion);
            settings.problem(SETTING, read, "a non-empty model name, and prices that are finite and not negative");
        }
        price.show(settings, model, Origin::Code(SETTING.to_owned()));
        prices.insert(model.clone(), *price);
    }
    prices
}

/// The prices of a configuration file: a mapping with a model in each key.
#[cfg(feature = "config-file")]
pub(in super::super) fn of_file(models: &phoenix_otel::ConfigNode) -> Vec<(String, Price)> {
    let mut prices = Vec::new();
    for model in models.keys() {
        let Some(node) = models.node(&model) else { continue };
        let dollars = |key: &str| {
            let dollars = node.number(key);
            let is_missing = !node.keys().iter().any(|other| other == key);
            if is_missing || dollars.is_some_and(|dollars| !dollars.is_finite() || dollars < 0.0) {
                node.invalid(key, format!("the key {key} with US dollars per million tokens, 0 or more"));
            }
            dollars
        };
        if let (Some(prompt), Some(completion)) = (dollars("prompt"), dollars("completion")) {
            prices.push((model, Price { prompt, completion }));
        }
    }
    prices
}

impl Price {
    /// Adds the price to the effective configuration.
    fn show(&self, settings: &mut ExtensionSettings<'_>, model: &str, origin: Origin) {
        for (key, dollars) in [("prompt", self.prompt), ("completion", self.completion)] {
            settings.effective(NODE, &["prices", model, key], dollars, origin.clone());
        }
    }

    /// Parses a price `prompt/completion`.
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
