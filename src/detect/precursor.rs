//! Precursors: what comes before an incident more often than chance.

use super::timeline::{Activity, Timeline, moved, seconds_between};
use super::{Detector, Night, Profile, chance};
use crate::event::{Severity, Timestamp};
use crate::finding::{Evidence, Finding, Precursor, Signal};
use std::collections::BTreeMap;

/// What a precursor is worth at least.
const POINTS_MIN: f64 = 0.50;
/// What a precursor of the best evidence is worth.
const POINTS_MAX: f64 = 0.65;
/// The chance that is the best evidence.
const CHANCE_FULL: f64 = 1e-8;
/// How long before an incident something counts as coming before it.
const LEAD_SECONDS_MAX: f64 = 900.0;
/// What comes later than this before an incident is a part of it.
const LEAD_SECONDS_MIN: f64 = 10.0;
/// Incidents that something must have come before.
const PRECEDED_MIN: u64 = 2;
/// The share of a candidate's events that must have been followed by an incident.
const FOLLOWED_SHARE_MIN: f64 = 0.4;
/// The least multiple of the base rate.
const LIFT_MIN: f64 = 5.0;
/// The chance below which trouble before an incident is no accident.
const CHANCE_MAX_TROUBLE: f64 = 5e-3;
/// The same for what tells of no trouble: there is far more of it to stumble over.
const CHANCE_MAX_HARMLESS: f64 = 2e-4;
/// The same where only two incidents were preceded.
const HOSTS_MAX_FOR_TWO: usize = 2;
/// Events of a host that make a group no incident: what is frequent is no incident.
const INCIDENTS_MAX: usize = 24;
/// Events of a host that make a group no candidate: they would come before anything.
const EVENTS_MAX: usize = 60;
/// Candidates of a host that are compared at most, the rarest first.
const CANDIDATES_MAX: usize = 400;
/// Incidents of a host that are compared at most, the rarest first.
const INCIDENT_GROUPS_MAX: usize = 50;

/// The detector of precursors.
#[derive(Debug)]
pub struct Precursors;

impl Detector for Precursors {
    fn signal(&self) -> Signal {
        Signal::Precursor
    }

    fn doc(&self) -> &'static str {
        "What it sees: a line that comes 10 seconds to 15 minutes before an incident of its host, more \
         often than chance. An incident is what is rare and of level error or louder, and louder \
         than what comes before it. The line itself may be harmless.\n\
         Why it matters: it is the alert that nobody has written yet.\n\
         Formula: k of n incidents were preceded; with the base rate of the line, a window is hit \
         with the chance q = 1 - exp(-events * s), s being the share of the night in such a window, \
         by the clock or by the lines of the host, and k or more of n with the binomial \
         tail, which must be below 0.005 for trouble and 0.0002 for what tells of none; the lift is \
         k / (n q) and must be 5. Worth 0.50 to 0.65 by the logarithm of the chance.\n\
         Example: before each of 3 crashes of a night a pause was reported, 2 to 13 minutes ahead, \
         and once more without a crash: 3 of 3, lift 24."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let mut best: BTreeMap<usize, Link> = BTreeMap::new();
        for (name, host) in by_host(night) {
            let Some(activity) = night.fleet.host(name) else {
                continue;
            };
            for &(incident, starts) in &host.incidents {
                let episodes = Episodes::of(starts, activity);
                for &(group, times) in &host.candidates {
                    let Some(link) = link(night, incident, &episodes, group, times) else {
                        continue;
                    };
                    let kept = best.entry(group).or_insert(link);
                    if (link.chance, link.incident) < (kept.chance, kept.incident) {
                        *kept = link;
                    }
                }
            }
        }
        best.into_iter()
            .map(|(group, link)| link.finding(night, group))
            .collect()
    }
}

type Times<'p> = (usize, &'p [Timestamp]);

/// What of a host may be an incident, and what may come before one.
#[derive(Default)]
struct HostEvents<'p> {
    incidents: Vec<Times<'p>>,
    candidates: Vec<Times<'p>>,
}

fn by_host<'p>(night: &'p Night<'_>) -> BTreeMap<Option<&'p str>, HostEvents<'p>> {
    let mut hosts: BTreeMap<Option<&str>, HostEvents<'_>> = BTreeMap::new();
    for (group, profile) in night.profiles().iter().enumerate() {
        for timeline in &profile.hosts {
            let Some(times) = timeline.times().filter(|times| times.len() <= EVENTS_MAX) else {
                continue;
            };
            let host = hosts.entry(timeline.host).or_default();
            host.candidates.push((group, times));
            if is_incident(profile, timeline) {
                host.incidents.push((group, times));
            }
        }
    }
    for host in hosts.values_mut() {
        for (groups, max) in [
            (&mut host.candidates, CANDIDATES_MAX),
            (&mut host.incidents, INCIDENT_GROUPS_MAX),
        ] {
            groups.sort_by_key(|(group, times)| (times.len(), *group));
            groups.truncate(max);
        }
    }
    hosts
}

/// Severe, and rare on its host.
fn is_incident(profile: &Profile<'_>, timeline: &Timeline<'_>) -> bool {
    let severe = profile.believed_trouble();
    let severe = severe.is_some_and(|trouble| trouble.severity <= Severity::Error);
    severe && (PRECEDED_MIN as usize..=INCIDENTS_MAX).contains(&(timeline.count as usize))
}

/// The incidents of a group on a host.
struct Episodes {
    /// The first of incidents that follow one another within the longest lead: they are one.
    starts: Vec<Timestamp>,
    /// The mean share of the host's activity that lies in the window before a start.
    window_share: f64,
}

