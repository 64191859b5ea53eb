use std::time::Duration;

use phoenix_otel::Builder;
use phoenix_otel::platform::Platform;
use phoenix_otel::platform::llm::{
    Completion, Generation, Operation, Price, Priority, QUEUE_DEPTH, record_cache_lookup,
};
use phoenix_otel_tests::Samples;

use super::{get, telemetry};

#[test]
fn a_priced_answer() {
    phoenix_otel_tests::isolated!();
    telemetry();
    let model = [("model", "priced")];
    assert_eq!(get("phoenix_llm_cost_dollars_total", &model), Some(0.0), "what a priced model costs exists at 0");
    Completion::new("priced", 1000, 500).record();
    Completion::new("priced", 1000, 0).operation(Operation::Embeddings).record();
    let tokens = |operation, token_type| {
        let labels = [("model", "priced"), ("operation", operation), ("token_type", token_type)];
        get("phoenix_llm_tokens_total", &labels)
    };
    assert_eq!(tokens("chat", "prompt"), Some(1000.0));
    assert_eq!(tokens("chat", "completion"), Some(500.0));
    assert_eq!(tokens("embeddings", "prompt"), Some(1000.0));
    let cost = get("phoenix_llm_cost_dollars_total", &model).unwrap();
    assert!((cost - (2000.0 * 2.5 + 500.0 * 10.0) / 1e6).abs() < 1e-12, "{cost}");
    assert_eq!(get("phoenix_llm_token_usage_ratio", &model), Some(4.0));
    assert_eq!(get("phoenix_llm_unpriced_tokens_total", &model), None);
}

#[test]
fn an_unknown_model_is_free_and_counted() {
    phoenix_otel_tests::isolated!();
    telemetry();
    Completion::new("unheard-of", 7, 0).record();
    Completion::new("free", 7, 1).record();
    let model = [("model", "unheard-of")];
    assert_eq!(get("phoenix_llm_cost_dollars_total", &model), Some(0.0));
    assert_eq!(get("phoenix_llm_unpriced_tokens_total", &model), Some(7.0));
    assert_eq!(get("phoenix_llm_token_usage_ratio", &model), None, "nothing was written: there is no ratio");
    assert_eq!(get("phoenix_llm_unpriced_tokens_total", &[("model", "free")]), None, "a price of 0 is a price");
}

#[test]
fn priced_models_have_series_from_the_start() {
    phoenix_otel_tests::isolated!();
    telemetry();
    let labels = [("model", "free"), ("operation", "chat"), ("token_type", "prompt")];
    assert!(get("phoenix_llm_tokens_total", &labels).is_some());
    assert!(get("phoenix_llm_requests_total", &[("model", "free"), ("status", "error")]).is_some());
    assert!(get("phoenix_llm_time_to_first_token_seconds_count", &[("model", "free")]).is_some());
}

#[test]
fn invalid_values_of_a_backend_cause_no_panic() {
    phoenix_otel_tests::isolated!();
    telemetry();
    for _ in 0..2 {
        Completion::new("nonsense", u64::MAX, u64::MAX).record();
    }
    assert_eq!(get("phoenix_llm_token_usage_ratio", &[("model", "nonsense")]), Some(1.0));
}

#[test]
fn a_streamed_answer() {
    phoenix_otel_tests::isolated!();
    telemetry();
    let model = [("model", "streamed")];
    let mut generation = Generation::start("streamed").operation(Operation::TextCompletion);
    std::thread::sleep(Duration::from_millis(20));
    generation.token();
    std::thread::sleep(Duration::from_millis(20));
    generation.token();
    generation.finish(3, 2);
    let first = get("phoenix_llm_time_to_first_token_seconds_sum", &model).unwrap();
    let whole = get("phoenix_llm_generation_duration_seconds_sum", &model).unwrap();
    assert!(first >= 0.02 && whole >= first + 0.02, "{first} {whole}");
    assert_eq!(get("phoenix_llm_time_to_first_token_seconds_count", &model), Some(1.0));

    Generation::start("streamed").fail();
    drop(Generation::start("streamed"));
    let panicked = std::panic::catch_unwind(|| {
        let _generation = Generation::start("streamed");
        panic!("the model is on fire");
    });
    assert!(panicked.is_err());
    for status in ["ok", "error", "cancelled", "panic"] {
        let labels = [("model", "streamed"), ("status", status)];
        assert_eq!(get("phoenix_llm_requests_total", &labels), Some(1.0), "{status}");
    }
    assert_eq!(get("phoenix_llm_generation_duration_seconds_count", &model), Some(4.0));
}

