//! The effective configuration, written as a file and read again, is the same.

use std::collections::BTreeMap;
use std::time::Duration;

use phoenix_otel::platform::llm::Price;
use phoenix_otel::platform::{self, Platform};
use phoenix_otel::{
    Builder, Compression, ExemplarFilter, HistogramAggregation, LogLevel, Otlp, Prometheus, Propagator, Protocol,
    Sampler, SpanLimits, TemporalityPreference, TracesExporter, View,
};
use phoenix_otel_tests::isolated;

use super::foreign::foreign;

/// The paths and values of the effective configuration, and the file.
fn in_force(service: Builder) -> (BTreeMap<String, String>, String) {
    let telemetry = service.instance("one").without_subscriber().init().unwrap_or_else(|error| panic!("{error}"));
    let config = telemetry.effective_config();
    let values = config.values().filter(|value| !value.path().starts_with("resource attribute "));
    (values.map(|value| (value.path().to_owned(), value.value())).collect(), config.to_string())
}

#[track_caller]
fn assert_is_stable(service: Builder, at_least: &[(&str, &str)]) {
    let (values, file) = in_force(service);
    for (path, value) in at_least {
        assert_eq!(values.get(*path).map(String::as_str), Some(*value), "{path} in\n{file}");
    }
    let nothing: [(&str, &str); 0] = [];
    let (again, _) = in_force(phoenix_otel::builder("written").environment(nothing).config(&file));
    assert_eq!(values, again, "{file}");
    // Other readers accept it, too.
    let verdict = foreign(&[(file.clone(), vec![])]).remove(0);
    assert!(verdict.is_ok(), "{verdict:?}\n{file}");
}

#[test]
fn of_a_service_that_code_configures() {
    isolated!();
    let nothing: [(&str, &str); 0] = [];
    let service = phoenix_otel::builder("written")
        .environment(nothing)
        .version("1.2")
        .namespace("acme")
        .subsystem("sub")
        .edge_subsystem("edge")
        .process_metrics(false)
        .resource_attribute("deployment.environment.name", "a$b: \"c\"")
        .resource_attribute("api.token", "hush")
        .exporter(Prometheus::new().host("127.0.0.1").port(0))
        .exporter(
            Otlp::new()
                .endpoint("http://127.0.0.1:1/v1/metrics")
                .header("authorization", "hush")
                .compression(Compression::Gzip)
                .temporality(TemporalityPreference::Delta)
                .interval(Duration::from_secs(7)),
        )
        .exporter("console")
        .view(View::select("written.*").bounds([0.5, 1.0]).keep_attributes(["a", "b*"]).cap(7))
        .view(View::select("written.two").rename("written.three").description("A description.").exponential(20, 5))
        .view(View::select("http.*").drop_metric())
        .histogram_aggregation(HistogramAggregation::Base2Exponential)
        .interval(Duration::from_secs(9))
        .shutdown_timeout(Duration::from_secs(2))
        .log_level(LogLevel::Warn)
        .exemplar_filter(ExemplarFilter::AlwaysOff)
        .sampler(Sampler::always_off())
        .propagators([Propagator::TraceContext])
        .span_limits(SpanLimits::new().links(3))
        .traces_exporter(
            TracesExporter::from(
                Otlp::new().name("spans").protocol(Protocol::Grpc).endpoint("127.0.0.1:1").insecure(true),
            )
            .max_queue_size(100)
            .max_export_batch_size(50),
        );
    assert_is_stable(
        service,
        &[
            ("meter_provider.readers[1].periodic.interval", "7000"),
            ("log_level", "warn"),
            ("meter_provider.exemplar_filter", "always_off"),
            ("tracer_provider.sampler.always_off", ""),
            ("tracer_provider.limits.link_count_limit", "3"),
            ("tracer_provider.processors[0].batch.max_queue_size", "100"),
            ("tracer_provider.processors[0].batch.exporter.otlp_grpc.endpoint", "\"http://127.0.0.1:1\""),
            ("meter_provider.readers[1].periodic.exporter.otlp_http.headers[0].value", "\"***\""),
            (
                "meter_provider.readers[1].periodic.exporter.otlp_http.default_histogram_aggregation",
                "base2_exponential_bucket_histogram",
            ),
            ("meter_provider.readers[2].periodic.interval", "9000"),
            ("meter_provider.views[1].stream.name", "written.three"),
            ("distribution.phoenix_otel.shutdown_timeout", "2000"),
        ],
    );
}

