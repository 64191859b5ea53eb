//! Several processes beside each other.

use phoenix_otel::{Page, Prometheus};
use phoenix_otel_tests::platform::{Platform, SERVICES};
use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::{Browser, Quickstart, Window, isolated};

/// The six services of the example, each with its page, which lists the others.
#[test]
fn each_service_of_the_platform_has_a_page_that_lists_the_others() {
    let platform = Platform::start(&[]);
    platform.run_scenario("calm", 2);
    let browser = Browser::start();
    let mut names = SERVICES.map(|service| service.name);
    names.sort_unstable();
    for service in SERVICES {
        browser.open(&format!("http://{}/", platform.address(service)));
        browser.wait(
            "the service's name",
            &format!("return document.getElementById('service').textContent === {:?}", service.name),
        );
        let rows = "[...document.querySelectorAll('section[aria-label=\"Other processes\"] tbody tr')]";
        browser.wait("the other services", &format!("return {rows}.length === 5 && {rows}.every((row) => row.innerText.includes('live') && row.querySelector('a').textContent.includes('('))"));
        let listed = browser
            .script(&format!("return {rows}.map((row) => row.querySelector('a').textContent.split(' (')[0]).sort()"));
        let others: Vec<_> = names.iter().filter(|name| **name != service.name).collect();
        assert_eq!(listed, serde_json::json!(others), "{}", service.name);
        assert_eq!(browser.console_errors(), [] as [String; 0], "{}", service.name);
    }
    // A gRPC method is the name of its route.
    browser.open(&format!("http://{}/", platform.address(SERVICES[3])));
    browser.wait("the method", "return document.querySelector('section[aria-label=Routes] tbody')?.innerText.includes('platform.v1.KnowledgeBases/Search\\ngRPC')");
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

#[test]
fn a_process_that_does_not_respond_has_no_numbers() {
    isolated!();
    let there = format!("http://127.0.0.1:{}", free_port());
    let exporter = Prometheus::new().host("127.0.0.1").port(0);
    let page = Page::new().origin(&there);
    let builder = phoenix_otel::builder("page-service").version("1.2.3").exporter(exporter).page(page);
    let telemetry = builder.init().expect("init succeeds");
    let here = format!("http://{}", telemetry.scrape_address().expect("the server listens"));
    let browser = Browser::start();
    browser.open(&here);
    let cells = "[...document.querySelectorAll('section[aria-label=\"Other processes\"] tbody td')]";
    browser.wait("its state", &format!("return {cells}[0]?.textContent.startsWith('▲')"));
    let numbers = browser.script(&format!("return {cells}.slice(1).map((cell) => cell.textContent)"));
    assert_eq!(numbers, serde_json::json!(["–", "–", "–", "–"]));

    // If it is selected, the header does not show the name and the version of this process.
    browser.script("document.querySelector('section[aria-label=\"Other processes\"] a').click()");
    let notice = browser.wait("the notice", "return document.getElementById('state').textContent.includes('No response') && document.getElementById('notice').textContent");
    let notice = notice.as_str().unwrap_or_default();
    let setting = format!("PHOENIX_OTEL_PAGE_ORIGINS must list {here}.");
    assert!(notice.contains(&setting) && !notice.contains("keeps its data"), "{notice}");
    assert_eq!(format!("http://{}", browser.text(".service").trim()), there);
}
