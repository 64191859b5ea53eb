//! What the tokens of language models cost.

use super::*;

#[test]
fn prices_are_read_and_the_builder_beats_the_environment() {
    let variables = [("PHOENIX_OTEL_LLM_PRICES", "small=0.15/0.6, vendor/large:2=2.5/10,")];
    let given = Overrides { llm_prices: vec![("small".into(), [0.0, 0.0])], ..Overrides::default() };
    let prices = with(&variables, &given).unwrap().llm_prices;
    let expected = [("small", [0.15, 0.6]), ("vendor/large:2", [2.5, 10.0]), ("small", [0.0, 0.0])];
    assert_eq!(prices, expected.map(|(model, price)| (model.to_owned(), price)));
    assert_eq!(resolve(&[]).llm_prices, []);
}

#[test]
fn bad_prices_are_told() {
    for bad in ["small", "small=1", "small=1/", "small=a/b", "small=-1/1", "small=1/inf", "=1/1", "small=1/NaN"] {
        let found = told(with(&[("PHOENIX_OTEL_LLM_PRICES", bad)], &Overrides::default()));
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        assert_eq!(found[0].0, "PHOENIX_OTEL_LLM_PRICES", "{bad}");
    }
    let given = Overrides { llm_prices: vec![("small".into(), [f64::NAN, 0.0])], ..Overrides::default() };
    assert_eq!(told(with(&[], &given))[0].0, "builder: llm_price");
}
