//! The metrics of this service.

use phoenix_otel::{Label, Status};

/// The channel of an order.
#[derive(Clone, Copy, Label)]
pub(crate) enum Channel {
    Web,
    Shop,
    #[label("telephone")]
    #[expect(dead_code, reason = "no order of this example uses it, and its series exists at 0")]
    Phone,
}

phoenix_otel::metrics! {
    /// Orders placed.
    pub(crate) static ORDERS: Counter { channel: Channel, country: &str } = "acme.orders" { unit: "{order}", cap: 200 };

    /// Value of an order.
    pub(crate) static ORDER_VALUE: Histogram { channel: Channel } = "acme.order.value" { unit: "{EUR}", bounds: [10.0, 50.0, 100.0] };

    /// Imports that are waiting.
    pub(crate) static WAITING: UpDownCounter = "acme.imports.waiting" { unit: "{import}" };

    /// Imports by status.
    pub(crate) static IMPORTS: Counter { tenant: &str, status: Status } = "acme.imports" { unit: "{import}", cap: 400 };

    /// Duration of an import.
    pub(crate) static IMPORT_DURATION: Histogram { tenant: &str } = "acme.import.duration" {
        unit: "s",
        bounds: [0.1, 1.0, 10.0],
        cap: 100
    };

    /// Failed imports by error type.
    pub(crate) static IMPORT_ERRORS: Counter { tenant: &str, error_type: &str } = "acme.import.errors" { unit: "{error}", cap: 400 };

    /// The metrics of one import, under its labels.
    pub(crate) static IMPORT: CallSet { tenant: &str } = {
        requests: IMPORTS,
        duration: IMPORT_DURATION,
        errors: IMPORT_ERRORS
    };
}
