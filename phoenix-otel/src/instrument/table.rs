//! From label values to what is bound to them, without a lock and without allocation once it is bound.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use papaya::{Equivalent, HashMap};

use super::alone::alone;
use super::attributes::cut;
use super::family::MOST_KNOWN;
use crate::catalog::Labels;
use crate::catalog::labels::{LabelDef, closed_combinations, combination, combinations};

/// What is bound, by the label set `L`.
pub(crate) enum Table<T: 'static> {
    /// All labels are enums: an array over their combinations.
    Dense(Box<[OnceLock<T>]>),
    /// Some label is a string: a bounded map.
    Sparse(Sparse<T>),
}

/// The label values to bind.
#[derive(Clone, Copy)]
pub(crate) enum Values<'v> {
    /// All of them.
    All(&'v [&'v str]),
    /// All of them, and which of them tell the entry apart: the next time the others may be different ones.
    Kept(&'v [&'v str], &'v [bool]),
    /// The table is full, so only those of enums tell series apart from now on; the strings are not to be kept.
    Closed(&'v [&'v str]),
    /// The table is full, and all new label values share one entry.
    Nothing,
}

impl<'v> Values<'v> {
    /// The labels whose values are known and tell the entry apart, with these values.
    pub(crate) fn known<'l>(self, labels: &'l [LabelDef]) -> impl Iterator<Item = (&'l LabelDef, &'v str)> {
        let values = match self {
            Self::All(values) | Self::Kept(values, _) | Self::Closed(values) => values,
            Self::Nothing => &[],
        };
        let is_known = move |at: usize, label: &LabelDef| match self {
            Self::Kept(_, kept) => kept.get(at).is_some_and(|kept| *kept),
            Self::Closed(_) => label.values.is_some(),
            Self::All(_) | Self::Nothing => true,
        };
        let pairs = labels.iter().zip(values.iter().copied()).enumerate();
        pairs.filter(move |(at, (label, _))| is_known(*at, label)).map(|(_, pair)| pair)
    }
}

impl<T: Send + Sync + 'static> Table<T> {
    /// A table for the labels `L` that holds at most `cap` combinations of the labels that are kept. Past them all goes to one.
    pub(crate) fn new<L: Labels>(cap: usize, keeps: impl Fn(&str) -> bool) -> Self {
        Self::with::<L>(|| Sparse::new(cap, L::LABELS, keeps))
    }

    /// The same, but past the cap, enum label values still get separate entries.
    pub(crate) fn new_by_enums<L: Labels>(cap: usize, keeps: impl Fn(&str) -> bool) -> Self {
        Self::with::<L>(|| Sparse::new(cap, L::LABELS, keeps).by_enums(closed_combinations(L::LABELS)))
    }

    fn with<L: Labels>(sparse: impl FnOnce() -> Sparse<T>) -> Self {
        match combinations(L::LABELS) {
            Some(n) if (1..=MOST_KNOWN).contains(&n) => Self::Dense((0..n).map(|_| OnceLock::new()).collect()),
            _ => Self::Sparse(sparse()),
        }
    }

    /// What is bound to `labels`; made on first sight by `make`.
    ///
    /// `None` where binding is under way on this thread, or the thread is at its end: see [`alone`] and [`Sparse::get_or_overflow`].
    #[inline]
    pub(crate) fn get<L: Labels>(&'static self, labels: &L, make: impl Fn(Values<'_>) -> T) -> Option<&'static T> {
        match self {
            Self::Dense(cells) => {
                // A `Label` written by hand may be wrong about its index, and recording never panics.
                let cell = &cells[labels.index().min(cells.len() - 1)];
                match cell.get() {
                    Some(found) => Some(found),
                    None => alone(|| cell.get_or_init(|| make(Values::All(labels.values().as_ref())))),
                }
            }
            Self::Sparse(sparse) => sparse.get_or_overflow(labels.values().as_ref(), || labels.index(), make),
        }
    }

    /// Binds every combination of an all-enum label set.
    pub(crate) fn fill<L: Labels>(&'static self, make: impl Fn(Values<'_>) -> T) {
        if let Self::Dense(cells) = self {
            for (index, cell) in cells.iter().enumerate() {
                alone(|| cell.get_or_init(|| make(Values::All(&combination(L::LABELS, index)))));
            }
        }
    }
}

/// A bounded map from strings. What is in it stays, so that a reference to it can be held by a call.
pub(crate) struct Sparse<T: 'static> {
    map: HashMap<Key, &'static T>,
    cap: usize,
    /// Set when the map is full, which it stays: to ask it for its length is dearer.
    full: AtomicBool,
    /// What takes the rest: one, or one for each combination of enum values.
    overflow: Box<[OnceLock<T>]>,
    by_enums: bool,
    /// Which values tell entries apart, where that is not all of them.
    kept: Option<Box<[bool]>>,
}

