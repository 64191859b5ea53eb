phoenix_otel::metrics! {
    /// Without bounds.
    static MISSING: Histogram = "acme.missing" { unit: "s" };
    /// With none.
    static EMPTY: Histogram = "acme.empty" { unit: "s", bounds: [] };
    /// Out of order.
    static ORDER: Histogram = "acme.order" { unit: "s", bounds: [0.1, 1.0, 0.5, 2.0] };
    /// Not of numbers with a point.
    static INTEGERS: Histogram = "acme.integers" { unit: "s", bounds: [1, 2] };
}

fn main() {
    let _ = (MISSING::DEF, EMPTY::DEF, ORDER::DEF, INTEGERS::DEF);
}
