//! The endpoint's responses for the page: where it is served, to whom, and that its values match `/metrics`.

use axum::Router;
use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::{Page, Prometheus};
use phoenix_otel_tests::http::{self, Response};
use phoenix_otel_tests::{Samples, isolated};
use serde_json::Value;

use super::{request, served, work};

fn get(url: &str, headers: &[(&str, &str)]) -> Response {
    http::get(url, headers).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn json(url: &str) -> Value {
    let answer = get(url, &[]);
    assert_eq!((answer.status, &*answer.content_type), (200, "application/json; charset=utf-8"), "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body))
}

/// Sends a request with its own header `Host`, which the client would not send.
fn status_for(address: &str, path: &str, head: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address.trim_start_matches("http://")).expect("the server listens");
    write!(stream, "GET {path} HTTP/1.1\r\n{head}Connection: close\r\n\r\n").expect("it takes the request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server responds");
    answer.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn the_numbers_match_the_exposition() {
    isolated!();
    let (_telemetry, url) = served(0);
    work();
    let history = json(&format!("{url}/api/v1/history"));
    let scraped = Samples::parse(&get(&format!("{url}/metrics"), &[]).body);
    let (metrics, values) = (&history["history"]["metrics"], &history["history"]["base"]["values"]);
    let mut compared = 0;
    for series in history["history"]["series"].as_array().expect("series") {
        let metric = &metrics[series["metric"].as_u64().expect("a metric") as usize];
        let (name, slot) =
            (metric["name"].as_str().expect("a name"), series["slot"].as_u64().expect("a slot") as usize);
        // These values change by themselves, and with each request.
        if !["functions", "breakers"].contains(&metric["group"].as_str().expect("a group")) {
            continue;
        }
        let labels: Vec<(String, String)> = series["labels"]
            .as_object()
            .expect("labels")
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned()))
            .collect();
        let labels: Vec<(&str, &str)> = labels.iter().map(|(name, value)| (&**name, &**value)).collect();
        if metric["bounds"].is_null() {
            let value = values[slot].as_i64().expect("a value") as f64;
            assert_eq!(scraped.get(name, &labels), Some(value), "{name} {labels:?}");
        } else {
            let slots = series["slots"].as_u64().expect("slots") as usize;
            let count: i64 = (0..slots).map(|bucket| values[slot + bucket].as_i64().expect("a count")).sum();
            assert_eq!(scraped.get(&format!("{name}_count"), &labels), Some(count as f64), "{name} {labels:?}");
        }
        compared += 1;
    }
    // Each function has four statuses, a duration, calls in flight; and one kind of error.
    assert!(compared >= 13, "{compared} series of {history}");
    assert_eq!(scraped.get("phoenix_page_requests_total", &[("method", "page_print"), ("status", "ok")]), Some(8.0));
}

/// A declared domain gets a section, which contains only its metrics.
#[test]
fn a_domain_has_a_section() {
    isolated!();
    let (_telemetry, url) = served(0);
    work();
    let history = json(&format!("{url}/api/v1/history"));
    let metrics = history["history"]["metrics"].as_array().expect("metrics");
    let of_domains = metrics.iter().filter(|metric| metric["group"] == "domain");
    let names: Vec<_> = of_domains.map(|metric| (metric["name"].as_str(), metric["section"].as_str())).collect();
    assert_eq!(names, [(Some("page_models_tokens_total"), Some("Language models"))]);
    assert!(!metrics.iter().any(|metric| metric["name"] == "page_game_total"), "{history}");
}