impl<T: Send + Sync + 'static> Sparse<T> {
    /// A map of at most `cap` entries, past which all new label values share one entry. What differs in labels that are not kept alone is one entry.
    pub(crate) fn new(cap: usize, labels: &[LabelDef], keeps: impl Fn(&str) -> bool) -> Self {
        let kept: Box<[bool]> = labels.iter().map(|label| keeps(label.name)).collect();
        Self {
            map: HashMap::new(),
            cap,
            full: AtomicBool::new(false),
            overflow: [OnceLock::new()].into(),
            by_enums: false,
            kept: kept.contains(&false).then_some(kept),
        }
    }

    /// The same, with an overflow for each of so many combinations of enum values, unless they are too many.
    fn by_enums(self, combinations: usize) -> Self {
        if combinations > MOST_KNOWN {
            return self;
        }
        Self { overflow: (0..combinations.max(1)).map(|_| OnceLock::new()).collect(), by_enums: true, ..self }
    }

    /// What is bound to `values`; made on first sight by `make`, which gets no values where the map is full.
    #[inline]
    pub(crate) fn get(&'static self, values: &[&str], make: impl Fn(Option<&[&str]>) -> T) -> Option<&'static T> {
        let make = |values: Values<'_>| match values {
            Values::All(values) | Values::Kept(values, _) => make(Some(values)),
            Values::Closed(_) | Values::Nothing => make(None),
        };
        self.get_or_overflow(values, || 0, make)
    }

    /// The same where there are several overflows: `overflow` says which of them the values belong to.
    ///
    /// The map needs the thread's local storage. Where a destructor of it records when it is already gone, that is lost.
    #[inline]
    pub(crate) fn get_or_overflow(
        &'static self,
        values: &[&str],
        overflow: impl Fn() -> usize,
        make: impl Fn(Values<'_>) -> T,
    ) -> Option<&'static T> {
        LIVING.try_with(|_| ()).ok()?;
        let map = self.map.pin();
        let found = match &self.kept {
            None => map.get(&Query(values)),
            Some(kept) => map.get(&KeptQuery(values, kept)),
        };
        if let Some(found) = found {
            return Some(found);
        }
        // What an attack with new values comes to: no lock, no allocation.
        if !self.full.load(Ordering::Relaxed) {
            if map.len() < self.cap {
                return alone(|| {
                    let all = match &self.kept {
                        None => Values::All(values),
                        Some(kept) => Values::Kept(values, kept),
                    };
                    // Leaked, since a call holds it by reference for as long as it runs; the cap bounds how many there are.
                    let made = Box::leak(Box::new(make(all)));
                    *map.get_or_insert(self.key(values), made)
                });
            }
            self.close();
        }
        self.overflow(values, overflow(), make)
    }

    fn key(&self, values: &[&str]) -> Key {
        match &self.kept {
            None => Key::new(values.iter().copied()),
            Some(kept) => Key::new(KeptQuery(values, kept).values()),
        }
    }

    /// Takes no more values, as if it were full.
    pub(crate) fn close(&self) {
        self.full.store(true, Ordering::Relaxed);
    }

    /// Where `values` go that have no entry of their own.
    fn overflow(&'static self, values: &[&str], which: usize, make: impl Fn(Values<'_>) -> T) -> Option<&'static T> {
        let cell = &self.overflow[which.min(self.overflow.len() - 1)];
        match cell.get() {
            Some(found) => Some(found),
            None => {
                let values = if self.by_enums { Values::Closed(values) } else { Values::Nothing };
                alone(|| cell.get_or_init(|| make(values)))
            }
        }
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
    fn new<'v>(values: impl Iterator<Item = &'v str>) -> Self {
        Self(values.map(|value| cut(value).into()).collect())
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
        self.0.iter().for_each(|value| cut(value).hash(state));
    }
}

impl Equivalent<Key> for Query<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.0.iter().map(|value| cut(value)).eq(key.0.iter().map(|value| &**value))
    }
}

/// The same where only some of the values tell entries apart.
struct KeptQuery<'a>(&'a [&'a str], &'a [bool]);

impl<'a> KeptQuery<'a> {
    fn values(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().zip(self.1).filter(|(_, kept)| **kept).map(|(value, _)| *value)
    }
}

impl Hash for KeptQuery<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.values().for_each(|value| cut(value).hash(state));
    }
}

impl Equivalent<Key> for KeptQuery<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.values().map(cut).eq(key.0.iter().map(|value| &**value))
    }
}
