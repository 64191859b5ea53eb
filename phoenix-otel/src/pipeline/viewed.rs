//! Applies views to instruments of other libraries: one SDK instrument for each stream, with the kept attributes.
//!
//! The SDK's own views support a list of attributes to keep, but neither wildcards nor a list of attributes to drop. If observations are merged,
//! as in the overflow series, they export only the last one. So this module removes attributes and adds up observations before it passes them to
//! the SDK. The SDK applies buckets and the caps of synchronous instruments (`views`).
//!
//! Only this file and `instrument/bound` use the experimental bound instruments, because libraries can use them.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, RwLock};

use opentelemetry::metrics::{
    AsyncInstrument, BoundSyncInstrument, Callback, Counter, Gauge, Histogram, SyncInstrument, UpDownCounter,
};
use opentelemetry::{InstrumentationScope, KeyValue};

use crate::callbacks::Callbacks;
use crate::lock::{into_inner, lock, read, write};
use crate::view::merge::{Merged, Plus, overflow_attributes};
use crate::view::{InstrumentKind, StreamSettings};

/// A synchronous instrument with numbers `T`.
pub(super) trait Recorder<T>: Send + Sync + Sized + 'static {
    fn measure(&self, value: T, attributes: &[KeyValue]);

    /// Binds the attributes.
    fn bound(&self, attributes: &[KeyValue]) -> Box<dyn Fn(T) + Send + Sync>;

    /// The instrument with another implementation.
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

/// A synchronous instrument with its streams.
struct Recorded<I> {
    settings: Vec<StreamSettings>,
    /// One for each stream.
    instruments: Vec<I>,
}

impl<I> Recorded<I> {
    fn streams(&self) -> impl Iterator<Item = (&StreamSettings, &I)> {
        self.settings.iter().zip(&self.instruments)
    }
}

/// A synchronous instrument with bound attributes.
struct Bound<T>(Vec<Box<dyn Fn(T) + Send + Sync>>);

impl<T: Copy + 'static, I: Recorder<T>> SyncInstrument<T> for Recorded<I> {
    fn measure(&self, value: T, attributes: &[KeyValue]) {
        for (settings, instrument) in self.streams() {
            instrument.measure(value, &kept(settings, attributes));
        }
    }

    fn bind(&self, attributes: &[KeyValue]) -> Box<dyn BoundSyncInstrument<T> + Send + Sync> {
        let bound = self.streams().map(|(settings, instrument)| instrument.bound(&kept(settings, attributes)));
        Box::new(Bound(bound.collect()))
    }
}

impl<T: Copy> BoundSyncInstrument<T> for Bound<T> {
    fn measure(&self, value: T) {
        self.0.iter().for_each(|record| record(value));
    }
}

/// An instrument that drops its values and calls this function for each.
struct Counted<F>(Arc<F>);

impl<T, F: Fn() + Send + Sync + 'static> SyncInstrument<T> for Counted<F> {
    fn measure(&self, _: T, _: &[KeyValue]) {
        (self.0)();
    }

    fn bind(&self, _: &[KeyValue]) -> Box<dyn BoundSyncInstrument<T> + Send + Sync> {
        Box::new(Self(self.0.clone()))
    }
}

impl<T, F: Fn() + Send + Sync + 'static> BoundSyncInstrument<T> for Counted<F> {
    fn measure(&self, _: T) {
        (self.0)();
    }
}

/// An instrument that drops its values and calls `count` for each.
pub(super) fn counted<T, I: Recorder<T>>(count: impl Fn() + Send + Sync + 'static) -> I {
    I::over(Arc::new(Counted(Arc::new(count))))
}

/// The attributes that the stream keeps.
fn kept<'a>(settings: &StreamSettings, attributes: &'a [KeyValue]) -> Cow<'a, [KeyValue]> {
    match &settings.attributes {
        None => Cow::Borrowed(attributes),
        Some(keys) => attributes.iter().filter(|attribute| keys.keeps(attribute.key.as_str())).cloned().collect(),
    }
}

/// An instrument that records into each of these streams. `make` creates an SDK instrument. Without streams it is a no-op.
pub(super) fn recorded<T: Copy + 'static, I: Recorder<T>>(
    settings: Vec<StreamSettings>,
    make: &dyn Fn(&StreamSettings) -> I,
) -> I {
    if let [only] = &settings[..]
        && only.attributes.is_none()
    {
        return make(only);
    }
    let instruments = settings.iter().map(make).collect();
    I::over(Arc::new(Recorded { settings, instruments }))
}

/// The maximum number of observations of one instrument in one collection. The SDK has 2,000 series for an instrument, unless one of its own views
/// raises this limit.
const OBSERVATIONS: usize = 100_000;

/// The observer that is passed to callbacks if the only stream needs no merging.
struct Kept<T>(Mutex<Vec<(T, Vec<KeyValue>)>>);

impl<T: Send> AsyncInstrument<T> for Kept<T> {
    fn observe(&self, value: T, attributes: &[KeyValue]) {
        let mut kept = lock(&self.0);
        // Above its cap the SDK has only the overflow series, and exports its last value.
        kept.truncate(OBSERVATIONS);
        kept.push((value, attributes.to_vec()));
    }
}

/// The observer that is passed to callbacks. Each stream merges the observations by its kept attributes.
struct Collected<T>(Mutex<Vec<Merged<T>>>, Arc<[StreamSettings]>);

