//! The `prometheus` crate's families, read the same way whichever data model that crate was built with.

use prometheus::proto::{Counter, Gauge};

/// A value that one of the crate's two data models calls `value()` and the other `get_value()`.
///
/// Its feature `protobuf`, which any crate of the graph may switch on, changes the model. An inherent method comes before a trait's, so in
/// either build one of these two methods is the model's own, and the other is defined by it here.
#[allow(dead_code, reason = "which method is called depends on how the prometheus crate was built")]
pub(super) trait Value {
    fn value(&self) -> f64;
    fn get_value(&self) -> f64;
}

#[allow(unconditional_recursion, reason = "there is none: see the trait")]
impl Value for Counter {
    fn value(&self) -> f64 {
        self.get_value()
    }

    fn get_value(&self) -> f64 {
        self.value()
    }
}

#[allow(unconditional_recursion, reason = "there is none: see the trait")]
impl Value for Gauge {
    fn value(&self) -> f64 {
        self.get_value()
    }

    fn get_value(&self) -> f64 {
        self.value()
    }
}
