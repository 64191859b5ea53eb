//! The host metrics of the agent.

use phoenix_otel_tests::{Collector, Prometheus};

/// Each family of host metrics arrives as a series of the service `host`, with the machine as the instance.
#[test]
fn the_host_is_a_service_of_its_own() {
    let prometheus = Prometheus::from_repository().remote_write_receiver().start();
    let gateway = Collector::gateway(&prometheus.remote_write_url()).start();
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).env("OTELCOL_HOST_INTERVAL", "1s").start();

    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name of this machine");
    let of_host = format!(r#"job="host",service="host",instance="{}""#, machine.trim());
    for name in [
        "system_cpu_time_seconds_total",
        "system_cpu_load_average_1m",
        "system_memory_usage_bytes",
        "system_network_io_bytes_total",
    ] {
        let seen = prometheus.wait_for(&format!("{name}{{{of_host}}}"), |seen| !seen.is_empty());
        // The attributes of the host are on the target only.
        let labels: Vec<_> = seen.iter().flat_map(|(labels, _)| labels.keys()).collect();
        assert!(!labels.iter().any(|label| label.starts_with("host_") || label.starts_with("os_")), "{labels:?}");
    }
    let target = prometheus.query(r#"target_info{job="host"}"#);
    assert_eq!(target.value("target_info", &[("instance", machine.trim()), ("os_type", "linux")]), 1.0);
    let nameless = prometheus.query(r#"{__name__=~"system_.*",service=""}"#);
    assert!(nameless.is_empty(), "{}", nameless.lines());
    drop(agent);
}
