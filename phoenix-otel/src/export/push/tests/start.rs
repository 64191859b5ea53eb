//! The push at the start: only with cumulative temporality, and it delays nothing.

use super::*;
use crate::export::plugin;

fn totals(acts: &[Act]) -> Fake {
    Fake { temporality: Temporality::Cumulative, ..Fake::new(acts) }
}

#[tokio::test(start_paused = true)]
async fn totals_are_pushed_at_once_and_deltas_after_the_interval() {
    for (temporality, expected) in [
        (Temporality::Cumulative, &[0, 60, 120][..]),
        (Temporality::Delta, &[60, 120]),
        (Temporality::LowMemory, &[60, 120]),
    ] {
        let fake = Fake { temporality, ..Fake::new(&[Act::Succeed]) };
        let (exports, begun) = (fake.exports.clone(), Instant::now());
        let _pusher = start(fake, three_points());
        pass(125).await;
        let times: Vec<u64> = exports.lock().unwrap().iter().map(|time| (*time - begun).as_secs()).collect();
        assert_eq!(times, expected, "{temporality:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_times_out_and_is_retried_soon() {
    let fake = totals(&[Act::Hang, Act::Succeed]);
    let (exports, begun) = (fake.exports.clone(), Instant::now());
    let pusher = start(fake, three_points());
    tokio::time::sleep(Duration::from_millis(30_500)).await;
    assert_eq!(pusher.state.health().consecutive_failures, 1);
    pass(35).await;
    assert_eq!(pusher.state.health().consecutive_failures, 0);
    let times: Vec<u64> = exports.lock().unwrap().iter().map(|time| (*time - begun).as_secs()).collect();
    assert_eq!(times, [0, 31, 60]);
}

/// A backend that starts later receives the zeros soon. After the first success, and always with delta temporality, a failure waits for the
/// interval.
#[tokio::test(start_paused = true)]
async fn until_one_succeeds_retries_have_a_backoff() {
    use Act::{Fail, Succeed};
    for (temporality, acts, expected) in [
        (Temporality::Cumulative, &[Fail, Fail, Fail, Succeed, Fail, Succeed][..], &[0, 1, 3, 7, 60, 120][..]),
        // The backoff is never longer than the interval.
        (Temporality::Cumulative, &[Fail], &[0, 1, 3, 7, 15, 31, 60, 120]),
        (Temporality::Delta, &[Fail], &[60, 120]),
    ] {
        let fake = Fake { temporality, ..Fake::new(acts) };
        let (exports, begun) = (fake.exports.clone(), Instant::now());
        let _pusher = start(fake, three_points());
        pass(125).await;
        let times: Vec<u64> = exports.lock().unwrap().iter().map(|time| (*time - begun).as_secs()).collect();
        assert_eq!(times, expected, "{temporality:?}, {acts:?}");
    }
}

/// A flush is a push too: a success ends the backoff.
#[tokio::test(start_paused = true)]
async fn a_flush_that_succeeds_ends_the_backoff() {
    let fake = totals(&[Act::Fail, Act::Succeed]);
    let exports = fake.exports.clone();
    let pusher = start(fake, three_points());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(pusher.flush_within(Duration::from_secs(10)).delivered().await, Ok(()));
    pass(50).await;
    assert_eq!(exports.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_flush_and_the_shutdown_leave_it_half_of_their_time() {
    for end in [false, true] {
        let pusher = start(totals(&[Act::Hang, Act::Succeed]), three_points());
        pass(1).await;
        let begun = Instant::now();
        let time = Duration::from_secs(10);
        let asked = if end { pusher.shutdown(time) } else { pusher.flush_within(time) };
        assert_eq!(asked.delivered().await, Ok(()));
        assert!(begun.elapsed() <= Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

/// A flush that waits for the first push does not make the shutdown wait for half of the flush's time.
#[tokio::test(start_paused = true)]
async fn a_flush_that_waits_for_it_does_not_delay_the_shutdown() {
    let pusher = start(totals(&[Act::Hang, Act::Succeed]), three_points());
    pass(1).await;
    let flush = pusher.flush_within(Duration::from_secs(600));
    pass(1).await;
    let begun = Instant::now();
    assert_eq!(pusher.shutdown(Duration::from_secs(10)).delivered().await, Ok(()));
    assert!(begun.elapsed() <= Duration::from_secs(6), "{:?}", begun.elapsed());
    assert_eq!(flush.delivered().await, Ok(()));
}

/// The exporters run on another thread, as in a service.
fn started(fake: Fake, collect: Collect) -> (Running, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let runner = Runner::Shared(runtime.handle().clone());
    let (prepared, _) = prepare(runner, fake, collect, PUSH, Arc::new(()));
    let mut running = plugin::start(vec![prepared], runtime.handle());
    (running.remove(0), runtime)
}

#[test]
fn the_start_returns_when_the_metrics_are_collected_whatever_the_exporter_does() {
    for act in [Act::Succeed, Act::Fail, Act::Hang, Act::Panic] {
        let collected = Arc::new(AtomicUsize::new(0));
        let (counted, good) = (collected.clone(), three_points());
        let collect: Collect = Arc::new(move || {
            let metrics = good();
            counted.fetch_add(1, SeqCst);
            metrics
        });
        let (_running, runtime) = started(totals(&[act]), collect);
        assert_eq!(collected.load(SeqCst), 1, "{act:?}");
        runtime.shutdown_background();
    }
}

#[test]
fn the_start_returns_when_the_collection_fails_or_hangs() {
    let fails: Collect = Arc::new(|| Err("no pipeline".to_owned()));
    let panics: Collect = Arc::new(|| panic!("callback bug"));
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = Mutex::new(held);
    // It ends with the test.
    let hangs: Collect = Arc::new(move || Err(format!("{:?}", held.lock().unwrap().recv())));
    for collect in [fails, panics, hangs] {
        let (_running, runtime) = started(totals(&[Act::Succeed]), collect);
        runtime.shutdown_background();
    }
    drop(release);
}
