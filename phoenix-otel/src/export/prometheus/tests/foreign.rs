//! Metrics of the `prometheus` crate next to ours.

use super::*;

#[test]
fn the_families_of_a_registry_are_shown() {
    let registry = prometheus::Registry::new();
    let counter =
        prometheus::IntCounterVec::new(prometheus::Opts::new("legacy_jobs", "Jobs \\ \"done\"."), &["kind", "service"])
            .unwrap();
    let histogram = prometheus::Histogram::with_opts(
        prometheus::HistogramOpts::new("legacy_seconds", "Time.").buckets(vec![0.5, 2.0]),
    )
    .unwrap();
    let taken = prometheus::Gauge::new("calls_total", "Taken.").unwrap();
    counter.with_label_values(&["a\n", ""]).inc();
    counter.with_label_values(&["b", "own"]).inc_by(2);
    histogram.observe(1.0);
    taken.set(4.0);
    registry.register(Box::new(counter)).unwrap();
    registry.register(Box::new(histogram)).unwrap();
    registry.register(Box::new(taken)).unwrap();
    let gathered = registry.gather();
    let foreign: Vec<_> = gathered.iter().map(ForeignFamily::from).collect();

    let metrics = snapshot(&[("service", "s")], cumulative(), |provider| {
        provider.meter("m").u64_counter("calls").build().add(1, &[])
    });
    let (out, report) = text(&Input { foreign: &foreign, ..Input::new(&metrics) }, Format::OpenMetrics);
    assert_eq!(
        out,
        "# TYPE calls counter\n\
         calls_total{service=\"s\"} 1\n\
         # HELP legacy_jobs Jobs \\\\ \\\"done\\\".\n\
         # TYPE legacy_jobs unknown\n\
         legacy_jobs{kind=\"a\\n\",service=\"s\"} 1\n\
         legacy_jobs{kind=\"b\",service=\"own\"} 2\n\
         # HELP legacy_seconds Time.\n\
         # TYPE legacy_seconds histogram\n\
         legacy_seconds_bucket{service=\"s\",le=\"0.5\"} 0\n\
         legacy_seconds_bucket{service=\"s\",le=\"2.0\"} 1\n\
         legacy_seconds_bucket{service=\"s\",le=\"+Inf\"} 1\n\
         legacy_seconds_sum{service=\"s\"} 1\n\
         legacy_seconds_count{service=\"s\"} 1\n\
         # HELP target Target metadata\n\
         # TYPE target info\n\
         target_info{service=\"s\"} 1\n\
         # EOF\n"
    );
    assert_eq!(report.dropped, [Dropped { metric: "calls_total".into(), reason: DropReason::NameConflict, points: 1 }]);
}

#[test]
fn foreign_families_cannot_break_the_output() {
    use prometheus::proto::{Counter, LabelPair, Metric, MetricFamily, MetricType};
    let family = |name: &str, kind, labels: &[(&str, &str)]| {
        let pairs = labels.iter().map(|(name, value)| {
            let mut pair = LabelPair::default();
            pair.set_name((*name).to_owned());
            pair.set_value((*value).to_owned());
            pair
        });
        let mut metric = Metric::from_label(pairs.collect());
        metric.set_counter(Counter::default());
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_field_type(kind);
        family.set_metric(vec![metric]);
        family
    };
    let foreign = [
        family("bad name\n", MetricType::COUNTER, &[]),
        family("untyped", MetricType::UNTYPED, &[]),
        family("bad_label_total", MetricType::COUNTER, &[("a\"} 1\nx", "")]),
        family("reserved", MetricType::HISTOGRAM, &[("le", "mine")]),
        family("twice_total", MetricType::COUNTER, &[("a", "1")]),
        family("twice_total", MetricType::COUNTER, &[("a", "1")]),
    ];
    let foreign: Vec<_> = foreign.iter().map(ForeignFamily::from).collect();
    let metrics = ResourceMetrics::default();
    for format in [Format::Text, Format::OpenMetrics] {
        let (out, report) = text(&Input { foreign: &foreign, ..Input::new(&metrics) }, format);
        check(&out, format);
        assert!(out.contains("reserved_bucket{exported_le=\"mine\",le=\"+Inf\"} 0\n"), "{out}");
        assert_eq!(report.dropped.len(), 4, "{report:?}");
    }
}
