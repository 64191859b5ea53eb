//! Code takes precedence over the file, and the file over defaults. Variables count where the file refers to them.

use std::sync::{Arc, Mutex};

use phoenix_otel::platform::{self, Platform, llm::Completion, llm::Price};
use phoenix_otel::testing::FakeExporter;
use phoenix_otel::{
    Builder, Component, ConfigNode, Console, ExemplarFilter, Extension, ExtensionSettings, LogLevel, Origin,
    Propagator, PushExporter, Sampler, SpanLimits, Telemetry, TracesExporter,
};
use phoenix_otel_tests::{Samples, isolated};

use super::service;

fn value(telemetry: &Telemetry, path: &str) -> Option<(String, Origin)> {
    telemetry.effective_config().get(path).map(|value| (value.value(), value.origin().clone()))
}

fn file(keys: &str) -> String {
    format!("file_format: \"1.1\"\n{keys}")
}

fn health(telemetry: &Telemetry) -> Vec<String> {
    let health = telemetry.health().to_string();
    health.lines().filter_map(|line| line.split_once(": ")).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn code_then_file_then_default() {
    isolated!();
    let file = file(
        "log_level: warn\nmeter_provider: {readers: [{periodic: {exporter: {console: }}}], exemplar_filter: always_off}\n\
                     distribution: {phoenix_otel: {namespace: of_file, subsystem: of_file}}",
    );
    let variables = [
        ("PHOENIX_OTEL_NAMESPACE", "of_variable"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "7"),
        ("OTEL_METRICS_EXPORTER", "none"),
    ];
    let telemetry = service(&file, &variables).namespace("of_code").init().expect("valid");
    let origin = |path: &str| value(&telemetry, path).unwrap_or_else(|| panic!("{path}"));
    assert_eq!(
        origin("distribution.phoenix_otel.namespace"),
        ("of_code".to_owned(), Origin::Code("builder: namespace".to_owned()))
    );
    assert_eq!(
        origin("distribution.phoenix_otel.subsystem"),
        ("of_file".to_owned(), Origin::File("builder: config:4:62".to_owned()))
    );
    assert_eq!(origin("meter_provider.readers[0].periodic.interval"), ("60000".to_owned(), Origin::Default));
    assert_eq!(origin("log_level").1, Origin::File("builder: config:2:12".to_owned()));
    assert_eq!(health(&telemetry), ["console"]);
    assert_eq!(telemetry.ignored().iter().count(), 0);
}

#[test]
fn code_takes_precedence_in_each_setting_of_traces() {
    isolated!();
    let file = file(
        "log_level: warn\ndisabled: true\nmeter_provider: {readers: [{periodic: {exporter: {console: }}}], exemplar_filter: always_off}\n\
         propagator: {composite: [{tracecontext: }]}\n\
         tracer_provider: {processors: [{simple: {exporter: {console: }}}], sampler: {always_off: }, limits: {event_count_limit: 3, link_count_limit: 4}}",
    );
    let service = || {
        let exporter = TracesExporter::from(Console::new()).max_queue_size(30).max_export_batch_size(10);
        service(&file, &[])
            .disabled(false)
            .log_level(LogLevel::Error)
            .exemplar_filter(ExemplarFilter::AlwaysOn)
            .sampler(Sampler::trace_id_ratio(0.25).parent_based())
            .propagators([Propagator::Baggage])
            .span_limits(SpanLimits::new().attributes(1).events(2).attributes_per_event(5).attributes_per_link(6))
            .traces_exporter(exporter)
    };
    let telemetry = service().init().expect("valid");
    assert!(!health(&telemetry).is_empty(), "it is not disabled");
    for (path, expected, method) in [
        ("disabled", "false", "disabled"),
        ("log_level", "error", "log_level"),
        ("meter_provider.exemplar_filter", "always_on", "exemplar_filter"),
        ("tracer_provider.sampler.parent_based.root.trace_id_ratio_based.ratio", "0.25", "sampler"),
        ("propagator.composite[0].baggage", "", "propagators"),
        ("tracer_provider.limits.attribute_count_limit", "1", "span_limits"),
        ("tracer_provider.limits.event_count_limit", "2", "span_limits"),
        ("tracer_provider.limits.event_attribute_count_limit", "5", "span_limits"),
        ("tracer_provider.limits.link_attribute_count_limit", "6", "span_limits"),
        ("tracer_provider.processors[0].batch.max_queue_size", "30", "console: max_queue_size"),
        ("tracer_provider.processors[0].batch.max_export_batch_size", "10", "console: max_export_batch_size"),
    ] {
        let expected = (expected.to_owned(), Origin::Code(format!("builder: {method}")));
        assert_eq!(value(&telemetry, path), Some(expected), "{path}:\n{}", telemetry.effective_config());
    }
    assert_eq!(
        value(&telemetry, "tracer_provider.limits.link_count_limit"),
        Some(("4".to_owned(), Origin::File("builder: config:6:142".to_owned())))
    );
    drop(telemetry);
    // Invalid values in code are errors.
    let exporter = TracesExporter::from(Console::new()).max_queue_size(0);
    let error =
        service().without_traces_exporter().traces_exporter(exporter).sampler(Sampler::trace_id_ratio(1.5)).init();
    let errors = error.expect_err("two values are invalid");
    let errors: Vec<_> = errors.settings().iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "builder: console: max_queue_size: invalid value \"0\"; allowed: a number of spans from 1 to 1000000",
            "builder: sampler: invalid value \"1.5\"; allowed: the ratio of traces to record, from 0 to 1",
        ]
    );
}

