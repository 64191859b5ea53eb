//! The callbacks of observable instruments. A collection calls them first. Then the SDK collects and replays their observations.
//!
//! The SDK calls callbacks under the lock of its pipeline, and takes the same lock to create an instrument. Under that lock, a slow callback would
//! block each thread that creates an instrument, and a callback that creates an instrument or collects would deadlock.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::time::Duration;

use crate::lock::{lock, wait_while};

/// The error of a callback that collects, flushes or reads the metrics.
pub(crate) const NESTED: &str = "a callback of an observable instrument cannot collect, flush or read the metrics, because a collection is waiting for the callback; do this on another thread, and do not wait for it in the callback";

/// Why a collection does not start.
pub(crate) const BUSY: &str = "another collection did not end in time; the likely cause is a callback of an observable instrument that blocks, or that waits for a thread that collects, flushes or reads the metrics";

/// How long a collection waits for the one that runs. It is as long as a scrape may take.
const TURN_TIMEOUT: Duration = Duration::from_secs(30);

/// What the thread does for a collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    None,
    /// It calls callbacks, without a lock of the SDK.
    Calling,
    /// The SDK collects, under its lock, and replays what the callbacks of this provider observed.
    Replaying(u64),
    /// A foreign reader collects, and the SDK calls the callbacks under its lock.
    CallingLocked,
}

thread_local! {
    static PHASE: Cell<Phase> = const { Cell::new(Phase::None) };
}

fn phase() -> Phase {
    // Another thread-local destructor may call this after `PHASE` is destroyed.
    PHASE.try_with(Cell::get).unwrap_or(Phase::None)
}

/// Whether this thread runs a collection.
pub(crate) fn is_collecting() -> bool {
    phase() != Phase::None
}

/// Whether the SDK collects on this thread. Then this thread holds the SDK's lock, and creating an instrument would deadlock.
pub(crate) fn is_sdk_locked() -> bool {
    matches!(phase(), Phase::Replaying(_) | Phase::CallingLocked)
}

/// Sets the phase until the guard is dropped.
fn enter(phase: Phase) -> Entered {
    Entered(PHASE.try_with(|current| current.replace(phase)).unwrap_or(Phase::None))
}

struct Entered(Phase);

impl Drop for Entered {
    fn drop(&mut self) {
        let _ = PHASE.try_with(|current| current.set(self.0));
    }
}

/// The callbacks of all observable instruments of one provider. Clones share them.
#[derive(Clone)]
pub(crate) struct Callbacks(Arc<Provider>);

struct Provider {
    id: u64,
    /// The SDK owns the instruments. So if the SDK rejects or drops an instrument, its callbacks are no longer called.
    instruments: Mutex<Vec<Weak<dyn Call>>>,
    /// Taken by one collection at a time. What an observable sum has observed is replayed in the order in which it was observed, or the sum
    /// would fall.
    turn: Turn,
    timeout: Duration,
}

/// A lock with a timeout: its holder may itself wait for the thread that requests it.
#[derive(Default)]
struct Turn {
    is_taken: Mutex<bool>,
    freed: Condvar,
}

impl Turn {
    /// Takes the turn. `None` if it does not become free in this time.
    fn take(&self, timeout: Duration) -> Option<Taken<'_>> {
        let mut is_taken = wait_while(&self.freed, lock(&self.is_taken), timeout, |is_taken| *is_taken);
        if std::mem::replace(&mut *is_taken, true) { None } else { Some(Taken(self)) }
    }
}

struct Taken<'t>(&'t Turn);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *lock(&self.0.is_taken) = false;
        self.0.freed.notify_one();
    }
}

impl Default for Callbacks {
    fn default() -> Self {
        Self::with_timeout(TURN_TIMEOUT)
    }
}

impl Callbacks {
    fn with_timeout(timeout: Duration) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(0);
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        Self(Arc::new(Provider { id, instruments: Mutex::default(), turn: Turn::default(), timeout }))
    }

    /// Adds an instrument. `call` calls its callbacks and returns what they observed; it does not panic. It is called as long as the SDK's
    /// callback holds what this returns.
    pub(crate) fn add<V: Send + Sync + 'static>(
        &self,
        call: impl Fn() -> V + Send + Sync + 'static,
    ) -> Arc<Observed<V>> {
        let (prepared, locked) = Default::default();
        let observed = Arc::new(Observed { provider: self.0.id, call: Box::new(call), prepared, locked });
        let instrument: Arc<dyn Call> = observed.clone();
        lock(&self.0.instruments).push(Arc::downgrade(&instrument));
        observed
    }

    /// Calls all callbacks, then `collect`, in which the SDK replays their observations. Only one collection of the provider runs at a time.
    ///
    /// # Errors
    ///
    /// [`NESTED`], if a callback called this, and [`BUSY`], if another collection does not end in time.
    pub(crate) fn collect<T>(&self, collect: impl FnOnce() -> T) -> Result<T, &'static str> {
        if is_collecting() {
            return Err(NESTED);
        }
        // Declared before the lock, so dropped after it: the last reference may be dropped here, with the values that the callbacks own.
        let instruments: Vec<Arc<dyn Call>> = {
            let mut instruments = lock(&self.0.instruments);
            instruments.retain(|instrument| instrument.strong_count() > 0);
            instruments.iter().filter_map(Weak::upgrade).collect()
        };
        let _turn = self.0.turn.take(self.0.timeout).ok_or(BUSY)?;
        let prepared = Prepared(&instruments);
        {
            let _calling = enter(Phase::Calling);
            prepared.0.iter().for_each(|instrument| instrument.call());
        }
        let _replaying = enter(Phase::Replaying(self.0.id));
        Ok(collect())
    }
}

