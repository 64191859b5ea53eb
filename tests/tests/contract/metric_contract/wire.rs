//! The contract on the wire: the platform's services under load, by three ways.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use phoenix_otel_tests::contract::Contract;
use phoenix_otel_tests::platform::{SERVICES, Service};
use phoenix_otel_tests::{Collector, Platform, Prometheus, Samples, Series, wait_until};

use super::check::{Seen, problems};
use super::promtool;
use super::sent::Sent;

/// The load: valid and invalid requests, and the number of acts of each user.
const SCENARIOS: [(&str, usize); 2] = [("calm", 57), ("errors", 19)];

#[test]
fn every_metric_arrives_by_every_way_with_the_right_values() {
    let contract = Contract::read();
    let pushed = Prometheus::from_repository().remote_write_receiver().start();
    let collector = Collector::gateway(&pushed.remote_write_url()).start();
    let platform = Platform::start(&[
        ("OTEL_METRICS_EXPORTER", "prometheus,otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.otlp_http_url()),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
    ]);
    let addresses = SERVICES.map(|service| platform.address(service).to_owned());
    let targets: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let scraping = Prometheus::from_repository().targets("services", &targets).start();

    let mut sent = Sent::default();
    for (scenario, acts) in SCENARIOS {
        sent.add(&platform.run_scenario(scenario, acts));
    }
    println!("sent: {}", sent.summary());
    assert!(sent.is_enough(), "{sent:#?}");

    let ways: [(&str, &dyn Fn(Service) -> Seen); 3] = [
        ("in what a service serves", &|service| served(&platform, service)),
        ("in the Prometheus that scrapes", &|service| scraped(&scraping, service)),
        ("in the Prometheus that the collector writes to", &|service| written(&pushed, service)),
    ];
    for (way, see) in ways {
        wait_until(&format!("the contract {way}"), || {
            let mut found = String::new();
            for service in SERVICES {
                let seen = see(service);
                let of_rows = contract.rows.iter().flat_map(|row| problems(row, &seen));
                for problem in of_rows.chain(sent.problems(service, &seen.series)) {
                    let _ = writeln!(found, "  {}: {problem}", service.name);
                }
            }
            if found.is_empty() { Ok(()) } else { Err(format!("{way}:\n{found}")) }
        });
    }
    for service in SERVICES {
        promtool::check(service.name, &platform.exposition(service));
    }
    platform.terminate();
}

/// By the text of its own endpoint.
fn served(platform: &Platform, service: Service) -> Seen {
    let text = platform.exposition(service);
    let samples = Samples::parse(&text);
    let series = samples.iter().map(|sample| {
        let mut labels = sample.labels.clone();
        labels.insert("__name__".to_owned(), sample.name.clone());
        (labels, sample.value)
    });
    let types = text.lines().filter_map(|line| {
        let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
        Some((name.to_owned(), kind.to_owned()))
    });
    Seen { service, series: series.collect::<Series>(), types: Some(types.collect()) }
}

/// By a scrape. The metadata has the types.
fn scraped(prometheus: &Prometheus, service: Service) -> Seen {
    let metadata = prometheus.api("/api/v1/metadata", &[]).expect("it has metadata");
    let mut types = BTreeMap::new();
    for (name, of) in metadata.as_object().into_iter().flatten() {
        let kind = of[0]["type"].as_str().unwrap_or_default().to_owned();
        // In OpenMetrics, which Prometheus requests, the family of a counter has no suffix.
        types.insert(format!("{name}_total"), kind.clone());
        types.insert(name.clone(), kind);
    }
    Seen { service, series: of_service(prometheus, service), types: Some(types) }
}

/// Over OTLP and a collector. Remote write has no types.
fn written(prometheus: &Prometheus, service: Service) -> Seen {
    Seen { service, series: of_service(prometheus, service), types: None }
}

/// Returns the newest samples of a service. If a label `service` names a dependency, `job` or `instance` identify the emitter.
fn of_service(prometheus: &Prometheus, service: Service) -> Series {
    let names = r#"__name__=~"(phoenix|otel_sdk|process|tokio)_.*""#;
    let targets =
        prometheus.query(&format!(r#"target_info{{service_name="{}"}} or target_info{{job="{0}"}}"#, service.name));
    let instances = targets.iter().filter_map(|(labels, _)| labels.get("instance").cloned()).collect::<Vec<_>>();
    match instances.as_slice() {
        [instance] => prometheus.query(&format!(r#"{{{names}, instance="{instance}"}}"#)),
        _ => Series::default(),
    }
}
