//! The built-in traffic: a few clients that ask for what can be had, and for some that cannot.

use std::net::SocketAddr;
use std::time::Duration;

/// What is asked for, over and over: mostly quick answers, some slow, some errors.
const REQUESTS: [&str; 10] = [
    "/cities",
    "/route/amsterdam/vienna",
    "/route/paris/berlin",
    "/route/hamburg/munich",
    "/route/paris/atlantis",
    "/route/paris/reykjavik",
    "/round-trip/paris,berlin,vienna,prague,munich",
    "/round-trip/amsterdam,paris,munich,vienna,prague,berlin,hamburg,cologne,frankfurt",
    "/round-trip/paris,berlin,atlantis",
    "/round-trip/amsterdam,brussels,cologne,frankfurt,leipzig,berlin,hamburg,prague,vienna,munich",
];

/// How many ask at a time.
const CLIENTS: usize = 4;
/// How long each waits before it asks again.
const PAUSE: Duration = Duration::from_millis(20);

/// Sends requests until it is aborted.
pub(crate) async fn run(service: SocketAddr) {
    let http = reqwest::Client::new();
    let clients = (0..CLIENTS).map(|client| {
        let http = http.clone();
        async move {
            // Each starts at another request, so that not all ask for the same at once.
            for path in REQUESTS.iter().cycle().skip(client * REQUESTS.len() / CLIENTS) {
                if let Ok(response) = http.get(format!("http://{service}{path}")).send().await {
                    // The answer is read, so that the connection is used again.
                    let _ = response.bytes().await;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    });
    let mut running = tokio::task::JoinSet::from_iter(clients);
    while running.join_next().await.is_some() {}
}
