//! Exporters of an `ExporterProvider`, chosen by name.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use phoenix_otel::opentelemetry_sdk::metrics::ManualReader;
use phoenix_otel::{Builder, Component, ExporterProvider, ExporterSettings, Otlp, PushExporter};
use phoenix_otel_tests::isolated;
use phoenix_otel_tests::receiver_down::count;
use phoenix_otel_tests::wait::LIVENESS;

use super::test_double::{Act, Double};

/// Creates test doubles, and keeps the settings that it got.
#[derive(Clone)]
struct Csv {
    double: Double,
    asked: Arc<Mutex<Vec<ExporterSettings>>>,
}

impl Csv {
    fn new() -> Self {
        Self { double: Double::new(Act::Fine), asked: Arc::default() }
    }
}

impl ExporterProvider for Csv {
    fn create(&self, settings: &ExporterSettings) -> Result<Component, Box<dyn std::error::Error + Send + Sync>> {
        self.asked.lock().unwrap().push(settings.clone());
        settings.variable("CSV_PATH").ok_or("CSV_PATH is not set")?;
        Ok(Component::push(self.double.clone()))
    }
}

fn builder(variables: &[(&str, &str)]) -> Builder {
    phoenix_otel::builder("csv-writer").without_listener().environment(variables.iter().copied())
}

/// Returns the lines of the error.
#[track_caller]
fn refused(builder: Builder) -> Vec<String> {
    let error = builder.init().expect_err("it cannot start");
    error.settings().iter().map(ToString::to_string).collect()
}

