//! A socket that closes the connection of a peer that is too slow.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::ReadBuf;
use tokio::time::{Instant, Sleep};

use super::Limits;
use super::socket::Socket;

/// The phase of a connection. hyper knows it too, but has no interface for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Between requests.
    Idle,
    /// A part of a request's head has arrived.
    Head,
    /// From a request that needs no collection until its response is written to the socket.
    Prompt,
    /// The same for a request of the live page.
    Page,
    /// The same for a scrape.
    Scrape,
}

impl Phase {
    /// Whether a request waits for its response, or the response is being written.
    fn is_request(self) -> bool {
        !matches!(self, Self::Idle | Self::Head)
    }
}

/// A connection's phase and its start, shared by the socket, the service and the listener.
#[derive(Debug)]
pub(super) struct Progress {
    phase: AtomicU8,
    since: AtomicU64,
    /// The size of the response that is being written, and when the client last took a part of it.
    held: AtomicUsize,
    moved: AtomicU64,
    /// Whether the client has closed its sending half or the connection.
    closed: AtomicBool,
    epoch: Instant,
}

impl Progress {
    pub(super) fn new(epoch: Instant) -> Self {
        let (phase, since, held, moved, closed) = Default::default();
        let progress = Progress { phase, since, held, moved, closed, epoch };
        progress.enter(Phase::Idle);
        progress
    }

    #[cfg(test)]
    pub(super) fn at(phase: Phase, since: Duration) -> Self {
        let progress = Self::new(Instant::now());
        progress.phase.store(phase as u8, Ordering::Relaxed);
        progress.since.store(since.as_millis() as u64, Ordering::Relaxed);
        progress
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.since.store(self.now(), Ordering::Relaxed);
        self.held.store(0, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// A response of this size will be written.
    pub(super) fn begin_response(&self, size: usize) {
        self.moves();
        self.since.store(self.now(), Ordering::Relaxed);
        // A response without a body has a head.
        self.held.store(size.max(1), Ordering::Relaxed);
    }

    /// The client has taken a part of the response.
    fn moves(&self) {
        self.moved.store(self.now(), Ordering::Relaxed);
    }

    /// The milliseconds since the start of the listener.
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    #[cfg(test)]
    pub(super) fn set(&self, held: usize, moved: Duration) {
        self.held.store(held, Ordering::Relaxed);
        self.moved.store(moved.as_millis() as u64, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Whether the client has closed its sending half, or the connection, before the response to its request is ready.
    pub(super) fn is_abandoned(&self) -> bool {
        self.closed.load(Ordering::Relaxed) && self.phase().is_request() && self.held() == 0
    }

    /// The size of the response that is being written; 0 if there is none.
    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// When the client last took a part of the response, as time since the start of the listener.
    pub(super) fn moved(&self) -> Duration {
        Duration::from_millis(self.moved.load(Ordering::Relaxed))
    }

    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Idle,
            1 => Phase::Head,
            2 => Phase::Prompt,
            3 => Phase::Page,
            _ => Phase::Scrape,
        }
    }

    /// When the phase began, or the response was ready, as time since the start of the listener.
    pub(super) fn since(&self) -> Duration {
        Duration::from_millis(self.since.load(Ordering::Relaxed))
    }
}

/// A socket with timeouts: for the next request to begin, for its head to be complete, for the response to be read.
///
/// The timeouts cover a whole request or response, not each byte: a peer that sends or reads one byte a second is disconnected like an idle one.
#[derive(Debug)]
pub(super) struct TimedIo {
    inner: TokioIo<Socket>,
    progress: Arc<Progress>,
    limits: Limits,
    reading: Pin<Box<Sleep>>,
    writing: Option<Pin<Box<Sleep>>>,
    /// After the client has closed its sending half.
    leaving: Option<Pin<Box<Sleep>>>,
}

impl TimedIo {
    /// The first request must begin before `deadline`. Only the pause between requests may be longer.
    pub(super) fn new(stream: Socket, progress: Arc<Progress>, limits: Limits, deadline: Instant) -> Self {
        let reading = Box::pin(tokio::time::sleep_until(deadline));
        TimedIo { inner: TokioIo::new(stream), progress, limits, reading, writing: None, leaving: None }
    }

    fn late(what: &str) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, what.to_owned())
    }

    /// Starts or continues the timeout of a response. Fails when it passes.
    fn poll_writing<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let writing = self.writing.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.limits.write)));
        if result.is_ready() {
            self.progress.moves();
        } else if writing.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(Self::late("the peer reads the response too slowly")));
        }
        result
    }

    /// Whether the connection of a client that has closed its sending half stays open: until the end of the response if it is ready, otherwise
    /// until the timeout. hyper would end it at once.
    fn stays(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.progress.phase().is_request() {
            return false;
        }
        let mut byte = [0];
        if !matches!(self.inner.inner().tcp().poll_peek(cx, &mut ReadBuf::new(&mut byte)), Poll::Ready(Ok(0))) {
            return false;
        }
        self.progress.closed.store(true, Ordering::Relaxed);
        let leaving = self.leaving.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.limits.half_closed)));
        self.writing.is_some() || leaving.as_mut().poll(cx).is_pending()
    }
}

impl Read for TimedIo {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        if self.stays(cx) {
            return Poll::Pending;
        }
        match Pin::new(&mut self.inner).poll_read(cx, buffer) {
            Poll::Ready(result) => {
                if self.progress.phase() == Phase::Idle {
                    self.progress.enter(Phase::Head);
                    let deadline = Instant::now() + self.limits.head;
                    self.reading.as_mut().reset(deadline);
                }
                // When a head arrives byte by byte, every read succeeds, so the timeout is checked here, too.
                let late = self.progress.phase() == Phase::Head && self.reading.as_mut().poll(cx).is_ready();
                if late {
                    Poll::Ready(Err(Self::late("the request's head arrives too slowly")))
                } else {
                    Poll::Ready(result)
                }
            }
            Poll::Pending if !self.progress.phase().is_request() && self.reading.as_mut().poll(cx).is_ready() => {
                Poll::Ready(Err(Self::late("no request arrived")))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Write for TimedIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.poll_writing(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write_vectored(cx, bytes);
        self.poll_writing(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    /// hyper flushes the socket when it has written everything: the response is complete.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_flush(cx);
        if matches!(result, Poll::Ready(Ok(()))) && self.writing.take().is_some() {
            self.progress.enter(Phase::Idle);
            let deadline = Instant::now() + self.limits.idle;
            self.reading.as_mut().reset(deadline);
            if self.leaving.take().is_some() {
                // hyper waits for the read that `stays` has delayed.
                cx.waker().wake_by_ref();
            }
        }
        result
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
