//! The metrics of circuit breakers.

pub(crate) use state::State;

pub(crate) mod state {
    /// The state of a circuit breaker. The value of the gauge is its index: 0, 1 or 2.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, phoenix_otel_macros::Label)]
    pub enum State {
        /// The breaker allows calls.
        Closed,
        /// The breaker rejects calls.
        Open,
        /// The breaker allows a few calls, to test whether they succeed.
        HalfOpen,
    }
}

phoenix_otel_macros::metrics! {
    /// The breaker's state, by the dependency that it protects: 0 closed, 1 open, 2 half-open.
    pub static STATE: ObservableGauge { service: &str } = "phoenix.circuit_breaker.state" { cap: 200 };

    /// Changes of the breaker's state, by the dependency that it protects.
    pub static TRANSITIONS: ObservableCounter { service: &str, from_state: State, to_state: State } = "phoenix.circuit_breaker.transitions" {
        unit: "{transition}",
        cap: 1800
    };
}
