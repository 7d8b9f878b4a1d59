//! Silence: a steady signal that stops.

use super::fleet::Activity;
use super::timeline::{Timeline, cadence, may_be_regular, middle_may_be_within};
use super::timeline::{moved, seconds_between};
use super::{Detector, Night, past};
use crate::event::Timestamp;
use crate::finding::{Evidence, Finding, Signal, Silence, SilenceScope};
use crate::history::{HostNight, Past, PastNight};
use crate::lexicon;
use std::collections::{BTreeMap, BTreeSet};

pub use absence::expected;

mod absence;

/// What a silence is worth.
const POINTS: f64 = 0.55;
/// Intervals from which a cadence is known.
const INTERVALS_MIN: usize = 12;
/// The share of the intervals that must be regular.
const REGULAR_SHARE_MIN: f64 = 0.8;
/// Periods without an event that make a silence.
const PERIODS_MIN: f64 = 4.0;
/// Seconds that make a silence at least: shorter ones are hiccups.
const GAP_SECONDS_MIN: f64 = 300.0;
/// The share of the gap's length for which the signal must have been steady.
const STEADY_SHARE_MIN: f64 = 0.33;
/// Seconds for which it must have been.
const STEADY_SECONDS_MIN: f64 = 1800.0;
/// Gaps of this length from which stopping is its habit.
const GAPS_HABIT: usize = 4;
const DAY_SECONDS: f64 = 86_400.0;
/// How long before and after the last event an orderly stop may be told, beside a period.
const STOP_SECONDS: f64 = 60.0;

/// The detector of steady signals that stop.
#[derive(Debug)]
pub struct Silences;

impl Detector for Silences {
    fn signal(&self) -> Signal {
        Signal::Silence
    }

    fn doc(&self) -> &'static str {
        "What it sees: a line that comes on a host at a regular interval, as a heartbeat or a job \
         does, and then for at least 4 intervals does not, though the host goes on logging; also if \
         it came back since. A host that logs nothing at all is one item and not one for each of \
         its lines. By memory, what came steadily in each of the last 3 nights, or at one hour in each \
         of the last 5, is silent if it does not come at all tonight while its host logs all \
         through the time. The end of the log is no silence, nor is a stop that was told in good order \
         (\"Stopping ...\"), nor a pause that is its habit, tonight or at the same time of at least two \
         and half of the other nights, or of the night a week ago.\n\
         Why it matters: no alert is raised by what is not there.\n\
         Formula: an interval is regular if within 25 % of the middle one; 80 % of at least 12 must \
         be, for half an hour and a third of the silence. Worth 0.55.\n\
         Example: a backup agent beats every 10 minutes, and from 11:20 to 12:30 it does not."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let stops = stops(night);
        let mut found = Vec::new();
        // A silent host is told by its busiest steady pattern.
        let mut hosts: BTreeMap<Option<&str>, (u64, usize, Gap)> = BTreeMap::new();
        for (group, profile) in night.profiles().iter().enumerate() {
            // On no host can it come more often.
            if profile.dated <= INTERVALS_MIN as u64 {
                continue;
            }
            let mut of_group: Option<(Gap, Option<&str>)> = None;
            for timeline in &profile.hosts {
                let Some(gap) = gap(night, timeline) else {
                    continue;
                };
                let host = timeline.host();
                match scope(night, host, &gap) {
                    None => {}
                    _ if is_planned(night, &stops, group, host, &gap) => {}
                    _ if is_nightly(night, group, host, &gap) => {}
                    Some(SilenceScope::Host) => {
                        let candidate = (timeline.count(), group, gap);
                        let kept = hosts.entry(host).or_insert(candidate);
                        if candidate.0 > kept.0 {
                            *kept = candidate;
                        }
                    }
                    Some(SilenceScope::Pattern) => {
                        let longest = of_group.filter(|(kept, _)| kept.missed() >= gap.missed());
                        of_group = longest.or(Some((gap, host)));
                    }
                }
            }
            let told = of_group.map(|(gap, host)| gap.finding(group, host, SilenceScope::Pattern));
            found.extend(told);
        }
        let mut of_hosts: BTreeMap<usize, Finding> = BTreeMap::new();
        for (host, (_, group, gap)) in hosts {
            let finding = gap.finding(group, host, SilenceScope::Host);
            of_hosts.entry(group).or_insert(finding);
        }
        found.retain(|finding: &Finding| !of_hosts.contains_key(&finding.group));
        found.extend(of_hosts.into_values());
        let told: BTreeSet<usize> = found.iter().map(|finding| finding.group).collect();
        let absent = absence::absences(night).into_iter();
        found.extend(
            absent
                .filter(|(group, _)| !told.contains(group))
                .map(|(_, f)| f),
        );
        found
    }
}