#[test]
fn variables_count_where_the_file_refers_to_them() {
    isolated!();
    let file = file(
        "meter_provider:\n  readers:\n  - periodic:\n      interval: ${OTEL_METRIC_EXPORT_INTERVAL}\n      exporter: { console: }",
    );
    let variables = [("OTEL_METRIC_EXPORT_INTERVAL", "7000"), ("OTEL_METRIC_EXPORT_TIMEOUT", "nonsense")];
    let telemetry = service(&file, &variables).strict().init().expect("the other variable is not read");
    assert_eq!(
        value(&telemetry, "meter_provider.readers[0].periodic.interval").map(|(value, _)| value).as_deref(),
        Some("7000")
    );
    assert_eq!(
        value(&telemetry, "meter_provider.readers[0].periodic.timeout").map(|(value, _)| value).as_deref(),
        Some("30000")
    );
}

#[test]
fn the_file_decides_whether_telemetry_is_disabled() {
    isolated!();
    let reader = "meter_provider: {readers: [{periodic: {exporter: {console: }}}]}";
    let telemetry = service(&file(reader), &[("OTEL_SDK_DISABLED", "true")]).init().expect("valid");
    assert_eq!(health(&telemetry), ["console"]);
    drop(telemetry);
    let telemetry =
        service(&file(&format!("disabled: true\n{reader}")), &[("OTEL_SDK_DISABLED", "false")]).init().expect("valid");
    assert_eq!(health(&telemetry), [""; 0]);
}

#[test]
fn the_name_of_the_service() {
    isolated!();
    let name = |keys: &str, variables: &[(&str, &str)]| {
        let telemetry =
            service(&file(keys), variables).exporter("prometheus").without_listener().init().expect("valid");
        let exposition = telemetry.exposition().expect("an exposition");
        let name = exposition.split("service=\"").nth(1).and_then(|rest| rest.split_once('"')).expect("the label");
        name.0.to_owned()
    };
    assert_eq!(name("disabled: false", &[("OTEL_SERVICE_NAME", "variable")]), "config-file");
    assert_eq!(name("resource: {attributes: [{name: service.name, value: of-file}]}", &[]), "of-file");
    assert_eq!(name("resource: {attributes_list: 'service.name=of-list'}", &[]), "of-list");
    // What the examples of the schema write out.
    assert_eq!(
        name("resource: {attributes: [{name: service.name, value: '${OTEL_SERVICE_NAME:-unknown_service}'}]}", &[]),
        "config-file"
    );
    let referred = "resource: {attributes: [{name: service.name, value: '${OTEL_SERVICE_NAME:-unknown_service}'}]}";
    assert_eq!(name(referred, &[("OTEL_SERVICE_NAME", "variable")]), "variable");
}

