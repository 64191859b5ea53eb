//! Waiting with a time limit: for the first of two futures, without a runtime, and for calls that may never return.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::thread::become_export_thread;
use crate::lock::lock;
use crate::report::{format_duration, report};

/// The result of the future that completed first.
pub(crate) enum Either<A, B> {
    Left(A),
    Right(B),
}

/// Waits for the first of two futures. If both are complete, it returns the left one.
pub(crate) async fn select<A: Future, B: Future>(mut left: Pin<&mut A>, right: B) -> Either<A::Output, B::Output> {
    let mut right = pin!(right);
    std::future::poll_fn(|context| match left.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Either::Left(output)),
        Poll::Pending => right.as_mut().poll(context).map(Either::Right),
    })
    .await
}

/// The message of a panic, if its payload is a string.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> Option<&str> {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
}

/// Logs that `what` panicked, with the panic's message. Returns the reason of the failure without the message, which may contain secrets
/// of the service: clients of the endpoint see the reason in `/healthz`.
pub(crate) fn report_panic(what: &str, panic: &(dyn Any + Send)) -> String {
    let panic = panic_message(panic).unwrap_or("of unknown type");
    report!(ERROR, { panic }, "{what} panicked");
    format!("{what} panicked; see the service's log")
}

/// Calls code that may hang or panic, on its own thread, and waits for it with a time limit.
///
/// # Errors
///
/// Returns the reason why there is no result. A call that hangs is left running.
pub(crate) fn call_with_timeout<T: Send + 'static>(
    time: Duration,
    call: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    spawn_call(call).wait_for(time)
}

/// Starts such a call.
pub(crate) fn spawn_call<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> ThreadCall<T> {
    let returned = Arc::new(Mutex::new(None));
    let place = returned.clone();
    ThreadCall { call: UntypedCall::new(Box::new(move || *lock(&place) = Some(call()))), returned }
}

/// A call on its own thread, which may hang or panic.
#[derive(Debug)]
pub(crate) struct ThreadCall<T> {
    call: UntypedCall,
    returned: Arc<Mutex<Option<T>>>,
}

impl<T> ThreadCall<T> {
    /// Waits for the result. The time limit counts from the start of the call. So waiting for several calls that started together takes at most
    /// one time limit.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no result. A call that hangs is left running.
    pub(crate) fn wait_for(self, time: Duration) -> Result<T, String> {
        self.call.end(time)?;
        let returned = lock(&self.returned).take();
        returned.ok_or_else(|| "it returned nothing".to_owned())
    }
}

/// The same for a call that stores its value elsewhere. It has no type parameter, so it is compiled once.
#[derive(Debug)]
struct UntypedCall {
    begun: Instant,
    ended: Result<oneshot::Receiver<Result<(), String>>, String>,
}

impl UntypedCall {
    fn new(call: Box<dyn FnOnce() + Send>) -> Self {
        let (end, ended) = oneshot::channel();
        let call = move || {
            become_export_thread();
            let ended = catch_unwind(AssertUnwindSafe(call));
            let _ = end.send(ended.map_err(|panic| report_panic("its code", &*panic)));
        };
        let thread = std::thread::Builder::new().name("phoenix-otel-call".into()).spawn(call);
        let started = thread.map(|_| ended).map_err(|error| format!("no thread could be started: {error}"));
        Self { begun: Instant::now(), ended: started }
    }

    fn end(self, time: Duration) -> Result<(), String> {
        match block_for(self.ended?, time.saturating_sub(self.begun.elapsed())) {
            Some(Ok(ended)) => ended,
            Some(Err(_)) | None => Err(format!("it did not return within {}", format_duration(time))),
        }
    }
}

/// Blocks this thread until the future completes or the time limit passes.
///
/// It enters no runtime, so it works within a runtime of either flavour and without one.
pub(crate) fn block_for<F: Future>(future: F, time: Duration) -> Option<F::Output> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let start = Instant::now();
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        let left = time.saturating_sub(start.elapsed());
        if left.is_zero() {
            return None;
        }
        std::thread::park_timeout(left);
    }
}
