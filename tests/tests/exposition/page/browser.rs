//! The page in a browser.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel_tests::{Browser, Samples, isolated, wait_until};

use super::{PAGE_ORDERS, request, served, work};

/// Generates calls until it is dropped, so that the plots have data.
pub(super) struct Working {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Working {
    pub(super) fn begin() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                work();
                thread::sleep(Duration::from_millis(20));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Returns the number of pixels of a canvas that are drawn.
const DRAWN: &str = "const drawn = (canvas) => { const { width, height } = canvas; if (!width || !height) return 0; \
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height); let sum = 0; \
    for (let i = 3; i < data.length; i += 4) if (data[i] > 40) sum += 1; return sum; };";

#[test]
fn the_page_shows_correct_numbers_and_draws_plots() {
    isolated!();
    let (telemetry, url) = served(0);
    let breaker = CircuitBreakerMetrics::new("page-ink");
    let browser = Browser::start();
    browser.open(&url);
    let working = Working::begin();
    assert_eq!(browser.wait("the service's name", "return document.getElementById('service').textContent !== '…' && document.getElementById('service').textContent"), "page-service");
    browser.wait(
        "a row for the function",
        "return document.querySelector('section[aria-label=Functions] tbody')?.innerText.includes('page_print')",
    );
    // The worst is the first as soon as there are rates.
    let first = browser.wait(
        "its rate",
        "return /\\d\\/s/.test(document.querySelector('td.c-rate')?.innerText) && document.querySelector('.calls a').textContent",
    );
    assert_eq!(first, "page_print");
    browser.wait(
        "its errors, in words",
        "return document.querySelector('section[aria-label=Functions]').innerText.includes('no_ink')",
    );
    let small = format!(
        "{DRAWN} return [...document.querySelectorAll('td.c-rate canvas')].every((canvas) => drawn(canvas) > 60)"
    );
    browser.wait("small plots with a line", &small);
    browser.wait(
        "tokens of a model",
        "return /[\\d.]+( k)?\\/s/.test(document.querySelector('section[aria-label=\"Language models\"]')?.innerText)",
    );
    let state = |state: &str| {
        browser.wait(state, &format!("return document.querySelector('.breakers')?.innerText.includes({state:?})"))
    };
    state("page-ink\nclosed");
    breaker.set_state(State::Open);
    state("▲ open");
    breaker.set_state(State::HalfOpen);
    state("half-open");

    let detail = browser.script("return [...document.querySelectorAll('.calls tbody tr')].find((row) => row.querySelector('a').textContent === 'page_print').querySelector('.detail').textContent");
    assert_eq!(detail, "exposition::page");

    // The view of the function, by its link.
    browser
        .script("[...document.querySelectorAll('.calls a')].find((link) => link.textContent === 'page_print').click()");
    browser.wait("the heading", "return document.querySelector('h1')?.textContent === 'page_print'");
    let place = browser.text(".call > p:nth-of-type(2)");
    assert!(place.contains("exposition/page/mod.rs:"), "{place}");
    let plots = format!(
        "{DRAWN} const all = [...document.querySelectorAll('.plot .uplot canvas'), document.querySelector('canvas.heat')]; return all.length >= 4 && all.every((canvas) => drawn(canvas) > 500)"
    );
    browser.wait("plots with axes, lines and cells", &plots);
    let queries = browser
        .script("return [...document.querySelectorAll('.query code')].map((code) => code.textContent).join('\\n')");
    let expected = "histogram_quantile(0.95, sum by (le) (rate(phoenix_page_request_duration_seconds_bucket{service=\"page-service\", method=\"page_print\"}[5m])))";
    assert!(queries.as_str().is_some_and(|queries| queries.lines().any(|query| query == expected)), "{queries}");
    let example = browser.wait(
        "an example that leads to its trace",
        "return document.querySelector('section[aria-label=Exemplars] a')?.href",
    );
    let trace = example.as_str().and_then(|link| link.strip_prefix("http://traces.example/")).unwrap_or_default();
    assert!(trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit()), "{example}");
    drop(working);

