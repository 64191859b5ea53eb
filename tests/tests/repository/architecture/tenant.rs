//! Compiles `phoenix_otel::platform` as a part of another crate: it uses only the public API.

use phoenix_otel_tests::Samples;

use super::none;
use super::source::sources;

#[path = "../../../../phoenix-otel/src/platform/mod.rs"]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "the tests use a part of it")]
mod platform;

use platform::Platform;
use platform::llm::{Completion, Generation, Price};

#[test]
fn it_records_the_same_as_another_crate_and_as_a_module() {
    phoenix_otel_tests::isolated!();
    let platform = Platform::new().price("small", Price { prompt: 2.5, completion: 10.0 }).domain(platform::KB);
    let telemetry = phoenix_otel::builder("llm-service")
        .with(platform)
        .exporter("prometheus")
        .without_listener()
        .init()
        .expect("init succeeds");
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("phoenix_llm_cost_dollars_total", &[("model", "small")]), Some(0.0));
    assert_eq!(samples.get("phoenix_kb_similarity_score_count", &[]), Some(0.0), "the service names the domain");
    assert_eq!(samples.all("phoenix_safety_risk_level_total", &[]).count(), 0, "it does not name this one");

    Completion::new("small", 1000, 500).record();
    Generation::start("small").fail();
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("phoenix_llm_cost_dollars_total", &[("model", "small")]), Some(0.0075));
    assert_eq!(samples.get("phoenix_llm_token_usage_ratio", &[("model", "small")]), Some(2.0));
    let failed = [("model", "small"), ("status", "error")];
    assert_eq!(samples.get("phoenix_llm_requests_total", &failed), Some(1.0));
}

#[test]
fn the_compiled_copy_has_its_own_domains() {
    phoenix_otel_tests::isolated!();
    assert_ne!(platform::LLM, phoenix_otel::platform::LLM, "one name, declared by two crates");
    let telemetry = phoenix_otel::builder("llm-service")
        .with(phoenix_otel::platform::Platform::new())
        .exporter("prometheus")
        .without_listener()
        .init()
        .expect("init succeeds");
    Completion::new("of the other crate", 1, 1).record();
    phoenix_otel::platform::llm::Completion::new("of the module", 1, 1).record();
    let samples = Samples::of(&telemetry);
    let tokens = |model| samples.sum("phoenix_llm_tokens_total", &[("model", model)]);
    assert_eq!(tokens("of the module"), 2.0);
    assert_eq!(tokens("of the other crate"), 0.0);
}

/// The SDK's code names none of the platform's domains, not even as a part of a name.
#[test]
fn the_sdk_names_no_domain_of_the_platform() {
    const DOMAINS: [&str; 6] = ["orchestrator", "data_router", "llm", "kb", "safety", "executor"];
    let files = sources(&["phoenix-otel/src", "phoenix-otel-macros/src"]);
    let elsewhere = files.iter().filter(|file| !file.is_test() && !file.path.starts_with("phoenix-otel/src/platform/"));
    none(elsewhere.flat_map(|file| {
        let strings = file.tokens.iter().enumerate().filter(|(at, token)| {
            let documents = *at > 1 && file.tokens[at - 2].text == "doc";
            token.is_literal && !documents
        });
        let named = strings.filter_map(|(_, token)| {
            let domain = DOMAINS.into_iter().find(|domain| names(&token.text, domain))?;
            Some((token, domain))
        });
        named.map(|(token, domain)| {
            file.finding(
                token.line,
                format!("the domain {domain} of the platform is named in {}", token.text),
                "give `Domain` or `Extension` what any crate could say there",
            )
        })
    }));
}

/// Whether the text contains the words of the domain in sequence.
fn names(text: &str, domain: &str) -> bool {
    let words = text.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("_{words}_").contains(&format!("_{domain}_"))
}

#[test]
fn domains_are_distinguished_from_other_words() {
    for (text, domain) in
        [("\"phoenix_kb_entries\"", "kb"), ("\"the LLM\"", "llm"), ("\"a.data_router\"", "data_router")]
    {
        assert!(names(text, domain), "{text}");
    }
    assert!(!names("\"kbps\"", "kb") && !names("\"executors\"", "executor"));
}
