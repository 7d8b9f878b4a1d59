//! Precursors: what comes before an incident more often than chance.

use super::past::{Record, with_past};
use super::rarest::Rarest;
use super::timeline::{OUTAGE_SECONDS_MAX_STRANGE, are_by_clock, moved, seconds_between};
use super::{Detector, Night, chance};
use crate::event::{Severity, Timestamp};
use crate::finding::{Evidence, Finding, Precursor, Signal};
use foldhash::fast::RandomState;
use incidents::{After, Episodes, Incident, is_rare};
use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap};

mod incidents;

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
/// The same where the incident tells of nothing.
const PRECEDED_MIN_STRICT: usize = 3;
/// The share of such incidents that must be preceded: of three all, of five all but one.
const PRECEDED_SHARE_STRICT: f64 = 0.8;
/// The least lead where such an incident is of the same service.
const LEAD_SECONDS_MIN_SAME: f64 = 100.0;
/// What comes later than this before such an incident may be a step of the same procedure.
const LEAD_SECONDS_MIN_STRICT: f64 = 60.0;
/// The share of a candidate's events that must have been followed by an incident.
const FOLLOWED_SHARE_MIN: f64 = 0.4;
/// The least multiple of the base rate.
const LIFT_MIN: f64 = 5.0;
/// Events of a candidate that are usual in a window, from which on it is hit so often by chance that no
/// lift can be [`LIFT_MIN`]: a little more than `-ln(1 - 1 / LIFT_MIN)`.
const USUAL_MAX: f64 = 0.2232;
/// The chance below which trouble before an incident is no accident.
const CHANCE_MAX_TROUBLE: f64 = 5e-3;
/// The same where there were but two incidents: many more lines come twice than come three times.
const CHANCE_MAX_TWO: f64 = 1e-3;
/// The same for what tells of no trouble: there is far more of it to stumble over.
const CHANCE_MAX_HARMLESS: f64 = 2e-4;
/// Hosts of a group up to which two preceded incidents are enough.
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
         often than chance: tonight, or over all nights whose times are remembered, the 14 latest. An \
         incident is what is rare and of level error or louder, and louder than what comes before it, \
         be it absent tonight; or what was named by ack --incident NAME --at TIME. Before a forced \
         restart (a reboot, a failover) trouble counts. What came lately and warns, tells of nothing, or \
         of what was done, is an incident after trouble or another newcomer, if at least 3 of 3, or 4 of 5, \
         were preceded by a minute or more and no clock sets them; within one service no outage is so \
         long. The line itself may be harmless; one that is critical is an incident of its own.\n\
         Why it matters: it is the alert that nobody has written yet.\n\
         Formula: k of n incidents were preceded; with the base rate of the line in the nights in \
         which it came, a window is hit with the chance q = 1 - exp(-events * s), s being the share of a night in such a window, \
         by the clock or tonight by the lines of the host, and k or more of n with the binomial \
         tail, which must be below 0.005 for trouble (0.001 where there were but two incidents), and for newcomers before an error that came lately, \
         and 0.0002 for what tells of none or comes before what tells of none; the lift is k / (n q) and must be 5. Worth 0.50 to 0.65 by the logarithm of the chance.\n\
         Example: before each of 3 crashes of a night a pause was reported, 2 to 13 minutes ahead, \
         and once more without a crash, on a host that else logs every 5 minutes: 3 of 3, lift 22."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let mut best = Best::default();
        let absent = incidents::absent(night);
        let marked = incidents::marked(night);
        for (name, host) in by_host(night) {
            let Some(activity) = night.fleet.host(name) else {
                continue;
            };
            for (incident, record) in &host.incidents {
                let episodes = Episodes::of(&record.times, activity);
                best.weigh(night, incident, &episodes, &host.candidates);
            }
            let absent = absent.get(&name).into_iter().flatten();
            let remembered = host.pooled_incidents.iter().chain(absent);
            for (incident, record) in remembered.take(INCIDENT_GROUPS_MAX) {
                let episodes = Episodes::of(&record.times, activity);
                best.weigh(night, incident, &episodes, &host.pooled);
            }
            for (name, times) in &marked {
                let (incident, episodes) = (Incident::marked(name), Episodes::of(times, activity));
                best.weigh(night, &incident, &episodes, &host.candidates);
                best.weigh(night, &incident, &episodes, &host.pooled);
            }
        }
        let found = best.0.into_iter();
        found
            .map(|(group, (link, incident))| link.finding(incident, group))
            .collect()
    }
}

