//! A thread for exports. It has its own runtime, so it works in any `main` and blocks no other thread.

use std::cell::Cell;
use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

/// Why code on a thread of the exporters cannot flush or shut down.
pub(crate) const ON_EXPORT_THREAD: &str = "a thread of the exporters cannot flush or shut down the telemetry, because both wait for that thread; do that on another thread, without waiting for it";

/// For longer than a process lives.
const FOREVER: Duration = Duration::from_secs(1 << 32);

thread_local! {
    static EXPORTS: Cell<bool> = const { Cell::new(false) };
}

/// Whether a flush or a shutdown may wait for this thread. On such a thread a log sink receives the lines of the exporters.
pub(crate) fn is_export_thread() -> bool {
    EXPORTS.try_with(Cell::get).unwrap_or(false)
}

/// Makes this thread one of the exporters.
pub(super) fn become_export_thread() {
    let _ = EXPORTS.try_with(|exports| exports.set(true));
}

/// A running thread. Dropping the value stops the thread without waiting for what still runs on it.
#[derive(Debug)]
pub(crate) struct BackgroundThread {
    handle: Handle,
    /// The thread stops when this is dropped.
    _stop: oneshot::Sender<()>,
}

impl BackgroundThread {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Self> {
        // Tokio panics if there is no file descriptor left for its signals. It also panics if it has no thread that may block and cannot start one: a
        // collection would fail, and its push would end. So one is started here, and stays.
        let build = || -> io::Result<Runtime> {
            let mut builder = Builder::new_current_thread();
            // For the threads that may block.
            builder.thread_name("phoenix-otel").on_thread_start(become_export_thread);
            let runtime = builder.thread_keep_alive(FOREVER).enable_all().build()?;
            drop(runtime.spawn_blocking(|| ()));
            Ok(runtime)
        };
        let runtime = std::panic::catch_unwind(build)
            .map_err(|_| io::Error::other("Tokio's runtime panicked; there may be too many open files or threads"))??;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::Builder::new().name("phoenix-otel".into()).spawn(move || {
            become_export_thread();
            // An error means that the sender was dropped.
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _stop: stop })
    }

    /// The handle that spawns tasks on the thread.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}