#[test]
fn a_page_request_is_no_scrape() {
    isolated!();
    let (telemetry, url) = served(0);
    work();
    for path in ["/", "/api/v1/history", "/api/v1/metrics", "/api/v1/about"] {
        assert_eq!(get(&format!("{url}{path}"), &[]).status, 200, "{path}");
    }
    let shown = get(&format!("{url}/api/v1/metrics"), &[]);
    assert_eq!(shown.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores");
    assert!(shown.body.contains("page_orders_total{country=\"nl\""), "{}", shown.body);
    assert_eq!(telemetry.health().to_string(), "prometheus: no scrape yet\n");
    let scrapes: f64 = Samples::of(&telemetry).all("phoenix_otel_scrapes_total", &[]).map(|sample| sample.value).sum();
    assert_eq!(scrapes, 0.0);
}

/// Including observable instruments, which are not recorded.
#[test]
fn every_metric_of_ours_has_its_definition() {
    isolated!();
    let (_telemetry, url) = served(0);
    work();
    assert_eq!(get(&format!("{url}/metrics"), &[]).status, 200);
    let about = json(&format!("{url}/api/v1/about"));
    let owner = |name: &str| {
        let metric = about["metrics"].as_array().expect("metrics").iter().find(|metric| metric["name"] == name);
        metric.unwrap_or_else(|| panic!("{name}: {about:#}"))["owner"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(owner("page_orders_total"), "exposition");
    let kind = |name: &str| {
        let metrics = about["metrics"].as_array().expect("metrics");
        metrics.iter().find(|metric| metric["name"] == name).map(|metric| metric["kind"].clone())
    };
    assert_eq!(kind("page_queue"), Some("gauge".into()));
    assert_eq!(kind("phoenix_page_requests_active"), Some("up_down_counter".into()));
    for name in ["phoenix_page_requests_total", "phoenix_otel_series", "process_uptime_seconds"] {
        assert_eq!(owner(name), "phoenix_otel", "{name}");
    }
}

#[test]
fn scrapes_feed_the_history() {
    isolated!();
    let (_telemetry, url) = served(0);
    work();
    // Scrapes fill the history while the page is closed. It is there when the page is opened later.
    assert_eq!(get(&format!("{url}/metrics"), &[]).status, 200);
    work();
    let history = phoenix_otel_tests::wait_until("a moment after the scrape", || {
        let history = json(&format!("{url}/api/v1/history"));
        let frames = history["history"]["frames"].as_array().map_or(0, Vec::len);
        if frames > 0 { Ok(history) } else { Err(history.to_string()) }
    });
    let history = &history["history"];
    let of = |method: &str| {
        let series = history["series"]
            .as_array()
            .expect("series")
            .iter()
            .find(|series| series["labels"] == serde_json::json!({ "method": method, "status": "ok" }));
        series.expect("the function's series")["slot"].as_u64().expect("a slot")
    };
    assert_eq!(history["base"]["values"][of("page_print") as usize], 8);
    let first = history["frames"][0].as_array().expect("a frame");
    let changes: Vec<_> = first[1..].chunks(2).map(|change| (change[0].as_u64(), change[1].as_i64())).collect();
    assert!(changes.contains(&(Some(of("page_print")), Some(8))), "{changes:?}");
}

#[test]
fn routes_and_breakers_are_kept_beside_functions() {
    isolated!();
    let (_telemetry, url) = served(0);
    let breaker = CircuitBreakerMetrics::new("page-ink");
    breaker.set_state(State::Open);
    let app = Router::new().route("/pages/{id}", axum::routing::get(async || "a page")).layer(MetricsLayer::new());
    for id in 0..3 {
        request(&app, &format!("/pages/{id}"));
    }
    let history = json(&format!("{url}/api/v1/history"));
    let history = &history["history"];
    let value = |group: &str, role: &str, labels: Value| {
        let series = history["series"].as_array().expect("series").iter().find(|series| {
            let metric = &history["metrics"][series["metric"].as_u64().expect("a metric") as usize];
            metric["group"] == group && metric["role"] == role && series["labels"] == labels
        });
        let series = series.unwrap_or_else(|| panic!("{group}, {role}, {labels}: {history:#}"));
        let value = history["base"]["values"][series["slot"].as_u64().expect("a slot") as usize].as_f64();
        value.expect("a value") / series["scale"].as_f64().expect("a scale")
    };
    let labels = serde_json::json!({ "method": "GET", "route": "/pages/{id}", "status": "200" });
    assert_eq!(value("routes", "requests", labels), 3.0);
    assert_eq!(value("breakers", "value", serde_json::json!({ "service": "page-ink" })), 1.0);
}

#[test]
fn foreign_host_names_are_refused() {
    isolated!();
    let page = Page::new().host("page.example");
    let exporter = Prometheus::new().host("127.0.0.1").port(0);
    let telemetry = phoenix_otel::builder("page-service").exporter(exporter).page(page).init().expect("init succeeds");
    let url = format!("http://{}", telemetry.scrape_address().expect("the server listens"));
    for path in ["/", "/page.js", "/api/v1/about", "/api/v1/history", "/api/v1/metrics", "/metrics", "/healthz"] {
        for host in ["localhost:9464", "127.0.0.1", "[::1]:1", "page.example", "page.example:8080"] {
            assert_eq!(status_for(&url, path, &format!("Host: {host}\r\n")), "200", "{path} for {host}");
        }
        for host in ["evil.example", "localhost.evil.example:9464", "page.example.evil"] {
            assert_eq!(status_for(&url, path, &format!("Host: {host}\r\n")), "403", "{path} for {host}");
        }
        // The host of an absolute URL takes precedence over the header.
        let target = format!("http://evil.example{path}");
        assert_eq!(status_for(&url, &target, "Host: localhost\r\n"), "403", "{target}");
    }
}

#[test]
fn off_loopback_the_page_must_be_enabled() {
    isolated!();
    for (setting, page, status) in
        [("", None, 404), ("true", None, 200), ("false", None, 404), ("true", Some(false), 404), ("", Some(true), 200)]
    {
        let exporter = Prometheus::new().host("0.0.0.0").port(0);
        let builder = phoenix_otel::builder("page-service").environment([("PHOENIX_OTEL_PAGE", setting)]);
        let builder = builder.exporter(exporter);
        let builder = if let Some(page) = page { builder.page(page) } else { builder };
        let telemetry = builder.init().expect("init succeeds");
        let port = telemetry.scrape_address().expect("the server listens").port();
        for path in ["/", "/page.js", "/api/v1/about", "/api/v1/history", "/api/v1/metrics"] {
            let answer = get(&format!("http://127.0.0.1:{port}{path}"), &[]);
            assert_eq!(answer.status, status, "{setting:?}, {page:?}, {path}");
        }
        // Over loopback the host name is checked, also if the endpoint listens on all addresses.
        let url = format!("http://127.0.0.1:{port}");
        assert_eq!(status_for(&url, "/metrics", "Host: orchestrator:8080\r\n"), "403");
        assert_eq!(status_for(&url, "/metrics", "Host: localhost:8080\r\n"), "200");
        assert_eq!(status_for(&url, "/", "Host: orchestrator:8080\r\n"), "403");
        drop(telemetry);
    }
}

#[test]
fn on_loopback_the_page_can_be_disabled() {
    isolated!();
    let exporter = Prometheus::new().host("127.0.0.1").port(0);
    let telemetry = phoenix_otel::builder("page-service").exporter(exporter).page(false).init().expect("init succeeds");
    let url = format!("http://{}", telemetry.scrape_address().expect("the server listens"));
    assert_eq!(get(&url, &[]).status, 404);
    assert_eq!(get(&format!("{url}/api/v1/about"), &[]).status, 404);
    assert_eq!(get(&format!("{url}/metrics"), &[]).status, 200);
}

#[test]
fn the_services_router_serves_the_page_if_enabled() {
    isolated!();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for (page, status) in [(Page::new(), 404), (Page::new().everywhere(), 200)] {
        let builder = phoenix_otel::builder("page-service").exporter("prometheus").without_listener().page(page);
        let telemetry = builder.init().expect("init succeeds");
        let router = Router::new().nest_service("/telemetry", telemetry.router());
        let router = router.nest("/api", Router::new().nest_service("/page", telemetry.router()));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = runtime.spawn(async move { axum::serve(listener, router).await });
        work();
        for path in ["/", "/page.js", "/vendor/uPlot.iife.min.js", "/api/v1/about", "/api/v1/history"] {
            assert_eq!(get(&format!("http://{address}/telemetry{path}"), &[]).status, status, "{path}");
        }
        assert_eq!(get(&format!("http://{address}/telemetry/metrics"), &[]).status, 200);
        // The page's metrics are no scrape: they have the format that the page reads.
        if status == 200 {
            let metrics = get(&format!("http://{address}/telemetry/api/v1/metrics"), &[]);
            assert!(metrics.content_type.starts_with("application/openmetrics-text"), "{}", metrics.content_type);
            let scrapes = Samples::of(&telemetry);
            assert_eq!(scrapes.get("phoenix_otel_scrapes_total", &[("status", "200")]), Some(1.0));
        }
        // Without the slash, relative addresses of the page would not lead to the endpoint.
        for (path, target) in [
            ("/telemetry", "./telemetry/"),
            ("/telemetry?a=1&b=%2F", "./telemetry/?a=1&b=%2F"),
            ("/api/page", "./page/"),
        ] {
            let request = ureq::get(&format!("http://{address}{path}")).config().max_redirects(0);
            let response = request.http_status_as_error(false).build().call().expect("the server responds");
            let location = response.headers().get("location").and_then(|value| value.to_str().ok());
            let expected = if status == 200 { (307, Some(target)) } else { (404, None) };
            assert_eq!((response.status().as_u16(), location), expected, "{path}");
        }
        assert_eq!(get(&format!("http://{address}/telemetry?a=1"), &[]).status, status);
        serving.abort();
        drop(telemetry);
    }
}

#[test]
fn the_configuration_shows_no_secret() {
    isolated!();
    let environment = [
        ("OTEL_METRICS_EXPORTER", "prometheus,otlp"),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:1/v1/metrics?key=hush-query"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer hush-header"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,acme.api_key=hush-attribute"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("PHOENIX_OTEL_PAGE_TRACE_LINK", "http://traces.example/{trace_id}"),
    ];
    let builder = phoenix_otel::builder("page-service").version("1.2.3").environment(environment);
    let telemetry = builder.shutdown_timeout(std::time::Duration::from_millis(200)).init().expect("init succeeds");
    let url = format!("http://{}", telemetry.scrape_address().expect("the server listens"));
    let about = json(&format!("{url}/api/v1/about"));
    let all = about.to_string();
    assert!(!all.contains("hush"), "{about:#}");
    let setting = |section: &str, name: &str| {
        let settings = about["settings"].as_array().expect("settings");
        let found = settings.iter().find(|setting| setting["section"] == section && setting["name"] == name);
        found.unwrap_or_else(|| panic!("{section}, {name}: {about:#}"))["value"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(setting("Resource", "service.name"), "page-service");
    assert_eq!(setting("Resource", "acme.api_key"), "***");
    assert_eq!(setting("Exporter otlp", "exporter.otlp_http.endpoint"), "http://127.0.0.1:1/v1/metrics?***");
    assert_eq!(setting("Exporter otlp", "exporter.otlp_http.headers[0].name"), "authorization");
    assert_eq!(setting("Exporter otlp", "exporter.otlp_http.headers[0].value"), "***");
    assert_eq!(setting("Exporter prometheus", "exporter.prometheus/development.port"), "0");
    assert_eq!(about["trace_link"], "http://traces.example/{trace_id}");
    let functions: Vec<_> = about["functions"].as_array().expect("functions").iter().collect();
    assert!(functions.iter().any(|function| function["method"] == "page_print"), "{functions:#?}");
}

#[test]
fn files_are_cached_and_have_a_strict_policy() {
    isolated!();
    let page = Page::new().origin("http://localhost:9465");
    let exporter = Prometheus::new().host("127.0.0.1").port(0);
    let telemetry = phoenix_otel::builder("page-service").exporter(exporter).page(page).init().expect("init succeeds");
    let url = format!("http://{}", telemetry.scrape_address().expect("the server listens"));
    let response = ureq::get(&format!("{url}/")).call().expect("the server responds");
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(policy.ends_with("connect-src 'self' http://localhost:9465"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!((header("x-content-type-options"), header("cache-control")), ("nosniff", "no-cache"));
    assert_eq!(header("vary"), "Accept-Encoding");

    // Each encoding has its own tag, and a client with the file in this encoding does not get it again.
    let asked = |encoding: &str, known: &str| {
        let request = ureq::get(&format!("{url}/")).header("accept-encoding", encoding).header("if-none-match", known);
        let response = request.config().http_status_as_error(false).build().call().expect("the server responds");
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("a text").to_owned());
        (response.status().as_u16(), header("etag").expect("a tag"), header("vary").expect("a header"))
    };
    let (_, compressed, _) = asked("gzip", "");
    let (_, plain, _) = asked("identity", "");
    assert_ne!(compressed, plain);
    for (encoding, own, other) in [("gzip", &compressed, &plain), ("identity", &plain, &compressed)] {
        let vary = "Accept-Encoding".to_owned();
        for known in [own.clone(), format!("W/{own}"), format!("{other}, {own}"), "*".to_owned()] {
            assert_eq!(asked(encoding, &known), (304, own.clone(), vary.clone()), "{encoding}, {known}");
        }
        assert_eq!(asked(encoding, other), (200, own.clone(), vary), "{encoding}");
    }

    // The page of another process may read only processes that the settings list.
    for (origin, allowed) in [("http://localhost:9465", true), ("http://localhost:9466", false), ("null", false)] {
        let request = ureq::get(&format!("{url}/api/v1/about")).header("origin", origin);
        let response = request.config().http_status_as_error(false).build().call().expect("the server responds");
        assert_eq!(response.status(), if allowed { 200 } else { 403 });
        let given = response.headers().get("access-control-allow-origin").and_then(|value| value.to_str().ok());
        assert_eq!(given, allowed.then_some(origin));
    }
}

#[test]
fn invalid_page_settings_are_reported() {
    isolated!();
    let environment = [
        ("PHOENIX_OTEL_PAGE", "sometimes"),
        ("PHOENIX_OTEL_PAGE_HISTORY", "long"),
        ("PHOENIX_OTEL_PAGE_HOSTS", "good.example,http://bad.example"),
        ("PHOENIX_OTEL_PAGE_ORIGINS", "http://localhost:9465/path"),
        ("PHOENIX_OTEL_PAGE_TRACE_LINK", "javascript:alert({trace_id})"),
    ];
    let builder = || phoenix_otel::builder("page-service").environment(environment).without_exporter();
    let refused = builder().strict().init().expect_err("none of them can be used").to_string();
    let ignored = builder().init().expect("init succeeds").ignored().to_string();
    for message in [&refused, &ignored] {
        for (name, _) in environment {
            assert!(message.contains(&format!("{name}: invalid value ")), "{name}: {message}");
        }
        assert!(message.contains("http://bad.example") && !message.contains("\"good.example"), "{message}");
    }
    assert!(ignored.contains("used instead: good.example\n"), "{ignored}");
}

#[test]
fn the_page_works_without_a_history() {
    isolated!();
    let exporter = Prometheus::new().host("127.0.0.1").port(0);
    let page = Page::new().history(false);
    let telemetry = phoenix_otel::builder("page-service").exporter(exporter).page(page).init().expect("init succeeds");
    let url = format!("http://{}", telemetry.scrape_address().expect("the server listens"));
    let answer = json(&format!("{url}/api/v1/history"));
    assert_eq!((&answer["history"], &answer["exporters"][0]["name"]), (&Value::Null, &"prometheus".into()));
    assert_eq!(get(&format!("{url}/api/v1/metrics"), &[]).status, 200);
}
