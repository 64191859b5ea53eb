//! Explicit and exponential histograms, and empty ones.

use super::*;

#[test]
fn exponential_histograms_become_classic_ones() {
    let metrics = snapshot(&[], cumulative(), |provider| {
        let sizes = provider.meter("m").f64_histogram("size.exponential").build();
        for value in [-3.0, 0.0, 1.5, 1.5, 6.0] {
            sizes.record(value, &[]);
        }
    });
    let (out, _) = text(&Input::new(&metrics), Format::Text);
    assert_eq!(
        out,
        "# TYPE size_exponential histogram\n\
         size_exponential_bucket{le=\"-2\"} 1\n\
         size_exponential_bucket{le=\"0\"} 2\n\
         size_exponential_bucket{le=\"1\"} 2\n\
         size_exponential_bucket{le=\"2\"} 4\n\
         size_exponential_bucket{le=\"4\"} 4\n\
         size_exponential_bucket{le=\"8\"} 5\n\
         size_exponential_bucket{le=\"+Inf\"} 5\n\
         size_exponential_sum 6\n\
         size_exponential_count 5\n"
    );
    let (out, _) = text(&Input::new(&metrics), Format::OpenMetrics);
    assert!(
        out.contains("# TYPE size_exponential_bucket unknown\n"),
        "OpenMetrics takes no sum beside negative bounds:\n{out}"
    );
}

#[test]
fn a_histogram_without_labels_is_zero_until_it_has_a_point() {
    let bounds = &[1.0, 2.5];
    let zero = ZeroHistogram { name: "plan.steps", description: "Steps.", unit: "{step}", bounds, exponential: false };
    let empty = snapshot(&[("version", "9")], cumulative(), |_| ());
    let input = Input { zeros: &[zero], ..Input::new(&empty) };
    let (out, _) = text(&input, Format::OpenMetrics);
    assert!(
        out.starts_with(
            "# HELP plan_steps Steps.\n\
             # TYPE plan_steps histogram\n\
             plan_steps_bucket{version=\"9\",le=\"1.0\"} 0\n\
             plan_steps_bucket{version=\"9\",le=\"2.5\"} 0\n\
             plan_steps_bucket{version=\"9\",le=\"+Inf\"} 0\n\
             plan_steps_sum{version=\"9\"} 0\n\
             plan_steps_count{version=\"9\"} 0\n"
        ),
        "{out}"
    );

    let recorded = snapshot(&[], cumulative(), |provider| {
        let meter = provider.meter(crate::view::SCOPE);
        meter.u64_histogram("plan.steps").with_boundaries(vec![1.0, 2.5]).build().record(2, &[]);
    });
    let (out, report) = text(&Input { zeros: &[zero], ..Input::new(&recorded) }, Format::Text);
    assert!(out.ends_with("plan_steps_bucket{le=\"+Inf\"} 1\nplan_steps_sum 2\nplan_steps_count 1\n"), "{out}");
    assert_eq!(report, Report::default());

    // A point of another library does not count.
    let others = snapshot(&[], cumulative(), |provider| {
        provider.meter("m").u64_histogram("plan.steps").with_boundaries(vec![1.0, 2.5]).build().record(2, &[]);
    });
    let ours = std::collections::BTreeSet::from(["plan_steps".to_owned()]);
    let (out, _) = text(&Input { zeros: &[zero], ours: &ours, ..Input::new(&others) }, Format::Text);
    assert!(out.starts_with("# HELP plan_steps Steps.\n"), "{out}");
    for line in ["plan_steps_count 0", "plan_steps_count{otel_scope_name=\"m\"} 1"] {
        assert!(out.lines().any(|found| found == line), "{line} in {out}");
    }
}
