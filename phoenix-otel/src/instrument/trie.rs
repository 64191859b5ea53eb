//! A map without removal, so reading takes no lock, and references to values stay valid as long as the map lives.
//!
//! It is a hash trie: each entry is a node, and each two bits of the hash select one of four children. A node is put into an empty place
//! and stays there.

use std::mem::ManuallyDrop;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of hash bits that select a place in the root, and below it.
const ROOT: u32 = 4;
const BRANCH: u32 = 2;

/// A map from keys to values. The caller computes the hash, which must be the same for equal keys.
pub(crate) struct Trie<K, V> {
    root: ManuallyDrop<[Place<K, V>; 1 << ROOT]>,
    len: AtomicUsize,
}

type Place<K, V> = OnceLock<Box<Node<K, V>>>;

struct Node<K, V> {
    hash: u64,
    key: K,
    value: V,
    /// Maps are in statics and never dropped, so no code to drop nodes is compiled.
    children: ManuallyDrop<[Place<K, V>; 1 << BRANCH]>,
}

impl<K, V> Trie<K, V> {
    pub(crate) fn new() -> Self {
        Self { root: ManuallyDrop::new(places()), len: AtomicUsize::new(0) }
    }

    /// The number of entries. It may lag behind concurrent inserts.
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// The value of the key with this hash for which `matches` returns true.
    #[inline]
    pub(crate) fn get(&self, hash: u64, matches: impl Fn(&K) -> bool) -> Option<&V> {
        let (mut place, mut rest) = self.first(hash);
        loop {
            let node = place.get()?;
            if node.hash == hash && matches(&node.key) {
                return Some(&node.value);
            }
            (place, rest) = node.next(rest);
        }
    }

    /// Inserts a value unless the key has one. Returns the value of the key.
    pub(crate) fn insert(&self, hash: u64, key: K, value: V) -> &V
    where
        K: PartialEq,
    {
        let mut made = Some(Box::new(Node { hash, key, value, children: ManuallyDrop::new(places()) }));
        let (mut place, mut rest) = self.first(hash);
        loop {
            // It waits only while another thread stores a node here. That node has been created before.
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

    /// The first place to search, and the remaining hash bits.
    #[inline]
    fn first(&self, hash: u64) -> (&Place<K, V>, u64) {
        (&self.root[top(hash, ROOT)], hash << ROOT)
    }
}

impl<K, V> Node<K, V> {
    /// The next place to search. Keys with equal hashes follow each other in the first child.
    #[inline]
    fn next(&self, rest: u64) -> (&Place<K, V>, u64) {
        (&self.children[top(rest, BRANCH)], rest << BRANCH)
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
        /// Few hash values, so that keys collide.
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