/// Drops the observations at the end of the collection.
struct Prepared<'i>(&'i [Arc<dyn Call>]);

impl Drop for Prepared<'_> {
    fn drop(&mut self) {
        self.0.iter().for_each(|instrument| instrument.forget());
    }
}

/// An instrument without its number type.
trait Call: Send + Sync {
    fn call(&self);
    fn forget(&self);
}

/// The callbacks of one instrument, and their observations.
pub(crate) struct Observed<V> {
    provider: u64,
    call: Box<dyn Fn() -> V + Send + Sync>,
    /// The observations for the current collection.
    prepared: Mutex<Option<Arc<V>>>,
    /// The last observations for a foreign reader.
    locked: Mutex<Option<Arc<V>>>,
}

impl<V> Observed<V> {
    /// The observations, for the SDK's callback. `None` if the instrument was created after the collection began.
    ///
    /// A foreign reader starts a collection without calling the callbacks. So this method calls them, under the SDK's lock: once, for the
    /// instrument's first stream, because the SDK calls its callbacks in the order in which the streams were created.
    pub(crate) fn replay(&self, is_first_stream: bool) -> Option<Arc<V>> {
        if phase() == Phase::Replaying(self.provider) {
            return lock(&self.prepared).clone();
        }
        if is_first_stream {
            let _locked = enter(Phase::CallingLocked);
            let observed = Arc::new((self.call)());
            *lock(&self.locked) = Some(observed);
        }
        lock(&self.locked).clone()
    }
}

impl<V: Send + Sync> Call for Observed<V> {
    fn call(&self) {
        let observed = Arc::new((self.call)());
        *lock(&self.prepared) = Some(observed);
    }

    fn forget(&self) {
        *lock(&self.prepared) = None;
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;

    use super::*;

    /// An instrument that counts the calls of its callbacks.
    fn counting(callbacks: &Callbacks) -> Arc<Observed<u64>> {
        let calls = AtomicU64::new(0);
        callbacks.add(move || calls.fetch_add(1, Ordering::Relaxed) + 1)
    }

    #[test]
    fn each_collection_calls_once_and_replays_to_all_streams() {
        let callbacks = Callbacks::default();
        let instrument = counting(&callbacks);
        for calls in 1..3 {
            let replayed = callbacks.collect(|| [true, false, true].map(|first| instrument.replay(first)));
            assert_eq!(replayed.unwrap().map(|observed| *observed.unwrap()), [calls; 3]);
        }
        assert!(lock(&instrument.prepared).is_none(), "nothing is kept after a collection");
    }

    #[test]
    fn without_a_collection_of_the_provider_the_first_stream_calls() {
        let [callbacks, other] = [Callbacks::default(), Callbacks::default()];
        let instrument = counting(&callbacks);
        let replay = || [true, false].map(|first| instrument.replay(first).map(|observed| *observed));
        assert_eq!(replay(), [Some(1); 2]);
        assert_eq!(other.collect(replay), Ok([Some(2); 2]));
    }

    #[test]
    fn an_instrument_that_is_made_while_a_collection_runs_waits_for_the_next() {
        let callbacks = Callbacks::default();
        let replayed = callbacks.collect(|| counting(&callbacks).replay(true));
        assert_eq!(replayed, Ok(None));
    }

    #[test]
    fn an_instrument_that_the_sdk_dropped_is_not_called() {
        let callbacks = Callbacks::default();
        let calls = Arc::new(AtomicU64::new(0));
        let counted = calls.clone();
        drop(callbacks.add(move || counted.fetch_add(1, Ordering::Relaxed)));
        assert_eq!(callbacks.collect(|| ()), Ok(()));
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        assert!(lock(&callbacks.0.instruments).is_empty());
    }

    #[test]
    fn a_callback_cannot_collect_whatever_the_provider_and_a_panic_ends_that() {
        let [callbacks, other] = [Callbacks::default(), Callbacks::default()];
        let nested = other.clone();
        let instrument = callbacks.add(move || nested.collect(|| ()));
        assert_eq!(callbacks.collect(|| instrument.replay(true).map(|nested| *nested)), Ok(Some(Err(NESTED))));
        let panicked = std::panic::catch_unwind(AssertUnwindSafe(|| callbacks.collect(|| panic!("a bug of the SDK"))));
        assert!(panicked.is_err() && !is_collecting());
        assert_eq!(other.collect(is_sdk_locked), Ok(true));
    }

    /// Without a limit both would wait for each other forever.
    #[test]
    fn a_callback_may_wait_for_a_thread_that_collects() {
        let callbacks = Callbacks::with_timeout(Duration::from_millis(10));
        let nested = callbacks.clone();
        let instrument = callbacks.add(move || {
            let nested = nested.clone();
            std::thread::spawn(move || nested.collect(|| ())).join().unwrap()
        });
        let replayed = callbacks.collect(|| instrument.replay(true).map(|answer| *answer));
        assert_eq!(replayed, Ok(Some(Err(BUSY))));
        assert_eq!(callbacks.collect(|| ()), Ok(()), "the next collection");
    }
}
