//! Which metric owns a name, and what is dropped.

use super::*;

#[test]
fn no_metrics_make_an_empty_exposition() {
    let metrics = ResourceMetrics::default();
    assert_eq!(text(&Input::new(&metrics), Format::Text), (String::new(), Report::default()));
    assert_eq!(text(&Input::new(&metrics), Format::OpenMetrics), ("# EOF\n".to_owned(), Report::default()));
}

#[test]
fn scopes_share_a_family_and_all_but_the_owner_are_named() {
    let metrics = snapshot(&[], cumulative(), |provider| {
        let scope = |name: &'static str| {
            provider.meter_with_scope(InstrumentationScope::builder(name).with_version("7").build())
        };
        scope("a").u64_counter("calls").with_description("Calls.").build().add(1, &[KeyValue::new("k", "x")]);
        scope("b").u64_counter("calls").with_description("Other.").build().add(2, &[KeyValue::new("k", "x")]);
        scope("c").u64_counter("calls").build().add(4, &[KeyValue::new("k", "y")]);
        scope("d").i64_up_down_counter("calls.total").build().add(8, &[]);
    });
    let (out, report) = text(&Input::new(&metrics), Format::Text);
    assert_eq!(
        out,
        "# HELP calls_total Calls.\n\
         # TYPE calls_total counter\n\
         calls_total{k=\"x\"} 1\n\
         calls_total{k=\"x\",otel_scope_name=\"b\",otel_scope_version=\"7\"} 2\n\
         calls_total{k=\"y\",otel_scope_name=\"c\",otel_scope_version=\"7\"} 4\n"
    );
    let dropped = Dropped { metric: "calls_total".into(), reason: DropReason::TypeConflict, points: 1 };
    assert_eq!(report.dropped, [dropped]);
}

/// With any other metrics, and whether or not our metric has a series.
#[test]
fn our_metrics_keep_their_series() {
    let ours = std::collections::BTreeSet::from(["calls_total".to_owned()]);
    let theirs = "calls_total{k=\"x\",otel_scope_name=\"lib\"} 2\n";
    let metrics = snapshot(&[], cumulative(), |provider| {
        provider.meter("lib").u64_counter("calls").build().add(2, &[KeyValue::new("k", "x")]);
    });
    let (out, _) = text(&Input { ours: &ours, ..Input::new(&metrics) }, Format::Text);
    assert_eq!(out, format!("# TYPE calls_total counter\n{theirs}"));
    let metrics = snapshot(&[], cumulative(), |provider| {
        let mine = || provider.meter(crate::view::SCOPE).u64_counter("calls").with_description("Ours.").build();
        mine().add(1, &[KeyValue::new("k", "x")]);
        provider
            .meter("lib")
            .u64_counter("calls")
            .with_description("Theirs.")
            .build()
            .add(2, &[KeyValue::new("k", "x")]);
        provider.meter("lib").u64_counter("waits").build().add(3, &[]);
        provider.meter(crate::view::SCOPE).u64_gauge("waits.total").build().record(4, &[]);
    });
    let (out, report) = text(&Input::new(&metrics), Format::Text);
    let expected = format!(
        "# HELP calls_total Ours.\n# TYPE calls_total counter\ncalls_total{{k=\"x\"}} 1\n{theirs}\
         # TYPE waits_total gauge\nwaits_total 4\n"
    );
    assert_eq!(out, expected, "also the kind is ours");
    let dropped = Dropped { metric: "waits_total".into(), reason: DropReason::TypeConflict, points: 1 };
    assert_eq!(report.dropped, [dropped]);
}

/// A histogram of another library does not take the name of our metric for one of its series.
#[test]
fn our_metrics_keep_their_names() {
    let metrics = snapshot(&[], cumulative(), |provider| {
        provider.meter("lib").u64_histogram("size").with_boundaries(vec![1.0]).build().record(1, &[]);
        provider.meter(crate::view::SCOPE).u64_gauge("size.count").build().record(7, &[]);
    });
    let (out, report) = text(&Input::new(&metrics), Format::Text);
    assert_eq!(out, "# TYPE size_count gauge\nsize_count 7\n");
    let dropped = Dropped { metric: "size".into(), reason: DropReason::NameConflict, points: 1 };
    assert_eq!(report.dropped, [dropped]);
}

#[test]
fn delta_temporality_is_dropped_and_reported() {
    let reader = SharedReader::new(Temporality::Delta, Callbacks::default());
    let metrics = snapshot(&[], reader, |provider| provider.meter("m").u64_counter("calls").build().add(1, &[]));
    let (out, report) = text(&Input::new(&metrics), Format::Text);
    assert_eq!(out, "");
    assert_eq!(
        report.dropped,
        [Dropped { metric: "calls_total".into(), reason: DropReason::DeltaTemporality, points: 1 }]
    );
}

#[test]
fn a_series_name_has_one_owner() {
    let metrics = snapshot(&[], cumulative(), |provider| {
        let meter = provider.meter("m");
        meter.u64_histogram("size").with_boundaries(vec![1.0]).build().record(1, &[]);
        meter.u64_gauge("size.count").build().record(1, &[]);
        meter.u64_gauge("jobs").build().record(1, &[]);
        meter.u64_counter("jobs").build().add(1, &[]);
    });
    for format in [Format::Text, Format::OpenMetrics] {
        let (out, report) = text(&Input::new(&metrics), format);
        assert_eq!(
            report.dropped,
            [Dropped { metric: "size_count".into(), reason: DropReason::NameConflict, points: 1 }]
        );
        assert!(out.contains("\njobs 1\n") && out.contains("\njobs_total 1\n"), "{out}");
    }
    let (out, _) = text(&Input::new(&metrics), Format::OpenMetrics);
    assert!(out.contains("# TYPE jobs_total unknown\n"), "the family name `jobs` is the gauge's:\n{out}");
}
