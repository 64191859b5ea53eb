//! Values for an inactive domain are dropped, and reported once.

use std::sync::Mutex;

use phoenix_otel::{Domain, metrics};
use phoenix_otel_tests::LogSink;
use phoenix_otel_tests::log_sink::fields;
use tracing::Level;

const SHIPPING: Domain = Domain::new("shipping").activated_by("acme::Acme::default()");
const BILLING: Domain = Domain::new("billing").activated_by("acme::Acme::default()");

metrics! {
    domain = SHIPPING;

    /// Parcels sent.
    static PARCELS: Counter = "inactive_domain.parcels" { unit: "{parcel}" };
    /// Parcels returned.
    static RETURNS: Counter = "inactive_domain.returns" { unit: "{parcel}" };
}

metrics! {
    domain = BILLING;

    /// Open bills.
    static OPEN: ObservableGauge = "inactive_domain.bills.open" { unit: "{bill}" };
}

static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn warnings_of(domain: &str) -> Vec<String> {
    let wanted = format!("domain=\"{domain}\"");
    WARNINGS.lock().unwrap().iter().filter(|warning| warning.contains(&wanted)).cloned().collect()
}

#[test]
fn an_inactive_domain_is_reported_once_with_the_remedy() {
    phoenix_otel_tests::isolated!();
    LogSink::new(Level::WARN, |event| WARNINGS.lock().unwrap().push(fields(event))).set_global();
    let _shown = OPEN.observe(|open| open.observe(1.0, ()));
    let telemetry =
        phoenix_otel::builder("shop").without_subscriber().exporter("prometheus").without_listener().init().unwrap();
    assert_eq!(warnings_of("shipping"), [""; 0], "nothing was recorded yet");
    for _ in 0..3 {
        PARCELS.add(1, ());
        RETURNS.add(1, ());
    }
    let exposition = telemetry.exposition().unwrap();
    assert!(!exposition.contains("inactive_domain_"), "{exposition}");
    let warnings = warnings_of("shipping");
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    for part in ["inactive_domain.parcels", "recorded values are dropped", ".with(acme::Acme::default())"] {
        assert!(warnings[0].contains(part), "{part} in {warnings:#?}");
    }
    // `init` reports an observable instrument whose callback is older; otherwise adding the callback reports it.
    let _another = OPEN.observe(|open| open.observe(2.0, ()));
    assert_eq!(warnings_of("billing").len(), 1, "{:#?}", warnings_of("billing"));
}
