//! The global meter provider: it wraps the SDK's provider, applies views and catches panics of callbacks.
//!
//! Collections of our exporters call callbacks before the SDK takes its lock ([`Callbacks`]). If a foreign reader collects, the SDK calls the
//! callbacks under its lock. Under this lock no instrument can be created, and a panic would poison the lock, so that all further collections
//! would fail. Therefore the wrapper of a callback catches panics.
//!
//! Only this file uses the API crate's hidden `InstrumentProvider`.

use std::borrow::Cow;
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

use super::refused::{self, DropCounter};
use super::viewed::{self, Identity, Observables};
use super::views::meter;
use crate::callbacks::{self, Callbacks};
use crate::catalog::sdk::DropReason;
use crate::report::report;
use crate::view::merge::Plus;
use crate::view::{Instrument, InstrumentKind, StreamSettings, Streams};

/// A provider whose meters apply views and guard callbacks.
#[derive(Clone)]
pub(crate) struct Guarded {
    provider: SdkMeterProvider,
    streams: Arc<Streams>,
    observables: Observables,
    drop_counter: DropCounter,
}

impl Guarded {
    pub(crate) fn new(
        provider: SdkMeterProvider,
        streams: Arc<Streams>,
        callbacks: Callbacks,
        drop_counter: DropCounter,
    ) -> Self {
        Self { provider, streams, observables: Observables::new(callbacks), drop_counter }
    }
}

impl MeterProvider for Guarded {
    fn meter_with_scope(&self, scope: InstrumentationScope) -> Meter {
        let meter = self.provider.meter_with_scope(scope.clone());
        let (streams, observables, drop_counter) = (self.streams.clone(), self.observables.clone(), self.drop_counter);
        Meter::new(Arc::new(Instruments { meter, scope, streams, observables, drop_counter }))
    }
}

/// Creates instruments with the SDK's meter.
struct Instruments {
    meter: Meter,
    scope: InstrumentationScope,
    streams: Arc<Streams>,
    observables: Observables,
    drop_counter: DropCounter,
}

impl Instruments {
    /// The reason why the SDK would reject an instrument, or deadlock when it creates it. Warns once.
    fn refusal(&self, name: &str, unit: Option<&Cow<'static, str>>, bounds: Option<&[f64]>) -> Option<DropReason> {
        let of_callback = || {
            let problem = "the SDK collects on this thread and holds its lock, so a callback cannot create an instrument: create it before the collection";
            callbacks::is_sdk_locked().then(|| (DropReason::Callback, problem.to_owned()))
        };
        let (reason, problem) = refused::problem(name, unit, bounds).or_else(of_callback)?;
        if self.streams.is_new_refusal(self.scope.name(), name) {
            let (instrument, meter) = (refused::display_name(name), self.scope.name());
            report!(
                WARN,
                { instrument, meter, problem },
                "an instrument of another library could not be created: its values are dropped and counted in phoenix_otel_dropped_total"
            );
        }
        Some(reason)
    }

    /// The streams of an instrument.
    fn resolve_streams(
        &self,
        name: &str,
        kind: InstrumentKind,
        unit: Option<&Cow<'static, str>>,
    ) -> Vec<StreamSettings> {
        let unit = unit.map_or("", |unit| unit);
        let instrument = Instrument { name, kind, unit, meter: meter(&self.scope) };
        let settings = self.streams.foreign(&instrument).unwrap_or_else(|| vec![StreamSettings::new(name)]);
        let library = match self.scope.version() {
            Some(version) => Cow::Owned(format!("{} {version}", self.scope.name())),
            None => Cow::Borrowed(self.scope.name()),
        };
        settings.iter().for_each(|stream| self.streams.note_library(&stream.name, kind, unit, &library));
        settings
    }

    /// Creates an observable SDK instrument with `make` for each stream.
    fn observe<T: Plus + Send + Sync + 'static>(
        &self,
        kind: InstrumentKind,
        given: Observable<T>,
        make: &dyn Fn(Observable<T>),
    ) {
        let Observable { name, unit, description, callbacks } = given;
        let name: Arc<str> = name.as_ref().into();
        let settings = self.resolve_streams(&name, kind, unit.as_ref());
        let callbacks = callbacks.into_iter().map(|callback| guarded(name.clone(), callback)).collect();
        let identity = Identity {
            scope: self.scope.clone(),
            name: name.to_ascii_lowercase(),
            kind,
            unit: unit.clone(),
            description: description.clone(),
        };
        self.observables.add(identity, settings, callbacks, &|stream, callbacks| {
            if let Some(reason) = self.refusal(&stream.name, unit.as_ref(), None) {
                let callbacks = vec![refused::observed(&stream.name, reason, self.drop_counter, callbacks)];
                if reason == DropReason::Callback {
                    return;
                }
                // It has no observations, so it is not exported.
                return make(Observable {
                    name: "refused_instrument".into(),
                    unit: None,
                    description: None,
                    callbacks,
                });
            }
            let description = self::description(stream, description.as_ref());
            make(Observable { name: stream.name.clone().into(), unit: unit.clone(), description, callbacks });
        });
    }
}