impl Episodes {
    fn of(times: &[Timestamp], activity: &Activity) -> Self {
        let mut starts = Vec::new();
        let mut last: Option<Timestamp> = None;
        for &time in times {
            if last.is_none_or(|last| seconds_between(last, time) > LEAD_SECONDS_MAX) {
                starts.push(time);
            }
            last = Some(time);
        }
        let window = |start: &Timestamp| {
            let first = moved(*start, -LEAD_SECONDS_MAX);
            activity.share_between(first, moved(*start, -LEAD_SECONDS_MIN), (0, 0))
        };
        let shares: f64 = starts.iter().map(window).sum();
        Episodes {
            window_share: shares / starts.len().max(1) as f64,
            starts,
        }
    }
}

/// That something comes before an incident.
#[derive(Debug, Clone, Copy)]
struct Link {
    incident: usize,
    preceded: u64,
    incidents: u64,
    lift: f64,
    lead_seconds: f64,
    chance: f64,
}

fn link(
    night: &Night<'_>,
    incident: usize,
    episodes: &Episodes,
    group: usize,
    times: &[Timestamp],
) -> Option<Link> {
    let (profile, severe) = (&night.profiles()[group], &night.profiles()[incident]);
    let trouble = profile.believed_trouble();
    // What is as loud as the incident is another of its voices, or an incident of its own.
    let louder = severe.believed_trouble()?.severity;
    if group == incident || trouble.is_some_and(|trouble| trouble.severity < louder) {
        return None;
    }
    let mut leads: Vec<f64> = episodes
        .starts
        .iter()
        .filter_map(|start| lead_seconds(times, *start))
        .collect();
    leads.sort_by(f64::total_cmp);
    let (preceded, incidents) = (leads.len() as u64, episodes.starts.len() as u64);
    let followed = times
        .iter()
        .filter(|time| is_followed(&episodes.starts, **time));
    let followed = followed.count() as f64 / times.len() as f64;
    if preceded < PRECEDED_MIN || followed < FOLLOWED_SHARE_MIN {
        return None;
    }
    let base = -(-(times.len() as f64) * episodes.window_share).exp_m1();
    let chance = chance::binomial_tail(preceded, incidents, base);
    let lift = preceded as f64 / (incidents as f64 * base);
    let local = profile.hosts.len() <= HOSTS_MAX_FOR_TWO;
    let least = match trouble {
        Some(_) if local || preceded > PRECEDED_MIN => CHANCE_MAX_TROUBLE,
        _ => CHANCE_MAX_HARMLESS,
    };
    (chance <= least && lift >= LIFT_MIN).then_some(Link {
        incident,
        preceded,
        incidents,
        lift,
        lead_seconds: leads[leads.len() / 2],
        chance,
    })
}

/// How long before an incident the last event came that is not a part of it.
fn lead_seconds(times: &[Timestamp], start: Timestamp) -> Option<f64> {
    let latest = moved(start, -LEAD_SECONDS_MIN);
    let place = times.partition_point(|time| *time <= latest);
    let lead = seconds_between(*times.get(place.checked_sub(1)?)?, start);
    (lead <= LEAD_SECONDS_MAX).then_some(lead)
}

/// Whether an incident follows.
fn is_followed(starts: &[Timestamp], time: Timestamp) -> bool {
    let next = starts.partition_point(|start| *start < time);
    let next = starts.get(next).map(|start| seconds_between(time, *start));
    next.is_some_and(|lead| lead <= LEAD_SECONDS_MAX)
}

impl Link {
    fn finding(&self, night: &Night<'_>, group: usize) -> Finding {
        let full = (self.chance.max(f64::MIN_POSITIVE).ln() / CHANCE_FULL.ln()).min(1.0);
        let incident = &night.groups[self.incident];
        Finding {
            group,
            signal: Signal::Precursor,
            points: POINTS_MIN + (POINTS_MAX - POINTS_MIN) * full,
            evidence: Evidence::Precursor(Box::new(Precursor {
                incident_id: Some(incident.id),
                incident: incident.pattern.to_string(),
                preceded: self.preceded,
                incidents: self.incidents,
                lift: self.lift,
                lead_seconds: self.lead_seconds,
                chance: self.chance,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Line, found};

    const PAUSE: &str = "pause of collector exceeded target";
    const CRASH: &str = "worker 4 crashed";

    fn night(leads: [i64; 3]) -> Vec<Line> {
        let mut lines: Vec<Line> = vec![(Some(0), None, "tick"), (Some(86_400), None, "tick")];
        for (lead, at) in leads.into_iter().zip([15_000, 41_000, 66_000]) {
            lines.push((Some(at - lead), None, PAUSE));
            lines.push((Some(at), None, CRASH));
        }
        lines.push((Some(3_000), None, PAUSE));
        lines
    }

    #[test]
    fn it_fires_on_what_comes_before_each_incident() {
        let found = found(&Precursors, &night([120, 800, 400]));
        let Evidence::Precursor(evidence) = &found[0].evidence else {
            panic!("{found:?}");
        };
        assert_eq!(
            (found.len(), evidence.preceded, evidence.incidents),
            (1, 3, 3)
        );
        assert_eq!(
            (evidence.incident.as_str(), evidence.lead_seconds),
            ("worker <n> crashed", 400.0)
        );
        assert!(evidence.lift > 10.0 && evidence.chance < 1e-3);
    }

    #[test]
    fn it_is_quiet_on_what_comes_at_any_time_and_on_parts_of_the_incident() {
        assert!(found(&Precursors, &night([9_000, 5_000, 400])).is_empty());
        assert!(found(&Precursors, &night([1, 2, 1])).is_empty());
        let mut often = night([120, 800, 400]);
        often.extend((0..50).map(|n| (Some(n * 1_700), None, PAUSE)));
        assert!(found(&Precursors, &often).is_empty());
    }
}
