//! Instruments of other libraries as views want them: one of the SDK for each stream, with the attributes that are kept.
//!
//! The SDK's own views know a list of attributes to keep, but neither wildcards nor attributes to drop, and of observations that they merge
//! the last one is exported for all. So the attributes are left out before the SDK sees them; buckets and caps are its own (`views`).
//!
//! Beside `instrument/bound` the one file that touches the experimental bound instruments: a library may use them.

use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{
    AsyncInstrument, BoundSyncInstrument, Callback, Counter, Gauge, Histogram, SyncInstrument, UpDownCounter,
};

use crate::view::merge::{Merged, Plus};
use crate::view::{InstrumentKind, Wanted};

/// An instrument that records numbers `T`.
pub(super) trait Recorder<T>: Send + Sync + Sized + 'static {
    fn measure(&self, value: T, attributes: &[KeyValue]);

    /// Records with these attributes from now on.
    fn bound(&self, attributes: &[KeyValue]) -> Box<dyn Fn(T) + Send + Sync>;

    /// The same instrument over another implementation.
    fn over(implementation: Arc<dyn SyncInstrument<T> + Send + Sync>) -> Self;
}

macro_rules! recorder {
    ($($instrument:ident of $($number:ty),*: $record:ident;)*) => {$($(
        impl Recorder<$number> for $instrument<$number> {
            fn measure(&self, value: $number, attributes: &[KeyValue]) {
                self.$record(value, attributes);
            }

            fn bound(&self, attributes: &[KeyValue]) -> Box<dyn Fn($number) + Send + Sync> {
                let bound = self.bind(attributes);
                Box::new(move |value| bound.$record(value))
            }

            fn over(implementation: Arc<dyn SyncInstrument<$number> + Send + Sync>) -> Self {
                Self::new(implementation)
            }
        }
    )*)*};
}

recorder! {
    Counter of u64, f64: add;
    UpDownCounter of i64, f64: add;
    Gauge of u64, i64, f64: record;
    Histogram of u64, f64: record;
}

/// The streams of an instrument that records.
struct Recorded<I>(Vec<(Wanted, I)>);

/// The same with its attributes bound.
struct Bound<T>(Vec<Box<dyn Fn(T) + Send + Sync>>);

impl<T: Copy + 'static, I: Recorder<T>> SyncInstrument<T> for Recorded<I> {
    fn measure(&self, value: T, attributes: &[KeyValue]) {
        for (wanted, instrument) in &self.0 {
            kept(wanted, attributes, |attributes| instrument.measure(value, attributes));
        }
    }

    fn bind(&self, attributes: &[KeyValue]) -> Box<dyn BoundSyncInstrument<T> + Send + Sync> {
        let streams = self.0.iter();
        let bound =
            streams.map(|(wanted, instrument)| kept(wanted, attributes, |attributes| instrument.bound(attributes)));
        Box::new(Bound(bound.collect()))
    }
}

impl<T: Copy> BoundSyncInstrument<T> for Bound<T> {
    fn measure(&self, value: T) {
        self.0.iter().for_each(|record| record(value));
    }
}

/// Hands on the attributes that the stream keeps.
fn kept<R>(wanted: &Wanted, attributes: &[KeyValue], take: impl FnOnce(&[KeyValue]) -> R) -> R {
    match &wanted.attributes {
        None => take(attributes),
        Some(keys) => {
            let kept: Vec<KeyValue> =
                attributes.iter().filter(|attribute| keys.keeps(attribute.key.as_str())).cloned().collect();
            take(&kept)
        }
    }
}

/// An instrument that records in each of these streams; `make` makes the SDK's. Without a stream it does nothing.
pub(super) fn recorded<T: Copy + 'static, I: Recorder<T>>(wanted: Vec<Wanted>, make: impl Fn(&Wanted) -> I) -> I {
    if let [only] = &wanted[..]
        && only.attributes.is_none()
    {
        return make(only);
    }
    let streams = wanted.into_iter().map(|wanted| {
        let instrument = make(&wanted);
        (wanted, instrument)
    });
    I::over(Arc::new(Recorded(streams.collect())))
}

/// What callbacks observe into: each stream merges what it keeps.
struct Collected<T>(Mutex<Vec<Merged<T>>>, Arc<[Wanted]>);

impl<T: Plus + Send + Sync> AsyncInstrument<T> for Collected<T> {
    fn observe(&self, value: T, attributes: &[KeyValue]) {
        let mut merged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (wanted, merged) in self.1.iter().zip(merged.iter_mut()) {
            kept(wanted, attributes, |attributes| merged.put(attributes.to_vec(), value));
        }
    }
}

/// Makes, by `make`, an instrument of the SDK for each of these streams, with callbacks.
///
/// The SDK calls back in the order in which instruments were made. So the first calls the library's, and the others export what it collected.
pub(super) fn observed<T: Plus + Send + Sync + 'static>(
    wanted: Vec<Wanted>,
    kind: InstrumentKind,
    callbacks: Vec<Callback<T>>,
    make: impl Fn(&Wanted, Vec<Callback<T>>),
) {
    if let [only] = &wanted[..]
        && only.attributes.is_none()
    {
        return make(only, callbacks);
    }
    let streams: Arc<[Wanted]> = wanted.into();
    let latest: Arc<Mutex<Arc<Vec<Merged<T>>>>> = Arc::default();
    let mut library = Some(callbacks);
    for (at, stream) in streams.iter().enumerate() {
        let (library, latest, streams) = (library.take(), latest.clone(), streams.clone());
        let callback: Callback<T> = Box::new(move |instrument| {
            if let Some(callbacks) = &library {
                // The cap is the SDK's, which sees what is merged.
                let merge = |wanted: &Wanted| Merged::new(kind.adds_up(), wanted.attributes.is_none(), usize::MAX);
                let collected = Collected(Mutex::new(streams.iter().map(merge).collect()), streams.clone());
                callbacks.iter().for_each(|callback| callback(&collected));
                let merged = collected.0.into_inner().unwrap_or_else(PoisonError::into_inner);
                *latest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(merged);
            }
            let latest = latest.lock().unwrap_or_else(PoisonError::into_inner).clone();
            for (attributes, value) in latest.get(at).into_iter().flat_map(|merged| merged.values()) {
                instrument.observe(*value, attributes);
            }
        });
        make(stream, vec![callback]);
    }
}
