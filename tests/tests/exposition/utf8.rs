//! UTF-8 names in all formats: foreign parsers read the names that were recorded.

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use phoenix_otel::__private::for_tests::prometheus::{Escaping, Format, Input, Names, encode};
use phoenix_otel::Translation;
use phoenix_otel_tests::protobuf::{decode, labels};
use phoenix_otel_tests::snapshot::Reader;

use super::python::{Samples, parse, sample};

/// Keys with characters that no classic name has, or that are syntax.
const KEYS: [&str; 8] = ["http.route", "größe", "花火", "a b", "quote\"", "back\\slash", "line\nbreak", "a:b{}=,#"];

fn record(to: &SdkMeterProvider) {
    let meter = to.meter("lib");
    let attributes: Vec<KeyValue> = KEYS.iter().map(|key| KeyValue::new(*key, format!("of {key}"))).collect();
    meter.u64_counter("app.requests").with_description("A \"help\".").build().add(3, &attributes);
    meter.f64_gauge("cache.hit-ratio/now").with_unit("1").build().record(0.5, &[]);
    let duration =
        meter.f64_histogram("http.server.request.duration").with_unit("s").with_boundaries(vec![1.0]).build();
    duration.record(0.25, &[KeyValue::new("http.route", "/")]);
    duration.record(4.0, &[]);
}

fn metrics() -> ResourceMetrics {
    let reader = Reader::default();
    let resource = Resource::builder_empty().with_attributes([KeyValue::new("service.name", "kb")]).build();
    let provider = SdkMeterProvider::builder().with_reader(reader.clone()).with_resource(resource).build();
    record(&provider);
    reader.snapshot()
}

fn exposition(translation: Translation, escaping: Escaping, format: Format) -> Vec<u8> {
    let (metrics, mut out) = (metrics(), Vec::new());
    let names = Names { translation, escaping };
    let report = encode(&Input { names, ..Input::new(&metrics) }, format, &mut out);
    assert_eq!(report.dropped, []);
    out
}

fn text(translation: Translation, escaping: Escaping, format: Format) -> String {
    String::from_utf8(exposition(translation, escaping, format)).expect("UTF-8")
}

fn expected(total: &str, ratio: &str, duration: &str, service_name: &str, key: impl Fn(&str) -> String) -> Samples {
    let route = [(key("http.route"), "/".to_owned())];
    let le = |bound: &str| ("le".to_owned(), bound.to_owned());
    let mut samples = vec![
        sample(total, KEYS.map(|name| (key(name), format!("of {name}"))), 3.0),
        sample(ratio, [], 0.5),
        sample("target_info", [(service_name.to_owned(), "kb".to_owned())], 1.0),
    ];
    for (labels, sum, counts) in [(&route[..], 0.25, [1.0, 1.0]), (&[], 4.0, [0.0, 1.0])] {
        let with = |further: Option<(String, String)>| labels.iter().cloned().chain(further);
        samples.push(sample(&format!("{duration}_bucket"), with(Some(le("1"))), counts[0]));
        samples.push(sample(&format!("{duration}_bucket"), with(Some(le("inf"))), counts[1]));
        samples.push(sample(&format!("{duration}_count"), with(None), 1.0));
        samples.push(sample(&format!("{duration}_sum"), with(None), sum));
    }
    samples.into_iter().collect()
}

#[test]
fn names_are_read_back_from_text() {
    let utf8 = |translation| {
        [Format::Text, Format::TextV1, Format::OpenMetrics].map(|format| text(translation, Escaping::AllowUtf8, format))
    };
    let [text, v1, open_metrics] = utf8(Translation::NoUtf8EscapingWithSuffixes);
    assert_eq!(text, v1);
    let expected = expected(
        "app.requests_total",
        "cache.hit-ratio/now_ratio",
        "http.server.request.duration_seconds",
        "service.name",
        str::to_owned,
    );
    for (parsed, format) in
        parse(&[("text", &text), ("openmetrics", &open_metrics)]).into_iter().zip(["text", "OpenMetrics"])
    {
        let parsed = parsed.unwrap_or_else(|error| panic!("{format}: {error}\n{text}"));
        assert_eq!(parsed.samples, expected, "{format}");
        let histogram = parsed.families.iter().find(|family| family.name == "http.server.request.duration_seconds");
        assert_eq!(histogram.map(|family| &*family.kind), Some("histogram"), "{format}");
        let counter = parsed.families.iter().find(|family| family.name == "app.requests").expect("the counter");
        assert_eq!((&*counter.kind, &*counter.help), ("counter", "A \"help\"."), "{format}");
    }
}

