//! Accepting, with a bound on how many connections there are.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::timed_io::{Phase, Progress};
use super::{Endpoint, Limits, connection};
use crate::lock::lock;
use crate::report::report;

/// The connections there are: what each is at, and how to end it.
#[derive(Default)]
struct Connections(Mutex<Map>);

type Map = HashMap<u64, (Arc<Progress>, Arc<Notify>)>;

/// Accepts from all sockets until `stop` is ready, and lets the connections end.
pub(super) async fn accept(
    sockets: Vec<TcpListener>,
    endpoint: &Endpoint,
    limits: Limits,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) {
    let epoch = Instant::now();
    let (stopping, _) = watch::channel(false);
    let connections: Arc<Connections> = Arc::default();
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
                // Mostly the process has no more file descriptors. A pause keeps this from being a busy loop.
                report!(WARN, { error = error.to_string() }, "the scrape endpoint could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        if !connections.make_room(limits, epoch) {
            refuse(&stream);
            continue;
        }
        next += 1;
        let id = next;
        let (progress, evict) = (Arc::new(Progress::new(epoch)), Arc::new(Notify::new()));
        connections.lock().insert(id, (progress.clone(), evict.clone()));
        let serve = connection::serve(stream, endpoint.clone(), limits, progress, evict, stopping.subscribe());
        let connections = connections.clone();
        tasks.spawn(async move {
            serve.await;
            connections.lock().remove(&id);
        });
    }
    drop(sockets);
    stopping.send_replace(true);
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.stop, all).await.is_err() {
        tracing::debug!("the scrape endpoint ends connections that did not end in time");
    }
}

impl Connections {
    /// Whether there is room for one more connection. Where there is none, the one that has been waiting for its peer the longest is ended: by
    /// preference one that has asked for nothing, else one that has been taking its answer for more than a quarter of the time it may.
    fn make_room(&self, limits: Limits, epoch: Instant) -> bool {
        let mut connections = self.lock();
        if connections.len() < limits.connections {
            return true;
        }
        let now = epoch.elapsed();
        let patience = limits.write / 4;
        let eldest = connections
            .iter()
            .map(|(id, (progress, _))| (progress.phase() == Phase::Answer, progress.since(), *id))
            .filter(|(answering, since, _)| !answering || now.saturating_sub(Duration::from_millis(*since)) > patience)
            .min();
        let Some((_, _, id)) = eldest else {
            return false;
        };
        if let Some((_, evict)) = connections.remove(&id) {
            evict.notify_one();
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Map> {
        lock(&self.0)
    }
}

/// Says why, if the socket takes it at once, which a new one does.
fn refuse(stream: &TcpStream) {
    const ANSWER: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 21\r\n\r\ntoo many connections\n";
    let _ = stream.try_write(ANSWER);
    report!(WARN, {}, "the scrape endpoint refused a connection: it has too many");
}