/// A stretch of time in which a steady signal did not come.
#[derive(Debug, Clone, Copy)]
struct Gap {
    period_seconds: f64,
    since: Timestamp,
    /// `None` while it lasts.
    until: Option<Timestamp>,
    /// When it ends, or what is known to lie within it when it lasts.
    end: Timestamp,
}

impl Gap {
    fn seconds(&self) -> f64 {
        seconds_between(self.since, self.end)
    }

    fn missed(&self) -> u64 {
        (self.seconds() / self.period_seconds).round().max(2.0) as u64 - 1
    }

    fn finding(&self, group: usize, host: Option<&str>, scope: SilenceScope) -> Finding {
        Finding {
            group,
            signal: Signal::Silence,
            points: POINTS,
            evidence: Evidence::Silence(Box::new(Silence {
                host: host.map(String::from),
                scope,
                period_seconds: self.period_seconds,
                since: self.since,
                until: self.until,
                missed: self.missed(),
            })),
        }
    }
}

/// The longest gap of a steady signal, if it is long enough.
fn gap(night: &Night<'_>, timeline: &Timeline<'_>) -> Option<Gap> {
    let times = timeline.times()?;
    let last = *times.last()?;
    let end = if night.fleet.has_several() {
        night.fleet.all().span?.last
    } else {
        night.fleet.host(timeline.host())?.span?.last
    };
    let ongoing = seconds_between(last, end);
    let longest = longest_interval(times).max(ongoing);
    // Of most signals no gap is long enough, whatever their period.
    if longest < GAP_SECONDS_MIN {
        return None;
    }
    let period_seconds = period(times, longest / PERIODS_MIN)?;
    let intervals: Vec<f64> = times
        .windows(2)
        .map(|pair| seconds_between(pair[0], pair[1]))
        .collect();
    let least = (PERIODS_MIN * period_seconds).max(GAP_SECONDS_MIN);
    let is_gap = |seconds: &f64| *seconds >= least;
    if intervals.iter().filter(|seconds| is_gap(seconds)).count() >= GAPS_HABIT {
        return None;
    }
    // A handful of lines that followed one another quickly is no steady signal.
    let steady: f64 = intervals.iter().filter(|seconds| !is_gap(seconds)).sum();
    let is_steady = |gap: f64| steady >= (gap * STEADY_SHARE_MIN).max(STEADY_SECONDS_MIN);

    let (index, longest) = intervals
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)))?;
    if is_gap(longest) && *longest >= ongoing && is_steady(*longest) {
        let (since, until) = (times[index], times[index + 1]);
        return Some(Gap {
            period_seconds,
            since,
            until: Some(until),
            end: until,
        });
    }
    (is_gap(&ongoing) && is_steady(ongoing)).then_some(Gap {
        period_seconds,
        since: last,
        until: None,
        end,
    })
}

/// The longest interval between sorted times, in seconds.
fn longest_interval(times: &[Timestamp]) -> f64 {
    let intervals = times.windows(2);
    let longest = intervals.map(|pair| pair[1].0.wrapping_sub(pair[0].0) as u64);
    longest.max().unwrap_or(0) as f64 / Timestamp::MICROS as f64
}

