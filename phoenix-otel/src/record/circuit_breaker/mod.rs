//! Circuit breakers, whoever makes them: their state, how it changes, and how often they trip.
//!
//! [`CircuitBreakerMetrics`] is told of each change, by a hook of the breaker or by hand:
//!
//! ```
//! use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
//!
//! let breaker = CircuitBreakerMetrics::new("llm-service");
//! breaker.changed(State::Open);
//! ```
//!
//! From then on `phoenix_circuit_breaker_state{service="llm-service"}` is 1, and the transition from `closed` to `open` has been counted once.
//! The breakers of `tower-resilience-circuitbreaker` need one line; see `CircuitBreakerMetrics::listener`, of the feature of that name.

#[cfg(feature = "tower-resilience-circuitbreaker")]
mod tower_resilience;

use std::array::from_fn;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use crate::catalog::Label;
pub use crate::catalog::circuit_breaker::state::State;
use crate::catalog::circuit_breaker::{STATE, TRANSITIONS};
use crate::instrument::Observation;

/// All states, by their [`index`](Label::index), which is the value of the gauge.
const STATES: [State; 3] = [State::Closed, State::Open, State::HalfOpen];

/// What is measured of one circuit breaker, or of several that guard one dependency together and change together.
///
/// It may be made before [`init`](crate::init()), and survives another one. Its series exist from the start, the transitions at 0 and the
/// state closed, and end when the last clone is dropped. Two that are made for one dependency would write the same series, and one of them
/// would be seen: clone the first, or name them apart.
#[derive(Clone)]
#[must_use = "its series end when it is dropped; keep it beside the breaker"]
pub struct CircuitBreakerMetrics {
    breaker: Arc<Breaker>,
    observations: Vec<Arc<Observation>>,
}

/// What is known of a breaker. Changes are rare, and metrics are collected now and then, so the instruments ask.
struct Breaker {
    service: Box<str>,
    state: AtomicU8,
    /// How often it went from one state to another, by their indices.
    transitions: [[AtomicU64; STATES.len()]; STATES.len()],
}

impl CircuitBreakerMetrics {
    /// The metrics of the breaker before a dependency, which is closed now. `service` names the dependency.
    pub fn new(service: impl Into<String>) -> Self {
        let transitions = from_fn(|_| from_fn(|_| AtomicU64::new(0)));
        let state = AtomicU8::new(State::Closed.index() as u8);
        let breaker = Arc::new(Breaker { service: service.into().into(), state, transitions });
        let (of_state, of_transitions) = (breaker.clone(), breaker.clone());
        let observations = vec![
            STATE.observe(move |observer| observer.observe(of_state.position(), STATE { service: &of_state.service })),
            TRANSITIONS.observe(move |observer| {
                let service = &*of_transitions.service;
                for (from_state, to_state, count) in of_transitions.transitions() {
                    observer.observe(count as f64, TRANSITIONS { service, from_state, to_state });
                }
            }),
        ];
        Self { breaker, observations: observations.into_iter().map(Arc::new).collect() }
    }

    /// Keeps an observation for as long as the breaker's metrics: that of a metric of one's own, in which the breaker is shown, too.
    ///
    /// ```
    /// use phoenix_otel::Label;
    /// use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
    ///
    /// phoenix_otel::metrics! {
    ///     /// The state of the breaker before a warehouse: 0 closed, 1 open, 2 half-open.
    ///     static WAREHOUSE_BREAKER: ObservableGauge { warehouse: &str } = "acme.warehouse.breaker";
    /// }
    ///
    /// let breaker = CircuitBreakerMetrics::new("north");
    /// let shown = breaker.clone();
    /// let breaker = breaker.with_observation(WAREHOUSE_BREAKER.observe(move |state| {
    ///     state.observe(shown.state().index() as f64, WAREHOUSE_BREAKER { warehouse: shown.service() });
    /// }));
    /// ```
    pub fn with_observation(mut self, observation: Observation) -> Self {
        self.observations.push(Arc::new(observation));
        self
    }

    /// The breaker is in this state from now on. What it was before is known; where it was the same, nothing has changed.
    pub fn changed(&self, to: impl Into<State>) {
        let to = to.into();
        let from = self.breaker.state.swap(to.index() as u8, Ordering::AcqRel);
        self.breaker.count(usize::from(from), to.index());
    }

    /// The breaker went from one state to another, as it says itself: for a hook that is told both.
    ///
    /// Each transition is counted as it is told, even where a breaker calls its hook outside its own lock and two changes arrive in the wrong
    /// order. The state is that of the last call.
    pub fn transition(&self, from: impl Into<State>, to: impl Into<State>) {
        let (from, to) = (from.into(), to.into());
        self.breaker.state.store(to.index() as u8, Ordering::Release);
        self.breaker.count(from.index(), to.index());
    }

    /// The dependency that the breaker protects.
    pub fn service(&self) -> &str {
        &self.breaker.service
    }

    /// How often the breaker went from one state to another, for each pair of different states.
    pub fn transitions(&self) -> impl Iterator<Item = (State, State, u64)> {
        self.breaker.transitions()
    }

    /// The state that the breaker is in, as far as was told.
    pub fn state(&self) -> State {
        STATES[usize::from(self.breaker.state.load(Ordering::Acquire))]
    }
}

impl fmt::Debug for CircuitBreakerMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { breaker, .. } = self;
        f.debug_struct("CircuitBreakerMetrics")
            .field("service", &breaker.service)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

impl Breaker {
    fn position(&self) -> f64 {
        f64::from(self.state.load(Ordering::Acquire))
    }

    fn count(&self, from: usize, to: usize) {
        if from != to {
            self.transitions[from][to].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every transition that there is, with how often it happened.
    fn transitions(&self) -> impl Iterator<Item = (State, State, u64)> {
        let pairs = STATES.into_iter().flat_map(|from| STATES.into_iter().map(move |to| (from, to)));
        pairs.filter(|(from, to)| from != to).map(|(from, to)| {
            let count = self.transitions[from.index()][to.index()].load(Ordering::Relaxed);
            (from, to, count)
        })
    }
}
