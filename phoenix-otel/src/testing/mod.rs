//! Tests of your own instrumentation: recording that is isolated in each test, and read as numbers.
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
//! A [`Scope`] isolates what is recorded: tests run in parallel in one process, and neither they nor an [`init`](crate::init()) see each other. It
//! is the thread's, or a future's, never the process's. [`Builder::scope`](crate::Builder::scope) makes one with the settings of a service.
//!
//! A [`Snapshot`] has all series as data and as text: [`since`](Snapshot::since) gives what has changed, and
//! [`assert_text`](Snapshot::assert_text) shows a difference line by line. Durations are measured by the scope's clock, which stands still until
//! [`advance`](Scope::advance) moves it, so they are the same in each run.
//!
//! [`FakeExporter`] and [`FakeCollector`] are for tests of a whole telemetry: what a service exports after `init`.
//!
//! # What is not isolated
//!
//! Instruments of OpenTelemetry's own API, which go through its global meter provider, spans, and metrics of the crate `prometheus`. What an
//! [`Extension`](crate::Extension) keeps in statics is shared by all scopes.
//!
//! # Cost
//!
//! It is a feature for dev-dependencies: `phoenix-otel = { version = "0.1", features = ["testing"] }`. With it recording first asks whether its
//! thread is in a scope, and code that holds handles of a scope leaks what it has bound, some kilobytes for each scope. Without it both are not there.

mod builder;
mod calls;
mod collector;
mod difference;
mod distribution;
mod exporter;
mod metric;
mod number;
mod of_otlp;
mod of_sdk;
mod scope;
mod snapshot;

pub use calls::Calls;
pub use collector::{FakeCollector, Received};
pub use distribution::{Bucket, Distribution, Quantiles};
pub use exporter::FakeExporter;
pub use metric::{Additive, Metric};
pub use scope::{Entered, InScope, Scope, scope};
pub use snapshot::Snapshot;
