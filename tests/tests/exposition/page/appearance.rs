//! The page on a phone and on a wide screen, light and dark, and its accessibility.

use axum::Router;
use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::{Page, Prometheus};
use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::{Browser, Quickstart, Window, isolated};

use super::browser::Working;
use super::{Models, request, served};

const WINDOWS: [(&str, Window); 4] = [
    ("phone", Window(360, 740)),
    ("tablet", Window(768, 1024)),
    ("laptop", Window(1280, 800)),
    ("wide", Window(1920, 1080)),
];

/// The names of settings that break within a word.
const BROKEN: &str = r"
    const broken = (name) => {
      let [last, top] = ['', null];
      for (const node of [...name.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE)) {
        for (let i = 0; i < node.length; i += 1) {
          const range = document.createRange();
          range.setStart(node, i);
          range.setEnd(node, i + 1);
          const at = range.getBoundingClientRect().top;
          if (top !== null && at > top + 2 && !/[-._\/: ]/.test(last)) return true;
          [last, top] = [node.data[i], at];
        }
      }
      return false;
    };
    return [...document.querySelectorAll('.configuration dt')].filter(broken).map((name) => name.textContent);
";

/// A page with every section: routes, functions, call sets, breakers, a domain, the process, other processes.
#[test]
fn every_view_fits_every_window_and_is_accessible() {
    isolated!();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let other = Quickstart::start(&[], &[("PHOENIX_OTEL_PAGE_ORIGINS", &url)]);
    let exporter = Prometheus::new().host("127.0.0.1").port(port);
    let page = Page::new().origin(format!("http://{}", other.metrics()));
    let builder = phoenix_otel::builder("page-service").exporter(exporter).page(page).with(Models);
    let _telemetry = builder.init().expect("init succeeds");
    let app = Router::new().route("/items/{id}", axum::routing::get(async || "an item")).layer(MetricsLayer::new());
    request(&app, "/items/7");
    let breakers = [State::Closed, State::Open, State::HalfOpen].map(|state| {
        let breaker = CircuitBreakerMetrics::new(format!("page-{state:?}"));
        breaker.set_state(state);
        breaker
    });
    let _working = Working::begin();
    let browser = Browser::start();
    browser.open(&url);
    let link = |section: &str| {
        let script =
            format!("return document.querySelector('section[aria-label={section}] .calls a')?.getAttribute('href')");
        browser.wait("a link", &script).as_str().unwrap_or_default().to_owned()
    };
    let (call, route) = (link("Functions"), link("Routes"));
    let sections = [
        "Now",
        "Routes",
        "Functions",
        "Circuit breakers",
        "Language models",
        "Process",
        "Telemetry",
        "Other processes",
    ];
    let overview = format!(
        "{sections:?}.every((name) => document.querySelector(`section[aria-label=\"${{name}}\"]`)?.offsetHeight > 0) && document.querySelectorAll('.calls tbody tr').length >= 3 && document.querySelectorAll('.breakers li').length === {} && document.querySelector('section[aria-label=\"Other processes\"] tbody')?.innerText.includes('live')",
        breakers.len()
    );
    for (window, size) in WINDOWS {
        for dark in [false, true] {
            browser.set_window(size, dark);
            for (view, is_there) in [
                ("#/", &*overview),
                (&route, "document.querySelectorAll('.plot').length >= 4"),
                (
                    &call,
                    "document.querySelectorAll('.plot').length >= 4 && document.querySelector('section[aria-label=Series] tbody tr')",
                ),
                ("#/metrics", "document.querySelectorAll('.metric').length > 10"),
                ("#/configuration", "document.querySelectorAll('.configuration dl').length >= 4"),
            ] {
                let what = format!("{view}, {window}, {}", if dark { "dark" } else { "light" });
                browser.open(&format!("{url}/{view}"));
                browser.wait(&what, &format!("return Boolean({is_there})"));
                let wide = browser
                    .script("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
                assert!(wide.as_i64().is_some_and(|wide| wide <= 0), "{what} is wider than the window by {wide}");
                let paper = browser.script("return getComputedStyle(document.body).backgroundColor");
                assert_eq!(paper, if dark { "rgb(15, 18, 22)" } else { "rgb(246, 247, 249)" }, "{what}");
                assert_eq!(browser.script(BROKEN), serde_json::json!([]), "{what}");
                assert_eq!(browser.accessibility(), [] as [String; 0], "{what}");
                assert_eq!(browser.console_errors(), [] as [String; 0], "{what}");
            }
        }
    }
}

#[test]
fn nothing_moves_for_people_who_prefer_reduced_motion() {
    isolated!();
    let (_telemetry, url) = served(0);
    let _working = Working::begin();
    let browser = Browser::start();
    browser.open(&url);
    browser.wait("functions", "return Boolean(document.querySelector('.calls tbody tr'))");
    // A transition of an element, which the page must suppress.
    let transition =
        "document.body.style.transition = 'opacity 5s'; return getComputedStyle(document.body).transitionDuration";
    let prefer = |motion: &str| {
        let features = serde_json::json!({ "features": [{ "name": "prefers-reduced-motion", "value": motion }] });
        browser.command("Emulation.setEmulatedMedia", features);
    };
    prefer("no-preference");
    assert_eq!(browser.script(transition), "5s");
    prefer("reduce");
    assert_eq!(browser.script(transition), "0s");
    assert_eq!(browser.script("return document.getAnimations().length"), 0);
}

#[test]
fn changing_numbers_do_not_move_the_layout() {
    isolated!();
    let (_telemetry, url) = served(0);
    let _working = Working::begin();
    let browser = Browser::start();
    browser.set_window(Window(1280, 800), false);
    browser.open(&url);
    browser.wait("some moments", "return Number(/^\\d+/.exec(document.getElementById('pace').textContent)?.[0]) >= 3");
    let shifts = "new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifted += entry.value; }).observe({ type: 'layout-shift' }); window.shifted = 0;";
    browser.script(shifts);
    let moments = browser
        .script("return Number(/^\\d+/.exec(document.getElementById('pace').textContent)[0])")
        .as_u64()
        .unwrap_or_default();
    browser.wait(
        "further moments",
        &format!("return Number(/^\\d+/.exec(document.getElementById('pace').textContent)[0]) >= {moments} + 4"),
    );
    let shifted = browser.script("return window.shifted").as_f64().unwrap_or(f64::NAN);
    // People do not notice less than a tenth; a row that appears or disappears is more.
    assert!(shifted < 0.02, "{shifted}");
}
