//! The page in a browser.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::{Page, Prometheus};
use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::{Browser, Quickstart, Samples, Window, isolated, wait_until};

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
    breaker.changed(State::Open);
    state("▲ open");
    breaker.changed(State::HalfOpen);
    state("half-open");

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
    browser.wait("the function at that moment", &format!("return document.querySelectorAll('.plot').length >= 4 && {is_held} && document.querySelector('section[aria-label=Series]').innerText.includes('not of the pinned moment')"));
    browser.script("document.querySelector('.call a').click()");
    browser.wait("the overview at that moment", &format!("return {is_held} && document.querySelector('section[aria-label=Functions] tbody')?.innerText === {held} && document.querySelector('section[aria-label=Telemetry]').innerText.includes('not of the pinned moment')"));
    browser.script("document.getElementById('tab-metrics').click()");
    browser.wait("the metrics", &format!("return {is_held} && document.querySelector('.search [role=status]')?.textContent.includes('not of the pinned moment')"));

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

#[test]
fn each_view_exports_what_it_shows() {
    isolated!();
    let page = Page::new().origin("http://localhost:1");
    let exporter = Prometheus::new().host("127.0.0.1").port(0);
    let builder = phoenix_otel::builder("page-service").exporter(exporter).page(page);
    let builder = builder.environment([("OTEL_RESOURCE_ATTRIBUTES", "acme.api_key=hush")]);
    let telemetry = builder.init().expect("init succeeds");
    let url = format!("http://{}", telemetry.scrape_address().expect("the server listens"));
    let breaker = CircuitBreakerMetrics::new("page-ink");
    breaker.changed(State::Open);
    let working = Working::begin();
    let browser = Browser::start();
    browser.open(&format!("{url}/#/?range=2"));
    browser.wait("some rates", "return Number(/^\\d+/.exec(document.getElementById('pace').textContent)?.[0]) >= 3 && /\\d/.test(document.querySelector('td.c-rate .number')?.textContent)");
    browser.script("document.getElementById('pause').click()");
    drop(working);
    let saved = |view: &str| {
        browser.script("window.saved = null; URL.createObjectURL = (blob) => { window.saved = blob.text().then(JSON.parse); return '#'; }; window.click ??= HTMLAnchorElement.prototype.click; HTMLAnchorElement.prototype.click = function () { if (this.download) window.file = this.download; else window.click.call(this); }; document.getElementById('export').click()");
        let saved = browser.evaluate_async("window.saved");
        let [times, from, to] = ["times", "from", "to"].map(|name| saved[name].clone());
        let head = serde_json::json!({ "format": "phoenix-otel page", "version": 1, "view": view, "service": "page-service", "process": url, "time_unit": "ms" });
        for (name, value) in head.as_object().expect("fields") {
            assert_eq!(&saved[name], value, "{name}: {saved:#}");
        }
        let times: Vec<i64> = times.as_array().expect("times").iter().filter_map(serde_json::Value::as_i64).collect();
        assert!(
            times.len() >= 3
                && times.is_sorted()
                && from.as_i64() <= times.first().copied()
                && times.last().copied() <= to.as_i64(),
            "{saved:#}"
        );
        let file = browser.script("return window.file");
        assert!(
            file.as_str()
                .is_some_and(|file| file.starts_with(&format!("page-service-{view}-20")) && file.ends_with("Z.json")),
            "{file}"
        );
        (saved, times.len())
    };
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_else(|| panic!("no list: {value}"));
    let named = |all: &serde_json::Value, key: &str, name: &str| {
        list(all).into_iter().find(|one| one[key] == name).unwrap_or_else(|| panic!("{name}: {all:#}"))
    };

    // The numbers of the rows are those of the table.
    let shown = browser.script("return [...document.querySelectorAll('.calls tbody tr')].map((row) => [row.querySelector('a').textContent, row.querySelector('.c-rate .number').textContent])");
    let (overview, samples) = saved("overview");
    let names: Vec<_> = list(&overview["calls"]).iter().map(|call| call["name"].clone()).collect();
    assert_eq!(names, list(&shown).iter().map(|row| row[0].clone()).collect::<Vec<_>>());
    let rate = named(&overview["calls"][0]["series"], "name", "rate");
    assert_eq!((rate["unit"].as_str(), list(&rate["values"]).len()), (Some("1/s"), samples));
    let format = format!("import('./format.js').then(({{ rate }}) => rate({}))", list(&rate["values"])[samples - 1]);
    assert_eq!(browser.evaluate_async(&format), shown[0][1]);
    assert_eq!(named(&overview["numbers"], "name", "Memory")["unit"], "By");
    assert_eq!(list(&named(&overview["breakers"], "service", "page-ink")["states"])[samples - 1], "open");
    assert_eq!(overview["exporters"][0]["name"], "prometheus");
    assert_eq!(overview["processes"][0]["origin"], "http://localhost:1");

    browser
        .script("[...document.querySelectorAll('.calls a')].find((link) => link.textContent === 'page_print').click()");
    browser.wait("the series", "return document.querySelector('section[aria-label=Series] tbody tr')");
    let (call, samples) = saved("call");
    assert_eq!(call["call"]["labels"], serde_json::json!({ "method": "page_print" }));
    let latency = named(&call["plots"], "title", "Latency");
    assert_eq!(
        (latency["unit"].as_str(), list(&named(&latency["series"], "name", "p95")["values"]).len()),
        (Some("s"), samples)
    );
    assert_eq!((list(&call["buckets"]["counts"]).len(), call["buckets"]["bounds_unit"].as_str()), (samples, Some("s")));
    assert!(
        list(&call["current"]["series"])
            .iter()
            .any(|one| one["series"] == r#"phoenix_page_errors_total{error_type="no_ink", method="page_print"}"#),
        "{call:#}"
    );

    browser.open(&format!("{url}/#/metrics?q=page_print"));
    browser.wait("what is found", "return document.querySelectorAll('.metric').length > 0 && document.querySelector('.metrics').dataset.search === 'page_print' && Number(/^\\d+/.exec(document.getElementById('pace').textContent)?.[0]) >= 3");
    let (metrics, _) = saved("metrics");
    let shown =
        browser.script("return [...document.querySelectorAll('.metric-name code')].map((code) => code.textContent)");
    let names: Vec<_> = list(&metrics["metrics"]).iter().map(|metric| metric["name"].clone()).collect();
    assert_eq!((metrics["search"].as_str(), &names), (Some("page_print"), &list(&shown)));
    let duration = named(&metrics["metrics"], "name", "phoenix_page_request_duration_seconds");
    assert_eq!((duration["type"].as_str(), duration["unit"].as_str()), (Some("histogram"), Some("seconds")));
    let series = list(&duration["series"]).into_iter().find(|one| one["labels"]["method"] == "page_print");
    let series = series.unwrap_or_else(|| panic!("{duration:#}"));
    let last = list(&series["buckets"]).pop().expect("buckets");
    assert_eq!((last["le"].as_str(), &last["count"]), (Some("+Inf"), &series["count"]));

    browser.script("document.getElementById('tab-configuration').click()");
    browser.wait("the settings", "return document.querySelectorAll('.configuration dl').length >= 4");
    let (configuration, _) = saved("configuration");
    assert_eq!(named(&configuration["settings"], "name", "acme.api_key")["value"], "***");
    assert!(!configuration.to_string().contains("hush"), "{configuration:#}");
}

#[test]
fn other_processes_of_the_settings_are_listed() {
    isolated!();
    let port = free_port();
    let here = format!("http://127.0.0.1:{port}");
    let other = Quickstart::start(&["--no-traffic"], &[("PHOENIX_OTEL_PAGE_ORIGINS", &here)]);
    let there = format!("http://{}", other.metrics());
    let exporter = Prometheus::new().host("127.0.0.1").port(port);
    let page = Page::new().origin(&there);
    let _telemetry = phoenix_otel::builder("page-service").exporter(exporter).page(page).init().expect("init succeeds");
    let browser = Browser::start();
    browser.set_window(Window(360, 800), false);
    browser.open(&format!("{here}/#/?range=15"));
    browser.wait("the other process", "const row = document.querySelector('section[aria-label=\"Other processes\"] tbody')?.innerText ?? ''; return row.includes('quickstart') && row.includes('live')");
    let wide = browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert!(wide.as_i64().is_some_and(|wide| wide <= 0), "wider than the window by {wide}");
    browser.script("document.querySelector('section[aria-label=\"Other processes\"] a').click()");
    browser.wait("its page", "return document.getElementById('service').textContent === 'quickstart' && document.querySelector('section[aria-label=Functions]')?.innerText.includes('find_route')");
    let held = "return `${document.getElementById('process').value} ${document.getElementById('range').value}`";
    assert_eq!(browser.script(held), format!("{there} 15"));
    // Links stay on the process.
    browser
        .script("[...document.querySelectorAll('.calls a')].find((link) => link.textContent === 'find_route').click()");
    browser.wait("its function", "return document.querySelector('h1')?.textContent === 'find_route' && document.querySelectorAll('.plot').length >= 4");
    assert_eq!(browser.script(held), format!("{there} 15"));
    browser.script("document.querySelector('.call a').click()");
    browser.wait("its overview", "return Boolean(document.querySelector('section[aria-label=Functions] tbody tr'))");
    assert_eq!(browser.script(held), format!("{there} 15"));
    assert_eq!(browser.console_errors(), [] as [String; 0]);

    // A link to an unknown process is ignored.
    browser.open(&format!("{here}/#/?of=http%3A%2F%2Fevil.example"));
    browser.wait("this process", "return document.getElementById('service').textContent === 'page-service'");
    assert_eq!(browser.console_errors(), [] as [String; 0]);
}
