//! Accepts connections, up to a limit.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::connections::{Connections, Readers};
use super::timed_io::Progress;
use super::{Endpoint, Limits, connection};
use crate::report::report;

/// Accepts from all sockets until `stop` is ready. Then waits for the open connections, with a time limit.
pub(super) async fn accept(
    sockets: Vec<TcpListener>,
    endpoint: &Endpoint,
    limits: Limits,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) {
    let epoch = Instant::now();
    let (stopping, _) = watch::channel(false);
    let connections: Arc<Connections> = Arc::default();
    let endpoint = endpoint.clone().with_readers(Readers { connections: connections.clone(), limits, epoch });
    let mut tasks = JoinSet::new();
    let mut next = 0u64;
    loop {
        let accepted = poll_fn(|cx| {
            if stop.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            while let Poll::Ready(Some(_)) = tasks.poll_join_next(cx) {}
            match sockets
                .iter()
                .find_map(|socket| if let Poll::Ready(result) = socket.poll_accept(cx) { Some(result) } else { None })
            {
                Some(result) => Poll::Ready(Some(result)),
                None => Poll::Pending,
            }
        });
        let stream = match accepted.await {
            None => break,
            Some(Ok((stream, _))) => stream,
            Some(Err(error)) => {
                report!(WARN, { error = error.to_string() }, "the scrape endpoint could not accept a connection");
                if is_out_of_descriptors(&error) {
                    connections.end_eldest(limits, epoch.elapsed());
                }
                // Waits until the evicted connection has closed. If no connection was evicted, the wait prevents a busy loop.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        if !connections.make_room(limits, epoch.elapsed()) {
            refuse(&stream);
            continue;
        }
        next += 1;
        let id = next;
        let (progress, evict) = (Arc::new(Progress::new(epoch)), Arc::new(Notify::new()));
        let open = connections.open(id, progress.clone(), evict.clone());
        let serve = connection::serve(stream, endpoint.clone(), limits, progress, evict, stopping.subscribe());
        tasks.spawn(async move {
            serve.await;
            drop(open);
        });
        // Lets an evicted connection close before the next one is accepted, so that a burst does not use up the file descriptors.
        tokio::task::yield_now().await;
    }
    drop(sockets);
    stopping.send_replace(true);
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.stop, all).await.is_err() {
        tracing::debug!("the scrape endpoint closes connections that did not end in time");
    }
}

/// Whether the process or the system has no more file descriptors: `EMFILE` and `ENFILE`.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

/// Answers with the reason. The socket is new, so it accepts these bytes without blocking; otherwise they are dropped.
fn refuse(stream: &TcpStream) {
    const ANSWER: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 21\r\n\r\ntoo many connections\n";
    let _ = stream.try_write(ANSWER);
    report!(WARN, {}, "the scrape endpoint refused a connection: too many are open");
}
