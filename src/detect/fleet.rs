//! When things happened: each host over all groups, and all hosts.
//!
//! Facts only, as in `timeline`; what is too much or too little is the detectors' to say.

use super::timeline::seconds_between;
use crate::corpus::{Corpus, Host, SLOT_MICROS, SLOT_SECONDS, Slot, Span};
use crate::event::Timestamp;
use crate::prefetch::{AT_ONCE, prefetch};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Lines that are added to those of a host before shares are taken: of a few lines nobody can say
/// that they are a storm.
const LINES_PRIOR: u64 = 50;

/// How many times more lines than the clock would give make a storm.
const STORM_RATIO_MIN: f64 = 5.0;

/// Slots of an hour.
const HOUR_SLOTS: i64 = 3600 / SLOT_SECONDS;

/// One host over all patterns, or all hosts.
#[derive(Debug, Default)]
pub struct Activity<'a> {
    /// From its first to its last event.
    pub span: Option<Span>,
    /// The hours of the clock in which it logged.
    pub hours: u64,
    /// The slots in which it logged, sorted.
    slots: Vec<i32>,
    /// Others that are not among them yet, in any order and repeated.
    new_slots: Vec<i32>,
    /// The patterns that are not dense.
    exact: Exact<'a>,
    /// Their times, sorted when they are first asked for: of most hosts nobody asks.
    times: OnceLock<Vec<Timestamp>>,
}

/// The exact times of patterns, each's sorted.
#[derive(Debug)]
enum Exact<'a> {
    /// Those of a host.
    Parts(Vec<&'a [Timestamp]>),
    /// All.
    Corpus(&'a Corpus),
}

impl Default for Exact<'_> {
    fn default() -> Self {
        Exact::Parts(Vec::new())
    }
}

impl<'a> Exact<'a> {
    fn sorted(&self) -> Vec<Timestamp> {
        match self {
            Exact::Parts(parts) => sorted_by_time(parts),
            Exact::Corpus(corpus) => {
                let parts: Vec<_> = hosts_of(corpus).filter_map(Host::times).collect();
                sorted_by_time(&parts)
            }
        }
    }
}

/// All patterns on each of their hosts.
fn hosts_of(corpus: &Corpus) -> impl Iterator<Item = &Host> {
    let patterns = corpus.patterns.values();
    patterns.flat_map(|pattern| pattern.hosts.as_slice())
}

impl<'a> Activity<'a> {
    /// Adds a dense pattern.
    fn add_dense(&mut self, part: &Host) {
        let Some(span) = part.span() else { return };
        Span::join(&mut self.span, Some(span));
        if !self.has_slots(Slot::index_of(span.first), Slot::index_of(span.last)) {
            self.add_slots(part.slots().map(|slot| slot.index));
        }
    }

