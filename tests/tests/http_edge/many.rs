//! A thousand concurrent requests of every kind: the sums match what the clients saw.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use phoenix_otel_tests::{Samples, start, wait_until};
use tokio::sync::Barrier;

use super::client::{BOTH, Client, empty, length};
use super::counts::expect;
use super::server::serve;

const REQUESTS: usize = 1000;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_concurrent_requests_are_counted() {
    for protocol in BOTH {
        let route = protocol.path("/many/{n}");
        // No response is sent before all requests have arrived, so all are in flight together.
        let all = Arc::new(Barrier::new(REQUESTS + 1));
        let arrived = all.clone();
        let answer = async move |Path(n): Path<usize>| {
            arrived.wait().await;
            match n % 10 {
                0 => (StatusCode::INTERNAL_SERVER_ERROR, "failed".to_owned()),
                1 => (StatusCode::NOT_FOUND, "missing".to_owned()),
                2 => std::future::pending().await,
                _ => (StatusCode::OK, "answered".to_owned()),
            }
        };
        let address = serve(Router::new().route(&route, get(answer))).await;
        let client = Client::new(protocol, address);
        let clients: Vec<_> = (0..REQUESTS)
            .map(|n| {
                let client = client.clone();
                let path = protocol.path(&format!("/many/{n}"));
                tokio::spawn(async move {
                    let answer = client.send("GET", &path, empty()).await.unwrap();
                    let status = answer.status().as_u16();
                    length(answer.into_body()).await.unwrap();
                    status
                })
            })
            .collect();
        let active = || Samples::of(start()).get("phoenix_service_connections_active", &[]).unwrap();
        wait_until("all to arrive", || {
            let active = active();
            if active >= REQUESTS as f64 { Ok(()) } else { Err(active) }
        });
        all.wait().await;

        let mut seen = BTreeMap::new();
        for (n, client) in clients.into_iter().enumerate() {
            // One in ten waits for a response that does not come, and disconnects.
            let status = if n % 10 == 2 {
                client.abort();
                "cancelled".to_owned()
            } else {
                client.await.unwrap().to_string()
            };
            *seen.entry(status).or_insert(0) += 1;
        }
        let seen: Vec<String> = seen.iter().map(|(status, count)| format!("GET {status} {count}")).collect();
        assert_eq!(seen.join(", "), "GET 200 700, GET 404 100, GET 500 100, GET cancelled 100");
        expect(&route, &seen.join(", "));
    }
}
