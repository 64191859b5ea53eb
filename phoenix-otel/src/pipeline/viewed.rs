//! Instruments of other libraries as views want them: one of the SDK for each stream, with the attributes that are kept.
//!
//! The SDK's own views know a list of attributes to keep, but neither wildcards nor attributes to drop, and of observations that they merge
//! the last one is exported for all, past a cap, too. So the attributes are left out before the SDK sees them, and observations are added up here;
//! buckets, and the caps of what is recorded, are the SDK's own (`views`).
//!
//! Beside `instrument/bound` the one file that touches the experimental bound instruments: a library may use them.

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
struct Recorded<I> {
    wanted: Vec<Wanted>,
    /// One for each stream.
    instruments: Vec<I>,
}

impl<I> Recorded<I> {
    fn streams(&self) -> impl Iterator<Item = (&Wanted, &I)> {
        self.wanted.iter().zip(&self.instruments)
    }
}

/// The same with its attributes bound.
struct Bound<T>(Vec<Box<dyn Fn(T) + Send + Sync>>);

impl<T: Copy + 'static, I: Recorder<T>> SyncInstrument<T> for Recorded<I> {
    fn measure(&self, value: T, attributes: &[KeyValue]) {
        for (wanted, instrument) in self.streams() {
            instrument.measure(value, &kept(wanted, attributes));
        }
    }

    fn bind(&self, attributes: &[KeyValue]) -> Box<dyn BoundSyncInstrument<T> + Send + Sync> {
        let bound = self.streams().map(|(wanted, instrument)| instrument.bound(&kept(wanted, attributes)));
        Box::new(Bound(bound.collect()))
    }
}

impl<T: Copy> BoundSyncInstrument<T> for Bound<T> {
    fn measure(&self, value: T) {
        self.0.iter().for_each(|record| record(value));
    }
}

/// An instrument that records nothing, of whose values each is counted by this.
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

/// An instrument that records nothing, but counts.
pub(super) fn counted<T, I: Recorder<T>>(count: impl Fn() + Send + Sync + 'static) -> I {
    I::over(Arc::new(Counted(Arc::new(count))))
}

/// The attributes that the stream keeps.
fn kept<'a>(wanted: &Wanted, attributes: &'a [KeyValue]) -> Cow<'a, [KeyValue]> {
    match &wanted.attributes {
        None => Cow::Borrowed(attributes),
        Some(keys) => attributes.iter().filter(|attribute| keys.keeps(attribute.key.as_str())).cloned().collect(),
    }
}

/// An instrument that records in each of these streams; `make` makes the SDK's. Without a stream it does nothing.
pub(super) fn recorded<T: Copy + 'static, I: Recorder<T>>(wanted: Vec<Wanted>, make: &dyn Fn(&Wanted) -> I) -> I {
    if let [only] = &wanted[..]
        && only.attributes.is_none()
    {
        return make(only);
    }
    let instruments = wanted.iter().map(make).collect();
    I::over(Arc::new(Recorded { wanted, instruments }))
}

/// The most observations that are kept of one instrument in one collection. The SDK has 2,000 series of an instrument, unless a view of its own raises
/// that.
const OBSERVATIONS: usize = 100_000;

/// What callbacks observe into where the only stream takes it as it is.
struct Kept<T>(Mutex<Vec<(T, Vec<KeyValue>)>>);

impl<T: Send> AsyncInstrument<T> for Kept<T> {
    fn observe(&self, value: T, attributes: &[KeyValue]) {
        let mut kept = lock(&self.0);
        // What exceeds the SDK's cap is one series there, of which the last value is exported.
        kept.truncate(OBSERVATIONS);
        kept.push((value, attributes.to_vec()));
    }
}

/// What callbacks observe into: each stream merges what it keeps.
struct Collected<T>(Mutex<Vec<Merged<T>>>, Arc<[Wanted]>);

impl<T: Plus + Send + Sync> AsyncInstrument<T> for Collected<T> {
    fn observe(&self, value: T, attributes: &[KeyValue]) {
        let mut merged = lock(&self.0);
        for (wanted, merged) in self.1.iter().zip(merged.iter_mut()) {
            merged.put(kept(wanted, attributes).into_owned(), value);
        }
    }
}

/// All that tells the observable instruments of a provider apart. A library may make one several times, each time with a callback.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    pub(super) scope: InstrumentationScope,
    /// In lower case: the case of letters does not tell instruments apart.
    pub(super) name: String,
    pub(super) kind: InstrumentKind,
    pub(super) unit: Option<Cow<'static, str>>,
    pub(super) description: Option<Cow<'static, str>>,
}

/// The callbacks of one instrument.
type OfInstrument<T> = RwLock<Vec<Arc<Callback<T>>>>;

/// The callbacks of each instrument, by the type of its numbers, too.
type ByInstrument = HashMap<(Identity, TypeId), Arc<dyn Any + Send + Sync>>;

/// The observable instruments of other libraries. Clones are the same ones.
#[derive(Clone)]
pub(super) struct Observables {
    callbacks: Callbacks,
    /// Those whose observations are merged here.
    merged: Arc<Mutex<ByInstrument>>,
}

impl Observables {
    pub(super) fn new(callbacks: Callbacks) -> Self {
        Self { callbacks, merged: Arc::default() }
    }

    /// Makes, by `make`, an instrument of the SDK for each of these streams, with callbacks. An instrument that is there already gets the
    /// callbacks as well.
    pub(super) fn add<T: Plus + Send + Sync + 'static>(
        &self,
        identity: Identity,
        wanted: Vec<Wanted>,
        callbacks: Vec<Callback<T>>,
        make: &dyn Fn(&Wanted, Vec<Callback<T>>),
    ) {
        let adds_up = identity.kind.adds_up();
        // The SDK exports the last of several observations of one series, which is right for a gauge.
        let merges = |stream: &Wanted| stream.attributes.is_some() || (stream.cap.is_some() && adds_up);
        if let [only] = &wanted[..]
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
        if wanted.is_empty() {
            return;
        }
        let Some(all) = self.register(identity, callbacks) else { return };
        let streams: Arc<[Wanted]> = wanted.into();
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

    /// The callbacks of the instrument, with these; nothing where the instrument was there before.
    fn register<T: 'static>(&self, identity: Identity, callbacks: Vec<Callback<T>>) -> Option<Arc<OfInstrument<T>>> {
        let callbacks = callbacks.into_iter().map(Arc::new);
        match lock(&self.merged).entry((identity, TypeId::of::<T>())) {
            Entry::Occupied(there) => {
                // The key holds the type, so this cannot miss.
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

/// What the callbacks observe now, in their order.
fn kept_as_it_is<T: Send + Sync>(callbacks: &[Callback<T>]) -> Vec<(T, Vec<KeyValue>)> {
    let kept = Kept(Mutex::default());
    callbacks.iter().for_each(|callback| callback(&kept));
    into_inner(kept.0)
}

/// What the callbacks observe now, for each stream. They run without a lock of ours, so one may make another instrument.
fn collect<T: Plus + Send + Sync>(all: &OfInstrument<T>, streams: &Arc<[Wanted]>, adds_up: bool) -> Vec<Merged<T>> {
    let merged = |stream: &Wanted| Merged::new(adds_up, stream.attributes.is_none(), stream.cap.unwrap_or(usize::MAX));
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
