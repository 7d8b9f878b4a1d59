//! What is remembered of earlier nights, as detectors see it: plain data, read once before judging.
//!
//! No SQL, no file and no clock is here: `memory` fills it. A detector that asks "is this new" asks
//! [`History::get`], and says with its answer since when memory reaches.
//!
//! **A night** is 24 hours, counted back from the start of tonight's input, rounded to the nearest hour;
//! so every past night has the same hours, whenever the logs are read, also where a log begins with the
//! last minutes of the one before.
//! `nights` has no holes: a night without any event is there with `events` 0, and nothing can be
//! said of it ("no run").
//!
//! **Nothing at or after the start of tonight is in here**, also if memory holds it: a night that is
//! read again is judged as it was the first time. What the user said (incidents, acknowledgements)
//! is always here.

use crate::corpus::Span;
use crate::event::{Severity, Timestamp};
use crate::finding::{Evidence, Finding, Item, Signal, Standing, Status};
pub use crate::finding::{Remark, RemarkKind};
use crate::signature::Fingerprint;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Past nights that are loaded at most: five of each weekday.
pub const NIGHTS_MAX: usize = 35;
/// The latest nights whose exact times are loaded; the others have their hours only.
pub const TIMES_NIGHTS_MAX: usize = 14;
/// Patterns loaded that are absent tonight; those seen in most nights come first.
pub const ABSENT_PATTERNS_MAX: usize = 20_000;
/// Hours of a night.
pub const HOURS: usize = 24;

/// Covered nights without a pattern after which it has returned: a weekly job never does.
const RETURN_NIGHTS: usize = 7;

/// A host's name; `None` stands for all events that name no host.
pub type HostName = Option<Arc<str>>;

/// All that is remembered from before tonight. The default is a first run: nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The earliest dated event that memory holds; "not seen" means not seen since.
    pub covers_since: Option<Timestamp>,
    /// The past nights, oldest first, without holes; the last ends where tonight starts.
    pub nights: Vec<PastNight>,
    /// The patterns seen in any of `nights`, and those of tonight that were seen ever before.
    pub patterns: HashMap<Fingerprint, Past>,
    /// All hosts ever seen, by name.
    pub hosts: BTreeMap<Arc<str>, HostPast>,
    /// Incidents that the user named, by time.
    pub incidents: Vec<Incident>,
    /// What the user said of patterns and groups, by id.
    pub acknowledgements: HashMap<Fingerprint, Acknowledgement>,
    /// Lessons and runbooks of the incidents that the user named, by name.
    pub lessons: BTreeMap<String, Vec<Remark>>,
    /// Patterns of `nights` absent tonight that are left out of `patterns`, being more than
    /// [`ABSENT_PATTERNS_MAX`].
    pub patterns_left_out: u64,
}

/// One past night, all patterns together.
#[derive(Debug, Clone, PartialEq)]
pub struct PastNight {
    /// Where it starts; a whole hour. It ends 24 hours later, the last one where tonight starts.
    pub start: Timestamp,
    /// Dated events; 0 if nothing was read of that night.
    pub events: u64,
    /// Events in each of its hours: an hour without any may not have been read.
    pub hours: [u64; HOURS],
    /// The hosts that logged, sorted by name, and their events.
    pub hosts: Vec<(HostName, u64)>,
}

/// What is remembered of one pattern.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// The service, as in [`crate::corpus::Pattern`].
    pub service: Option<Arc<str>>,
    /// The pattern with typed placeholders.
    pub pattern: Arc<str>,
    /// Its first dated event ever; `None` if it was only seen without a time.
    pub first_ever: Option<Timestamp>,
    /// Its last dated event before tonight; the start of its five minutes where exact times are not
    /// kept, and on the civil day on which tonight starts.
    pub last_before: Option<Timestamp>,
    /// Civil days in UTC on which it was seen, over all of memory.
    pub nights_seen: u64,
    /// Hosts it was ever seen on, sorted by name, each with its first event there.
    pub hosts: Vec<(HostName, Timestamp)>,
    /// The loaded nights in which it occurred, oldest first.
    pub nights: Vec<PatternNight>,
}

/// A pattern in one past night.
#[derive(Debug, Clone, PartialEq)]
pub struct PatternNight {
    /// Index in [`History::nights`].
    pub night: usize,
    /// Dated events.
    pub count: u64,
    /// The hosts, sorted by name.
    pub hosts: Vec<HostNight>,
}

