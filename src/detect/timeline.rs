//! When things happened: a group on each of its hosts, and each host over all groups.
//!
//! Facts only; what is too long a gap or too many events is the detectors' to say.

use crate::corpus::{Corpus, Host, Pattern, SLOT_SECONDS, Slot, SlotIter, Slots, Span};
use crate::event::Timestamp;
use foldhash::fast::RandomState;
use smallvec::SmallVec;
use std::collections::HashMap;

/// A group on one host. Nearly always that is one pattern on it, which is only pointed at.
#[derive(Debug)]
pub enum Timeline<'a> {
    /// One pattern.
    Of(&'a Host),
    /// Several patterns.
    Joined(Box<Joined<'a>>),
}

/// Several patterns on one host.
#[derive(Debug)]
pub struct Joined<'a> {
    host: Option<&'a str>,
    count: u64,
    span: Option<Span>,
    times: Option<Vec<Timestamp>>,
    slots: Slots,
}

impl<'a> Timeline<'a> {
    /// The timelines of a group's patterns, sorted by host, those without a host first.
    pub fn of(members: &[&'a Pattern]) -> SmallVec<[Self; 1]> {
        if let [only] = members {
            return only.hosts.as_slice().iter().map(Timeline::Of).collect();
        }
        let mut hosts: Vec<&'a Host> = members
            .iter()
            .flat_map(|pattern| pattern.hosts.as_slice())
            .collect();
        hosts.sort_by_key(|host| &host.name);
        hosts
            .chunk_by(|one, other| one.name == other.name)
            .map(Self::joined)
            .collect()
    }

    fn joined(parts: &[&'a Host]) -> Self {
        if let [only] = parts {
            return Timeline::Of(only);
        }
        let mut span = None;
        parts
            .iter()
            .for_each(|part| Span::join(&mut span, part.span()));
        let times: Option<Vec<&[Timestamp]>> = parts.iter().map(|part| part.times()).collect();
        let times = times.map(|times| {
            let mut times = times.concat();
            times.sort_unstable();
            times
        });
        Timeline::Joined(Box::new(Joined {
            host: parts.first().and_then(|part| part.name.as_deref()),
            count: parts.iter().map(|part| part.count).sum(),
            span,
            times,
            slots: Slots::joined(parts.iter().map(|part| part.slots())),
        }))
    }

    /// The host; `None` stands for all events that name none.
    pub fn host(&self) -> Option<&'a str> {
        match self {
            Timeline::Of(host) => host.name.as_deref(),
            Timeline::Joined(joined) => joined.host,
        }
    }

    /// Events.
    pub fn count(&self) -> u64 {
        match self {
            Timeline::Of(host) => host.count,
            Timeline::Joined(joined) => joined.count,
        }
    }

    /// From the first to the last dated one.
    pub fn span(&self) -> Option<Span> {
        match self {
            Timeline::Of(host) => host.span(),
            Timeline::Joined(joined) => joined.span,
        }
    }

    /// Events in each slot of five minutes that has any, sorted; none where exact times are kept.
    pub fn slots(&self) -> SlotIter<'_> {
        match self {
            Timeline::Of(host) => host.slots(),
            Timeline::Joined(joined) => joined.slots.iter(),
        }
    }

    /// The times of the dated events, sorted; `None` where there are too many to keep.
    pub fn times(&self) -> Option<&[Timestamp]> {
        match self {
            Timeline::Of(host) => host.times(),
            Timeline::Joined(joined) => joined.times.as_deref(),
        }
    }

    /// Whether an event lies in a stretch of time, both ends included; `false` where times are not
    /// kept.
    pub fn has_event_in(&self, first: Timestamp, last: Timestamp) -> bool {
        let times = self.times().unwrap_or_default();
        let from = times.partition_point(|time| *time < first);
        times.get(from).is_some_and(|time| *time <= last)
    }
}

/// The dated events of a group over time, on all hosts: start in seconds and events, sorted.
pub fn course(members: &[&Pattern]) -> (i64, Vec<(i64, u64)>) {
    let histograms = || members.iter().map(|pattern| &pattern.histogram);
    let width_seconds = histograms().map(|h| h.width_seconds()).max().unwrap_or(1);
    let mut course: Vec<(i64, u64)> = histograms()
        .flat_map(|h| h.buckets().map(|b| (h.start_seconds(&b), b.count)))
        .collect();
    course.sort_unstable();
    (width_seconds, course)
}

/// Lines that are added to those of a host before shares are taken: of a few lines nobody can say
/// that they are a storm.
const LINES_PRIOR: u64 = 50;

/// How many times more lines than the clock would give make a storm.
const STORM_RATIO_MIN: f64 = 5.0;

/// Slots of an hour.
const HOUR_SLOTS: i64 = 3600 / SLOT_SECONDS;

/// One host over all patterns.
#[derive(Debug, Default)]
pub struct Activity {
    /// From its first to its last event.
    pub span: Option<Span>,
    /// The slots in which it logged, sorted.
    slots: Vec<i32>,
    /// Others that are not among them yet, in any order and repeated.
    new_slots: Vec<i32>,
    /// The exact times of all patterns that are not dense, sorted.
    times: Vec<Timestamp>,
}

