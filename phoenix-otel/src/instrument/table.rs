//! Maps label values to bound values. A look-up takes no lock and allocates nothing.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::attributes::truncate;
use super::family::MAX_PREBOUND;
use super::reentrancy::unless_binding;
use super::trie::Trie;
use crate::catalog::Labels;
use crate::catalog::labels::{LabelDef, closed_combinations, combinations};

/// A map from label values to bound values.
pub(crate) enum Table<T: 'static> {
    /// All labels are enums: an array with one cell for each combination.
    Dense(Box<[OnceLock<T>]>),
    /// At least one label is a string: a bounded map.
    Sparse(Box<Sparse<T>>),
}

/// The label values to bind.
#[derive(Clone, Copy)]
pub(crate) enum LabelValues<'v> {
    /// All values.
    All(&'v [&'v str]),
    /// All values, and which of them identify the entry. The other labels may have different values next time, since the metric drops
    /// them.
    Filtered(&'v [&'v str], &'v [bool]),
    /// The table is full. Only enum values still identify entries, and strings must not be stored.
    EnumsOnly(&'v [&'v str]),
    /// The table is full. All new label values share one entry.
    Overflow,
}

impl<'v> LabelValues<'v> {
    /// The labels that identify the entry, with their values.
    pub(crate) fn known<'l>(self, labels: &'l [LabelDef]) -> impl Iterator<Item = (&'l LabelDef, &'v str)> {
        let values = match self {
            Self::All(values) | Self::Filtered(values, _) | Self::EnumsOnly(values) => values,
            Self::Overflow => &[],
        };
        let is_known = move |at: usize, label: &LabelDef| match self {
            Self::Filtered(_, kept) => kept.get(at).is_some_and(|kept| *kept),
            Self::EnumsOnly(_) => label.values.is_some(),
            Self::All(_) | Self::Overflow => true,
        };
        let pairs = labels.iter().zip(values.iter().copied()).enumerate();
        pairs.filter(move |(at, (label, _))| is_known(*at, label)).map(|(_, pair)| pair)
    }
}

/// Creates the bound value for label values.
type Make<'m, T> = &'m dyn Fn(LabelValues<'_>) -> T;

/// Whether the metric keeps a label.
type Keeps<'k> = &'k dyn Fn(&str) -> bool;

impl<T: Send + Sync + 'static> Table<T> {
    /// Creates a table for at most `cap` combinations of the kept labels. All further combinations share one entry.
    pub(crate) fn new(labels: &[LabelDef], cap: usize, keeps: Keeps<'_>) -> Self {
        Self::dense(labels).unwrap_or_else(|| Self::Sparse(Box::new(Sparse::new(cap, labels, keeps))))
    }

    /// Like `new`, but past the cap, enum label values still get separate entries.
    pub(crate) fn with_overflow_per_enums(labels: &[LabelDef], cap: usize, keeps: Keeps<'_>) -> Self {
        let sparse = || Sparse::new(cap, labels, keeps).overflow_per_enums(closed_combinations(labels));
        Self::dense(labels).unwrap_or_else(|| Self::Sparse(Box::new(sparse())))
    }

    fn dense(labels: &[LabelDef]) -> Option<Self> {
        let combinations = combinations(labels).filter(|n| (1..=MAX_PREBOUND).contains(n))?;
        Some(Self::Dense((0..combinations).map(|_| OnceLock::new()).collect()))
    }

    /// Returns the value bound to `labels`, created by `make` on first use.
    ///
    /// Returns `None` if this thread is already binding: see [`unless_binding`].
    #[inline]
    pub(crate) fn get<L: Labels>(&'static self, labels: &L, make: Make<'_, T>) -> Option<&'static T> {
        match self {
            Self::Dense(cells) => {
                // A manual implementation of `Label` may return a wrong index, and recording never panics.
                let cell = &cells[labels.index().min(cells.len() - 1)];
                match cell.get() {
                    Some(found) => Some(found),
                    None => bind_cell(cell, LabelValues::All(labels.values().as_ref()), make),
                }
            }
            Self::Sparse(sparse) => sparse.get_or_overflow(labels.values().as_ref(), labels.index(), make),
        }
    }
}

