//! The JSON that each view of the page exports.

use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
use phoenix_otel::{Page, Prometheus};
use phoenix_otel_tests::{Browser, isolated};

use super::browser::Working;

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
    breaker.set_state(State::Open);
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
