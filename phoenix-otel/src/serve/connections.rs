//! The open connections, with a limit on their number and on the responses among them.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::Limits;
use super::timed_io::{Phase, Progress};
use crate::lock::lock;
use crate::report::report;

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

    /// Makes room for one more connection: at the limit it ends another one. Returns whether it has ended one. `now` is the time since the listener
    /// started.
    fn make_room(&self, limits: Limits, now: Duration) -> bool {
        lock(&self.open).len() >= limits.connections && self.end_first(limits, now)
    }

    /// Ends the connection of the lowest rank. Returns whether there was one.
    fn end_first(&self, limits: Limits, now: Duration) -> bool {
        self.end_min(&mut lock(&self.open), |progress| rank(progress, limits, now))
    }

    /// Whether a request is accepted. An accepted request enters this phase. To make room, another request may be ended: for a scrape one of the
    /// live page, and for both one whose client has disconnected or is slow. A request that is not accepted is rejected in the phase `Prompt`.
    fn admit(&self, progress: &Progress, phase: Phase, limits: Limits, now: Duration) -> bool {
        let mut open = lock(&self.open);
        let count = |phase| open.values().filter(|(progress, _)| progress.phase() == phase).count();
        let (pages, scrapes) = (count(Phase::Page), count(Phase::Scrape));
        let has_room = pages + scrapes < limits.max_requests();
        let admitted = match phase {
            Phase::Scrape => {
                has_room
                    || self.end_min(&mut open, |other| {
                        matches!(other.phase(), Phase::Page | Phase::Scrape).then(|| rank(other, limits, now)).flatten()
                    })
            }
            Phase::Page => {
                (has_room && pages < limits.max_page_requests())
                    || self.end_min(&mut open, |other| {
                        let is_lost = other.is_abandoned() || is_slow(other, limits, now);
                        (other.phase() == Phase::Page && is_lost).then(|| rank(other, limits, now)).flatten()
                    })
            }
            _ => true,
        };
        progress.enter(if admitted { phase } else { Phase::Prompt });
        admitted
    }

    /// Among the connections whose clients have read nothing for the allowed time, ends the one with the longest response. Returns whether a connection
    /// was ended.
    fn end_stalled(&self, limits: Limits, now: Duration) -> bool {
        self.end_min(&mut lock(&self.open), |progress| {
            is_stalled(progress, limits, now).then(|| (Reverse(progress.held()), progress.moved()))
        })
    }

    /// Ends the connection for which the key is the smallest.
    fn end_min<K: Ord>(&self, open: &mut Map, key: impl Fn(&Progress) -> Option<K>) -> bool {
        let first = open.iter().filter_map(|(id, (progress, _))| Some((key(progress)?, *id))).min();
        let Some((_, end)) = first.and_then(|(_, id)| open.remove(&id)) else { return false };
        self.closing.send_modify(|closing| *closing += 1);
        end.notify_one();
        true
    }
}

/// The rank of a connection. To make room, the one with the lowest rank is ended first. `None` for a scrape whose metrics are being collected, or
/// whose response is read in time: it is never ended. Connections of one kind are ordered by age.
///
/// There are fewer scrapes than connections, so one of all connections always has a rank.
fn rank(progress: &Progress, limits: Limits, now: Duration) -> Option<(u8, Duration)> {
    let kind = match progress.phase() {
        _ if progress.is_abandoned() => 0,
        Phase::Idle | Phase::Head => 1,
        Phase::Page => 2,
        _ if is_slow(progress, limits, now) => 3,
        // Its response is ready at once, so its client does not read.
        Phase::Prompt => 4,
        Phase::Scrape => return None,
    };
    Some((kind, progress.since()))
}

/// Whether the client has read nothing of its response for the allowed time.
fn is_stalled(progress: &Progress, limits: Limits, now: Duration) -> bool {
    progress.held() > 0 && now.saturating_sub(progress.moved()) >= limits.stall
}

/// Whether the client reads nothing, or has been reading for more than a quarter of the allowed time.
fn is_slow(progress: &Progress, limits: Limits, now: Duration) -> bool {
    let is_late = progress.held() > 0 && now.saturating_sub(progress.since()) > limits.write / 4;
    is_late || is_stalled(progress, limits, now)
}

/// An open connection. Dropped when the connection is closed, with all that it held.
pub(super) struct Open {
    connections: Arc<Connections>,
    id: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.connections.closed(self.id);
    }
}

/// The clients of a listener.
#[derive(Clone)]
pub(super) struct Clients {
    pub(super) connections: Arc<Connections>,
    pub(super) limits: Limits,
    /// When the listener started.
    pub(super) epoch: Instant,
}

impl Clients {
    /// Makes room for one more connection. Returns whether it has ended another one.
    pub(super) fn make_room(&self) -> bool {
        self.connections.make_room(self.limits, self.epoch.elapsed())
    }

