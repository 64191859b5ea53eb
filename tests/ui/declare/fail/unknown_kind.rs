phoenix_otel::metrics! {
    /// Orders.
    static ORDERS: Meter = "acme.orders";
    /// Sizes.
    static SIZES: Timer { tenant: &str } = "acme.sizes" { unit: "By" };
}

fn main() {
    let _ = (ORDERS::DEF, SIZES { tenant: "t" });
}
