phoenix_otel::metrics! {
    /// Requests.
    static REQUESTS: Counter { status: phoenix_otel::Status } = "acme.requests";

    /// With a name.
    static A: CallSet = "acme.a";
    /// A counter that lists metrics.
    static B: Counter = { requests: REQUESTS };
    /// Without metrics.
    static C: CallSet = {};
    /// A key that is unknown.
    static D: CallSet = { request: REQUESTS };
    /// A key twice.
    static E: CallSet = { requests: REQUESTS, requests: REQUESTS };
    /// No path.
    static F: CallSet = { requests: "acme.requests" };
    /// A label that the call cannot give.
    static G: CallSet { status: phoenix_otel::Status, error_type: &str } = { requests: REQUESTS };
}

fn main() {}
