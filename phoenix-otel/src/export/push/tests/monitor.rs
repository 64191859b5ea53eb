//! What a push reports to its monitor: each collection and each export once, however it ends.

use super::*;

const COLLECTED: (Outcome, Option<(usize, usize)>) = (Outcome::Success, None);

#[tokio::test(start_paused = true)]
async fn each_outcome_is_reported_once() {
    for (act, outcome) in [
        (Act::Succeed, Outcome::Success),
        (Act::Fail, Outcome::Failed),
        (Act::GiveUp, Outcome::Timeout),
        (Act::Hang, Outcome::Timeout),
        (Act::Panic, Outcome::Panic),
    ] {
        let monitor = Arc::new(RecordingMonitor::default());
        let pusher = Pusher::start(Fake::new(&[act]), three_points(), PUSH, monitor.clone());
        let _ = pusher.flush_within(Duration::from_secs(5)).delivered().await;
        assert_eq!(*monitor.0.lock().unwrap(), [COLLECTED, (outcome, Some((3, 0)))], "{act:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rejected_points_are_reported() {
    let monitor = Arc::new(RecordingMonitor::default());
    let fake = Fake { rejects: 2, ..Fake::new(&[Act::Succeed]) };
    let pusher = Pusher::start(fake, three_points(), PUSH, monitor.clone());
    let (reason, points) = lost(pusher.flush_within(Duration::from_secs(5)).delivered().await);
    assert_eq!((&*reason, points), ("the receiver rejected some", Some(2)));
    assert_eq!(*monitor.0.lock().unwrap(), [COLLECTED, (Outcome::Success, Some((3, 2)))]);
    assert_eq!(pusher.state.failing().as_deref(), Some("the receiver rejected some"));
}

#[tokio::test(start_paused = true)]
async fn a_push_that_the_shutdown_abandons_is_reported() {
    let monitor = Arc::new(RecordingMonitor::default());
    let pusher = Pusher::start(Fake::new(&[Act::Hang, Act::Succeed]), three_points(), PUSH, monitor.clone());
    pass(70).await;
    assert_eq!(lost(pusher.shutdown(Duration::from_secs(10)).delivered().await).1, Some(3));
    let (given_up, last) = ((Outcome::Abandoned, Some((3, 0))), (Outcome::Success, Some((3, 0))));
    assert_eq!(*monitor.0.lock().unwrap(), [COLLECTED, given_up, COLLECTED, last]);
}

#[tokio::test(start_paused = true)]
async fn a_collection_that_fails_is_reported() {
    let panics: Collect = Arc::new(|| panic!("callback bug"));
    let fails: Collect = Arc::new(|| Err("no pipeline".to_owned()));
    for (collect, outcome) in [(panics, Outcome::Panic), (fails, Outcome::Failed)] {
        let monitor = Arc::new(RecordingMonitor::default());
        let fake = Fake::new(&[Act::Succeed]);
        let pusher = Pusher::start(fake, collect, PUSH, monitor.clone());
        let (_, points) = lost(pusher.flush_within(Duration::from_secs(5)).delivered().await);
        assert_eq!(points, None);
        assert_eq!(*monitor.0.lock().unwrap(), [(outcome, None)]);
    }
}
