//! A domain for all metrics of a macro: a constant or a static, by its path, together with `crate = path`.

#![deny(warnings)]

pub mod domains {
    pub const SHIPPING: phoenix_otel::Domain = phoenix_otel::Domain::new("shipping");
    pub static BILLING: phoenix_otel::Domain = phoenix_otel::Domain::new("billing").activated_by("acme::Acme");
}

mod telemetry {
    pub(crate) use phoenix_otel::__private;
}

phoenix_otel::metrics! {
    domain = domains::SHIPPING;

    /// Parcels.
    static PARCELS: Counter = "acme.parcels";
    /// Time to ship.
    static DURATION: Histogram = "acme.duration" { unit: "s", bounds: [1.0], cap: 2 };
}

phoenix_otel::metrics! {
    domain = crate::domains::BILLING;
    crate = crate::telemetry;

    /// Bills.
    static BILLS: Counter = "acme.bills";
}

phoenix_otel::metrics! {
    /// In every service.
    static NOTES: Counter = "acme.notes";
}

fn main() {
    assert_eq!(PARCELS::DEF.domain, Some(domains::SHIPPING));
    assert_eq!(DURATION::DEF.domain.map(|domain| domain.name()), Some("shipping"));
    assert_eq!(BILLS::DEF.domain, Some(domains::BILLING));
    assert_eq!(NOTES::DEF.domain, None);
}
