phoenix_otel::metrics! {
    /// Total.
    static A: Counter = "acme.orders.total";
    /// Total, in the middle.
    static B: Counter = "acme_total_orders";
    /// The unit again.
    static C: Histogram = "acme.duration.seconds" { unit: "s", bounds: [1.0] };
    /// Two underscores.
    static D: Counter = "acme..orders";
    /// A digit first.
    static E: Counter = "1acme";
    /// A space.
    static F: Counter = "acme orders";
    /// A placeholder that is none.
    static G: Counter = "phoenix.{domain}.orders";
    /// Nothing.
    static H: Counter = "";
}

fn main() {}