impl<T: Plus + Send + Sync> AsyncInstrument<T> for Collected<T> {
    fn observe(&self, value: T, attributes: &[KeyValue]) {
        let mut merged = lock(&self.0);
        for (settings, merged) in self.1.iter().zip(merged.iter_mut()) {
            merged.put(kept(settings, attributes).into_owned(), value);
        }
    }
}

/// The identity of an observable instrument. A library can create the same instrument several times, each time with another callback.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    pub(super) scope: InstrumentationScope,
    /// In lower case: instrument names are not case-sensitive.
    pub(super) name: String,
    pub(super) kind: InstrumentKind,
    pub(super) unit: Option<Cow<'static, str>>,
    pub(super) description: Option<Cow<'static, str>>,
}

/// The callbacks of one instrument.
type OfInstrument<T> = RwLock<Vec<Arc<Callback<T>>>>;

/// The callbacks of each instrument and number type.
type ByInstrument = HashMap<(Identity, TypeId), Arc<dyn Any + Send + Sync>>;

/// The observable instruments of other libraries. Clones share their state.
#[derive(Clone)]
pub(super) struct Observables {
    callbacks: Callbacks,
    /// The instruments whose observations are merged.
    merged: Arc<Mutex<ByInstrument>>,
}

impl Observables {
    pub(super) fn new(callbacks: Callbacks) -> Self {
        Self { callbacks, merged: Arc::default() }
    }

    /// Creates an SDK instrument with `make` for each of these streams. If the instrument exists already, adds the callbacks to it.
    pub(super) fn add<T: Plus + Send + Sync + 'static>(
        &self,
        identity: Identity,
        settings: Vec<StreamSettings>,
        callbacks: Vec<Callback<T>>,
        make: &dyn Fn(&StreamSettings, Vec<Callback<T>>),
    ) {
        let adds_up = identity.kind.adds_up();
        // The SDK exports the last of several observations of one series, which is correct for a gauge.
        let merges = |stream: &StreamSettings| stream.attributes.is_some() || (stream.cap.is_some() && adds_up);
        if let [only] = &settings[..]
            && !merges(only)
        {
            if callbacks.is_empty() {
                return make(only, callbacks);
            }
            let observed = self.callbacks.add(move || kept_as_it_is(&callbacks));
            let replay: Callback<T> = Box::new(move |instrument| {
                let observed = observed.replay(true);
                for (value, attributes) in observed.iter().flat_map(|observed| observed.iter()) {
                    instrument.observe(*value, attributes);
                }
            });
            return make(only, vec![replay]);
        }
        if settings.is_empty() {
            return;
        }
        let Some(all) = self.register(identity, callbacks) else { return };
        let streams: Arc<[StreamSettings]> = settings.into();
        let observed = {
            let streams = streams.clone();
            self.callbacks.add(move || collect(&all, &streams, adds_up))
        };
        for (at, stream) in streams.iter().enumerate() {
            let observed = observed.clone();
            let callback: Callback<T> = Box::new(move |instrument| {
                let observed = observed.replay(at == 0);
                let Some(merged) = observed.as_ref().and_then(|observed| observed.get(at)) else { return };
                for (attributes, value) in merged.values() {
                    instrument.observe(*value, attributes);
                }
                if let Some((value, _)) = merged.overflow() {
                    instrument.observe(value, &overflow_attributes());
                }
            });
            make(stream, vec![callback]);
        }
    }

    /// Registers callbacks of an instrument. `None` if the instrument exists already.
    fn register<T: 'static>(&self, identity: Identity, callbacks: Vec<Callback<T>>) -> Option<Arc<OfInstrument<T>>> {
        let callbacks = callbacks.into_iter().map(Arc::new);
        match lock(&self.merged).entry((identity, TypeId::of::<T>())) {
            Entry::Occupied(there) => {
                // The key contains the type, so the downcast cannot fail.
                if let Ok(all) = there.get().clone().downcast::<OfInstrument<T>>() {
                    write(&all).extend(callbacks);
                }
                None
            }
            Entry::Vacant(place) => {
                let all: Arc<OfInstrument<T>> = Arc::new(RwLock::new(callbacks.collect()));
                place.insert(all.clone());
                Some(all)
            }
        }
    }
}

/// Calls the callbacks and returns their observations in order.
fn kept_as_it_is<T: Send + Sync>(callbacks: &[Callback<T>]) -> Vec<(T, Vec<KeyValue>)> {
    let kept = Kept(Mutex::default());
    callbacks.iter().for_each(|callback| callback(&kept));
    into_inner(kept.0)
}

/// Calls the callbacks and returns the observations of each stream. No lock of ours is held, so a callback can create another instrument.
fn collect<T: Plus + Send + Sync>(
    all: &OfInstrument<T>,
    streams: &Arc<[StreamSettings]>,
    adds_up: bool,
) -> Vec<Merged<T>> {
    let merged =
        |stream: &StreamSettings| Merged::new(adds_up, stream.attributes.is_none(), stream.cap.unwrap_or(usize::MAX));
    let collected = Collected(Mutex::new(streams.iter().map(merged).collect()), streams.clone());
    let all = read(all).clone();
    all.iter().for_each(|callback| callback(&collected));
    into_inner(collected.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_one_collection_is_bounded_and_the_last_value_stays() {
        let last = OBSERVATIONS as u64 + 7;
        let callback: Callback<u64> =
            Box::new(move |observer| (0..=last).for_each(|value| observer.observe(value, &[])));
        let kept = kept_as_it_is(&[callback]);
        assert_eq!(kept.len(), OBSERVATIONS + 1);
        assert_eq!((kept[1].0, kept[OBSERVATIONS].0), (1, last));
    }
}
