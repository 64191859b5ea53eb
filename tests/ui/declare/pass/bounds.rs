//! Bounds as any constant expression: a literal, an array, a slice, a function call.

const SLICE: &[f64] = &[1.0, 2.0];
const ARRAY: [f64; 2] = [1.0, 4.0];
static STATIC: [f64; 2] = [1.0, 8.0];
/// A name that an expansion might use.
const BOUNDS: [f64; 2] = [1.0, 16.0];

const fn powers() -> [f64; 3] {
    let mut bounds = [1.0; 3];
    bounds[1] = bounds[0] * 2.0;
    bounds[2] = bounds[1] * 2.0;
    bounds
}

mod other {
    pub(crate) const CAP: usize = 7;
}

phoenix_otel::metrics! {
    /// By a slice.
    static BY_SLICE: Histogram = "acme.by_slice" { unit: "s", bounds: SLICE };
    /// By an array.
    static BY_ARRAY: Histogram = "acme.by_array" { unit: "s", bounds: ARRAY, cap: other::CAP };
    /// By a constant with such a name.
    static BY_BOUNDS: Histogram = "acme.by_bounds" { unit: "s", bounds: BOUNDS };
    /// By a static.
    static BY_STATIC: Histogram = "acme.by_static" { unit: "s", bounds: STATIC };
    /// By a function.
    static BY_FUNCTION: Histogram = "acme.by_function" { unit: "s", bounds: powers() };
    /// Mixed.
    static MIXED: Histogram = "acme.mixed" { unit: "s", bounds: [-1.0, SLICE[1], 9.0] };
}

fn main() {
    assert_eq!(BY_SLICE::DEF.bounds, [1.0, 2.0]);
    assert_eq!(BY_ARRAY::DEF.bounds, [1.0, 4.0]);
    assert_eq!(BY_ARRAY::DEF.cap, 7);
    assert_eq!(BY_BOUNDS::DEF.bounds, [1.0, 16.0]);
    assert_eq!(BY_STATIC::DEF.bounds, [1.0, 8.0]);
    assert_eq!(BY_FUNCTION::DEF.bounds, [1.0, 2.0, 4.0]);
    assert_eq!(MIXED::DEF.bounds, [-1.0, 2.0, 9.0]);
}
