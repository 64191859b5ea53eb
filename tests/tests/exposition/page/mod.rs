//! The live page: its responses, and the page in a browser.

mod appearance;
mod browser;
mod endpoint;
mod export;
mod long_running;
mod numbers;
mod processes;

use std::time::Duration;

use axum::Router;
use axum::http as http_types;
use http_body_util::BodyExt as _;
use phoenix_otel::{Domain, ErrorType, Extension, Page, Prometheus, Telemetry, instrument_metrics, metrics};
use tower::ServiceExt as _;

metrics! {
    /// Orders, by country.
    static PAGE_ORDERS: Counter { country: &str } = "page.orders" { unit: "{order}", cap: 5 };
    /// Another metric with the unit of a domain.
    static PAGE_GAME: Counter = "page.game" { unit: "{token}" };
    /// Pages in a queue.
    static PAGE_QUEUE: Gauge = "page.queue" { unit: "{page}" };
}

/// A domain with its own section.
const MODELS: Domain = Domain::new("page_models").on_page("Language models");

mod models {
    phoenix_otel::metrics! {
        domain = super::MODELS;

        /// Tokens that a model read.
        pub(super) static TOKENS: Counter { model: &str } = "page.models.tokens" { unit: "{token}" };
        /// The latest number of tokens, which cannot be added up.
        pub(super) static NEWEST: Gauge = "page.models.newest" { unit: "{token}" };
    }
}

struct Models;

impl Extension for Models {
    fn domains(&self) -> Vec<Domain> {
        vec![MODELS]
    }
}

#[derive(Debug, ErrorType)]
enum PageError {
    NoInk,
}

#[instrument_metrics(name = "page_print")]
fn print(page: u32) -> Result<u32, PageError> {
    std::thread::sleep(Duration::from_micros(300));
    if page % 5 == 4 { Err(PageError::NoInk) } else { Ok(page) }
}

#[instrument_metrics(name = "page_fold", bounds = [0.1, 1.0])]
fn fold(page: u32) -> u32 {
    page + 1
}

/// Starts telemetry with an endpoint on loopback, and returns both.
fn served(port: u16) -> (Telemetry, String) {
    let exporter = Prometheus::new().host("127.0.0.1").port(port);
    let page = Page::new().trace_link("http://traces.example/{trace_id}");
    let builder = phoenix_otel::builder("page-service").version("1.2.3").exporter(exporter).page(page).with(Models);
    let telemetry = builder.init().expect("init succeeds");
    let address = telemetry.scrape_address().expect("the server listens");
    (telemetry, format!("http://{address}"))
}

/// Sends a request to a router.
fn request(app: &Router, path: &str) {
    let request = http_types::Request::get(path).body(String::new()).expect("a request");
    phoenix_otel_tests::block_on(async {
        let response = app.clone().oneshot(request).await.expect("a response");
        // A request ends with its response body.
        response.into_body().collect().await.expect("a body");
    });
}

/// Calls that the page shows.
fn work() {
    for page in 0..10 {
        let _ = tracing::info_span!("page").in_scope(|| print(fold(page)));
    }
    PAGE_ORDERS.add(3, PAGE_ORDERS { country: "nl" });
    models::TOKENS.add(100, models::TOKENS { model: "large" });
    models::NEWEST.set(100.0, ());
    PAGE_GAME.add(1, ());
    PAGE_QUEUE.set(7.5, ());
}
