//! What may be an incident, and when it and others came: tonight, and in the nights whose exact times
//! are remembered.

use super::{EVENTS_MAX, INCIDENTS_MAX, LEAD_SECONDS_MAX, LEAD_SECONDS_MIN, PRECEDED_MIN};
use crate::detect::Night;
use crate::detect::fleet::Activity;
use crate::detect::past::{Record, remembered};
use crate::detect::timeline::{moved, seconds_between};
use crate::event::{Severity, Timestamp};
use crate::history::Past;
use crate::lexicon;
use crate::signature::Fingerprint;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// The seconds of a night.
const NIGHT_SECONDS: f64 = 86_400.0;

/// What may be preceded.
#[derive(Debug, Clone)]
pub struct Incident<'p> {
    /// Its group, where it came tonight.
    pub group: Option<usize>,
    /// Its id, where it is a pattern.
    pub id: Option<Fingerprint>,
    /// Its pattern, or the name that the user gave it.
    pub name: &'p str,
    /// How loud it is.
    pub severity: Severity,
    /// What is taken for its precursor.
    pub after: After,
    /// What is taken for it in a strict link.
    pub strictly_after: After,
    /// Whether it came lately.
    pub is_late: bool,
    /// What is left of its worth among the newcomers of the night, 0..=1: the share of the greatest
    /// chance that a strict link may have.
    pub crowd: f64,
}

/// What is taken for the precursor of an incident.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum After {
    /// Nothing is.
    Nothing,
    /// Trouble.
    Trouble,
    /// Trouble and newcomers.
    Belief,
    /// Whatever came.
    Anything,
}

impl After {
    /// Whether a group is of this kind.
    pub fn takes(self, night: &Night<'_>, group: usize) -> bool {
        match self {
            After::Nothing => false,
            After::Trouble => night.profiles()[group].believed_trouble().is_some(),
            After::Belief => night.belief(group).is_some(),
            After::Anything => true,
        }
    }
}

impl<'p> Incident<'p> {
    /// A group of tonight, if it is severe, or tells that something was forced to begin anew, or is
    /// a newcomer.
    pub fn of(night: &'p Night<'_>, group: usize) -> Option<Self> {
        let pattern = &night.groups[group].pattern;
        let severe = night.profiles()[group]
            .believed_trouble()
            .map(|trouble| trouble.severity)
            .filter(|severity| *severity <= Severity::Error);
        let is_interruption = severe.is_none() && night.profiles()[group].states.tells_interruption;
        let after = match severe {
            Some(_) => After::Anything,
            None if is_interruption => After::Trouble,
            None => After::Nothing,
        };
        let newcomer = night.newcomer(group);
        let is_late = night.lately(group).is_some();
        let is_told = night.profiles()[group].believed_trouble().is_some();
        let strictly_after = match newcomer {
            Some(_) => After::Belief,
            // A warning is no incident but where it is new to the place.
            None if is_told && is_late => After::Belief,
            None if night.came_and_went_well(group) => After::Trouble,
            None => After::Nothing,
        };
        let is_any = (after, strictly_after) != (After::Nothing, After::Nothing);
        is_any.then(|| Incident {
            group: Some(group),
            id: Some(night.groups[group].id),
            name: pattern,
            severity: severe.unwrap_or(Severity::Error),
            after,
            strictly_after,
            is_late,
            crowd: newcomer.map_or(1.0, |newcomer| newcomer.crowd),
        })
    }

    /// An incident that the user named.
    pub fn marked(name: &'p str) -> Self {
        Incident {
            group: None,
            id: None,
            name,
            severity: Severity::Emergency,
            after: After::Anything,
            strictly_after: After::Nothing,
            is_late: false,
            crowd: 1.0,
        }
    }

    /// A pattern that is absent tonight, if its words are severe.
    fn absent(id: Fingerprint, past: &'p Past) -> Option<Self> {
        let severity = lexicon::judge(&past.pattern, []).severity;
        Some(Incident {
            group: None,
            id: Some(id),
            name: &past.pattern,
            severity: severity.filter(|severity| *severity <= Severity::Error)?,
            after: After::Anything,
            strictly_after: After::Nothing,
            is_late: false,
            crowd: 1.0,
        })
    }
}

/// Whether something is rare enough to be an incident.
pub fn is_rare(record: &Record<'_>) -> bool {
    let times = record.times.len();
    (PRECEDED_MIN as usize..=INCIDENTS_MAX * record.nights.max(1)).contains(&times)
}

