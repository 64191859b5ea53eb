use phoenix_otel::Label;

#[derive(Clone, Copy, Label)]
enum Channel {
    Web,
}

phoenix_otel::metrics! {
    /// Orders.
    static ORDERS: Counter { channel: Channel, country: &str } = "acme.orders";
}

fn main() {
    let _ = ORDERS { channel: Channel::Web };
    let _ = ORDERS { channel: Channel::Web, country: "de", tenant: "t" };
    let _ = ORDERS { channel: "web", country: "de" };
    let _ = ORDERS { channel: Channel::Web, country: 49 };
}
