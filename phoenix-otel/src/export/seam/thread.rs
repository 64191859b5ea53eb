//! A thread that exports. It has a runtime of its own, so it works in any `main` and holds up nobody.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A running thread. Dropping it stops the thread without waiting for what still runs on it.
#[derive(Debug)]
pub(crate) struct Background {
    handle: Handle,
    /// Dropped with this, which is what the thread waits for.
    _stop: oneshot::Sender<()>,
}

impl Background {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().thread_name("phoenix-otel").build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::Builder::new().name("phoenix-otel".into()).spawn(move || {
            // An error is what the sender's drop looks like.
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _stop: stop })
    }

    /// What runs tasks on the thread.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}
