//! A stable sort for data that is rarely sorted. It is compiled once. The sort of the standard library is compiled again for each type and each
//! comparison, which takes 10 kB each time.

use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Sorts with `compare`, which is called through a function pointer. Code that sorts for each point of a scrape uses `slice::sort_by`.
pub(crate) fn by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = order(items.len(), &|a, b| compare(&items[a], &items[b]));
    // Applies each cycle of the permutation, from its lowest index.
    for start in 0..items.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at], at);
            if from == start || from == at {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

/// Creates a set. It does not use `collect`, which compiles the standard library's sort for each type.
pub(crate) fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// The index of the item that belongs at each position.
fn order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_sort_of_the_standard_library(items: Vec<(u8, u8)>) {
            let (mut ours, mut theirs) = (items.clone(), items);
            super::by(&mut ours, |a, b| (a.0 % 8).cmp(&(b.0 % 8)));
            theirs.sort_by_key(|item| item.0 % 8);
            prop_assert_eq!(ours, theirs);
        }
    }
}
