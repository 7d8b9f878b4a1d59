//! When a pattern occurred on each host of one civil day (UTC), and how two tellings of it join.
//!
//! A day is a join-semilattice: [`Day::join`] is commutative, associative and idempotent, so that
//! what was told before in whole or in part changes nothing, and the order of telling neither. Of each
//! host it holds
//!
//! - per five-minute slot the most events that one telling had there, and
//! - the exact seconds, as the union of what was told (a second counts as often as the telling had it
//!   that had it most), while they are at most [`TIMES_MAX`]; past it they are gone for good.
//!
//! The limit of it: two tellings that hold *different* events of one pattern on one host in one
//! second (where times are kept) or in one slot (where they are not) count as the larger of the two.
//! So a log cut within a slot loses some events of a dense pattern in that slot, and two logs that
//! hold different lines of one pattern on one host should be scanned together.
//!
//! A day that is long ago is aged: its hours stay, its slots and times do not. No SQL here.

use crate::corpus::{SLOT_SECONDS, TIMES_MAX, varint};
use std::collections::BTreeMap;

/// Seconds of a civil day.
pub const DAY_SECONDS: i64 = 86_400;
/// Slots of an hour.
const HOUR_SLOTS: u32 = (3600 / SLOT_SECONDS) as u32;
/// Slots of a day.
const DAY_SLOTS: u32 = 24 * HOUR_SLOTS;

/// A pattern on one day, by the number of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    /// Whether only hours are left.
    pub aged: bool,
    /// The hosts; none is empty.
    pub hosts: BTreeMap<u32, Course>,
}

/// A pattern on one day and host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Seconds of the day, sorted, repeated; `None` where they are not known.
    pub times: Option<Vec<u32>>,
    /// Slots of the day with the most events that one telling had there, sorted. Once aged, the
    /// first slot of an hour stands for the hour.
    pub slots: Vec<(u32, u32)>,
}

impl Course {
    /// Of exact seconds of the day, sorted.
    pub fn of_times(times: Vec<u32>) -> Self {
        let slots = slots_of(&times);
        Course {
            times: Some(times),
            slots,
        }
    }

    /// Of slots of the day, sorted.
    pub fn of_slots(slots: Vec<(u32, u32)>) -> Self {
        Course { times: None, slots }
    }

    /// Events.
    pub fn count(&self) -> u64 {
        match &self.times {
            Some(times) => times.len() as u64,
            None => self.slots.iter().map(|(_, n)| u64::from(*n)).sum(),
        }
    }

    /// First and last second of the day; where times are not known, the first of their slots.
    pub fn ends(&self) -> Option<(u32, u32)> {
        match &self.times {
            Some(times) => Some((*times.first()?, *times.last()?)),
            None => {
                let second = |slot: &(u32, u32)| slot.0 * SLOT_SECONDS as u32;
                Some((second(self.slots.first()?), second(self.slots.last()?)))
            }
        }
    }

    fn join(&mut self, other: Course) {
        self.slots = united(&self.slots, &other.slots, |a, b| a.max(b));
        self.times = match (self.times.take(), other.times) {
            (Some(a), Some(b)) => {
                let (a, b) = (counted(&a), counted(&b));
                let union = united(&a, &b, |a, b| a.max(b));
                let count: u64 = union.iter().map(|(_, n)| u64::from(*n)).sum();
                let repeat = |(second, n)| std::iter::repeat_n(second, n as usize);
                (count <= TIMES_MAX as u64).then(|| union.into_iter().flat_map(repeat).collect())
            }
            _ => None,
        };
    }

    fn age(&mut self) {
        let fine = match self.times.take() {
            Some(times) => slots_of(&times),
            None => std::mem::take(&mut self.slots),
        };
        self.slots = Vec::with_capacity(fine.len().min(24));
        for (slot, n) in fine {
            let hour = slot - slot % HOUR_SLOTS;
            match self.slots.last_mut() {
                Some(last) if last.0 == hour => last.1 = last.1.saturating_add(n),
                _ => self.slots.push((hour, n)),
            }
        }
    }
}

