phoenix_otel::metrics! {
    /// Not of numbers with a point.
    static INTEGERS: Histogram = "acme.integers" { unit: "s", bounds: [1, 2] };
}

fn main() {
    let _ = INTEGERS::DEF;
}
