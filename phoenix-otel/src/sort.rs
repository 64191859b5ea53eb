//! A stable sort for what is sorted seldom. The standard library's is compiled anew for each type and each order, at 10 kB each.

use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Sorts by this order. It compares through a function pointer, so what is sorted for each point of a scrape keeps `slice::sort_by`.
pub(crate) fn by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = order(items.len(), &|a, b| compare(&items[a], &items[b]));
    // Each cycle of the permutation begins at its lowest place.
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

/// A set of these. To collect a set sorts first, by the standard library's sort.
pub(crate) fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// Which item comes at each place.
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
