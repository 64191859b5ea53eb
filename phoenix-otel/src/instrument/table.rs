//! From label values to what is bound to them, without a lock and without allocation once it is bound.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::alone::alone;
use super::attributes::cut;
use super::family::MOST_KNOWN;
use super::trie::Trie;
use crate::catalog::Labels;
use crate::catalog::labels::{LabelDef, closed_combinations, combination, combinations};

/// What is bound, by the label set `L`.
pub(crate) enum Table<T: 'static> {
    /// All labels are enums: an array over their combinations.
    Dense(Box<[OnceLock<T>]>),
    /// Some label is a string: a bounded map.
    Sparse(Box<Sparse<T>>),
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

/// Makes what is bound to label values.
type Make<'m, T> = &'m dyn Fn(Values<'_>) -> T;

/// Says whether a label is kept.
type Keeps<'k> = &'k dyn Fn(&str) -> bool;

impl<T: Send + Sync + 'static> Table<T> {
    /// A table that holds at most `cap` combinations of the labels that are kept. Past them all goes to one.
    pub(crate) fn new(labels: &[LabelDef], cap: usize, keeps: Keeps<'_>) -> Self {
        Self::dense(labels).unwrap_or_else(|| Self::Sparse(Box::new(Sparse::new(cap, labels, keeps))))
    }

    /// The same, but past the cap, enum label values still get separate entries.
    pub(crate) fn new_by_enums(labels: &[LabelDef], cap: usize, keeps: Keeps<'_>) -> Self {
        let sparse = || Sparse::new(cap, labels, keeps).by_enums(closed_combinations(labels));
        Self::dense(labels).unwrap_or_else(|| Self::Sparse(Box::new(sparse())))
    }

    fn dense(labels: &[LabelDef]) -> Option<Self> {
        let combinations = combinations(labels).filter(|n| (1..=MOST_KNOWN).contains(n))?;
        Some(Self::Dense((0..combinations).map(|_| OnceLock::new()).collect()))
    }

    /// What is bound to `labels`; made on first sight by `make`.
    ///
    /// `None` where binding is under way on this thread: see [`alone`].
    #[inline]
    pub(crate) fn get<L: Labels>(&'static self, labels: &L, make: Make<'_, T>) -> Option<&'static T> {
        match self {
            Self::Dense(cells) => {
                // A `Label` written by hand may be wrong about its index, and recording never panics.
                let cell = &cells[labels.index().min(cells.len() - 1)];
                match cell.get() {
                    Some(found) => Some(found),
                    None => first(cell, Values::All(labels.values().as_ref()), make),
                }
            }
            Self::Sparse(sparse) => sparse.get_or_overflow(labels.values().as_ref(), labels.index(), make),
        }
    }

    /// Binds every combination of an all-enum label set.
    pub(crate) fn fill(&'static self, labels: &[LabelDef], make: Make<'_, T>) {
        if let Self::Dense(cells) = self {
            for (index, cell) in cells.iter().enumerate() {
                first(cell, Values::All(&combination(labels, index)), make);
            }
        }
    }
}

/// Binds what is not bound yet.
#[cold]
fn first<T>(cell: &'static OnceLock<T>, values: Values<'_>, make: Make<'_, T>) -> Option<&'static T> {
    alone(|| cell.get_or_init(|| make(values)))
}

/// A bounded map from strings. What is in it stays, so that a reference to it can be held by a call.
pub(crate) struct Sparse<T: 'static> {
    map: Trie<Key, T>,
    keys: Keys,
    cap: usize,
    /// Set when the map is full, which it stays.
    full: AtomicBool,
    /// What takes the rest: one, or one for each combination of enum values.
    overflow: Box<[OnceLock<T>]>,
    by_enums: bool,
}

impl<T: Send + Sync + 'static> Sparse<T> {
    /// A map of at most `cap` entries, past which all new label values share one entry. What differs in labels that are not kept alone is one entry.
    pub(crate) fn new(cap: usize, labels: &[LabelDef], keeps: Keeps<'_>) -> Self {
        Self {
            map: Trie::new(),
            keys: Keys::new(labels, keeps),
            cap,
            full: AtomicBool::new(false),
            overflow: [OnceLock::new()].into(),
            by_enums: false,
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
    pub(crate) fn get(&'static self, values: &[&str], make: &dyn Fn(Option<&[&str]>) -> T) -> Option<&'static T> {
        let make = |values: Values<'_>| match values {
            Values::All(values) | Values::Kept(values, _) => make(Some(values)),
            Values::Closed(_) | Values::Nothing => make(None),
        };
        self.get_or_overflow(values, 0, &make)
    }

    /// The same where there are several overflows: `overflow` says which of them the values belong to.
    #[inline]
    pub(crate) fn get_or_overflow(
        &'static self,
        values: &[&str],
        overflow: usize,
        make: Make<'_, T>,
    ) -> Option<&'static T> {
        let hash = self.keys.hash(values);
        if let Some(found) = self.map.get(hash, |key| self.keys.values(values).eq(key.iter().map(|value| &**value))) {
            return Some(found);
        }
        self.get_new(hash, values, overflow, make)
    }

    /// What is bound to values that have no entry. What an attack with new values comes to: no lock, no allocation.
    #[cold]
    fn get_new(&'static self, hash: u64, values: &[&str], overflow: usize, make: Make<'_, T>) -> Option<&'static T> {
        if !self.full.load(Ordering::Relaxed) {
            if self.map.len() < self.cap {
                return alone(|| {
                    let all = match &self.keys.kept {
                        None => Values::All(values),
                        Some(kept) => Values::Kept(values, kept),
                    };
                    self.map.insert(hash, self.keys.key(values), make(all))
                });
            }
            self.close();
        }
        // Where values go that have no entry of their own.
        let cell = &self.overflow[overflow.min(self.overflow.len() - 1)];
        match cell.get() {
            Some(found) => Some(found),
            None => first(cell, if self.by_enums { Values::Closed(values) } else { Values::Nothing }, make),
        }
    }

    /// Takes no more values, as if it were full.
    pub(crate) fn close(&self) {
        self.full.store(true, Ordering::Relaxed);
    }
}

/// How label values tell entries apart, whatever is bound to them.
struct Keys {
    hasher: RandomState,
    /// Which values do, where that is not all of them.
    kept: Option<Box<[bool]>>,
}

impl Keys {
    fn new(labels: &[LabelDef], keeps: Keeps<'_>) -> Self {
        let kept: Box<[bool]> = labels.iter().map(|label| keeps(label.name)).collect();
        Self { hasher: RandomState::new(), kept: kept.contains(&false).then_some(kept) }
    }

    fn hash(&self, values: &[&str]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        self.values(values).for_each(|value| value.hash(&mut hasher));
        hasher.finish()
    }

    fn key(&self, values: &[&str]) -> Key {
        self.values(values).map(Box::from).collect()
    }

    /// The values that tell entries apart, as they are kept.
    #[inline]
    fn values<'v>(&self, values: &'v [&'v str]) -> impl Iterator<Item = &'v str> {
        let is_kept = |at: usize| self.kept.as_ref().is_none_or(|kept| kept.get(at) == Some(&true));
        values.iter().enumerate().filter(move |(at, _)| is_kept(*at)).map(|(_, value)| cut(value))
    }
}

/// Label values, as they are kept.
type Key = Box<[Box<str>]>;
