//! What memory alone says of a stretch of nights: what earned attention, what is gone or back, what
//! is likely to become a ticket.

use super::alike::{alike, words};
use super::recollect::{Health, Presence, Verdict};
use super::{Acknowledged, Problem, Snapshot, Target};
use crate::event::Timestamp;
use crate::finding::{Band, Signal};
use crate::history::Remark;
use crate::output::prose;
use crate::signature::Fingerprint;
use crate::window::Window;
use std::collections::{BTreeMap, BTreeSet};

const DAY_SECONDS: i64 = super::course::DAY_SECONDS;
/// Days of the default window, counted back from the latest in memory.
pub const DEFAULT_DAYS: i64 = 7;
/// Covered days without a pattern after which it is gone.
const GONE_DAYS: usize = 3;
/// Days on which a pattern was seen at least to be missed.
const MISSED_DAYS_MIN: usize = 3;
/// Covered days without a pattern after which it has returned, as in [`crate::history`].
const RETURN_DAYS: usize = 7;
/// Words shared with what became a ticket, to be likely one too.
const LIKE_TICKET_MIN: f64 = 0.6;

/// What to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What a signal typed.
    Of(Signal),
    /// What is likely to become a ticket.
    TicketLikely,
    /// What earned watch or more though nothing else rang for it.
    Unalerted,
    /// What was there and is no more.
    Gone,
    /// What was gone and is back.
    Returned,
}

/// Why something is likely to become a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TicketReason {
    /// It grows.
    Escalating,
    /// It reaches more hosts.
    Spreading,
    /// It comes before incidents.
    Precursor,
    /// It became a ticket before.
    Ticketed,
    /// It is like what became a ticket.
    LikeTicket,
}

/// A group over a stretch of nights.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its latest verdict.
    pub latest: Verdict,
    /// Its highest band.
    pub band: Band,
    /// Its highest score.
    pub score: f64,
    /// What typed it, by how often.
    pub kinds: Vec<Signal>,
    /// Days on which it was judged background or above.
    pub nights: u64,
    /// Events of those days.
    pub events: u64,
    /// The first of them.
    pub first: Timestamp,
    /// Whether something else rang for it on any of them.
    pub alerted: bool,
    /// Why it is likely to become a ticket; empty if it is not.
    pub ticket: BTreeSet<TicketReason>,
    /// Whether the user acknowledged or muted it.
    pub acknowledged: Option<Acknowledged>,
    /// What the user said of it.
    pub remarks: Vec<Remark>,
}

/// What memory says of a stretch of nights.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// The stretch.
    pub window: Window,
    /// What earned attention: watch and above, or what the kinds asked for; the loudest first.
    pub entries: Vec<Entry>,
    /// What was seen on three days or more, and not on the last three covered.
    pub gone: Vec<Presence>,
    /// What was seen again after seven covered days without.
    pub returned: Vec<Presence>,
    /// Of all patterns that ever earned watch, how many became tickets: the base rate.
    pub tickets: (u64, u64),
    /// How whole memory is.
    pub health: Health,
    /// Bytes of the snapshot.
    pub size_bytes: u64,
}