impl Activity {
    /// A host, given all that is kept of its patterns.
    fn of(parts: &[&Host]) -> Self {
        let times = || parts.iter().filter_map(|part| part.times());
        let mut activity = Activity {
            // As much room as is needed, and no more than that: there may be very many.
            times: Vec::with_capacity(times().map(<[_]>::len).sum()),
            ..Activity::default()
        };
        for part in parts {
            match part.times() {
                Some(times) => activity.times.extend_from_slice(times),
                None => {
                    Span::join(&mut activity.span, part.span());
                    activity.add_slots(part.slots().map(|slot| slot.index));
                }
            }
        }
        // Stable, since that merges what is sorted by parts.
        activity.times.sort();
        let times = std::mem::take(&mut activity.times);
        let ends = times.first().zip(times.last());
        let span = ends.map(|(first, last)| Span {
            first: *first,
            last: *last,
        });
        Span::join(&mut activity.span, span);
        activity.add_slots(times.iter().map(|time| Slot::index_of(*time)));
        activity.unite_slots();
        activity.times = times;
        activity
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

    /// The hours of the clock in which it logged.
    pub fn hours(&self) -> u64 {
        let hour = |slot: &i32| i64::from(*slot).div_euclid(HOUR_SLOTS);
        let hours = self.slots.chunk_by(|a, b| hour(a) == hour(b));
        hours.count() as u64
    }

    /// Seconds in which it was heard of, at least 1: the hours in which it logged, where they are less
    /// than its span. Of hours without a line nobody knows whether they were watched.
    pub fn seconds(&self) -> f64 {
        let heard = self.hours() as f64 * 3600.0;
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
        let (by_clock, by_lines) = self.shares(first, last, own);
        by_clock.max(by_lines).min(1.0)
    }

    /// Whether this share of its lines, or more, lies between two instants, and many times what the
    /// clock would give them: a storm.
    pub fn is_storm(&self, first: Timestamp, last: Timestamp, share_min: f64) -> bool {
        let (by_clock, by_lines) = self.shares(first, last, (0, 0));
        by_lines >= share_min && by_lines >= STORM_RATIO_MIN * by_clock
    }

    fn shares(&self, first: Timestamp, last: Timestamp, own: (u64, u64)) -> (f64, f64) {
        let whole = self
            .span
            .map_or(0.0, |span| seconds_between(span.first, span.last))
            + 1.0;
        let by_clock = seconds_between(first, last).max(1.0) / whole;
        let until = self.times.partition_point(|time| *time <= last);
        let from = self.times.partition_point(|time| *time < first);
        let others = (until.saturating_sub(from) as u64).saturating_sub(own.0);
        let all = (self.times.len() as u64).saturating_sub(own.1) + LINES_PRIOR;
        (by_clock, others as f64 / all as f64)
    }

    /// Whether it logged anything after one instant and before another; of what is dense only five
    /// minutes that lie wholly between count.
    pub fn is_alive_between(&self, after: Timestamp, before: Timestamp) -> bool {
        let next = self.times.partition_point(|time| *time <= after);
        let (first, last) = (Slot::index_of(after), Slot::index_of(before));
        let slot = self.slots.partition_point(|slot| *slot <= first);
        self.times.get(next).is_some_and(|time| *time < before)
            || self.slots.get(slot).is_some_and(|slot| *slot < last)
    }
}

/// All hosts over all patterns.
#[derive(Debug, Default)]
pub struct Fleet<'a> {
    hosts: Vec<(Option<&'a str>, Activity)>,
    all: Activity,
}

impl<'a> Fleet<'a> {
    /// The fleet of a corpus.
    pub fn of(corpus: &'a Corpus) -> Self {
        let mut parts: HashMap<Option<&str>, Vec<&Host>, RandomState> = HashMap::default();
        for host in corpus.patterns.values().flat_map(|p| p.hosts.as_slice()) {
            parts.entry(host.name.as_deref()).or_default().push(host);
        }
        let hosts = parts.into_iter();
        let mut hosts: Vec<_> = hosts
            .map(|(name, parts)| (name, Activity::of(&parts)))
            .collect();
        hosts.sort_unstable_by_key(|(name, _)| *name);
        let mut all = Activity {
            span: corpus.span,
            times: Vec::with_capacity(hosts.iter().map(|(_, host)| host.times.len()).sum()),
            ..Activity::default()
        };
        for (_, host) in &hosts {
            all.times.extend_from_slice(&host.times);
            all.add_slots(host.slots.iter().copied());
        }
        all.times.sort();
        all.unite_slots();
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
    pub fn host(&self, name: Option<&str>) -> Option<&Activity> {
        let place = self.hosts.binary_search_by(|(key, _)| (*key).cmp(&name));
        place.ok().map(|place| &self.hosts[place].1)
    }

    /// All hosts as one.
    pub fn all(&self) -> &Activity {
        &self.all
    }

    /// Seconds from the first to past the last event of the input, at least 1.
    pub fn seconds(&self) -> f64 {
        let seconds = |span: Span| span.last.seconds() - span.first.seconds() + 1;
        self.all.span.map_or(1, seconds).max(1) as f64
    }
}

/// How far the intervals of a clock may be apart, as a share of the longest.
const CLOCK_SHARE_MAX: f64 = 0.01;

/// The seconds of a day.
const DAY_SECONDS: f64 = 86_400.0;

/// Days over which a time is looked for at the same hour, as many as have times in memory.
const DAYS_MAX: u32 = 14;

/// How far a daily job may begin from its hour.
const DAILY_SECONDS_MAX: f64 = 60.0;

/// The share of times that must come again at the same hour of another day.
const DAILY_SHARE_MIN: f64 = 0.9;

/// Whether sorted times, even few, are all one interval apart, as what a job does is, or nearly all come
/// again at the same hour of another day, as what several jobs do each night.
pub fn are_by_clock(times: &[Timestamp]) -> bool {
    let intervals = times.windows(2);
    let intervals = intervals.map(|two| seconds_between(two[0], two[1]));
    let (least, most) = intervals.fold((f64::MAX, 0.0_f64), |(least, most), interval| {
        (least.min(interval), most.max(interval))
    });
    let daily = || times.iter().filter(|time| is_daily(times, **time)).count();
    most - least <= CLOCK_SHARE_MAX * most || daily() as f64 >= DAILY_SHARE_MIN * times.len() as f64
}

/// Whether one of sorted times lies a whole number of days from an instant.
fn is_daily(times: &[Timestamp], time: Timestamp) -> bool {
    let days = (1..=DAYS_MAX).map(|days| f64::from(days) * DAY_SECONDS);
    let mut away = days.flat_map(|seconds| [-seconds, seconds]);
    away.any(|seconds| {
        let first = moved(time, seconds - DAILY_SECONDS_MAX);
        let place = times.partition_point(|other| *other < first);
        let last = moved(time, seconds + DAILY_SECONDS_MAX);
        times.get(place).is_some_and(|other| *other <= last)
    })
}

/// The longest outage must be shorter where no word tells that it was one.
pub const OUTAGE_SECONDS_MAX_STRANGE: f64 = 450.0;

/// How far an interval may be from the middle one and still be regular, as a share of it.
const TOLERANCE: f64 = 0.25;
/// The same in seconds, for quick signals of which a stamp tells whole seconds only.
const TOLERANCE_SECONDS: f64 = 1.5;

/// The middle one of the intervals between sorted times, in seconds, and the share of all that are
/// nearly as long; `None` for fewer than two times.
pub fn cadence(times: &[Timestamp]) -> Option<(f64, f64)> {
    let pairs = times.windows(2);
    let mut intervals: Vec<f64> = pairs
        .map(|pair| seconds_between(pair[0], pair[1]))
        .collect();
    let half = intervals.len() / 2;
    if intervals.is_empty() {
        return None;
    }
    let (_, middle, _) = intervals.select_nth_unstable_by(half, f64::total_cmp);
    let middle = *middle;
    let tolerance = (TOLERANCE * middle).max(TOLERANCE_SECONDS);
    let regular = intervals
        .iter()
        .filter(|s| (*s - middle).abs() <= tolerance);
    Some((middle, regular.count() as f64 / intervals.len() as f64))
}

/// Seconds between two instants, to the microsecond.
pub fn seconds_between(first: Timestamp, last: Timestamp) -> f64 {
    last.0.saturating_sub(first.0) as f64 / Timestamp::MICROS as f64
}

/// An instant moved by seconds.
pub fn moved(time: Timestamp, seconds: f64) -> Timestamp {
    let micros = seconds * Timestamp::MICROS as f64;
    Timestamp(time.0.saturating_add(micros as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_clock_sets_what_comes_at_one_interval_or_at_the_same_hours_of_each_day() {
        let by_clock = |seconds: &[i64]| {
            let times = seconds
                .iter()
                .map(|second| Timestamp::from_seconds(*second));
            are_by_clock(&times.collect::<Vec<_>>())
        };
        assert!(by_clock(&[9_000, 29_000, 49_000]));
        assert!(by_clock(&[7_200, 14_410, 93_603, 100_800]));
        assert!(!by_clock(&[7_200, 14_410, 95_603, 100_800]));
        assert!(!by_clock(&[9_000, 31_000, 48_000]));
    }

    proptest! {
        #[test]
        fn the_slots_of_a_host_are_those_of_all_its_parts(
            parts in prop::collection::vec(prop::collection::vec(0i32..40, 0..12), 0..12),
        ) {
            let mut activity = Activity::default();
            for part in &parts {
                let mut part = part.clone();
                part.sort_unstable();
                activity.add_slots(part.into_iter());
            }
            activity.unite_slots();
            let expected: BTreeSet<i32> = parts.into_iter().flatten().collect();
            prop_assert!(activity.slots.iter().copied().eq(expected));
        }
    }
}
