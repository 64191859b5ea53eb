phoenix_otel::metrics! {
    /// One label twice.
    static ORDERS: Counter { tenant: &str, tenant: &str } = "acme.orders";
    /// One static twice.
    static PAID: Counter = "acme.paid";
    /// The other.
    static PAID: Counter = "acme.paid.again";
    /// One name twice.
    static OTHER: Counter = "acme.orders";
}

fn main() {
    let _ = (ORDERS { tenant: "t" }, PAID::DEF, OTHER::DEF);
}