/// The interval of a steady signal; of one whose interval is longer than this it may be left out.
fn period(times: &[Timestamp], seconds_max: f64) -> Option<f64> {
    let may_be_steady = times.len() > INTERVALS_MIN
        && may_be_regular(times, REGULAR_SHARE_MIN)
        && middle_may_be_within(times, seconds_max);
    if !may_be_steady {
        return None;
    }
    let (middle, share) = cadence(times)?;
    (middle >= 1.0 && share >= REGULAR_SHARE_MIN).then_some(middle)
}

/// What fell silent; `None` where nothing is known to have logged in the gap at all.
fn scope(night: &Night<'_>, host: Option<&str>, gap: &Gap) -> Option<SilenceScope> {
    // A host dies between two beats: what it says within a period of the gap's ends tells nothing.
    let first = moved(gap.since, gap.period_seconds);
    let last = moved(gap.end, -gap.period_seconds);
    let is_alive = |activity: &Activity| activity.is_alive_between(first, last);
    if is_alive(night.fleet.host(host)?) {
        return Some(SilenceScope::Pattern);
    }
    // A short gap has no slot to itself in which the others could have been heard.
    is_alive(night.fleet.all()).then_some(SilenceScope::Host)
}

/// Whether the signal paused at the same time of other nights too.
fn is_nightly(night: &Night<'_>, group: usize, host: Option<&str>, gap: &Gap) -> bool {
    let Some(span) = night.corpus.span else {
        return false;
    };
    let members = night.groups[group].members.iter();
    let pasts: Vec<&Past> = members.filter_map(|id| night.history.get(*id)).collect();
    // Within a period of the gap's ends an event may come sooner or later than tonight.
    let first = moved(gap.since, gap.period_seconds).max(span.first);
    let last = moved(gap.end, -gap.period_seconds);
    let paused = |(index, past): (usize, &PastNight)| -> Option<bool> {
        let of_night = pasts.iter().filter_map(|past| past.in_night(index));
        let here: Vec<&HostNight> = of_night.filter_map(|night| night.on(host)).collect();
        // The nights end where tonight starts, and have no holes.
        let days = (night.history.nights.len() - index) as f64;
        let back = |time| seconds_between(past.start, moved(time, -days * DAY_SECONDS));
        let stretch = back(first)..back(last);
        let mut times = here.iter().filter_map(|known| known.times.as_deref());
        let events: u64 = here.iter().map(|known| known.count).sum();
        let is_known = events >= INTERVALS_MIN as u64 && stretch.start >= 0.0;
        let came = |times: &[u32]| times.iter().any(|at| stretch.contains(&f64::from(*at)));
        (is_known && here.iter().all(|known| known.times.is_some())).then(|| !times.any(came))
    };
    let nights: Vec<Option<bool>> = night
        .history
        .nights
        .iter()
        .enumerate()
        .map(paused)
        .collect();
    past::is_rhythm(&nights)
}

/// Whether a stop of the service was told in good order when the silence began.
fn is_planned(
    night: &Night<'_>,
    stops: &[usize],
    group: usize,
    host: Option<&str>,
    gap: &Gap,
) -> bool {
    let Some(service) = night.groups[group].service.as_deref() else {
        return false;
    };
    // Instance numbers are masked in a service's name, and may stand bare elsewhere.
    let name = service
        .split('<')
        .next()
        .unwrap_or(service)
        .to_ascii_lowercase();
    let slack = gap.period_seconds + STOP_SECONDS;
    let (first, last) = (moved(gap.since, -slack), moved(gap.since, slack));
    let is_near = |other: &&usize| {
        let here = night.profiles()[**other].on(host);
        **other != group && here.is_some_and(|timeline| timeline.has_event_in(first, last))
    };
    stops.iter().filter(is_near).any(|other| {
        let same = night.groups[*other].service.as_deref() == Some(service);
        let names = |text: &str| name.len() > 2 && text.to_ascii_lowercase().contains(&name);
        let members = night.profiles()[*other].members.iter();
        let mut texts = members.flat_map(|pattern| {
            let examples = pattern.examples.as_slice().iter();
            examples.map(|e| &*e.text).chain([&*pattern.display])
        });
        same || texts.any(names)
    })
}

