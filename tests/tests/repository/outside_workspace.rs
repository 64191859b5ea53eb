//! Services outside the workspace. One is built with and without the feature `platform`: cargo unites features over a whole program, so another
//! crate may enable it, and that must not change the service. Another one links two versions of a library.

use std::fs;
use std::path::Path;
use std::process::Command;

use phoenix_otel_tests::Samples;
use phoenix_otel_tests::tools::{repository, target};

/// The service. Its functions and metrics have names of the platform's domains and metrics.
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
    let builder = phoenix_otel::builder(name).environment([("OTEL_TRACES_EXPORTER", "otlp")]).strict().instance("one");
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

/// Writes a service with the versions of the workspace, so that cargo downloads nothing.
fn write(folder: &Path, name: &str, dependencies: &str, main: &str) {
    let manifest = format!(
        r#"
        [package]
        name = "{name}"
        version = "0.0.0"
        edition = "2024"

        [features]
        platform = ["phoenix-otel/platform"]

        [dependencies]
        phoenix-otel = {{ path = {:?}, default-features = false, features = ["prometheus"] }}
        {dependencies}

        # As in the workspace, so that what both need is built once.
        [profile.dev]
        debug = "line-tables-only"

        [profile.dev.package."*"]
        debug = false

        [workspace]
        "#,
        repository().join("phoenix-otel")
    );
    fs::create_dir_all(folder.join("src")).expect("the folder can be created");
    fs::write(folder.join("Cargo.toml"), manifest).expect("the file is writable");
    fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the workspace has a lock file");
    fs::write(folder.join("src/main.rs"), main).expect("the file is writable");
}

/// Writes a version of a library.
fn write_library(folder: &Path, version: &str, source: &str) {
    let manifest = format!(
        r#"
        [package]
        name = "acme"
        version = "{version}"
        edition = "2024"

        [dependencies]
        phoenix-otel = {{ path = {:?}, default-features = false }}
        "#,
        repository().join("phoenix-otel")
    );
    fs::create_dir_all(folder.join("src")).expect("the folder can be created");
    fs::write(folder.join("Cargo.toml"), manifest).expect("the file is writable");
    fs::write(folder.join("src/lib.rs"), source).expect("the file is writable");
}

/// Runs a service built with these features. Returns its exposition and its log, or its log if it fails.
fn run(folder: &Path, features: &str, arguments: &[&str]) -> Result<(String, String), String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--offline", "--features", features, "--"]).args(arguments).current_dir(folder);
    cargo.env("CARGO_TARGET_DIR", target());
    let output = cargo.output().expect("cargo can be run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok((String::from_utf8_lossy(&output.stdout).into_owned(), said)) } else { Err(said) }
}

/// Returns every line without the values of times.
fn without_times(exposition: &str) -> Vec<String> {
    let lines = exposition.lines().map(|line| match line.rsplit_once(' ') {
        Some((series, _)) if line.contains("seconds") && !line.starts_with('#') => series.to_owned(),
        _ => line.to_owned(),
    });
    lines.collect()
}

#[test]
fn the_feature_platform_alone_changes_nothing() {
    // A separate target folder, so that the next run reuses the build.
    let folder = target().join("outside");
    write(&folder, "outside", "", MAIN);
    let services = ["llm", "executor-service", "orchestrator"];
    let exposed = |features| {
        services.map(|service| {
            let (exposed, said) =
                run(&folder, features, &[service]).unwrap_or_else(|error| panic!("{service}: {error}"));
            // A strict service starts, too, since it may export its spans by itself.
            assert_eq!(said.matches("traces need the feature `tracing`").count(), 1, "{said}");
            exposed
        })
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
    // The feature was really enabled: if the platform is activated, one of its metrics collides with the service's own.
    let error = run(&folder, "platform", &["llm", "activate"]).expect_err("one name is declared twice");
    assert!(error.contains("`phoenix.llm.tokens`") && error.contains("phoenix_otel::platform::llm"), "{error}");
}

/// An older version of a library. The newer one changes some definitions.
const LIBRARY: &str = r#"
use phoenix_otel::{Status, instrument_metrics, metrics};

metrics! {
    /// Time to pack an order.
    pub static PACKING: Histogram { hall: &str } = "acme.packing" { unit: "s", bounds: [1.0, 10.0] };

    /// Orders.
    pub static ORDERS: Counter { hall: &str } = "acme.orders" { unit: "{order}" };

    /// Shelves.
    pub static SHELVES: Gauge = "acme.shelves" { unit: "{shelf}" };

    /// Bins.
    pub static BINS: Gauge { hall: &str } = "acme.bins" { unit: "{bin}", cap: 7 };

    /// Picks.
    pub static PICKS: Counter { status: Status } = "acme.picks" { unit: "{pick}" };

    /// Time to pick.
    pub static PICKING: Histogram = "acme.picking" { unit: "s", bounds: [1.0] };

    /// Failed picks.
    pub static FAILED: Counter { error_type: &str } = "acme.pick.errors" { unit: "{pick}" };

    /// A pick.
    pub static PICK: CallSet = { requests: PICKS, duration: PICKING, errors: FAILED };
}

#[instrument_metrics(PICK)]
fn pick(is_there: bool) -> Option<()> {
    is_there.then_some(())
}

pub fn pack(hall: &str) {
    PACKING.record(5.0, PACKING { hall });
    ORDERS.add(1, ORDERS { hall });
    SHELVES.set(7.0, ());
    let _ = (pick(true), pick(false));
}
"#;

const LINKED_TWICE: &str = r#"
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let none: [(&str, &str); 0] = [];
    let builder = phoenix_otel::builder("shop").environment(none).instance("one");
    let telemetry = builder.exporter("prometheus").without_listener().init()?;
    acme::pack("north");
    acme_before::pack("north");
    print!("{}", telemetry.exposition()?);
    Ok(())
}
"#;

