//! Waits for the signal that ends a service: SIGTERM, which orchestrators send, or Ctrl-C (SIGINT). On Windows only Ctrl-C is handled.
//!
//! A process that a signal ends runs no destructors, so the last metrics are lost. Let `main` wait for the signal and return normally:
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
//! With axum, use `axum::serve(listener, app).with_graceful_shutdown(phoenix_otel::signal::wait())`. Without a runtime, use
//! [`wait_blocking`].
//!
//! # After the first call
//!
//! These signals no longer end the process. The first signal ends every wait, including waits that start later. A second signal during the
//! shutdown ends the process at once, with the exit code that a shell uses for that signal: 143 for SIGTERM, 130 for Ctrl-C. A second
//! signal within half a second of the first is ignored: a supervisor often forwards a signal that the terminal has already sent to the
//! whole process group, and this duplicate must not cause the loss of the last metrics.
//!
//! A dedicated thread handles the signals until the process ends. So it works with any runtime, even if the runtime has no drivers or has
//! stopped. Other code that handles the same signals through Tokio or `signal-hook` receives them too.

use std::future::{Future, pending};
use std::io;
use std::pin::pin;
use std::sync::{Arc, OnceLock, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::report::report;

/// A signal that follows the first one within this time is a duplicate.
const DUPLICATE_WINDOW: Duration = Duration::from_millis(500);

/// Waits for SIGTERM or Ctrl-C, on any runtime. See the [module](self).
///
/// The signals are handled as soon as this function is called, not when the future is first polled. If the handler cannot be installed,
/// this is logged as an error and the future never completes: the signals then end the process as usual.
#[must_use = "futures do nothing unless polled"]
pub fn wait() -> impl Future<Output = ()> + Send + 'static {
    let mut ended = first_signal();
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

/// Whether the first signal has arrived. The first call installs the handler.
fn first_signal() -> watch::Receiver<bool> {
    static FIRST_SIGNAL: OnceLock<watch::Receiver<bool>> = OnceLock::new();
    let start = || {
        let (end, ended) = watch::channel(false);
        if let Err(error) = install_handler(end) {
            report!(
                ERROR,
                {},
                "signals cannot be handled: a signal ends the process at once, and the last metrics are lost: {error}"
            );
        }
        ended
    };
    FIRST_SIGNAL.get_or_init(start).clone()
}

/// Starts the thread. Returns when the handler is installed.
fn install_handler(end: watch::Sender<bool>) -> io::Result<()> {
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
                    handle(signals, &end).await;
                }
                Err(error) => ready.send(Err(error)).unwrap_or_default(),
            }
        });
    })?;
    is_ready.recv().unwrap_or_else(|_| Err(io::Error::other("the thread that handles signals has ended")))
}

/// The first signal ends the waits. A later one that is not a duplicate ends the process.
async fn handle(mut signals: Signals, end: &watch::Sender<bool>) {
    signals.next().await;
    end.send_replace(true);
    let first = Instant::now();
    loop {
        let exit_code = signals.next().await;
        if first.elapsed() > DUPLICATE_WINDOW {
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

    /// Waits for either signal. Returns its exit code.
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

    /// Waits for Ctrl-C. Returns its exit code.
    async fn next(&mut self) -> i32 {
        self.0.recv().await;
        128 + 2
    }
}
