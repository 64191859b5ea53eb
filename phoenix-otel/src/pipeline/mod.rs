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

/// A provider for these resource attributes that gives the catalog's instruments their limits. Readers are added to it.
pub(crate) fn provider(resource: &[(String, String)], naming: Arc<Naming>, exponential: bool) -> MeterProviderBuilder {
    let attributes = resource.iter().map(|(key, value)| KeyValue::new(key.clone(), Value::from(value.clone())));
    let resource = Resource::builder_empty().with_attributes(attributes).build();
    SdkMeterProvider::builder().with_resource(resource).with_view(views::view(naming, exponential))
}
