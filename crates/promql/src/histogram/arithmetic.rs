//! Adding, subtracting and scaling histograms whose layouts may differ.

use std::sync::Arc;

use super::bounds::{common_bounds, exponential_bound};
use super::buckets::{Buckets, Entry, reduce_entries};
use super::{CounterResetHint, FloatHistogram, HistogramError};
use go::number::kahan_inc;

/// Adjustments of an addition or subtraction that become annotations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddNotes {
    /// One histogram was marked as a reset, the other as none.
    pub counter_reset_collision: bool,
    /// Custom bounds differed; only those that both have were kept.
    pub bounds_reconciled: bool,
}

impl FloatHistogram {
    /// Multiplies all counts and the sum. A negative factor makes it a gauge.
    pub fn mul(&mut self, factor: f64) -> &mut Self {
        self.zero_count *= factor;
        self.count *= factor;
        self.sum *= factor;
        self.positive.scale(|count| count * factor);
        self.negative.scale(|count| count * factor);
        if factor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
        self
    }

    /// Divides all counts and the sum. Division by zero leaves no buckets.
    pub fn div(&mut self, divisor: f64) -> &mut Self {
        self.zero_count /= divisor;
        self.count /= divisor;
        self.sum /= divisor;
        if divisor == 0.0 {
            self.positive = Buckets::default();
            self.negative = Buckets::default();
            return self;
        }
        self.positive.scale(|count| count / divisor);
        self.negative.scale(|count| count / divisor);
        if divisor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
        self
    }

    /// Adds `other` bucket by bucket, at the coarser of both schemas and with a zero bucket that
    /// covers both. On an error `self` is unchanged. Empty buckets may remain.
    pub fn add(&mut self, other: &Self) -> Result<AddNotes, HistogramError> {
        self.combine(other, 1.0)
    }

    /// Subtracts `other`, otherwise as [`Self::add`]. The hint is not made a gauge.
    pub fn sub(&mut self, other: &Self) -> Result<AddNotes, HistogramError> {
        self.combine(other, -1.0)
    }

    fn combine(&mut self, other: &Self, sign: f64) -> Result<AddNotes, HistogramError> {
        let mut notes = self.begin(other)?;
        if !self.uses_custom_buckets() {
            self.zero_count += sign * self.reconcile_zero_buckets(other, None);
        }
        self.count += sign * other.count;
        self.sum += sign * other.sum;
        if self.uses_custom_buckets() && self.bounds() != other.bounds() {
            notes.bounds_reconciled = true;
            self.combine_custom(other, sign, &mut Vec::new());
            return Ok(notes);
        }
        if other.schema < self.schema && !self.uses_custom_buckets() {
            self.positive.reduce(self.schema, other.schema);
            self.negative.reduce(self.schema, other.schema);
            self.schema = other.schema;
        }
        let limit = self.zero_threshold;
        for (mine, theirs) in
            [(&mut self.positive, &other.positive), (&mut self.negative, &other.negative)]
        {
            let outside = starts_outside(theirs, self.schema, limit);
            if other.schema == self.schema && mine.spans == theirs.spans && outside {
                mine.counts.iter_mut().zip(&theirs.counts).for_each(|(a, b)| *a += sign * b);
                continue;
            }
            let added = theirs
                .merged(other.schema, self.schema)
                .skip_while(|&(index, _)| below_zero_bucket(index, self.schema, limit))
                .map(|(index, count)| Entry { index, count: sign * count, c: 0.0 });
            let merged = merge(mine.entries(&[]), added, |a, b| a.count += b.count);
            mine.set_entries(&merged);
        }
        Ok(notes)
    }

    /// Adds as [`Self::add`] does, but keeps in `compensation` what rounding loses; it begins as
    /// `None` and belongs to `self` from then on.
    pub fn kahan_add(
        &mut self,
        other: &Self,
        compensation: &mut Option<Self>,
    ) -> Result<AddNotes, HistogramError> {
        let mut notes = self.begin(other)?;
        let mut c = compensation.take().unwrap_or_else(|| self.zeroed());
        if !self.uses_custom_buckets() {
            let zero_count = self.reconcile_zero_buckets(other, Some(&mut c));
            (self.zero_count, c.zero_count) = kahan_inc(zero_count, self.zero_count, c.zero_count);
        }
        (self.count, c.count) = kahan_inc(other.count, self.count, c.count);
        (self.sum, c.sum) = kahan_inc(other.sum, self.sum, c.sum);
        if self.uses_custom_buckets() && self.bounds() != other.bounds() {
            notes.bounds_reconciled = true;
            self.combine_custom(other, 1.0, &mut c.positive.counts);
            c.custom_values.clone_from(&self.custom_values);
        } else {
            let schema = if self.uses_custom_buckets() {
                self.schema
            } else {
                self.schema.min(other.schema)
            };
            let limit = self.zero_threshold;
            for (mine, lost, theirs) in [
                (&mut self.positive, &mut c.positive, &other.positive),
                (&mut self.negative, &mut c.negative, &other.negative),
            ] {
                kahan_side(mine, lost, theirs, [self.schema, other.schema, schema], limit);
            }
            self.schema = schema;
        }
        c.schema = self.schema;
        c.zero_threshold = self.zero_threshold;
        c.positive.spans.clone_from(&self.positive.spans);
        c.negative.spans.clone_from(&self.negative.spans);
        *compensation = Some(c);
        Ok(notes)
    }

