//! Steady signals of the nights before that did not come tonight at all: a heartbeat, or a job of
//! every night.
//!
//! Told the first night only; after that the nights before were not steady. What memory cannot know is
//! which files it was given: where much of a host is missing at once, its log was split or not read.

use super::{GAP_SECONDS_MIN, Gap, INTERVALS_MIN, PERIODS_MIN, REGULAR_SHARE_MIN};
use crate::corpus::Corpus;
use crate::detect::Night;
use crate::detect::timeline::{cadence, moved, seconds_between};
use crate::event::Timestamp;
use crate::finding::{Finding, SilenceScope};
use crate::group::Group;
use crate::history::{HOURS, History, HostNight, Past, PastNight};
use crate::lexicon;
use std::collections::{BTreeMap, BTreeSet};

/// The latest nights in which a heartbeat must have been regular.
const BEAT_NIGHTS: usize = 3;
/// The latest nights in which a job must have come.
const JOB_NIGHTS: usize = 5;
/// Events of a job in a night at most.
const JOB_EVENTS_MAX: usize = 3;
/// How far the times of day of a job may lie apart, and how long it is waited for.
const JOB_SECONDS: f64 = 3600.0;
const DAY_SECONDS: f64 = 86_400.0;
/// Parts of the input in each of which a host must have logged for a heartbeat to be missed.
const PARTS: u32 = 4;
/// Steady patterns of a host that may be missing at once, and the share of them from which more are
/// taken for a log that was not read.
const MISSING_MAX: usize = 2;
const MISSING_SHARE_MAX: f64 = 0.25;
/// Hosts from which one that is missing can be told from an input of other hosts.
const FLEET_MIN: usize = 4;
/// The share of the usual hosts that must be there.
const FLEET_SHARE_MIN: f64 = 0.75;

/// A signal that was steady on a host.
#[derive(Debug, Clone, Copy)]
struct Steady {
    period_seconds: f64,
    last: Timestamp,
    /// Events of the latest night.
    count: usize,
}

/// The groups of the patterns that were steady somewhere and are absent tonight everywhere, sorted by
/// id: they have no events, and may still be found to be silent.
pub fn expected(corpus: &Corpus, history: &History) -> Vec<Group> {
    let absent = history.patterns.iter();
    let absent = absent.filter(|(id, _)| !corpus.patterns.contains_key(*id));
    let steady = absent.filter(|(_, past)| {
        let mut hosts = hosts_of(&[past]).into_iter();
        hosts.any(|host| steady(history, &[past], host).is_some())
    });
    let mut groups: Vec<Group> = steady
        .map(|(id, past)| Group {
            id: *id,
            pattern: past.pattern.clone(),
            service: past.service.clone(),
            members: smallvec::smallvec![*id],
        })
        .collect();
    groups.sort_unstable_by_key(|group| group.id);
    groups
}

/// What is silent all night, at most one finding a group.
pub fn absences(night: &Night<'_>) -> BTreeMap<usize, Finding> {
    let mut known: BTreeMap<Option<&str>, Vec<(usize, Steady, bool)>> = BTreeMap::new();
    let groups = night.groups.iter().zip(night.profiles()).enumerate();
    for (index, (group, _)) in groups.filter(|(_, (_, profile))| profile.past.is_known) {
        let pasts = group.members.iter().filter_map(|id| night.history.get(*id));
        let pasts: Vec<&Past> = pasts.collect();
        for host in hosts_of(&pasts) {
            let Some(steady) = steady(night.history, &pasts, host) else {
                continue;
            };
            let is_there = night.profiles()[index].on(host).is_some();
            known
                .entry(host)
                .or_default()
                .push((index, steady, is_there));
        }
    }
    let replaced = replaced(night);
    let mut found = BTreeMap::new();
    for (host, mut signals) in known {
        let all = signals.len();
        signals.retain(|(_, _, is_there)| !is_there);
        signals.sort_by_key(|(group, steady, _)| (std::cmp::Reverse(steady.count), *group));
        let Some(activity) = night.fleet.host(host) else {
            let gap = signals.first().and_then(|(group, steady, _)| {
                let end = night.fleet.all().span?.last;
                is_missing_host(night, host).then(|| (*group, steady.gap(end)))
            });
            if let Some((group, gap)) = gap {
                found.insert(group, gap.finding(group, host, SilenceScope::Host));
            }
            continue;
        };
        if signals.len() > MISSING_MAX && signals.len() as f64 > MISSING_SHARE_MAX * all as f64 {
            continue;
        }
        for (group, steady, _) in signals {
            let service = night.groups[group].service.as_deref();
            let Some(end) = activity.span.map(|span| span.last) else {
                continue;
            };
            let is_told = replaced.contains(&(service, host)) || was_stopped(night, group, host);
            if !is_told && is_overdue(night, host, &steady) {
                let finding = steady.gap(end).finding(group, host, SilenceScope::Pattern);
                found.entry(group).or_insert(finding);
            }
        }
    }
    found
}