impl Snapshot {
    /// What memory says of a stretch of nights; by default the last seven days that it holds.
    pub fn digest(&self, window: Window, kinds: &[Kind]) -> Result<Digest, Problem> {
        let days = self.days()?;
        let window = match (window.since, window.until, days.last()) {
            (None, None, Some(latest)) => Window {
                since: Some(Timestamp::from_seconds(
                    (latest.clamp(&-super::commit::DAY_MAX, &super::commit::DAY_MAX) + 1
                        - DEFAULT_DAYS)
                        * DAY_SECONDS,
                )),
                until: None,
            },
            _ => window,
        };
        let ticketed = self.ticketed()?;
        let mut entries = entries(self.verdicts(window)?, &ticketed);
        entries.retain(|entry| match kinds {
            [] => entry.band >= Band::Watch,
            kinds => kinds.iter().any(|kind| is(entry, *kind)),
        });
        let mut remarks: BTreeMap<Target, Vec<Remark>> = BTreeMap::new();
        for (target, remark) in self.known(|| self.all_remarks())? {
            remarks.entry(target).or_default().push(remark);
        }
        let acknowledged = self.known(|| self.all_acknowledged())?;
        let acknowledged = acknowledged.into_iter().map(|known| (known.id, known));
        let mut acknowledged: BTreeMap<Fingerprint, Acknowledged> = acknowledged.collect();
        let lessons = self.known(|| self.lessons())?;
        for entry in &mut entries {
            entry.acknowledged = acknowledged.remove(&entry.latest.id);
            let said = remarks.remove(&Target::Pattern(entry.latest.id));
            entry.remarks = said.unwrap_or_default();
            // As where it is judged: what was learnt of an incident is told with what comes before it.
            let lessons = lessons.iter().filter(|(incident, _)| {
                let why = &entry.latest.why;
                prose::names_incident(why, incident)
            });
            entry
                .remarks
                .extend(lessons.flat_map(|(_, said)| said.iter().cloned()));
        }
        let presences = self.presences()?;
        let wants = |kind| kinds.is_empty() || kinds.contains(&kind);
        let chosen = |kind, choose: &dyn Fn(&Presence) -> bool| -> Vec<Presence> {
            let all = presences.iter().filter(|_| wants(kind));
            all.filter(|presence| choose(presence)).cloned().collect()
        };
        let within = within(&days, window);
        Ok(Digest {
            gone: chosen(Kind::Gone, &|presence| is_gone(presence, &within)),
            returned: chosen(Kind::Returned, &|p| is_back(p, &days, &within)),
            tickets: (ticketed.len() as u64, presences.len() as u64),
            health: self.health()?,
            size_bytes: self.size_bytes(),
            window,
            entries,
        })
    }
}

fn is(entry: &Entry, kind: Kind) -> bool {
    match kind {
        Kind::Of(signal) => entry.kinds.contains(&signal),
        Kind::TicketLikely => !entry.ticket.is_empty(),
        Kind::Unalerted => entry.band >= Band::Watch && !entry.alerted,
        Kind::Gone | Kind::Returned => false,
    }
}

/// Verdicts, in order of time, by group.
fn entries(verdicts: Vec<Verdict>, ticketed: &[(Fingerprint, String)]) -> Vec<Entry> {
    let mut groups: BTreeMap<Fingerprint, Vec<Verdict>> = BTreeMap::new();
    for verdict in verdicts {
        groups.entry(verdict.id).or_default().push(verdict);
    }
    let mut entries: Vec<Entry> = groups
        .into_values()
        .filter_map(|verdicts| entry(verdicts, ticketed))
        .collect();
    entries.sort_by(|a, b| {
        let by_score = b.score.total_cmp(&a.score);
        by_score.then_with(|| a.latest.id.cmp(&b.latest.id))
    });
    entries
}

fn entry(verdicts: Vec<Verdict>, ticketed: &[(Fingerprint, String)]) -> Option<Entry> {
    let mut often: BTreeMap<Signal, usize> = BTreeMap::new();
    for kind in verdicts.iter().filter_map(|verdict| verdict.kind) {
        *often.entry(kind).or_default() += 1;
    }
    let mut kinds: Vec<Signal> = often.keys().copied().collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(often[kind]));
    let first = verdicts.first()?.at;
    let mut entry = Entry {
        band: verdicts.iter().map(|v| v.band).max()?,
        score: verdicts.iter().map(|v| v.score).fold(0.0, f64::max),
        nights: verdicts.len() as u64,
        events: verdicts
            .iter()
            .map(|v| v.events)
            .fold(0, u64::saturating_add),
        alerted: verdicts.iter().any(|v| v.alerted),
        latest: verdicts.into_iter().next_back()?,
        ticket: BTreeSet::new(),
        acknowledged: None,
        remarks: Vec::new(),
        kinds,
        first,
    };
    entry.ticket = ticket_reasons(&entry, ticketed);
    Some(entry)
}

fn ticket_reasons(entry: &Entry, ticketed: &[(Fingerprint, String)]) -> BTreeSet<TicketReason> {
    let by_kind = entry.kinds.iter().filter_map(|kind| match kind {
        Signal::Escalation => Some(TicketReason::Escalating),
        Signal::Spread => Some(TicketReason::Spreading),
        Signal::Precursor => Some(TicketReason::Precursor),
        _ => None,
    });
    let mine = words(&entry.latest.pattern);
    let by_ticket = ticketed.iter().filter_map(|(id, text)| {
        let is_it = *id == entry.latest.id;
        let is_like = alike(&mine, &words(text)) >= LIKE_TICKET_MIN;
        match (is_it, is_like) {
            (true, _) => Some(TicketReason::Ticketed),
            (false, true) => Some(TicketReason::LikeTicket),
            _ => None,
        }
    });
    by_kind.chain(by_ticket).collect()
}