    /// Adds the exact times of patterns to what is known of the dense ones, once all of these are there.
    fn add_exact(&mut self, parts: Vec<&'a [Timestamp]>) {
        for times in &parts {
            let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
                continue;
            };
            Span::join(&mut self.span, Some(Span { first, last }));
            if !self.has_slots(Slot::index_of(first), Slot::index_of(last)) {
                self.add_slots(slots_of(times));
            }
        }
        self.count_hours();
        self.exact = Exact::Parts(parts);
    }

    /// Adds a host.
    fn add_host(&mut self, host: &Activity<'_>) {
        let (Some(&first), Some(&last)) = (host.slots.first(), host.slots.last()) else {
            return;
        };
        if !self.has_slots(first, last) {
            self.add_slots(host.slots.iter().copied());
        }
    }

    /// Whether it is known that it logged in each slot from one to another: by how far apart they are
    /// among the slots. Nearly always one look tells it of a pattern.
    fn has_slots(&self, first: i32, last: i32) -> bool {
        let place = self.slots.partition_point(|known| *known < first);
        let between = usize::try_from(i64::from(last) - i64::from(first));
        let end = between.ok().and_then(|between| place.checked_add(between));
        self.slots.get(place) == Some(&first)
            && end.and_then(|end| self.slots.get(end)) == Some(&last)
    }

    /// Adds slots that are sorted, most of which are known already.
    fn add_slots(&mut self, slots: impl Iterator<Item = i32>) {
        let mut slots = slots.peekable();
        let first = slots.peek().copied().unwrap_or(i32::MAX);
        let place = self.slots.partition_point(|known| *known < first);
        let mut known = self.slots[place..].iter().copied().peekable();
        for slot in slots {
            while known.next_if(|known| *known < slot).is_some() {}
            if known.peek() != Some(&slot) && self.new_slots.last() != Some(&slot) {
                self.new_slots.push(slot);
            }
        }
        // As many as are known already, so that they are seldom sorted in.
        if self.new_slots.len() >= self.slots.len() {
            self.unite_slots();
        }
    }

    fn unite_slots(&mut self) {
        self.slots.append(&mut self.new_slots);
        self.slots.sort_unstable();
        self.slots.dedup();
    }

    /// Counts the hours, once all slots are there.
    fn count_hours(&mut self) {
        self.unite_slots();
        let hour = |slot: &i32| i64::from(*slot).div_euclid(HOUR_SLOTS);
        let hours = self.slots.chunk_by(|a, b| hour(a) == hour(b));
        self.hours = hours.count() as u64;
    }

    /// Seconds in which it was heard of, at least 1: the hours in which it logged, where they are less
    /// than its span. Of hours without a line nobody knows whether they were watched.
    pub fn seconds(&self) -> f64 {
        let heard = self.hours as f64 * 3600.0;
        let span = |span: Span| seconds_between(span.first, span.last) + 1.0;
        self.span.map_or(1.0, span).min(heard).max(1.0)
    }

    /// The share of its whole activity that lies between two instants, both included: by the clock or
    /// by the events of others, whichever is more. `own` are the asker's events between the two, and
    /// all of them.
    ///
    /// In a storm of lines, as at boot, everything follows everything else within seconds; measured
    /// by the lines between them, such things are as far apart as others.
    pub fn share_between(&self, first: Timestamp, last: Timestamp, own: (u64, u64)) -> f64 {
        let by_clock = self.share_of_clock(first, last);
        by_clock.max(self.share_of_lines(first, last, own)).min(1.0)
    }

    /// The same by the clock alone: no more than that, and told without a look at the lines.
    pub fn share_by_clock(&self, first: Timestamp, last: Timestamp) -> f64 {
        self.share_of_clock(first, last).min(1.0)
    }

    /// Whether this share of its lines, or more, lies between two instants, and many times what the
    /// clock would give them: a storm.
    pub fn is_storm(&self, first: Timestamp, last: Timestamp, share_min: f64) -> bool {
        let by_lines = self.share_of_lines(first, last, (0, 0));
        by_lines >= share_min && by_lines >= STORM_RATIO_MIN * self.share_of_clock(first, last)
    }

    /// The seconds that are a share of its whole activity by the clock alone.
    pub fn seconds_of_clock(&self, share: f64) -> f64 {
        let seconds = |span: Span| seconds_between(span.first, span.last);
        share * (self.span.map_or(0.0, seconds) + 1.0)
    }

    fn share_of_clock(&self, first: Timestamp, last: Timestamp) -> f64 {
        seconds_between(first, last).max(1.0) / self.seconds_of_clock(1.0)
    }

    fn share_of_lines(&self, first: Timestamp, last: Timestamp, own: (u64, u64)) -> f64 {
        let others = self.lines_between(first, last).saturating_sub(own.0);
        let all = (self.times().len() as u64).saturating_sub(own.1) + LINES_PRIOR;
        others as f64 / all as f64
    }

    /// The exact times, sorted.
    fn times(&self) -> &[Timestamp] {
        self.times.get_or_init(|| self.exact.sorted())
    }

    /// Lines with an exact time between two instants, both included.
    fn lines_between(&self, first: Timestamp, last: Timestamp) -> u64 {
        let times = self.times();
        let later = &times[times.partition_point(|time| *time < first)..];
        later.partition_point(|time| *time <= last) as u64
    }

    /// Whether it logged anything after one instant and before another; of what is dense only five
    /// minutes that lie wholly between count.
    pub fn is_alive_between(&self, after: Timestamp, before: Timestamp) -> bool {
        let (first, last) = (Slot::index_of(after), Slot::index_of(before));
        let slot = self.slots.partition_point(|slot| *slot <= first);
        if self.slots.get(slot).is_some_and(|slot| *slot < last) {
            return true;
        }
        let times = self.times();
        let next = times.partition_point(|time| *time <= after);
        times.get(next).is_some_and(|time| *time < before)
    }
}

