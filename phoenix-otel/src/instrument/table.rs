//! From label values to what is bound to them, without a lock and without allocation once it is bound.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use papaya::{Equivalent, HashMap};

use super::alone::alone;
use crate::catalog::Labels;
use crate::catalog::labels::{combination, combinations};

/// Above this an all-enum label set is kept as sparsely as one of strings: most combinations never occur.
const DENSE_LIMIT: usize = 4096;

/// What is bound, by the label set `L`.
pub(crate) enum Table<T: 'static> {
    /// All labels are enums: an array over their combinations.
    Dense(Box<[OnceLock<T>]>),
    /// Some label is a string: a bounded map.
    Sparse(Sparse<T>),
}

impl<T: Send + Sync + 'static> Table<T> {
    /// A table for the labels `L` that holds at most `cap` string combinations.
    pub(crate) fn new<L: Labels>(cap: usize) -> Self {
        match combinations(L::LABELS) {
            Some(n) if (1..=DENSE_LIMIT).contains(&n) => Self::Dense((0..n).map(|_| OnceLock::new()).collect()),
            _ => Self::Sparse(Sparse::new(cap)),
        }
    }

    /// What is bound to `labels`; made on first sight by `make`, which gets no values where the table is full.
    ///
    /// `None` where binding is under way on this thread, or the thread is at its end: see [`alone`] and [`Sparse::get`].
    #[inline]
    pub(crate) fn get<L: Labels>(&'static self, labels: &L, make: impl Fn(Option<&[&str]>) -> T) -> Option<&'static T> {
        match self {
            Self::Dense(cells) => {
                // A `Label` written by hand may be wrong about its index, and recording never panics.
                let cell = &cells[labels.index().min(cells.len() - 1)];
                match cell.get() {
                    Some(found) => Some(found),
                    None => alone(|| cell.get_or_init(|| make(Some(labels.values().as_ref())))),
                }
            }
            Self::Sparse(sparse) => sparse.get(labels.values().as_ref(), make),
        }
    }

    /// Binds every combination of an all-enum label set.
    pub(crate) fn fill<L: Labels>(&'static self, make: impl Fn(Option<&[&str]>) -> T) {
        if let Self::Dense(cells) = self {
            for (index, cell) in cells.iter().enumerate() {
                alone(|| cell.get_or_init(|| make(Some(&combination(L::LABELS, index)))));
            }
        }
    }
}

/// A bounded map from strings. What is in it stays, so that a reference to it can be held by a call.
pub(crate) struct Sparse<T: 'static> {
    map: HashMap<Key, &'static T>,
    cap: usize,
    overflow: OnceLock<T>,
}

impl<T: Send + Sync + 'static> Sparse<T> {
    pub(crate) fn new(cap: usize) -> Self {
        Self { map: HashMap::new(), cap, overflow: OnceLock::new() }
    }

    /// What is bound to `values`, as for [`Table::get`].
    ///
    /// The map needs the thread's local storage. Where a destructor of it records when it is already gone, that is lost.
    #[inline]
    pub(crate) fn get(&'static self, values: &[&str], make: impl Fn(Option<&[&str]>) -> T) -> Option<&'static T> {
        LIVING.try_with(|_| ()).ok()?;
        let map = self.map.pin();
        if let Some(found) = map.get(&Query(values)) {
            return Some(found);
        }
        alone(|| {
            if map.len() >= self.cap {
                return self.overflow.get_or_init(|| make(None));
            }
            // Leaked, since a call holds it by reference for as long as it runs; the cap bounds how many there are.
            let made = Box::leak(Box::new(make(Some(values))));
            *map.get_or_insert(Key::new(values), made)
        })
    }
}

/// Destroyed before the local storage that the map needs, since that is made first and destructors run in reverse.
struct Living;

impl Drop for Living {
    fn drop(&mut self) {}
}

thread_local!(static LIVING: Living = {
    drop(HashMap::<(), ()>::new().pin());
    Living
});

#[derive(PartialEq, Eq)]
struct Key(Box<[Box<str>]>);

impl Key {
    fn new(values: &[&str]) -> Self {
        Self(values.iter().map(|&value| value.into()).collect())
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|value| value.hash(state));
    }
}

struct Query<'a>(&'a [&'a str]);

impl Hash for Query<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|value| value.hash(state));
    }
}

impl Equivalent<Key> for Query<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.0.iter().copied().eq(key.0.iter().map(|value| &**value))
    }
}
