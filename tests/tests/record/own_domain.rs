//! A domain that another crate declares, and an extension that activates it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use phoenix_otel::{
    Builder, Domain, Extension, ExtensionSettings, Label, Problems, Status, Telemetry, instrument_metrics, metrics,
};
use phoenix_otel_tests::Samples;

const SHIPPING: Domain = Domain::new("shipping").activated_by("acme::Acme::default()");
const BILLING: Domain = Domain::new("billing");

#[expect(dead_code, reason = "only the values are used")]
#[derive(Clone, Copy, Label)]
enum Size {
    Small,
    Large,
}

mod shipping {
    use super::*;

    metrics! {
        domain = SHIPPING;

        /// Parcels sent.
        pub(super) static PARCELS: Counter { size: Size } = "phoenix.shipping.parcels" { unit: "{parcel}" };
        /// Requests to ship, which takes the name of what counts functions.
        pub(super) static REQUESTS: Counter { carrier: &str, status: Status } = "phoenix.shipping.requests" { unit: "{request}", cap: 10 };
        /// Time to ship.
        pub(super) static DURATION: Histogram { carrier: &str } = "phoenix.shipping.duration" { unit: "s", bounds: [1.0] };
        /// One parcel that is shipped.
        pub(super) static SHIP: CallSet { carrier: &str } = { requests: REQUESTS, duration: DURATION };
        /// Parcels in the warehouse.
        pub(super) static STOCK: ObservableGauge = "phoenix.shipping.stock" { unit: "{parcel}" };
    }
}

metrics! {
    domain = BILLING;

    /// Bills written.
    static BILLS: Counter { size: Size } = "phoenix.billing.bills" { unit: "{bill}" };
}

metrics! {
    /// Notes that were printed, whatever the service is.
    static NOTES: Counter { size: Size } = "own_domain.notes" { unit: "{note}" };
    /// Time to print, with parcels of one crate and time of another.
    static PRINTING: Histogram { carrier: &str } = "own_domain.printing.duration" { unit: "s", bounds: [1.0] };
    /// A set whose counter is of a domain, and whose time is not.
    static PRINT: CallSet { carrier: &str } = { requests: shipping::REQUESTS, duration: PRINTING };
}

use shipping::{PARCELS, SHIP, STOCK};

#[instrument_metrics]
fn of_the_service() {}

#[instrument_metrics(subsystem = "shipping")]
fn pack() {}

#[instrument_metrics(SHIP { carrier: carrier })]
fn ship(carrier: &str) {}

#[instrument_metrics(PRINT { carrier: carrier })]
fn print(carrier: &str) {}

const CARRIERS: &str = "carriers that are allowed to carry parcels";

/// The domains of Acme's services.
#[derive(Default)]
struct Acme {
    from_start: Vec<Domain>,
    sends_birds: bool,
    carriers: Vec<String>,
    bound: Arc<AtomicU32>,
}

impl Extension for Acme {
    fn domains(&self) -> Vec<Domain> {
        vec![SHIPPING, BILLING]
    }

    fn domains_from_start(&self) -> Vec<Domain> {
        self.from_start.clone()
    }

    fn configure(&mut self, settings: &mut ExtensionSettings<'_>) {
        let carriers = settings.variable("ACME_CARRIERS").unwrap_or_default();
        for carrier in carriers.split_whitespace() {
            match carrier {
                "pigeon" => settings.ignored("ACME_CARRIERS", carrier, CARRIERS, "the other carriers"),
                carrier => self.carriers.push(carrier.to_owned()),
            }
        }
        if self.sends_birds {
            settings.problem("builder: Acme::sends_birds", true, CARRIERS);
        }
    }

    fn bound(&self) {
        self.bound.fetch_add(1, Ordering::Relaxed);
        for carrier in &self.carriers {
            let _ = SHIP.bind(&SHIP { carrier });
        }
    }
}

fn builder(name: &str) -> Builder {
    let none: [(&str, &str); 0] = [];
    let builder = phoenix_otel::builder(name).environment(none).without_subscriber();
    builder.exporter("prometheus").without_listener()
}

