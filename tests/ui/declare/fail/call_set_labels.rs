use phoenix_otel::Label;

#[derive(Clone, Copy, Label)]
enum Source {
    File,
}

#[derive(Clone, Copy, Label)]
enum Outcome {
    Good,
    Bad,
}

phoenix_otel::metrics! {
    /// Without a status.
    static NO_STATUS: Counter = "acme.no_status";
    /// With another status.
    static OTHER_STATUS: Counter { status: Outcome } = "acme.other_status";
    /// With a label that the set lacks.
    static MORE: Histogram { tenant: &str } = "acme.more" { unit: "s", bounds: [1.0] };
    /// With a label of another type.
    static OTHER: UpDownCounter { source: &str } = "acme.other";
    /// Without an error type.
    static NO_TYPE: Counter = "acme.no_type";
    /// With an error type that is an enum.
    static CLOSED: Counter { error_type: Outcome } = "acme.closed";

    /// No status.
    static A: CallSet { source: Source } = { requests: NO_STATUS };
    /// Another status.
    static B: CallSet { source: Source } = { requests: OTHER_STATUS };
    /// A label that is missing.
    static C: CallSet { source: Source } = { duration: MORE };
    /// Another type.
    static D: CallSet { source: Source } = { active: OTHER };
    /// No error type.
    static E: CallSet { source: Source } = { errors: NO_TYPE };
    /// A closed one.
    static F: CallSet { source: Source } = { errors: CLOSED };
}

fn main() {
    let _ = (Source::File, Outcome::Good, Outcome::Bad);
}
