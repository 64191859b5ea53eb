const FALLING: [f64; 3] = [0.1, 1.0, 0.5];

phoenix_otel::metrics! {
    /// With none.
    static EMPTY: Histogram = "acme.empty" { unit: "s", bounds: [] };
    /// Out of order.
    static ORDER: Histogram = "acme.order" { unit: "s", bounds: [0.1, 1.0, 0.5, 2.0] };
    /// Out of order, in a constant.
    static CONSTANT: Histogram = "acme.constant" { unit: "s", bounds: FALLING };
    /// Twice.
    static TWICE: Histogram = "acme.twice" { unit: "s", bounds: [1.0, 1.0] };
    /// Without an end.
    static INFINITE: Histogram = "acme.infinite" { unit: "s", bounds: [1.0, f64::INFINITY] };
    /// Not a number.
    static NAN: Histogram = "acme.nan" { unit: "s", bounds: [f64::NAN] };
}

fn main() {}
