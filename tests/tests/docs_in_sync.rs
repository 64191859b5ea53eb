//! Pages that are made from the code are the code's: run elsewhere than in CI, the test writes them anew.

use phoenix_otel::catalog::page;

const HEADER: &str = "# Metrics

<!-- Made from the catalog by `cargo test -p phoenix-otel-tests --test docs_in_sync`: change phoenix-otel/src/catalog instead. -->

Names are those in Prometheus, the same by every way. `phoenix` is the configured namespace, `<subsystem>` follows from the service's
name, `<edge>` is `service` unless configured. By OTLP and on a scrape every sample carries `service` and `version`, too.

";

#[test]
fn the_page_of_metrics_is_that_of_the_catalog() {
    let ours = phoenix_otel::declared().filter(|def| def.module.starts_with("phoenix_otel::"));
    let page = format!("{HEADER}{}", page::markdown(ours));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
    let before = std::fs::read_to_string(path).unwrap_or_default();
    if before != page && std::env::var_os("CI").is_none() {
        std::fs::write(path, &page).unwrap();
    }
    assert!(
        before == page || std::env::var_os("CI").is_none(),
        "docs/metrics.md is not what the catalog says: run `cargo test -p phoenix-otel-tests --test docs_in_sync` and commit it"
    );
    assert!(
        page.contains("| `phoenix_<subsystem>_requests_total` | counter | `method`, `status`: `ok` `error`"),
        "{page}"
    );
}
