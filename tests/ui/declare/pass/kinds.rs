//! Every kind of metric, in a crate that forbids and denies many lints; the definitions match the declarations.

#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, rust_2018_idioms)]

use phoenix_otel::__private::{Kind, Labels};
use phoenix_otel::Label;

/// Where an order came from.
#[derive(Clone, Copy, Debug, Label)]
pub enum Channel {
    /// The site.
    Web,
    /// The shop.
    #[label("pos")]
    PointOfSale,
}

phoenix_otel::metrics! {
    /// Orders placed,
    /// by channel and country.
    ///
    /// What follows an empty line is for the documentation only.
    pub static ORDERS: Counter { channel: Channel, country: &str } = "acme.shop.orders" { unit: "{order}", cap: 200 };

    /// What was paid.
    pub static PAID: Counter<f64> { channel: Channel } = "acme.shop.paid" { unit: "{EUR}" };

    /// Orders not yet shipped.
    pub(crate) static OPEN: UpDownCounter = "acme.shop.orders.open" { unit: "{order}", };

    /// How full it is.
    static LEVEL: Gauge { channel: Channel, of: Channel } = "acme.shop.level" { unit: "1" };

    /// Time of an import.
    pub static IMPORT_DURATION: Histogram { r#type: &str } = "acme.shop.import.duration" { unit: "s", bounds: [0.1, 1.0, 10.0] };

    /// Time of a search.
    pub static SEARCH_DURATION: Summary { channel: Channel } = "acme.shop.search.duration" { unit: "s", cap: 2 };

    /// Without options.
    pub static PLAIN: Counter = "acme.shop.plain";
}

fn main() {
    let def = ORDERS::DEF;
    assert_eq!((def.name, def.unit, def.cap, def.kind), ("acme.shop.orders", "{order}", 200, Kind::Counter));
    assert_eq!(def.description, "Orders placed, by channel and country.");
    assert!(def.module.ends_with("kinds") || def.module.contains("trybuild"), "{}", def.module);
    assert_eq!(def.labels[0].values, Some(&["web", "pos"][..]));
    assert_eq!((def.labels[1].name, def.labels[1].values), ("country", None));
    assert_eq!(PAID::DEF.labels.len(), 1);
    assert_eq!((OPEN::DEF.kind, OPEN::DEF.labels.len()), (Kind::UpDownCounter, 0));
    assert_eq!(IMPORT_DURATION::DEF.bounds, [0.1, 1.0, 10.0]);
    assert_eq!(IMPORT_DURATION::DEF.labels[0].name, "type");
    assert_eq!((SEARCH_DURATION::DEF.kind, SEARCH_DURATION::DEF.bounds.len()), (Kind::Summary, 0));
    assert_eq!((PLAIN::DEF.unit, PLAIN::DEF.cap), ("", 2000));

    let country = String::from("de");
    let labels = ORDERS { channel: Channel::PointOfSale, country: &country };
    assert_eq!(labels.values(), ["pos", "de"]);
    assert_eq!(labels.index(), 1);
    let labels = LEVEL { channel: Channel::PointOfSale, of: Channel::Web };
    assert_eq!((labels.values(), labels.index()), (["pos", "web"], 2));
    assert_eq!(LEVEL::DEF.kind, Kind::Gauge);
    assert_eq!(OPEN {}.index(), 0);
    assert_eq!(IMPORT_DURATION { r#type: "x" }.values(), ["x"]);
}