/// The covered days that begin within a window.
fn within(days: &[i64], window: Window) -> Vec<i64> {
    let start = |day: i64| day.checked_mul(DAY_SECONDS * Timestamp::MICROS);
    // A window may begin within a day: the day counts.
    let ends_after = |day: i64| {
        let end = start(day.saturating_add(1));
        window
            .since
            .is_none_or(|since| end.is_some_and(|end| end > since.0))
    };
    let begins_before = |day: i64| {
        let until = window.until;
        until.is_none_or(|until| start(day).is_some_and(|start| start < until.0))
    };
    let days = days.iter().copied();
    days.filter(|day| ends_after(*day) && begins_before(*day))
        .collect()
}

/// Whether a pattern that was there is missing on the last days of a window.
fn is_gone(presence: &Presence, within: &[i64]) -> bool {
    let Some(end) = within.len().checked_sub(GONE_DAYS) else {
        return false;
    };
    let missed_since = within.get(end).copied().unwrap_or(i64::MAX);
    let last = presence
        .days
        .iter()
        .filter(|day| within.last() >= Some(day));
    // Gone before the window is no news.
    let last = last.max().filter(|last| within.first() <= Some(last));
    presence.days.len() >= MISSED_DAYS_MIN && last.is_some_and(|last| *last < missed_since)
}

/// Whether a pattern came back within a window.
fn is_back(presence: &Presence, days: &[i64], within: &[i64]) -> bool {
    presence.days.windows(2).any(|pair| {
        let without = days.iter().filter(|day| pair[0] < **day && **day < pair[1]);
        within.contains(&pair[1]) && without.count() >= RETURN_DAYS
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::history::RemarkKind;
    use std::time::Duration;

    fn presence(days: &[i64]) -> Presence {
        Presence {
            id: Fingerprint(1),
            service: None,
            pattern: "pool nearly full".into(),
            days: days.to_vec(),
        }
    }

    #[test]
    fn the_lessons_of_an_incident_are_told_with_what_came_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("night.db");
        let snapshot = Snapshot::open(&path, Duration::ZERO).unwrap();
        let rows = "INSERT INTO patterns VALUES (7, 'ledger', 'flush failed', 1, NULL);
             INSERT INTO days VALUES (0, 1, 1, 0);
             INSERT INTO verdicts (day, id, at, last, band, score, events, hosts, alerted, why)
             VALUES (0, 7, 1, 1, 3, 0.6, 2, 1, 0,
             'Came before 3 of 3 incidents, 5 min ahead: outage. Came twice.');";
        snapshot.connection.execute_batch(rows).unwrap();
        let lesson = Remark {
            kind: RemarkKind::Lesson,
            text: "Swap the cable first".into(),
        };
        for (incident, kind) in [
            ("outage", RemarkKind::Lesson),
            ("outage", RemarkKind::Note),
            ("out", RemarkKind::Lesson),
        ] {
            let text = lesson.text.clone();
            let target = Target::Incident(incident.into());
            let remark = Remark { kind, text };
            snapshot.remark(&target, &remark, Timestamp(0)).unwrap();
        }
        let digest = snapshot.digest(Window::default(), &[]).unwrap();
        assert_eq!(digest.entries[0].remarks, [lesson]);
    }

    #[test]
    fn gone_is_what_was_there_and_is_missing_on_the_last_covered_days() {
        let days: Vec<i64> = (0..10).collect();
        assert!(is_gone(&presence(&[3, 4, 6]), &days));
        assert!(!is_gone(&presence(&[3, 4, 7]), &days));
        assert!(!is_gone(&presence(&[3, 4]), &days));
        assert!(!is_gone(&presence(&[0, 1, 2]), &days[5..]));
        assert!(!is_gone(&presence(&[0, 1, 2]), &days[..2]));
    }

    #[test]
    fn returned_counts_only_days_of_which_something_was_read() {
        let days: Vec<i64> = (0..20).collect();
        assert!(is_back(&presence(&[1, 9]), &days, &days));
        assert!(!is_back(&presence(&[1, 8]), &days, &days));
        assert!(!is_back(&presence(&[1, 9]), &[1, 2, 9], &days));
        assert!(!is_back(&presence(&[1, 9]), &days, &days[12..]));
    }
}
