use proptest::prelude::*;

use super::*;

const GOLDEN: &[(&str, &str, NameKind, &str)] = &[
    // Names that four other translators were run on.
    ("phoenix.llm.tokens", "{token}", NameKind::Counter, "phoenix_llm_tokens_total"),
    ("phoenix_llm_tokens_total", "", NameKind::Counter, "phoenix_llm_tokens_total"),
    ("phoenix.llm.cost", "USD", NameKind::Counter, "phoenix_llm_cost_USD_total"),
    ("phoenix.llm.cost.dollars", "{USD}", NameKind::Counter, "phoenix_llm_cost_dollars_total"),
    ("phoenix.requests", "1", NameKind::Counter, "phoenix_requests_total"),
    ("phoenix.total.requests", "", NameKind::Counter, "phoenix_requests_total"),
    ("phoenix.request.duration", "s", NameKind::Histogram, "phoenix_request_duration_seconds"),
    ("phoenix.request.duration.seconds", "s", NameKind::Histogram, "phoenix_request_duration_seconds"),
    ("phoenix.llm.cache.hit", "1", NameKind::Gauge, "phoenix_llm_cache_hit_ratio"),
    ("phoenix.llm.cache.hit.ratio", "1", NameKind::Gauge, "phoenix_llm_cache_hit_ratio"),
    ("phoenix.queue", "1", NameKind::UpDownCounter, "phoenix_queue"),
    ("phoenix.score", "1", NameKind::Histogram, "phoenix_score"),
    // If the name already contains the word of the unit, the word is not added again.
    ("cpu.seconds.used", "s", NameKind::Counter, "cpu_seconds_used_total"),
    ("memory.usage", "By", NameKind::Gauge, "memory_usage_bytes"),
    ("uptime", "min", NameKind::Gauge, "uptime_minutes"),
    ("disk", "TiBy", NameKind::Gauge, "disk_tibibytes"),
    ("utilisation", "%", NameKind::Gauge, "utilisation_percent"),
    // Rates.
    ("throughput", "By/s", NameKind::Gauge, "throughput_bytes_per_second"),
    ("requests", "1/s", NameKind::Gauge, "requests_per_second"),
    ("requests", "1/s", NameKind::Counter, "requests_per_second_total"),
    ("speed", "m/m", NameKind::Gauge, "speed_meters_per_minute"),
    ("ratio.of.things", "By/{thing}", NameKind::Gauge, "ratio_of_things_bytes"),
    ("things", "{thing}/s", NameKind::Gauge, "things_per_second"),
    ("odd", "furlong/fortnight", NameKind::Gauge, "odd_furlong_per_fortnight"),
    ("odd", "/", NameKind::Gauge, "odd"),
    ("odd", " s / s ", NameKind::Gauge, "odd_seconds_per_second"),
    // Characters that are invalid in a Prometheus name.
    ("metric@@##$$name", "", NameKind::Gauge, "metric_name"),
    ("_leading..dots__", "", NameKind::Gauge, "leading_dots"),
    ("métric", "", NameKind::Gauge, "m_tric"),
    ("rule:like:name", "", NameKind::Gauge, "rule:like:name"),
    ("2xx.responses", "", NameKind::Counter, "_2xx_responses_total"),
    ("custom", "unit@with#special/chars", NameKind::Gauge, "custom_unit_with_special_per_chars"),
    ("custom", "unit__with__runs", NameKind::Gauge, "custom_unit_with_runs"),
    ("@#$%", "", NameKind::Gauge, ""),
    ("@#$%", "", NameKind::Counter, "total"),
    ("", "s", NameKind::Gauge, "seconds"),
    // The reference keeps the trailing underscore of an unknown unit. So do we: otherwise a scrape and OTLP would have different names.
    ("odd", "x@", NameKind::Gauge, "odd_x_"),
    ("odd", "total", NameKind::Counter, "odd_total"),
];

#[test]
fn names_are_what_the_otlp_translation_makes_of_them() {
    for (name, unit, kind, expected) in GOLDEN {
        assert_eq!(prometheus_name(name, unit, *kind), *expected, "{name:?} {unit:?} {kind:?}");
    }
}

