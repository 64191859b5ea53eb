//! Sets up the SDK: resource, views and meter provider.

pub(crate) mod guarded;
pub(crate) mod refused;
mod viewed;
mod views;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{Instrument, MeterProviderBuilder, SdkMeterProvider, Stream};
use opentelemetry_sdk::resource::TelemetryResourceDetector;

use crate::report::report;
pub(crate) use crate::view::SCOPE;
use crate::view::Streams;

/// The scope of our meter. The attributes distinguish instruments of one name.
pub(crate) fn scope(attributes: Vec<KeyValue>) -> InstrumentationScope {
    let scope = InstrumentationScope::builder(SCOPE).with_version(env!("CARGO_PKG_VERSION"));
    scope.with_attributes(attributes).build()
}

/// A resource with these attributes and those of the SDK itself. The passed attributes take precedence.
pub(crate) fn resource(attributes: &[(String, String)]) -> Resource {
    let attributes = attributes.iter().map(|(key, value)| KeyValue::new(key.clone(), typed(key, value)));
    Resource::builder_empty().with_detector(Box::new(TelemetryResourceDetector)).with_attributes(attributes).build()
}

/// The value with its type in the semantic conventions: a string, except for `process.pid`.
fn typed(key: &str, value: &str) -> Value {
    let number = if key == "process.pid" { value.parse::<i64>().ok() } else { None };
    number.map_or_else(|| value.to_owned().into(), Value::from)
}

/// The views of the SDK that a service adds.
#[derive(Default)]
pub(crate) struct SdkViews(Vec<SdkView>);

type SdkView = Box<dyn Fn(&Instrument) -> Option<Stream> + Send + Sync>;

impl SdkViews {
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
    resource: &[(String, String)],
    streams: Arc<Streams>,
    sdk_views: SdkViews,
    exponential: bool,
) -> MeterProviderBuilder {
    let builder = SdkMeterProvider::builder().with_resource(self::resource(resource));
    let builder = builder.with_view(views::view(streams, exponential));
    // After our streams: of two streams with one name, the SDK creates the first.
    sdk_views.0.into_iter().fold(builder, MeterProviderBuilder::with_view)
}
