//! With a clock that the test controls.

use super::*;

#[tokio::test(start_paused = true)]
async fn every_interval_and_at_the_end() {
    let fake = Fake::new(&[Act::Succeed]);
    let (exports, shutdowns, begun) = (fake.exports.clone(), fake.shutdowns.clone(), Instant::now());
    let pusher = start(fake, three_points());
    pass(185).await;
    let times: Vec<u64> = exports.lock().unwrap().iter().map(|time| (*time - begun).as_secs()).collect();
    assert_eq!(times, [60, 120, 180]);
    assert_eq!(pusher.flush_within(Duration::from_secs(1)).delivered().await, Ok(()));
    assert_eq!(exports.lock().unwrap().len(), 4);
    assert_eq!(pusher.shutdown(Duration::from_secs(1)).delivered().await, Ok(()));
    assert_eq!(exports.lock().unwrap().len(), 5);
    // After the shutdown a flush fails at once.
    let begun = Instant::now();
    assert!(lost(pusher.flush_within(Duration::from_secs(9)).delivered().await).0.contains("shut down"));
    assert!(lost(pusher.shutdown(Duration::from_secs(9)).delivered().await).0.contains("shut down"));
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!(shutdowns.load(SeqCst), 1);
    let status = pusher.state.health();
    assert!(status.last_success.is_some() && status.last_failure.is_none(), "{status:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_exporter_gets_no_burst() {
    let fake = Fake::new(&[Act::Take(Duration::from_secs(29))]);
    let (exports, begun) = (fake.exports.clone(), Instant::now());
    let push = Push { interval: Duration::from_secs(10), timeout: Duration::from_secs(30) };
    let _pusher = Pusher::start(fake, three_points(), push, Arc::new(RecordingMonitor::default()));
    pass(105).await;
    let times: Vec<u64> = exports.lock().unwrap().iter().map(|time| (*time - begun).as_secs()).collect();
    assert_eq!(times, [10, 40, 70, 100]);
}

#[tokio::test(start_paused = true)]
async fn failures_are_seen_and_end() {
    let acts: Vec<Act> = std::iter::repeat_n(Act::Fail, 21).chain([Act::Succeed]).collect();
    let pusher = start(Fake::new(&acts), three_points());
    pass(21 * 60 + 5).await;
    let status = pusher.state.health();
    assert_eq!(status.consecutive_failures, 21);
    assert!(status.last_success.is_none());
    assert!(status.last_failure.unwrap().reason.contains("refused"));
    pass(120).await;
    let status = pusher.state.health();
    assert_eq!(
        (status.consecutive_failures, status.last_success.is_some(), status.last_failure.is_some()),
        (0, true, true)
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_flush_is_reported() {
    for (act, reason) in [
        (Act::Fail, "refused"),
        (Act::Panic, "the export panicked; see the service's log"),
        (Act::Hang, "did not complete within"),
    ] {
        let pusher = start(Fake::new(&[act, Act::Succeed]), three_points());
        let begun = Instant::now();
        let (reported, points) = lost(pusher.flush_within(Duration::from_secs(5)).delivered().await);
        assert!(reported.contains(reason), "{reported}");
        assert_eq!(points, Some(3));
        assert!(begun.elapsed() <= Duration::from_secs(5));
        // The next one works as if nothing had happened.
        assert_eq!(pusher.flush_within(Duration::from_secs(5)).delivered().await, Ok(()), "after {act:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_exporter_at_the_shutdown() {
    let pusher = start(Fake::new(&[Act::Hang]), three_points());
    let begun = Instant::now();
    let (reason, points) = lost(pusher.shutdown(Duration::from_secs(5)).delivered().await);
    assert!(reason.contains("did not complete within") && reason.ends_with(": no answer"), "{reason}");
    assert_eq!(points, Some(3));
    assert!(begun.elapsed() <= Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_push_under_way_at_the_shutdown() {
    for temporality in [Temporality::Cumulative, Temporality::Delta] {
        let at_the_start = usize::from(temporality == Temporality::Cumulative);
        let acts = [Act::Succeed, Act::Hang, Act::Succeed];
        let fake = Fake { temporality, ..Fake::new(&acts[1 - at_the_start..]) };
        let exports = fake.exports.clone();
        let pusher = start(fake, three_points());
        pass(70).await;
        let begun = Instant::now();
        let delivered = pusher.shutdown(Duration::from_secs(10)).delivered().await;
        assert!(begun.elapsed() <= Duration::from_secs(6), "{:?}", begun.elapsed());
        assert_eq!(exports.lock().unwrap().len(), at_the_start + 2);
        // With cumulative temporality the final push contains the data; with delta temporality it is dropped.
        match temporality {
            Temporality::Cumulative => assert_eq!(delivered, Ok(())),
            _ => assert!(lost(delivered).0.contains("interrupted")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_that_is_nearly_done_at_the_shutdown_completes() {
    let pusher = start(Fake::new(&[Act::Take(Duration::from_secs(12)), Act::Succeed]), three_points());
    pass(70).await;
    let flush = pusher.flush_within(Duration::from_secs(9));
    assert_eq!(pusher.shutdown(Duration::from_secs(10)).delivered().await, Ok(()));
    assert_eq!(flush.delivered().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_collection_that_fails_or_panics() {
    let turn = AtomicUsize::new(0);
    let good = three_points();
    let collect: Collect = Arc::new(move || match turn.fetch_add(1, SeqCst) {
        0 => Err("reader is shut down".to_owned()),
        1 => panic!("callback bug"),
        _ => good(),
    });
    let pusher = start(Fake::new(&[Act::Succeed]), collect);
    for reason in ["reader is shut down", "the collection panicked; see the service's log"] {
        let (reported, points) = lost(pusher.flush_within(Duration::from_secs(5)).delivered().await);
        assert!(reported.contains(reason) && points.is_none(), "{reported}");
    }
    assert_eq!(pusher.flush_within(Duration::from_secs(5)).delivered().await, Ok(()));
    assert_eq!(pusher.state.health().consecutive_failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_handle_ends_the_task() {
    for act in [Act::Succeed, Act::Hang] {
        let fake = Fake::new(&[act]);
        let alive = Arc::downgrade(&fake.exports);
        let pusher = start(fake, three_points());
        pass(65).await;
        drop(pusher);
        pass(1).await;
        assert!(alive.upgrade().is_none(), "{act:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_flush_that_hangs_does_not_delay_the_shutdown() {
    let pusher = start(Fake::new(&[Act::Hang, Act::Succeed]), three_points());
    let long = pusher.flush_within(Duration::from_secs(600));
    let second = pusher.flush_within(Duration::from_secs(600));
    pass(1).await;
    let begun = Instant::now();
    assert_eq!(pusher.shutdown(Duration::from_secs(10)).delivered().await, Ok(()));
    assert!(begun.elapsed() <= Duration::from_secs(6), "{:?}", begun.elapsed());
    assert!(lost(long.delivered().await).0.contains("interrupted"));
    // The result of the final push is also that of the second flush.
    assert_eq!(second.delivered().await, Ok(()));
}

/// The reason says what used up the time of the flush.
#[tokio::test(start_paused = true)]
async fn a_flush_behind_a_stuck_push_reports_that() {
    let pusher = start(Fake::new(&[Act::Hang]), three_points());
    pass(65).await;
    // The current push times out after 30 s, at 90 s. This flush has 9.5 s, and gets its result then.
    let begun = Instant::now();
    let (reason, points) = lost(pusher.flush_within(Duration::from_secs(10)).delivered().await);
    let expected = "timed out after 9.5s, while an earlier export was running: no answer";
    assert_eq!((&*reason, points, begun.elapsed()), (expected, None, Duration::from_millis(9_500)));
    assert_eq!(pusher.state.health().consecutive_failures, 0);
    // This flush waits for a part of its time.
    pass(46).await;
    let (reason, points) = lost(pusher.flush_within(Duration::from_secs(60)).delivered().await);
    let expected = "the export did not complete within 30s, after waiting 29.5s for an earlier export: no answer";
    assert_eq!((&*reason, points), (expected, Some(3)));
}
