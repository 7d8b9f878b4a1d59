//! Habituation: what has been the same for nights loses attention.

use super::past::Earlier;
use super::profile::Trouble;
use super::timeline::{Timeline, seconds_between};
use super::{Detector, Night, Profile};
use crate::corpus::Span;
use crate::event::Severity;
use crate::finding::{Evidence, Finding, SeverityBasis, Signal};
use std::collections::BTreeSet;

/// Nights in which it must have been the same.
const NIGHTS_MIN: usize = 3;
/// The same for what is on nearly all hosts all the time: the sound of the place.
const NIGHTS_MIN_AMBIENT: usize = 1;
/// The same for what goes on evenly in nearly all hours.
const NIGHTS_MIN_EVEN: usize = 1;
/// The share of the hours of its hosts that is nearly all.
const EVEN_HOURS_SHARE: f64 = 0.75;
/// Events of a night from which one can speak of an even pace.
const EVEN_EVENTS_MIN: u64 = 48;
/// The multiple of an earlier night's pace that is still the same.
const EVEN_PACE_MAX: f64 = 1.25;
/// Standard deviations of an earlier night's pace, if its events came by themselves, that are too.
const EVEN_DEVIATIONS_MAX: f64 = 3.0;
/// The multiple of its own pace that the busiest hour of an even night may have.
const EVEN_PEAK_MAX: f64 = 4.0;
/// Hours that must have been heard, for a night to be called even without an earlier one.
const EVEN_HOURS_MIN: u64 = 6;
/// What an even pace takes away where there is no earlier night.
const POINTS_EVEN: f64 = 0.40;
/// What being on nearly all hosts takes away from a warning of which no earlier night is known.
const POINTS_AMBIENT: f64 = 0.60;
/// The share of the input that events must lie apart to be there all the time.
const SPAN_SHARE: f64 = 0.6;
/// What the fewest nights take away.
const POINTS_MIN: f64 = 0.65;
/// What [`NIGHTS_FULL`] take away.
const POINTS_MAX: f64 = 0.90;
/// Nights that take the most.
const NIGHTS_FULL: f64 = 7.0;
/// The same for critical trouble and louder, wherever it is: one is slow to get used to it.
const NIGHTS_MIN_CRITICAL: usize = 4;
/// What the fewest nights take away from it.
const POINTS_MIN_CRITICAL: f64 = 0.85;
/// The share of the hosts that is nearly all.
const AMBIENT_SHARE: f64 = 0.75;
/// The share of the hours in which it must come: else it goes round the hosts once, as what spreads.
const AMBIENT_HOURS_SHARE: f64 = 0.2;
/// Hosts from which one can speak of nearly all.
const AMBIENT_HOSTS_MIN: usize = 4;
/// The multiple of an earlier night's count that is still the same.
const RATE_MAX: f64 = 1.5;
/// Events that few may be more and still be the same.
const RATE_SLACK: f64 = 2.0;
/// The multiple of an earlier night's busiest hour that is still the same shape.
const PEAK_MAX: f64 = 2.0;
/// Events that a busiest hour may have more and still be the same shape.
const PEAK_SLACK: f64 = 4.0;
/// The share of the known hosts that may be new.
const NEW_HOSTS_SHARE: f64 = 0.2;

/// The detector of what one is used to.
#[derive(Debug)]
pub struct Habituation;

impl Detector for Habituation {
    fn signal(&self) -> Signal {
        Signal::Habituation
    }

    fn doc(&self) -> &'static str {
        "What it sees: trouble that was there in at least 3 earlier nights at the present rate or \
         above, or in one where it is on nearly all hosts in a fifth of the hours, or goes on in nearly all hours of both \
         nights at a pace at most 1.25 times what it was: the sound of the place. A warning that is \
         on nearly all hosts all the time loses attention already in the first night, and so does an \
         error by words alone that is on each of them every hour, and what goes on in nearly all of 6 \
         or more hours of it where nothing earlier is known. It wakes in the \
         same night when it comes 1.5 times as often, or on a new host, or in a busiest hour \
         of twice the height. Nothing is taken from what precedes an incident that you named.\n\
         Why it matters: what is told every morning is read by nobody, and neither is what stands \
         next to it.\n\
         Formula: takes away 0.65 after the fewest nights to 0.90 after 7; from critical trouble \
         and louder nothing before the fourth, and then 0.85; in the first night 0.60, or 0.40 for what goes on evenly; a score never falls below 0.\n\
         Example: scans of the login from the internet are told in the first night only."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let groups = night.profiles().iter().enumerate();
        groups
            .filter_map(|(group, profile)| habit(night, group, profile))
            .collect()
    }
}

