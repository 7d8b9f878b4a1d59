//! When things happened: a group on each of its hosts.
//!
//! Facts only; what is too long a gap or too many events is the detectors' to say.

use crate::corpus::{Host, Pattern, SlotIter, Slots, Span};
use crate::event::Timestamp;
use smallvec::SmallVec;

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

/// How much longer than another an interval may be, both regular: a little more than what
/// [`TOLERANCE`] around the middle one allows.
const REGULAR_RATIO_MAX: f64 = 1.7;
/// How much longer it may be in microseconds: a little more than twice [`TOLERANCE_SECONDS`].
const REGULAR_MICROS_MAX: f64 = 3.1e6;

/// Whether [`cadence`] may find this share of the intervals regular. Of two neighbours that are too far
/// apart one at least is not; what comes at random is told by half of its intervals, none of them sorted.
pub fn may_be_regular(times: &[Timestamp], share_min: f64) -> bool {
    let intervals = times.len().saturating_sub(1);
    let mut irregular = 0;
    for three in times.windows(3).step_by(2) {
        let one = three[1].0.saturating_sub(three[0].0);
        let other = three[2].0.saturating_sub(three[1].0);
        let (short, long) = (one.min(other) as f64, one.max(other) as f64);
        if long > REGULAR_RATIO_MAX * short && long - short > REGULAR_MICROS_MAX {
            irregular += 1;
            if ((intervals - irregular) as f64 / intervals as f64) < share_min {
                return false;
            }
        }
    }
    true
}

/// What a bound is widened by where what it bounds is computed in other steps.
pub const SLACK: f64 = 1.0 + 1e-6;

/// Whether [`cadence`] may find the middle one of the intervals to be no longer than this: at least half of
/// them are, which takes no sorting to tell.
pub fn middle_may_be_within(times: &[Timestamp], seconds_max: f64) -> bool {
    let micros_max = (seconds_max * SLACK * Timestamp::MICROS as f64).ceil() as i64;
    let pairs = times.windows(2);
    let within = pairs.filter(|pair| pair[1].0.saturating_sub(pair[0].0) <= micros_max);
    within.count() > times.len().saturating_sub(1) / 2
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

    proptest! {
        #[test]
        fn what_is_regular_is_never_ruled_out(
            intervals in prop::collection::vec(0i64..9_000_000, 0..40),
            beat in 0i64..200_000_000,
            share_min in 0.0..1.0,
        ) {
            let mut at = Timestamp(0);
            let step = |interval: i64| {
                at.0 += beat + interval * beat / 12_000_000 + interval % 7;
                at
            };
            let times: Vec<Timestamp> = intervals.into_iter().map(step).collect();
            let is_regular = cadence(&times).is_some_and(|(_, share)| share >= share_min);
            prop_assert!(!is_regular || may_be_regular(&times, share_min));
        }

        #[test]
        fn a_middle_interval_within_a_bound_is_never_ruled_out(
            intervals in prop::collection::vec(0i64..9_000_000, 0..40),
            seconds_max in 0.0..10.0,
        ) {
            let step = |at: &mut i64, interval: i64| {
                *at += interval;
                Some(Timestamp(*at))
            };
            let times: Vec<Timestamp> = intervals.into_iter().scan(0, step).collect();
            let middle = cadence(&times).map(|(middle, _)| middle);
            let is_within = middle.is_some_and(|middle| middle <= seconds_max);
            prop_assert!(!is_within || middle_may_be_within(&times, seconds_max));
            if let Some(seconds_max) = middle {
                prop_assert!(middle_may_be_within(&times, seconds_max));
            }
        }
    }

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
}