    /// Ends a connection, if there is one that may be ended.
    pub(super) fn end_first(&self) {
        self.connections.end_first(self.limits, self.epoch.elapsed());
    }

    /// Whether a request is accepted in this phase. Otherwise it is rejected.
    pub(super) fn admit(&self, progress: &Progress, phase: Phase) -> bool {
        let admitted = self.connections.admit(progress, phase, self.limits, self.epoch.elapsed());
        if !admitted {
            report!(WARN, {}, "the scrape endpoint rejected a request: too many requests wait for their responses");
        }
        admitted
    }

    /// Ends a client that reads nothing, and waits until what it held is freed. Returns `false` if all clients read.
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
        assert!(!connections.make_room(limits(3), NOW));
        assert_eq!(ids(&connections), [0, 1]);
    }

    #[test]
    fn at_the_limit_the_connection_that_has_waited_longest_for_a_request_is_ended() {
        let connections = connections(&[(Phase::Scrape, 1), (Phase::Idle, 60), (Phase::Head, 50), (Phase::Idle, 99)]);
        assert!(connections.make_room(limits(4), NOW));
        assert_eq!(ids(&connections), [0, 1, 3]);
        assert!(connections.make_room(limits(3), NOW));
        assert_eq!(ids(&connections), [0, 3]);
    }

    #[test]
    fn then_pages_and_slow_readers_are_ended_but_no_scrape_that_waits() {
        let phases = [Phase::Scrape, Phase::Prompt, Phase::Scrape, Phase::Page, Phase::Page, Phase::Scrape];
        let connections = connections(&phases.map(|phase| (phase, 80)));
        // The client of 2 reads for 20 s of 40, that of 0 waits for its response, and that of 5 has disconnected.
        lock(&connections.open)[&2].0.set(10, NOW);
        lock(&connections.open)[&4].0.set(10, Duration::from_secs(1));
        lock(&connections.open)[&5].0.close();
        let mut ended = Vec::new();
        for count in (1..=6).rev() {
            let before = ids(&connections);
            connections.make_room(limits(count), NOW);
            ended.extend(before.into_iter().filter(|id| !ids(&connections).contains(id)));
        }
        assert_eq!(ended, [5, 3, 4, 2, 1]);
    }

    #[test]
    fn a_part_of_the_connections_is_kept_back_for_health_and_a_part_for_scrapes() {
        let limits = limits(16);
        assert_eq!((limits.max_requests(), limits.max_page_requests()), (14, 4));
        let connections = connections(&[(Phase::Head, 0); 16]);
        let admit = |id: u64, phase| {
            let progress = lock(&connections.open)[&id].0.clone();
            let admitted = connections.admit(&progress, phase, limits, NOW);
            assert_eq!(progress.phase(), if admitted { phase } else { Phase::Prompt });
            admitted
        };
        assert_eq!([0, 1, 2, 3, 4].map(|id| admit(id, Phase::Page)), [true, true, true, true, false]);
        assert!((5..15).all(|id| admit(id, Phase::Scrape)));
        assert_eq!(ids(&connections).len(), 16);
        assert!(admit(15, Phase::Scrape), "it takes the place of a page");
        assert_eq!(ids(&connections).iter().filter(|id| **id < 4).count(), 3);
        assert!(admit(4, Phase::Prompt));
    }

    #[test]
    fn a_request_takes_the_place_of_one_whose_client_has_gone() {
        for phase in [Phase::Page, Phase::Scrape] {
            let connections = connections(&[(phase, 1), (phase, 2), (Phase::Head, 3)]);
            let limits = limits(3);
            let progress = lock(&connections.open)[&2].0.clone();
            assert!(!connections.admit(&progress, phase, limits, NOW), "{phase:?}");
            lock(&connections.open)[&1].0.close();
            assert!(connections.admit(&progress, phase, limits, NOW), "{phase:?}");
            assert_eq!(ids(&connections), [0, 2], "{phase:?}");
        }
    }

    #[test]
    fn to_free_bytes_the_reader_that_holds_most_is_ended_if_it_reads_nothing() {
        let limits = Limits { stall: Duration::from_secs(5), ..limits(9) };
        let connections = connections(&[(Phase::Idle, 0), (Phase::Scrape, 0), (Phase::Scrape, 0), (Phase::Scrape, 0)]);
        // The first two of the readers read nothing for 10 s, and the last one has just read something. One waits for its response.
        for (id, held, moved) in [(1, 10, 90), (2, 20, 90), (3, 30, 96)] {
            lock(&connections.open)[&id].0.set(held, Duration::from_secs(moved));
        }
        connections.add(4, Arc::new(Progress::at(Phase::Scrape, Duration::ZERO)), Arc::default());
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
        assert!(connections.end_first(limits(9), NOW));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::pin::pin!(end.notified()).poll(&mut context).is_ready());
    }
}