fn habit(night: &Night<'_>, group: usize, profile: &Profile<'_>) -> Option<Finding> {
    let trouble = profile.trouble.as_ref()?;
    let tonight = Tonight::of(night, profile);
    let pace = &tonight.pace;
    let same: Vec<&Earlier<'_>> = profile
        .past
        .seen()
        .filter(|past| tonight.is_like(past))
        .collect();
    let known: BTreeSet<&str> = profile
        .past
        .seen()
        .flat_map(|past| past.hosts.iter().copied())
        .collect();
    let new = tonight
        .hosts
        .iter()
        .filter(|host| !known.contains(*host))
        .count();
    let is_ambient = is_ambient(tonight.hosts.len(), night.fleet.named())
        && pace.goes_on()
        && same
            .iter()
            .all(|past| is_ambient(past.hosts.len(), past.fleet));
    let (least, points_min) = match trouble.severity {
        Severity::Emergency | Severity::Alert | Severity::Critical => {
            (NIGHTS_MIN_CRITICAL, POINTS_MIN_CRITICAL)
        }
        _ if is_ambient => (NIGHTS_MIN_AMBIENT, POINTS_MIN),
        _ if same
            .iter()
            .any(|past| pace.is_like(&Pace::of_earlier(past))) =>
        {
            (NIGHTS_MIN_EVEN, POINTS_MIN)
        }
        _ => (NIGHTS_MIN, POINTS_MIN),
    };
    let is_first = night.history.is_empty() && trouble.severity > Severity::Critical;
    let is_reach_new = new as f64 > NEW_HOSTS_SHARE * known.len() as f64;
    let points = if same.len() >= least && !is_reach_new {
        let full = ((same.len() - least) as f64 / (NIGHTS_FULL - least as f64)).min(1.0);
        points_min + (POINTS_MAX - points_min) * full
    } else if is_ambient && !profile.past.is_known && is_always_there(night, profile) {
        POINTS_AMBIENT
    } else if is_first && pace.is_even() && pace.heard >= EVEN_HOURS_MIN {
        POINTS_EVEN
    } else {
        return None;
    };
    let mut counts: Vec<u64> = same.iter().map(|past| past.count).collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len() / 2);
    Some(Finding {
        group,
        signal: Signal::Habituation,
        points: -points,
        evidence: Evidence::Habituation {
            nights: same.len() as u64,
            hosts: tonight.hosts.len() as u64,
            rate: usual.map(|usual| profile.count as f64 / (*usual).max(1) as f64),
        },
    })
}

/// Whether a warning is there nearly all of the night, or an error that is one by its words only,
/// and every hour on every host: were it one, the place would not stand.
fn is_always_there(night: &Night<'_>, profile: &Profile<'_>) -> bool {
    let hours = night.fleet.seconds() / 3600.0;
    let is_hourly = profile.count as f64 >= hours * profile.hosts.len() as f64;
    let is_mild = |trouble: &Trouble| match (trouble.severity, &trouble.basis) {
        (Severity::Warning, _) => true,
        (Severity::Error, SeverityBasis::Word(_)) => is_hourly && profile.level.is_none(),
        _ => false,
    };
    let seconds = |span: Span| seconds_between(span.first, span.last);
    profile.trouble.as_deref().is_some_and(is_mild)
        && profile.span.map_or(0.0, seconds) >= SPAN_SHARE * night.fleet.seconds()
}

/// How a group went on in a night.
struct Pace {
    events: u64,
    /// Hours in which it came.
    hours: u64,
    /// Hours that were heard of its hosts.
    heard: u64,
    /// Events of the busiest hour.
    peak: u64,
}

