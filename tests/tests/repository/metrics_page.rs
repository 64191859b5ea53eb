//! Generated pages match the code. If a page does not, the test regenerates it and fails.

use phoenix_otel::catalog::page;
use phoenix_otel_tests::catalog::ours;

const HEADER: &str = "# Metrics

<!-- Made from the catalog by `cargo test -p phoenix-otel-tests --test repository metrics_page`: change phoenix-otel/src/catalog or
phoenix-otel/src/platform instead. -->

Names are those in Prometheus, the same by every way. `phoenix` is the configured namespace, `<subsystem>` follows from the service's
name, `<edge>` is `service` unless configured. By OTLP and on a scrape every sample carries `service`, too, and `version` where one is given.

Two kinds of metrics have `requests` and `method` in their names and labels. Those of functions (`phoenix_<subsystem>_…`) count calls of
functions with `#[instrument_metrics]`, whoever calls them, and `method` is the name of the function. Those of the edge (`phoenix_<edge>_…`) count
requests over HTTP and gRPC, and `method` is the verb of HTTP, such as `GET`, or the method of gRPC.

# What the SDK measures

";

const PLATFORM: &str = "
# What the platform measures

These are of the feature `platform`, and recorded where a service activates them: see [platform.md](platform.md).

";

#[test]
fn the_metrics_page_matches_the_catalog() {
    let (platform, sdk): (Vec<_>, Vec<_>) = ours().partition(|def| def.domain.is_some());
    let page = format!("{HEADER}{}{PLATFORM}{}", page::markdown(sdk), page::markdown(platform));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
    let before = std::fs::read_to_string(path).unwrap_or_default();
    if before != page {
        std::fs::write(path, &page).unwrap();
        panic!("docs/metrics.md did not match the catalog and was regenerated: check the diff and commit it");
    }
    assert!(
        page.contains("| `phoenix_<subsystem>_requests_total` | counter | `method`, `status`: `ok` `error`"),
        "{page}"
    );
}
