//! Events over time, in a byte or two for each interval that has any.
//!
//! A pattern on a host has one of these, in each worker and again in the total, and they are what
//! grows with the hours that a log spans: so only the latest interval is kept open, where nearly
//! all events belong, and those before it are closed into gaps and counts. What an interval is, and
//! how many of them are kept, is for the histogram and the host to say.

use super::varint;

/// Late buckets that wait at least before they are sorted in; beside that a quarter of all, so that
/// a log that is read backwards costs no more for each line than one that is not long.
const LATE_MAX: usize = 64;

/// Events within one interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Since the epoch in widths of an interval, rounded down.
    pub index: i64,
    /// Events in it, at least 1.
    pub count: u64,
}

/// Buckets sorted by index, each index once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Course {
    /// The latest bucket; it counts nothing while there is none.
    open: Bucket,
    /// Most patterns of an input with many have one event, and none of these.
    before: Option<Box<Before>>,
}

/// The buckets before the latest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Before {
    /// How many are closed.
    count: usize,
    /// The index of the last closed one.
    last: i64,
    /// The closed ones: twice the count, and 1 more where a gap follows, which is written unless
    /// it is 1. The first one's gap is to the epoch.
    closed: Vec<u8>,
    /// Buckets that came late, in any order and repeated; none once [`Course::settle`] was called.
    late: Vec<Bucket>,
}

impl Course {
    /// The course of sorted buckets, each index once.
    pub fn of(buckets: &[Bucket]) -> Self {
        let Some((open, closed)) = buckets.split_last() else {
            return Course::default();
        };
        let before = (!closed.is_empty()).then(|| {
            let mut before = Box::<Before>::default();
            before.closed.reserve_exact(2 * closed.len());
            closed.iter().for_each(|bucket| before.close(*bucket));
            before.closed.shrink_to_fit();
            before
        });
        Course {
            open: *open,
            before,
        }
    }

    /// The buckets, earliest first, but for those that came late.
    pub fn to_vec(&self) -> Vec<Bucket> {
        let mut buckets = Vec::with_capacity(self.len());
        buckets.extend(self.iter());
        buckets
    }

    /// How many buckets there are, but for those that came late.
    pub fn len(&self) -> usize {
        let closed = self.before.as_ref().map_or(0, |before| before.count);
        closed + usize::from(self.open.count > 0)
    }

    /// The index of the latest bucket; of none that of the epoch.
    #[inline]
    pub fn latest(&self) -> i64 {
        self.open.index
    }

    /// Counts events in the bucket of [`Course::latest`].
    #[inline]
    pub fn add_latest(&mut self, count: u64) {
        self.open.count += count;
    }

    /// Counts events in a bucket, in any order; logs are mostly in order.
    pub fn add(&mut self, bucket: Bucket) {
        if bucket.index == self.open.index {
            self.open.count += bucket.count;
        } else if self.open.count == 0 {
            self.open = bucket;
        } else if bucket.index > self.open.index {
            let closed = std::mem::replace(&mut self.open, bucket);
            self.before.get_or_insert_default().close(closed);
        } else {
            self.add_late(bucket);
        }
    }

    fn add_late(&mut self, bucket: Bucket) {
        let before = self.before.get_or_insert_default();
        match before.late.last_mut() {
            Some(last) if last.index == bucket.index => last.count += bucket.count,
            _ => before.late.push(bucket),
        }
        if before.late.len() >= LATE_MAX.max(before.count / 4) {
            self.settle();
        }
    }

    /// Sorts in what came late, and gives back room that is not needed.
    pub fn settle(&mut self) {
        let Some(before) = &mut self.before else {
            return;
        };
        let mut late = std::mem::take(&mut before.late);
        if !late.is_empty() {
            late.sort_unstable_by_key(|bucket| bucket.index);
            add_up(&mut late);
            *self = Course::of(&sum(&self.to_vec(), &late));
        }
        if let Some(before) = &mut self.before {
            before.closed.shrink_to_fit();
        }
    }

