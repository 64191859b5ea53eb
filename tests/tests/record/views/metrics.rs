//! A metric of each kind, and the recorded values.

use phoenix_otel::{Label, Observation, metrics};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub(crate) enum Channel {
    Web,
    Pos,
}

metrics! {
    /// Orders placed.
    pub(crate) static ORDERS: Counter { channel: Channel, tenant: &str } = "views.compared.orders" { unit: "{order}" };
    /// Money paid.
    pub(crate) static PAID: Counter<f64> { channel: Channel, tenant: &str } = "views.compared.paid" { unit: "{EUR}" };
    /// Orders open.
    pub(crate) static OPEN: UpDownCounter { channel: Channel, tenant: &str } = "views.compared.open" { unit: "{order}" };
    /// Goods in stock.
    pub(crate) static STOCK: Gauge { channel: Channel, tenant: &str } = "views.compared.stock" { unit: "By" };
    /// Sizes of orders.
    pub(crate) static SIZE: Histogram { channel: Channel, tenant: &str } = "views.compared.size" { unit: "By", bounds: [1.0, 4.0] };
    /// Time to look up.
    pub(crate) static LOOKUP: Summary { channel: Channel, tenant: &str } = "views.compared.lookup" { unit: "s" };
    /// Orders seen elsewhere.
    pub(crate) static SEEN: ObservableCounter { channel: Channel, tenant: &str } = "views.compared.seen" { unit: "{order}" };
    /// Orders pooled.
    pub(crate) static POOL: ObservableUpDownCounter { channel: Channel, tenant: &str } = "views.compared.pool" { unit: "{order}" };
    /// Warmth of stock.
    pub(crate) static WARMTH: ObservableGauge { channel: Channel, tenant: &str } = "views.compared.warmth" { unit: "Cel" };
    /// Recorded last, so that what comes with it is all that was recorded.
    pub(crate) static LAST: Counter = "views.marker.last" { unit: "{mark}" };
}

/// The names of the metrics, without the summary, which the SDK does not have.
pub(crate) const NAMES: [&str; 8] = [
    "views.compared.orders",
    "views.compared.paid",
    "views.compared.open",
    "views.compared.stock",
    "views.compared.size",
    "views.compared.seen",
    "views.compared.pool",
    "views.compared.warmth",
];

/// The recorded values, in this order.
pub(crate) const MEASURED: [(Channel, &str, u32); 6] = [
    (Channel::Web, "a", 1),
    (Channel::Pos, "b", 2),
    (Channel::Web, "b", 3),
    (Channel::Web, "a", 4),
    (Channel::Pos, "c", 5),
    (Channel::Web, "d", 6),
];

/// The observations of each collection, each series once. One exceeds a cap of two; with several, the SDK would export only the last one.
pub(crate) const OBSERVED: [(Channel, &str, u32); 3] =
    [(Channel::Web, "a", 1), (Channel::Pos, "b", 2), (Channel::Web, "b", 3)];

/// Records with our handles.
pub(crate) fn record() -> Vec<Observation> {
    for (channel, tenant, n) in MEASURED {
        let value = f64::from(n);
        ORDERS.add(n.into(), ORDERS { channel, tenant });
        PAID.add(value / 2.0, PAID { channel, tenant });
        OPEN.add(i64::from(n) - 3, OPEN { channel, tenant });
        STOCK.set(value, STOCK { channel, tenant });
        SIZE.record(value, SIZE { channel, tenant });
        LOOKUP.record(value, LOOKUP { channel, tenant });
    }
    vec![
        SEEN.observe(|seen| {
            for (channel, tenant, n) in OBSERVED {
                seen.observe(n.into(), SEEN { channel, tenant });
            }
        }),
        POOL.observe(|pool| {
            for (channel, tenant, n) in OBSERVED {
                pool.observe(i64::from(n) - 3, POOL { channel, tenant });
            }
        }),
        WARMTH.observe(|warmth| {
            for (channel, tenant, n) in OBSERVED {
                warmth.observe(n.into(), WARMTH { channel, tenant });
            }
        }),
    ]
}