    /// Checks that both can be combined, and settles the hint.
    fn begin(&mut self, other: &Self) -> Result<AddNotes, HistogramError> {
        if self.uses_custom_buckets() != other.uses_custom_buckets() {
            return Err(HistogramError::IncompatibleSchema);
        }
        let collision = self.settle_hint(other.counter_reset_hint);
        Ok(AddNotes { counter_reset_collision: collision, ..AddNotes::default() })
    }

    /// A gauge stays one and makes the other one; whatever is in doubt is unknown. True where
    /// one says reset and the other says none.
    fn settle_hint(&mut self, other: CounterResetHint) -> bool {
        use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
        let (hint, collision) = match (self.counter_reset_hint, other) {
            (a, b) if a == b => (a, false),
            (Gauge, _) | (_, Gauge) => (Gauge, false),
            (Reset, NotReset) | (NotReset, Reset) => (Unknown, true),
            _ => (Unknown, false),
        };
        self.counter_reset_hint = hint;
        collision
    }

    /// The same layout with nothing in it.
    fn zeroed(&self) -> Self {
        let empty = |side: &Buckets| Buckets {
            spans: side.spans.clone(),
            counts: vec![0.0; side.counts.len()],
        };
        Self {
            counter_reset_hint: self.counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            positive: empty(&self.positive),
            negative: empty(&self.negative),
            custom_values: self.custom_values.clone(),
            ..Self::default()
        }
    }

    /// Combines custom buckets of different bounds in the buckets between the bounds that both
    /// have. Empty buckets are left out.
    fn combine_custom(&mut self, other: &Self, sign: f64, compensation: &mut Vec<f64>) {
        let common = common_bounds(self.bounds(), other.bounds());
        let mut target: Vec<Entry> = (0..=common.len())
            .map(|index| Entry { index: index as i32, count: 0.0, c: 0.0 })
            .collect();
        for entry in self.positive.entries(compensation) {
            if let Some(slot) = target.get_mut(slot_of(entry.index, self.bounds(), &common)) {
                slot.absorb(entry.count, entry.c);
            }
        }
        for (index, count) in other.positive.indexed() {
            if let Some(slot) = target.get_mut(slot_of(index, other.bounds(), &common)) {
                slot.absorb(sign * count, 0.0);
            }
        }
        target.retain(|entry| entry.count != 0.0 || entry.c != 0.0);
        *compensation = self.positive.set_entries(&target);
        self.custom_values = (!common.is_empty()).then(|| Arc::from(common));
    }

    /// Widens the zero bucket of `self` until it covers that of `other` and its limit lies in no
    /// populated bucket of either. Returns what the zero count of `other` would be then.
    /// `compensation` goes along with `self`.
    fn reconcile_zero_buckets(&mut self, other: &Self, mut compensation: Option<&mut Self>) -> f64 {
        let mut count = other.zero_count;
        let mut threshold = other.zero_threshold;
        // Each round moves one threshold up to a bucket's bound, so there are few; a NaN as
        // threshold would never end.
        while threshold != self.zero_threshold && !(threshold + self.zero_threshold).is_nan() {
            if self.zero_threshold > threshold {
                (threshold, count, _) = other.widened_zero_bucket(self.zero_threshold, None);
            }
            if threshold > self.zero_threshold {
                let lost = compensation.as_deref();
                let (wider, zero_count, c) = self.widened_zero_bucket(threshold, lost);
                self.zero_threshold = wider;
                self.zero_count = zero_count;
                if let Some(lost) = compensation.as_deref_mut() {
                    lost.zero_count = c;
                }
                self.drop_buckets_in_zero_bucket(compensation.as_deref_mut());
            }
        }
        count
    }

    /// The threshold, zero count and its compensation that the histogram would have with a zero
    /// bucket up to `threshold`, or up to the end of the populated bucket that it falls into.
    pub(super) fn widened_zero_bucket(
        &self,
        mut threshold: f64,
        compensation: Option<&Self>,
    ) -> (f64, f64, f64) {
        let start = compensation.map_or(0.0, |lost| lost.zero_count);
        if threshold == self.zero_threshold {
            return (threshold, self.zero_count, start);
        }
        loop {
            let before = threshold;
            let mut zero = Entry { index: 0, count: self.zero_count, c: start };
            for (side, lost) in [
                (&self.positive, compensation.map(|lost| &lost.positive)),
                (&self.negative, compensation.map(|lost| &lost.negative)),
            ] {
                for (at, (index, count)) in side.indexed().enumerate() {
                    if exponential_bound(index.saturating_sub(1), self.schema) >= threshold {
                        break;
                    }
                    let c = lost.and_then(|lost| lost.counts.get(at)).copied().unwrap_or_default();
                    zero.absorb(count, c);
                    let upper = exponential_bound(index, self.schema);
                    if upper > threshold {
                        threshold = if count == 0.0 { threshold } else { upper };
                        break;
                    }
                }
            }
            // A threshold moved by a negative bucket takes in more positive ones.
            if threshold <= before || threshold.is_nan() || self.negative.is_empty() {
                return (threshold, zero.count, zero.c);
            }
        }
    }

