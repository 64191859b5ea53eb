//! The built-in traffic: a few clients that send requests. Most requests succeed; about one in twenty fails.

use std::net::SocketAddr;
use std::time::Duration;

/// Requests that succeed, fast and slow ones.
const REQUESTS: [&str; 10] = [
    "/cities",
    "/route/amsterdam/vienna",
    "/route/paris/berlin",
    "/round-trip/paris,berlin,vienna,prague,munich",
    "/cities",
    "/route/hamburg/munich",
    "/route/brussels/prague",
    "/cities",
    "/route/strasbourg/leipzig",
    SLOW,
];

/// The slowest request.
const SLOW: &str = "/round-trip/amsterdam,paris,munich,vienna,prague,berlin,hamburg,cologne,frankfurt";

/// Requests that fail, one for each kind of error and function. Round trips fail most often.
const FAILURES: [&str; 4] = [
    "/route/paris/atlantis",
    "/route/paris/reykjavik",
    "/round-trip/paris,berlin,atlantis",
    "/round-trip/amsterdam,brussels,cologne,frankfurt,leipzig,berlin,hamburg,prague,vienna,munich",
];

/// Every twentieth request of a client fails.
const FAILURE_INTERVAL: usize = 20;
/// Every fifth failure is a client that waits only this long for a slow response, and then disconnects: a cancelled call.
const PATIENCE: Duration = Duration::from_millis(3);
/// Clients that run at the same time.
const CLIENTS: usize = 4;
/// The pause of a client between two requests.
const PAUSE: Duration = Duration::from_millis(20);

/// Sends requests until the task is aborted.
pub(crate) async fn run(service: SocketAddr) {
    let http = reqwest::Client::new();
    let clients = (0..CLIENTS).map(|client| {
        let http = http.clone();
        async move {
            for turn in 0.. {
                let request = request(&http, service, client, turn);
                if let Ok(response) = request.send().await {
                    // Read the body, so that the connection is reused.
                    let _ = response.bytes().await;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    });
    let mut running = tokio::task::JoinSet::from_iter(clients);
    while running.join_next().await.is_some() {}
}

/// The request of a client in a turn. Each client starts at another request, so that they do not all send the same one at once.
fn request(http: &reqwest::Client, service: SocketAddr, client: usize, turn: usize) -> reqwest::RequestBuilder {
    let get = |path: &str| http.get(format!("http://{service}{path}"));
    // The first failure comes early, so that a short run shows every kind of error.
    if turn % FAILURE_INTERVAL != 3 {
        return get(REQUESTS[(2 * client + turn) % REQUESTS.len()]);
    }
    let failure = FAILURES.get((client + turn / FAILURE_INTERVAL) % (FAILURES.len() + 1));
    failure.map_or_else(|| get(SLOW).timeout(PATIENCE), |path| get(path))
}
