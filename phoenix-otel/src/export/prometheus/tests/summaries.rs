//! Three instruments that form one summary.

use super::*;

const LATENCY: SummaryInstrument<'static> = SummaryInstrument { name: "api.latency", unit: "s" };

/// The three instruments record quantiles, sums and counts, each with its `method`.
fn recorded(
    quantiles: &'static [(&'static str, &'static str, f64)],
    sums: &'static [(&'static str, f64, i64)],
) -> impl FnOnce(&SdkMeterProvider) {
    move |provider| {
        let meter = provider.meter("m");
        let gauge = meter.f64_gauge("api.latency").with_unit("s").with_description("Latency.").build();
        for (method, quantile, value) in quantiles {
            gauge.record(*value, &[KeyValue::new("method", *method), KeyValue::new("quantile", *quantile)]);
        }
        let sum = meter.f64_up_down_counter("api.latency.seconds.sum").with_description("Latency.").build();
        let count = meter.i64_up_down_counter("api.latency.seconds.count").with_description("Latency.").build();
        for (method, of_sum, of_count) in sums {
            sum.add(*of_sum, &[KeyValue::new("method", *method)]);
            count.add(*of_count, &[KeyValue::new("method", *method)]);
        }
    }
}

fn input(metrics: &ResourceMetrics) -> Input<'_> {
    Input { summaries: &[LATENCY], ..Input::new(metrics) }
}

#[test]
fn three_instruments_form_one_summary() {
    let quantiles = &[("put", "0.99", 2.5), ("get", "0.99", 0.5), ("get", "0.5", 0.125), ("get", "0.9", 0.25)];
    let sums = &[("put", 2.5, 1), ("get", 7.5, 40), ("idle", 0.0, 0)];
    let metrics = snapshot(&[("service", "s")], cumulative(), recorded(quantiles, sums));
    let (out, report) = text(&input(&metrics), Format::OpenMetrics);
    assert_eq!(
        out,
        "# HELP api_latency_seconds Latency.\n\
         # TYPE api_latency_seconds summary\n\
         # UNIT api_latency_seconds seconds\n\
         api_latency_seconds{method=\"get\",service=\"s\",quantile=\"0.5\"} 0.125\n\
         api_latency_seconds{method=\"get\",service=\"s\",quantile=\"0.9\"} 0.25\n\
         api_latency_seconds{method=\"get\",service=\"s\",quantile=\"0.99\"} 0.5\n\
         api_latency_seconds_sum{method=\"get\",service=\"s\"} 7.5\n\
         api_latency_seconds_count{method=\"get\",service=\"s\"} 40\n\
         api_latency_seconds_sum{method=\"idle\",service=\"s\"} 0\n\
         api_latency_seconds_count{method=\"idle\",service=\"s\"} 0\n\
         api_latency_seconds{method=\"put\",service=\"s\",quantile=\"0.99\"} 2.5\n\
         api_latency_seconds_sum{method=\"put\",service=\"s\"} 2.5\n\
         api_latency_seconds_count{method=\"put\",service=\"s\"} 1\n\
         # HELP target Target metadata\n\
         # TYPE target info\n\
         target_info{service=\"s\"} 1\n\
         # EOF\n"
    );
    assert_eq!(report, Report::default());
    let (plain, _) = text(&input(&metrics), Format::Text);
    assert!(
        plain.starts_with("# HELP api_latency_seconds Latency.\n# TYPE api_latency_seconds summary\napi_"),
        "{plain}"
    );
}

#[test]
fn a_summary_without_a_quantile_has_its_sum_and_count() {
    let metrics = snapshot(&[], cumulative(), recorded(&[], &[("get", 1.5, 2)]));
    let (out, _) = text(&input(&metrics), Format::Text);
    assert_eq!(
        out,
        "# HELP api_latency_seconds Latency.\n\
         # TYPE api_latency_seconds summary\n\
         api_latency_seconds_sum{method=\"get\"} 1.5\n\
         api_latency_seconds_count{method=\"get\"} 2\n"
    );
}

#[test]
fn without_the_catalog_the_instruments_form_no_summary() {
    let metrics = snapshot(&[], cumulative(), recorded(&[("get", "0.5", 1.0)], &[("get", 1.0, 1)]));
    let (out, _) = text(&Input::new(&metrics), Format::Text);
    assert_eq!(out.matches("# TYPE").count(), 3, "{out}");
    assert!(!out.contains(" summary\n"), "{out}");
    // A gauge with the name of a summary is not a summary.
    let alone = snapshot(&[], cumulative(), |provider| {
        provider.meter("m").f64_gauge("api.latency").with_unit("s").build().record(1.0, &[])
    });
    assert_eq!(text(&input(&alone), Format::Text).0, "# TYPE api_latency_seconds gauge\napi_latency_seconds 1\n");
}

#[test]
fn negative_observations_are_of_unknown_type_in_open_metrics() {
    let metrics = snapshot(&[], cumulative(), recorded(&[("get", "0.5", -1.0)], &[("get", -1.0, 1)]));
    let (out, _) = text(&input(&metrics), Format::OpenMetrics);
    check(&out, Format::OpenMetrics);
    assert!(out.contains("# TYPE api_latency_seconds unknown\n"), "{out}");
    assert!(out.contains("# TYPE api_latency_seconds_sum unknown\n"), "{out}");
    let (out, _) = text(&input(&metrics), Format::Text);
    assert!(out.contains("# TYPE api_latency_seconds summary\n"), "{out}");
}

#[test]
fn values_without_a_partner_are_dropped_and_reported() {
    let quantiles = &[("get", "0.5", 1.0), ("get", "7", 1.0), ("get", "middle", 1.0), ("put", "0.5", 1.0)];
    let metrics = snapshot(&[], cumulative(), recorded(quantiles, &[("get", 1.0, 1)]));
    let (out, report) = text(&input(&metrics), Format::Text);
    check(&out, Format::Text);
    let dropped = Dropped { metric: "api_latency_seconds".into(), reason: DropReason::Unsupported, points: 3 };
    assert_eq!(report.dropped, [dropped]);
    assert_eq!(out.lines().filter(|line| !line.starts_with('#')).count(), 3, "{out}");
}

#[test]
fn a_summary_owns_the_names_of_its_series() {
    let metrics = snapshot(&[], cumulative(), |provider| {
        provider.meter("a").u64_gauge("api.latency.seconds.sum").build().record(1, &[]);
        recorded(&[("get", "0.5", 1.0)], &[("get", 1.0, 1)])(provider);
    });
    let (out, report) = text(&input(&metrics), Format::Text);
    check(&out, Format::Text);
    let dropped = Dropped { metric: "api_latency_seconds_sum".into(), reason: DropReason::NameConflict, points: 1 };
    assert_eq!(report.dropped, [dropped]);
}

#[test]
fn scopes_with_the_same_summary_are_named() {
    let metrics = snapshot(&[], cumulative(), |provider| {
        for scope in ["a", "b"] {
            let meter = provider.meter(scope);
            meter.f64_up_down_counter("api.latency.seconds.sum").build().add(1.0, &[]);
            meter.i64_up_down_counter("api.latency.seconds.count").build().add(1, &[]);
        }
    });
    let (out, _) = text(&input(&metrics), Format::Text);
    assert_eq!(
        out,
        "# TYPE api_latency_seconds summary\n\
         api_latency_seconds_sum 1\n\
         api_latency_seconds_count 1\n\
         api_latency_seconds_sum{otel_scope_name=\"b\"} 1\n\
         api_latency_seconds_count{otel_scope_name=\"b\"} 1\n"
    );
}