impl Day {
    /// Joins another telling of the same day; see the head of this file.
    pub fn join(&mut self, mut other: Day) {
        if self.aged || other.aged {
            self.age();
            other.age();
        }
        for (host, course) in other.hosts {
            match self.hosts.get_mut(&host) {
                Some(mine) => mine.join(course),
                None => {
                    self.hosts.insert(host, course);
                }
            }
        }
    }

    /// Keeps hours only.
    pub fn age(&mut self) {
        if !self.aged {
            self.aged = true;
            self.hosts.values_mut().for_each(Course::age);
        }
    }

    /// Events on all hosts.
    pub fn count(&self) -> u64 {
        self.hosts.values().map(Course::count).sum()
    }

    /// First and last second of the day; see [`Course::ends`].
    pub fn ends(&self) -> Option<(u32, u32)> {
        let ends = || self.hosts.values().filter_map(Course::ends);
        Some((ends().map(|e| e.0).min()?, ends().map(|e| e.1).max()?))
    }

    /// The day as bytes: whether it is aged, then the hosts, all numbers as LEB128 and ascending ones
    /// as differences. Slots that the times imply are left out.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.aged)];
        let mut last_host = 0;
        for (host, course) in &self.hosts {
            put(&mut bytes, host - last_host);
            last_host = *host;
            let times = course.times.as_deref();
            let implied = times.is_some_and(|times| slots_of(times) == course.slots);
            bytes.push(u8::from(times.is_some()) | u8::from(!implied) << 1);
            if let Some(times) = times {
                put(&mut bytes, times.len() as u32);
                let mut last = 0;
                for second in times {
                    put(&mut bytes, second - last);
                    last = *second;
                }
            }
            if !implied {
                put(&mut bytes, course.slots.len() as u32);
                let mut last = 0;
                for (slot, n) in &course.slots {
                    put(&mut bytes, slot - last);
                    put(&mut bytes, *n);
                    last = *slot;
                }
            }
        }
        bytes
    }

    /// The day of such bytes; `None` if they are no day.
    pub fn decode(bytes: &[u8]) -> Option<Day> {
        let (aged, mut rest) = match bytes.split_first()? {
            (0, rest) => (false, rest),
            (1, rest) => (true, rest),
            _ => return None,
        };
        let mut day = Day {
            aged,
            ..Day::default()
        };
        let mut host = 0u32;
        while !rest.is_empty() {
            host = host.checked_add(take(&mut rest)?)?;
            let (flags, after) = rest.split_first()?;
            rest = after;
            let times = match flags & 1 {
                0 => None,
                _ => Some(decode_times(&mut rest)?),
            };
            let slots = match flags & 2 {
                0 => slots_of(times.as_deref()?),
                _ => decode_slots(&mut rest)?,
            };
            let repeated = day.hosts.insert(host, Course { times, slots }).is_some();
            if repeated || *flags > 3 {
                return None;
            }
        }
        Some(day)
    }
}

fn decode_times(rest: &mut &[u8]) -> Option<Vec<u32>> {
    let length = take(rest)? as usize;
    if length > TIMES_MAX {
        return None;
    }
    let mut times = Vec::with_capacity(length);
    let mut second = 0u32;
    for _ in 0..length {
        second = second.checked_add(take(rest)?)?;
        times.push(second);
    }
    (i64::from(second) < DAY_SECONDS).then_some(times)
}

fn decode_slots(rest: &mut &[u8]) -> Option<Vec<(u32, u32)>> {
    let length = take(rest)?;
    if length > DAY_SLOTS {
        return None;
    }
    let mut slots = Vec::with_capacity(length as usize);
    let mut slot = 0u32;
    for index in 0..length {
        let step = take(rest)?;
        if index > 0 && step == 0 {
            return None;
        }
        slot = slot.checked_add(step)?;
        slots.push((slot, take(rest)?));
    }
    (slot < DAY_SLOTS).then_some(slots)
}

