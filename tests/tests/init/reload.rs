//! A configuration file that changes while the service runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, mpsc};

use phoenix_otel::testing::FakeCollector;
use phoenix_otel::{ReloadError, Telemetry, metrics};
use phoenix_otel_tests::wait::LIVENESS;
use phoenix_otel_tests::{LogSink, isolated, wait_until};
use tracing::Event;

metrics! {
    /// Parcels sent.
    pub(super) static SENT: Counter = "acme.sent" { unit: "{parcel}" };
}

/// A configuration file in a folder of its own.
pub(super) struct File {
    _folder: tempfile::TempDir,
    pub(super) path: PathBuf,
}

impl File {
    pub(super) fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("otel.yaml");
        let file = Self { _folder: folder, path };
        file.write(text);
        file
    }

    pub(super) fn write(&self, text: &str) {
        fs::write(&self.path, text).unwrap();
    }
}

/// A file whose only reader pushes to this endpoint, with these further settings of the exporter.
pub(super) fn pushing(endpoint: &str, more: &str) -> String {
    format!(
        "file_format: \"1.1\"\n\
         meter_provider:\n  readers:\n    - periodic:\n        interval: 3600000\n        exporter:\n          otlp_http:\n            \
         endpoint: {endpoint}/v1/metrics\n{more}"
    )
}

/// Whether a metric whose name begins so is shown.
pub(super) fn has_family(text: &str, name: &str) -> bool {
    text.lines().any(|line| line.starts_with(name))
}

pub(super) fn init(path: &Path) -> Telemetry {
    let none: [(&str, &str); 0] = [];
    phoenix_otel::builder("shop").environment(none).config_file(path).init().unwrap()
}

#[test]
fn an_exporter_gets_another_endpoint_and_headers_and_counters_go_on() {
    isolated!();
    let [first, second] = [(); 2].map(|()| FakeCollector::start().unwrap());
    let file = File::new(&pushing(&first.endpoint(), ""));
    let telemetry = init(&file.path);
    SENT.add(2, ());
    assert!(telemetry.force_flush().is_complete());
    assert!(telemetry.reload().unwrap().is_unchanged());

    let headers = "            headers: [{name: authorization, value: Bearer hush}]\n";
    file.write(&pushing(&second.endpoint(), headers));
    let reload = telemetry.reload().unwrap();
    assert_eq!(reload.to_string(), "applied: exporter otlp");
    SENT.add(3, ());
    assert!(telemetry.force_flush().is_complete());
    // The first one has got the last values before the change.
    let last = first.received().pop().unwrap();
    assert_eq!(last.snapshot.value(&SENT, ()), 2);
    let last = second.received().pop().unwrap();
    assert_eq!(
        (last.snapshot.value(&SENT, ()), &last.headers["authorization"]),
        (5_u64, &"Bearer hush".parse().unwrap())
    );
    let endpoint = "meter_provider.readers[0].periodic.exporter.otlp_http.endpoint";
    let config = telemetry.effective_config();
    assert!(config.get(endpoint).unwrap().value().contains(&second.endpoint()), "{config}");
    assert!(!config.to_string().contains("hush"));

    // Only the secret changes.
    file.write(&pushing(&second.endpoint(), &headers.replace("hush", "quiet")));
    assert_eq!(telemetry.reload().unwrap().applied().collect::<Vec<_>>(), ["exporter otlp"]);
    assert!(telemetry.force_flush().is_complete());
    assert_eq!(second.received().pop().unwrap().headers["authorization"], "Bearer quiet");
    assert_eq!(telemetry.health().exporters().count(), 1);
}

