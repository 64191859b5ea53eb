//! An exporter from another crate.

use phoenix_otel_tests::receiver_down::count;
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;

#[test]
fn the_console_exporter_of_opentelemetry() {
    if is_child() {
        let exporter = opentelemetry_stdout::MetricExporter::default();
        let telemetry =
            phoenix_otel::builder("other").without_exporter().push_exporter("other", exporter).init().unwrap();
        count(&telemetry, 41);
        telemetry.force_flush().into_result().unwrap();
        assert!(telemetry.health().to_string().starts_with("other: ok, "), "{}", telemetry.health());
        count(&telemetry, 1);
        return telemetry.shutdown().into_result().unwrap();
    }
    let (stdout, _) = run(this_test!(), &[]);
    let values: Vec<&str> = stdout.lines().map(str::trim).filter(|line| line.starts_with("Value")).collect();
    assert!(stdout.contains("counted") && values.iter().any(|value| value.contains("41")), "{stdout}");
    assert!(values.iter().any(|value| value.contains("42")), "{stdout}");
}
