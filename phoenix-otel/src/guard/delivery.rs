//! The result of a flush or a shutdown. It is not an error, because an unavailable collector is not a failure of the service.

use std::fmt;

use crate::error::{DeliveryError, Undelivered};

/// The result of [`force_flush`](super::Telemetry::force_flush) and [`shutdown`](super::Telemetry::shutdown): what each exporter could not
/// deliver.
///
/// You can ignore this value, because failures are also logged. If the metrics are a part of the program's result, turn it into an error with
/// [`into_result`](Self::into_result).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery(Vec<Undelivered>);

impl Delivery {
    /// A delivery that lacks the data in `undelivered`.
    pub(super) fn without(undelivered: impl IntoIterator<Item = Undelivered>) -> Self {
        Self(undelivered.into_iter().collect())
    }

    /// Whether all exporters delivered everything.
    pub fn is_complete(&self) -> bool {
        self.0.is_empty()
    }

    /// The exporters that could not deliver everything, with the amount and the reason. Empty if the delivery is complete.
    pub fn undelivered(&self) -> impl Iterator<Item = &Undelivered> {
        self.0.iter()
    }

    /// Returns an error if the delivery is incomplete.
    ///
    /// ```no_run
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let telemetry = phoenix_otel::init("billing-run")?;
    ///     // … the work …
    ///     telemetry.shutdown().into_result()?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if an exporter could not deliver everything. The error names each such exporter and its reason.
    pub fn into_result(self) -> Result<(), DeliveryError> {
        if self.is_complete() { Ok(()) } else { Err(DeliveryError(self.0)) }
    }
}

impl fmt::Display for Delivery {
    /// The same text as [`DeliveryError`], or that everything was delivered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_complete() {
            return f.write_str("everything was delivered");
        }
        DeliveryError(self.0.clone()).fmt(f)
    }
}
