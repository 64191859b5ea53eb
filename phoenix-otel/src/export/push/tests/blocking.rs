//! Uses real time, because a blocked thread stops a paused clock.

use super::*;
use crate::export::plugin::BackgroundThread;

/// A timeout that only a failing test reaches.
const NEVER: Duration = Duration::from_secs(60);
/// Long enough for everything else before the operation that hangs, on a busy machine too.
const DEADLINE: Duration = Duration::from_secs(3);

#[test]
fn a_collection_that_blocks_delays_nothing_else() {
    let background = BackgroundThread::start().unwrap();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let collect: Collect =
        Arc::new(move || gate.lock().unwrap().recv().map(|()| Arc::default()).map_err(|error| error.to_string()));
    let runner = Runner::Shared(background.handle().clone());
    let pusher = Pusher::on(background.handle(), runner, Fake::new(&[Act::Succeed]), collect, PUSH, Arc::new(()));
    let begun = std::time::Instant::now();
    let (reason, points) = lost(pusher.flush_within(DEADLINE).wait());
    assert!(reason.contains("collection did not complete") && points.is_none(), "{reason}");
    // No second collection starts while the first one runs, and the shutdown is bounded too.
    let caller = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (reason, _) = lost(caller.block_on(async { pusher.shutdown(DEADLINE).wait() }));
    assert!(reason.contains("previous collection is still running"), "{reason}");
    assert!(begun.elapsed() < NEVER, "{:?}", begun.elapsed());
    release.send(()).unwrap();
}

/// An exporter that blocks the shared thread occupies it. The caller still has its timeout.
#[test]
fn an_exporter_that_blocks_the_shared_thread() {
    let background = BackgroundThread::start().unwrap();
    let fake = Fake::new(&[Act::Block(NEVER / 3)]);
    let runner = Runner::Shared(background.handle().clone());
    let pusher = Pusher::on(background.handle(), runner, fake, three_points(), PUSH, Arc::new(()));
    let begun = std::time::Instant::now();
    let (reason, _) = lost(pusher.shutdown(DEADLINE).wait());
    assert!(reason.contains("did not respond"), "{reason}");
    assert!(begun.elapsed() < NEVER / 4, "{:?}", begun.elapsed());
}

/// An exporter on its own thread is supervised: the outcome of its exports is known, and no second export starts while one runs.
#[test]
fn an_exporter_that_blocks_its_own_thread() {
    let background = BackgroundThread::start().unwrap();
    let fake = Fake::new(&[Act::Block(NEVER * 2)]);
    let (exports, shutdowns) = (fake.exports.clone(), fake.shutdowns.clone());
    let monitor = Arc::new(RecordingMonitor::default());
    let runner = Runner::own().unwrap();
    let pusher = Pusher::on(background.handle(), runner, fake, three_points(), PUSH, monitor.clone());
    let begun = std::time::Instant::now();
    let (reason, points) = lost(pusher.flush_within(DEADLINE).wait());
    assert!(reason.contains("the export did not complete within") && points == Some(3), "{reason}");
    let (reason, points) = lost(pusher.shutdown(DEADLINE).wait());
    assert!(reason.contains("has not returned from an earlier call") && points.is_none(), "{reason}");
    assert!(begun.elapsed() < NEVER, "{:?}", begun.elapsed());
    assert_eq!((exports.lock().unwrap().len(), pusher.state.health().consecutive_failures), (1, 2));
    let reported = monitor.0.lock().unwrap().clone();
    assert_eq!(reported, [(Outcome::Success, None), (Outcome::Timeout, Some((3, 0))), (Outcome::Busy, Some((0, 0)))]);
    // It is shut down anyway, because that may unblock it.
    while shutdowns.load(SeqCst) == 0 {
        assert!(begun.elapsed() < NEVER, "it was not shut down");
        std::thread::yield_now();
    }
}

/// An export that hangs without blocking its thread is dropped, and the next one runs.
#[test]
fn an_exporter_that_hangs_on_its_own_thread() {
    let background = BackgroundThread::start().unwrap();
    let runner = Runner::own().unwrap();
    let fake = Fake::new(&[Act::Hang, Act::Panic, Act::Take(Duration::from_millis(1))]);
    let exports = fake.exports.clone();
    let pusher = Pusher::on(background.handle(), runner, fake, three_points(), PUSH, Arc::new(()));
    // On a busy machine the deadline may pass before the export has started.
    let hung = loop {
        let (reason, _) = lost(pusher.flush_within(Duration::from_millis(200)).wait());
        if !exports.lock().unwrap().is_empty() {
            break reason;
        }
    };
    assert!(hung.contains("did not complete within"), "{hung}");
    assert!(lost(pusher.flush_within(NEVER).wait()).0.contains("the export panicked; see"));
    assert_eq!(pusher.flush_within(NEVER).wait(), Ok(()));
    assert_eq!(pusher.shutdown(NEVER).wait(), Ok(()));
}