fn with<T>(builder: Builder, test: impl FnOnce(&Telemetry) -> T) -> T {
    test(&builder.init().expect("init succeeds"))
}

fn get(telemetry: &Telemetry, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    Samples::of(telemetry).get(name, labels)
}

#[test]
fn a_service_with_the_domains_name_has_it_from_the_start() {
    phoenix_otel_tests::isolated!();
    with(builder("shipping-service").with(Acme::default()), |telemetry| {
        assert_eq!(get(telemetry, "phoenix_shipping_parcels_total", &[("size", "small")]), Some(0.0));
        assert_eq!(get(telemetry, "phoenix_billing_bills_total", &[]), None, "this is another service's");
        assert_eq!(
            get(telemetry, "own_domain_notes_total", &[("size", "small")]),
            Some(0.0),
            "a metric without a domain"
        );
    });
}

#[test]
fn a_service_that_selects_the_domain_has_it_from_the_start() {
    phoenix_otel_tests::isolated!();
    let acme = Acme { from_start: vec![BILLING], ..Acme::default() };
    with(builder("shop").with(acme), |telemetry| {
        assert_eq!(get(telemetry, "phoenix_billing_bills_total", &[("size", "large")]), Some(0.0));
        assert_eq!(get(telemetry, "phoenix_shipping_parcels_total", &[]), None);
    });
}

#[test]
fn in_another_service_the_domain_is_bound_on_first_use() {
    phoenix_otel_tests::isolated!();
    with(builder("shop").with(Acme::default()), |telemetry| {
        assert_eq!(get(telemetry, "phoenix_shipping_parcels_total", &[]), None);
        PARCELS.add(2, PARCELS { size: Size::Small });
        assert_eq!(get(telemetry, "phoenix_shipping_parcels_total", &[("size", "small")]), Some(2.0));
        assert_eq!(get(telemetry, "phoenix_shipping_parcels_total", &[("size", "large")]), None);
        // So are the functions of its subsystem.
        let packed = [("method", "pack"), ("status", "ok")];
        assert_eq!(get(telemetry, "phoenix_shipping_calls_total", &packed), None);
        pack();
        assert_eq!(get(telemetry, "phoenix_shipping_calls_total", &packed), Some(1.0));
    });
}

#[test]
fn functions_are_counted_as_calls_if_the_domain_has_requests() {
    phoenix_otel_tests::isolated!();
    with(builder("shipping").with(Acme::default()), |telemetry| {
        of_the_service();
        pack();
        ship("post");
        for method in ["of_the_service", "pack"] {
            let labels = [("method", method), ("status", "ok")];
            assert_eq!(get(telemetry, "phoenix_shipping_calls_total", &labels), Some(1.0), "{method}");
        }
        let labels = [("carrier", "post"), ("status", "ok")];
        assert_eq!(get(telemetry, "phoenix_shipping_requests_total", &labels), Some(1.0));
        let requests = Samples::of(telemetry);
        assert_eq!(requests.all("phoenix_shipping_requests_total", &[("method", "pack")]).count(), 0);
        assert_eq!(get(telemetry, "phoenix_shipping_duration_seconds_count", &[("carrier", "post")]), Some(1.0));
    });
}

#[test]
fn an_inactive_domain_changes_nothing() {
    phoenix_otel_tests::isolated!();
    with(builder("shipping"), |telemetry| {
        let _shown = STOCK.observe(|stock| stock.observe(7.0, ()));
        of_the_service();
        pack();
        ship("post");
        print("post");
        PARCELS.add(1, PARCELS { size: Size::Small });
        for method in ["of_the_service", "pack"] {
            let labels = [("method", method), ("status", "ok")];
            assert_eq!(get(telemetry, "phoenix_shipping_requests_total", &labels), Some(1.0), "{method}");
        }
        let samples = Samples::of(telemetry);
        let none = ["_calls_total", "shipping_parcels", "shipping_duration", "shipping_stock", "billing"];
        let found: Vec<_> =
            samples.iter().filter(|sample| none.iter().any(|part| sample.name.contains(part))).collect();
        assert!(found.is_empty(), "{found:#?}");
        assert_eq!(samples.all("phoenix_shipping_requests_total", &[("carrier", "post")]).count(), 0);
        assert_eq!(samples.get("own_domain_printing_duration_seconds_count", &[("carrier", "post")]), Some(1.0));
    });
    // Values that were dropped there are recorded in a service with the active domain.
    with(builder("shipping").with(Acme::default()), |telemetry| {
        let shown = STOCK.observe(|stock| stock.observe(7.0, ()));
        ship("post");
        print("post");
        let labels = [("carrier", "post"), ("status", "ok")];
        assert_eq!(get(telemetry, "phoenix_shipping_requests_total", &labels), Some(2.0));
        assert_eq!(get(telemetry, "phoenix_shipping_stock", &[]), Some(7.0));
        drop(shown);
    });
}

