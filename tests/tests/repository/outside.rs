//! A service outside the workspace, built with the feature `platform` and without it. Cargo unites features over a whole program, so another
//! crate may switch it on: that must change nothing.

use std::fs;
use std::path::Path;
use std::process::Command;

use phoenix_otel_tests::Samples;
use phoenix_otel_tests::tools::{repository, target};

/// The service. Its names are those of the platform's domains, and it has metrics of its own under names of the platform's metrics.
const MAIN: &str = r#"
use phoenix_otel::{instrument_metrics, metrics};

metrics! {
    /// Tokens of this service's own kind.
    static TOKENS: Counter { tenant: &str } = "phoenix.llm.tokens" { unit: "{token}" };
}

#[instrument_metrics]
fn generate() {}

#[instrument_metrics(subsystem = "safety")]
fn validate() {}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).ok_or("give the name of a service")?;
    let none: [(&str, &str); 0] = [];
    let builder = phoenix_otel::builder(name).environment(none).instance("one");
    #[cfg(feature = "platform")]
    let builder = match std::env::args().nth(2) {
        Some(_) => builder.with(phoenix_otel::platform::Platform::new()),
        None => builder,
    };
    let telemetry = builder.exporter("prometheus").without_listener().init()?;
    generate();
    validate();
    TOKENS.add(7, TOKENS { tenant: "acme" });
    print!("{}", telemetry.exposition()?);
    Ok(())
}
"#;

/// The versions are those of the workspace, so nothing has to be downloaded.
fn write(folder: &Path) {
    let manifest = format!(
        r#"
        [package]
        name = "outside"
        version = "0.0.0"
        edition = "2024"

        [features]
        platform = ["phoenix-otel/platform"]

        [dependencies]
        phoenix-otel = {{ path = {:?}, default-features = false, features = ["prometheus"] }}

        # As in the workspace, so that what both need is built once.
        [profile.dev]
        debug = "line-tables-only"

        [profile.dev.package."*"]
        debug = false

        [workspace]
        "#,
        repository().join("phoenix-otel")
    );
    fs::create_dir_all(folder.join("src")).expect("the folder can be made");
    fs::write(folder.join("Cargo.toml"), manifest).expect("it can be written");
    fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the workspace has a lock file");
    fs::write(folder.join("src/main.rs"), MAIN).expect("it can be written");
}

/// Runs the service, built with these features: what it exposes, or what it says.
fn run(folder: &Path, features: &str, arguments: &[&str]) -> Result<String, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--offline", "--features", features, "--"]).args(arguments).current_dir(folder);
    cargo.env("CARGO_TARGET_DIR", target());
    let output = cargo.output().expect("cargo can be run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(String::from_utf8_lossy(&output.stdout).into_owned()) } else { Err(said) }
}

/// Every line but for the values of times.
fn without_times(exposition: &str) -> Vec<String> {
    let lines = exposition.lines().map(|line| match line.rsplit_once(' ') {
        Some((series, _)) if line.contains("seconds") && !line.starts_with('#') => series.to_owned(),
        _ => line.to_owned(),
    });
    lines.collect()
}

#[test]
fn the_feature_platform_changes_nothing_by_itself() {
    // In a place of its own, so that the next run finds what this one built.
    let folder = target().join("outside");
    write(&folder);
    let services = ["llm", "executor-service", "orchestrator"];
    let exposed = |features| {
        services.map(|service| run(&folder, features, &[service]).unwrap_or_else(|error| panic!("{service}: {error}")))
    };
    let (without, with) = (exposed(""), exposed("platform"));
    for ((service, without), with) in services.iter().zip(&without).zip(&with) {
        assert_eq!(without_times(with), without_times(without), "{service}");
        let samples = Samples::parse(without);
        let subsystem = service.trim_end_matches("-service");
        let called = [("method", "generate"), ("status", "ok")];
        assert_eq!(samples.get(&format!("phoenix_{subsystem}_requests_total"), &called), Some(1.0), "{without}");
        let validated = [("method", "validate"), ("status", "ok")];
        assert_eq!(samples.get("phoenix_safety_requests_total", &validated), Some(1.0), "{without}");
        assert_eq!(samples.get("phoenix_llm_tokens_total", &[("tenant", "acme")]), Some(7.0), "{without}");
        for none in ["_calls_total", "sandbox", "plan_steps", "queue_depth"] {
            assert!(!without.contains(none), "{service} has {none}: {without}");
        }
    }
    // The feature really was on: where the platform is activated, one of its metrics meets the service's own of that name.
    let error = run(&folder, "platform", &["llm", "activate"]).expect_err("one name is declared twice");
    assert!(error.contains("`phoenix.llm.tokens`") && error.contains("phoenix_otel::platform::llm"), "{error}");
}
