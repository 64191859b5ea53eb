phoenix_otel::metrics! {
    #[doc = concat!(" ", "\n")]
    pub static ORDERS: Counter = "acme.orders";
}

fn main() {
    let _ = ORDERS::DEF;
}
