//! The open connections, with a limit on their number.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::Limits;
use super::timed_io::{Phase, Progress};
use crate::lock::lock;

/// The state of each connection, and how to end it.
#[derive(Default)]
pub(super) struct Connections {
    open: Mutex<Map>,
    /// The number of connections that were ended and have not closed yet.
    closing: watch::Sender<usize>,
}

type Map = HashMap<u64, (Arc<Progress>, Arc<Notify>)>;

impl Connections {
    fn add(&self, id: u64, progress: Arc<Progress>, end: Arc<Notify>) {
        lock(&self.open).insert(id, (progress, end));
    }

    /// Adds a connection until the guard is dropped.
    pub(super) fn open(self: &Arc<Self>, id: u64, progress: Arc<Progress>, end: Arc<Notify>) -> Open {
        self.add(id, progress, end);
        Open { connections: self.clone(), id }
    }

    fn closed(&self, id: u64) {
        if lock(&self.open).remove(&id).is_none() {
            self.closing.send_modify(|closing| *closing -= 1);
        }
    }

    /// Whether another connection is allowed. Closes an existing connection to make room if possible. `now` is the time since the listener started.
    pub(super) fn make_room(&self, limits: Limits, now: Duration) -> bool {
        lock(&self.open).len() < limits.connections || self.end_eldest(limits, now)
    }

    /// Ends the connection that has waited longest for its client: preferably one without a request, otherwise one whose client has been reading its
    /// answer for more than a quarter of the allowed time, or has read nothing of it for `stall`. Returns whether a connection was ended.
    pub(super) fn end_eldest(&self, limits: Limits, now: Duration) -> bool {
        self.end_first(|progress| {
            let (answering, since) = (progress.phase() == Phase::Answer, progress.since());
            let may_end =
                !answering || is_stalled(progress, limits, now) || now.saturating_sub(since) > limits.write / 4;
            may_end.then_some((answering, since))
        })
    }

    /// Among the connections whose clients have read nothing for the allowed time, ends the one with the longest answer. Returns whether a connection
    /// was ended.
    fn end_stalled(&self, limits: Limits, now: Duration) -> bool {
        self.end_first(|progress| {
            is_stalled(progress, limits, now).then(|| (Reverse(progress.held()), progress.moved()))
        })
    }

    /// Ends the connection for which the key is the smallest.
    fn end_first<K: Ord>(&self, key: impl Fn(&Progress) -> Option<K>) -> bool {
        let mut open = lock(&self.open);
        let first = open.iter().filter_map(|(id, (progress, _))| Some((key(progress)?, *id))).min();
        let Some((_, end)) = first.and_then(|(_, id)| open.remove(&id)) else { return false };
        self.closing.send_modify(|closing| *closing += 1);
        end.notify_one();
        true
    }
}

/// Whether the client has read nothing of its answer for the allowed time.
fn is_stalled(progress: &Progress, limits: Limits, now: Duration) -> bool {
    progress.held() > 0 && now.saturating_sub(progress.moved()) >= limits.stall
}

/// An open connection. Dropped when the connection is closed and its answer is freed.
pub(super) struct Open {
    connections: Arc<Connections>,
    id: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.connections.closed(self.id);
    }
}

/// The clients of a listener that read answers.
#[derive(Clone)]
pub(super) struct Readers {
    pub(super) connections: Arc<Connections>,
    pub(super) limits: Limits,
    /// When the listener started.
    pub(super) epoch: Instant,
}

impl Readers {
    /// Disconnects a client that reads nothing, and waits until its answer is freed. Returns `false` if all clients read their answers.
    pub(super) async fn end_one(&self) -> bool {
        let mut closing = self.connections.closing.subscribe();
        if *closing.borrow() == 0 && !self.connections.end_stalled(self.limits, self.epoch.elapsed()) {
            return false;
        }
        let before = *closing.borrow_and_update();
        // The sender lives as long as `self`.
        let _ = closing.wait_for(|closing| *closing < before || *closing == 0).await;
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
        let mut ids: Vec<u64> = lock(&connections.open).keys().copied().collect();
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
    fn to_free_bytes_the_reader_that_holds_most_is_ended_if_it_reads_nothing() {
        let limits = Limits { stall: Duration::from_secs(5), ..limits(9) };
        let connections = connections(&[(Phase::Idle, 0), (Phase::Answer, 0), (Phase::Answer, 0), (Phase::Answer, 0)]);
        // The first two of the readers read nothing for 10 s, and the last one has just read something. One waits for its answer.
        for (id, held, moved) in [(1, 10, 90), (2, 20, 90), (3, 30, 96)] {
            lock(&connections.open)[&id].0.set(held, Duration::from_secs(moved));
        }
        connections.add(4, Arc::new(Progress::at(Phase::Answer, Duration::ZERO)), Arc::default());
        assert!(connections.end_stalled(limits, NOW));
        assert_eq!(ids(&connections), [0, 1, 3, 4]);
        assert!(connections.end_stalled(limits, NOW));
        assert_eq!(ids(&connections), [0, 3, 4]);
        assert!(!connections.end_stalled(limits, NOW));
        assert_eq!(*connections.closing.borrow(), 2);
        connections.closed(2);
        assert_eq!(*connections.closing.borrow(), 1);
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