/// The parameters of an observable instrument.
struct Observable<T> {
    name: Cow<'static, str>,
    unit: Option<Cow<'static, str>>,
    description: Option<Cow<'static, str>>,
    callbacks: Vec<Callback<T>>,
}

/// The description of the view, else of the instrument.
fn description(stream: &StreamSettings, given: Option<&Cow<'static, str>>) -> Option<Cow<'static, str>> {
    stream.description.clone().map(Cow::Owned).or_else(|| given.cloned())
}

macro_rules! recorded {
    ($($method:ident: $builder:ident<$instrument:ty>, $kind:ident $(, $more:ident)?;)*) => {$(
        fn $method(&self, given: $builder<'_, $instrument>) -> $instrument {
            let settings = self.resolve_streams(&given.name, InstrumentKind::$kind, given.unit.as_ref());
            viewed::recorded(settings, &|stream| {
                let bounds = None::<&[f64]>$(.or(given.$more.as_deref()))?;
                if let Some(reason) = self.refusal(&stream.name, given.unit.as_ref(), bounds) {
                    return refused::recorded(&stream.name, reason, self.drop_counter);
                }
                let mut builder = self.meter.$method(stream.name.clone());
                builder.description = description(stream, given.description.as_ref());
                builder.unit = given.unit.clone();
                $(builder.$more = given.$more.clone();)?
                builder.build()
            })
        }
    )*};
}

macro_rules! observed {
    ($($method:ident: $observable:ident<$value:ty>;)*) => {$(
        fn $method(&self, given: AsyncInstrumentBuilder<'_, $observable<$value>, $value>) -> $observable<$value> {
            let AsyncInstrumentBuilder { name, unit, description, callbacks, .. } = given;
            let kind = InstrumentKind::$observable;
            self.observe(kind, Observable { name, unit, description, callbacks }, &|made| {
                let mut builder = self.meter.$method(made.name);
                builder.description = made.description;
                builder.unit = made.unit;
                builder.callbacks = made.callbacks;
                builder.build();
            });
            $observable::new()
        }
    )*};
}

impl InstrumentProvider for Instruments {
    recorded! {
        u64_counter: InstrumentBuilder<Counter<u64>>, Counter;
        f64_counter: InstrumentBuilder<Counter<f64>>, Counter;
        i64_up_down_counter: InstrumentBuilder<UpDownCounter<i64>>, UpDownCounter;
        f64_up_down_counter: InstrumentBuilder<UpDownCounter<f64>>, UpDownCounter;
        u64_gauge: InstrumentBuilder<Gauge<u64>>, Gauge;
        i64_gauge: InstrumentBuilder<Gauge<i64>>, Gauge;
        f64_gauge: InstrumentBuilder<Gauge<f64>>, Gauge;
        u64_histogram: HistogramBuilder<Histogram<u64>>, Histogram, boundaries;
        f64_histogram: HistogramBuilder<Histogram<f64>>, Histogram, boundaries;
    }
    observed! {
        u64_observable_counter: ObservableCounter<u64>;
        f64_observable_counter: ObservableCounter<f64>;
        i64_observable_up_down_counter: ObservableUpDownCounter<i64>;
        f64_observable_up_down_counter: ObservableUpDownCounter<f64>;
        u64_observable_gauge: ObservableGauge<u64>;
        i64_observable_gauge: ObservableGauge<i64>;
        f64_observable_gauge: ObservableGauge<f64>;
    }
}

/// Wraps a callback: panics are caught and reported once. The next collection calls it again, because the cause may be temporary.
fn guarded<T: 'static>(metric: Arc<str>, callback: Callback<T>) -> Callback<T> {
    let reported = AtomicBool::new(false);
    Box::new(move |observer: &dyn AsyncInstrument<T>| {
        let done = catch_unwind(AssertUnwindSafe(|| callback(observer)));
        if done.is_err() && !reported.swap(true, Ordering::Relaxed) {
            let metric = &*metric;
            report!(
                ERROR,
                { metric },
                "the callback of an observable instrument panicked: its values are missing in this collection"
            );
        }
    })
}