#[test]
fn exporters_come_and_go() {
    isolated!();
    let [first, second] = [(); 2].map(|()| FakeCollector::start().unwrap());
    let one = pushing(&first.endpoint(), "");
    let other = pushing(&second.endpoint(), "");
    let both = format!("{one}{}", &other[other.find("    - periodic").unwrap()..]);
    let file = File::new(&one);
    let telemetry = init(&file.path);
    file.write(&both);
    assert_eq!(telemetry.reload().unwrap().applied().collect::<Vec<_>>(), ["exporter otlp-2"]);
    SENT.add(1, ());
    assert!(telemetry.force_flush().is_complete());
    for collector in [&first, &second] {
        assert_eq!(collector.received().pop().unwrap().snapshot.value(&SENT, ()), 1);
    }
    assert_eq!(telemetry.health().exporters().count(), 2);
    file.write(&one);
    assert_eq!(telemetry.reload().unwrap().applied().collect::<Vec<_>>(), ["exporter otlp-2"]);
    assert_eq!(telemetry.health().exporters().count(), 1);
    second.received();
    assert!(telemetry.force_flush().is_complete());
    assert!(second.received().is_empty());
}

/// Two exporters end. The new exporter takes the reader that has its temporality.
#[test]
fn a_delta_exporter_takes_the_reader_of_one_that_ends() {
    isolated!();
    let collector = FakeCollector::start().unwrap();
    let delta = pushing(&collector.endpoint(), "            temporality_preference: delta\n");
    let file = File::new(&format!("{delta}    - periodic: {{ interval: 3600000, exporter: {{ console: }} }}\n"));
    let telemetry = init(&file.path);
    let lines = file.path.with_extension("jsonl");
    let delta = format!("output_stream: 'file://{}', temporality_preference: delta", lines.display());
    let exporter = format!("periodic: {{ interval: 3600000, exporter: {{ otlp_file/development: {{ {delta} }} }} }}");
    file.write(&format!("file_format: \"1.1\"\nmeter_provider: {{ readers: [{{ {exporter} }}] }}"));
    let reload = telemetry.reload().unwrap();
    assert_eq!(reload.needs_restart().count(), 0, "{reload}");
    SENT.add(1, ());
    assert!(telemetry.force_flush().is_complete());
    let lines = fs::read_to_string(lines).unwrap();
    assert!(lines.contains("\"acme.sent\"") && lines.contains("\"aggregationTemporality\":1"), "{lines}");
}

#[test]
fn no_delta_is_lost_or_sent_twice_under_load() {
    isolated!();
    let collectors = [(); 2].map(|()| FakeCollector::start().unwrap());
    let delta = "            temporality_preference: delta\n";
    let files = collectors.each_ref().map(|collector| pushing(&collector.endpoint(), delta));
    let file = File::new(&files[0]);
    let telemetry = init(&file.path);
    let ended = AtomicBool::new(false);
    let added: u64 = std::thread::scope(|scope| {
        let adding = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut added = 0;
                while !ended.load(Ordering::Relaxed) {
                    SENT.add(1, ());
                    added += 1;
                }
                added
            })
        });
        for turn in 1..=8 {
            file.write(&files[turn % 2]);
            assert_eq!(telemetry.reload().unwrap().to_string(), "applied: exporter otlp");
        }
        ended.store(true, Ordering::Relaxed);
        adding.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(telemetry.shutdown().is_complete());
    let received = collectors.iter().flat_map(FakeCollector::received);
    let sent: u64 = received.map(|request| request.snapshot.total(&SENT)).sum();
    assert_eq!(sent, added);
}