/// The least likely link of each group with what it comes before.
#[derive(Default)]
struct Best<'p>(BTreeMap<usize, (Link, Incident<'p>)>);

impl<'p> Best<'p> {
    fn weigh(
        &mut self,
        night: &Night<'_>,
        incident: &Incident<'p>,
        episodes: &Episodes<'_>,
        candidates: &[(usize, Record<'_>)],
    ) {
        for (group, record) in candidates {
            let Some(link) = link(night, incident, episodes, *group, record) else {
                continue;
            };
            let is_better = self.0.get(group).is_none_or(|(kept, of)| {
                let by_chance = link.chance.total_cmp(&kept.chance);
                let order = |incident: &Incident<'_>| (incident.group, incident.id);
                by_chance
                    .then_with(|| order(incident).cmp(&order(of)))
                    .is_lt()
            });
            if is_better {
                self.0.insert(*group, (link, incident.clone()));
            }
        }
    }
}

/// What of a host may be an incident, and what may come before one: tonight alone, and with what is
/// remembered of it. The rarest first.
struct HostEvents<'p> {
    incidents: Vec<(Incident<'p>, Record<'p>)>,
    candidates: Vec<(usize, Record<'p>)>,
    pooled_incidents: Vec<(Incident<'p>, Record<'p>)>,
    pooled: Vec<(usize, Record<'p>)>,
}

/// What is gathered for them: groups with how often they came, and their times.
struct Gathered<'p> {
    incidents: Rarest<Rarity, (Incident<'p>, Record<'p>)>,
    candidates: Rarest<Rarity, Record<'p>>,
    pooled_incidents: Rarest<Rarity, (Incident<'p>, Record<'p>)>,
    pooled: Rarest<Rarity, Record<'p>>,
}

/// How often a group came, and which one it is.
type Rarity = (usize, usize);

impl Default for Gathered<'_> {
    fn default() -> Self {
        Gathered {
            incidents: Rarest::of(INCIDENT_GROUPS_MAX),
            candidates: Rarest::of(CANDIDATES_MAX),
            pooled_incidents: Rarest::of(INCIDENT_GROUPS_MAX),
            pooled: Rarest::of(CANDIDATES_MAX),
        }
    }
}

impl<'p> Gathered<'p> {
    fn into_events(self) -> HostEvents<'p> {
        type Incidents<'p> = Rarest<Rarity, (Incident<'p>, Record<'p>)>;
        let incidents = |found: Incidents<'p>| found.into_sorted().map(|(_, one)| one).collect();
        let groups = |found: Rarest<Rarity, Record<'p>>| {
            let found = found.into_sorted();
            found.map(|((_, group), record)| (group, record)).collect()
        };
        HostEvents {
            incidents: incidents(self.incidents),
            candidates: groups(self.candidates),
            pooled_incidents: incidents(self.pooled_incidents),
            pooled: groups(self.pooled),
        }
    }
}

fn by_host<'p>(night: &'p Night<'_>) -> BTreeMap<Option<&'p str>, HostEvents<'p>> {
    let mut hosts: HashMap<Option<&str>, Gathered<'_>, RandomState> = HashMap::default();
    for (group, profile) in night.profiles().iter().enumerate() {
        // Most groups come too seldom for one.
        let incident = LazyCell::new(|| Incident::of(night, group));
        let rare_incident = |record: &Record<'p>| {
            let incident = is_rare(record).then(|| incident.clone())?;
            incident.map(|incident| (incident, record.clone()))
        };
        for timeline in &profile.hosts {
            let Some(times) = timeline.times().filter(|times| times.len() <= EVENTS_MAX) else {
                continue;
            };
            let host = hosts.entry(timeline.host()).or_default();
            let record = Record {
                times: Cow::Borrowed(times),
                nights: 1,
            };
            let rarity = (times.len(), group);
            if let Some(incident) = rare_incident(&record) {
                host.incidents.add(rarity, incident);
            }
            host.candidates.add(rarity, record);
            let is_known = profile.past.is_known;
            let pooled = is_known.then(|| with_past(night, group, timeline, EVENTS_MAX));
            let Some(pooled) = pooled.flatten().filter(|record| record.nights > 1) else {
                continue;
            };
            let rarity = (pooled.times.len(), group);
            if let Some(incident) = rare_incident(&pooled) {
                host.pooled_incidents.add(rarity, incident);
            }
            host.pooled.add(rarity, pooled);
        }
    }
    let hosts = hosts.into_iter();
    hosts
        .map(|(name, gathered)| (name, gathered.into_events()))
        .collect()
}

