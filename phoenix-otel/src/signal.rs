//! Waiting for the signal that ends a service: SIGTERM, which orchestrators send, or Ctrl-C (SIGINT). On Windows that is Ctrl-C.
//!
//! A process that a signal ends drops nothing, so what was recorded last is lost. Let `main` wait for the signal and end by itself:
//!
//! ```no_run
//! # async fn serve() {}
//! # async fn main_() -> Result<(), Box<dyn std::error::Error>> {
//! let telemetry = phoenix_otel::init("orchestrator")?;
//! tokio::select! {
//!     () = serve() => {}
//!     () = phoenix_otel::signal::wait() => {}
//! }
//! telemetry.shutdown();
//! # Ok(())
//! # }
//! ```
//!
//! With axum it is `axum::serve(listener, app).with_graceful_shutdown(phoenix_otel::signal::wait())`; without a runtime it is [`wait_blocking`].
//!
//! # From the first call on
//!
//! These signals no longer end the process by themselves. The first one ends every wait, those that start later too. A second one, while
//! the service shuts down, ends the process at once, with the exit code that a shell gives to that signal: 143 for SIGTERM, 130 for
//! Ctrl-C. Half a second has to lie between the two: a supervisor often hands on a signal that the terminal has sent to the whole process
//! group already, and that must not cost the last metrics.
//!
//! The signals are taken on a thread of its own, which stays until the process ends, so it does not matter which runtime there is,
//! whether that has its drivers, or whether it still runs. Other code that handles the same signals by Tokio or by `signal-hook` gets them, too.

use std::future::{Future, pending};
use std::io;
use std::pin::pin;
use std::sync::{Arc, OnceLock, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::report::report;

/// How long after the first signal another one counts as the same.
const ECHO: Duration = Duration::from_millis(500);

/// Waits for SIGTERM or Ctrl-C, on any runtime. See the [module](self).
///
/// The signals are taken from this call on, not from the first poll on. Where they cannot be taken, which is reported, it never ends: the
/// signals then end the process as they always did.
#[must_use = "futures do nothing unless polled"]
pub fn wait() -> impl Future<Output = ()> + Send + 'static {
    let mut ended = taken();
    async move {
        if ended.wait_for(|ended| *ended).await.is_err() {
            pending().await
        }
    }
}

/// Waits for SIGTERM or Ctrl-C, and blocks the thread. See [`wait`].
///
/// ```no_run
/// let telemetry = phoenix_otel::init("importer")?;
/// phoenix_otel::signal::wait_blocking();
/// telemetry.shutdown();
/// # Ok::<(), phoenix_otel::InitError>(())
/// ```
pub fn wait_blocking() {
    let mut waiting = pin!(wait());
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    while waiting.as_mut().poll(&mut context).is_pending() {
        thread::park();
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Whether the first signal has come. The signals are taken from the first call on.
fn taken() -> watch::Receiver<bool> {
    static TAKEN: OnceLock<watch::Receiver<bool>> = OnceLock::new();
    let start = || {
        let (end, ended) = watch::channel(false);
        if let Err(error) = take(end) {
            report!(
                ERROR,
                {},
                "no signal can be waited for: it ends the process, and the last metrics are lost: {error}"
            );
        }
        ended
    };
    TAKEN.get_or_init(start).clone()
}

/// Starts the thread, and returns once the signals are taken.
fn take(end: watch::Sender<bool>) -> io::Result<()> {
    let (ready, is_ready) = mpsc::channel();
    thread::Builder::new().name("phoenix-otel-signal".into()).spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return ready.send(Err(error)).unwrap_or_default(),
        };
        runtime.block_on(async {
            match Signals::new() {
                Ok(signals) => {
                    let _ = ready.send(Ok(()));
                    follow(signals, &end).await;
                }
                Err(error) => ready.send(Err(error)).unwrap_or_default(),
            }
        });
    })?;
    is_ready.recv().unwrap_or_else(|_| Err(io::Error::other("the thread that takes them has ended")))
}

/// The first signal ends the waits, and one that is no echo of it the process.
async fn follow(mut signals: Signals, end: &watch::Sender<bool>) {
    signals.next().await;
    end.send_replace(true);
    let first = Instant::now();
    loop {
        let exit_code = signals.next().await;
        if first.elapsed() > ECHO {
            std::process::exit(exit_code);
        }
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for one of the two, and gives the exit code that stands for it.
    async fn next(&mut self) -> i32 {
        use std::task::Poll;
        std::future::poll_fn(|context| {
            if self.terminate.poll_recv(context).is_ready() {
                Poll::Ready(128 + 15)
            } else {
                self.interrupt.poll_recv(context).map(|_| 128 + 2)
            }
        })
        .await
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Waits for Ctrl-C, and gives the exit code that stands for it.
    async fn next(&mut self) -> i32 {
        self.0.recv().await;
        128 + 2
    }
}