/// Incidents by host, with when they came.
pub type ByHost<'p> = BTreeMap<Option<&'p str>, Vec<(Incident<'p>, Record<'static>)>>;

/// The severe patterns that are absent tonight, by host.
pub fn absent<'p>(night: &'p Night<'_>) -> ByHost<'p> {
    let mut hosts = ByHost::new();
    let patterns = night.history.patterns.iter();
    let absent = patterns.filter(|(id, _)| !night.corpus.patterns.contains_key(*id));
    for (id, past) in absent {
        let Some(incident) = Incident::absent(*id, past) else {
            continue;
        };
        let names = past.nights.iter().flat_map(|night| &night.hosts);
        let names: BTreeSet<Option<&str>> = names.map(|host| host.name.as_deref()).collect();
        for name in names {
            let (mut times, mut nights) = (Vec::new(), BTreeSet::new());
            let known = remembered(
                night.history,
                past,
                (name, EVENTS_MAX),
                &mut times,
                &mut nights,
            );
            times.sort_unstable();
            let record = Record {
                times: Cow::Owned(times),
                nights: nights.len(),
            };
            if known.is_some() && is_rare(&record) {
                let of_host = hosts.entry(name).or_default();
                of_host.push((incident.clone(), record));
            }
        }
    }
    for incidents in hosts.values_mut() {
        incidents.sort_by_key(|(incident, record)| (record.times.len(), incident.id));
    }
    hosts
}

/// The incidents of the user by name: those in a night of which something was read.
pub fn marked<'p>(night: &'p Night<'_>) -> BTreeMap<&'p str, Vec<Timestamp>> {
    let is_covered = |at: Timestamp| {
        let tonight = night.corpus.span.into_iter();
        let nights = night.history.covered().map(|(_, night)| night.span());
        let mut spans = tonight.chain(nights);
        spans.any(|span| span.first <= at && at <= moved(span.last, LEAD_SECONDS_MAX))
    };
    let mut names: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
    let covered = night.history.incidents.iter().filter(|i| is_covered(i.at));
    for incident in covered {
        names.entry(&incident.name).or_default().push(incident.at);
    }
    names
}

/// The incidents of one kind on a host.
pub struct Episodes<'n> {
    /// The first of incidents that follow one another within the longest lead: they are one.
    pub starts: Vec<Timestamp>,
    /// The mean share of a night that lies in the window before a start, by the clock alone.
    pub window_share_min: f64,
    window_share: OnceCell<f64>,
    activity: &'n Activity<'n>,
}

impl<'n> Episodes<'n> {
    /// The episodes of sorted times.
    pub fn of(times: &[Timestamp], activity: &'n Activity<'n>) -> Self {
        let mut starts = Vec::new();
        let mut last: Option<Timestamp> = None;
        for &time in times {
            if last.is_none_or(|last| seconds_between(last, time) > LEAD_SECONDS_MAX) {
                starts.push(time);
            }
            last = Some(time);
        }
        let by_clock = |first, last| activity.share_by_clock(first, last);
        Episodes {
            window_share_min: mean_window(&starts, activity, by_clock),
            window_share: OnceCell::new(),
            starts,
            activity,
        }
    }

    /// The mean share of a night that lies in the window before a start: of tonight by the clock or
    /// by the host's lines, of earlier nights by the clock. At least the one by the clock alone; that
    /// rules out nearly all candidates, and the lines need not be looked through.
    pub fn window_share(&self) -> f64 {
        let share = |first, last| self.activity.share_between(first, last, (0, 0));
        let mean = || mean_window(&self.starts, self.activity, share);
        *self.window_share.get_or_init(mean)
    }
}

/// The mean share of a night that lies in the window before a start, given that of a stretch of tonight.
fn mean_window(
    starts: &[Timestamp],
    activity: &Activity<'_>,
    share: impl Fn(Timestamp, Timestamp) -> f64,
) -> f64 {
    let tonight = activity.span.map(|span| span.first);
    let window = |start: &Timestamp| {
        if tonight.is_none_or(|first| *start < first) {
            return (LEAD_SECONDS_MAX - LEAD_SECONDS_MIN) / NIGHT_SECONDS;
        }
        let first = moved(*start, -LEAD_SECONDS_MAX);
        share(first, moved(*start, -LEAD_SECONDS_MIN))
    };
    let shares: f64 = starts.iter().map(window).sum();
    shares / starts.len().max(1) as f64
}