/// That something comes before an incident.
#[derive(Debug, Clone, Copy)]
struct Link {
    preceded: u64,
    incidents: u64,
    lift: f64,
    lead_seconds: f64,
    chance: f64,
}

fn link(
    night: &Night<'_>,
    incident: &Incident<'_>,
    episodes: &Episodes<'_>,
    group: usize,
    record: &Record<'_>,
) -> Option<Link> {
    let times = &record.times;
    let a_night = times.len() as f64 / record.nights.max(1) as f64;
    // Of nearly all pairs that is known before a look at when they came.
    if a_night * episodes.window_share_min > USUAL_MAX {
        return None;
    }
    let profile = &night.profiles()[group];
    let trouble = profile.believed_trouble();
    // What is louder than the incident, or critical, is an incident of its own.
    let is_louder = trouble.is_some_and(|trouble| {
        trouble.severity < incident.severity || trouble.severity <= Severity::Critical
    });
    let is_itself = incident.group == Some(group);
    // Over many nights much that is harmless meets, as at every boot; what the user named is worth it.
    let is_remembered = record.nights > 1 && incident.id.is_some();
    let is_strict = !incident.after.takes(night, group);
    let is_taken = !is_strict || incident.strictly_after.takes(night, group);
    if is_itself || is_louder || !is_taken || is_remembered && night.belief(group).is_none() {
        return None;
    }
    let leads = episodes.starts.iter();
    let mut leads: Vec<f64> = leads
        .filter_map(|start| lead_seconds(times, *start))
        .collect();
    leads.sort_by(f64::total_cmp);
    let (preceded, incidents) = (leads.len() as u64, episodes.starts.len() as u64);
    let followed = times.iter();
    let followed = followed.filter(|time| is_followed(&episodes.starts, **time));
    let followed = followed.count() as f64 / times.len() as f64;
    if preceded < PRECEDED_MIN || followed < FOLLOWED_SHARE_MIN {
        return None;
    }
    let service = |group: usize| night.groups[group].service.as_deref();
    let is_elsewhere = incident.group.map(service) != Some(service(group));
    // Within one service it may be the other half of a pair.
    let is_apart = is_elsewhere || incident.strictly_after == After::Belief && are_no_pair(&leads);
    if is_strict && !(is_apart && tells_by_time(&leads, episodes)) {
        return None;
    }
    let base = -(-a_night * episodes.window_share()).exp_m1();
    let chance = chance::binomial_tail(preceded, incidents, base);
    let lift = preceded as f64 / (incidents as f64 * base);
    let local = profile.hosts.len() <= HOSTS_MAX_FOR_TWO;
    let least = match trouble {
        _ if is_strict => CHANCE_MAX_HARMLESS * incident.crowd,
        Some(_) if local && incidents == PRECEDED_MIN => CHANCE_MAX_TWO,
        Some(_) if local || preceded > PRECEDED_MIN => CHANCE_MAX_TROUBLE,
        // What came lately before what came lately is as good as trouble.
        None if local && incident.is_late && night.newcomer(group).is_some() => CHANCE_MAX_TROUBLE,
        _ => CHANCE_MAX_HARMLESS,
    };
    (chance <= least && lift >= LIFT_MIN).then_some(Link {
        preceded,
        incidents,
        lift,
        lead_seconds: leads[leads.len() / 2],
        chance,
    })
}

/// Whether each of at least three incidents was preceded, of more nearly each, by minutes, and none of
/// them by the clock: what tells of nothing may as well be the next step of a job.
fn tells_by_time(leads: &[f64], episodes: &Episodes<'_>) -> bool {
    let share = leads.len() as f64 / episodes.starts.len().max(1) as f64;
    let is_complete = leads.len() >= PRECEDED_MIN_STRICT && share >= PRECEDED_SHARE_STRICT;
    let are_minutes = leads.iter().all(|lead| *lead >= LEAD_SECONDS_MIN_STRICT);
    is_complete && are_minutes && !are_by_clock(&episodes.starts)
}