    /// Adds all buckets of another.
    pub fn merge(&mut self, mut other: Course) {
        self.settle();
        other.settle();
        if other.len() > 0 {
            *self = Course::of(&sum(&self.to_vec(), &other.to_vec()));
        }
    }

    /// Doubles the width of the intervals so many times.
    pub fn coarsen(&mut self, times: u32) {
        self.settle();
        let mut buckets = self.to_vec();
        coarsen(&mut buckets, times);
        *self = Course::of(&buckets);
    }

    /// Forgets all but the latest `max` buckets.
    pub fn keep_latest(&mut self, max: usize) {
        self.settle();
        if self.len() > max {
            let excess = self.len() - max;
            *self = Course::of(&self.to_vec()[excess..]);
        }
    }

    /// The buckets, earliest first, but for those that came late.
    pub fn iter(&self) -> Buckets<'_> {
        let before = self.before.as_deref();
        debug_assert!(before.is_none_or(|before| before.late.is_empty()));
        Buckets {
            closed: before.map_or(&[], |before| &before.closed),
            last: 0,
            open: self.open,
            left: self.len(),
        }
    }
}

/// Adds the buckets of two that are sorted, each index once.
pub(super) fn sum(one: &[Bucket], other: &[Bucket]) -> Vec<Bucket> {
    let mut sum = vec![Bucket::default(); one.len() + other.len()];
    let (mut mine, mut theirs, mut to) = (0, 0, 0);
    while let (Some(first), Some(second)) = (one.get(mine), other.get(theirs)) {
        let index = first.index.min(second.index);
        // Without a branch, since which of them has an index is as good as random.
        let (has_mine, has_theirs) = (first.index == index, second.index == index);
        let count = u64::from(has_mine) * first.count + u64::from(has_theirs) * second.count;
        mine += usize::from(has_mine);
        theirs += usize::from(has_theirs);
        sum[to] = Bucket { index, count };
        to += 1;
    }
    sum.truncate(to);
    sum.extend_from_slice(&one[mine..]);
    sum.extend_from_slice(&other[theirs..]);
    sum
}

/// Doubles the width of the intervals of sorted buckets so many times.
pub(super) fn coarsen(buckets: &mut Vec<Bucket>, times: u32) {
    buckets.iter_mut().for_each(|bucket| bucket.index >>= times);
    add_up(buckets);
}

/// Adds up those of one index, which stand together.
fn add_up(buckets: &mut Vec<Bucket>) {
    let mut last = 0;
    for next in 1..buckets.len() {
        let (kept, bucket) = (buckets[last], buckets[next]);
        // Without a branch, since which of them have an index in common is as good as random.
        let is_same = kept.index == bucket.index;
        last += usize::from(!is_same);
        buckets[last] = Bucket {
            index: bucket.index,
            count: u64::from(is_same) * kept.count + bucket.count,
        };
    }
    buckets.truncate(last + 1);
}

impl FromIterator<Bucket> for Course {
    fn from_iter<I: IntoIterator<Item = Bucket>>(buckets: I) -> Self {
        let mut course = Course::default();
        buckets.into_iter().for_each(|bucket| course.add(bucket));
        course.settle();
        course
    }
}

impl Before {
    #[inline]
    fn close(&mut self, bucket: Bucket) {
        let gap = bucket.index.wrapping_sub(self.last) as u64;
        // Nearly always each takes a byte, if any; without a branch, since which is as good as random.
        if bucket.count < 0x40 && (1..0x80).contains(&gap) {
            let has_gap = gap > 1;
            varint::make_room(&mut self.closed, 2);
            let bytes = [(bucket.count as u8) << 1 | u8::from(has_gap), gap as u8];
            self.closed.extend_from_slice(&bytes);
            self.closed
                .truncate(self.closed.len() - usize::from(!has_gap));
        } else {
            self.close_far(bucket.count, gap);
        }
        self.last = bucket.index;
        self.count += 1;
    }

    /// Writes a count, and a gap if it is not 1.
    #[inline(never)]
    fn close_far(&mut self, count: u64, gap: u64) {
        varint::push_with_bit(&mut self.closed, count, gap != 1);
        if gap != 1 {
            varint::push(&mut self.closed, gap);
        }
    }
}

