//! A priority queue for the models: highest priority first, then first come, first served.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use phoenix_otel::platform::llm::{Priority, QUEUE_DEPTH};
use tokio::sync::oneshot;

/// The most waiting requests. Further ones are rejected.
const LONGEST: usize = 256;

/// The queue of a few models that work in parallel.
#[derive(Clone)]
pub(crate) struct Queue(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// By priority, then by arrival.
    waiting: BTreeMap<(Reverse<Priority>, u64), oneshot::Sender<Turn>>,
    arrived: u64,
}

/// A permit to use a model. On drop it passes to the next request.
pub(crate) struct Turn(Queue);

/// The queue is full.
#[derive(Debug)]
pub(crate) struct Full;

impl Queue {
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(State { free: at_once, waiting: BTreeMap::new(), arrived: 0 })))
    }

    /// Waits for a permit.
    pub(crate) async fn turn(&self, priority: Priority) -> Result<Turn, Full> {
        let called = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Turn(self.clone()));
            }
            if state.waiting.len() >= LONGEST {
                return Err(Full);
            }
            let (call, called) = oneshot::channel();
            let arrived = state.arrived;
            state.arrived += 1;
            state.waiting.insert((Reverse(priority), arrived), call);
            called
        };
        let _waits = QUEUE_DEPTH.increment_guard(QUEUE_DEPTH { priority });
        called.await.map_err(|_| Full)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut state = self.0.state();
            let next = state.waiting.pop_first();
            if next.is_none() {
                state.free += 1;
            }
            next
        };
        if let Some((_, call)) = next {
            // If the receiver is gone, the permit is dropped here and passes to the next request.
            drop(call.send(Turn(self.0.clone())));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    /// Polls the waiting futures in order, since the first poll sets the place in the queue.
    #[tokio::test]
    async fn the_most_urgent_comes_first_and_who_left_is_passed_over() {
        let queue = Queue::new(1);
        let turn = queue.turn(Priority::Normal).await.unwrap();
        let mut waiting: Vec<_> = [Priority::Low, Priority::Normal, Priority::High, Priority::High]
            .map(|priority| Box::pin(queue.turn(priority)))
            .into();
        for one in &mut waiting {
            assert!(std::future::poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx).is_pending())).await);
        }
        drop(waiting.remove(2));
        drop(turn);
        // Still waiting: low, normal, high.
        let turn = waiting.remove(2).await.unwrap();
        drop(turn);
        let turn = waiting.remove(1).await.unwrap();
        drop(turn);
        drop(waiting.remove(0).await.unwrap());
        assert_eq!(queue.state().free, 1);
    }

    #[tokio::test]
    async fn a_turn_that_nobody_takes_passes_on() {
        let queue = Queue::new(1);
        let turn = queue.turn(Priority::Normal).await.unwrap();
        let mut called = Box::pin(queue.turn(Priority::High));
        assert!(std::future::poll_fn(|cx| Poll::Ready(called.as_mut().poll(cx).is_pending())).await);
        drop(turn);
        // It has its permit, and is dropped before it is polled.
        drop(called);
        assert_eq!(queue.state().free, 1);
    }
}