    /// Empties the buckets that the zero bucket covers, and compacts.
    pub(super) fn drop_buckets_in_zero_bucket(&mut self, compensation: Option<&mut Self>) {
        let (schema, threshold) = (self.schema, self.zero_threshold);
        let mut nothing = Self::default();
        let lost = compensation.unwrap_or(&mut nothing);
        for (side, lost) in
            [(&mut self.positive, &mut lost.positive), (&mut self.negative, &mut lost.negative)]
        {
            let covered = side
                .indexed()
                .take_while(|&(index, _)| {
                    exponential_bound(index.saturating_sub(1), schema) < threshold
                })
                .count();
            side.counts.iter_mut().take(covered).for_each(|count| *count = 0.0);
            lost.counts.iter_mut().take(covered).for_each(|count| *count = 0.0);
            side.compact_with(0, &mut lost.counts);
        }
    }

    /// Brings exponential buckets to a coarser schema; any other target changes nothing.
    pub fn reduce_resolution(&mut self, target: i32) {
        if self.uses_custom_buckets()
            || target >= self.schema
            || target < super::EXPONENTIAL_SCHEMA_MIN
        {
            return;
        }
        self.positive.reduce(self.schema, target);
        self.negative.reduce(self.schema, target);
        self.schema = target;
    }

    /// A copy at a coarser schema; with any other target a plain copy.
    #[must_use]
    pub fn copy_to_schema(&self, target: i32) -> Self {
        let mut copy = self.clone();
        if target < self.schema {
            copy.reduce_resolution(target);
            copy.counter_reset_hint = CounterResetHint::Unknown;
        }
        copy
    }

    /// Counts in the buckets between the bounds that both have.
    pub(super) fn counts_between(&self, common: &[f64]) -> Vec<f64> {
        let mut counts = vec![0.0; common.len() + 1];
        for (index, count) in self.positive.indexed() {
            if let Some(slot) = counts.get_mut(slot_of(index, self.bounds(), common)) {
                *slot += count;
            }
        }
        counts
    }
}

/// Which of the buckets between `common` bounds takes in bucket `index` of `bounds`.
fn slot_of(index: i32, bounds: &[f64], common: &[f64]) -> usize {
    let bound = usize::try_from(index).ok().and_then(|at| bounds.get(at));
    bound.map_or(common.len(), |bound| common.partition_point(|other| other < bound))
}

fn below_zero_bucket(index: i32, schema: i32, threshold: f64) -> bool {
    schema != super::CUSTOM_BUCKETS_SCHEMA && exponential_bound(index, schema) <= threshold
}

/// Returns true if no bucket lies within the zero bucket.
fn starts_outside(side: &Buckets, schema: i32, threshold: f64) -> bool {
    side.indexed().next().is_none_or(|(index, _)| !below_zero_bucket(index, schema, threshold))
}

/// Adds one side; `schemas` are those of mine, theirs and the result.
fn kahan_side(
    mine: &mut Buckets,
    lost: &mut Buckets,
    theirs: &Buckets,
    schemas: [i32; 3],
    threshold: f64,
) {
    let [own, other, target] = schemas;
    let outside = starts_outside(theirs, target, threshold);
    if own == target && other == target && mine.spans == theirs.spans && outside {
        let sums = mine.counts.iter_mut().zip(&mut lost.counts);
        for ((sum, c), &count) in sums.zip(&theirs.counts) {
            (*sum, *c) = kahan_inc(count, *sum, *c);
        }
        return;
    }
    let mut entries = mine.entries(&lost.counts);
    let mut added = theirs.entries(&[]);
    if own != target {
        reduce_entries(&mut entries, own, target);
    }
    if other != target {
        reduce_entries(&mut added, other, target);
    }
    let outside =
        added.into_iter().skip_while(|entry| below_zero_bucket(entry.index, target, threshold));
    let merged = merge(entries, outside, |a, b| a.absorb(b.count, b.c));
    lost.counts = mine.set_entries(&merged);
}

/// The union of two ascending sequences; where both have a bucket, `add` puts them together.
fn merge(
    a: Vec<Entry>,
    b: impl Iterator<Item = Entry>,
    add: impl Fn(&mut Entry, Entry),
) -> Vec<Entry> {
    let mut merged = Vec::with_capacity(a.len() + b.size_hint().0);
    let mut a = a.into_iter().peekable();
    for theirs in b {
        while let Some(mine) = a.next_if(|mine| mine.index < theirs.index) {
            merged.push(mine);
        }
        match a.next_if(|mine| mine.index == theirs.index) {
            Some(mut mine) => {
                add(&mut mine, theirs);
                merged.push(mine);
            }
            None => merged.push(theirs),
        }
    }
    merged.extend(a);
    merged
}