#[test]
fn chosen_by_the_variable() {
    isolated!();
    let csv = Csv::new();
    let variables = [
        ("OTEL_METRICS_EXPORTER", "prometheus, csv"),
        ("CSV_PATH", " /metrics.csv "),
        ("EMPTY", "  "),
        ("OTEL_METRIC_EXPORT_INTERVAL", "7000"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team=paper"),
    ];
    let builder = builder(&variables).export_timeout(Duration::from_secs(9)).exporter_provider("csv", csv.clone());
    let telemetry = builder.init().unwrap();
    {
        let asked = csv.asked.lock().unwrap();
        let [settings] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!(settings.name(), "csv");
        assert_eq!(settings.variable("CSV_PATH").as_deref(), Some("/metrics.csv"));
        assert_eq!((settings.variable("EMPTY"), settings.variable("PATH")), (None, None));
        assert_eq!((settings.interval(), settings.export_timeout()), (Duration::from_secs(7), Duration::from_secs(9)));
        let team = settings.resource().get(&phoenix_otel::opentelemetry::Key::new("team"));
        assert_eq!(team.map(|value| value.to_string()).as_deref(), Some("paper"));
    }
    count(&telemetry, 5);
    telemetry.force_flush().into_result().unwrap();
    assert_eq!(csv.double.exported(), [0, 5], "at the start, and now");
    assert!(
        telemetry.health().to_string().contains("prometheus: no scrape yet\ncsv: ok, last export "),
        "{}",
        telemetry.health()
    );
    telemetry.shutdown().into_result().unwrap();
    assert_eq!(csv.double.calls(), ["export", "export", "flush", "export", "shutdown"]);
}

#[test]
fn chosen_by_code() {
    isolated!();
    let (csv, unused) = (Csv::new(), Csv::new());
    let builder = builder(&[("OTEL_METRICS_EXPORTER", "nonsense"), ("CSV_PATH", "x")]);
    let builder = builder.exporter_provider("csv", csv.clone()).exporter_provider("unused", unused.clone());
    let second = phoenix_otel::Exporter::from("csv").name("second");
    let telemetry = builder.exporter("csv").exporter(second).init().unwrap();
    count(&telemetry, 5);
    telemetry.shutdown().into_result().unwrap();
    let mut exported = csv.double.exported();
    exported.sort_unstable();
    assert_eq!(exported, [0, 0, 5, 5]);
    assert_eq!(telemetry.health().to_string(), "csv: shut down\nsecond: shut down\n");
    assert!(unused.asked.lock().unwrap().is_empty());
}

#[test]
fn a_closure_that_creates_a_reader() {
    isolated!();
    let provider = |_: &ExporterSettings| Ok(Component::reader(ManualReader::builder().build()));
    let telemetry =
        builder(&[("OTEL_METRICS_EXPORTER", "manual")]).exporter_provider("manual", provider).init().unwrap();
    assert_eq!(telemetry.health().to_string(), "manual: no flush yet\n");
    telemetry.force_flush().into_result().unwrap();
    assert!(telemetry.health().to_string().starts_with("manual: ok, last flush "), "{}", telemetry.health());
    telemetry.shutdown().into_result().unwrap();
}

/// If the variable chooses an exporter that another variable prevents, the service still runs.
#[test]
fn a_chosen_exporter_that_cannot_be_created_fails_each_export() {
    isolated!();
    let chosen = || {
        let variables = [("OTEL_METRICS_EXPORTER", "prometheus,csv"), ("PHOENIX_OTEL_STRICT", "")];
        builder(&variables).exporter_provider("csv", Csv::new())
    };
    let telemetry = chosen().init().unwrap();
    let ignored: Vec<_> = telemetry.ignored().iter().map(ToString::to_string).collect();
    let expected = "OTEL_METRICS_EXPORTER: invalid value \"csv\"; allowed: an exporter that can be created; this one failed: CSV_PATH is not set; \
                    used instead: nothing; exporter `csv` fails every export";
    assert_eq!(ignored, [expected]);
    let reason = "OTEL_METRICS_EXPORTER: invalid value \"csv\"; allowed: an exporter that can be created; this one failed: CSV_PATH is not set";
    assert_eq!(telemetry.health().to_string(), format!("prometheus: no scrape yet\ncsv: failing: {reason}\n"));
    count(&telemetry, 5);
    let flushed = telemetry.force_flush();
    let lost: Vec<_> = flushed.undelivered().map(|lost| (&*lost.exporter, &*lost.reason)).collect();
    assert_eq!(lost, [("csv", reason)]);
    assert!(!telemetry.shutdown().is_complete(), "what was recorded did not arrive");

    let lines = refused(chosen().strict());
    assert_eq!(lines, [reason]);
}

/// One report has all problems of the choice and of the creation.
#[test]
fn an_exporter_that_cannot_be_created_is_a_configuration_problem() {
    isolated!();
    let csv = Csv::new();
    let wrong = builder(&[("OTEL_METRICS_EXPORTER", "csv,carrier-pigeon"), ("OTEL_METRIC_EXPORT_TIMEOUT", "soon")]);
    let lines = refused(wrong.exporter_provider("csv", csv.clone()).push_exporter("a b", csv.double.clone()));
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[0].contains("OTEL_METRIC_EXPORT_TIMEOUT"), "{lines:#?}");
    let known =
        "allowed: a comma-separated list of prometheus, otlp, otlp/stdout, console, csv, or the single word none";
    assert!(lines[1].contains("\"carrier-pigeon\"") && lines[1].contains(known), "{lines:#?}");
    assert!(lines[2].contains("builder: push_exporter") && lines[2].contains("\"a b\""), "{lines:#?}");
    assert!(lines[3].contains("\"csv\"") && lines[3].contains("CSV_PATH is not set"), "{lines:#?}");
    assert_eq!(csv.double.calls(), [""; 0]);
}

type Made = Result<Component, Box<dyn std::error::Error + Send + Sync>>;

