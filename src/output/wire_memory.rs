//! The JSON objects of what memory alone answers; what they mean stands with the types they show.
//!
//! Fields are only ever added, arrays are never null.

use super::memory::Answer;
use super::wire::write_line;
use crate::event::{Severity, Timestamp};
use crate::format::stamp::format_rfc3339;
use crate::history::Remark;
use crate::memory::{
    Acknowledged, Digest, Entry, Incidents, Presence, Recollection, TicketReason, Words,
};
use serde::Serialize;
use std::io::{self, Write};

/// A word of the user.
#[derive(Serialize)]
pub(super) struct RemarkObject<'a> {
    kind: &'static str,
    text: &'a str,
}

/// An acknowledgement or a mute.
#[derive(Serialize)]
struct AcknowledgedObject {
    kind: &'static str,
    at: Option<String>,
    until: Option<String>,
}

fn acknowledged(known: &Acknowledged) -> AcknowledgedObject {
    AcknowledgedObject {
        kind: if known.muted { "muted" } else { "acknowledged" },
        at: time(Some(known.at)),
        until: time(known.until),
    }
}

#[derive(Serialize)]
struct NightObject {
    night: Option<String>,
    events: u64,
    hosts: u64,
    attention_band: Option<&'static str>,
    candidate_type: Option<&'static str>,
}

#[derive(Serialize)]
struct Example<'a> {
    source: &'a str,
    line: u64,
    text: &'a str,
}

/// `brainstem.recall/1`, and the objects of what is near.
#[derive(Serialize)]
struct RecallLine<'a> {
    schema: &'static str,
    id: String,
    seen: bool,
    near: Option<f64>,
    present: bool,
    service: Option<&'a str>,
    pattern: &'a str,
    first_ever: Option<String>,
    last: Option<String>,
    episodes: u64,
    hosts: &'a [String],
    nights: Vec<NightObject>,
    acknowledged: Option<AcknowledgedObject>,
    remarks: Vec<RemarkObject<'a>>,
    example: Option<Example<'a>>,
    covers_since: Option<String>,
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(format_rfc3339)
}

pub(super) fn remarks(remarks: &[Remark]) -> Vec<RemarkObject<'_>> {
    let objects = remarks.iter().map(|remark| RemarkObject {
        kind: remark.kind.name(),
        text: &remark.text,
    });
    objects.collect()
}

fn known<'a>(known: &'a Recollection, near: Option<f64>, answer: &Answer) -> RecallLine<'a> {
    let nights = known.days.iter().map(|day| NightObject {
        night: time(Some(day.day)),
        events: day.events,
        hosts: day.hosts,
        attention_band: day.band.map(|band| band.name()),
        candidate_type: day.kind.map(|kind| kind.name()),
    });
    RecallLine {
        schema: "brainstem.recall/1",
        id: known.id.to_string(),
        seen: near.is_none(),
        near,
        present: known.present,
        service: known.service.as_deref(),
        pattern: &known.pattern,
        first_ever: time(known.first_ever),
        last: time(known.last),
        episodes: known.episodes,
        hosts: &known.hosts,
        nights: nights.collect(),
        acknowledged: known.acknowledged.as_ref().map(acknowledged),
        remarks: remarks(&known.remarks),
        example: known.example.as_ref().map(|example| Example {
            source: &example.source,
            line: example.line,
            text: &example.text,
        }),
        covers_since: time(answer.covers_since),
    }
}

/// One line for what was seen; else one that says so, and one for each pattern that is near.
pub(super) fn recall(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    if let Some(seen) = &answer.seen {
        return write_line(out, &known(seen, None, answer));
    }
    let unseen = RecallLine {
        schema: "brainstem.recall/1",
        id: answer.id.to_string(),
        seen: false,
        near: None,
        present: false,
        service: None,
        pattern: &answer.pattern,
        first_ever: None,
        last: None,
        episodes: 0,
        hosts: &[],
        nights: Vec::new(),
        acknowledged: None,
        remarks: Vec::new(),
        example: None,
        covers_since: time(answer.covers_since),
    };
    write_line(out, &unseen)?;
    let mut near = answer.near.iter();
    near.try_for_each(|(alike, near)| write_line(out, &known(near, Some(*alike), answer)))
}

/// `brainstem.incident/1`.
#[derive(Serialize)]
struct IncidentLine<'a> {
    schema: &'static str,
    incident: &'a str,
    at: Vec<Option<String>>,
    covered: u64,
    before_seconds: i64,
    remarks: Vec<RemarkObject<'a>>,
    before: Vec<BeforeObject<'a>>,
}

#[derive(Serialize)]
struct BeforeObject<'a> {
    id: String,
    service: Option<&'a str>,
    pattern: &'a str,
    k: u64,
    n: u64,
    lift: f64,
    lead_seconds: i64,
    present: bool,
}

pub(super) fn before(
    name: &str,
    before_seconds: i64,
    incidents: &Incidents,
    said: &[Remark],
    out: &mut dyn Write,
) -> io::Result<()> {
    let before = incidents.before.iter().map(|before| BeforeObject {
        id: before.id.to_string(),
        service: before.service.as_deref(),
        pattern: &before.pattern,
        k: before.before,
        n: incidents.covered,
        lift: before.lift,
        lead_seconds: before.lead_seconds,
        present: before.present,
    });
    let line = IncidentLine {
        schema: "brainstem.incident/1",
        incident: name,
        at: incidents.at.iter().map(|at| time(Some(*at))).collect(),
        covered: incidents.covered,
        before_seconds,
        remarks: remarks(said),
        before: before.collect(),
    };
    write_line(out, &line)
}

