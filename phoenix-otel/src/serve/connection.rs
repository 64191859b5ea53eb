//! Serves one connection, from its first byte to its end.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::{Request, StatusCode};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout, timeout_at};
use tower_service::Service;

use super::connections::Clients;
use super::head::Route;
use super::socket::{self, Socket};
use super::timed_io::{Progress, TimedIo};
use super::{Endpoint, response};

/// Serves a connection until it ends: by the peer, a limit, `evict`, or the graceful stop.
pub(super) async fn serve(
    stream: TcpStream,
    endpoint: Endpoint,
    clients: Clients,
    progress: Arc<Progress>,
    evict: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    // A response is written in few pieces. Waiting to fill a packet would only delay the last one.
    let _ = stream.set_nodelay(true);
    let limits = clients.limits;
    let route = stream.peer_addr().ok().zip(stream.local_addr().ok()).map(|(peer, local)| Route {
        peer: peer.ip().to_canonical(),
        is_over_loopback: local.ip().to_canonical().is_loopback(),
    });
    let mut evicted = pin!(evict.notified());
    let mut stopping = pin!(async move {
        let _ = stop.wait_for(|stop| *stop).await;
    });
    // The handshake of TLS and the wait for the first request have one time limit.
    let deadline = Instant::now() + limits.head;
    let mut opening = pin!(timeout_at(deadline, open(stream, &endpoint)));
    let opened = poll_fn(|cx| {
        if evicted.as_mut().poll(cx).is_ready() || stopping.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        opening.as_mut().poll(cx).map(Some)
    });
    let socket = match opened.await {
        Some(Ok(Ok(socket))) => socket,
        Some(Ok(Err(error))) => return tracing::debug!(%error, "a connection to the scrape endpoint failed"),
        Some(Err(_)) => return tracing::debug!("a TLS handshake with the scrape endpoint did not end in time"),
        None => return,
    };
    let io = TimedIo::new(socket, progress.clone(), limits, deadline);
    let service = service_fn(|mut request: Request<Incoming>| {
        route.map(|route| request.extensions_mut().insert(route));
        let method = request.method().clone();
        let answer = match clients.admit(&progress, endpoint.phase(&request)) {
            true => Ok(endpoint.clone().call(request)),
            false => Err(endpoint.refuse(&request)),
        };
        let progress = &progress;
        Box::pin(async move {
            let response = match answer {
                Ok(answer) => match timeout(limits.response, answer).await {
                    Ok(Ok(response)) => response,
                    Err(_) => {
                        response::plain(&method, StatusCode::SERVICE_UNAVAILABLE, "collecting metrics takes too long\n")
                    }
                },
                Err(refusal) => refusal,
            };
            let size = response.body().size_hint().lower();
            progress.begin_response(usize::try_from(size).unwrap_or(usize::MAX));
            Ok::<_, Infallible>(response)
        })
    });
    let mut connection = http1::Builder::new()
        // The timeouts of the socket replace this one.
        .header_read_timeout(None)
        .max_headers(limits.headers)
        .max_buf_size(limits.head_size.max(8192))
        .serve_connection(io, service);
    let mut stopped = false;
    let ended = poll_fn(|cx| {
        if !stopped && stopping.as_mut().poll(cx).is_ready() {
            stopped = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        if evicted.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        connection.poll_without_shutdown(cx).map(Some)
    })
    .await;
    match ended {
        None => return,
        Some(Err(error)) => tracing::debug!(%error, "a connection to the scrape endpoint ended"),
        Some(Ok(())) => {}
    }
    // The client may still send the body of a request, which the endpoint does not read. A stop does not wait for that.
    let at_most = if stopped { Duration::ZERO } else { limits.half_closed };
    let mut closing = pin!(timeout(at_most, socket::close(connection.into_parts().io.into_inner())));
    poll_fn(|cx| match evicted.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => closing.as_mut().poll(cx).map(drop),
    })
    .await;
}

/// Begins TLS, if the endpoint has it.
async fn open(stream: TcpStream, endpoint: &Endpoint) -> io::Result<Socket> {
    match endpoint.access() {
        Some(access) => access.accept(stream).await,
        None => Ok(Socket::Plain(stream)),
    }
}
