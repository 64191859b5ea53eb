//! Resource, views and provider: the SDK, as the configuration wants it.

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

/// The scope of our meter, with the attributes that tell instruments of one name apart.
pub(crate) fn scope(attributes: Vec<KeyValue>) -> InstrumentationScope {
    let scope = InstrumentationScope::builder(SCOPE).with_version(env!("CARGO_PKG_VERSION"));
    scope.with_attributes(attributes).build()
}

/// What the SDK says of itself, and these attributes, which beat it.
pub(crate) fn resource(attributes: &[(String, String)]) -> Resource {
    let attributes = attributes.iter().map(|(key, value)| KeyValue::new(key.clone(), typed(key, value)));
    Resource::builder_empty().with_detector(Box::new(TelemetryResourceDetector)).with_attributes(attributes).build()
}

/// The value with the type that the conventions give to the attribute: text, but for the number of a process.
fn typed(key: &str, value: &str) -> Value {
    let number = if key == "process.pid" { value.parse::<i64>().ok() } else { None };
    number.map_or_else(|| value.to_owned().into(), Value::from)
}

/// Views of the SDK that a service brings.
#[derive(Default)]
pub(crate) struct SdkViews(Vec<SdkView>);

type SdkView = Box<dyn Fn(&Instrument) -> Option<Stream> + Send + Sync>;

impl SdkViews {
    pub(crate) fn push(&mut self, view: impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static) {
        // The SDK calls it while instruments are made, in `init` too, which must not panic after it has changed something.
        self.0.push(Box::new(move |instrument| {
            catch_unwind(AssertUnwindSafe(|| view(instrument))).unwrap_or_else(|_| {
                let metric = instrument.name();
                report!(ERROR, { metric }, "a view given to `sdk_view` panicked; the metric is as without it");
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

/// A provider for these resource attributes whose instruments are made as the streams say. Readers are added to it.
pub(crate) fn provider(
    resource: &[(String, String)],
    streams: Arc<Streams>,
    sdk_views: SdkViews,
    exponential: bool,
) -> MeterProviderBuilder {
    let builder = SdkMeterProvider::builder().with_resource(self::resource(resource));
    let builder = builder.with_view(views::view(streams, exponential));
    // After ours: of two streams of one name the SDK makes the first.
    sdk_views.0.into_iter().fold(builder, MeterProviderBuilder::with_view)
}
