//! The breakers of `tower-resilience-circuitbreaker`.

use tower_resilience_circuitbreaker::CircuitState;

use super::{CircuitBreakerMetrics, State};

impl From<CircuitState> for State {
    fn from(state: CircuitState) -> Self {
        match state {
            CircuitState::Closed => Self::Closed,
            CircuitState::Open => Self::Open,
            CircuitState::HalfOpen => Self::HalfOpen,
        }
    }
}

impl CircuitBreakerMetrics {
    /// The callback for `on_state_transition` of a breaker's builder. The breaker calls it under its lock, so changes arrive in order.
    ///
    /// ```
    /// use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
    /// use phoenix_otel::tower_resilience_circuitbreaker::CircuitBreakerLayer;
    ///
    /// let metrics = CircuitBreakerMetrics::new("llm-service");
    /// let layer = CircuitBreakerLayer::builder().on_state_transition(metrics.listener()).build()?;
    /// # Ok::<(), phoenix_otel::tower_resilience_circuitbreaker::CircuitBreakerConfigError>(())
    /// ```
    ///
    /// The layer keeps the metrics alive. These metrics assume a single breaker. A layer from `build` creates a breaker for each service
    /// that it wraps. Build the layer with `build_with_handle` to share one breaker between the services.
    pub fn listener(&self) -> impl Fn(CircuitState, CircuitState) + Send + Sync + 'static {
        let metrics = self.clone();
        move |from, to| metrics.transition(from, to)
    }
}