/// `brainstem.digest/1`: one group.
#[derive(Serialize)]
struct EntryLine<'a> {
    schema: &'static str,
    id: String,
    service: Option<&'a str>,
    pattern: &'a str,
    attention_band: &'static str,
    attention_score: f64,
    kinds: Vec<&'static str>,
    nights: u64,
    events: u64,
    hosts: u64,
    first_seen: Option<String>,
    last_seen: Option<String>,
    severity: Option<&'static str>,
    alerted: bool,
    ticket_likely: Vec<&'static str>,
    why_it_matters: &'a str,
    acknowledged: Option<AcknowledgedObject>,
    remarks: Vec<RemarkObject<'a>>,
}

fn entry(entry: &Entry) -> EntryLine<'_> {
    let verdict = &entry.latest;
    EntryLine {
        schema: "brainstem.digest/1",
        id: verdict.id.to_string(),
        service: verdict.service.as_deref(),
        pattern: &verdict.pattern,
        attention_band: entry.band.name(),
        attention_score: entry.score,
        kinds: entry.kinds.iter().map(|kind| kind.name()).collect(),
        nights: entry.nights,
        events: entry.events,
        hosts: verdict.hosts,
        first_seen: time(Some(entry.first)),
        last_seen: time(Some(verdict.last)),
        severity: verdict.severity.map(Severity::name),
        alerted: entry.alerted,
        ticket_likely: entry.ticket.iter().map(|reason| ticket(*reason)).collect(),
        why_it_matters: &verdict.why,
        acknowledged: entry.acknowledged.as_ref().map(acknowledged),
        remarks: remarks(&entry.remarks),
    }
}

fn ticket(reason: TicketReason) -> &'static str {
    match reason {
        TicketReason::Escalating => "escalating",
        TicketReason::Spreading => "spreading",
        TicketReason::Precursor => "precursor",
        TicketReason::Ticketed => "ticketed",
        TicketReason::LikeTicket => "like_ticket",
    }
}

#[derive(Serialize)]
struct PresenceObject<'a> {
    id: String,
    service: Option<&'a str>,
    pattern: &'a str,
    nights: u64,
    last_night: Option<String>,
}

#[derive(Serialize)]
struct GapObject {
    from: Option<String>,
    to: Option<String>,
}

/// `brainstem.memory/1`: what is left to say, at the end of a digest.
#[derive(Serialize)]
struct MemoryLine<'a> {
    schema: &'static str,
    since: Option<String>,
    until: Option<String>,
    gone: Vec<PresenceObject<'a>>,
    returned: Vec<PresenceObject<'a>>,
    tickets: u64,
    watched: u64,
    covers_since: Option<String>,
    covers_until: Option<String>,
    runs: u64,
    nights: u64,
    patterns: u64,
    gaps: Vec<GapObject>,
    size_bytes: u64,
}

fn presences(presences: &[Presence]) -> Vec<PresenceObject<'_>> {
    let start = |day: i64| Timestamp(day.saturating_mul(86_400 * Timestamp::MICROS));
    let objects = presences.iter().map(|presence| PresenceObject {
        id: presence.id.to_string(),
        service: presence.service.as_deref(),
        pattern: &presence.pattern,
        nights: presence.days.len() as u64,
        last_night: time(presence.days.last().copied().map(start)),
    });
    objects.collect()
}

pub(super) fn digest(digest: &Digest, top: usize, out: &mut dyn Write) -> io::Result<()> {
    for known in digest.entries.iter().take(top) {
        write_line(out, &entry(known))?;
    }
    let health = &digest.health;
    let gaps = health.gaps.iter().map(|gap| GapObject {
        from: time(Some(gap.first)),
        to: time(Some(gap.last)),
    });
    let line = MemoryLine {
        schema: "brainstem.memory/1",
        since: time(digest.window.since),
        until: time(digest.window.until),
        gone: presences(&digest.gone),
        returned: presences(&digest.returned),
        tickets: digest.tickets.0,
        watched: digest.tickets.1,
        covers_since: time(health.covers_since),
        covers_until: time(health.covers_until),
        runs: health.runs,
        nights: health.days,
        patterns: health.patterns,
        gaps: gaps.collect(),
        size_bytes: digest.size_bytes,
    };
    write_line(out, &line)
}

/// `brainstem.ack/1`: one thing that the user said.
#[derive(Serialize)]
struct WordLine<'a> {
    schema: &'static str,
    target: String,
    kind: &'static str,
    text: Option<&'a str>,
    at: Option<String>,
    until: Option<String>,
}

pub(super) fn words(words: &Words, out: &mut dyn Write) -> io::Result<()> {
    let schema = "brainstem.ack/1";
    let acknowledged = words.acknowledged.iter().map(|known| {
        let AcknowledgedObject { kind, at, until } = acknowledged(known);
        WordLine {
            schema,
            target: known.id.to_string(),
            kind,
            text: None,
            at,
            until,
        }
    });
    let incidents = words.incidents.iter().map(|incident| WordLine {
        schema,
        target: incident.name.clone(),
        kind: "incident",
        text: None,
        at: time(Some(incident.at)),
        until: None,
    });
    let remarks = words.remarks.iter().map(|(target, remark)| WordLine {
        schema,
        target: target.to_string(),
        kind: remark.kind.name(),
        text: Some(&remark.text),
        at: None,
        until: None,
    });
    let mut all = acknowledged.chain(incidents).chain(remarks);
    all.try_for_each(|word| write_line(out, &word))
}