/// A pattern on one host in one past night.
#[derive(Debug, Clone, PartialEq)]
pub struct HostNight {
    /// The host.
    pub name: HostName,
    /// Dated events.
    pub count: u64,
    /// Events in each hour of the night.
    pub hours: [u32; HOURS],
    /// Seconds from the start of the night, sorted; `None` where there are too many to keep
    /// ([`crate::corpus::TIMES_MAX`] a day) or the night is too long ago.
    pub times: Option<Box<[u32]>>,
}

/// A host over all of memory.
#[derive(Debug, Clone, PartialEq)]
pub struct HostPast {
    /// Its first dated event ever.
    pub first: Timestamp,
    /// The hour of its last dated event before tonight; where `nights` starts if that was before.
    pub last: Timestamp,
}

/// An incident that the user named with `ack --incident`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Incident {
    /// When it happened.
    pub at: Timestamp,
    /// Its name; incidents of one name are alike.
    pub name: String,
}

/// What the user said of a pattern or a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Acknowledgement {
    /// Whether the user has seen it.
    pub acknowledged: bool,
    /// Set while it is muted.
    pub mute: Option<Mute>,
    /// Notes, lessons, runbooks, tickets and labels, in the order in which they were said.
    pub remarks: Vec<Remark>,
}

/// A mute and what it was when it was muted, by which it wakes early.
#[derive(Debug, Clone, PartialEq)]
pub struct Mute {
    /// When it ends; `None` is never.
    pub until: Option<Timestamp>,
    /// Events in the night before it was muted.
    pub count: u64,
    /// Hosts in that night.
    pub hosts: u64,
    /// How loud it was.
    pub severity: Option<Severity>,
    /// The last event that memory held then, to the second: what came later is a change.
    pub known_until: Option<Timestamp>,
}

impl History {
    /// Whether no earlier night is known, so that nothing can be called new, gone or habitual.
    pub fn is_empty(&self) -> bool {
        self.covers_since.is_none()
    }

    /// What is remembered of a pattern; `None` if it was never seen before tonight.
    pub fn get(&self, fingerprint: Fingerprint) -> Option<&Past> {
        self.patterns.get(&fingerprint)
    }

    /// Where a group of patterns stands, as judged tonight.
    pub fn standing(&self, members: &[Fingerprint], item: &Item) -> Standing {
        let pasts: Vec<&Past> = members.iter().filter_map(|id| self.get(*id)).collect();
        let first_before = pasts.iter().filter_map(|past| past.first_ever).min();
        let nights_seen = pasts.iter().map(|past| past.nights_seen).max();
        let points = |signal| {
            let findings = item.findings.iter().filter(|f| f.signal == signal);
            findings.map(|finding| finding.points).sum::<f64>()
        };
        let status = if self.is_empty() && pasts.is_empty() {
            Status::Unknown
        } else if pasts.is_empty() {
            Status::New
        } else if points(Signal::Escalation) > 0.0 {
            Status::Escalating
        } else if self.nights_without(&pasts) >= RETURN_NIGHTS {
            Status::Returned
        } else if points(Signal::Habituation) < 0.0 {
            Status::Habitual
        } else {
            Status::Recurring
        };
        Standing {
            status,
            first_ever: first_before.into_iter().chain(item.first).min(),
            last_before: pasts.iter().filter_map(|past| past.last_before).max(),
            nights_seen: nights_seen.unwrap_or(0),
            covers_since: self.covers_since,
        }
    }

    /// What the user said of a group or its members.
    pub fn remarks(&self, id: Fingerprint, members: &[Fingerprint]) -> Vec<Remark> {
        let ids = std::iter::once(&id).chain(members.iter().filter(|member| **member != id));
        let said = ids.filter_map(|id| self.acknowledgements.get(id));
        said.flat_map(|said| said.remarks.iter().cloned()).collect()
    }

    /// Lessons and runbooks of what findings tell of beside their group: the incident that it comes before,
    /// the recovery that it is told with.
    pub fn lessons(&self, findings: &[Finding]) -> Vec<Remark> {
        let mut lessons = Vec::new();
        for finding in findings {
            let (id, name) = match &finding.evidence {
                Evidence::Precursor(precursor) => (precursor.incident_id, &*precursor.incident),
                Evidence::SelfHeal(heal) => (Some(heal.partner_id), ""),
                _ => continue,
            };
            let of_pattern = id.map(|id| self.remarks(id, &[])).unwrap_or_default();
            let of_name = self.lessons.get(name).filter(|_| id.is_none());
            let said = of_pattern
                .into_iter()
                .chain(of_name.into_iter().flatten().cloned());
            lessons.extend(said.filter(|remark| remark.kind.is_lasting()));
        }
        lessons
    }

