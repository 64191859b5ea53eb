//! The open connections, with a limit on their number.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;

use super::Limits;
use super::timed_io::{Phase, Progress};
use crate::lock::lock;

/// The state of each connection, and how to end it.
#[derive(Default)]
pub(super) struct Connections(Mutex<Map>);

type Map = HashMap<u64, (Arc<Progress>, Arc<Notify>)>;

impl Connections {
    pub(super) fn add(&self, id: u64, progress: Arc<Progress>, end: Arc<Notify>) {
        lock(&self.0).insert(id, (progress, end));
    }

    pub(super) fn remove(&self, id: u64) {
        lock(&self.0).remove(&id);
    }

    /// Whether there is room for one more connection. It may end another one to make room. `now` is the time since the listener started.
    pub(super) fn make_room(&self, limits: Limits, now: Duration) -> bool {
        lock(&self.0).len() < limits.connections || self.end_eldest(limits, now)
    }

    /// Ends the connection that has waited for its client the longest: preferably one without a request, otherwise one whose client has
    /// been reading its answer for more than a quarter of the allowed time. Returns whether there was one.
    pub(super) fn end_eldest(&self, limits: Limits, now: Duration) -> bool {
        self.end_first(|answering, waited| !answering || waited > limits.write / 4, now)
    }

    /// Ends the slowest connection whose client is reading its answer.
    pub(super) fn end_slowest_reader(&self, limits: Limits, now: Duration) -> bool {
        self.end_first(|answering, waited| answering && waited > limits.write / 4, now)
    }

    fn end_first(&self, may_end: impl Fn(bool, Duration) -> bool, now: Duration) -> bool {
        let mut connections = lock(&self.0);
        let eldest = connections
            .iter()
            .map(|(id, (progress, _))| (progress.phase() == Phase::Answer, progress.since(), *id))
            .filter(|(answering, since, _)| may_end(*answering, now.saturating_sub(*since)))
            .min();
        let Some((_, end)) = eldest.and_then(|(_, _, id)| connections.remove(&id)) else { return false };
        end.notify_one();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    /// Connections in these phases since these seconds. Ids start at 0.
    fn connections(phases: &[(Phase, u64)]) -> Connections {
        let connections = Connections::default();
        for (id, (phase, since)) in (0..).zip(phases) {
            let progress = Progress::at(*phase, Duration::from_secs(*since));
            connections.add(id, Arc::new(progress), Arc::default());
        }
        connections
    }

    fn ids(connections: &Connections) -> Vec<u64> {
        let mut ids: Vec<u64> = lock(&connections.0).keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    fn limits(connections: usize) -> Limits {
        Limits { connections, write: Duration::from_secs(40), ..Limits::default() }
    }

    #[test]
    fn below_the_limit_no_connection_is_ended() {
        let connections = connections(&[(Phase::Idle, 0), (Phase::Head, 0)]);
        assert!(connections.make_room(limits(3), NOW));
        assert_eq!(ids(&connections), [0, 1]);
    }

    #[test]
    fn at_the_limit_the_connection_that_has_waited_longest_for_a_request_is_ended() {
        let connections = connections(&[(Phase::Answer, 1), (Phase::Idle, 60), (Phase::Head, 50), (Phase::Idle, 99)]);
        assert!(connections.make_room(limits(4), NOW));
        assert_eq!(ids(&connections), [0, 1, 3]);
        assert!(connections.make_room(limits(3), NOW));
        assert_eq!(ids(&connections), [0, 3]);
    }

    #[test]
    fn otherwise_the_slowest_reader_is_ended_but_none_that_reads_in_time() {
        let connections = connections(&[(Phase::Answer, 95), (Phase::Answer, 89), (Phase::Answer, 80)]);
        assert!(connections.make_room(limits(3), NOW));
        assert_eq!(ids(&connections), [0, 1]);
        assert!(connections.make_room(limits(2), NOW));
        assert_eq!(ids(&connections), [0]);
        assert!(!connections.make_room(limits(1), NOW));
        assert_eq!(ids(&connections), [0]);
    }

    #[test]
    fn only_slow_readers_are_ended_to_free_bytes() {
        let connections = connections(&[(Phase::Idle, 0), (Phase::Answer, 10), (Phase::Answer, 95)]);
        assert!(connections.end_slowest_reader(limits(9), NOW));
        assert!(!connections.end_slowest_reader(limits(9), NOW));
        assert_eq!(ids(&connections), [0, 2]);
    }

    #[test]
    fn a_connection_that_is_ended_is_notified() {
        let end = Arc::new(Notify::new());
        let connections = Connections::default();
        connections.add(7, Arc::new(Progress::at(Phase::Idle, Duration::ZERO)), end.clone());
        assert!(connections.end_eldest(limits(9), NOW));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::pin::pin!(end.notified()).poll(&mut context).is_ready());
    }
}
