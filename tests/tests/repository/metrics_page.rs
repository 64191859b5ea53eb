//! Generated pages match the code. If a page does not, the test regenerates it and fails.

use phoenix_otel::catalog::page;
use phoenix_otel_tests::catalog::ours;

const HEADER: &str = "# Metrics

<!-- Generated from the catalog by `cargo test -p phoenix-otel-tests --test repository metrics_page`: change phoenix-otel/src/catalog or
phoenix-otel/src/platform instead. -->

This page lists every metric of this crate with its Prometheus name, which is the same on a scrape and over OTLP. `phoenix` is the configured
namespace, `<subsystem>` is derived from the name of the service, and `<edge>` is `service` unless configured. Every sample also has the label
`service`, and `version` if one is set.

Two kinds of metrics have `requests` in their names and a label `method`. Metrics of functions (`phoenix_<subsystem>_…`) count calls of functions
with `#[instrument_metrics]` by any caller, and `method` is the name of the function. Metrics of the edge (`phoenix_<edge>_…`) count requests over
HTTP and gRPC, and `method` is the HTTP verb, such as `GET`, or the gRPC method.

# Metrics of the crate

";

const PLATFORM: &str = "
# Metrics of the platform

These metrics need the feature `platform`, and a service must activate them: see [platform.md](platform.md).

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