#[test]
fn a_broken_file_changes_nothing() {
    isolated!();
    let collector = FakeCollector::start().unwrap();
    let valid = pushing(&collector.endpoint(), "");
    let file = File::new(&valid);
    let telemetry = init(&file.path);
    let before = telemetry.effective_config();
    for (broken, problem) in [
        ("", "otel.yaml:1:1: invalid value \"null\"; allowed: a mapping"),
        ("file_format: \"2.0\"", "allowed: a version from 1.0 to 1.2"),
        (&*valid.replace("otlp_http", "otlp_htp"), "did you mean otlp_http?"),
        (&*valid.replace("http://", "ftp://"), "endpoint"),
        (&*valid.replace("3600000", "soon"), "otel.yaml:5:19: meter_provider.readers[0].periodic.interval"),
    ] {
        file.write(broken);
        let Err(ReloadError::Invalid(error)) = telemetry.reload() else { panic!("{broken} is valid") };
        assert!(error.to_string().contains(problem), "{error}");
    }
    fs::remove_file(&file.path).unwrap();
    assert!(telemetry.reload().unwrap_err().to_string().contains("cannot be read"));
    assert_eq!(*telemetry.effective_config(), *before);
    SENT.add(1, ());
    assert!(telemetry.force_flush().is_complete());
    assert_eq!(collector.received().pop().unwrap().snapshot.value(&SENT, ()), 1);
}

#[test]
fn changes_that_need_a_restart_are_named() {
    isolated!();
    let start = "file_format: \"1.1\"\nmeter_provider: {readers: [{pull: {exporter: {prometheus/development: {port: 0}}}}]}\n\
                 distribution: {phoenix_otel: {namespace: acme}, other: {k: 1}}\n";
    let file = File::new(start);
    let telemetry = init(&file.path);
    let changed = start.replace("acme", "emca").replace("port: 0", "port: 0, host: 127.0.0.1").replace("k: 1", "k: 2");
    file.write(&format!("{changed}log_level: error\nresource: {{attributes: [{{name: a, value: b}}]}}\n"));
    let reload = telemetry.reload().unwrap();
    assert_eq!(reload.applied().collect::<Vec<_>>(), ["log_level"]);
    let mut restart: Vec<_> = reload.needs_restart().collect();
    restart.sort_unstable();
    assert_eq!(
        restart,
        ["distribution.other", "distribution.phoenix_otel.namespace", "exporter prometheus", "resource.attributes",]
    );
    let config = telemetry.effective_config();
    let value = |path: &str| config.get(path).map(|value| value.value());
    assert_eq!(value("distribution.phoenix_otel.namespace").as_deref(), Some("acme"));
    assert_eq!(value("log_level").as_deref(), Some("error"));
    assert!(telemetry.exposition().unwrap().contains("acme_otel_series"));
}

#[test]
fn without_a_file_there_is_nothing_to_reload() {
    isolated!();
    let none: [(&str, &str); 0] = [];
    let telemetry = phoenix_otel::builder("shop").environment(none).without_exporter().init().unwrap();
    assert!(matches!(telemetry.reload(), Err(ReloadError::NoFile)));
    let file = File::new("file_format: \"1.1\"");
    let telemetry = init(&file.path);
    assert!(telemetry.reload().unwrap().is_unchanged());
    telemetry.shutdown();
    assert!(matches!(telemetry.reload(), Err(ReloadError::ShutDown)));
}

#[test]
fn a_hangup_reloads_the_file() {
    isolated!();
    let [first, second] = [(); 2].map(|()| FakeCollector::start().unwrap());
    let file = File::new(&pushing(&first.endpoint(), ""));
    let none: [(&str, &str); 0] = [];
    let builder = phoenix_otel::builder("shop").environment(none).config_file(&file.path);
    let _telemetry = builder.reload_on_sighup().init().unwrap();
    file.write(&pushing(&second.endpoint(), ""));
    let this = std::process::id().to_string();
    assert!(std::process::Command::new("kill").args(["-HUP", &this]).status().unwrap().success());
    // The new exporter exports at its start.
    second.next();
}

/// A log sink that stops at the first line about a reload until the test lets it continue, and then calls `reload` itself.
#[cfg(target_os = "linux")]
struct Stopping {
    telemetry: OnceLock<Telemetry>,
    stopped: Mutex<mpsc::Sender<()>>,
    go_on: Mutex<mpsc::Receiver<()>>,
    inner: Mutex<Option<String>>,
}