#[test]
fn an_extension_reads_settings_and_is_called_after_binding() {
    phoenix_otel_tests::isolated!();
    let acme = Acme::default();
    let bound = acme.bound.clone();
    let builder = builder("shipping").environment([("ACME_CARRIERS", "post rail")]).with(acme);
    with(builder, |telemetry| {
        assert_eq!(bound.load(Ordering::Relaxed), 1);
        for carrier in ["post", "rail"] {
            let labels = [("carrier", carrier), ("status", "error")];
            assert_eq!(get(telemetry, "phoenix_shipping_requests_total", &labels), Some(0.0), "{carrier}");
        }
    });
}

#[test]
fn invalid_settings_of_an_extension_are_in_the_report() {
    phoenix_otel_tests::isolated!();
    let variables = [("ACME_CARRIERS", "post pigeon rail"), ("OTEL_METRIC_EXPORT_INTERVAL", "often")];
    let builder = |acme| builder("shipping").environment(variables).with(acme);
    fn names(problems: &Problems) -> Vec<&str> {
        problems.iter().map(|problem| problem.name()).collect()
    }
    with(builder(Acme::default()), |telemetry| {
        assert_eq!(names(telemetry.ignored()), ["ACME_CARRIERS", "OTEL_METRIC_EXPORT_INTERVAL"]);
        let carriers = telemetry.ignored().to_string();
        assert!(
            carriers.starts_with("  ACME_CARRIERS: invalid value \"pigeon\"; allowed: carriers that are allowed"),
            "{carriers}"
        );
        assert!(carriers.contains("; used instead: the other carriers\n"), "{carriers}");
        let labels = [("carrier", "rail"), ("status", "ok")];
        assert_eq!(get(telemetry, "phoenix_shipping_requests_total", &labels), Some(0.0), "the others are used");
    });

    let acme = Acme { sends_birds: true, ..Acme::default() };
    let bound = acme.bound.clone();
    let of_variables = ["ACME_CARRIERS", "OTEL_METRIC_EXPORT_INTERVAL"];
    for (builder, expected) in [
        (builder(Acme { bound: bound.clone(), ..Acme::default() }).strict(), of_variables.to_vec()),
        (builder(acme), vec!["ACME_CARRIERS", "builder: Acme::sends_birds", "OTEL_METRIC_EXPORT_INTERVAL"]),
    ] {
        let error = builder.init().expect_err("it cannot start");
        assert_eq!(names(error.settings()), expected, "{error}");
        assert_eq!(bound.load(Ordering::Relaxed), 0, "nothing was bound");
    }
}

#[test]
fn the_builder_lists_what_its_extensions_activate() {
    phoenix_otel_tests::isolated!();
    let is_there = |defs: Vec<&str>| ["phoenix.shipping.parcels", "own_domain.notes"].map(|name| defs.contains(&name));
    assert_eq!(is_there(phoenix_otel::declared().map(|def| def.name).collect()), [false, true]);
    assert_eq!(is_there(builder("x").declared().map(|def| def.name).collect()), [false, true]);
    let with_acme = builder("x").with(Acme::default());
    assert_eq!(is_there(with_acme.declared().map(|def| def.name).collect()), [true, true]);
    let findings = phoenix_otel::catalog::lint::lint(with_acme.declared());
    assert!(findings.is_empty(), "{findings:#?}");
}
