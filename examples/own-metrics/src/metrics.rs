//! What this service measures.

use phoenix_otel::{Label, Status};

/// Where an order comes from.
#[derive(Clone, Copy, Label)]
pub(crate) enum Channel {
    Web,
    Shop,
    #[label("telephone")]
    #[expect(dead_code, reason = "nobody calls in this example, and yet the series is there")]
    Phone,
}

phoenix_otel::metrics! {
    /// Orders placed.
    pub(crate) static ORDERS: Counter { channel: Channel, country: &str } = "acme.orders" { unit: "{order}", cap: 200 };

    /// What an order is worth.
    pub(crate) static ORDER_VALUE: Histogram { channel: Channel } = "acme.order.value" { unit: "{EUR}", bounds: [10.0, 50.0, 100.0] };

    /// Imports that wait for their turn.
    pub(crate) static WAITING: UpDownCounter = "acme.imports.waiting" { unit: "{import}" };

    /// Imports, by how they ended.
    pub(crate) static IMPORTS: Counter { tenant: &str, status: Status } = "acme.imports" { unit: "{import}", cap: 400 };

    /// Time to import.
    pub(crate) static IMPORT_DURATION: Histogram { tenant: &str } = "acme.import.duration" {
        unit: "s",
        bounds: [0.1, 1.0, 10.0],
        cap: 100
    };

    /// Imports that failed, by why.
    pub(crate) static IMPORT_ERRORS: Counter { tenant: &str, error_type: &str } = "acme.import.errors" { unit: "{error}", cap: 400 };

    /// One import: what is recorded of it, under labels of its own.
    pub(crate) static IMPORT: CallSet { tenant: &str } = {
        requests: IMPORTS,
        duration: IMPORT_DURATION,
        errors: IMPORT_ERRORS
    };
}