    // The numbers in the text match a scrape.
    let series_text = |browser: &Browser| browser.text("section[aria-label=Series]").replace([',', '\u{a0}'], "");
    wait_until("the series as the exposition has them", || {
        let samples = Samples::of(&telemetry);
        let labels = [("method", "page_print"), ("status", "ok")];
        let [ok, errors, count] = [
            samples.get("phoenix_page_requests_total", &labels),
            samples.get("phoenix_page_errors_total", &[("method", "page_print"), ("error_type", "no_ink")]),
            samples.get("phoenix_page_request_duration_seconds_count", &[("method", "page_print")]),
        ]
        .map(|value| value.expect("a sample"));
        let seen = series_text(&browser);
        let line = |name: &str, value: f64| {
            seen.lines().any(|line| line.contains(name) && line.trim_end().ends_with(&format!("\t{value}")))
        };
        let is_right = line("status=\"ok\"", ok) && line("no_ink", errors) && line("_count", count) && ok > 100.0;
        if is_right { Ok(()) } else { Err(format!("{ok} {errors} {count}: {seen}")) }
    });
    assert_eq!(browser.console_errors(), [] as [String; 0]);
}

#[test]
fn routes_have_names_and_valid_queries() {
    isolated!();
    let (_telemetry, url) = served(0);
    let app = Router::new().route("/items/{id}", axum::routing::get(async || "an item")).layer(MetricsLayer::new());
    request(&app, "/items/7");
    request(&app, "/unknown");
    let browser = Browser::start();
    browser.open(&url);
    let links = "[...document.querySelectorAll('section[aria-label=Routes] tbody a')]";
    browser.wait("both routes", &format!("return {links}.length === 2"));
    let names = browser.script(&format!("return {links}.map((link) => link.textContent).sort()"));
    assert_eq!(names, serde_json::json!(["(no route)", "/items/{id}"]));
    assert_eq!(browser.accessibility(), [] as [String; 0]);
    let heads = browser.text("section[aria-label=Routes] thead");
    assert!(heads.contains("p99") && !heads.contains("In flight"), "{heads}");
    // No word is doubled.
    assert_eq!(browser.text("section[aria-label=Telemetry] .exporters li").trim(), "prometheus no scrape yet");

    browser.script(&format!("{links}.find((link) => link.textContent === '/items/{{id}}').click()"));
    browser.wait("the queries", "return document.querySelectorAll('.query code').length >= 4");
    let queries =
        browser.script("return [...document.querySelectorAll('.query code')].map((code) => code.textContent)");
    let expected = r#"sum by (status) (rate(phoenix_service_requests_total{service="page-service", method="GET", route="/items/{id}", status=~"5.."}[5m]))"#;
    assert!(queries.as_array().is_some_and(|queries| queries.iter().any(|query| query == expected)), "{queries:#}");
    assert_eq!(browser.console_errors(), [] as [String; 0]);
}

#[test]
fn metrics_are_found_by_the_keyboard_alone() {
    isolated!();
    let (_telemetry, url) = served(0);
    let browser = Browser::start();
    browser.open(&url);
    browser.wait("the page", "return document.getElementById('state').textContent.includes('Live')");
    // A page that was open before their first use also has their definitions.
    work();
    // Press Tab until the link to the metrics has the focus, then Enter.
    let focused = |browser: &Browser| {
        browser
            .script("return document.activeElement.id || document.activeElement.textContent")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let tab_to = |wanted: &str| {
        let mut seen = Vec::new();
        for _ in 0..30 {
            browser.keys("\u{e004}");
            seen.push(focused(&browser));
            if seen.last().is_some_and(|id| id == wanted) {
                let outline = browser.script("return getComputedStyle(document.activeElement).outlineStyle");
                assert_ne!(outline, "none", "the focus on {wanted} cannot be seen");
                return;
            }
        }
        panic!("{wanted} cannot be reached: {seen:?}");
    };
    tab_to("tab-metrics");
    browser.keys("\u{e007}");
    browser.wait("the metrics", "return document.querySelectorAll('.metric').length > 10");
    tab_to("search");
    let found = |words: &str| {
        browser.script("document.activeElement.select()");
        browser.keys(words);
        let names =
            "[...document.querySelectorAll('.metric-name code')].map((code) => code.textContent).join(' ') || 'none'";
        let script = format!("return document.querySelector('.metrics').dataset.search === {words:?} && ({names})");
        browser.wait("what is found", &script).as_str().unwrap_or_default().to_owned()
    };
    // By name, label value, description, unit and crate.
    let first = |words: &str| found(words).split(' ').next().unwrap_or_default().to_owned();
    assert_eq!(found("country nl"), "page_orders_total");
    assert_eq!(found("pages in a queue"), "page_queue");
    assert!(found("{order}").contains("page_orders_total"));
    assert!(found("exposition").contains("page_orders_total"));
    // The metrics of functions also by the crate of the functions.
    assert!(found("exposition page_print").split(' ').any(|name| name == "phoenix_page_requests_total"));
    let owners = "return [...document.querySelectorAll('.metric')].find((metric) => metric.querySelector('code').textContent === 'phoenix_page_requests_total').querySelector('.facts').innerText";
    assert!(browser.script(owners).as_str().is_some_and(|facts| facts.contains("crate exposition")), "{owners}");
    assert_eq!(found("nothing has this"), "none");
    // Other metrics have the name in a label.
    assert_eq!(first("page_orders"), "page_orders_total");
    browser.keys("\u{e004}");
    assert!(focused(&browser).contains("page_orders_total"), "{}", focused(&browser));
    browser.keys("\u{e007}");
    browser.wait(
        "the series of the metric",
        "return document.querySelector('.metric[open] tbody')?.innerText.includes('country=\"nl\"')",
    );
    let facts = browser.text(".metric[open] summary");
    assert!(facts.contains("1 of at most 5 series"), "{facts}");
    for country in 0..9 {
        PAGE_ORDERS.add(1, PAGE_ORDERS { country: &country.to_string() });
    }
    browser.wait("that it is past its cap", "const facts = document.querySelector('.metric[open] summary').innerText; return facts.includes('cap exceeded') && facts.includes('5 of at most 5 series')");
    browser.script("document.getElementById('tab-overview').click()");
    browser.wait(
        "what went to the overflow series",
        "return document.querySelector('section[aria-label=Telemetry]')?.innerText.includes('page_orders_total')",
    );
    assert_eq!(browser.console_errors(), [] as [String; 0]);
}

#[test]
fn before_the_first_response_no_numbers_are_shown() {
    isolated!();
    let (_telemetry, url) = served(0);
    let browser = Browser::start();
    let silent = "window.fetch = () => { window.asked = true; return new Promise(() => {}); };";
    browser.command("Page.addScriptToEvaluateOnNewDocument", serde_json::json!({ "source": silent }));
    browser.open(&url);
    browser.wait("the first question", "return window.asked");
    browser
        .evaluate_async("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(1))))");
    assert_eq!(browser.text("main"), "Waiting for the first data …");
}

#[test]
fn a_moment_can_be_pinned_and_shared() {
    isolated!();
    let (_telemetry, url) = served(0);
    let working = Working::begin();
    let browser = Browser::start();
    browser.open(&format!("{url}/#/?range=2"));
    browser.wait("some moments", "return Number(/^\\d+/.exec(document.getElementById('pace').textContent)?.[0]) >= 3 && /\\d/.test(document.querySelector('td.c-rate .number')?.textContent)");
    assert_eq!(browser.script("return document.getElementById('range').value"), "2");
    browser.script("document.getElementById('pause').click()");
    browser.wait("the pause", "return document.getElementById('state').textContent.includes('Paused')");
    let address = browser.script("return location.href").as_str().unwrap_or_default().to_owned();
    assert!(address.contains("at=") && address.contains("range=2"), "{address}");
    let table = "return document.querySelector('section[aria-label=Functions] tbody').innerText";
    let held = browser.wait("the table", table);
    let moments = "return Number(/^\\d+/.exec(document.getElementById('pace').textContent)[0])";
    let before = browser.script(moments).as_u64().unwrap_or_default();
    browser.wait("further moments", &format!("{moments} > {before} + 1"));
    assert_eq!(browser.script(table), held);
    drop(working);

    // Links keep the moment and the range. Values that are not of the moment say so.
    let is_held = "document.getElementById('state').textContent.includes('Paused') && document.getElementById('range').value === '2' && location.hash.includes('at=')";
    browser.script("document.querySelector('.calls a').click()");
    browser.wait("the function at that moment", &format!("return document.querySelectorAll('.plot').length >= 4 && {is_held} && document.querySelector('section[aria-label=Series]').innerText.includes('not of the pinned time')"));
    browser.script("document.querySelector('.call a').click()");
    browser.wait("the overview at that moment", &format!("return {is_held} && document.querySelector('section[aria-label=Functions] tbody')?.innerText === {held} && document.querySelector('section[aria-label=Telemetry]').innerText.includes('not of the pinned time')"));
    browser.script("document.getElementById('tab-metrics').click()");
    browser.wait("the metrics", &format!("return {is_held} && document.querySelector('.search [role=status]')?.textContent.includes('not of the pinned time')"));

    // Another browser, with the shared address.
    let other = Browser::start();
    other.open(&address);
    other.wait(
        "the same table",
        &format!("return document.querySelector('section[aria-label=Functions] tbody')?.innerText === {held}"),
    );

    assert_eq!(browser.console_errors(), [] as [String; 0]);

    // A moment in the future cannot be pinned.
    other.open(&format!("{url}/#/?at=9999999999999"));
    other.wait("the present", "return document.getElementById('state').textContent.includes('Live')");
}
