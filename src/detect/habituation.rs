//! Habituation: what has been the same for nights loses attention.

use super::past::Earlier;
use super::{Detector, Night, Profile};
use crate::event::Severity;
use crate::finding::{Evidence, Finding, Signal};
use std::collections::BTreeSet;

/// Nights in which it must have been the same.
const NIGHTS_MIN: usize = 3;
/// The same for what is on nearly all hosts all the time: the sound of the place.
const NIGHTS_MIN_AMBIENT: usize = 1;
/// What the fewest nights take away.
const POINTS_MIN: f64 = 0.65;
/// What [`NIGHTS_FULL`] take away.
const POINTS_MAX: f64 = 0.90;
/// Nights that take the most.
const NIGHTS_FULL: f64 = 7.0;
/// The share of it that critical trouble loses: it is not to be got used to.
const CRITICAL_SHARE: f64 = 0.5;
/// The share of the hosts that is nearly all.
const AMBIENT_SHARE: f64 = 0.75;
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
         above, or in one where it is on nearly all hosts: the sound of the place. It wakes in the \
         same night when it comes 1.5 times as often, or on a new host, or in a busiest hour \
         of twice the height.\n\
         Why it matters: what is told every morning is read by nobody, and neither is what stands \
         next to it.\n\
         Formula: takes away 0.65 after the fewest nights to 0.90 after 7, half of it from critical \
         trouble; a score never falls below 0.\n\
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
        && same
            .iter()
            .all(|past| is_ambient(past.hosts.len(), past.fleet));
    let least = if is_ambient {
        NIGHTS_MIN_AMBIENT
    } else {
        NIGHTS_MIN
    };
    if same.len() < least || new as f64 > NEW_HOSTS_SHARE * known.len() as f64 {
        return None;
    }
    let full = ((same.len() - least) as f64 / (NIGHTS_FULL - least as f64)).min(1.0);
    let points = POINTS_MIN + (POINTS_MAX - POINTS_MIN) * full;
    let mut counts: Vec<u64> = same.iter().map(|past| past.count).collect();
    counts.sort_unstable();
    let critical = trouble.severity <= Severity::Critical;
    Some(Finding {
        group,
        signal: Signal::Habituation,
        points: -points * if critical { CRITICAL_SHARE } else { 1.0 },
        evidence: Evidence::Habituation {
            nights: same.len() as u64,
            rate: profile.count as f64 / counts[counts.len() / 2].max(1) as f64,
        },
    })
}

fn is_ambient(hosts: usize, fleet: usize) -> bool {
    fleet >= AMBIENT_HOSTS_MIN && hosts as f64 >= AMBIENT_SHARE * fleet as f64
}

/// The present night as it is compared with earlier ones.
struct Tonight<'p> {
    /// Events per hour.
    rate: f64,
    peak: u64,
    hosts: BTreeSet<&'p str>,
}

impl<'p> Tonight<'p> {
    fn of(night: &Night<'_>, profile: &'p Profile<'_>) -> Self {
        Tonight {
            rate: profile.count as f64 / (night.fleet.seconds() / 3600.0).max(1.0),
            peak: profile.busiest_hour(),
            hosts: profile
                .hosts
                .iter()
                .filter_map(|timeline| timeline.host)
                .collect(),
        }
    }

    /// Whether it is no more than it was in an earlier night.
    fn is_like(&self, past: &Earlier<'_>) -> bool {
        let hours = past.hours_read as f64;
        let rate_max = (past.count as f64 * RATE_MAX + RATE_SLACK) / hours;
        let peak_max = past.peak() as f64 * PEAK_MAX + PEAK_SLACK;
        self.rate <= rate_max && self.peak as f64 <= peak_max
    }
}
