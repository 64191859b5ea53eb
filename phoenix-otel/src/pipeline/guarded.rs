//! The global meter provider: the SDK's, with the callbacks of observable instruments guarded.
//!
//! The SDK calls them while it holds the lock of its pipeline. One that panicked would poison that lock, and from then on nothing would be
//! collected in this process any more, by any exporter. So a panic ends in the callback where it arose.
//!
//! The one file that touches the API crate's hidden `InstrumentProvider`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::{
    AsyncInstrument, AsyncInstrumentBuilder, Callback, Counter, Gauge, Histogram, HistogramBuilder, InstrumentBuilder,
    InstrumentProvider, Meter, MeterProvider, ObservableCounter, ObservableGauge, ObservableUpDownCounter,
    UpDownCounter,
};
use opentelemetry_sdk::metrics::SdkMeterProvider;

use crate::report::report;

/// A provider whose meters guard callbacks.
#[derive(Clone, Debug)]
pub(crate) struct Guarded(pub(crate) SdkMeterProvider);

impl MeterProvider for Guarded {
    fn meter_with_scope(&self, scope: InstrumentationScope) -> Meter {
        Meter::new(Arc::new(Instruments(self.0.meter_with_scope(scope))))
    }
}

/// Makes instruments with the SDK's meter.
struct Instruments(Meter);

macro_rules! recorded {
    ($($method:ident: $builder:ident<$instrument:ty> $(, $more:ident)?;)*) => {$(
        fn $method(&self, given: $builder<'_, $instrument>) -> $instrument {
            let mut builder = self.0.$method(given.name);
            builder.description = given.description;
            builder.unit = given.unit;
            $(builder.$more = given.$more;)?
            builder.build()
        }
    )*};
}

macro_rules! observed {
    ($($method:ident: $instrument:ty, $value:ty;)*) => {$(
        fn $method(&self, given: AsyncInstrumentBuilder<'_, $instrument, $value>) -> $instrument {
            let name: Arc<str> = given.name.as_ref().into();
            let mut builder = self.0.$method(given.name);
            builder.description = given.description;
            builder.unit = given.unit;
            builder.callbacks = given.callbacks.into_iter().map(|callback| guarded(name.clone(), callback)).collect();
            builder.build()
        }
    )*};
}

impl InstrumentProvider for Instruments {
    recorded! {
        u64_counter: InstrumentBuilder<Counter<u64>>;
        f64_counter: InstrumentBuilder<Counter<f64>>;
        i64_up_down_counter: InstrumentBuilder<UpDownCounter<i64>>;
        f64_up_down_counter: InstrumentBuilder<UpDownCounter<f64>>;
        u64_gauge: InstrumentBuilder<Gauge<u64>>;
        i64_gauge: InstrumentBuilder<Gauge<i64>>;
        f64_gauge: InstrumentBuilder<Gauge<f64>>;
        u64_histogram: HistogramBuilder<Histogram<u64>>, boundaries;
        f64_histogram: HistogramBuilder<Histogram<f64>>, boundaries;
    }
    observed! {
        u64_observable_counter: ObservableCounter<u64>, u64;
        f64_observable_counter: ObservableCounter<f64>, f64;
        i64_observable_up_down_counter: ObservableUpDownCounter<i64>, i64;
        f64_observable_up_down_counter: ObservableUpDownCounter<f64>, f64;
        u64_observable_gauge: ObservableGauge<u64>, u64;
        i64_observable_gauge: ObservableGauge<i64>, i64;
        f64_observable_gauge: ObservableGauge<f64>, f64;
    }
}

/// The callback, whose panics are told once. It is called again at the next collection, since what it stumbled over may have passed.
fn guarded<T: 'static>(metric: Arc<str>, callback: Callback<T>) -> Callback<T> {
    let told = AtomicBool::new(false);
    Box::new(move |observer: &dyn AsyncInstrument<T>| {
        let done = catch_unwind(AssertUnwindSafe(|| callback(observer)));
        if done.is_err() && !told.swap(true, Ordering::Relaxed) {
            let metric = &*metric;
            report!(ERROR, { metric }, "the callback of an observable instrument panicked; its values are missing");
        }
    })
}
