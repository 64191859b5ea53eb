//! The listening sockets of a process with telemetry.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;

use phoenix_otel::{Otlp, Prometheus, builder};
use phoenix_otel_tests::isolated;

/// The listening sockets of this process, by their inode.
fn listening() -> BTreeSet<String> {
    const LISTEN: &str = "0A";
    let all =
        ["tcp", "tcp6"].map(|protocol| fs::read_to_string(format!("/proc/self/net/{protocol}")).unwrap_or_default());
    let all: BTreeSet<String> = all
        .iter()
        .flat_map(|table| table.lines())
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.get(3) == Some(&LISTEN))
        .map(|fields| format!("socket:[{}]", fields[9]))
        .collect();
    let own = fs::read_dir("/proc/self/fd").unwrap().flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
    own.map(|link| link.display().to_string()).filter(|link| all.contains(link)).collect()
}

#[test]
fn without_the_endpoint_nothing_listens() {
    isolated!();
    assert_eq!(listening().len(), 0);
    let pushed = builder("listening").exporter(Otlp::new().endpoint("http://127.0.0.1:1")).exporter("console");
    let telemetry = pushed.init().unwrap();
    assert_eq!(listening().len(), 0);
    drop(telemetry);
    let mounted = builder("listening").exporter("prometheus").without_listener().init().unwrap();
    assert_eq!(listening().len(), 0);
    drop(mounted);
    let _scraped = builder("listening").exporter(Prometheus::new().host("127.0.0.1").port(0)).init().unwrap();
    assert_eq!(listening().len(), 1, "the check sees a listening socket");
}