/// The slots of sorted times, sorted.
fn slots_of(times: &[Timestamp]) -> impl Iterator<Item = i32> {
    let mut until = i64::MIN;
    times.iter().filter_map(move |time| {
        if time.0 < until {
            return None;
        }
        let slot = Slot::index_of(*time);
        until = (i64::from(slot) + 1) * SLOT_MICROS;
        Some(slot)
    })
}

/// Times for which there is one bucket where times are sorted.
const BUCKET_TIMES: usize = 8;

/// All hosts over all patterns.
#[derive(Debug, Default)]
pub struct Fleet<'a> {
    hosts: Vec<(Option<&'a str>, Activity<'a>)>,
    all: Activity<'a>,
}

impl<'a> Fleet<'a> {
    /// The fleet of a corpus.
    pub fn of(corpus: &'a Corpus) -> Self {
        let mut hosts: Vec<(Option<&str>, Activity<'_>)> = Vec::new();
        let mut exact: Vec<Vec<&[Timestamp]>> = Vec::new();
        let mut place_of: HashMap<Option<&str>, usize, RandomState> = HashMap::default();
        let mut parts = hosts_of(corpus);
        let mut add = |part: &'a Host| {
            let name = part.name.as_deref();
            let place = *place_of.entry(name).or_insert_with(|| {
                hosts.push((name, Activity::default()));
                exact.push(Vec::new());
                hosts.len() - 1
            });
            match part.times() {
                Some(times) => exact[place].push(times),
                None => hosts[place].1.add_dense(part),
            }
        };
        let mut next: Vec<&Host> = Vec::with_capacity(AT_ONCE);
        loop {
            next.extend(parts.by_ref().take(AT_ONCE));
            if next.is_empty() {
                break;
            }
            prefetch(next.iter().filter_map(|part| part.name.as_deref()));
            next.drain(..).for_each(&mut add);
        }
        let mut all = Activity {
            span: corpus.span,
            exact: Exact::Corpus(corpus),
            ..Activity::default()
        };
        for ((_, host), parts) in hosts.iter_mut().zip(exact) {
            host.add_exact(parts);
            all.add_host(host);
        }
        all.count_hours();
        hosts.sort_unstable_by_key(|(name, _)| *name);
        Fleet { hosts, all }
    }

    /// How many hosts have a name.
    pub fn named(&self) -> usize {
        let named = self.hosts.iter().filter(|(name, _)| name.is_some());
        named.count()
    }

    /// Whether there is more than one host, all those without a name counted as one.
    pub fn has_several(&self) -> bool {
        self.hosts.len() > 1
    }

    /// One host; `None` if it never logged.
    pub fn host(&self, name: Option<&str>) -> Option<&Activity<'a>> {
        let place = self.hosts.binary_search_by(|(key, _)| (*key).cmp(&name));
        place.ok().map(|place| &self.hosts[place].1)
    }

    /// All hosts as one.
    pub fn all(&self) -> &Activity<'a> {
        &self.all
    }

    /// Seconds from the first to past the last event of the input, at least 1.
    pub fn seconds(&self) -> f64 {
        let seconds = |span: Span| span.last.seconds() - span.first.seconds() + 1;
        self.all.span.map_or(1, seconds).max(1) as f64
    }
}

