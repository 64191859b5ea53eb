phoenix_otel::metrics! {
    /// Total.
    static A: Counter = "acme.orders.total";
    /// Total, in the middle.
    static B: Counter = "acme_total_orders";
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
