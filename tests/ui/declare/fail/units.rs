phoenix_otel::metrics! {
    /// The unit again in the name.
    static NAME: Histogram = "acme.duration.seconds" { unit: "s", bounds: [1.0] };
    /// No base unit.
    static BASE: Gauge = "acme.age" { unit: "ms" };
    /// Unknown.
    static UNKNOWN: Counter = "acme.cost" { unit: "USD" };
    /// A ratio that is none.
    static RATIO: Counter = "acme.orders" { unit: "1" };
    /// What the SDK refuses.
    static ASCII: Gauge = "acme.warmth" { unit: "°C" };
    /// What the SDK refuses, too.
    static LONG: Gauge = "acme.level" { unit: "{an_annotation_that_goes_on_for_more_than_sixty_three_characters}" };
}

fn main() {}