/// The times of all parts, each of which is sorted, in their order.
///
/// A bucket sort: times are dealt out to buckets of equal width, of which there is one for
/// [`BUCKET_TIMES`], and those of one bucket are compared. Times that are spread over their span take time
/// that grows with their number alone; where nearly all are in one bucket, it is the comparing sort's.
fn sorted_by_time(parts: &[&[Timestamp]]) -> Vec<Timestamp> {
    let first = parts.iter().filter_map(|times| times.first()).min();
    let last = parts.iter().filter_map(|times| times.last()).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Vec::new();
    };
    let count: usize = parts.iter().map(|times| times.len()).sum();
    let since_first = |time: &Timestamp| time.0.wrapping_sub(first.0) as u64;
    let span_bits = bits(since_first(last)).min(u64::BITS - 1);
    let width_bits = span_bits.saturating_sub(bits((count / BUCKET_TIMES) as u64));
    let bucket = |time: &Timestamp| (since_first(time) >> width_bits) as usize;
    let mut places = vec![0_u32; bucket(last) + 2];
    for time in parts.iter().copied().flatten() {
        places[bucket(time) + 1] += 1;
    }
    let mut place = 0;
    for count in &mut places {
        place += *count;
        *count = place;
    }
    let mut sorted = vec![Timestamp(0); count];
    for time in parts.iter().copied().flatten() {
        let place = &mut places[bucket(time)];
        sorted[*place as usize] = *time;
        *place += 1;
    }
    for alike in sorted.chunk_by_mut(|one, other| bucket(one) == bucket(other)) {
        alike.sort_unstable();
    }
    sorted
}

/// Bits that a number takes.
fn bits(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn lines_between_two_instants_are_those_counted_one_by_one(
            mut times in prop::collection::vec((0i64..50).prop_map(Timestamp), 0..40),
            first in (0i64..50).prop_map(Timestamp),
            last in (0i64..50).prop_map(Timestamp),
        ) {
            times.sort_unstable();
            let between = times.iter().filter(|time| (first..=last).contains(time)).count();
            let activity = Activity { times: times.into(), ..Activity::default() };
            prop_assert_eq!(activity.lines_between(first, last), between as u64);
        }

        #[test]
        fn times_of_all_parts_are_sorted_however_they_are_spread(
            seconds in prop::collection::vec(0i64..1000, 0..100),
            others in prop::collection::vec(any::<i64>(), 0..5),
        ) {
            let seconds = seconds.into_iter().map(Timestamp::from_seconds);
            let times: Vec<_> = seconds.chain(others.into_iter().map(Timestamp)).collect();
            let mut parts: Vec<Vec<Timestamp>> = times.chunks(7).map(<[_]>::to_vec).collect();
            parts.iter_mut().for_each(|times| times.sort_unstable());
            let parts: Vec<&[Timestamp]> = parts.iter().map(|times| &times[..]).collect();
            let mut expected = times.clone();
            expected.sort_unstable();
            prop_assert_eq!(sorted_by_time(&parts), expected);
        }

        #[test]
        fn the_slots_of_a_host_are_those_of_all_its_parts(
            parts in prop::collection::vec(prop::collection::vec(0i32..40, 0..12), 0..12),
        ) {
            let slots_of = |part: &Vec<i32>| BTreeSet::from_iter(part.iter().copied());
            let time = |slot: i32| Timestamp(i64::from(slot) * SLOT_MICROS + 7);
            let times = |part| slots_of(part).into_iter().map(time).collect();
            let times: Vec<Vec<Timestamp>> = parts.iter().map(times).collect();
            let mut activity = Activity::default();
            activity.add_exact(times.iter().map(|times| &times[..]).collect());
            let expected: BTreeSet<i32> = parts.into_iter().flatten().collect();
            for (first, last) in (0..40).flat_map(|first| (first..40).map(move |last| (first, last))) {
                let are_there = (first..=last).all(|slot| expected.contains(&slot));
                prop_assert_eq!(activity.has_slots(first, last), are_there);
            }
            prop_assert!(activity.slots.iter().copied().eq(expected));
        }
    }
}
