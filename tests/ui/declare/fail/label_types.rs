#[derive(Clone, Copy)]
enum Underived {
    Only,
}

phoenix_otel::metrics! {
    /// An owned string.
    static OWNED: Counter { tenant: String } = "acme.owned";
    /// A lifetime of its own.
    static LIFETIME: Counter { tenant: &'static str } = "acme.lifetime";
    /// A number.
    static NUMBER: Counter { status: u16 } = "acme.number";
    /// A flag.
    static FLAG: Counter { cached: bool } = "acme.flag";
    /// A tuple.
    static TUPLE: Counter { both: (u8, u8) } = "acme.tuple";
    /// An enum that is no label.
    static UNDERIVED: Counter { kind: Underived } = "acme.underived";
}

fn main() {
    let _ = (OWNED { tenant: "t" }, UNDERIVED { kind: Underived::Only });
}
