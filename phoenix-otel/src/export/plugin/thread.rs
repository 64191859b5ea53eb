//! A thread for exports. It has its own runtime, so it works in any `main` and blocks no other thread.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A running thread. Dropping the value stops the thread without waiting for the tasks that still run on it.
#[derive(Debug)]
pub(crate) struct BackgroundThread {
    handle: Handle,
    /// The thread stops when this is dropped.
    _stop: oneshot::Sender<()>,
}

impl BackgroundThread {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Self> {
        // Tokio panics if there is no file descriptor left for its signals.
        let runtime =
            std::panic::catch_unwind(|| Builder::new_current_thread().enable_all().thread_name("phoenix-otel").build())
                .map_err(|_| io::Error::other("Tokio's runtime panicked; too many files may be open"))??;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::Builder::new().name("phoenix-otel".into()).spawn(move || {
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
