phoenix_otel::metrics! {
    /// Without bounds.
    static MISSING: Histogram = "acme.missing" { unit: "s" };
}

fn main() {
    let _ = MISSING::DEF;
}