/// Whether leads within one service, sorted, are not the outages of a pair, some of which are short.
fn are_no_pair(leads: &[f64]) -> bool {
    let (shortest, longest) = (leads.first(), leads.last());
    shortest.is_some_and(|lead| *lead >= LEAD_SECONDS_MIN_SAME)
        && longest.is_some_and(|lead| *lead >= OUTAGE_SECONDS_MAX_STRANGE)
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
    fn finding(&self, incident: Incident<'_>, group: usize) -> Finding {
        let full = (self.chance.max(f64::MIN_POSITIVE).ln() / CHANCE_FULL.ln()).min(1.0);
        Finding {
            group,
            signal: Signal::Precursor,
            points: POINTS_MIN + (POINTS_MAX - POINTS_MIN) * full,
            evidence: Evidence::Precursor(Box::new(Precursor {
                incident_id: incident.id,
                incident: incident.name.to_owned(),
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
    use super::{Detector, Evidence, Precursors, Timestamp};
    use crate::corpus::Corpus;
    use crate::detect::testing::{Line, corpus, found, found_in, history};
    use crate::history::{History, Incident};

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
        let critical = |line: Line| match line {
            (time, level, PAUSE) => (time, level, "panic: pause too long"),
            (time, level, CRASH) => (time, level, "panic: worker 4 is gone"),
            other => other,
        };
        let panics: Vec<Line> = night([120, 800, 400]).into_iter().map(critical).collect();
        assert!(found(&Precursors, &panics).is_empty());
        let mut often = night([120, 800, 400]);
        often.extend((0..50).map(|n| (Some(n * 1_700), None, PAUSE)));
        assert!(found(&Precursors, &often).is_empty());
    }

    /// A memory in which pause and crash came at these seconds of each of two nights.
    fn memory(pauses: &[u32], crashes: &[u32]) -> History {
        let lines = [(Some(0), None, PAUSE), (Some(0), None, CRASH)];
        let mut memory = history(&corpus(&lines), &[2, 2], "db1");
        for past in memory.patterns.values_mut() {
            let is_pause = past.pattern.starts_with("pause");
            let seconds = if is_pause { pauses } else { crashes };
            for host in past.nights.iter_mut().flat_map(|night| &mut night.hosts) {
                (host.count, host.times) = (seconds.len() as u64, Some(seconds.into()));
            }
        }
        memory
    }

    fn tonight() -> Corpus {
        let ends = [(Some(0), None, "tick"), (Some(86_400), None, "tick")];
        let pause = (Some(40_000), None, PAUSE);
        corpus(&[ends.as_slice(), &[pause]].concat())
    }

    #[test]
    fn it_fires_on_what_came_before_the_incidents_of_earlier_nights() {
        let known = memory(&[9_700, 49_600], &[10_000, 50_000]);
        let found = found_in(&Precursors, &tonight(), &known);
        let Evidence::Precursor(evidence) = &found[0].evidence else {
            panic!("{found:?}");
        };
        assert_eq!((evidence.preceded, evidence.incidents), (4, 4));
        assert_eq!(evidence.incident, "worker <n> crashed");
        let unrelated = memory(&[29_700, 79_600], &[10_000, 50_000]);
        assert!(found_in(&Precursors, &tonight(), &unrelated).is_empty());
    }

    #[test]
    fn it_fires_on_what_came_before_the_incidents_that_the_user_named() {
        let mut known = memory(&[9_700, 49_600], &[]);
        let at = [-86_400 + 10_000, -86_400 + 50_000, -2 * 86_400 + 50_000];
        let named = |seconds: &i64| Incident {
            at: Timestamp::from_seconds(*seconds),
            name: "outage".into(),
        };
        known.incidents = at.iter().map(named).collect();
        known.incidents.sort();
        let found = found_in(&Precursors, &tonight(), &known);
        let Evidence::Precursor(evidence) = &found[0].evidence else {
            panic!("{found:?}");
        };
        assert_eq!((evidence.preceded, evidence.incidents), (3, 3));
        assert_eq!(
            (&*evidence.incident, evidence.incident_id),
            ("outage", None)
        );
    }

    #[test]
    fn the_example_of_the_doc_is_computed() {
        let ticks = (0..288).map(|n| (Some(n * 300), None, "tick"));
        let lines: Vec<Line> = night([120, 800, 400]).into_iter().chain(ticks).collect();
        let Evidence::Precursor(evidence) = &found(&Precursors, &lines)[0].evidence else {
            panic!("no precursor");
        };
        let lift = format!("lift {:.0}.", evidence.lift);
        assert!(Precursors.doc().ends_with(&lift), "{lift}");
    }
}
