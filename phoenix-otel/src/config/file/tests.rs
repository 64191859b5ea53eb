//! What is read of files, and which problems are reported.

use std::time::Duration;

use super::read::read;
use super::{FileAggregation, FileConfig, FileExporter};
use crate::config::effective::Origin;
use crate::config::model::{Compression, HistogramAggregation, LogLevel, TemporalityPreference};

/// A file with these keys.
fn file(keys: &str) -> FileConfig {
    read("otel.yaml", &format!("file_format: \"1.1\"\n{keys}"), &|_| None)
}

/// The settings of a valid file, whose keys all are supported.
fn valid(keys: &str) -> FileConfig {
    let file = file(keys);
    assert_eq!(file.problems, [], "{keys}");
    file
}

/// The problems of a file in words, in the order of their lines.
fn problems(keys: &str) -> Vec<String> {
    let problems = file(keys).problems;
    problems.iter().map(ToString::to_string).map(|problem| problem.replace("otel.yaml:", "")).collect()
}

/// A file whose only reader has this exporter.
fn exporter(text: &str) -> String {
    format!("meter_provider: {{readers: [{{periodic: {{exporter: {text}}}}}]}}")
}

fn otlp(text: &str) -> crate::config::options::Otlp {
    match valid(&exporter(text)).readers.remove(0).exporter {
        FileExporter::Otlp(options) => options,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_settings_of_an_otlp_exporter() {
    let options = otlp(
        "{otlp_grpc: {endpoint: 'https://c:4317', tls: {ca_file: /ca, cert_file: /c, key_file: /k, insecure: false}, \
         headers: [{name: B, value: '2'}, {name: c, value: null}], headers_list: 'a=1,b=%33', compression: gzip, timeout: 0, \
         temporality_preference: low_memory}}",
    );
    assert_eq!(
        options.headers.expect("headers").0,
        [("a", "1"), ("b", "2")].map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert_eq!((options.compression, options.insecure), (Some(Compression::Gzip), Some(false)));
    assert_eq!(options.temporality, Some(TemporalityPreference::LowMemory));
    // 0 means no limit.
    assert_eq!(options.timeout, Some(Duration::from_millis(u64::from(u32::MAX))));
    assert!(options.endpoint_is_whole && options.certificate.is_some() && options.client_key.is_some());
}

#[test]
fn the_timing_of_a_reader() {
    let file = valid("meter_provider: {readers: [{periodic: {interval: 5000, timeout: 1000, exporter: {console: }}}]}");
    let FileExporter::Console(console) = &file.readers[0].exporter else { panic!("{file:?}") };
    assert_eq!(console.push.interval, Some(Duration::from_secs(5)));
    let place = console.places.get("interval").map(Origin::from);
    assert_eq!(place, Some(Origin::File("otel.yaml:2:50".to_owned())));
}

#[test]
fn a_histogram_aggregation_holds_for_all() {
    let file = valid(&exporter("{otlp_http: {default_histogram_aggregation: base2_exponential_bucket_histogram}}"));
    assert_eq!(file.overrides.histogram_aggregation, Some(HistogramAggregation::Base2Exponential));
}

#[test]
fn an_output_stream_is_standard_output_or_a_file() {
    for (stream, path) in [("stdout", None), ("file:///var/log/m.jsonl", Some("/var/log/m.jsonl"))] {
        let mut file = valid(&exporter(&format!("{{otlp_file/development: {{output_stream: '{stream}'}}}}")));
        let FileExporter::OtlpFile(options) = file.readers.remove(0).exporter else { panic!("an OTLP file") };
        assert_eq!(options.path.as_deref(), path.map(std::path::Path::new));
    }
    assert_eq!(
        problems(&exporter("{otlp_file/development: {output_stream: 'file://relative'}}")),
        [
            "2:90: meter_provider.readers[0].periodic.exporter.otlp_file/development.output_stream: invalid value \"file://relative\"; allowed: stdout, or a file such as file:///var/log/metrics.jsonl"
        ]
    );
}

#[test]
fn the_readers_of_other_crates_keep_their_mapping() {
    let mut file = valid(&exporter("{influx: {bucket: b}}"));
    let FileExporter::Registered { name, node, .. } = file.readers.remove(0).exporter else { panic!("registered") };
    assert_eq!((name.as_str(), node.text("bucket").as_deref()), ("influx", Some("b")));
    assert_eq!(node.finish(), []);
}

#[test]
fn views_with_all_their_keys() {
    let file = valid(
        "meter_provider: {readers: [{pull: {exporter: {prometheus/development: }}}], views: [\
         {selector: {instrument_name: 'a.*', instrument_type: histogram, unit: s, meter_name: m}, \
          stream: {description: d, aggregation: {explicit_bucket_histogram: {boundaries: [1, 2.5]}}, \
                   aggregation_cardinality_limit: 7, attribute_keys: {included: ['x*'], excluded: [xy]}}}, \
         {selector: {instrument_name: b}, stream: {name: c, aggregation: {drop: }}}, \
         {selector: {}, stream: {aggregation: {base2_exponential_bucket_histogram: {max_scale: 5}}}}, \
         {selector: {}, stream: {aggregation: {explicit_bucket_histogram: }}}]}",
    );
    let [first, second, third, fourth] = &file.views[..] else { panic!("{:?}", file.views) };
    assert_eq!((first.instrument.as_deref(), first.kind.as_deref()), (Some("a.*"), Some("histogram")));
    assert_eq!((first.unit.as_deref(), first.meter.as_deref(), first.cap), (Some("s"), Some("m"), Some(7)));
    assert_eq!(first.aggregation, Some(FileAggregation::Explicit(vec![1.0, 2.5])));
    assert_eq!(first.included.as_deref(), Some(&["x*".to_owned()][..]));
    assert_eq!((second.name.as_deref(), &second.aggregation), (Some("c"), &Some(FileAggregation::Drop)));
    assert_eq!(third.aggregation, Some(FileAggregation::Exponential { max_size: 160, max_scale: 5 }));
    assert!(matches!(&fourth.aggregation, Some(FileAggregation::Explicit(bounds)) if bounds.len() == 15));
    assert!(first.place.starts_with("otel.yaml:2:"), "{}", first.place);
}

#[test]
fn limits_are_for_a_kind_or_for_all_others() {
    let reader = |limits: &str| {
        format!(
            "meter_provider: {{readers: [{{pull: {{exporter: {{prometheus/development: }}, cardinality_limits: {{{limits}}}}}}}]}}"
        )
    };
    let limits = valid(&reader("default: 9, gauge: 5")).overrides.limits;
    assert_eq!([Some("gauge"), Some("counter"), None].map(|kind| limits.of(kind)), [Some(5), Some(9), Some(9)]);
    let limits = valid(&reader("gauge: 5")).overrides.limits;
    assert_eq!([Some("gauge"), Some("counter"), None].map(|kind| limits.of(kind)), [Some(5), None, None]);
    assert!(problems(&reader("gauge: 1000001"))[0].contains("a cardinality limit of at most 1,000,000"));
}

#[test]
fn the_first_entry_decides_on_a_meter() {
    let file = |meters: &str| {
        let readers = "readers: [{pull: {exporter: {prometheus/development: }}}]";
        valid(&format!("meter_provider: {{{readers}, meter_configurator/development: {{{meters}}}}}")).overrides.meters
    };
    let entries = "meters: [{name: ab, config: {enabled: false}}, {name: 'a*', config: {}}, {name: '*b', config: {enabled: false}}]";
    for (default, others) in
        [("", true), ("default_config: {enabled: true}, ", true), ("default_config: {enabled: false}, ", false)]
    {
        let meters = file(&format!("{default}{entries}"));
        let enabled = ["ab", "acb", "cb", "c"].map(|meter| meters.is_enabled(meter));
        assert_eq!(enabled, [false, true, false, others], "{default}");
        assert!(!meters.are_all_enabled());
    }
    assert!(file("default_config: {enabled: true}").are_all_enabled());
}

#[test]
fn resource_attributes_have_types() {
    let file = valid(
        "resource: {attributes_list: 'a=1,b=2', attributes: [{name: a, value: x}, {name: n, value: 3, type: int}, \
         {name: l, value: [true], type: bool_array}, {name: service.name, value: unknown_service}, {name: z, value: null}], \
         detection/development: {attributes: {excluded: [host.id]}, detectors: [{host: }, {service: }]}}",
    );
    let shown: Vec<String> =
        file.overrides.file_attributes.iter().map(|(key, (value, _))| format!("{key}={value}")).collect();
    assert_eq!(shown, ["a=x", "b=2", "l=[true]", "n=3"]);
    assert_eq!(file.overrides.detectors.map(|detectors| detectors.len()), Some(1));
    assert_eq!(
        problems("resource: {attributes: [{name: n, value: 3}]}"),
        [
            "2:42: resource.attributes[0].value: invalid value \"3\"; allowed: a value of the type string; the key `type` next to it sets another type"
        ]
    );
}

#[test]
fn log_levels() {
    assert_eq!(valid("log_level: warn3").overrides.log_level, Some(LogLevel::Warn));
    assert_eq!(
        problems("log_level: warning"),
        [
            "2:12: log_level: invalid value \"warning\" (did you mean warn?); allowed: trace, trace2, trace3, trace4, debug, debug2, debug3, debug4, info, info2, info3, info4, warn, warn2, warn3, warn4, error, error2, error3, error4, fatal, fatal2, fatal3, fatal4"
        ]
    );
}

#[test]
fn our_own_settings() {
    let file = valid(
        "distribution: {phoenix_otel: {namespace: acme, subsystem: s, edge_subsystem: '', strict: true, process_metrics: false, \
         shutdown_timeout: 100, page: {served: nowhere, history: false, hosts: [h], origins: [], trace_link: l}}, acme: {k: 1}}",
    );
    assert_eq!((file.overrides.namespace.as_deref(), file.overrides.strict), (Some("acme"), true));
    assert_eq!(file.shutdown_timeout, Some(Duration::from_millis(100)));
    assert_eq!((file.overrides.page.history, file.overrides.page.hosts.len()), (Some(false), 1));
    assert_eq!(file.nodes.len(), 1);
    assert_eq!(
        problems("distribution: {phoenix_otel: {name_space: x}}"),
        [
            "2:31: distribution.phoenix_otel.name_space: invalid value \"name_space\" (did you mean namespace?); allowed: the keys namespace, subsystem, edge_subsystem, strict, process_metrics, shutdown_timeout, page, web_config_file, bearer_token_file, open_health"
        ]
    );
}

#[test]
fn scrape_endpoints_get_the_web_config_file() {
    let file = valid(
        "meter_provider: {readers: [{pull: {exporter: {prometheus/development: }}}]}\n\
         distribution: {phoenix_otel: {web_config_file: /etc/web.yml, bearer_token_file: /etc/tokens, open_health: true}}",
    );
    let FileExporter::Prometheus(options) = &file.readers[0].exporter else { panic!("{file:?}") };
    assert_eq!(options.web_config_file.as_deref(), Some(std::path::Path::new("/etc/web.yml")));
    assert_eq!(options.open_health, Some(true));
    assert_eq!(options.bearer_token_file.as_ref().map(|file| file.shown()).as_deref(), Some("/etc/tokens"));
}

#[test]
fn each_fault_is_reported_with_its_place() {
    for (keys, expected) in [
        ("meter_provider:", "2:15: meter_provider: invalid value \"null\"; allowed: a mapping; it cannot be null"),
        (
            "meter_provider: {}",
            "2:17: meter_provider: invalid value \"nothing\"; allowed: the key readers, which is required",
        ),
        (
            "meter_provider: {readers: []}",
            "2:27: meter_provider.readers: invalid value \"a list\"; allowed: a list of at least 1",
        ),
        (
            "meter_provider: {readers: [{periodic: {interval: soon, exporter: {console: }}}]}",
            "2:50: meter_provider.readers[0].periodic.interval: invalid value \"soon\"; allowed: an integer of at least 0",
        ),
        (
            "meter_provider: {readers: [{periodic: {intervall: 5, exporter: {console: }}}]}",
            "2:40: meter_provider.readers[0].periodic.intervall: invalid value \"intervall\" (did you mean interval?); allowed: the keys interval, timeout, max_export_batch_size/development, exporter, producers, cardinality_limits",
        ),
        (
            "meter_provider: {readers: [{periodic: {exporter: {console: , otlp_http: }}}]}",
            "2:50: meter_provider.readers[0].periodic.exporter: invalid value \"2 keys\"; allowed: a mapping with exactly one key: otlp_http, otlp_grpc, otlp_file/development, console",
        ),
        ("disabled: 'true'", "2:11: disabled: invalid value \"true\"; allowed: true or false"),
        (
            "meter_providr: {}",
            "2:1: meter_providr is not supported and ignored: the schema has no such key (did you mean meter_provider?)",
        ),
        (
            "logger_provider: {processors: [{simple: {exporter: {console: }}}]}",
            "2:1: logger_provider is not supported and ignored: phoenix-otel has no logs",
        ),
        ("distribution: [1]", "2:15: distribution: invalid value \"a list\"; allowed: a mapping"),
    ] {
        assert_eq!(problems(keys), [expected], "{keys}");
    }
}

#[test]
fn all_problems_are_in_one_report() {
    let problems = problems("disabled: 1\nlog_level: 2\nresource: {attributes: [{value: a}], detectors: []}");
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

#[test]
fn versions_of_the_format() {
    let problems = |version: &str| {
        let file = read("otel.yaml", &format!("file_format: {version}"), &|_| None);
        file.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    for known in ["\"1.0\"", "\"1.1\"", "\"1.2\"", "\"1.0-rc.2\""] {
        assert_eq!(problems(known), "", "{known}");
    }
    assert!(problems("\"1.9\"").contains("the newest known version is 1.2"), "{}", problems("\"1.9\""));
    for refused in ["\"0.4\"", "\"2.0\"", "\"x\"", "1.1"] {
        assert!(problems(refused).contains("invalid value"), "{refused}: {}", problems(refused));
    }
    assert!(read("otel.yaml", "", &|_| None).problems[0].to_string().contains("a mapping"));
}

#[test]
fn secrets_are_not_shown() {
    let secret = |text: &str| {
        let found = problems(text);
        assert!(!found.is_empty() && found.iter().all(|problem| !problem.contains("hush")), "{found:?}");
    };
    secret(&exporter("{otlp_http: {headers: [{name: a, value: [hush]}]}}"));
    secret(&exporter("{otlp_http: {headers_list: 'hush'}}"));
    secret(&exporter("{otlp_http: {headers_list: {a: hush}}}"));
    secret(&exporter("{otlp_http: {headers: 'a: hush'}}"));
    secret(&exporter("{otlp_http: {headers: [a=hush]}}"));
    secret(&exporter("{otlp_http: 'https://user:hush@collector'}"));
    secret(&exporter("{acme: hush}"));
    secret("distribution: {acme: hush}");
    for value in ["!hush", "!<hush> a", "!!hush", "'a${hush?}'", "'a${b hush}'", "&a hush}]}, x: {a: *hush}"] {
        secret(&exporter(&format!("{{otlp_http: {{headers: [{{name: a, value: {value}}}]}}}}")));
    }
    assert!(!format!("{:?}", file(&exporter("{otlp_http: {headers: [{name: a, value: hush}]}}"))).contains("hush"));
    assert!(!format!("{:?}", file("distribution: {acme: {token: hush}}")).contains("hush"));
}

#[test]
fn an_invalid_value_of_a_variable_is_shown_with_the_reference() {
    let text = "file_format: \"1.1\"\ndisabled: ${OFF}";
    let file = read("otel.yaml", text, &|name| (name == "OFF").then(|| "nope".into()));
    assert_eq!(
        file.problems[0].to_string(),
        "otel.yaml:2:11: disabled: invalid value \"nope (from ${OFF})\"; allowed: true or false"
    );
}

#[cfg(feature = "tracing")]
#[test]
fn traces() {
    let file = valid(
        "propagator: {composite: [{baggage: }], composite_list: 'tracecontext,baggage'}\n\
         tracer_provider: {processors: [{batch: {schedule_delay: 100, max_queue_size: 10, exporter: {otlp_http: }}}, \
         {simple: {exporter: {console: }}}], limits: {event_count_limit: 3, attribute_count_limit: 4294967296}, \
         sampler: {parent_based: {root: {trace_id_ratio_based: {ratio: 0.25}}, remote_parent_sampled: {always_on: }}}}",
    );
    let overrides = &file.overrides;
    assert_eq!(overrides.propagators.as_ref().map(Vec::len), Some(2));
    assert_eq!(overrides.sampler.map(|sampler| (sampler.parent_based, sampler.ratio)), Some((true, 0.25)));
    let limits = overrides.span_limits;
    assert_eq!((limits.attributes, limits.events, limits.links), (Some(u32::MAX), Some(3), None));
    let place = overrides.places.get("event_count_limit").map(crate::config::Setting::name);
    assert!(place.is_some_and(|place| place.ends_with("tracer_provider.limits.event_count_limit")), "{place:?}");
    assert_eq!(overrides.traces_exporters.as_ref().map(Vec::len), Some(2));
    for (keys, expected) in [
        (
            "propagator: {composite: [{b4: }]}",
            "2:26: propagator.composite[0]: invalid value \"b4\"; allowed: a propagator of this build: tracecontext, baggage",
        ),
        (
            "tracer_provider: {processors: [{batch: {exporter: {otlp_htp: }}}]}",
            "2:51: tracer_provider.processors[0].batch.exporter: invalid value \"otlp_htp\" (did you mean otlp_http?); allowed: an exporter of spans of this build: otlp_http, otlp_grpc, console",
        ),
    ] {
        assert_eq!(problems(keys), [expected], "{keys}");
    }
}
