//! A program has the same metric names in every deployment, whatever the service name of the deployment is.

use phoenix_otel::{Telemetry, instrument_metrics};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::{Samples, isolated, this_test};

#[instrument_metrics(name = "deployed_name_plan")]
fn plan() {}

fn deployed(variables: &[(&str, &str)]) -> Telemetry {
    let builder = phoenix_otel::builder("kb-service").environment(variables.iter().copied());
    builder.exporter("prometheus").without_listener().init().unwrap()
}

#[test]
fn the_name_of_the_deployment_is_a_label() {
    isolated!();
    for service in ["mind-kb", "body-kb"] {
        for variable in
            [("OTEL_SERVICE_NAME", service), ("OTEL_RESOURCE_ATTRIBUTES", &format!("service.name={service}"))]
        {
            let telemetry = deployed(&[variable]);
            plan();
            let samples = Samples::of(&telemetry);
            let plans = [("method", "deployed_name_plan"), ("status", "ok"), ("service", service)];
            assert_eq!(samples.get("phoenix_kb_requests_total", &plans), Some(1.0), "{variable:?}");
        }
    }
}

#[test]
fn the_deployment_sets_the_namespace() {
    isolated!();
    let telemetry = deployed(&[("PHOENIX_OTEL_NAMESPACE", "acme")]);
    plan();
    let plans = [("method", "deployed_name_plan"), ("status", "ok"), ("service", "kb-service")];
    assert_eq!(Samples::of(&telemetry).get("acme_kb_requests_total", &plans), Some(1.0));
    let ours = telemetry.exposition().unwrap();
    let phoenix: Vec<&str> = ours.lines().filter(|line| line.starts_with("phoenix_")).collect();
    assert_eq!(phoenix, [""; 0], "{ours}");
}

#[test]
fn a_name_with_another_subsystem_is_reported() {
    if is_child() {
        for name in ["Über", "grand-total", "---", "kb-service"] {
            let builder = phoenix_otel::builder(name).without_subscriber();
            drop(builder.without_exporter().init().unwrap());
        }
        // A name in code needs no warning.
        let chosen = phoenix_otel::builder("Über").subsystem("ueber").without_subscriber();
        drop(chosen.without_exporter().init().unwrap());
        return;
    }
    let (_, log) = run(this_test!(), &[]);
    for (name, subsystem) in [("Über", "ber"), ("grand-total", "grand"), ("---", "unknown")] {
        let of_name = format!("the service name {name:?} contains characters");
        let warnings: Vec<&str> = log.lines().filter(|line| line.contains(&of_name)).collect();
        let [warning] = warnings[..] else { panic!("{log}") };
        assert!(warning.contains(&format!("metric names use the subsystem {subsystem:?}")), "{warning}");
    }
    assert_eq!(log.matches("use the subsystem").count(), 3, "{log}");
}
