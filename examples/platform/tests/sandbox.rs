//! Tests the sandbox with real processes under real limits.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Runs a job in the sandbox and returns its report.
fn run(limits: &[&str], job: &str, argument: &str) -> Value {
    let platform = env!("CARGO_BIN_EXE_platform");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{job}-{argument}"));
    let work = directory.join("work");
    std::fs::create_dir_all(&work).unwrap();
    let report = directory.join("report.json");
    let mut sandbox = Command::new(platform);
    sandbox.arg("sandbox").args(limits).arg("--report").arg(&report);
    let sandbox = sandbox.args(["--", platform, "job", job, argument]).current_dir(&work).output().unwrap();
    assert!(sandbox.status.success(), "{}", String::from_utf8_lossy(&sandbox.stderr));
    let said = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    said
}

#[test]
fn a_job_within_its_limits_ends_by_itself() {
    let said = run(&[], "primes", "100000");
    assert_eq!(said["ended"]["exit"], 0, "{said}");
    assert!(said["memory_bytes"].as_u64().unwrap() > 100_000, "{said}");
    assert!(said["cpu_seconds"].as_f64().unwrap() > 0.0, "{said}");
    let said = run(&[], "primes", "many");
    assert_eq!(said["ended"]["exit"], 1, "{said}");
}

#[test]
fn a_job_that_wants_too_much_is_stopped_by_the_limit_that_it_meets() {
    let memory = run(&["--memory", "100000000"], "primes", "200000000");
    assert_eq!(memory["ended"], "memory", "{memory}");
    let file = run(&["--file-size", "1000"], "table", "1000");
    assert_eq!(file["ended"], "file_size", "{file}");
    let wall = run(&["--wall", "100"], "sleep", "60000");
    assert_eq!(wall["ended"], "wall_time", "{wall}");
    // On a busy machine the job gets little CPU time, so its time limit is generous.
    let cpu = run(&["--cpu", "1", "--wall", "120000"], "collatz", "900000000");
    assert_eq!(cpu["ended"], "cpu_time", "{cpu}");
}
