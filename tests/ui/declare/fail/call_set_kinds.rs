phoenix_otel::metrics! {
    /// A counter.
    static COUNTER: Counter = "acme.counter";
    /// A histogram of sizes.
    static SIZES: Histogram = "acme.sizes" { unit: "By", bounds: [1.0] };
    /// A gauge.
    static GAUGE: Gauge = "acme.gauge";

    /// Wrong for requests.
    static A: CallSet = { requests: GAUGE };
    /// Wrong for duration.
    static B: CallSet = { duration: COUNTER };
    /// In a wrong unit.
    static C: CallSet = { duration: SIZES };
    /// Wrong for errors.
    static D: CallSet = { errors: GAUGE };
    /// Wrong for what is in flight.
    static E: CallSet = { active: COUNTER };
    /// A set is no metric.
    static F: CallSet = { active: A };
    /// Nowhere.
    static G: CallSet = { active: NOWHERE };
}

fn main() {}