/// The buckets of a course, earliest first.
#[derive(Debug, Clone)]
pub struct Buckets<'a> {
    closed: &'a [u8],
    last: i64,
    open: Bucket,
    left: usize,
}

impl Buckets<'_> {
    /// Takes a count, and how far the index is from the one before.
    #[inline]
    fn take(&mut self) -> (u64, i64) {
        // Nearly always each takes a byte, if any; without a branch, since which is as good as random.
        if let [count, gap, ..] = *self.closed {
            let has_gap = count & 1 == 1;
            let gap = if has_gap { gap } else { 1 };
            if count | gap < 0x80 {
                self.closed = &self.closed[1 + usize::from(has_gap)..];
                return (u64::from(count >> 1), i64::from(gap));
            }
        }
        self.take_far()
    }

    #[inline(never)]
    fn take_far(&mut self) -> (u64, i64) {
        let (count, has_gap) = varint::take_with_bit(&mut self.closed);
        let gap = match has_gap {
            false => 1,
            true => varint::take(&mut self.closed) as i64,
        };
        (count, gap)
    }
}

impl Iterator for Buckets<'_> {
    type Item = Bucket;

    #[inline]
    fn next(&mut self) -> Option<Bucket> {
        self.left = self.left.checked_sub(1)?;
        if self.left == 0 {
            return Some(self.open);
        }
        let (count, gap) = self.take();
        self.last = self.last.wrapping_add(gap);
        Some(Bucket {
            index: self.last,
            count,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Buckets<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn of(indexes: impl IntoIterator<Item = i64>) -> Course {
        let mut course = Course::default();
        for index in indexes {
            course.add(Bucket { index, count: 1 });
        }
        course.settle();
        course
    }

    fn pairs(course: &Course) -> Vec<(i64, u64)> {
        course.iter().map(|b| (b.index, b.count)).collect()
    }

    proptest! {
        #[test]
        fn buckets_are_those_of_a_map_in_whatever_order_and_parts_they_come(
            near in prop::collection::vec((-40i64..40, 0u32..64), 0..300),
            far in prop::collection::vec(any::<i64>(), 0..4),
            cut in 0usize..300,
            max in 1usize..50,
        ) {
            let near = near.into_iter().map(|(index, shift)| index << (shift / 8));
            let indexes: Vec<i64> = near.chain(far).collect();
            let mut map: BTreeMap<i64, u64> = BTreeMap::new();
            indexes.iter().for_each(|index| *map.entry(*index).or_default() += 1);
            let mut whole = of(indexes.iter().copied());
            prop_assert_eq!(pairs(&whole), map.into_iter().collect::<Vec<_>>());
            let (first, second) = indexes.split_at(cut.min(indexes.len()));
            let mut parts = of(second.iter().copied());
            parts.merge(of(first.iter().rev().copied()));
            prop_assert_eq!(&parts, &whole);
            parts.coarsen(2);
            prop_assert_eq!(parts, of(indexes.iter().map(|index| index >> 2)));
            let latest: Vec<_> = pairs(&whole).split_off(whole.len().saturating_sub(max));
            whole.keep_latest(max);
            prop_assert_eq!(pairs(&whole), latest);
        }
    }

    #[test]
    fn neighbours_take_a_byte_and_a_course_that_runs_backwards_is_not_sorted_in_each_time() {
        let day = of((0..288).flat_map(|slot| [slot + 5_900_000; 60]));
        let before = day.before.as_deref();
        assert!(before.is_some_and(|before| before.closed.len() < 300));
        let back = of((0..288).rev().flat_map(|slot| [slot + 5_900_000; 60]));
        assert_eq!(back, day);
        let mut waiting = Course::default();
        for index in (0..10_000).rev() {
            waiting.add(Bucket { index, count: 1 });
        }
        let late = waiting.before.as_deref().map_or(0, |b| b.late.len());
        assert!(waiting.len() < 10_000 && late < LATE_MAX.max(waiting.len() / 4));
    }
}
