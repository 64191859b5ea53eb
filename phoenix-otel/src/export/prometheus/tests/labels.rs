//! The labels of samples, and the resource.

use super::*;

#[test]
fn the_resource_is_on_target_info_and_service_and_version_on_every_sample() {
    let metrics = snapshot(
        &[("service.name", "orchestrator"), ("service", "orchestrator"), ("version", "1.2"), ("host.name", "")],
        cumulative(),
        |provider| {
            let calls = provider.meter("m").u64_counter("calls").build();
            calls.add(1, &[]);
            calls.add(2, &[KeyValue::new("service", "kb"), KeyValue::new("zone", "z")]);
            calls.add(4, &[KeyValue::new("method", "get")]);
        },
    );
    let (out, report) = text(&Input::new(&metrics), Format::Text);
    assert_eq!(
        out,
        "# TYPE calls_total counter\n\
         calls_total{method=\"get\",service=\"orchestrator\",version=\"1.2\"} 4\n\
         calls_total{service=\"kb\",version=\"1.2\",zone=\"z\"} 2\n\
         calls_total{service=\"orchestrator\",version=\"1.2\"} 1\n\
         # HELP target_info Target metadata\n\
         # TYPE target_info gauge\n\
         target_info{service=\"orchestrator\",service_name=\"orchestrator\",version=\"1.2\"} 1\n"
    );
    assert_eq!(report, Report::default());
}

/// One point has the same `service` label as the resource, another one has an attribute with an empty key.
#[test]
fn counters_with_equal_labels_are_added_and_other_duplicates_are_reported() {
    let metrics = snapshot(&[("service", "a")], cumulative(), |provider| {
        let (calls, level) =
            (provider.meter("m").u64_counter("calls").build(), provider.meter("m").u64_gauge("level").build());
        for (n, attributes) in
            [(1, vec![]), (2, vec![KeyValue::new("service", "a")]), (4, vec![KeyValue::new("", "x")])]
        {
            calls.add(n, &attributes);
            level.record(n, &attributes);
        }
    });
    let (out, report) = text(&Input::new(&metrics), Format::Text);
    let samples = |name: &str| out.lines().filter(|line| line.starts_with(name)).collect::<Vec<_>>();
    assert_eq!(samples("calls_total"), ["calls_total{service=\"a\"} 7"]);
    assert_eq!(samples("level{").len(), 1, "{out}");
    let dropped = Dropped { metric: "level".into(), reason: DropReason::DuplicateSeries, points: 2 };
    assert_eq!(report.dropped, [dropped]);
}

#[test]
fn keys_that_become_one_name_are_joined_and_the_first_value_of_a_key_is_used() {
    let metrics = snapshot(&[], cumulative(), |provider| {
        let calls = provider.meter("m").u64_counter("calls").build();
        calls.add(
            1,
            &[KeyValue::new("a_b", "2"), KeyValue::new("a.b", "1"), KeyValue::new("k", 1), KeyValue::new("k", true)],
        );
    });
    let (out, _) = text(&Input::new(&metrics), Format::Text);
    assert_eq!(out, "# TYPE calls_total counter\ncalls_total{a_b=\"1;2\",k=\"1\"} 1\n");
}