impl Steady {
    fn gap(&self, end: Timestamp) -> Gap {
        Gap {
            period_seconds: self.period_seconds,
            since: self.last,
            until: None,
            end,
        }
    }
}

/// The hosts on which patterns occurred in any loaded night.
fn hosts_of<'p>(pasts: &[&'p Past]) -> BTreeSet<Option<&'p str>> {
    let nights = pasts.iter().filter_map(|past| past.nights.last());
    let hosts = nights.flat_map(|night| &night.hosts);
    hosts.map(|host| host.name.as_deref()).collect()
}

/// When patterns came to a host in one night: to the second, or the hours in which they did.
#[derive(Debug, Default)]
struct Beats {
    times: Vec<Timestamp>,
    count: usize,
    is_exact: bool,
}

impl Beats {
    fn of(night: &PastNight, known: &[&HostNight]) -> Self {
        let all: Option<Vec<&[u32]>> = known.iter().map(|host| host.times.as_deref()).collect();
        let is_exact = all.is_some();
        let seconds: Vec<u32> = match all {
            Some(all) => all.concat(),
            None => (0..)
                .step_by(3600)
                .zip(hours(known))
                .filter(|h| h.1 > 0)
                .map(|h| h.0)
                .collect(),
        };
        let times = seconds
            .iter()
            .map(|second| moved(night.start, f64::from(*second)));
        let mut times: Vec<Timestamp> = times.collect();
        times.sort_unstable();
        Beats {
            times,
            count: known.iter().map(|host| host.count as usize).sum(),
            is_exact,
        }
    }
}

fn hours(known: &[&HostNight]) -> [u32; HOURS] {
    let mut sums = [0u32; HOURS];
    for host in known {
        for (sum, events) in sums.iter_mut().zip(host.hours) {
            *sum = sum.saturating_add(events);
        }
    }
    sums
}

/// How patterns came to a host in the latest nights, if steadily.
fn steady(history: &History, pasts: &[&Past], host: Option<&str>) -> Option<Steady> {
    let nights = history.covered().rev().take(JOB_NIGHTS);
    let nights = nights.map_while(|(index, night)| {
        let of_night = pasts.iter().filter_map(|past| past.in_night(index));
        let known: Vec<&HostNight> = of_night.filter_map(|night| night.on(host)).collect();
        (!known.is_empty()).then(|| Beats::of(night, &known))
    });
    let nights: Vec<Beats> = nights.collect();
    let latest = nights.first()?;
    let period_seconds = beat(&nights).or_else(|| job(&nights))?;
    Some(Steady {
        period_seconds,
        last: *latest.times.last()?,
        count: latest.count,
    })
}

/// The period of a heartbeat, given the latest nights, the last night first. Of that one the hours
/// are enough: where tonight starts within a day, nothing more is known of the part before.
fn beat(nights: &[Beats]) -> Option<f64> {
    let latest = nights.get(..BEAT_NIGHTS)?;
    let mut longest = None;
    for (back, night) in latest.iter().enumerate() {
        if night.count <= INTERVALS_MIN || !night.is_exact && back > 0 {
            return None;
        }
        if night.is_exact {
            let (middle, share) = cadence(&night.times)?;
            if middle < 1.0 || share < REGULAR_SHARE_MIN {
                return None;
            }
            longest = Some(middle.max(longest.unwrap_or(0.0)));
        }
    }
    longest
}

/// The period of a job of every night, a day.
fn job(nights: &[Beats]) -> Option<f64> {
    let is_job = nights.len() == JOB_NIGHTS && nights.iter().all(|n| n.count <= JOB_EVENTS_MAX);
    let firsts: Option<Vec<Timestamp>> = nights.iter().map(|n| n.times.first().copied()).collect();
    let firsts = firsts?;
    let is_daily = firsts.iter().enumerate().all(|(back, first)| {
        let same = moved(*first, back as f64 * DAY_SECONDS);
        seconds_between(same, firsts[0]).abs() <= JOB_SECONDS
    });
    (is_job && is_daily).then_some(DAY_SECONDS)
}

/// Whether tonight's log of a host lasts long enough, and without a hole, for a signal to be missed.
fn is_overdue(night: &Night<'_>, host: Option<&str>, steady: &Steady) -> bool {
    let Some((activity, span)) = night.fleet.host(host).and_then(|a| Some((a, a.span?))) else {
        return false;
    };
    if steady.period_seconds >= DAY_SECONDS {
        let due = moved(steady.last, steady.period_seconds);
        let (first, last) = (moved(due, -JOB_SECONDS), moved(due, JOB_SECONDS));
        return span.first <= first
            && last <= span.last
            && activity.is_alive_between(first, due)
            && activity.is_alive_between(due, last);
    }
    let seconds = seconds_between(span.first, span.last);
    let part = seconds / f64::from(PARTS);
    let is_long = part >= (PERIODS_MIN * steady.period_seconds).max(GAP_SECONDS_MIN);
    let alive = |part_of: u32| {
        let first = moved(span.first, part * f64::from(part_of));
        activity.is_alive_between(first, moved(first, part))
    };
    is_long && (0..PARTS).all(alive)
}

