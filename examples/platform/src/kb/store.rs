//! One knowledge base: its entries, and an exact search over their vectors.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use phoenix_otel::instrument_metrics;
use phoenix_otel::platform::kb::{
    PRUNING_OPERATIONS, VECTOR_OPERATIONS, VECTOR_SEARCH, VectorOperation, record_results,
};

use super::embed::Vector;

/// The most entries of a knowledge base. Beyond that the oldest are deleted.
const CAPACITY: usize = 5_000;

/// A knowledge base.
pub(crate) struct Store {
    name: String,
    capacity: usize,
    entries: RwLock<HashMap<String, Entry>>,
}

struct Entry {
    text: String,
    vector: Vector,
    since: Instant,
}

/// A search result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) similarity: f32,
}

impl Store {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self::with_capacity(name, CAPACITY)
    }

    fn with_capacity(name: impl Into<String>, capacity: usize) -> Self {
        Self { name: name.into(), capacity, entries: RwLock::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The `limit` most similar entries, the best first, without entries of similarity 0.
    #[instrument_metrics(VECTOR_SEARCH { kb_name: &self.name })]
    pub(crate) fn nearest(&self, vector: &Vector, limit: usize) -> Vec<Found> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let scored = entries.iter().map(|(id, entry)| (entry.vector.similarity(vector), id, entry));
        let mut scored: Vec<_> = scored.filter(|(similarity, ..)| *similarity > 0.0).collect();
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        scored.truncate(limit);
        let found = |(similarity, id, entry): (f32, &String, &Entry)| Found {
            id: id.clone(),
            text: entry.text.clone(),
            similarity,
        };
        let found: Vec<Found> = scored.into_iter().map(found).collect();
        record_results(&self.name, found.iter().map(|found| f64::from(found.similarity)));
        found
    }

    /// Inserts an entry. Returns whether it replaced one.
    pub(crate) fn insert(&self, id: String, text: String, vector: Vector) -> bool {
        let entry = Entry { text, vector, since: Instant::now() };
        let (replaced, full) = {
            let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
            (entries.insert(id, entry).is_some(), entries.len() > self.capacity)
        };
        let operation = if replaced { VectorOperation::Update } else { VectorOperation::Insert };
        VECTOR_OPERATIONS.add(1, VECTOR_OPERATIONS { operation });
        if full {
            // Delete a tenth at once, so that not every insertion has to delete.
            self.prune(None, Some(self.capacity - self.capacity / 10));
        }
        replaced
    }

    /// Deletes an entry. Returns whether it existed.
    pub(crate) fn delete(&self, id: &str) -> bool {
        let deleted = self.entries.write().unwrap_or_else(PoisonError::into_inner).remove(id).is_some();
        if deleted {
            VECTOR_OPERATIONS.add(1, VECTOR_OPERATIONS { operation: VectorOperation::Delete });
        }
        deleted
    }

    /// Deletes entries older than `age`, then the oldest until `keep` are left. Returns how many it deleted.
    pub(crate) fn prune(&self, age: Option<Duration>, keep: Option<usize>) -> usize {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let before = entries.len();
        if let Some(age) = age {
            entries.retain(|_, entry| entry.since.elapsed() <= age);
        }
        if let Some(surplus) = keep.and_then(|keep| entries.len().checked_sub(keep)).filter(|surplus| *surplus > 0) {
            let mut ages: Vec<(Instant, String)> =
                entries.iter().map(|(id, entry)| (entry.since, id.clone())).collect();
            ages.sort_unstable();
            for (_, id) in ages.into_iter().take(surplus) {
                entries.remove(&id);
            }
        }
        let removed = before - entries.len();
        PRUNING_OPERATIONS.add(1, PRUNING_OPERATIONS { kb: &self.name });
        VECTOR_OPERATIONS.add(removed as u64, VECTOR_OPERATIONS { operation: VectorOperation::Delete });
        removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(capacity: usize, texts: &[&str]) -> Store {
        let store = Store::with_capacity("test", capacity);
        for (id, text) in texts.iter().enumerate() {
            assert!(!insert(&store, &id.to_string(), text));
        }
        store
    }

    fn insert(store: &Store, id: &str, text: &str) -> bool {
        store.insert(id.to_owned(), text.to_owned(), Vector::of(text))
    }

    fn ids(store: &Store, text: &str, limit: usize) -> Vec<String> {
        store.nearest(&Vector::of(text), limit).into_iter().map(|found| found.id).collect()
    }

    #[test]
    fn the_nearest_entry_comes_first() {
        let store = store(100, &["tides and currents", "lamps and lighthouses", "a lighthouse lamp at sea", "taxes"]);
        assert_eq!(ids(&store, "the lamp of a lighthouse", 2), ["2", "1"]);
        assert_eq!(ids(&store, "the lamp of a lighthouse", 1).len(), 1);
        assert!(ids(&store, "...", 5).is_empty());
    }

    #[test]
    fn an_entry_can_be_replaced_and_deleted() {
        let store = store(100, &["tides"]);
        assert!(insert(&store, "0", "lamps"));
        assert_eq!(store.nearest(&Vector::of("lamps"), 1)[0].text, "lamps");
        assert!(store.delete("0"));
        assert!(!store.delete("0"));
        assert_eq!(store.len(), 0);
    }

    #[test]
    fn what_is_too_much_goes_the_oldest_first() {
        let store = store(10, &["a b c"; 10]);
        insert(&store, "new", "a b c");
        assert_eq!(store.len(), 9);
        assert!(!store.delete("0") && !store.delete("1") && store.delete("new"));
        assert_eq!(store.prune(None, Some(3)), 5);
        assert_eq!(store.prune(Some(Duration::ZERO), None), 3);
    }
}
