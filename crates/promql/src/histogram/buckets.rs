//! One side's buckets: counts, and spans that say which buckets they belong to.

use super::HistogramError;
use super::bounds::target_index;
use go::number::kahan_inc;

/// Buckets in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Distance from the end of the span before; for the first, the index of its first bucket.
    pub offset: i32,
    /// The number of consecutive buckets.
    pub length: u32,
}

/// The buckets on one side of zero. There are as many counts as the spans are long together,
/// unless the histogram was never validated; then what lacks a partner is not seen.
#[derive(Clone, Debug, Default)]
pub struct Buckets {
    /// The runs of consecutive buckets.
    pub spans: Vec<Span>,
    /// The count of each bucket. Not cumulative.
    pub counts: Vec<f64>,
}

/// A bucket with the compensation of its Kahan sum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub index: i32,
    pub count: f64,
    pub c: f64,
}

impl Buckets {
    /// One span that begins at `offset`; none where there are no counts.
    pub fn single_span(offset: i32, counts: Vec<f64>) -> Self {
        if counts.is_empty() {
            return Self::default();
        }
        Self { spans: vec![Span { offset, length: counts.len() as u32 }], counts }
    }

    /// Returns true if there are no buckets.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Each bucket's index and count, ascending.
    pub fn indexed(&self) -> impl Iterator<Item = (i32, f64)> + '_ {
        let mut next = 0i32;
        let indices = self.spans.iter().flat_map(move |span| {
            let first = next.wrapping_add(span.offset);
            next = first.wrapping_add(span.length as i32);
            (0..span.length).map(move |i| first.wrapping_add(i as i32))
        });
        indices.zip(self.counts.iter().copied())
    }

    /// Each bucket's index and count, descending.
    pub fn indexed_reversed(&self) -> impl Iterator<Item = (i32, f64)> + '_ {
        let mut end = self
            .spans
            .iter()
            .fold(0i32, |end, span| end.wrapping_add(span.offset).wrapping_add(span.length as i32));
        let indices = self.spans.iter().rev().flat_map(move |span| {
            let after = end;
            end = after.wrapping_sub(span.length as i32).wrapping_sub(span.offset);
            (1..=span.length).map(move |i| after.wrapping_sub(i as i32))
        });
        indices.zip(self.counts.iter().rev().copied())
    }

    /// Ascending buckets of a coarser schema, with the counts that fall into one added up.
    pub(super) fn merged(&self, origin: i32, target: i32) -> impl Iterator<Item = (i32, f64)> + '_ {
        let mut rest =
            self.indexed().map(move |(i, n)| (target_index(i, origin, target), n)).peekable();
        std::iter::from_fn(move || {
            let (index, mut count) = rest.next()?;
            while let Some((_, more)) = rest.next_if(|next| next.0 == index) {
                count += more;
            }
            Some((index, count))
        })
    }

    /// The buckets with their compensations, which are zero where there are none.
    pub(super) fn entries(&self, compensation: &[f64]) -> Vec<Entry> {
        self.indexed()
            .enumerate()
            .map(|(at, (index, count))| Entry {
                index,
                count,
                c: compensation.get(at).copied().unwrap_or_default(),
            })
            .collect()
    }

    /// Replaces all buckets; `entries` are ascending. Returns the compensations.
    pub(super) fn set_entries(&mut self, entries: &[Entry]) -> Vec<f64> {
        self.spans.clear();
        self.counts.clear();
        let mut next = 0i32;
        for entry in entries {
            match self.spans.last_mut() {
                Some(span) if entry.index == next => span.length += 1,
                _ => self.spans.push(Span { offset: entry.index.wrapping_sub(next), length: 1 }),
            }
            next = entry.index.wrapping_add(1);
            self.counts.push(entry.count);
        }
        entries.iter().map(|entry| entry.c).collect()
    }

    pub(super) fn scale(&mut self, by: impl Fn(f64) -> f64) {
        self.counts.iter_mut().for_each(|count| *count = by(*count));
    }

    /// Returns true if both have the same buckets with bitwise equal counts.
    pub fn same_data(&self, other: &Self) -> bool {
        self.counts.len() == other.counts.len()
            && self
                .indexed()
                .zip(other.indexed())
                .all(|(a, b)| a.0 == b.0 && a.1.to_bits() == b.1.to_bits())
    }

    pub(super) fn compact(&mut self, keep_empty: usize) {
        self.compact_with(keep_empty, &mut Vec::new());
    }

    /// Drops empty buckets and their compensations.
    pub(super) fn compact_with(&mut self, keep_empty: usize, compensation: &mut Vec<f64>) {
        let layout_is_tight = self.spans.iter().skip(1).all(|span| {
            span.length > 0 && usize::try_from(span.offset).is_ok_and(|gap| gap > keep_empty)
        });
        let one_span_or_none = self.spans.first().is_none_or(|span| span.length > 0);
        if layout_is_tight && one_span_or_none && self.counts.iter().all(|&count| count != 0.0) {
            return;
        }
        let mut kept: Vec<Entry> = Vec::with_capacity(self.counts.len());
        for entry in self.entries(compensation) {
            if entry.count == 0.0 && entry.c == 0.0 {
                continue;
            }
            if let Some(last) = kept.last().copied() {
                let gap = i64::from(entry.index) - i64::from(last.index) - 1;
                // Filling is bounded: what no valid schema can reach stays a gap.
                if gap > 0
                    && gap <= i64::try_from(keep_empty).map_or(MAX_FILL, |keep| keep.min(MAX_FILL))
                {
                    kept.extend((1..=gap).map(|i| Entry {
                        index: last.index.wrapping_add(i as i32),
                        count: 0.0,
                        c: 0.0,
                    }));
                }
            }
            kept.push(entry);
        }
        *compensation = self.set_entries(&kept);
    }

    /// Brings the buckets from schema `origin` to the coarser `target`.
    pub(super) fn reduce(&mut self, origin: i32, target: i32) {
        if origin == target {
            return;
        }
        let merged: Vec<Entry> = self
            .merged(origin, target)
            .map(|(index, count)| Entry { index, count, c: 0.0 })
            .collect();
        self.set_entries(&merged);
    }

    pub(super) fn validate_layout(&self, side: &'static str) -> Result<(), HistogramError> {
        for (at, span) in self.spans.iter().enumerate().skip(1) {
            if span.offset < 0 {
                return Err(HistogramError::NegativeOffset {
                    side,
                    number: at + 1,
                    offset: span.offset,
                });
            }
        }
        let need: u64 = self.spans.iter().map(|span| u64::from(span.length)).sum();
        if need == self.counts.len() as u64 {
            Ok(())
        } else {
            Err(HistogramError::BucketMismatch { side, need, have: self.counts.len() })
        }
    }

    pub(super) fn validate_counts(&self, side: &'static str) -> Result<(), HistogramError> {
        match self.counts.iter().position(|&count| count < 0.0) {
            Some(at) => Err(HistogramError::NegativeBucketCount {
                side,
                number: at + 1,
                count: self.counts.get(at).copied().unwrap_or_default(),
            }),
            None => Ok(()),
        }
    }
}

/// More than there are buckets between the smallest and the largest float at the finest schema.
const MAX_FILL: i64 = 600_000;

/// Merges entries of a finer schema into those of a coarser one, keeping compensations.
pub(super) fn reduce_entries(entries: &mut Vec<Entry>, origin: i32, target: i32) {
    let mut merged: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries.drain(..) {
        let index = target_index(entry.index, origin, target);
        match merged.last_mut().filter(|last| last.index == index) {
            Some(last) => last.absorb(entry.count, entry.c),
            None => merged.push(Entry { index, ..entry }),
        }
    }
    *entries = merged;
}

impl Entry {
    pub(super) fn absorb(&mut self, count: f64, c: f64) {
        (self.count, self.c) = kahan_inc(count, self.count, self.c);
        if c != 0.0 {
            (self.count, self.c) = kahan_inc(c, self.count, self.c);
        }
    }
}