    /// The covered nights since any of them was seen last.
    fn nights_without(&self, pasts: &[&Past]) -> usize {
        let last = pasts.iter().filter_map(|past| past.last_before).max();
        // Without a last time it was seen without times, or just before tonight.
        let after = |night: &PastNight| last.is_some_and(|last| night.start > last);
        self.covered().filter(|(_, night)| after(night)).count()
    }

    /// The loaded nights of which something was read, with their indices.
    pub fn covered(&self) -> impl DoubleEndedIterator<Item = (usize, &PastNight)> {
        let nights = self.nights.iter().enumerate();
        nights.filter(|(_, night)| night.events > 0)
    }
}

impl PastNight {
    /// From the first to past the last hour in which anything was logged, as hours of the night.
    pub fn hours_read(&self) -> std::ops::Range<usize> {
        let first = self.hours.iter().position(|events| *events > 0);
        let last = self.hours.iter().rposition(|events| *events > 0);
        first
            .zip(last)
            .map_or(0..0, |(first, last)| first..last + 1)
    }

    /// From its start to its end, both included.
    pub fn span(&self) -> Span {
        let micros = HOURS as i64 * 3600 * Timestamp::MICROS;
        Span {
            first: self.start,
            last: Timestamp(self.start.0.saturating_add(micros - 1)),
        }
    }
}

impl Past {
    /// What it was in a night, by the night's index.
    pub fn in_night(&self, night: usize) -> Option<&PatternNight> {
        let place = self.nights.binary_search_by_key(&night, |past| past.night);
        place.ok().map(|place| &self.nights[place])
    }
}

impl PatternNight {
    /// The pattern on one host; `None` stands for all events that name none.
    pub fn on(&self, host: Option<&str>) -> Option<&HostNight> {
        let place = self
            .hosts
            .binary_search_by(|on| on.name.as_deref().cmp(&host));
        place.ok().map(|place| &self.hosts[place])
    }

    /// Events in each hour of the night, on all hosts.
    pub fn hours(&self) -> [u64; HOURS] {
        let mut sums = [0; HOURS];
        for host in &self.hosts {
            for (sum, events) in sums.iter_mut().zip(host.hours) {
                *sum += u64::from(events);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Precursor;

    #[test]
    fn a_night_knows_which_of_its_hours_were_read() {
        let mut night = PastNight {
            start: Timestamp::from_seconds(7200),
            events: 0,
            hours: [0; HOURS],
            hosts: Vec::new(),
        };
        assert_eq!(night.hours_read(), 0..0);
        (night.hours[3], night.hours[7]) = (1, 2);
        assert_eq!(night.hours_read(), 3..8);
        assert_eq!(night.span().last.seconds(), 7200 + 86_400 - 1);
    }

    #[test]
    fn nothing_is_remembered_on_a_first_run() {
        let history = History::default();
        assert!(history.is_empty() && history.get(Fingerprint(1)).is_none());
        assert_eq!(history.covered().count(), 0);
    }

    #[test]
    fn the_lessons_of_an_incident_are_told_with_what_comes_before_it() {
        let lesson = |text: &str, kind| Remark {
            kind,
            text: text.to_owned(),
        };
        let mut history = History::default();
        let said = vec![lesson("move the lease", RemarkKind::Lesson)];
        history.lessons.insert("outage".into(), said.clone());
        let of_pattern = Acknowledgement {
            remarks: vec![
                lesson("OPS-7", RemarkKind::Ticket),
                lesson("https://wiki.example/crash", RemarkKind::Runbook),
            ],
            ..Acknowledgement::default()
        };
        history.acknowledgements.insert(Fingerprint(9), of_pattern);
        let finding = |incident_id, incident: &str| Finding {
            group: 0,
            signal: Signal::Precursor,
            points: 0.5,
            evidence: Evidence::Precursor(Box::new(Precursor {
                incident_id,
                incident: incident.to_owned(),
                preceded: 3,
                incidents: 3,
                lift: 20.0,
                lead_seconds: 60.0,
                chance: 1e-4,
            })),
        };
        assert_eq!(history.lessons(&[finding(None, "outage")]), said);
        let by_id = history.lessons(&[finding(Some(Fingerprint(9)), "outage")]);
        assert_eq!(by_id.len(), 1);
        assert_eq!(by_id[0].kind, RemarkKind::Runbook);
    }
}