/// The slots of sorted seconds of a day.
fn slots_of(times: &[u32]) -> Vec<(u32, u32)> {
    let slots = times.iter().map(|second| second / SLOT_SECONDS as u32);
    runs(slots)
}

fn counted(times: &[u32]) -> Vec<(u32, u32)> {
    runs(times.iter().copied())
}

/// Equal neighbours with their number.
fn runs(sorted: impl Iterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for value in sorted {
        match runs.last_mut() {
            Some(last) if last.0 == value => last.1 += 1,
            _ => runs.push((value, 1)),
        }
    }
    runs
}

/// Two sorted lists as one; where both have a key, `both` decides.
fn united(a: &[(u32, u32)], b: &[(u32, u32)], both: fn(u32, u32) -> u32) -> Vec<(u32, u32)> {
    let mut union = Vec::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a, b);
    while let ([x, a_rest @ ..], [y, b_rest @ ..]) = (a, b) {
        if x.0 < y.0 {
            union.push(*x);
            a = a_rest;
        } else if y.0 < x.0 {
            union.push(*y);
            b = b_rest;
        } else {
            union.push((x.0, both(x.1, y.1)));
            (a, b) = (a_rest, b_rest);
        }
    }
    union.extend_from_slice(a);
    union.extend_from_slice(b);
    union
}

fn put(bytes: &mut Vec<u8>, number: u32) {
    varint::push(bytes, number.into());
}

fn take(bytes: &mut &[u8]) -> Option<u32> {
    varint::try_take(bytes)?.try_into().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn course() -> impl Strategy<Value = Course> {
        let times = prop::collection::vec(0u32..4000, 1..200).prop_map(|mut times| {
            times.sort();
            Course::of_times(times)
        });
        let slots = prop::collection::btree_map(0u32..288, 1u32..1000, 1..40)
            .prop_map(|slots| Course::of_slots(slots.into_iter().collect()));
        prop_oneof![times, slots]
    }

    fn day() -> impl Strategy<Value = Day> {
        let hosts = prop::collection::btree_map(0u32..4, course(), 0..4);
        hosts.prop_map(|hosts| Day { aged: false, hosts })
    }

    fn join(a: &Day, b: &Day) -> Day {
        let mut joined = a.clone();
        joined.join(b.clone());
        joined
    }

    proptest! {
        #[test]
        fn joining_is_idempotent_commutative_and_associative(a in day(), b in day(), c in day()) {
            prop_assert_eq!(&join(&a, &a), &a);
            prop_assert_eq!(join(&a, &b), join(&b, &a));
            prop_assert_eq!(join(&join(&a, &b), &c), join(&a, &join(&b, &c)));
            prop_assert_eq!(join(&join(&a, &b), &a), join(&a, &b));
        }

        #[test]
        fn bytes_give_back_the_day(a in day(), b in day()) {
            let mut joined = join(&a, &b);
            prop_assert_eq!(&Day::decode(&joined.encode()).unwrap(), &joined);
            joined.age();
            prop_assert_eq!(&Day::decode(&joined.encode()).unwrap(), &joined);
            prop_assert_eq!(&join(&joined, &a), &joined);
        }

        #[test]
        fn any_bytes_are_a_day_or_none(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Some(day) = Day::decode(&bytes) {
                let _ = (day.count(), day.ends(), join(&day, &day));
            }
        }
    }

    #[test]
    fn times_past_the_cap_are_gone_whatever_the_order() {
        let of = |range: std::ops::Range<u32>| Day {
            aged: false,
            hosts: [(1, Course::of_times(range.collect()))].into(),
        };
        let (a, b) = (of(0..200), of(150..400));
        let joined = join(&a, &b);
        assert_eq!(joined.hosts[&1].times, None);
        assert_eq!(join(&joined, &a), join(&b, &a));
    }
}