#[test]
fn unit_words() {
    for (unit, kind, expected) in [
        ("s", NameKind::Histogram, "seconds"),
        ("By/s", NameKind::Gauge, "bytes_per_second"),
        ("1/s", NameKind::Gauge, "per_second"),
        ("1", NameKind::Gauge, "ratio"),
        ("1", NameKind::Counter, ""),
        ("{token}", NameKind::Counter, ""),
        ("x@", NameKind::Gauge, "x"),
    ] {
        assert_eq!(prometheus_unit(unit, kind), expected, "{unit:?}");
    }
}

#[test]
fn label_names() {
    for (key, expected) in [
        ("method", "method"),
        ("http.request.method", "http_request_method"),
        ("a..b", "a__b"),
        ("2xx", "key_2xx"),
        ("_private", "key_private"),
        ("__name__", "key__name__"),
        ("é", "key_"),
        ("", ""),
    ] {
        assert_eq!(label_name(key), expected, "{key:?}");
    }
}

fn kind() -> impl Strategy<Value = NameKind> {
    prop_oneof![
        Just(NameKind::Counter),
        Just(NameKind::Gauge),
        Just(NameKind::UpDownCounter),
        Just(NameKind::Histogram),
        Just(NameKind::Summary),
    ]
}

proptest! {
    #[test]
    fn a_name_is_legal_or_empty(name in any::<String>(), unit in any::<String>(), kind in kind()) {
        let out = prometheus_name(&name, &unit, kind);
        prop_assert!(out.is_empty() || is_metric_name(&out), "{out:?}");
    }

    #[test]
    fn a_sane_unit_makes_no_double_underscore(
        name in any::<String>(),
        unit in "[a-zA-Z]{0,4}|\\{[a-z]*\\}|1|%|[a-zA-Z]{1,3}/[a-z]{1,3}",
        kind in kind(),
    ) {
        let out = prometheus_name(&name, &unit, kind);
        prop_assert!(!out.contains("__"), "{out:?}");
    }

    #[test]
    fn a_translated_name_stays_as_it_is(name in "[a-z][a-z0-9._]{0,30}", unit in "s|By|ms|1|\\{x\\}|By/s|", kind in kind()) {
        let once = prometheus_name(&name, &unit, kind);
        // The words of a rate have several tokens, so they are not found in the name and are added again.
        prop_assume!(!unit.contains('/'));
        prop_assert_eq!(prometheus_name(&once, &unit, kind), once);
    }

    #[test]
    fn a_counter_says_total_once_and_last(name in any::<String>(), unit in "s|By|1|") {
        let out = prometheus_name(&name, &unit, NameKind::Counter);
        prop_assert!(out.ends_with("total"));
        prop_assert_eq!(out.split('_').filter(|token| *token == "total").count(), 1);
    }

    #[test]
    fn a_label_name_is_legal_or_empty(key in any::<String>()) {
        let out = label_name(&key);
        prop_assert_eq!(out.is_empty(), key.is_empty());
        prop_assert!(out.is_empty() || is_label_name(&out), "{out:?}");
        let again = label_name(&out).into_owned();
        prop_assert_eq!(again, out.into_owned());
    }
}

#[test]
fn the_parts_of_a_summary_end_in_their_word() {
    for (name, unit, whole) in [
        ("phoenix.api.latency", "s", "phoenix_api_latency_seconds"),
        ("acme.size", "By", "acme_size_bytes"),
        ("acme.seconds.waited", "s", "acme_seconds_waited"),
        ("acme.rate", "By/s", "acme_rate_bytes_per_second"),
        ("acme.items", "{item}", "acme_items"),
        ("acme.items", "", "acme_items"),
        ("7.up", "s", "_7_up_seconds"),
    ] {
        assert_eq!(prometheus_name(name, unit, NameKind::Summary), whole);
        for (part, suffix) in summary_parts(name, unit).iter().zip(["_sum", "_count"]) {
            assert_eq!(prometheus_name(part, "", NameKind::UpDownCounter), format!("{whole}{suffix}"), "{part}");
        }
    }
    assert_eq!(summary_parts("phoenix.api.latency", "s")[0], "phoenix.api.latency.seconds.sum");
}