#[test]
fn exporters_in_code_replace_the_readers() {
    isolated!();
    let file = file("meter_provider: {readers: [{periodic: {exporter: {otlp_http: }}}]}");
    let telemetry = service(&file, &[]).exporter("console").init().expect("valid");
    assert_eq!(health(&telemetry), ["console"]);
    drop(telemetry);
    let telemetry =
        service(&file, &[]).without_exporter().push_exporter("mine", FakeExporter::default()).init().expect("valid");
    assert_eq!(health(&telemetry), ["mine"]);
}

#[test]
fn readers_of_one_kind_get_numbers() {
    isolated!();
    let otlp =
        |port: u16| format!("{{periodic: {{exporter: {{otlp_http: {{endpoint: 'http://127.0.0.1:{port}'}}}}}}}}");
    let file = file(&format!(
        "meter_provider: {{readers: [{}, {}, {{periodic: {{exporter: {{console: }}}}}}, {}]}}",
        otlp(1),
        otlp(2),
        otlp(3)
    ));
    let telemetry = service(&file, &[]).init().expect("valid");
    assert_eq!(health(&telemetry), ["otlp", "otlp-2", "console", "otlp-3"]);
}

#[test]
fn detected_attributes_are_selected() {
    isolated!();
    let found = |attributes: &str| {
        let keys = format!("resource: {{detection/development: {{detectors: [{{host: }}]{attributes}}}}}");
        let telemetry = service(&file(&keys), &[]).without_exporter().init().expect("valid");
        let config = telemetry.effective_config();
        let found =
            config.values().filter_map(|value| value.path().strip_prefix("resource attribute ").map(str::to_owned));
        found.filter(|name| name.starts_with("host.")).collect::<Vec<_>>()
    };
    assert_eq!(found(""), ["host.arch", "host.name"]);
    assert_eq!(found(", attributes: {included: ['host.n*']}"), ["host.name"]);
    assert_eq!(found(", attributes: {excluded: ['*.name']}"), ["host.arch"]);
}

/// A service with an exporter of its own.
fn with_influx(keys: &str) -> (Builder, Arc<Mutex<Option<String>>>) {
    let url = Arc::<Mutex<Option<String>>>::default();
    let seen = url.clone();
    let provider = move |settings: &phoenix_otel::ExporterSettings| {
        *seen.lock().unwrap() = settings.node().and_then(|node: &ConfigNode| node.text("url"));
        Ok(Component::push(PushExporter::new(FakeExporter::default())))
    };
    let keys =
        format!("meter_provider: {{readers: [{{periodic: {{interval: 7000, exporter: {{influx: {{{keys}}}}}}}}}]}}");
    (service(&file(&keys), &[]).exporter_provider("influx", provider), url)
}

#[test]
fn a_registered_exporter_reads_its_mapping() {
    isolated!();
    let (service, url) = with_influx("url: 'http://x'");
    let telemetry = service.init().expect("valid");
    assert_eq!(url.lock().unwrap().as_deref(), Some("http://x"));
    assert_eq!(health(&telemetry), ["influx"]);
    assert_eq!(
        value(&telemetry, "meter_provider.readers[0].periodic.interval").map(|(value, _)| value).as_deref(),
        Some("7000")
    );
    assert_eq!(
        value(&telemetry, "meter_provider.readers[0].periodic.exporter.influx.url"),
        Some(("\"http://x\"".to_owned(), Origin::File("builder: config:2:81".to_owned())))
    );
    drop(telemetry);
    let (service, _) = with_influx("urll: 'http://x'");
    let error = service.init().expect_err("the key is unknown").to_string();
    assert_eq!(
        error,
        "the configuration is invalid:\n  builder: config:2:76: meter_provider.readers[0].periodic.exporter.influx.urll: invalid value \"urll\" (did you mean url?); allowed: the keys url"
    );
}

#[derive(Default)]
struct Acme(Arc<Mutex<Vec<String>>>);

impl Extension for Acme {
    fn configure(&mut self, settings: &mut ExtensionSettings<'_>) {
        settings.node("acme", |node| self.0.lock().unwrap().extend(node.texts("carriers")));
    }
}