impl Pace {
    fn of(night: &Night<'_>, profile: &Profile<'_>) -> Self {
        let heard =
            |timeline: &Timeline<'_>| night.fleet.host(timeline.host()).map(|host| host.hours);
        let hours = profile.hours();
        Pace {
            events: profile.dated,
            hours: hours.len() as u64,
            heard: profile.hosts.iter().filter_map(heard).max().unwrap_or(0),
            peak: hours.iter().map(|(_, events)| *events).max().unwrap_or(0),
        }
    }

    fn of_earlier(past: &Earlier<'_>) -> Self {
        Pace {
            events: past.count,
            hours: past.hours.iter().filter(|events| **events > 0).count() as u64,
            heard: past.hours_read as u64,
            peak: past.peak(),
        }
    }

    fn per_hour(&self) -> f64 {
        self.events as f64 / self.heard.max(1) as f64
    }

    /// Whether it came in more hours than what goes round the hosts once.
    fn goes_on(&self) -> bool {
        self.hours as f64 >= AMBIENT_HOURS_SHARE * self.heard as f64
    }

    /// Whether it went on in nearly all hours.
    fn is_even(&self) -> bool {
        self.events >= EVEN_EVENTS_MIN
            && self.hours as f64 >= EVEN_HOURS_SHARE * self.heard as f64
            && self.peak as f64 <= EVEN_PEAK_MAX * self.per_hour()
    }

    /// Whether it is even, and no faster than an even earlier night.
    fn is_like(&self, past: &Pace) -> bool {
        let deviation = (past.per_hour() / past.heard.max(1) as f64).sqrt();
        let by_chance = past.per_hour() + EVEN_DEVIATIONS_MAX * deviation;
        let most = by_chance.max(EVEN_PACE_MAX * past.per_hour());
        self.is_even() && past.is_even() && self.per_hour() <= most
    }
}

fn is_ambient(hosts: usize, fleet: usize) -> bool {
    fleet >= AMBIENT_HOSTS_MIN && hosts as f64 >= AMBIENT_SHARE * fleet as f64
}

/// The present night as it is compared with earlier ones.
struct Tonight<'p> {
    /// Events per hour.
    rate: f64,
    pace: Pace,
    hosts: BTreeSet<&'p str>,
}

impl<'p> Tonight<'p> {
    fn of(night: &Night<'_>, profile: &'p Profile<'_>) -> Self {
        Tonight {
            rate: profile.count as f64 / (night.fleet.seconds() / 3600.0).max(1.0),
            pace: Pace::of(night, profile),
            hosts: profile.hosts.iter().filter_map(Timeline::host).collect(),
        }
    }