#[test]
fn of_a_service_that_variables_configure() {
    isolated!();
    let variables = [
        ("OTEL_METRICS_EXPORTER", "prometheus,otlp,console"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hush"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "7000"),
        ("OTEL_METRICS_EXEMPLAR_FILTER", "always_on"),
        ("OTEL_TRACES_EXPORTER", "otlp,console"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ("OTEL_BSP_SCHEDULE_DELAY", "1500"),
        ("OTEL_PROPAGATORS", "baggage"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team=a%20b,service.version=3"),
        ("OTEL_SERVICE_NAME", "renamed"),
        ("PHOENIX_OTEL_RESOURCE_DETECTORS", "host,os"),
        ("PHOENIX_OTEL_PAGE", "false"),
        ("PHOENIX_OTEL_NAMESPACE", "acme"),
    ];
    assert_is_stable(
        phoenix_otel::builder("written").environment(variables),
        &[
            ("meter_provider.readers[1].periodic.interval", "7000"),
            ("meter_provider.exemplar_filter", "always_on"),
            ("tracer_provider.sampler.parent_based.root.trace_id_ratio_based.ratio", "0.25"),
            ("distribution.phoenix_otel.page.served", "nowhere"),
        ],
    );
}

#[test]
fn of_a_service_that_a_file_configures() {
    isolated!();
    let nothing: [(&str, &str); 0] = [];
    let file = r#"
file_format: "1.1"
log_level: warn
resource:
  attributes:
    - { name: numbers, value: [1, -2], type: int_array }
    - { name: ratio, value: 0.5, type: double }
    - { name: yes, value: "true" }
  detection/development: { detectors: [{ host: }] }
meter_provider:
  readers:
    - pull: { exporter: { prometheus/development: { port: 0, translation_strategy: no_translation/development } } }
    - periodic: { timeout: 0, exporter: { otlp_file/development: { output_stream: "file:///tmp/written.jsonl" } } }
    - periodic: { exporter: { otlp_http: { endpoint: "http://127.0.0.1:1", headers_list: "a=hush" } } }
    - periodic: { exporter: { otlp_http: { endpoint: "http://127.0.0.1:2", default_histogram_aggregation: base2_exponential_bucket_histogram } } }
      # The limits of all readers are the same.
  meter_configurator/development: { meters: [{ name: noisy, config: { enabled: false } }] }
tracer_provider:
  processors: [{ simple: { exporter: { console: } } }]
  sampler: { always_off: }
distribution: { phoenix_otel: { page: { hosts: [example.org], trace_link: "https://x/{trace_id}" } } }
"#;
    assert_is_stable(
        phoenix_otel::builder("written").environment(nothing).config(file),
        &[
            ("log_level", "warn"),
            ("resource.attributes[0].value", "[1, -2]"),
            ("meter_provider.readers[1].periodic.timeout", "4294967295"),
            ("meter_provider.readers[3].periodic.exporter.otlp_http.endpoint", "\"http://127.0.0.1:2/\""),
            ("tracer_provider.processors[0].batch.max_export_batch_size", "1"),
        ],
    );
}

#[test]
fn of_an_extension() {
    isolated!();
    let price = |prompt| Price { prompt, completion: 0.5 };
    let platform = Platform::new().domain(platform::KB).price("large.4", price(3.0)).price("\"x\"", price(4.0));
    let service = phoenix_otel::builder("written")
        .environment([("PHOENIX_OTEL_LLM_PRICES", "small=1/2,large.4=7/8")])
        .without_exporter()
        .with(platform);
    let (values, file) = in_force(service);
    let nothing: [(&str, &str); 0] = [];
    let again = phoenix_otel::builder("written").environment(nothing).strict().with(Platform::new()).config(&file);
    let (again, _) = in_force(again);
    let platform = |values: &BTreeMap<String, String>| -> Vec<String> {
        let values = values.iter().filter_map(|(path, value)| {
            Some(format!("{}: {value}", path.strip_prefix("distribution.phoenix_otel_platform.")?))
        });
        values.collect()
    };
    assert_eq!(
        platform(&values),
        [
            "domains: [kb]",
            "prices.\"\\x22x\\x22\".completion: 0.5",
            "prices.\"\\x22x\\x22\".prompt: 4.0",
            "prices.\"large.4\".completion: 0.5",
            "prices.\"large.4\".prompt: 3.0",
            "prices.small.completion: 2.0",
            "prices.small.prompt: 1.0",
        ]
    );
    assert_eq!(platform(&again), platform(&values), "{file}");
}