#[cfg(target_os = "linux")]
impl Stopping {
    fn receive(&self, event: &Event<'_>) {
        let Some(telemetry) = self.telemetry.get() else { return };
        let mut inner = self.inner.lock().unwrap();
        if event.metadata().target() == "phoenix_otel::reload" && inner.is_none() {
            let _ = self.stopped.lock().unwrap().send(());
            let _ = self.go_on.lock().unwrap().recv();
            *inner = Some(telemetry.reload().map_err(|error| error.to_string()).unwrap_err());
        }
    }
}

/// The threads of this process that reload.
#[cfg(target_os = "linux")]
fn reloading_threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("phoenix-otel-re")).count()
}

#[cfg(target_os = "linux")]
#[test]
fn while_a_reload_hangs_hangups_start_no_threads_and_the_configuration_can_be_read() {
    isolated!();
    let (stopped, has_stopped) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel();
    let (telemetry, inner) = (OnceLock::new(), Mutex::new(None));
    let sink: &'static Stopping =
        Box::leak(Box::new(Stopping { telemetry, stopped: Mutex::new(stopped), go_on: Mutex::new(goes_on), inner }));
    LogSink::new(tracing::Level::INFO, |event| sink.receive(event)).set_global();
    let file = File::new("file_format: \"1.1\"\nlog_level: info\n");
    let none: [(&str, &str); 0] = [];
    let builder = phoenix_otel::builder("shop").environment(none).config_file(&file.path).without_subscriber();
    let _ = sink.telemetry.set(builder.reload_on_sighup().init().unwrap());
    let telemetry = sink.telemetry.get().unwrap();
    let this = std::process::id().to_string();
    let hang_up = || assert!(std::process::Command::new("kill").args(["-HUP", &this]).status().unwrap().success());
    hang_up();
    has_stopped.recv_timeout(LIVENESS).expect("the reload begins");
    for _ in 0..20 {
        hang_up();
    }
    assert_eq!(telemetry.effective_config().get("log_level").unwrap().value(), "info");
    assert_eq!(reloading_threads(), 1);
    file.write("file_format: \"1.1\"\nlog_level: warn\n");
    go_on.send(()).unwrap();
    // The signals of the meantime cause one further reload.
    wait_until("a further reload", || match telemetry.effective_config().get("log_level").unwrap().value().as_ref() {
        "warn" => Ok(()),
        level => Err(level.to_owned()),
    });
    assert_eq!(sink.inner.lock().unwrap().as_deref(), Some("a reload is running on this thread"));
}

#[test]
fn a_relative_path_names_the_same_file_in_another_folder() {
    isolated!();
    let file = File::new("file_format: \"1.1\"\nlog_level: info\n");
    std::env::set_current_dir(file.path.parent().unwrap()).unwrap();
    let telemetry = init(Path::new("otel.yaml"));
    std::env::set_current_dir("/").unwrap();
    file.write("file_format: \"1.1\"\nlog_level: warn\n");
    assert_eq!(telemetry.reload().unwrap().applied().collect::<Vec<_>>(), ["log_level"]);
}

/// A file with a hundred thousand keys of another program.
#[test]
fn a_file_that_is_something_else_is_refused_at_once_with_few_problems() {
    isolated!();
    let keys: String = (0..90_000).map(|key| format!("k{key}: 1\n")).collect();
    let twice: String = (0..90_000).map(|key| format!("k{}: 1\n", key % 9)).collect();
    let nested = format!("file_format: \"1.1\"\nresource: {{{}}}", keys.replace('\n', ", "));
    for (text, shown) in [(keys, "file_format"), (nested, " further problems"), (twice, " further problems")] {
        let file = File::new(&text);
        let none: [(&str, &str); 0] = [];
        let error = phoenix_otel::builder("shop").environment(none).config_file(&file.path).init().unwrap_err();
        let error = error.to_string();
        assert!(error.lines().count() < 110 && error.contains(shown), "{error}");
    }
}
