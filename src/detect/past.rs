//! A group in the nights that memory knows: counts, hosts and peaks, one entry a night, and the exact
//! times that are remembered.
//!
//! Memory knows patterns; here those of one group are taken together.

use super::Night;
use super::timeline::{Timeline, moved};
use crate::event::Timestamp;
use crate::group::Group;
use crate::history::{HOURS, History, Past, PastNight, PatternNight};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A group in one earlier night of which something was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Earlier<'a> {
    /// Index of the night in [`History::nights`].
    pub night: usize,
    /// Dated events.
    pub count: u64,
    /// The named hosts.
    pub hosts: BTreeSet<&'a str>,
    /// Events in each hour of the night.
    pub hours: [u64; HOURS],
    /// Hours of the night that were read, at least 1.
    pub hours_read: usize,
    /// How many hosts logged anything in that night.
    pub fleet: usize,
}

impl Earlier<'_> {
    /// Events of its busiest hour.
    pub fn peak(&self) -> u64 {
        self.hours.iter().copied().max().unwrap_or(0)
    }
}

/// Nights that make a rhythm, if they are at least half of those in which it could have been.
const RHYTHM_NIGHTS_MIN: usize = 2;
/// Nights of a week: one night alone makes a rhythm if it was a week ago.
const WEEK_NIGHTS: usize = 7;

/// Whether what is so tonight is a rhythm: whether it was so, in earlier nights, oldest first, the last
/// of which is the one before tonight; `None` is a night that cannot tell.
pub fn is_rhythm(nights: &[Option<bool>]) -> bool {
    let told = nights.iter().flatten().count();
    let so = nights.iter().flatten().filter(|so| **so).count();
    let place = nights.len().checked_sub(WEEK_NIGHTS);
    let a_week_ago = place.is_some_and(|place| nights[place] == Some(true));
    so >= RHYTHM_NIGHTS_MIN && 2 * so >= told || a_week_ago
}

/// What is remembered of a group: the nights that were read, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroupPast<'a> {
    /// Every night of which something was read, also those without the group.
    pub nights: Vec<Earlier<'a>>,
    /// Whether any of its patterns was ever seen before.
    pub is_known: bool,
}

impl<'a> GroupPast<'a> {
    /// What a history has of a group.
    pub fn of(history: &'a History, group: &Group) -> Self {
        let pasts: Vec<_> = group
            .members
            .iter()
            .filter_map(|id| history.get(*id))
            .collect();
        let nights = history.covered().map(|(index, night)| {
            let parts = pasts.iter().filter_map(|past| past.in_night(index));
            earlier(index, night, parts)
        });
        GroupPast {
            nights: if pasts.is_empty() {
                Vec::new()
            } else {
                nights.collect()
            },
            is_known: !pasts.is_empty(),
        }
    }

    /// The nights in which it occurred.
    pub fn seen(&self) -> impl DoubleEndedIterator<Item = &Earlier<'a>> {
        self.nights.iter().filter(|night| night.count > 0)
    }
}

fn earlier<'a>(
    index: usize,
    night: &PastNight,
    parts: impl Iterator<Item = &'a PatternNight>,
) -> Earlier<'a> {
    let mut earlier = Earlier {
        night: index,
        hours_read: night.hours_read().len().max(1),
        fleet: night.hosts.len(),
        ..Earlier::default()
    };
    for part in parts {
        earlier.count += part.count;
        for (sum, events) in earlier.hours.iter_mut().zip(part.hours()) {
            *sum += events;
        }
        let names = part.hosts.iter().filter_map(|host| host.name.as_deref());
        earlier.hosts.extend(names);
    }
    earlier
}

/// When something came on one host.
#[derive(Debug, Clone, Default)]
pub struct Record<'p> {
    /// Every time, sorted.
    pub times: Cow<'p, [Timestamp]>,
    /// The nights in which it came.
    pub nights: usize,
}

/// A group on a host, tonight and before: of one night where nothing is remembered of it there; `None`
/// where tonight's times are not kept, or an earlier night had more events there than `events_max`.
pub fn with_past(
    night: &Night<'_>,
    group: usize,
    timeline: &Timeline<'_>,
    events_max: usize,
) -> Option<Record<'static>> {
    let members = night.groups[group].members.iter();
    let pasts = members.filter_map(|id| night.history.get(*id));
    let (mut times, mut nights) = (Vec::new(), BTreeSet::new());
    let on = (timeline.host(), events_max);
    for past in pasts {
        remembered(night.history, past, on, &mut times, &mut nights)?;
    }
    debug_assert!(night.profiles()[group].past.is_known || nights.is_empty());
    times.extend_from_slice(timeline.times()?);
    times.sort_unstable();
    Some(Record {
        times: Cow::Owned(times),
        nights: nights.len() + 1,
    })
}

/// Adds the remembered times of a pattern on a host; `None` where a night had more than so many.
pub fn remembered(
    history: &History,
    past: &Past,
    (host, events_max): (Option<&str>, usize),
    times: &mut Vec<Timestamp>,
    nights: &mut BTreeSet<usize>,
) -> Option<()> {
    for in_night in &past.nights {
        let (Some(here), Some(night)) = (in_night.on(host), history.nights.get(in_night.night))
        else {
            continue;
        };
        if here.count > events_max as u64 {
            return None;
        }
        let seconds = here.times.as_deref().unwrap_or_default();
        let in_order = seconds
            .iter()
            .map(|second| moved(night.start, f64::from(*second)));
        times.extend(in_order);
        nights.extend((!seconds.is_empty()).then_some(in_night.night));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Thresholds;
    use crate::detect::testing::{corpus, history};
    use crate::group::group;

    #[test]
    fn the_times_of_a_host_are_tonights_and_those_of_nights_that_were_not_too_frequent() {
        let corpus = corpus(&[(Some(40), None, "gate is closed")]);
        let groups = group(&corpus.patterns);
        let record = |counts: &[u64], events_max: usize| {
            let mut memory = history(&corpus, counts, "db1");
            let pasts = memory
                .patterns
                .values_mut()
                .flat_map(|past| &mut past.nights);
            for host in pasts.flat_map(|night| &mut night.hosts) {
                host.times = Some([7, 9].as_slice().into());
            }
            let night = Night::new(&corpus, &groups, &memory, Thresholds::default());
            let record = with_past(&night, 0, &night.profiles()[0].hosts[0], events_max)?;
            Some((record.times.len(), record.nights))
        };
        assert_eq!(record(&[100, 100], 150), Some((5, 3)));
        assert_eq!(record(&[100, 100], 60), None);
        assert_eq!(record(&[], 60), Some((1, 1)));
    }

    #[test]
    fn a_rhythm_is_what_most_nights_have_or_the_night_a_week_ago() {
        let (yes, no) = (Some(true), Some(false));
        assert!(is_rhythm(&[no, yes, yes]) && is_rhythm(&[yes, None, None, yes]));
        assert!(!is_rhythm(&[yes]) && !is_rhythm(&[yes, yes, no, no, no]));
        assert!(is_rhythm(&[yes, no, no, no, no, no, no]));
        assert!(!is_rhythm(&[]));
    }
}
