//! Resource, views and provider: the SDK, as the configuration wants it.

pub(crate) mod guarded;
mod views;

use std::sync::Arc;

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider};

use crate::catalog::naming::Naming;

/// The scope of the meter that the catalog's instruments are made with.
pub(crate) const SCOPE: &str = "phoenix-otel";

/// These attributes and no others, as the SDK takes them.
pub(crate) fn resource(attributes: &[(String, String)]) -> Resource {
    let attributes = attributes.iter().map(|(key, value)| KeyValue::new(key.clone(), Value::from(value.clone())));
    Resource::builder_empty().with_attributes(attributes).build()
}

/// A provider for these resource attributes that gives the catalog's instruments their limits. Readers are added to it.
pub(crate) fn provider(resource: &[(String, String)], naming: Arc<Naming>, exponential: bool) -> MeterProviderBuilder {
    SdkMeterProvider::builder().with_resource(self::resource(resource)).with_view(views::view(naming, exponential))
}
