phoenix_otel::metrics! {
    /// A bucket's label.
    static BUCKETS: Counter { le: &str } = "acme.buckets";
    /// Prometheus' own.
    static TARGET: Counter { job: &str, instance: &str } = "acme.target";
    /// Underscores.
    static NAME: Counter { __name__: &str } = "acme.name";
    /// The scope's.
    static SCOPE: Counter { otel_scope_name: &str } = "acme.scope";
    /// No field.
    static FIELD: Counter { self: &str } = "acme.field";
    /// A name that is empty.
    static EMPTY: Counter { #[label("")] empty: &str } = "acme.empty";
}

fn main() {}
