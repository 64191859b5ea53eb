//! The place where an exporter's own code runs, so that it blocks nothing else.

use std::io;
use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle};

use super::thread::BackgroundThread;
use super::wait::{Either, block_for, report_panic, select};
use crate::export::monitor::Outcome;

/// Where the code of one exporter runs.
#[derive(Debug)]
pub(crate) enum Runner {
    /// On the runtime that all non-blocking exporters share.
    Shared(Handle),
    /// On its own thread, with its own runtime: the code may block, and may need a runtime.
    Own(BackgroundThread),
}

impl Runner {
    /// A new thread with its own runtime.
    pub(crate) fn own() -> io::Result<Self> {
        BackgroundThread::start().map(Self::Own)
    }

    fn handle(&self) -> &Handle {
        match self {
            Self::Shared(handle) => handle,
            Self::Own(background) => background.handle(),
        }
    }

    /// Starts `work`. Dropping the returned call cancels it.
    pub(crate) fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Call<T> {
        let (cancel, cancelled) = oneshot::channel::<()>();
        // Type-erased, so that the runtime's part is compiled once.
        let work: Pin<Box<dyn Future<Output = Option<T>> + Send>> = Box::pin(async move {
            // Nothing is ever sent: an error means that the call was dropped.
            match select(pin!(work), cancelled).await {
                Either::Left(done) => Some(done),
                Either::Right(_) => None,
            }
        });
        let running = match self {
            Self::Shared(runtime) => runtime.spawn(work),
            Self::Own(own) => blocking(own.handle(), || block_for(work, Duration::MAX).flatten()),
        };
        Call { running, _cancel: cancel }
    }

    /// Starts blocking work. It cannot be cancelled: if the call is dropped, it continues to run.
    pub(crate) fn run_blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Call<T> {
        let (cancel, _) = oneshot::channel();
        Call { running: blocking(self.handle(), || Some(work())), _cancel: cancel }
    }
}

fn blocking<T: Send + 'static>(handle: &Handle, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let work: Box<dyn FnOnce() -> T + Send> = Box::new(work);
    handle.spawn_blocking(work)
}

/// Work that is running.
#[derive(Debug)]
pub(crate) struct Call<T> {
    running: JoinHandle<Option<T>>,
    _cancel: oneshot::Sender<()>,
}

/// The reason why an operation failed: as an outcome label and as text.
pub(crate) type Failure = (Outcome, String);

impl<T> Call<T> {
    /// The result of the work. `what` names the work in an error.
    pub(crate) async fn done(self, what: &str) -> Result<T, Failure> {
        match self.running.await {
            Ok(Some(done)) => Ok(done),
            Ok(None) => Err((Outcome::Abandoned, format!("{what} was cancelled"))),
            Err(ended) => Err(failure(ended, what)),
        }
    }
}

fn failure(ended: JoinError, what: &str) -> Failure {
    match ended.try_into_panic() {
        Ok(panic) => (Outcome::Panic, report_panic(what, &*panic)),
        Err(_) => (Outcome::Abandoned, format!("{what} was cancelled because its runtime shut down")),
    }
}
