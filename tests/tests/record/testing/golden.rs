//! Snapshots that are compared with a golden file.

use std::fs;
use std::panic::catch_unwind;

use phoenix_otel::metrics;
use phoenix_otel::testing::{self, Snapshot};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;

metrics! {
    /// Orders.
    static ORDERS: Counter { country: &str } = "golden.orders" { unit: "{order}" };
}

fn snapshot() -> Snapshot {
    let scope = testing::scope("golden");
    scope.run(|| ORDERS.add(2, ORDERS { country: "nl" }));
    scope.snapshot()
}

#[test]
fn a_file_that_differs_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.txt");
    let message = || {
        let panic = catch_unwind(|| snapshot().assert_file(&file)).expect_err("it differs");
        panic.downcast_ref::<String>().expect("a text").replace(file.to_str().unwrap(), "FILE")
    };
    let recorded = "+ golden_orders_total{country=\"nl\"} 2\n";
    let advice = "If the change is intended, update the file: UPDATE_SNAPSHOTS=1 cargo test";
    let heading = "the recorded series differ from FILE (- file, + recorded):\n";
    assert_eq!(message(), format!("{heading}{recorded}{advice}"));
    fs::write(&file, "golden_orders_total{country=\"nl\"} 1\n").unwrap();
    assert_eq!(message(), format!("{heading}- golden_orders_total{{country=\"nl\"}} 1\n{recorded}{advice}"));
    fs::write(&file, "# Orders.\n\ngolden_orders_total{country=\"nl\"} 2").unwrap();
    snapshot().assert_file(&file);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(message().starts_with("FILE cannot be read: "), "{}", message());
}

#[test]
fn the_variable_rewrites_the_file() {
    if is_child() {
        return snapshot().assert_file(std::env::var_os("FILE").unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.txt");
    let variables = |update| [("UPDATE_SNAPSHOTS", update), ("FILE", file.to_str().unwrap())];
    run(this_test!(), &variables("1"));
    assert_eq!(fs::read_to_string(&file).unwrap(), snapshot().to_string());
    run(this_test!(), &variables("0"));
}