/// Binds a cell that is not bound yet.
#[cold]
fn bind_cell<T>(cell: &'static OnceLock<T>, values: LabelValues<'_>, make: Make<'_, T>) -> Option<&'static T> {
    unless_binding(|| cell.get_or_init(|| make(values)))
}

/// A bounded map with string keys. Entries are never removed, so a call can hold a reference.
pub(crate) struct Sparse<T: 'static> {
    map: Trie<Key, T>,
    keys: Keys,
    cap: usize,
    /// Whether the map is full. It stays full.
    full: AtomicBool,
    /// The overflow entries: one, or one for each combination of enum values.
    overflow: Box<[OnceLock<T>]>,
    overflow_per_enums: bool,
}

impl<T: Send + Sync + 'static> Sparse<T> {
    /// Creates a map of at most `cap` entries. All further label values share one entry. Only kept labels identify an entry.
    pub(crate) fn new(cap: usize, labels: &[LabelDef], keeps: Keeps<'_>) -> Self {
        Self {
            map: Trie::new(),
            keys: Keys::new(labels, keeps),
            cap,
            full: AtomicBool::new(false),
            overflow: [OnceLock::new()].into(),
            overflow_per_enums: false,
        }
    }

    /// Adds a separate overflow entry for each combination of enum values, unless there are too many.
    fn overflow_per_enums(self, combinations: usize) -> Self {
        if combinations > MAX_PREBOUND {
            return self;
        }
        Self { overflow: (0..combinations.max(1)).map(|_| OnceLock::new()).collect(), overflow_per_enums: true, ..self }
    }

    /// Returns the value bound to `values`, created by `make` on first use. `make` receives `None` if the map is full.
    #[inline]
    pub(crate) fn get(&'static self, values: &[&str], make: &dyn Fn(Option<&[&str]>) -> T) -> Option<&'static T> {
        let make = |values: LabelValues<'_>| match values {
            LabelValues::All(values) | LabelValues::Filtered(values, _) => make(Some(values)),
            LabelValues::EnumsOnly(_) | LabelValues::Overflow => make(None),
        };
        self.get_or_overflow(values, 0, &make)
    }

    /// Like `get`, for several overflow entries: `overflow` is the index of the one for these values.
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

    /// Returns the value for label values without an entry. Once the map is full, this takes no lock and allocates nothing, so an attack
    /// with new values costs little.
    #[cold]
    fn get_new(&'static self, hash: u64, values: &[&str], overflow: usize, make: Make<'_, T>) -> Option<&'static T> {
        if !self.full.load(Ordering::Relaxed) {
            if self.map.len() < self.cap {
                return unless_binding(|| {
                    let all = match &self.keys.kept {
                        None => LabelValues::All(values),
                        Some(kept) => LabelValues::Filtered(values, kept),
                    };
                    self.map.insert(hash, self.keys.key(values), make(all))
                });
            }
            self.mark_full();
        }
        // The overflow entry.
        let cell = &self.overflow[overflow.min(self.overflow.len() - 1)];
        match cell.get() {
            Some(found) => Some(found),
            None => bind_cell(
                cell,
                if self.overflow_per_enums { LabelValues::EnumsOnly(values) } else { LabelValues::Overflow },
                make,
            ),
        }
    }

    /// Accepts no more values, as if the map were full.
    pub(crate) fn mark_full(&self) {
        self.full.store(true, Ordering::Relaxed);
    }
}

/// How label values identify entries.
struct Keys {
    hasher: RandomState,
    /// Which labels identify an entry; `None` if all do.
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

    /// The values that identify an entry, truncated to the maximum length.
    #[inline]
    fn values<'v>(&self, values: &'v [&'v str]) -> impl Iterator<Item = &'v str> {
        let is_kept = |at: usize| self.kept.as_ref().is_none_or(|kept| kept.get(at) == Some(&true));
        values.iter().enumerate().filter(move |(at, _)| is_kept(*at)).map(|(_, value)| truncate(value))
    }
}

/// The stored label values of an entry.
type Key = Box<[Box<str>]>;
