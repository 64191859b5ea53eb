//! What a flush or the shutdown delivered, as a value and not as an error: a collector that is down is no failure of the service.

use std::fmt;

use crate::error::{NotDelivered, Undelivered};

/// What [`force_flush`](super::Telemetry::force_flush) and [`shutdown`](super::Telemetry::shutdown) did not deliver, by exporter.
///
/// It may be ignored: what is not delivered is logged, too. A program whose metrics are a part of its result turns it into an error with
/// [`into_result`](Self::into_result).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery(Vec<NotDelivered>);

impl Delivery {
    /// All but what these exporters did not deliver.
    pub(super) fn but(undelivered: impl IntoIterator<Item = NotDelivered>) -> Self {
        Self(undelivered.into_iter().collect())
    }

    /// Whether every exporter delivered all that it had.
    pub fn is_complete(&self) -> bool {
        self.0.is_empty()
    }

    /// The exporters that did not deliver, with how much and why. Empty where the delivery is complete.
    pub fn undelivered(&self) -> impl Iterator<Item = &NotDelivered> {
        self.0.iter()
    }

    /// The strict form.
    ///
    /// ```no_run
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let telemetry = phoenix_otel::init("billing-run")?;
    ///     // … the work, whose metrics are what it is for …
    ///     telemetry.shutdown().into_result()?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Names each exporter that did not deliver, and why.
    pub fn into_result(self) -> Result<(), Undelivered> {
        if self.is_complete() { Ok(()) } else { Err(Undelivered(self.0)) }
    }
}

impl fmt::Display for Delivery {
    /// The exporters that did not deliver, as [`Undelivered`] shows them, or that everything was delivered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_complete() {
            return f.write_str("everything was delivered");
        }
        Undelivered(self.0.clone()).fmt(f)
    }
}
