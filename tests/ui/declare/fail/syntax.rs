phoenix_otel::metrics! {
    /// Not a static.
    pub const A: Counter = "acme.a";
    /// Mutable.
    static mut B: Counter = "acme.b";
    /// Without a name.
    static C: Counter { tenant: &str };
    /// A name that is not written out.
    static D: Counter = NAME;
    /// A label without a type.
    static E: Counter { tenant } = "acme.e";
    /// An option without a value.
    static F: Counter = "acme.f" { cap };
    /// More than there should be.
    static G: Counter = "acme.g" { cap: 1 } { cap: 2 };
    /// This one is right, and can be used.
    static H: Counter = "acme.h";
    /// Without an end.
    static I: Counter = "acme.i"
}

fn main() {
    let _ = H::DEF;
}