/// `init` waits a bounded time for a provider that never returns, and leaves its thread behind.
#[test]
fn a_provider_that_panics_and_one_that_hangs() {
    isolated!();
    let panics = |_: &ExporterSettings| -> Made { panic!("a bug\nof the provider") };
    let hangs = |_: &ExporterSettings| -> Made {
        loop {
            std::thread::park();
        }
    };
    let chosen = |variables: &[(&str, &str)]| {
        let builder = builder(variables).exporter_provider("panics", panics).exporter_provider("hangs", hangs);
        builder.exporter_provider("csv", Csv::new())
    };
    let begun = Instant::now();
    let lines = refused(chosen(&[]).exporter("hangs").exporter("panics").exporter("csv"));
    assert!(begun.elapsed() < LIVENESS, "{:?}", begun.elapsed());
    let cannot = |name: &str, why: &str| {
        format!(
            "builder: exporter: invalid value \"{name}\"; allowed: an exporter that can be created; this one failed: {why}"
        )
    };
    let advice = "set a shorter timeout for what it waits for, or do that work in the first export";
    let expected = [
        cannot("hangs", &format!("its provider did not return within 5s: {advice}")),
        cannot("panics", "its provider panicked; see the service's log"),
        cannot("csv", "CSV_PATH is not set"),
    ];
    assert_eq!(lines, expected);

    let csv = Csv::new();
    let variables = [("OTEL_METRICS_EXPORTER", "hangs,panics,fine"), ("CSV_PATH", "x")];
    let telemetry = chosen(&variables).exporter_provider("fine", csv.clone()).init().unwrap();
    let health = telemetry.health().to_string();
    for failing in ["hangs: failing: ", "panics: failing: "] {
        assert!(health.contains(failing) && !health.contains("a bug"), "{health}");
    }
    count(&telemetry, 5);
    let lost = telemetry.shutdown();
    assert_eq!(lost.undelivered().map(|lost| &*lost.exporter).collect::<Vec<_>>(), ["hangs", "panics"], "{lost:?}");
    assert_eq!(csv.double.exported().last(), Some(&5));
}

/// The exporter's client finds its runtime while it is created.
#[test]
fn a_provider_is_called_within_the_runtime_of_its_exporter() {
    isolated!();
    let double = Double::new(Act::Fine);
    let made = double.clone();
    let provider = move |_: &ExporterSettings| -> Made {
        let answer = tokio::spawn(async { 5 });
        let thread = std::thread::current();
        assert_eq!(tokio::runtime::Handle::current().block_on(answer)?, 5);
        assert_eq!(thread.name(), Some("phoenix-otel"));
        Ok(Component::push(made.clone()))
    };
    let telemetry = builder(&[]).exporter_provider("mine", provider).exporter("mine").init().unwrap();
    count(&telemetry, 5);
    telemetry.shutdown().into_result().unwrap();
    assert_eq!(double.exported(), [0, 5]);
}

#[test]
fn duplicate_names_are_rejected() {
    isolated!();
    let double = || Double::new(Act::Fine);
    let none = || builder(&[]).without_exporter();
    let reader = || ManualReader::builder().build();
    for (wrong, advice) in [
        (
            builder(&[]).exporter(Otlp::new()).exporter(Otlp::new()),
            "give each of these exporters a name, such as `Otlp::new()",
        ),
        // Whether or not the variable names another exporter of this name.
        (builder(&[("OTEL_METRICS_EXPORTER", "otlp")]).push_exporter("otlp", double()), "give this one another name"),
        (builder(&[]).push_exporter("otlp", double()), "give this one another name"),
        (
            builder(&[]).exporter_provider("csv", Csv::new()).push_exporter("csv", double()),
            "give this one another name",
        ),
        (none().push_exporter("a", double()).push_exporter("a", double()), "give this one another name"),
        // As in the variable, which ignores case.
        (none().push_exporter("a", double()).push_exporter("A", double()), "give this one another name"),
        (
            none().push_exporter("reader-2", double()).reader(reader()).reader(reader()),
            "give the other exporter another",
        ),
    ] {
        let lines = refused(wrong);
        assert!(lines.len() == 1 && lines[0].contains(advice), "{lines:#?}");
    }
}

#[test]
fn an_invalid_timing_is_rejected() {
    isolated!();
    let slow = PushExporter::new(Double::new(Act::Fine)).interval(Duration::ZERO).export_timeout(Duration::MAX);
    let lines = refused(builder(&[]).push_exporter("slow", slow).exporter(Otlp::new().export_timeout(Duration::MAX)));
    let settings = [
        "builder: otlp: export_timeout",
        "builder: push_exporter \"slow\": interval",
        "builder: push_exporter \"slow\": export_timeout",
    ];
    assert_eq!(lines.len(), settings.len(), "{lines:#?}");
    for (line, setting) in lines.iter().zip(settings) {
        assert!(line.contains(&format!("{setting}: ")), "{line}");
    }
}
