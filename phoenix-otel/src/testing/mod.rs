//! Tests of your own instrumentation: each test records in isolation and reads values as numbers.
//!
//! ```standalone_crate
//! use phoenix_otel::{ErrorType, instrument_metrics, metrics, testing};
//!
//! metrics! {
//!     /// Orders placed.
//!     pub static ORDERS: Counter { country: &str } = "acme.orders" { unit: "{order}", cap: 200 };
//! }
//!
//! #[derive(Debug, ErrorType)]
//! enum OrderError {
//!     NoStock,
//! }
//!
//! #[instrument_metrics]
//! fn place_order(country: &str, stock: u32) -> Result<(), OrderError> {
//!     if stock == 0 {
//!         return Err(OrderError::NoStock);
//!     }
//!     ORDERS.add(1, ORDERS { country });
//!     Ok(())
//! }
//!
//! // #[test]
//! fn orders_are_counted() {
//!     let scope = testing::scope("shop");
//!     let _entered = scope.enter();
//!
//!     let _ = (place_order("nl", 2), place_order("nl", 0));
//!
//!     assert_eq!(scope.value(&ORDERS, ORDERS { country: "nl" }), 1);
//!     let calls = scope.function("place_order");
//!     assert_eq!((calls.ok, calls.error, calls.errors_of("no_stock")), (1, 1, 1));
//! }
//! # orders_are_counted();
//! ```
//!
//! A [`Scope`] isolates recording: tests can run in parallel in one process, and see neither each other's values nor those of an
//! [`init`](crate::init()). A scope belongs to a thread or a future, not to the process. [`Builder::scope`](crate::Builder::scope) creates one with
//! the settings of a service.
//!
//! A [`Snapshot`] contains all series as data and as text. [`since`](Snapshot::since) returns the changes, and
//! [`assert_text`](Snapshot::assert_text) shows a difference line by line. Durations are measured with the clock of the scope. This clock moves
//! only when a test calls [`advance`](Scope::advance), so durations are the same in each run.
//!
//! [`FakeExporter`] and [`FakeCollector`] are for tests of exports after an `init`.
//!
//! # What is not isolated
//!
//! - Instruments of OpenTelemetry's own API, which use the global meter provider.
//! - Spans, and metrics of the crate `prometheus`.
//! - State that an [`Extension`](crate::Extension) keeps in statics: all scopes share it.
//!
//! # Cost
//!
//! The feature is for dev-dependencies: `phoenix-otel = { version = "0.1", features = ["testing"] }`. With the feature, each recording first checks
//! whether its thread is in a scope, and each scope leaks the series that its handles created, some kilobytes. A build without the feature has
//! neither cost.

mod builder;
mod calls;
mod collector;
mod difference;
mod distribution;
mod exporter;
mod from_otlp;
mod from_sdk;
mod metric;
mod number;
mod scope;
mod snapshot;

pub use calls::Calls;
pub use collector::{FakeCollector, Received};
pub use distribution::{Bucket, Distribution, Quantiles};
pub use exporter::FakeExporter;
pub use metric::{Additive, Metric};
pub use scope::{Entered, InScope, Scope, scope};
pub use snapshot::Snapshot;