/// The services that say something tonight on a host that nobody heard before: new wording may have
/// replaced the old.
fn replaced<'n>(night: &'n Night<'_>) -> BTreeSet<(Option<&'n str>, Option<&'n str>)> {
    let new = night.groups.iter().enumerate();
    let new = new.filter(|(group, _)| night.arrival(*group) == Some(0));
    new.flat_map(|(group, of)| {
        let hosts = night.profiles()[group].hosts.iter();
        hosts.map(|timeline| (of.service.as_deref(), timeline.host()))
    })
    .collect()
}

/// Whether the night before told of a stop of the service in good order, on that host.
fn was_stopped(night: &Night<'_>, group: usize, host: Option<&str>) -> bool {
    let Some(service) = night.groups[group].service.as_deref() else {
        return false;
    };
    let Some((index, _)) = night.history.covered().next_back() else {
        return false;
    };
    let mut patterns = night.history.patterns.values();
    patterns.any(|past| {
        let names = past.service.as_deref() == Some(service) || past.pattern.contains(service);
        let was_there = || {
            past.in_night(index)
                .is_some_and(|night| night.on(host).is_some())
        };
        names && was_there() && lexicon::tells_stop(&past.pattern)
    })
}

/// Whether a host that was there every night is missing while nearly all others are there.
fn is_missing_host(night: &Night<'_>, host: Option<&str>) -> bool {
    let latest: Vec<_> = night.history.covered().rev().take(BEAT_NIGHTS).collect();
    let was_there = |name: &Option<std::sync::Arc<str>>| {
        let mut nights = latest.iter();
        nights.all(|(_, night)| night.hosts.iter().any(|(known, _)| known == name))
    };
    let Some((_, before)) = latest.first() else {
        return false;
    };
    let usual = before.hosts.iter().map(|(name, _)| name);
    let usual: Vec<_> = usual.filter(|name| was_there(name)).collect();
    let present = usual
        .iter()
        .filter(|name| night.fleet.host(name.as_deref()).is_some());
    let is_long = night.fleet.seconds() >= JOB_SECONDS;
    is_long
        && usual.len() >= FLEET_MIN
        && present.count() as f64 >= FLEET_SHARE_MIN * usual.len() as f64
        && usual.iter().any(|name| name.as_deref() == host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::silence::Silences;
    use crate::detect::testing::{Line, corpus, history};
    use crate::detect::{Detector, Thresholds};
    use crate::finding::Evidence;

    const BEAT: &str = "heartbeat ok seq=4";
    const JOB: &str = "archived the ledger";

    fn others(until: i64) -> Vec<Line> {
        let at = (0..until / 90).map(|n| n * 90 + n % 7);
        at.map(|at| (Some(at), None, "request done")).collect()
    }

    /// How many items tell that a message is absent tonight, which came at these seconds of each of
    /// some nights before.
    fn silent(message: &'static str, seconds: &[u32], nights: usize, tonight: &[Line]) -> Vec<u64> {
        let mut memory = history(
            &corpus(&[(Some(0), None, message)]),
            &vec![9; nights],
            "db1",
        );
        for past in memory.patterns.values_mut() {
            for host in past.nights.iter_mut().flat_map(|night| &mut night.hosts) {
                (host.count, host.times) = (seconds.len() as u64, Some(seconds.into()));
            }
        }
        let others = history(&corpus(&others(100)), &vec![960; nights], "db1");
        memory.patterns.extend(others.patterns);
        let corpus = corpus(tonight);
        let mut groups = crate::group::group(&corpus.patterns);
        groups.extend(expected(&corpus, &memory));
        let night = Night::new(&corpus, &groups, &memory, Thresholds::default());
        let found = Silences.detect(&night).into_iter();
        let missed = found.filter_map(|finding| match finding.evidence {
            Evidence::Silence(silence) => Some(silence.missed),
            _ => None,
        });
        missed.collect()
    }

    fn beats() -> Vec<u32> {
        (0..144).map(|n| n * 600).collect()
    }

    #[test]
    fn a_heartbeat_and_a_job_that_do_not_come_at_all_are_told_once() {
        assert_eq!(silent(BEAT, &beats(), 3, &others(86_400)), [144]);
        assert_eq!(silent(JOB, &[9_000], 5, &others(86_400)), [1]);
    }

    #[test]
    fn it_is_quiet_on_a_short_log_a_short_memory_and_what_came() {
        assert!(silent(BEAT, &beats(), 2, &others(86_400)).is_empty());
        assert!(silent(BEAT, &beats(), 3, &others(3_000)).is_empty());
        assert!(silent(JOB, &[9_000], 4, &others(86_400)).is_empty());
        assert!(silent(JOB, &[9_000], 5, &others(9_500)).is_empty());
        let mut there = others(86_400);
        there.push((Some(20_000), None, JOB));
        assert!(silent(JOB, &[9_000], 5, &there).is_empty());
        let mut reworded = others(86_400);
        reworded.push((Some(20_000), None, "heartbeat fine of release 7"));
        assert!(silent(BEAT, &beats(), 3, &reworded).is_empty());
    }
}
