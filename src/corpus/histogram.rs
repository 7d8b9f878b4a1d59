//! Events over time, at a resolution that the number of buckets decides.

use smallvec::SmallVec;

/// No cap is below this: the epoch parts any two buckets.
const BUCKETS_MIN: usize = 2;

/// Events within one interval of `2^shift` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Seconds since the epoch divided by the width, rounded down.
    pub index: i64,
    /// Events in it, at least 1.
    pub count: u64,
}

/// A histogram of times in non-empty buckets of `2^shift` seconds, aligned to the epoch.
///
/// The shift is the smallest at which the non-empty buckets fit the cap. Buckets of one shift nest
/// in those of the next, and adding events never empties one; so a part never needs to be coarser
/// than the whole, and coarsening a part early leads to the same buckets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    shift: u32,
    buckets: SmallVec<[Bucket; 1]>,
}

impl Histogram {
    /// Buckets of `2^shift` seconds, sorted.
    pub(super) fn of(shift: u32, buckets: Vec<Bucket>) -> Self {
        Histogram {
            shift,
            buckets: buckets.into(),
        }
    }

    /// The width of a bucket in seconds.
    pub fn width_seconds(&self) -> i64 {
        1 << self.shift
    }

    /// The non-empty buckets, earliest first.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// The first second of a bucket.
    pub fn start_seconds(&self, bucket: &Bucket) -> i64 {
        bucket.index << self.shift
    }

    /// Counts `count` events at a second; keeps at most `max` buckets.
    #[inline]
    pub(crate) fn add(&mut self, second: i64, count: u64, max: usize) {
        let index = second >> self.shift;
        match self.buckets.last_mut() {
            // Logs are mostly in order, so the last bucket is nearly always the one.
            Some(last) if last.index == index => last.count += count,
            _ => self.add_elsewhere(second, count, max),
        }
    }

    /// Counts events at a second that is not in the last bucket.
    fn add_elsewhere(&mut self, second: i64, count: u64, max: usize) {
        let index = second >> self.shift;
        let place = match self.buckets.last() {
            Some(last) if last.index > index => {
                let buckets = &mut self.buckets;
                match buckets.binary_search_by_key(&index, |bucket| bucket.index) {
                    Ok(place) => {
                        buckets[place].count += count;
                        return;
                    }
                    Err(place) => place,
                }
            }
            _ => self.buckets.len(),
        };
        // One more would not fit, so that no room is ever made for it.
        if self.buckets.len() >= max.max(BUCKETS_MIN) {
            self.coarsen(self.shift + 1);
            return self.add(second, count, max);
        }
        self.buckets.insert(place, Bucket { index, count });
    }

    /// Adds the events of `other`; keeps at most `max` buckets.
    pub(crate) fn merge(&mut self, mut other: Histogram, max: usize) {
        self.coarsen(other.shift);
        other.coarsen(self.shift);
        if self.buckets.is_empty() {
            self.buckets = other.buckets;
        } else if !other.buckets.is_empty() {
            self.buckets.append(&mut other.buckets);
            self.buckets.sort_by_key(|bucket| bucket.index);
            self.unite();
        }
        self.enforce(max);
    }

    /// Coarsens until at most `max` buckets are left, or two, one on each side of the epoch.
    pub(crate) fn enforce(&mut self, max: usize) {
        while self.buckets.len() > max.max(BUCKETS_MIN) {
            self.coarsen(self.shift + 1);
        }
    }

    fn coarsen(&mut self, shift: u32) {
        if shift > self.shift {
            for bucket in &mut self.buckets {
                bucket.index >>= shift - self.shift;
            }
            self.shift = shift;
            self.unite();
        }
    }

    /// Joins neighbours of equal index.
    fn unite(&mut self) {
        self.buckets.dedup_by(|next, kept| {
            let same = next.index == kept.index;
            if same {
                kept.count += next.count;
            }
            same
        });
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
        histogram
    }

    #[test]
    fn it_stays_at_seconds_until_the_cap_and_then_halves_its_resolution() {
        let fine = of([100, 101, 103], 3);
        assert_eq!((fine.width_seconds(), fine.buckets().len()), (1, 3));
        let coarse = of([100, 101, 103, 104], 3);
        assert_eq!(coarse.width_seconds(), 2);
        let counts: Vec<u64> = coarse.buckets().iter().map(|bucket| bucket.count).collect();
        assert_eq!(counts, [2, 1, 1]);
        assert_eq!(coarse.start_seconds(&coarse.buckets()[1]), 102);
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
        assert!(ends.start_seconds(&ends.buckets()[0]) < 0);
    }
}
