//! In real time, as a thread that blocks stops a paused clock.

use super::*;
use crate::export::seam::Background;

/// What only a failure takes.
const NEVER: Duration = Duration::from_secs(60);
/// A deadline that is met by what hangs, and that all else on the way to it has time for, on a busy machine, too.
const DEADLINE: Duration = Duration::from_secs(3);

#[test]
fn a_collection_that_blocks_holds_nothing_up() {
    let background = Background::start().unwrap();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let collect: Collect =
        Arc::new(move || gate.lock().unwrap().recv().map(|()| Arc::default()).map_err(|error| error.to_string()));
    let place = Place::Shared(background.handle().clone());
    let pusher = Pusher::on(background.handle(), place, Fake::new(&[Act::Succeed]), collect, PUSH, Arc::new(()));
    let begun = std::time::Instant::now();
    let (reason, points) = lost(pusher.flush_within(DEADLINE).wait());
    assert!(reason.contains("collection did not end") && points.is_none(), "{reason}");
    // No second collection begins beside the first, and the end is as bounded.
    let caller = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (reason, _) = lost(caller.block_on(async { pusher.shutdown(DEADLINE).wait() }));
    assert!(reason.contains("last collection has not ended"), "{reason}");
    assert!(begun.elapsed() < NEVER, "{:?}", begun.elapsed());
    release.send(()).unwrap();
}

/// An exporter on the thread of all that never block, and does, has that thread; the caller still has the deadline.
#[test]
fn an_exporter_that_blocks_the_shared_thread() {
    let background = Background::start().unwrap();
    let fake = Fake::new(&[Act::Block(NEVER / 3)]);
    let place = Place::Shared(background.handle().clone());
    let pusher = Pusher::on(background.handle(), place, fake, three_points(), PUSH, Arc::new(()));
    let begun = std::time::Instant::now();
    let (reason, _) = lost(pusher.shutdown(DEADLINE).wait());
    assert!(reason.contains("did not answer"), "{reason}");
    assert!(begun.elapsed() < NEVER / 4, "{:?}", begun.elapsed());
}

/// One on a thread of its own is supervised: what became of its exports is known, and no second one begins beside the first.
#[test]
fn an_exporter_that_blocks_its_own_thread() {
    let background = Background::start().unwrap();
    let fake = Fake::new(&[Act::Block(NEVER * 2)]);
    let (exports, shutdowns) = (fake.exports.clone(), fake.shutdowns.clone());
    let watched = Arc::new(Watched::default());
    let place = Place::own().unwrap();
    let pusher = Pusher::on(background.handle(), place, fake, three_points(), PUSH, watched.clone());
    let begun = std::time::Instant::now();
    let (reason, points) = lost(pusher.flush_within(DEADLINE).wait());
    assert!(reason.contains("the export did not end within") && points == Some(3), "{reason}");
    let (reason, points) = lost(pusher.shutdown(DEADLINE).wait());
    assert!(reason.contains("has not returned from an earlier call") && points.is_none(), "{reason}");
    assert!(begun.elapsed() < NEVER, "{:?}", begun.elapsed());
    assert_eq!((exports.lock().unwrap().len(), pusher.state.health().consecutive_failures), (1, 2));
    let told = watched.0.lock().unwrap().clone();
    assert_eq!(told, [(Outcome::Success, None), (Outcome::Timeout, Some((3, 0))), (Outcome::Busy, Some((0, 0)))]);
    // It was told to shut down all the same, which might have freed it.
    while shutdowns.load(SeqCst) == 0 {
        assert!(begun.elapsed() < NEVER, "it was not told");
        std::thread::yield_now();
    }
}

/// An export that waits for ever without blocking is dropped, and the next one gets its turn.
#[test]
fn an_exporter_that_hangs_on_its_own_thread() {
    let background = Background::start().unwrap();
    let place = Place::own().unwrap();
    let fake = Fake::new(&[Act::Hang, Act::Panic, Act::Take(Duration::from_millis(1))]);
    let exports = fake.exports.clone();
    let pusher = Pusher::on(background.handle(), place, fake, three_points(), PUSH, Arc::new(()));
    // On a busy machine the time may be over before the export has begun.
    let hung = loop {
        let (reason, _) = lost(pusher.flush_within(Duration::from_millis(200)).wait());
        if !exports.lock().unwrap().is_empty() {
            break reason;
        }
    };
    assert!(hung.contains("did not end within"), "{hung}");
    assert!(lost(pusher.flush_within(NEVER).wait()).0.contains("exporter bug"));
    assert_eq!(pusher.flush_within(NEVER).wait(), Ok(()));
    assert_eq!(pusher.shutdown(NEVER).wait(), Ok(()));
}
