phoenix_otel::metrics! {
    /// Buckets where there are none.
    static ORDERS: Counter = "acme.orders" { bounds: [1.0] };
    /// An unknown option.
    static OPEN: Gauge = "acme.open" { units: "s" };
    /// A unit that is no string.
    static LEVEL: Gauge = "acme.level" { unit: By };
    /// No series.
    static NONE: Counter = "acme.none" { cap: 0 };
    /// Twice.
    static TWICE: Counter = "acme.twice" { cap: 1, cap: 2 };
    /// A number of no kind.
    static NUMBER: Counter<i32> = "acme.number";
    /// A number that cannot be chosen.
    static GAUGE: Gauge<f64> = "acme.gauge";
    /// Buckets where quantiles are kept.
    static LATENCY: Summary = "acme.latency" { unit: "s", bounds: [1.0] };
    /// Bounds that are fixed where there are none.
    static FIXED: Gauge = "acme.fixed" { fixed_bounds: true };
}

fn main() {
    let _ = (ORDERS::DEF, OPEN::DEF, LEVEL::DEF, NONE::DEF, TWICE::DEF, NUMBER::DEF, GAUGE::DEF, LATENCY::DEF, FIXED::DEF);
}