    /// Whether it is no more than it was in an earlier night.
    fn is_like(&self, past: &Earlier<'_>) -> bool {
        let hours = past.hours_read as f64;
        let rate_max = (past.count as f64 * RATE_MAX + RATE_SLACK) / hours;
        let peak_max = past.peak() as f64 * PEAK_MAX + PEAK_SLACK;
        self.rate <= rate_max && self.pace.peak as f64 <= peak_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{
        HostLine, Line, corpus, corpus_of_hosts, found_in, found_on_hosts, history,
    };
    use crate::history::{History, HostNight};

    const MESSAGE: &str = "login rejected";

    fn night(count: i64) -> Vec<Line> {
        let mut lines: Vec<Line> = vec![(Some(0), None, "tick"), (Some(86_400), None, "tick")];
        lines.extend((0..count).map(|n| (Some(n * 86_000 / count), None, MESSAGE)));
        lines
    }

    #[test]
    fn on_a_first_run_it_takes_away_from_what_goes_on_evenly_and_not_from_an_outage() {
        let points = |lines: &[Line]| {
            let found = found_in(&Habituation, &corpus(lines), &History::default());
            found.first().map(|finding| finding.points)
        };
        assert_eq!(points(&night(100)), Some(-POINTS_EVEN));
        let mut outage = night(30);
        outage.extend((0..70).map(|n| (Some(40_000 + n), None, MESSAGE)));
        assert_eq!(points(&outage), None);
    }

    #[test]
    fn it_is_used_after_one_night_to_what_goes_on_evenly_and_wakes_when_the_pace_rises() {
        let steady = corpus(&night(50));
        let points = |before: u64| {
            let found = found_in(&Habituation, &steady, &history(&steady, &[before], "db1"));
            found.first().map(|finding| finding.points)
        };
        assert_eq!(points(50), Some(-POINTS_MIN));
        assert_eq!(points(30), None);
    }

    fn points(tonight: i64, nights: usize, message: &'static str) -> Option<f64> {
        let mut lines = night(tonight);
        lines.iter_mut().skip(2).for_each(|line| line.2 = message);
        let corpus = corpus(&lines);
        let history = history(&corpus, &vec![20; nights], "db1");
        let found = found_in(&Habituation, &corpus, &history);
        found.first().map(|finding| finding.points)
    }

    #[test]
    fn it_takes_away_from_what_was_the_same_for_nights_and_more_the_longer() {
        assert_eq!(points(20, 3, MESSAGE), Some(-POINTS_MIN));
        assert_eq!(points(20, 9, MESSAGE), Some(-POINTS_MAX));
        assert_eq!(points(20, 3, "pool out of memory"), None);
        assert_eq!(
            points(20, 4, "pool out of memory"),
            Some(-POINTS_MIN_CRITICAL)
        );
    }

    #[test]
    fn it_is_quiet_too_early_and_wakes_by_rate_shape_and_host() {
        assert_eq!(points(20, 2, MESSAGE), None);
        assert_eq!(points(60, 9, MESSAGE), None);
        let mut at_once = night(2);
        at_once.extend((0..18).map(|n| (Some(40_000 + n), None, MESSAGE)));
        let corpus_at_once = corpus(&at_once);
        let known = history(&corpus_at_once, &[20; 9], "db1");
        assert!(found_in(&Habituation, &corpus_at_once, &known).is_empty());
        let steady = corpus(&night(20));
        let elsewhere = history(&steady, &[20; 9], "db2");
        assert!(found_in(&Habituation, &steady, &elsewhere).is_empty());
    }

    #[test]
    fn what_goes_round_all_hosts_once_a_night_is_not_the_sound_of_the_place() {
        const HOSTS: [&str; 5] = ["db1", "db2", "web1", "web2", "web3"];
        let points = |step_seconds: i64| {
            let told = (0..10).map(|n| {
                let host = HOSTS[n as usize % 5];
                (host, (Some(20_000 + n * step_seconds), None, MESSAGE))
            });
            let ticks = (0..24).map(|n| ("db1", (Some(n * 3_600), None, "tick of the clock")));
            let lines: Vec<HostLine> = told.chain(ticks).collect();
            let tonight = corpus_of_hosts(&lines);
            let mut memory = history(&tonight, &[10], "db1");
            for night in memory
                .patterns
                .values_mut()
                .flat_map(|past| &mut past.nights)
            {
                let of_host = |host: &&str| HostNight {
                    name: Some((*host).into()),
                    ..night.hosts[0].clone()
                };
                night.hosts = HOSTS.iter().map(of_host).collect();
            }
            memory.nights[0].hosts = HOSTS.iter().map(|host| (Some((*host).into()), 9)).collect();
            found_in(&Habituation, &tonight, &memory).len()
        };
        assert_eq!(points(900), 0);
        assert_eq!(points(6_000), 1);
    }

    #[test]
    fn what_is_on_all_hosts_all_the_time_is_the_sound_of_the_place_from_the_first_night() {
        const HOSTS: [&str; 4] = ["db1", "db2", "web1", "web2"];
        let points = |message, level, each: i64| {
            let of_host =
                |host| (0..each).map(move |n| (host, (Some(n * 86_400 / each), level, message)));
            let lines: Vec<HostLine> = HOSTS.into_iter().flat_map(of_host).collect();
            let found = found_on_hosts(&Habituation, &lines);
            found.first().map(|finding| finding.points)
        };
        assert_eq!(points("pool nearly full", None, 8), Some(-POINTS_AMBIENT));
        assert_eq!(
            points("closed (peer lost)", None, 48),
            Some(-POINTS_AMBIENT)
        );
        assert_eq!(points("closed (peer lost)", None, 8), None);
        assert_eq!(
            points("peer lost", Some(Severity::Error), 48),
            Some(-POINTS_EVEN)
        );
    }
}
