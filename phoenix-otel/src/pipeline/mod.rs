//! Sets up the SDK: resource, views and meter provider.

pub(crate) mod guarded;
pub(crate) mod refused;
mod viewed;
mod views;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use opentelemetry::{InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{Instrument, MeterProviderBuilder, SdkMeterProvider, Stream};
use opentelemetry_sdk::resource::TelemetryResourceDetector;

use crate::config::ResourceValue;
use crate::report::report;
pub(crate) use crate::view::SCOPE;
use crate::view::Streams;

/// The scope of our meter. The attributes distinguish instruments of one name.
pub(crate) fn scope(attributes: Vec<KeyValue>) -> InstrumentationScope {
    let scope = InstrumentationScope::builder(SCOPE).with_version(env!("CARGO_PKG_VERSION"));
    scope.with_attributes(attributes).build()
}

/// A resource of these attributes and those of the SDK itself. These attributes take precedence.
pub(crate) fn resource(attributes: &[(String, ResourceValue)]) -> Resource {
    let attributes = attributes.iter().map(|(key, value)| KeyValue::new(key.clone(), value_of(value)));
    Resource::builder_empty().with_detector(Box::new(TelemetryResourceDetector)).with_attributes(attributes).build()
}

fn value_of(value: &ResourceValue) -> Value {
    match value.clone() {
        ResourceValue::Text(value) => value.into(),
        ResourceValue::Bool(value) => value.into(),
        ResourceValue::Int(value) => value.into(),
        ResourceValue::Double(value) => value.into(),
        ResourceValue::Texts(values) => {
            Value::Array(values.into_iter().map(StringValue::from).collect::<Vec<_>>().into())
        }
        ResourceValue::Bools(values) => Value::Array(values.into()),
        ResourceValue::Ints(values) => Value::Array(values.into()),
        ResourceValue::Doubles(values) => Value::Array(values.into()),
    }
}

/// The views of the SDK that a service adds.
#[derive(Default)]
pub(crate) struct SdkViews(Vec<SdkView>);

type SdkView = Box<dyn Fn(&Instrument) -> Option<Stream> + Send + Sync>;

impl SdkViews {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, view: impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static) {
        // The SDK calls it when instruments are created, also within `init`, which must not panic after it has changed global state.
        self.0.push(Box::new(move |instrument| {
            catch_unwind(AssertUnwindSafe(|| view(instrument))).unwrap_or_else(|_| {
                let metric = instrument.name();
                report!(ERROR, { metric }, "a view of `Builder::sdk_view` panicked and is ignored for this metric");
                None
            })
        }));
    }
}

impl fmt::Debug for SdkViews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SdkViews").field("count", &self.0.len()).finish()
    }
}

/// A builder for a provider with these resource attributes and streams. The caller adds readers.
pub(crate) fn provider(
    resource: &[(String, ResourceValue)],
    streams: Arc<Streams>,
    sdk_views: SdkViews,
) -> MeterProviderBuilder {
    let builder = SdkMeterProvider::builder().with_resource(self::resource(resource));
    let builder = builder.with_view(views::view(streams));
    // After ours: of two streams with one name, the SDK creates the first.
    sdk_views.0.into_iter().fold(builder, MeterProviderBuilder::with_view)
}
