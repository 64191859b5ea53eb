phoenix_otel::metrics! {
    /// A type that is nowhere.
    static ORDERS: Counter { channel: Channel } = "acme.orders";
}

fn main() {
    let _ = ORDERS::DEF;
}
