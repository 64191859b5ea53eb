//! The attributes of the detectors, over OTLP and on `target_info`. Unit tests run the detectors on given files and variables.

use phoenix_otel::{Builder, Prometheus, ResourceDetector, Telemetry};
use phoenix_otel_tests::Samples;
use phoenix_otel_tests::otlp_sink::{Received, Sink};
use phoenix_otel_tests::receiver_down::pushing;

/// Starts telemetry with a scrape endpoint. Returns it with its push at the start.
fn start(configure: impl FnOnce(Builder) -> Builder) -> (Telemetry, Received) {
    let sink = Sink::http(None, &[]);
    let builder = pushing("http/protobuf", &format!("127.0.0.1:{}", sink.port()));
    let builder = builder.exporter("otlp").exporter(Prometheus::new().host("127.0.0.1").port(0));
    let telemetry = configure(builder).init().unwrap();
    (telemetry, sink.next_initial())
}

/// Returns the labels of `target_info`.
fn target(telemetry: &Telemetry) -> std::collections::BTreeMap<String, String> {
    let samples = Samples::of(telemetry);
    let target: Vec<_> = samples.all("target_info", &[]).collect();
    assert_eq!(target.len(), 1, "{target:?}");
    target[0].labels.clone().into_iter().collect()
}

#[test]
fn the_host_is_detected_and_the_process_on_request() {
    phoenix_otel_tests::isolated!();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned();
    let (telemetry, pushed) = start(|builder| builder);
    assert_eq!(pushed.resource_attribute("host.name").as_deref(), Some(&*host));
    assert!(pushed.resource_attribute("host.arch").is_some());
    for other in ["process.pid", "os.type", "container.id", "host.id", "k8s.pod.name"] {
        assert_eq!(pushed.resource_attribute(other), None, "{other}");
    }
    assert_eq!(target(&telemetry).get("host_name"), Some(&host));
    assert_eq!(target(&telemetry).get("process_pid"), None);
    drop(telemetry);

    let detectors = [ResourceDetector::Process, ResourceDetector::Os];
    let (telemetry, pushed) = start(|builder| builder.detectors(detectors));
    let pid = std::process::id();
    // In the conventions it is a number.
    assert_eq!(pushed.resource_attribute("process.pid"), Some(format!("IntValue({pid})")));
    let created = pushed.resource_attribute("process.creation.time").unwrap();
    assert!(created.len() == 24 && created.starts_with("20") && created.ends_with('Z'), "{created}");
    assert_eq!(pushed.resource_attribute("os.type").as_deref(), Some(std::env::consts::OS));
    assert_eq!(pushed.resource_attribute("host.name"), None);
    let target = target(&telemetry);
    assert_eq!((&*target["process_pid"], &*target["process_creation_time"]), (&*pid.to_string(), &*created));
}

#[test]
fn configured_attributes_win_and_the_variable_selects_detectors() {
    phoenix_otel_tests::isolated!();
    let variables = |builder: Builder, more: &[(&str, &str)]| {
        let own = [("OTEL_RESOURCE_ATTRIBUTES", "host.name=given,os.type=given"), ("POD_NAME", "shop-1")];
        builder.environment([&own, more].concat())
    };
    let sink = Sink::http(None, &[]);
    let otlp = || phoenix_otel::Otlp::new().endpoint(format!("http://127.0.0.1:{}", sink.port()));
    let detected = |more: &[(&str, &str)], configure: fn(Builder) -> Builder| {
        let builder = variables(phoenix_otel::builder("shop").without_subscriber(), more);
        drop(configure(builder).exporter(otlp()).instance(more.len().to_string()).init().unwrap());
        sink.next_initial()
    };
    let by_variable = [("PHOENIX_OTEL_RESOURCE_DETECTORS", "os,host,k8s"), ("KUBERNETES_SERVICE_HOST", "10.0.0.1")];
    let found = detected(&by_variable, |builder| builder.resource_attribute("os.type", "in code"));
    assert_eq!(found.resource_attribute("host.name").as_deref(), Some("given"));
    assert_eq!(found.resource_attribute("os.type").as_deref(), Some("in code"));
    assert_eq!(found.resource_attribute("k8s.pod.name").as_deref(), Some("shop-1"));
    assert!(found.resource_attribute("host.arch").is_some());
    // Code overrides the variable. Without detectors only configured attributes are set.
    let none = detected(&by_variable[..1], Builder::without_detectors);
    assert_eq!(none.resource_attribute("host.name").as_deref(), Some("given"));
    assert_eq!((none.resource_attribute("host.arch"), none.resource_attribute("k8s.pod.name")), (None, None));
}
