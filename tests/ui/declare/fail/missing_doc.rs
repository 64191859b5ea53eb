phoenix_otel::metrics! {
    pub static ORDERS: Counter = "acme.orders";
}

fn main() {
    let _ = ORDERS::DEF;
}
