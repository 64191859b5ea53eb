//! The page on a phone and on a wide screen, light and dark, and its accessibility.

use phoenix_otel_tests::{Browser, Window, isolated};

use super::browser::Working;
use super::served;

const WINDOWS: [(&str, Window); 4] = [
    ("phone", Window(390, 844)),
    ("tablet", Window(768, 1024)),
    ("laptop", Window(1280, 800)),
    ("wide", Window(1920, 1080)),
];

#[test]
fn every_view_fits_every_window_and_is_accessible() {
    isolated!();
    let (_telemetry, url) = served(0);
    let _working = Working::begin();
    let browser = Browser::start();
    let call = {
        browser.open(&url);
        browser.wait("a link to a function", "return document.querySelector('.calls a')?.getAttribute('href')")
    };
    let call = call.as_str().unwrap_or_default();
    for (window, size) in WINDOWS {
        for dark in [false, true] {
            browser.set_window(size, dark);
            for (view, is_there) in [
                (
                    "#/",
                    "document.querySelectorAll('.calls tbody tr').length >= 2 && document.querySelectorAll('.tile').length >= 5",
                ),
                (
                    call,
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
