//! A service with custom metrics. `metrics.rs` declares them, this file records them, and its tests check what is recorded, the naming rules, and
//! the list of names in `names.txt`.

mod metrics;

use phoenix_otel::{ErrorType, instrument_metrics};

use metrics::{Channel, IMPORT, ORDER_VALUE, ORDERS, WAITING};

/// Why an import failed. Each variant is a value of the label `error_type`.
#[derive(Debug, ErrorType)]
enum ImportError {
    Empty,
    #[error_type("too_large")]
    TooManyRows,
}

/// The compiler checks the labels: a missing label or a wrong type does not compile.
#[instrument_metrics(IMPORT { tenant: tenant })]
async fn import(tenant: &str, rows: &[u64]) -> Result<u64, ImportError> {
    match rows.len() {
        0 => Err(ImportError::Empty),
        4.. => Err(ImportError::TooManyRows),
        _ => Ok(rows.iter().sum()),
    }
}

/// `names.txt` lists the metrics that this crate declares, and those of its instrumented functions.
#[instrument_metrics]
fn order(channel: Channel, country: &str, euros: f64) {
    ORDERS.add(1, ORDERS { channel, country });
    ORDER_VALUE.record(euros, ORDER_VALUE { channel });
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = phoenix_otel::init!()?;

    order(Channel::Web, "nl", 19.99);
    order(Channel::Web, "nl", 5.0);
    order(Channel::Shop, "de", 120.0);
    for rows in [&[1, 2][..], &[], &[1, 2, 3, 4], &[7]] {
        if let Err(error) = import("acme", rows).await {
            println!("an import failed: {error:?}");
        }
    }
    // The guard adds one until it is dropped.
    let _waiting = WAITING.increment_guard(());
    show(&telemetry)?;

    telemetry.shutdown();
    Ok(())
}

/// Prints the custom metrics, without buckets and sums. Each value of an enum label exists at 0 from the start.
fn show(telemetry: &phoenix_otel::Telemetry) -> Result<(), Box<dyn std::error::Error>> {
    let exposition = telemetry.exposition()?;
    let own = exposition.lines().filter(|line| line.starts_with("acme_"));
    own.filter(|line| !line.contains("_bucket{") && !line.contains("_sum{")).for_each(|line| println!("{line}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use phoenix_otel::catalog::lint;
    use phoenix_otel::{Names, NamesError, testing};

    use super::{Channel, IMPORT, ORDER_VALUE, ORDERS, WAITING, import, order};

    /// A scope isolates what is recorded in it and reads each metric as a number. The test needs no `init`.
    #[test]
    fn an_order_is_counted_with_its_value() {
        let scope = testing::scope("own-metrics");
        scope.run(|| order(Channel::Web, "nl", 19.99));
        assert_eq!(scope.value(&ORDERS, ORDERS { channel: Channel::Web, country: "nl" }), 1);
        assert_eq!(scope.value(&ORDER_VALUE, ORDER_VALUE { channel: Channel::Web }).sum, 19.99);
        assert_eq!(scope.function("order").ok, 1);
    }

    /// `in_scope` records a future in the scope, on any thread.
    #[tokio::test]
    async fn a_failed_import_records_its_error_type() {
        let scope = testing::scope("own-metrics");
        for rows in [&[1, 2][..], &[], &[1, 2, 3, 4]] {
            let _ = scope.in_scope(import("acme", rows)).await;
        }
        let imports = scope.value(&IMPORT, IMPORT { tenant: "acme" });
        assert_eq!((imports.ok, imports.error), (1, 2));
        assert_eq!((imports.errors_of("empty"), imports.errors_of("too_large")), (1, 1));
    }

    /// Compares all changed series with a text, so an unexpected series fails the test. The scope's clock stands still unless the test advances it.
    #[test]
    fn an_order_changes_exactly_these_series() {
        let scope = testing::scope("own-metrics");
        let _entered = scope.enter();
        order(Channel::Shop, "de", 5.0);
        let before = scope.snapshot();
        order(Channel::Shop, "de", 120.0);
        let _waiting = WAITING.increment_guard(());
        scope.since(&before).assert_text(
            r#"
            acme_imports_waiting 1
            acme_order_value{channel="shop"} count 1, sum 120, (100, inf]: 1
            acme_orders_total{channel="shop",country="de"} 1
            phoenix_own_metrics_request_duration_seconds{method="order"} count 1, (-inf, 0.0001]: 1
            phoenix_own_metrics_requests_total{method="order",status="ok"} 1
            "#,
        );
    }

    /// Checks each metric of the program: name, unit, labels, bounds and cap.
    #[test]
    fn the_metrics_follow_the_rules() {
        let findings = lint::lint(phoenix_otel::declared());
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// Checks each instrumented function: it shares no series with another one, and its errors have kinds.
    #[test]
    fn the_functions_follow_the_rules() {
        let findings = lint::functions(phoenix_otel::instrumented());
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// A changed name breaks dashboards and alerts. `UPDATE_NAMES=1 cargo test -p example-own-metrics` rewrites the list.
    #[test]
    fn the_names_are_those_of_the_list() -> Result<(), NamesError> {
        Names::new("example_own_metrics").check("names.txt")
    }
}
