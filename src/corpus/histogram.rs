//! Events over time, at a resolution that the number of buckets decides.

use super::course::{self, Bucket, Buckets, Course, sum};

/// No cap is below this: the epoch parts any two buckets.
const BUCKETS_MIN: usize = 2;

/// A histogram of times in non-empty buckets of `2^shift` seconds, aligned to the epoch.
///
/// The shift is the smallest at which the non-empty buckets fit the cap. Buckets of one shift nest
/// in those of the next, and adding events never empties one; so a part never needs to be coarser
/// than the whole, and coarsening a part early leads to the same buckets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    shift: u32,
    buckets: Course,
}

impl Histogram {
    /// Buckets of `2^shift` seconds, sorted.
    pub(super) fn of(shift: u32, buckets: Vec<Bucket>) -> Self {
        Histogram {
            shift,
            buckets: buckets.into_iter().collect(),
        }
    }

    /// The width of a bucket in seconds.
    pub fn width_seconds(&self) -> i64 {
        1 << self.shift
    }

    /// The non-empty buckets, earliest first.
    pub fn buckets(&self) -> Buckets<'_> {
        self.buckets.iter()
    }

    /// The first second of a bucket.
    pub fn start_seconds(&self, bucket: &Bucket) -> i64 {
        bucket.index << self.shift
    }

    /// Counts `count` events at a second; keeps at most `max` buckets, late ones aside.
    #[inline]
    pub(crate) fn add(&mut self, second: i64, count: u64, max: usize) {
        // Logs are mostly in order, so the latest bucket is nearly always the one.
        if second >> self.shift == self.buckets.latest() {
            self.buckets.add_latest(count);
        } else {
            self.add_elsewhere(second, count, max);
        }
    }

    /// Counts events at a second that is not in the latest bucket.
    fn add_elsewhere(&mut self, second: i64, count: u64, max: usize) {
        let index = second >> self.shift;
        // One more would not fit, so that no room is ever made for it.
        if index > self.buckets.latest() && self.buckets.len() >= max.max(BUCKETS_MIN) {
            self.coarsen(self.shift + 1);
            return self.add(second, count, max);
        }
        self.buckets.add(Bucket { index, count });
        // Those that came late may just have been sorted in.
        while self.buckets.len() > max.max(BUCKETS_MIN) {
            self.coarsen(self.shift + 1);
        }
    }

    /// Adds the events of `other`; keeps at most `max` buckets.
    pub(crate) fn merge(&mut self, mut other: Histogram, max: usize) {
        self.buckets.settle();
        other.buckets.settle();
        let shift = self.shift.max(other.shift);
        let buckets = sum(&self.coarse(shift), &other.coarse(shift));
        *self = Histogram::bounded(shift, buckets, max);
    }

    /// Sorted buckets of `2^shift` seconds, made coarser until at most `max` are left.
    fn bounded(mut shift: u32, mut buckets: Vec<Bucket>, max: usize) -> Self {
        while buckets.len() > max.max(BUCKETS_MIN) {
            shift += 1;
            course::coarsen(&mut buckets, 1);
        }
        Histogram {
            shift,
            buckets: Course::of(&buckets),
        }
    }

    /// Its buckets, made ones of `2^shift` seconds.
    fn coarse(&self, shift: u32) -> Vec<Bucket> {
        let mut buckets = self.buckets.to_vec();
        if shift > self.shift {
            course::coarsen(&mut buckets, shift - self.shift);
        }
        buckets
    }

    /// Coarsens until at most `max` buckets are left, or two, one on each side of the epoch.
    pub(crate) fn enforce(&mut self, max: usize) {
        self.buckets.settle();
        if self.buckets.len() > max.max(BUCKETS_MIN) {
            *self = Histogram::bounded(self.shift, self.buckets.to_vec(), max);
        }
    }

    fn coarsen(&mut self, shift: u32) {
        if shift > self.shift {
            self.buckets.coarsen(shift - self.shift);
            self.shift = shift;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seconds: impl IntoIterator<Item = i64>, max: usize) -> Histogram {
        let mut histogram = Histogram::default();
        seconds
            .into_iter()
            .for_each(|second| histogram.add(second, 1, max));
        histogram.enforce(max);
        histogram
    }

    #[test]
    fn it_stays_at_seconds_until_the_cap_and_then_halves_its_resolution() {
        let fine = of([100, 101, 103], 3);
        assert_eq!((fine.width_seconds(), fine.buckets().len()), (1, 3));
        let coarse = of([100, 101, 103, 104], 3);
        assert_eq!(coarse.width_seconds(), 2);
        let counts: Vec<u64> = coarse.buckets().map(|bucket| bucket.count).collect();
        assert_eq!(counts, [2, 1, 1]);
        let starts: Vec<i64> = coarse.buckets().map(|b| coarse.start_seconds(&b)).collect();
        assert_eq!(starts[1], 102);
    }

    #[test]
    fn the_order_and_the_cut_do_not_matter() {
        let seconds: Vec<i64> = (0..400).map(|i| (i * 7919) % 5003 - 2000).collect();
        let whole = of(seconds.iter().copied(), 16);
        let mut parts = of(seconds[250..].iter().rev().copied(), 16);
        parts.merge(of(seconds[..250].iter().copied(), 16), 16);
        assert_eq!(whole, parts);
    }

    #[test]
    fn the_ends_of_time_fit_two_buckets() {
        let ends = of([i64::MIN / 1_000_000, -1, 0, i64::MAX / 1_000_000], 1);
        assert_eq!(ends.buckets().len(), 2);
        let first = ends.buckets().next();
        assert!(first.is_some_and(|first| ends.start_seconds(&first) < 0));
    }
}
