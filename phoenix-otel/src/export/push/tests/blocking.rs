//! In real time, as a thread that blocks stops a paused clock.

use super::*;

/// A runtime on a thread of its own, as `init` has it, which ends without waiting for what still blocks.
struct Background {
    handle: Handle,
    _end: oneshot::Sender<()>,
}

impl Background {
    fn start() -> Self {
        let (send, handle) = std::sync::mpsc::channel();
        let (_end, ended) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            send.send(runtime.handle().clone()).unwrap();
            let _ = runtime.block_on(ended);
            runtime.shutdown_background();
        });
        Self { handle: handle.recv().unwrap(), _end }
    }
}

#[test]
fn a_collection_that_blocks_holds_nothing_up() {
    let background = Background::start();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let collect: Collect = Arc::new(move |_| gate.lock().unwrap().recv().map_err(|error| error.to_string()));
    let pusher = Pusher::start(
        &background.handle,
        "otlp",
        Fake::new(&[Act::Succeed]),
        collect,
        PUSH,
        Arc::new(Watched::default()),
    );
    let deadline = Duration::from_secs(1);
    let begun = std::time::Instant::now();
    let (reason, points) = lost(pusher.flush(deadline).wait());
    assert!(reason.contains("collection did not end") && points.is_none(), "{reason}");
    // No second collection begins beside the first, and the end is as bounded.
    let caller = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (reason, _) = lost(caller.block_on(async { pusher.shutdown(deadline).wait() }));
    assert!(reason.contains("last collection has not ended"), "{reason}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    release.send(()).unwrap();
}

/// An exporter that blocks in place has the task's thread; who waits still has the deadline.
#[test]
fn an_exporter_that_blocks_its_thread() {
    let background = Background::start();
    let fake = Fake::new(&[Act::Block(Duration::from_secs(5))]);
    let pusher = Pusher::start(&background.handle, "otlp", fake, three_points(), PUSH, Arc::new(Watched::default()));
    let begun = std::time::Instant::now();
    let (reason, _) = lost(pusher.shutdown(Duration::from_secs(1)).wait());
    assert!(reason.contains("did not answer"), "{reason}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}
