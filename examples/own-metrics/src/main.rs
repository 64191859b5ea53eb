//! A service with metrics of its own. `metrics.rs` declares them, this file records them, and its tests say what is recorded. Tests of a line
//! each hold the metrics to the rules and their names to `names.txt`.

mod metrics;

use phoenix_otel::{ErrorType, instrument_metrics};

use metrics::{Channel, IMPORT, ORDER_VALUE, ORDERS, WAITING};

/// Why an import failed. Each kind is a value of the label `error_type`.
#[derive(Debug, ErrorType)]
enum ImportError {
    Empty,
    #[error_type("too_large")]
    TooManyRows,
}

/// The labels are checked by the compiler: leave one out, or give it a number, and this does not compile.
#[instrument_metrics(IMPORT { tenant: tenant })]
async fn import(tenant: &str, rows: &[u64]) -> Result<u64, ImportError> {
    match rows.len() {
        0 => Err(ImportError::Empty),
        4.. => Err(ImportError::TooManyRows),
        _ => Ok(rows.iter().sum()),
    }
}

/// What its own crate declares is listed in `names.txt`, and so is what functions record.
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
    // Higher by one until this is dropped.
    let _waiting = WAITING.increment_guard(());
    show(&telemetry)?;

    telemetry.shutdown();
    Ok(())
}

/// Prints the service's own metrics, but for buckets and times. What an enum label can be is there at 0 before it happens.
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

    /// A scope isolates what is recorded in it, and reads each metric as a number. No test needs an `init`.
    #[test]
    fn an_order_is_counted_with_its_value() {
        let scope = testing::scope("own-metrics");
        scope.run(|| order(Channel::Web, "nl", 19.99));
        assert_eq!(scope.value(&ORDERS, ORDERS { channel: Channel::Web, country: "nl" }), 1);
        assert_eq!(scope.value(&ORDER_VALUE, ORDER_VALUE { channel: Channel::Web }).sum, 19.99);
        assert_eq!(scope.function("order").ok, 1);
    }

    /// A future takes its scope along.
    #[tokio::test]
    async fn an_import_that_fails_says_why() {
        let scope = testing::scope("own-metrics");
        for rows in [&[1, 2][..], &[], &[1, 2, 3, 4]] {
            let _ = scope.in_scope(import("acme", rows)).await;
        }
        let imports = scope.value(&IMPORT, IMPORT { tenant: "acme" });
        assert_eq!((imports.ok, imports.error), (1, 2));
        assert_eq!((imports.errors_of("empty"), imports.errors_of("too_large")), (1, 1));
    }

    /// What has changed, as text: it shows a series that nobody thought of, too. Time stands still in a scope unless it is moved on.
    #[test]
    fn an_order_changes_these_series_and_no_other() {
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

    /// Every metric that is linked into the program, with its name, unit, labels, bounds and cap.
    #[test]
    fn the_metrics_follow_the_rules() {
        let findings = lint::lint(phoenix_otel::declared());
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// Every instrumented function: none shares its series by accident, and each error names its kinds.
    #[test]
    fn the_functions_follow_the_rules() {
        let findings = lint::functions(phoenix_otel::instrumented());
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// A name that changes breaks dashboards and alerts. `UPDATE_NAMES=1 cargo test -p example-own-metrics` writes the list anew.
    #[test]
    fn the_names_stand_still() -> Result<(), NamesError> {
        Names::new("example_own_metrics").check("names.txt")
    }
}
