//! The labels of samples, and the resource.

use super::*;

#[test]
fn the_resource_is_on_target_info_and_its_identity_on_every_sample() {
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

#[test]
fn a_point_that_names_the_service_as_the_resource_does_is_a_duplicate_told_once() {
    let metrics = snapshot(&[("service", "a")], cumulative(), |provider| {
        let calls = provider.meter("m").u64_counter("calls").build();
        calls.add(1, &[]);
        calls.add(2, &[KeyValue::new("service", "a")]);
    });
    let (out, report) = text(&Input::new(&metrics), Format::Text);
    assert_eq!(out.lines().filter(|line| line.starts_with("calls_total")).count(), 1, "{out}");
    let dropped = Dropped { metric: "calls_total".into(), reason: DropReason::DuplicateSeries, points: 1 };
    assert_eq!(report.dropped, [dropped]);
}

#[test]
fn keys_that_become_one_name_are_joined_and_the_first_of_a_key_counts() {
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
