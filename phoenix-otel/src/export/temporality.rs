//! Converts the setting of the temporality preference to the temporality of the SDK.

use crate::config::TemporalityPreference;
use opentelemetry_sdk::metrics::Temporality;

impl From<TemporalityPreference> for Temporality {
    fn from(preference: TemporalityPreference) -> Self {
        match preference {
            TemporalityPreference::Cumulative => Self::Cumulative,
            TemporalityPreference::Delta => Self::Delta,
            TemporalityPreference::LowMemory => Self::LowMemory,
        }
    }
}
