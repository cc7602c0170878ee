//! A stable sort that is compiled once, whatever the elements are.
//!
//! The sort of the standard library is compiled again for every type of element and every comparison. In the
//! WebAssembly of the worker that was a tenth of all code. The sort in this module orders indices through a
//! comparison behind a pointer, then moves the elements. Hot loops over numbers use the standard library.

use std::cmp::Ordering;

/// Stable sorts of a slice. They order as `sort`, `sort_by` and `sort_by_key` of the standard library do.
pub trait IndexSort<T> {
    fn index_sort(&mut self)
    where
        T: Ord;

    fn index_sort_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    fn index_sort_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> IndexSort<T> for [T] {
    fn index_sort(&mut self)
    where
        T: Ord,
    {
        self.index_sort_by(T::cmp);
    }

    fn index_sort_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        if self.len() < 2 {
            return;
        }
        let mut order = ordered_indices(self.len(), &mut |a, b| compare(&self[a], &self[b]));
        // Follows each cycle of the permutation once. An index that points to itself is done.
        for start in 0..order.len() {
            let mut at = start;
            while order[at] != start {
                let from = std::mem::replace(&mut order[at], at);
                self.swap(at, from);
                at = from;
            }
            order[at] = at;
        }
    }

    fn index_sort_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.index_sort_by(|a, b| key(a).cmp(&key(b)));
    }
}

/// The indices `0..length` in the order of the elements behind them.
#[inline(never)]
fn ordered_indices(length: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_the_standard_library_does() {
        // A linear congruential generator; few distinct keys, so that stability shows.
        let mut state = 7u64;
        for length in 0..200 {
            let mut items: Vec<(u64, usize)> = (0..length)
                .map(|position| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (state >> 60, position)
                })
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            items.index_sort_by_key(|item| item.0);
            assert_eq!(items, expected);
            expected.sort_by(|a, b| b.cmp(a));
            items.index_sort_by(|a, b| b.cmp(a));
            assert_eq!(items, expected);
            expected.sort();
            items.index_sort();
            assert_eq!(items, expected);
        }
    }
}
