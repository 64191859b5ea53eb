//! Prometheus discovers services with the configuration of the repository: by DNS names, at port 8080. The resolver
//! and the network belong to the test.

mod dns;
mod namespace;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use dns::Dns;
use namespace::inside;
use phoenix_otel_tests::{Process, Prometheus, example, http, this_test, wait_until};
use tempfile::TempDir;

/// A program of the examples. Drop stops it.
struct Service {
    process: Process,
    _folder: TempDir,
}

impl Service {
    fn start(name: &str, mut command: Command, environment: &[(&str, &str)]) -> Self {
        let folder = example::folder(name);
        command.envs(environment.iter().copied());
        Self { process: Process::start(name, command, folder.path()), _folder: folder }
    }

    /// A service of the platform.
    fn of_platform(role: &str, environment: &[(&str, &str)]) -> Self {
        let mut command = example::command(program("platform"));
        command.arg(role);
        Self::start(role, command, environment)
    }
}

/// Returns the path of an example's binary.
fn program(name: &str) -> &'static PathBuf {
    static PROGRAMS: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    &PROGRAMS.get_or_init(|| example::binaries(&["platform", "quickstart"]))[name]
}

#[test]
fn targets_follow_the_dns() {
    // Build them outside, since there is no network inside.
    program("platform");
    inside(this_test!(), || {
        let dns = Dns::start();
        let llm = [[127, 0, 0, 2], [127, 0, 0, 3], [127, 0, 0, 4]];
        dns.set("llm-service", &llm);
        dns.set("data-router", &[[127, 0, 0, 5]]);
        let mut services = ["127.0.0.2:8080", "127.0.0.3:8080", "127.0.0.4:8080"]
            .map(|listen| Service::of_platform("llm", &[("LISTEN", listen)]));
        let _router = Service::of_platform("data-router", &[("LISTEN", "127.0.0.5:8080")]);
        let elsewhere = [("LISTEN", "127.0.0.6:8100"), ("OTEL_SERVICE_NAME", "reviews")];
        let _reviews = Service::of_platform("safety", &elsewhere);
        let file = "- targets: [\"127.0.0.6:8100\"]\n  labels: {service: reviews}\n";
        let mut prometheus = Prometheus::with_discovery().file("targets/services.yml", file).start();

        let up = r#"up{job="phoenix-services"} == 1"#;
        let found = prometheus.wait_for(up, |found| found.len() == 5);
        for (instance, service) in [
            ("127.0.0.2:8080", "llm"),
            ("127.0.0.3:8080", "llm"),
            ("127.0.0.4:8080", "llm"),
            ("127.0.0.5:8080", "data-router"),
            ("127.0.0.6:8100", "reviews"),
        ] {
            assert_eq!(found.value("up", &[("instance", instance), ("service", service)]), 1.0, "{}", found.lines());
        }

        // The router's breakers have a label `service` for other services, which must not be overwritten.
        let breakers = prometheus.query(r#"phoenix_circuit_breaker_state{instance="127.0.0.5:8080"}"#);
        assert!(breakers.lines().contains(r#"service="llm""#), "{}", breakers.lines());
        assert_eq!(prometheus.query(r#"{exported_service!=""}"#).len(), 0);

        // Prometheus also discovers hosts and containers, under names that do not exist here.
        for (job, instance) in [("node", "node-exporter:9100"), ("cadvisor", "cadvisor:8080")] {
            prometheus.wait_for(&format!(r#"up{{job="{job}",instance="{instance}"}} == 0"#), |seen| seen.len() == 1);
        }

        // A service that leaves the DNS loses all its series, though it still responds.
        dns.set("llm-service", &llm[..2]);
        prometheus.wait_for(r#"{instance="127.0.0.4:8080"}"#, |left| left.is_empty());
        assert!(services.iter_mut().all(|service| service.process.ended().is_none()));
        assert_eq!(prometheus.query(r#"up{service="llm"} == 1"#).len(), 2);

        // An unknown name is not an error. A DNS failure is one, and keeps the known targets.
        let log = prometheus.process().log();
        assert!(!log.contains("could not resolve"), "{log}");
        dns.fail(true);
        wait_until("every name to be asked for in vain", || {
            let log = prometheus.process().log();
            let missed = log.matches("could not resolve").count();
            if missed >= 2 * 14 { Ok(()) } else { Err(missed) }
        });
        assert_eq!(prometheus.query(r#"up{service="llm"} == 1"#).len(), 2);

        dns.fail(false);
        dns.set("llm-service", &llm);
        prometheus.wait_for(r#"up{service="llm"} == 1"#, |found| found.len() == 3);
    });
}

/// Only by configuration: `LISTEN` for the server of the service, the OpenTelemetry variables for the SDK's endpoint.
#[test]
fn services_on_all_interfaces_are_discovered() {
    program("platform");
    inside(this_test!(), || {
        let dns = Dns::start();
        dns.set("safety-service", &[[127, 0, 0, 2]]);
        let prometheus = Prometheus::with_discovery().start();
        let sdk = |host| {
            let variables = [
                ("OTEL_SERVICE_NAME", "safety"),
                ("OTEL_EXPORTER_PROMETHEUS_HOST", host),
                ("OTEL_EXPORTER_PROMETHEUS_PORT", "8080"),
            ];
            Service::start("quickstart", example::command(program("quickstart")), &variables)
        };
        let starts: [(&str, &dyn Fn() -> Service); 4] = [
            ("LISTEN=0.0.0.0:8080", &|| Service::of_platform("safety", &[("LISTEN", "0.0.0.0:8080")])),
            ("LISTEN=[::]:8080", &|| Service::of_platform("safety", &[("LISTEN", "[::]:8080")])),
            ("OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0", &|| sdk("0.0.0.0")),
            ("OTEL_EXPORTER_PROMETHEUS_HOST=::", &|| sdk("::")),
        ];
        for (how, start) in starts {
            let mut service = start();
            wait_until(how, || http::get("http://127.0.0.2:8080/metrics", &[])?.ok().map(drop));
            let up = r#"up{service="safety",instance="127.0.0.2:8080"}"#;
            prometheus.wait_for(&format!("{up} == 1"), |found| found.len() == 1);
            service.process.terminate();
            prometheus.wait_for(&format!("{up} == 0"), |lost| lost.len() == 1);
        }
    });
}
