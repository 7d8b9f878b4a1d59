//! When things happened: a group on each of its hosts, and each host over all groups.
//!
//! Facts only; what is too long a gap or too many events is the detectors' to say.

use crate::corpus::{Corpus, Host, Pattern, SLOT_SECONDS, Slot, Span};
use crate::event::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A group on one host.
#[derive(Debug)]
pub struct Timeline<'a> {
    /// The host; `None` stands for all events that name none.
    pub host: Option<&'a str>,
    /// Events.
    pub count: u64,
    /// From the first to the last dated one.
    pub span: Option<Span>,
    times: Option<Cow<'a, [Timestamp]>>,
    slots: Cow<'a, [Slot]>,
}

impl<'a> Timeline<'a> {
    /// The timelines of a group's patterns, sorted by host, those without a host first.
    pub fn of(members: &[&'a Pattern]) -> Vec<Self> {
        let mut hosts: BTreeMap<Option<&'a str>, Vec<&'a Host>> = BTreeMap::new();
        for host in members.iter().flat_map(|pattern| pattern.hosts.as_slice()) {
            hosts.entry(host.name.as_deref()).or_default().push(host);
        }
        let timelines = hosts.into_iter();
        timelines
            .map(|(name, parts)| Self::joined(name, &parts))
            .collect()
    }

    fn joined(host: Option<&'a str>, parts: &[&'a Host]) -> Self {
        let mut span = None;
        parts
            .iter()
            .for_each(|part| Span::join(&mut span, part.span));
        let times = match parts {
            [only] => only.times().map(Cow::Borrowed),
            parts => {
                let all: Option<Vec<&[Timestamp]>> = parts.iter().map(|p| p.times()).collect();
                all.map(|all| {
                    let mut all = all.concat();
                    all.sort_unstable();
                    Cow::Owned(all)
                })
            }
        };
        Timeline {
            host,
            count: parts.iter().map(|part| part.count).sum(),
            span,
            times,
            slots: joined_slots(parts),
        }
    }

    /// Events in each slot of five minutes that has any, sorted; empty where exact times are kept.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The seconds of the dated events, sorted; `None` where there are too many to keep.
    pub fn times(&self) -> Option<&[Timestamp]> {
        self.times.as_deref()
    }

    /// Whether an event lies in a stretch of time, both ends included; `false` where times are not
    /// kept.
    pub fn has_event_in(&self, first: Timestamp, last: Timestamp) -> bool {
        let times = self.times().unwrap_or_default();
        let from = times.partition_point(|time| *time < first);
        times.get(from).is_some_and(|time| *time <= last)
    }
}

/// The slots of a host's parts, those of the same five minutes added.
fn joined_slots<'a>(parts: &[&'a Host]) -> Cow<'a, [Slot]> {
    if let [only] = parts {
        return Cow::Borrowed(only.slots());
    }
    let mut slots: Vec<Slot> = parts
        .iter()
        .flat_map(|part| part.slots())
        .copied()
        .collect();
    slots.sort_unstable_by_key(|slot| slot.index);
    slots.dedup_by(|next, kept| {
        let is_same = next.index == kept.index;
        kept.count = kept
            .count
            .saturating_add(if is_same { next.count } else { 0 });
        is_same
    });
    Cow::Owned(slots)
}

/// The dated events of a group over time, on all hosts: start in seconds and events, sorted.
pub fn course(members: &[&Pattern]) -> (i64, Vec<(i64, u64)>) {
    let histograms = || members.iter().map(|pattern| &pattern.histogram);
    let width_seconds = histograms().map(|h| h.width_seconds()).max().unwrap_or(1);
    let mut course: Vec<(i64, u64)> = histograms()
        .flat_map(|h| h.buckets().iter().map(|b| (h.start_seconds(b), b.count)))
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
    slots: Vec<i32>,
    /// The exact times of all patterns that are not dense, sorted.
    times: Vec<Timestamp>,
}

impl Activity {
    fn add(&mut self, host: &Host) {
        Span::join(&mut self.span, host.span);
        let times = host.times().unwrap_or_default();
        self.slots
            .extend(times.iter().map(|time| Slot::index_of(*time)));
        self.slots
            .extend(host.slots().iter().map(|slot| slot.index));
        self.times.extend_from_slice(times);
    }

    fn sort(&mut self) {
        self.slots.sort_unstable();
        self.slots.dedup();
        self.times.sort_unstable();
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
        let mut hosts: BTreeMap<Option<&str>, Activity> = BTreeMap::new();
        for host in corpus.patterns.values().flat_map(|p| p.hosts.as_slice()) {
            hosts.entry(host.name.as_deref()).or_default().add(host);
        }
        let mut all = Activity {
            span: corpus.span,
            ..Activity::default()
        };
        for activity in hosts.values_mut() {
            activity.sort();
            all.slots.extend_from_slice(&activity.slots);
            all.times.extend_from_slice(&activity.times);
        }
        all.sort();
        Fleet {
            hosts: hosts.into_iter().collect(),
            all,
        }
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

/// Seconds between two instants, to the microsecond.
pub fn seconds_between(first: Timestamp, last: Timestamp) -> f64 {
    last.0.saturating_sub(first.0) as f64 / Timestamp::MICROS as f64
}

/// An instant moved by seconds.
pub fn moved(time: Timestamp, seconds: f64) -> Timestamp {
    let micros = seconds * Timestamp::MICROS as f64;
    Timestamp(time.0.saturating_add(micros as i64))
}
