use phoenix_otel::{Domain, metrics};

const SHIPPING: Domain = Domain::new("shipping");
const TEXT: &str = "shipping";

metrics! {
    domain = SHIPPING;
    domain = SHIPPING;

    /// In a domain that is named twice.
    static A: Counter = "acme.a";
}

metrics! {
    domain = "shipping";

    /// In no domain.
    static B: Counter = "acme.b";
}

metrics! {
    subsystem = SHIPPING;

    /// With an option that there is not.
    static C: Counter = "acme.c";
}

metrics! {
    /// Before the domain.
    static D: Counter = "acme.d";

    domain = SHIPPING;
}

metrics! {
    domain = TEXT;

    /// In something that is no domain.
    static E: Counter = "acme.e";
    /// Another one.
    static F: Counter = "acme.f";
}

fn main() {
    let _ = (A::DEF, B::DEF, C::DEF, D::DEF, E::DEF, F::DEF);
}
