//! A service under valgrind, as users of its profilers callgrind and massif run it.
#![cfg(target_os = "linux")]

use std::process::Command;

use phoenix_otel::builder;
use phoenix_otel_tests::rerun::{command, is_child};
use phoenix_otel_tests::tools::program;
use phoenix_otel_tests::{Samples, this_test};

#[test]
fn a_service_starts_and_is_scraped() {
    if is_child() {
        let none: [(String, String); 0] = [];
        let telemetry = builder("checked").environment(none).exporter("prometheus").without_listener().init().unwrap();
        let samples = Samples::of(&telemetry);
        let memory = samples.get("process_memory_usage_bytes", &[("service", "checked")]);
        assert!(memory.is_some_and(|bytes| bytes > 0.0), "{memory:?}");
        telemetry.shutdown().into_result().unwrap();
        return;
    }
    let again = command(this_test!(), &[]);
    let mut valgrind = Command::new(program("valgrind", "valgrind"));
    // Without a tool it is as fast as it can be.
    valgrind.args(["--tool=none", "--quiet"]).arg(again.get_program()).args(again.get_args());
    valgrind.envs(again.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = valgrind.output().unwrap();
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success() && stdout.contains("1 passed"), "{}:\n{stdout}\n{stderr}", output.status);
}
