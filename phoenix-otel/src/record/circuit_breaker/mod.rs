//! Metrics of circuit breakers of any library: the state, and the number of transitions between states.
//!
//! Report each change to [`CircuitBreakerMetrics`], from a hook of the breaker or directly:
//!
//! ```
//! use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
//!
//! let breaker = CircuitBreakerMetrics::new("llm-service");
//! breaker.set_state(State::Open);
//! ```
//!
//! After this call `phoenix_circuit_breaker_state{service="llm-service"}` is 1, and one transition from `closed` to `open` is counted.
//! Breakers of `tower-resilience-circuitbreaker` need one line: see `CircuitBreakerMetrics::listener`, which the feature
//! `tower-resilience-circuitbreaker` adds.

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

/// All states, by their [`index`](Label::index). The gauge has this index as its value.
const STATES: [State; 3] = [State::Closed, State::Open, State::HalfOpen];

/// The metrics of one circuit breaker, or of several that protect one dependency and change together.
///
/// It can be created before [`init`](crate::init()), and a second `init` exports it with its current values. Its series exist until
/// the last clone is dropped. At first the state is `closed` and all transitions are 0. If two values are created for one
/// dependency, they write the same series, and only one of them is exported. Clone the first value, or use different names.
#[derive(Clone)]
#[must_use = "its series end when it is dropped; keep it as long as the breaker"]
pub struct CircuitBreakerMetrics {
    breaker: Arc<Breaker>,
    observations: Vec<Arc<Observation>>,
}

/// The state of a breaker. Changes are rare and collections periodic, so observable instruments read it.
struct Breaker {
    service: Box<str>,
    state: AtomicU8,
    /// The count of transitions from one state to another, by the indices of the states.
    transitions: [[AtomicU64; STATES.len()]; STATES.len()],
}

impl CircuitBreakerMetrics {
    /// Creates the metrics of a breaker whose current state is closed. `service` is the name of the dependency that the breaker protects.
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

    /// Keeps an observation until these metrics are dropped. Use it to export the breaker's state in a metric of your own, too.
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

    /// Sets the state and counts the transition from the previous one. If the state is the same, it counts nothing.
    pub fn set_state(&self, to: impl Into<State>) {
        let to = to.into();
        let from = self.breaker.state.swap(to.index() as u8, Ordering::AcqRel);
        self.breaker.count(usize::from(from), to.index());
    }

    /// Counts a transition from one state to another and sets the state. Use it for a hook that receives both states.
    ///
    /// Each reported transition is counted, even if a breaker calls its hook without its own lock and two changes arrive in the wrong
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

    /// The count of transitions for each pair of different states.
    pub fn transitions(&self) -> impl Iterator<Item = (State, State, u64)> {
        self.breaker.transitions()
    }

    /// The state that was reported last.
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

    /// Every possible transition with its count.
    fn transitions(&self) -> impl Iterator<Item = (State, State, u64)> {
        let pairs = STATES.into_iter().flat_map(|from| STATES.into_iter().map(move |to| (from, to)));
        pairs.filter(|(from, to)| from != to).map(|(from, to)| {
            let count = self.transitions[from.index()][to.index()].load(Ordering::Relaxed);
            (from, to, count)
        })
    }
}
