//! Accepts connections, up to a limit.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::connections::{Clients, Connections};
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
    let clients = Clients { connections: connections.clone(), limits, epoch };
    let endpoint = endpoint.clone().with_readers(clients.clone());
    let mut tasks = JoinSet::new();
    let mut next = 0u64;
    let mut turn = 0;
    loop {
        let accepted = poll_fn(|cx| {
            if stop.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            while let Poll::Ready(Some(_)) = tasks.poll_join_next(cx) {}
            poll_accept(&sockets, &mut turn, cx).map(Some)
        });
        let stream = match accepted.await {
            None => break,
            Some(Ok(stream)) => stream,
            Some(Err(error)) => {
                report!(WARN, { error = error.to_string() }, "the scrape endpoint could not accept a connection");
                if is_out_of_descriptors(&error) {
                    clients.end_first();
                }
                // Waits until the ended connection has closed. If no connection was ended, the wait prevents a busy loop.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let has_ended_one = clients.make_room();
        next += 1;
        let id = next;
        let (progress, evict) = (Arc::new(Progress::new(epoch)), Arc::new(Notify::new()));
        let open = connections.open(id, progress.clone(), evict.clone());
        let serve = connection::serve(stream, endpoint.clone(), clients.clone(), progress, evict, stopping.subscribe());
        tasks.spawn(async move {
            serve.await;
            drop(open);
        });
        // Lets an ended connection close before the next one is accepted, so that a burst does not use up the file descriptors. If none was ended,
        // all waiting connections are accepted without a pause, because each pause may be as long as a turn of all connections.
        if has_ended_one {
            tokio::task::yield_now().await;
        }
    }
    drop(sockets);
    stopping.send_replace(true);
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.stop, all).await.is_err() {
        tracing::debug!("the scrape endpoint closes connections that did not end in time");
    }
}

/// Accepts from the sockets in turn, so that a flood on one does not shut out the others.
fn poll_accept(sockets: &[TcpListener], turn: &mut usize, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
    for next in (0..sockets.len()).map(|step| (*turn + step) % sockets.len()) {
        if let Poll::Ready(accepted) = sockets[next].poll_accept(cx) {
            *turn = next + 1;
            return Poll::Ready(accepted.map(|(stream, _)| stream));
        }
    }
    Poll::Pending
}

/// Whether the process or the system has no more file descriptors: `EMFILE` and `ENFILE`.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sockets_are_accepted_from_in_turn() {
        let sockets = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let addresses = sockets.each_ref().map(|socket| socket.local_addr().unwrap());
        let connect = |address: &_| std::net::TcpStream::connect(address).unwrap();
        let _clients = [0, 0, 0, 1].map(|socket| connect(&addresses[socket]));
        let sockets = sockets.map(|socket| {
            socket.set_nonblocking(true).unwrap();
            TcpListener::from_std(socket).unwrap()
        });
        let mut turn = 0;
        let mut accepted = Vec::new();
        for _ in 0..4 {
            let stream = poll_fn(|cx| poll_accept(&sockets, &mut turn, cx)).await.unwrap();
            accepted.push(addresses.iter().position(|address| *address == stream.local_addr().unwrap()).unwrap());
        }
        assert_eq!(accepted, [0, 1, 0, 0]);
    }
}