/// The groups that tell of a stop in good order.
fn stops(night: &Night<'_>) -> Vec<usize> {
    let profiles = night.profiles().iter().enumerate();
    let tell = profiles.filter(|(_, profile)| {
        let tells_stop = match &profile.members[..] {
            [_] => profile.states.tells_stop,
            members => members
                .iter()
                .any(|pattern| lexicon::tells_stop(&pattern.display)),
        };
        profile.trouble.is_none() && tells_stop
    });
    tell.map(|(group, _)| group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{HostLine, Line, found, found_on_hosts};

    const BEAT: &str = "heartbeat ok seq=4";

    /// A day of beats every ten minutes, and of other lines, without those within a gap.
    fn day(beat_gap: std::ops::Range<i64>, others_gap: std::ops::Range<i64>) -> Vec<Line> {
        let beats = (0..144)
            .map(|n| n * 600)
            .filter(|at| !beat_gap.contains(at));
        let others = (0..960)
            .map(|n| n * 90 + n % 7)
            .filter(|at| !others_gap.contains(at));
        let beats = beats.map(|at| (Some(at), None, BEAT));
        beats
            .chain(others.map(|at| (Some(at), None, "request done")))
            .collect()
    }

    fn silences(lines: &[Line]) -> Vec<Silence> {
        let evidence = found(&Silences, lines)
            .into_iter()
            .map(|finding| finding.evidence);
        evidence
            .filter_map(|evidence| match evidence {
                Evidence::Silence(silence) => Some(*silence),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn it_fires_on_a_steady_signal_that_pauses_or_ends_while_the_host_goes_on() {
        let paused = silences(&day(36_000..40_000, 0..0));
        let [silence] = paused.as_slice() else {
            panic!("{paused:?}");
        };
        assert_eq!((silence.period_seconds, silence.missed), (600.0, 7));
        assert_eq!(silence.until, Some(Timestamp::from_seconds(40_200)));
        assert_eq!(silence.scope, SilenceScope::Pattern);
        let ended = silences(&day(60_000..90_000, 0..0));
        assert_eq!((ended.len(), ended[0].until), (1, None));
    }

    #[test]
    fn it_is_quiet_on_the_end_of_the_log_a_planned_stop_and_irregular_lines() {
        assert!(found(&Silences, &day(60_000..90_000, 60_000..90_000)).is_empty());
        let mut planned = day(36_000..40_000, 0..0);
        planned.push((Some(35_900), None, "stopping in good order"));
        assert!(found(&Silences, &planned).is_empty());
        let irregular: Vec<Line> = (0..40).map(|n| (Some(n * n * 50), None, BEAT)).collect();
        assert!(found(&Silences, &irregular).is_empty());
    }

    #[test]
    fn a_silent_host_is_told_once_and_not_for_each_of_its_patterns() {
        let mut lines: Vec<HostLine> = day(36_000..46_000, 36_000..46_000)
            .into_iter()
            .map(|line| ("db1", line))
            .collect();
        lines.extend(
            (0..288)
                .map(|n| {
                    let pool = (Some(n * 300 + 7), None, "pool has room for more");
                    ("db1", pool)
                })
                .filter(|(_, line)| !(36_000..46_000).contains(&line.0.unwrap_or(0))),
        );
        lines.extend(day(0..0, 0..0).into_iter().map(|line| ("db2", line)));
        let found = found_on_hosts(&Silences, &lines);
        let [
            Finding {
                evidence: Evidence::Silence(silence),
                ..
            },
        ] = found.as_slice()
        else {
            panic!("{found:?}");
        };
        assert_eq!(
            (silence.scope, silence.host.as_deref()),
            (SilenceScope::Host, Some("db1"))
        );
    }
}