#[test]
fn the_cache_and_the_queue() {
    phoenix_otel_tests::isolated!();
    telemetry();
    let ratio = || get("phoenix_llm_cache_hit_ratio", &[]);
    assert_eq!(ratio(), None, "no look-up, no ratio");
    for hit in [true, false, false, false] {
        record_cache_lookup(hit);
    }
    assert_eq!(ratio(), Some(0.25));

    let depth = |priority| get("phoenix_llm_queue_depth", &[("priority", priority)]);
    let first = QUEUE_DEPTH.increment_guard(QUEUE_DEPTH { priority: Priority::High });
    let second = QUEUE_DEPTH.increment_guard(QUEUE_DEPTH { priority: Priority::High });
    assert_eq!((depth("high"), depth("normal"), depth("low")), (Some(2.0), Some(0.0), Some(0.0)));
    drop(first);
    assert_eq!(depth("high"), Some(1.0));
    drop(second);
    assert_eq!(depth("high"), Some(0.0));
}

#[test]
fn a_price_in_code_beats_the_variable() {
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("llm")
        .environment([("PHOENIX_OTEL_LLM_PRICES", "small=1/1, vendor/large:2=2.5/10,")])
        .with(Platform::new().price("small", Price { prompt: 3.0, completion: 0.0 }))
        .exporter("prometheus")
        .without_listener()
        .init()
        .expect("init succeeds");
    Completion::new("small", 1_000_000, 0).record();
    Completion::new("vendor/large:2", 1_000_000, 0).record();
    let samples = Samples::of(&telemetry);
    let cost = |model| samples.get("phoenix_llm_cost_dollars_total", &[("model", model)]);
    assert_eq!((cost("small"), cost("vendor/large:2")), (Some(3.0), Some(2.5)));
}

#[test]
fn invalid_prices_are_reported() {
    phoenix_otel_tests::isolated!();
    let builder = |variable: &str, platform: Platform| {
        let builder = phoenix_otel::builder("llm").environment([("PHOENIX_OTEL_LLM_PRICES", variable)]);
        builder.with(platform).exporter("prometheus").without_listener()
    };
    let problems = |builder: Builder| match builder.init() {
        Err(error) => error.settings().iter().map(|problem| problem.name().to_owned()).collect(),
        other => panic!("{other:?}"),
    };
    for wrong in ["small", "small=1", "small=1/", "small=a/b", "small=-1/1", "small=1/inf", "=1/1", "small=1/NaN"] {
        let found: Vec<String> = problems(builder(wrong, Platform::new()).strict());
        assert_eq!(found, ["PHOENIX_OTEL_LLM_PRICES"], "{wrong}");
        // The service starts with the valid prices.
        let telemetry = builder(&format!("{wrong},large=2.5/10"), Platform::new()).init().unwrap();
        let ignored: Vec<_> = telemetry.ignored().iter().map(|problem| problem.name()).collect();
        assert_eq!(ignored, ["PHOENIX_OTEL_LLM_PRICES"], "{wrong}");
        let cost = Samples::of(&telemetry).get("phoenix_llm_cost_dollars_total", &[("model", "large")]);
        assert_eq!(cost, Some(0.0), "{wrong}");
    }
    let negative = Price { prompt: -1.0, completion: 0.0 };
    for (model, price) in [("small", negative), ("", Price::default())] {
        let found: Vec<String> = problems(builder("", Platform::new().price(model, price)));
        assert_eq!(found, ["builder: Platform::price"], "{model}");
    }
}