#[test]
fn names_are_read_back_from_protobuf() {
    let families = decode(&exposition(Translation::NoTranslation, Escaping::AllowUtf8, Format::Protobuf));
    let names: Vec<&str> = families.iter().map(|family| family.name()).collect();
    assert_eq!(names, ["app.requests", "cache.hit-ratio/now", "http.server.request.duration", "target_info"]);
    let read = labels(&families[0].metric[0].label);
    assert!(read.keys().map(String::as_str).eq({
        let mut keys = KEYS;
        keys.sort();
        keys
    }));
    assert_eq!(read["größe"], "of größe");
}

/// The form of quoted names: in the braces, also without labels, and after `# TYPE`.
#[test]
fn quoted_names_are_within_the_braces() {
    let text = text(Translation::NoUtf8EscapingWithSuffixes, Escaping::AllowUtf8, Format::TextV1);
    for line in [
        "# HELP \"app.requests_total\" A \"help\".",
        "# TYPE \"http.server.request.duration_seconds\" histogram",
        "{\"cache.hit-ratio/now_ratio\"} 0.5",
        "{\"http.server.request.duration_seconds_bucket\",le=\"1\"} 0",
        "{\"http.server.request.duration_seconds_bucket\",\"http.route\"=\"/\",le=\"+Inf\"} 1",
        "{\"http.server.request.duration_seconds_count\"} 1",
        "target_info{\"service.name\"=\"kb\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
}

/// A scraper that does not accept UTF-8 names gets classic ones, in all formats.
#[test]
fn escaped_names_are_read_back() {
    for (escaping, names) in [
        (
            Escaping::Underscores,
            ["app_requests_total", "cache_hit_ratio_now_ratio", "http_server_request_duration_seconds", "service_name"],
        ),
        (
            Escaping::Dots,
            [
                "app_dot_requests__total",
                "cache_dot_hit__ratio__now__ratio",
                "http_dot_server_dot_request_dot_duration__seconds",
                "service_dot_name",
            ],
        ),
        (
            Escaping::Values,
            [
                "U__app_2e_requests__total",
                "U__cache_2e_hit_2d_ratio_2f_now__ratio",
                "U__http_2e_server_2e_request_2e_duration__seconds",
                "U__service_2e_name",
            ],
        ),
    ] {
        let texts = [Format::TextV1, Format::OpenMetrics]
            .map(|format| text(Translation::NoUtf8EscapingWithSuffixes, escaping, format));
        assert!(!texts[0].contains("{\""), "{}", texts[0]);
        let parsed = parse(&[("text", &texts[0]), ("openmetrics", &texts[1])]);
        for (parsed, text) in parsed.into_iter().zip(&texts) {
            let samples = parsed.unwrap_or_else(|error| panic!("{escaping:?}: {error}\n{text}")).samples;
            let read: std::collections::BTreeSet<&str> = samples.keys().map(|(name, _)| name.as_str()).collect();
            for name in &names[..2] {
                assert!(read.contains(name), "{name} in {read:?}");
            }
            assert!(read.contains(&*format!("{}_bucket", names[2])), "{read:?}");
            let (_, target) = samples.keys().find(|(name, _)| name == "target_info").expect("the target");
            assert_eq!(target[0].0, names[3]);
        }
        let families = decode(&exposition(Translation::NoUtf8EscapingWithSuffixes, escaping, Format::Protobuf));
        let read: Vec<&str> = families.iter().map(|family| family.name()).collect();
        let mut expected = [names[0], names[1], names[2], "target_info"];
        expected.sort();
        assert_eq!(read, expected);
    }
}

/// By default, and without suffixes, no scheme changes a name.
#[test]
fn classic_names_are_not_escaped() {
    for translation in [Translation::UnderscoreEscapingWithSuffixes, Translation::UnderscoreEscapingWithoutSuffixes] {
        for format in [Format::Text, Format::OpenMetrics, Format::Protobuf] {
            let of = |escaping| exposition(translation, escaping, format);
            let plain = of(Escaping::Underscores);
            assert!([Escaping::AllowUtf8, Escaping::Dots, Escaping::Values].into_iter().map(of).all(|other| {
                // The time at which a series began differs.
                format == Format::Protobuf && other.len() == plain.len() || other == plain
            }));
        }
    }
}
