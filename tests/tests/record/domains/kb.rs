use std::sync::atomic::{AtomicU64, Ordering};

use phoenix_otel::platform::kb::{VectorSearch, observe_size, record_results};

use super::{get, telemetry};

#[test]
fn a_search_is_recorded_by_one_call() {
    phoenix_otel_tests::isolated!();
    telemetry();
    let scores = |bound| get("phoenix_kb_similarity_score_bucket", &[("le", bound)]);
    assert_eq!(scores("+Inf"), Some(0.0));
    VectorSearch::start("mind").finish([0.35, 0.95, 0.05]);
    VectorSearch::start("mind").finish([]);
    drop(VectorSearch::start("mind"));
    record_results("body", [0.5]);
    assert_eq!(scores("0.4"), Some(2.0), "0.05 and 0.35");
    assert_eq!(scores("+Inf"), Some(4.0));
    let mind = [("kb_name", "mind")];
    assert_eq!(get("phoenix_kb_vector_search_duration_seconds_count", &mind), Some(3.0));
    assert_eq!(get("phoenix_kb_search_results_count_count", &mind), Some(2.0));
    assert_eq!(get("phoenix_kb_search_results_count_sum", &mind), Some(3.0));
    assert_eq!(get("phoenix_kb_top_match_similarity_sum", &mind), Some(0.95));
    assert_eq!(get("phoenix_kb_top_match_similarity_count", &mind), Some(1.0), "no result, no best one");
    assert_eq!(get("phoenix_kb_vector_search_duration_seconds_count", &[("kb_name", "body")]), None);
    assert_eq!(get("phoenix_kb_vector_operations_total", &[("operation", "search")]), Some(3.0));
}

#[test]
fn sizes_are_observed_and_summed() {
    phoenix_otel_tests::isolated!();
    static SOUL: AtomicU64 = AtomicU64::new(3);
    let size = |kb| get("phoenix_kb_size_entries", &[("kb", kb)]);
    let sum = || get("phoenix_kb_entries_count", &[]);
    // Created before `init`, unless the other test ran first.
    let soul = observe_size("soul", || SOUL.load(Ordering::Relaxed));
    let heart = observe_size("heart", || 10);
    assert_eq!((size("soul"), size("heart"), sum()), (Some(3.0), Some(10.0), Some(13.0)));
    SOUL.store(4, Ordering::Relaxed);
    assert_eq!((size("soul"), sum()), (Some(4.0), Some(14.0)));
    let broken = observe_size("broken", || panic!("no such file"));
    assert_eq!((size("soul"), size("broken")), (Some(4.0), None), "one that panics takes no other along");
    assert_eq!(sum(), Some(14.0), "nor the sum of the others");
    drop(broken);
    drop(heart);
    assert_eq!((size("heart"), sum()), (None, Some(4.0)), "what is no more is not shown");
    drop(soul);
    assert_eq!((size("soul"), sum()), (None, None));
}