#[test]
fn an_extension_reads_its_mapping() {
    isolated!();
    let acme = Acme::default();
    let read = acme.0.clone();
    let telemetry = service(&file("distribution: {acme: {carriers: [north, south]}}"), &[])
        .without_exporter()
        .with(acme)
        .init()
        .expect("valid");
    assert_eq!(*read.lock().unwrap(), ["north", "south"]);
    assert_eq!(
        value(&telemetry, "distribution.acme.carriers"),
        Some(("[north, south]".to_owned(), Origin::File("builder: config:2:33".to_owned())))
    );
    drop(telemetry);
    let error = service(&file("distribution: {acme: {carrier: [north]}}"), &[])
        .with(Acme::default())
        .init()
        .expect_err("unknown");
    assert!(
        error.to_string().contains(
            "builder: config:2:23: distribution.acme.carrier: invalid value \"carrier\" (did you mean carriers?)"
        ),
        "{error}"
    );
    // Nobody reads it.
    let telemetry =
        service(&file("distribution: {acme: {carriers: []}}"), &[]).without_exporter().init().expect("valid");
    let ignored: Vec<_> = telemetry.ignored().iter().map(ToString::to_string).collect();
    assert_eq!(
        ignored,
        [
            "builder: config:2:22: distribution.acme is not supported and ignored: no extension of this service reads this mapping"
        ]
    );
}

#[test]
fn the_platform_reads_its_mapping() {
    isolated!();
    let platform = "distribution: {phoenix_otel_platform: {domains: [llm], prices: {small: {prompt: 2, completion: 6}, large: {prompt: 1, completion: 1}}}}";
    let telemetry = service(&file(platform), &[("PHOENIX_OTEL_LLM_PRICES", "other=1/1")])
        .with(Platform::new().domain(platform::KB).price("large", Price { prompt: 30.0, completion: 0.0 }))
        .exporter("prometheus")
        .without_listener()
        .strict()
        .init()
        .expect("valid");
    let cost = |model| Samples::of(&telemetry).get("phoenix_llm_cost_dollars_total", &[("model", model)]);
    assert_eq!((cost("small"), cost("large"), cost("other")), (Some(0.0), Some(0.0), None));
    for model in ["small", "large"] {
        Completion::new(model, 1_000_000, 1_000_000).record();
    }
    assert_eq!((cost("small"), cost("large")), (Some(8.0), Some(30.0)), "code takes precedence");
    let samples = Samples::of(&telemetry);
    let starts = |name: &str| samples.iter().any(|sample| sample.name.starts_with(name));
    assert!(starts("phoenix_llm_queue_depth") && starts("phoenix_kb_") && !starts("phoenix_safety_"));
    let shown = |key: &str| value(&telemetry, &format!("distribution.phoenix_otel_platform.{key}"));
    let code = |method: &str| Origin::Code(format!("builder: Platform::{method}"));
    assert_eq!(shown("domains"), Some(("[kb, llm]".to_owned(), code("domain"))));
    assert_eq!(shown("prices.large.prompt"), Some(("30.0".to_owned(), code("price"))));
    assert_eq!(
        shown("prices.small.completion"),
        Some(("6".to_owned(), Origin::File("builder: config:2:96".to_owned())))
    );
    drop(telemetry);
    for (keys, problem) in [
        (
            "domains: [lllm]",
            "config:2:49: distribution.phoenix_otel_platform.domains: invalid value \"a list\"; allowed: a list of orchestrator, data_router, llm, kb, safety, executor",
        ),
        (
            "prices: {a: {prompt: 1}}",
            "distribution.phoenix_otel_platform.prices.a.completion: invalid value \"a mapping\"; allowed: the key completion with US dollars per million tokens, 0 or more",
        ),
        (
            "prices: {a: {prompt: -1, completion: 1}}",
            "config:2:61: distribution.phoenix_otel_platform.prices.a.prompt: invalid value \"-1\"; allowed: the key prompt with US dollars per million tokens, 0 or more",
        ),
        ("prices: {a: {prompt: x, completion: 1}}", "prices.a.prompt: invalid value \"x\"; allowed: a number"),
        (
            "price: {}",
            "distribution.phoenix_otel_platform.price: invalid value \"price\" (did you mean prices?); allowed: the keys domains, prices",
        ),
    ] {
        let text = file(&format!("distribution: {{phoenix_otel_platform: {{{keys}}}}}"));
        let error = service(&text, &[]).with(Platform::new()).init().expect_err(keys);
        assert_eq!(error.settings().iter().count(), 1, "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    }
}
