//! A reload switches metrics and meters off and on.

use phoenix_otel::testing::FakeCollector;
use phoenix_otel_tests::isolated;

use super::reload::{File, SENT, has_family, init, pushing};

#[test]
fn metrics_are_switched_off_and_on() {
    isolated!();
    let collector = FakeCollector::start().unwrap();
    let push = pushing(&collector.endpoint(), "");
    let start = format!("{push}    - pull: {{exporter: {{prometheus/development: {{port: 0}}}}}}\n");
    let off = format!(
        "{start}  views:\n    - {{selector: {{instrument_name: acme.*}}, stream: {{aggregation: {{drop: }}}}}}\n"
    );
    let file = File::new(&start);
    let telemetry = init(&file.path);
    let foreign = opentelemetry::global::meter("lib").u64_counter("acme.foreign").build();
    foreign.add(1, &[]);
    SENT.add(1, ());
    assert!(telemetry.exposition().unwrap().contains("acme_sent_total"));

    file.write(&off);
    assert_eq!(telemetry.reload().unwrap().to_string(), "applied: meter_provider.views");
    SENT.add(2, ());
    let shown = telemetry.exposition().unwrap();
    assert!(!has_family(&shown, "acme_"), "{shown}");
    assert!(has_family(&shown, "phoenix_otel_series"), "{shown}");
    assert!(telemetry.force_flush().is_complete());
    assert!(!has_family(&collector.received().pop().unwrap().snapshot.to_string(), "acme_"));

    // Counters went on.
    file.write(&start);
    assert_eq!(telemetry.reload().unwrap().to_string(), "applied: meter_provider.views");
    let shown = telemetry.exposition().unwrap();
    assert!(shown.contains("acme_sent_total{service=\"shop\"} 3\n"), "{shown}");
    assert!(telemetry.force_flush().is_complete());
    assert_eq!(collector.received().pop().unwrap().snapshot.value(&SENT, ()), 3);

    // Other views need a restart, and then none of them changes.
    let both = off.replace("stream: {aggregation: {drop: }}", "stream: {aggregation_cardinality_limit: 5}");
    file.write(&both);
    assert_eq!(telemetry.reload().unwrap().to_string(), "need a restart: meter_provider.views");
}

#[test]
fn meters_are_disabled_and_enabled() {
    isolated!();
    let start =
        "file_format: \"1.1\"\nmeter_provider:\n  readers: [{pull: {exporter: {prometheus/development: {port: 0}}}}]\n";
    let views = |cap| {
        format!(
            "  views: [{{selector: {{instrument_name: acme.*}}, stream: {{aggregation_cardinality_limit: {cap}}}}}]\n"
        )
    };
    let disabled =
        "  meter_configurator/development: {default_config: {enabled: false}, meters: [{name: ph*, config: {}}]}\n";
    let file = File::new(&format!("{start}{}", views(7)));
    let telemetry = init(&file.path);
    let foreign = opentelemetry::global::meter("lib").u64_counter("acme.foreign").build();
    foreign.add(1, &[]);
    SENT.add(1, ());
    let shows = |name: &str| telemetry.exposition().unwrap().contains(name);
    assert!(shows("acme_foreign_total"));
    // Views that need a restart do not matter.
    for cap in [7, 8] {
        file.write(&format!("{start}{disabled}{}", views(cap)));
        let reload = telemetry.reload().unwrap();
        let applied: Vec<_> = reload.applied().collect();
        let key = "meter_provider.meter_configurator/development";
        assert_eq!(applied, [format!("{key}.default_config.enabled"), format!("{key}.meters")], "{reload}");
        let config = telemetry.effective_config();
        assert_eq!(config.get(&format!("{key}.default_config.enabled")).unwrap().value(), "false");
        let again = phoenix_otel::builder("shop").environment([("", ""); 0]).config(config.to_string());
        assert_eq!(again.strict().scope().map(drop).map_err(|error| error.to_string()), Ok(()));
        assert!(!shows("acme_foreign_total") && shows("acme_sent_total"));
        file.write(&format!("{start}{}", views(7)));
        telemetry.reload().unwrap();
        assert!(shows("acme_foreign_total"));
    }
}

#[test]
fn metrics_that_are_off_from_the_start_are_switched_on() {
    isolated!();
    let reader =
        "file_format: \"1.1\"\nmeter_provider:\n  readers: [{pull: {exporter: {prometheus/development: {port: 0}}}}]\n";
    let view =
        |name: &str, stream: &str| format!("    - {{selector: {{instrument_name: {name}}}, stream: {stream}}}\n");
    let drop_all = view("'*'", "{aggregation: {drop: }}");
    // A later view restores the metrics that it selects.
    let file = File::new(&format!("{reader}  views:\n{drop_all}{}", view("phoenix.*", "{}")));
    let telemetry = init(&file.path);
    SENT.add(4, ());
    let shown = telemetry.exposition().unwrap();
    assert!(!has_family(&shown, "acme_") && has_family(&shown, "phoenix_otel_series"), "{shown}");
    file.write(&format!("{reader}  views:\n{drop_all}{}{}", view("phoenix.*", "{}"), view("acme.sent", "{}")));
    assert_eq!(telemetry.reload().unwrap().to_string(), "applied: meter_provider.views");
    assert!(telemetry.exposition().unwrap().contains("acme_sent_total{service=\"shop\"} 4\n"));
}