#[test]
fn with_two_versions_of_a_library_the_older_definition_wins() {
    let folder = target().join("linked-twice");
    write_library(&folder.join("before"), "1.2.0", LIBRARY);
    let changed = LIBRARY
        .replace("bounds: [1.0, 10.0]", "bounds: [2.0, 20.0]")
        .replace("pub static ORDERS: Counter { hall: &str }", "pub static ORDERS: Counter { hall: &str, day: &str }")
        .replace("acme.picks\" { unit: \"{pick}\"", "acme.picks\" { unit: \"{item}\"")
        .replace("acme.pick.errors\" { unit: \"{pick}\"", "acme.pick.errors\" { unit: \"{item}\"")
        .replace("cap: 7", "cap: 3")
        .replace("ORDERS { hall }", "ORDERS { hall, day: \"monday\" }");
    write_library(&folder.join("after"), "10.0.0", &changed);
    let service = folder.join("service");
    let dependencies = "acme = { path = \"../after\" }\nacme-before = { path = \"../before\", package = \"acme\" }";
    write(&service, "linked-twice", dependencies, LINKED_TWICE);

    let (exposed, said) = run(&service, "", &[]).unwrap_or_else(|error| panic!("{error}"));
    let samples = Samples::parse(&exposed);
    // Both record into one histogram, with the bounds of the older version.
    for (bound, count) in [("1", 0.0), ("10", 2.0), ("+Inf", 2.0)] {
        let labels = [("hall", "north"), ("le", bound)];
        assert_eq!(samples.get("acme_packing_seconds_bucket", &labels), Some(count), "{bound}: {exposed}");
    }
    assert_eq!(samples.all("acme_packing_seconds_bucket", &[]).count(), 3, "{exposed}");
    // A metric with other labels is not recorded.
    assert_eq!(samples.sum("acme_orders_total", &[]), 1.0, "{exposed}");
    assert_eq!(samples.get("acme_shelves", &[]), Some(7.0), "{exposed}");
    let reports: Vec<&str> = said.lines().filter(|line| line.contains("`acme.")).collect();
    let [bins, orders, packing, ..] = reports.as_slice() else { panic!("{said}") };
    for part in [
        "`acme.orders`",
        "two versions of acme, 1.2.0 and 10.0.0",
        "[\"hall\"] instead of [\"day\", \"hall\"]",
        "are dropped",
    ] {
        assert!(orders.contains(part), "{part} in {orders}");
    }
    for part in ["`acme.bins`", "the older one has the cap 7 instead of 3", "for both"] {
        assert!(bins.contains(part), "{part} in {bins}");
    }
    // A value, and a call with its count and error.
    for (metric, count) in [("acme.orders", 1.0), ("acme.picks", 2.0), ("acme.pick.errors", 1.0)] {
        let labels = [("metric", metric), ("reason", "version")];
        assert_eq!(samples.get("phoenix_otel_dropped_total", &labels), Some(count), "{metric}: {exposed}");
    }
    for part in ["`acme.packing`", "of acme, 1.2.0 and 10.0.0", "[1.0, 10.0] instead of [2.0, 20.0]", "for both"] {
        assert!(packing.contains(part), "{part} in {packing}");
    }
}
