//! A map that only grows, so reading it takes no lock, and what is found lives as long as the map.
//!
//! It is a hash trie: an entry is a node, and each two bits of a hash choose one of four ways down from it. A node is put into a place that is empty,
//! and stays there.

use std::mem::ManuallyDrop;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bits of a hash choose a place of the root, and how many one below it.
const ROOT: u32 = 4;
const BRANCH: u32 = 2;

/// A map from keys to values by hashes that the caller makes: of a key always the same.
pub(crate) struct Trie<K, V> {
    root: ManuallyDrop<[Place<K, V>; 1 << ROOT]>,
    len: AtomicUsize,
}

type Place<K, V> = OnceLock<Box<Node<K, V>>>;

struct Node<K, V> {
    hash: u64,
    key: K,
    value: V,
    /// What is in a map stays, since maps are in statics. So no program needs the code that would drop it.
    below: ManuallyDrop<[Place<K, V>; 1 << BRANCH]>,
}

impl<K, V> Trie<K, V> {
    pub(crate) fn new() -> Self {
        Self { root: ManuallyDrop::new(places()), len: AtomicUsize::new(0) }
    }

    /// How many entries there are. While others insert it may be one less.
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// The value of the key that has this hash and that `is` says is the one.
    #[inline]
    pub(crate) fn get(&self, hash: u64, is: impl Fn(&K) -> bool) -> Option<&V> {
        let (mut place, mut rest) = self.first(hash);
        loop {
            let node = place.get()?;
            if node.hash == hash && is(&node.key) {
                return Some(&node.value);
            }
            (place, rest) = node.next(rest);
        }
    }

    /// The value of a key, which is this one unless the key has one already.
    pub(crate) fn insert(&self, hash: u64, key: K, value: V) -> &V
    where
        K: PartialEq,
    {
        let mut made = Some(Box::new(Node { hash, key, value, below: ManuallyDrop::new(places()) }));
        let (mut place, mut rest) = self.first(hash);
        loop {
            // It waits only for another thread that puts a node there, which is made already.
            let mut put = false;
            let node = match place.get() {
                Some(node) => node,
                None => place.get_or_init(|| {
                    put = true;
                    made.take().expect("it is put once")
                }),
            };
            if put {
                self.len.fetch_add(1, Ordering::Relaxed);
                return &node.value;
            }
            if node.hash == hash && made.as_ref().is_some_and(|made| made.key == node.key) {
                return &node.value;
            }
            (place, rest) = node.next(rest);
        }
    }

    /// Where to look first, and what is left of the hash.
    #[inline]
    fn first(&self, hash: u64) -> (&Place<K, V>, u64) {
        (&self.root[top(hash, ROOT)], hash << ROOT)
    }
}

impl<K, V> Node<K, V> {
    /// Where to look next. Keys of one hash follow each other by the first way.
    #[inline]
    fn next(&self, rest: u64) -> (&Place<K, V>, u64) {
        (&self.below[top(rest, BRANCH)], rest << BRANCH)
    }
}

/// The first bits as an index.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a few bits are left")]
fn top(hash: u64, bits: u32) -> usize {
    (hash >> (u64::BITS - bits)) as usize
}

fn places<K, V, const N: usize>() -> [Place<K, V>; N] {
    [const { OnceLock::new() }; N]
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::thread;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Hashes of few values, so that keys share them.
        #[test]
        fn it_is_a_map_whatever_the_hashes(entries in prop::collection::vec((0u16..300, any::<u8>()), 0..400), hashes in any::<[u64; 5]>()) {
            let hash = |key: u16| hashes[usize::from(key) % 5];
            let (trie, mut map) = (Trie::new(), HashMap::new());
            for (key, value) in entries {
                let kept = *map.entry(key).or_insert(value);
                prop_assert_eq!(*trie.insert(hash(key), key, value), kept);
                prop_assert_eq!(trie.len(), map.len());
            }
            for key in 0..300 {
                prop_assert_eq!(trie.get(hash(key), |known| *known == key), map.get(&key));
            }
        }
    }

    #[test]
    fn threads_that_insert_the_same_agree() {
        let trie = Trie::new();
        let spread = |key: u64| key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let seen: Vec<Vec<u64>> = thread::scope(|threads| {
            let inserts = |by: u64| {
                let trie = &trie;
                move || (0..2000).map(|key| *trie.insert(spread(key), key, by)).collect()
            };
            let threads: Vec<_> = (0..4).map(|by| threads.spawn(inserts(by))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "each key has the value that was first");
        assert_eq!(trie.len(), 2000);
    }
}
