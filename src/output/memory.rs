//! What memory alone answers, told to people; for programs see `wire_memory`.
//!
//! Plain lines, no wider than asked, nothing of a log unescaped, the first line the answer in short.

use super::escape::visible;
use super::layout::{counted, cut, fold, listed, number, span};
use super::prose::times;
use super::wire_memory as wire;
use crate::event::Timestamp;
use crate::format::stamp::format_rfc3339;
use crate::history::{Remark, RemarkKind};
use crate::memory::{
    Acknowledged, Before, Digest, Entry, Health, Incidents, Presence, Recollection, TicketReason,
    Words,
};
use crate::signature::Fingerprint;
use std::io::{self, Write};

/// Nights shown of a recollection, the latest.
const NIGHTS_SHOWN: usize = 7;
/// Hosts named before the rest is a count.
const HOSTS_SHOWN: usize = 5;
/// Lines that a fact may take.
const FACT_LINES_MAX: usize = 3;
/// Gaps shown, the latest.
const GAPS_SHOWN: usize = 5;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, in this many columns.
    Text {
        /// Columns of a line.
        columns: usize,
    },
    /// One object a line.
    Json,
}

/// What `recall` found of one pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What was asked for.
    pub id: Fingerprint,
    /// Its text; empty where an id was asked for.
    pub pattern: String,
    /// What is known of it; `None` if it was never seen.
    pub seen: Option<Recollection>,
    /// If it was not: the patterns with the most like words, and how like they are, 0..=1.
    pub near: Vec<(f64, Recollection)>,
    /// Since when memory reaches.
    pub covers_since: Option<Timestamp>,
}

/// A page that keeps to its columns.
struct Page<'a> {
    columns: usize,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn line(&mut self, indent: usize, text: &str) -> io::Result<()> {
        let text = cut(&visible(text), self.columns.saturating_sub(indent));
        writeln!(self.out, "{:indent$}{text}", "")
    }

    /// Text that may take several lines.
    fn text(&mut self, indent: usize, text: &str, lines_max: usize) -> io::Result<()> {
        let lines = fold(
            &visible(text),
            self.columns.saturating_sub(indent),
            lines_max,
        );
        let mut lines = lines.iter();
        lines.try_for_each(|line| writeln!(self.out, "{:indent$}{line}", ""))
    }

    /// A fact, to its end.
    fn fact(&mut self, indent: usize, text: &str) -> io::Result<()> {
        self.text(indent, text, FACT_LINES_MAX)
    }

    fn remarks(&mut self, indent: usize, remarks: &[Remark]) -> io::Result<()> {
        for kind in RemarkKind::ALL {
            for remark in remarks.iter().filter(|remark| remark.kind == kind) {
                self.fact(indent, &format!("{}: {}", kind.name(), remark.text))?;
            }
        }
        Ok(())
    }

    /// What the user said of a pattern.
    fn said(
        &mut self,
        indent: usize,
        acknowledged: Option<&Acknowledged>,
        remarks: &[Remark],
    ) -> io::Result<()> {
        if let Some(known) = acknowledged {
            self.line(indent, &state(known))?;
        }
        self.remarks(indent, remarks)
    }

    fn recollection(&mut self, known: &Recollection) -> io::Result<()> {
        let events: u64 = known.days.iter().map(|day| day.events).sum();
        let mut told = format!(
            "{} in {}, {}",
            times(events),
            counted(known.days.len() as u64, "night"),
            counted(known.episodes, "episode")
        );
        if !known.hosts.is_empty() {
            told += &format!(" on {}", listed(&known.hosts, HOSTS_SHOWN));
        }
        self.fact(2, &told)?;
        if let Some((first, last)) = known.first_ever.zip(known.last) {
            self.line(2, &span(first, last.max(first)))?;
        }
        self.said(2, known.acknowledged.as_ref(), &known.remarks)?;
        for night in known.days.iter().rev().take(NIGHTS_SHOWN) {
            let judged = night.band.map(|band| band.name()).unwrap_or("not judged");
            let kind = night.kind.map(|kind| format!(", {}", kind.name()));
            let told = format!(
                "{}  {} on {}  {judged}{}",
                day(night.day),
                times(night.events),
                counted(night.hosts, "host"),
                kind.unwrap_or_default()
            );
            self.line(2, &told)?;
        }
        if let Some(example) = &known.example {
            self.line(2, &format!("{}:{}", example.source, example.line))?;
            self.text(
                2,
                &format!("│ {}", example.text.lines().next().unwrap_or("")),
                2,
            )?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let verdict = &entry.latest;
        let title = title(verdict.service.as_deref(), &verdict.pattern);
        writeln!(self.out)?;
        self.text(2, &format!("{:.2}  {title}", entry.score), 2)?;
        let kinds: Vec<&str> = entry.kinds.iter().map(|kind| kind.name()).collect();
        let told = format!(
            "{}  {}  {} in {}  {}",
            verdict.id,
            entry.band.name(),
            times(entry.events),
            counted(entry.nights, "night"),
            kinds.join(", ")
        );
        self.fact(8, told.trim_end())?;
        self.line(8, &span(entry.first, verdict.last.max(entry.first)))?;
        self.fact(8, &verdict.why)?;
        if !entry.ticket.is_empty() {
            let reasons: Vec<&str> = entry.ticket.iter().map(|r| ticket_reason(*r)).collect();
            self.fact(8, &format!("likely a ticket: {}", reasons.join("; ")))?;
        }
        self.said(8, entry.acknowledged.as_ref(), &entry.remarks)
    }

    fn presences(&mut self, heading: &str, presences: &[Presence]) -> io::Result<()> {
        if presences.is_empty() {
            return Ok(());
        }
        writeln!(self.out)?;
        self.line(0, heading)?;
        for presence in presences {
            let last = presence.days.last().map(|day| of_day(*day));
            let told = format!(
                "{}  last {}  {}",
                presence.id,
                last.unwrap_or_default(),
                title(presence.service.as_deref(), &presence.pattern)
            );
            self.line(2, &told)?;
        }
        Ok(())
    }

    fn health(&mut self, health: &Health, size_bytes: u64) -> io::Result<()> {
        let covers = match health.covers_since.zip(health.covers_until) {
            Some((since, until)) => span(since, until.max(since)),
            None => "nothing dated".to_owned(),
        };
        self.line(0, &format!("Memory covers {covers}."))?;
        let skipped = health.gaps.len().saturating_sub(GAPS_SHOWN);
        if skipped > 0 {
            self.line(
                0,
                &format!("{} before these.", counted(skipped as u64, "gap")),
            )?;
        }
        for gap in health.gaps.iter().skip(skipped) {
            let told = format!(
                "No run between {} and {}.",
                minute(gap.first),
                minute(gap.last)
            );
            self.line(0, &told)?;
        }
        let told = format!(
            "{}, {}, {}, {:.1} MB",
            counted(health.runs, "run"),
            counted(health.days, "day"),
            counted(health.patterns, "pattern"),
            size_bytes as f64 / 1e6
        );
        self.line(0, &told)
    }
}

/// Prints what `recall` found of one pattern.
pub fn recall(answer: &Answer, format: Format, out: &mut dyn Write) -> io::Result<()> {
    let columns = match format {
        Format::Json => return wire::recall(answer, out),
        Format::Text { columns } => columns,
    };
    let mut page = Page { columns, out };
    let since = match answer.covers_since {
        Some(since) => format!("memory covers since {}", minute(since)),
        None => "memory is empty".to_owned(),
    };
    let Some(known) = &answer.seen else {
        page.line(0, &format!("{}: not seen; {since}", answer.id))?;
        if !answer.pattern.is_empty() {
            page.text(2, &answer.pattern, 2)?;
        }
        for (alike, near) in &answer.near {
            let title = title(near.service.as_deref(), &near.pattern);
            let percent = (alike * 100.0).round();
            writeln!(page.out)?;
            page.line(0, &format!("{}: near, {percent:.0}% alike", near.id))?;
            page.text(2, &title, 2)?;
            page.recollection(near)?;
        }
        return Ok(());
    };
    let status = match known.present {
        true => "seen, also on the latest night",
        false => "seen, but not on the latest night",
    };
    page.line(0, &format!("{}: {status}", answer.id))?;
    page.text(2, &title(known.service.as_deref(), &known.pattern), 2)?;
    page.line(2, &since)?;
    page.recollection(known)
}

/// Prints what came before the incidents of a name.
pub fn before(
    name: &str,
    before_seconds: i64,
    incidents: &Incidents,
    remarks: &[Remark],
    format: Format,
    out: &mut dyn Write,
) -> io::Result<()> {
    let columns = match format {
        Format::Json => return wire::before(name, before_seconds, incidents, remarks, out),
        Format::Text { columns } => columns,
    };
    let mut page = Page { columns, out };
    let n = incidents.at.len() as u64;
    if n == 0 {
        return page.line(0, &format!("{name}: no incident of this name"));
    }
    let told = format!(
        "{name}: {}, {} within what memory holds",
        counted(n, "incident"),
        number(incidents.covered)
    );
    page.line(0, &told)?;
    for at in &incidents.at {
        page.line(2, &format!("{} UTC", minute(*at)))?;
    }
    page.remarks(2, remarks)?;
    for before in &incidents.before {
        page.line(0, "")?;
        tell_before(&mut page, before, incidents.covered)?;
    }
    if incidents.before.is_empty() {
        page.line(0, "Nothing came before them more often than by chance.")?;
    }
    Ok(())
}

fn tell_before(page: &mut Page<'_>, before: &Before, covered: u64) -> io::Result<()> {
    page.text(2, &title(before.service.as_deref(), &before.pattern), 2)?;
    let told = format!(
        "{}  before {} of {covered}, {:.1} times chance, {} s ahead{}",
        before.id,
        before.before,
        before.lift,
        number(before.lead_seconds.unsigned_abs()),
        if before.present { ", present now" } else { "" }
    );
    page.fact(4, &told)
}

/// Prints what memory says of a stretch of nights.
pub fn digest(digest: &Digest, top: usize, format: Format, out: &mut dyn Write) -> io::Result<()> {
    let columns = match format {
        Format::Json => return wire::digest(digest, top, out),
        Format::Text { columns } => columns,
    };
    let mut page = Page { columns, out };
    let since = digest
        .window
        .since
        .map(|since| format!(" since {}", day(since)));
    let told = format!(
        "brainstem: {}, {} gone, {} returned{}",
        counted(digest.entries.len() as u64, "pattern"),
        number(digest.gone.len() as u64),
        number(digest.returned.len() as u64),
        since.unwrap_or_default()
    );
    page.line(0, &told)?;
    for entry in digest.entries.iter().take(top) {
        page.entry(entry)?;
    }
    if digest.entries.len() > top {
        let more = counted((digest.entries.len() - top) as u64, "more pattern");
        page.line(0, "")?;
        page.line(0, &format!("{more}; --top 0 shows all."))?;
    }
    page.presences(
        "GONE  seen on three nights or more, not on the last three",
        &digest.gone,
    )?;
    page.presences(
        "RETURNED  seen again after seven nights without",
        &digest.returned,
    )?;
    writeln!(page.out)?;
    if digest.entries.iter().any(|entry| !entry.ticket.is_empty()) {
        let (tickets, all) = digest.tickets;
        let told = format!(
            "Of {} that ever earned watch, {} became tickets.",
            counted(all, "pattern"),
            number(tickets)
        );
        page.line(0, &told)?;
    }
    page.health(&digest.health, digest.size_bytes)
}

/// Prints all that the user said.
pub fn words(words: &Words, format: Format, out: &mut dyn Write) -> io::Result<()> {
    let columns = match format {
        Format::Json => return wire::words(words, out),
        Format::Text { columns } => columns,
    };
    let mut page = Page { columns, out };
    for known in &words.acknowledged {
        let state = state(known);
        let title = title(known.service.as_deref(), &known.pattern);
        page.line(0, &format!("{}  {state}  {title}", known.id))?;
    }
    for incident in &words.incidents {
        page.line(
            0,
            &format!("{}  incident at {} UTC", incident.name, minute(incident.at)),
        )?;
    }
    for (target, remark) in &words.remarks {
        page.text(
            0,
            &format!("{target}  {}: {}", remark.kind.name(), remark.text),
            3,
        )?;
    }
    Ok(())
}

/// What was said by acknowledging.
fn state(known: &Acknowledged) -> String {
    match (known.muted, known.until) {
        (false, _) => "acknowledged".to_owned(),
        (true, None) => "muted".to_owned(),
        (true, Some(until)) => format!("muted until {}", minute(until)),
    }
}

/// Why something is likely to become a ticket, in words.
fn ticket_reason(reason: TicketReason) -> &'static str {
    match reason {
        TicketReason::Escalating => "it grows over nights",
        TicketReason::Spreading => "it reaches more hosts",
        TicketReason::Precursor => "it comes before incidents",
        TicketReason::Ticketed => "it became one before",
        TicketReason::LikeTicket => "it is like one that did",
    }
}

fn title(service: Option<&str>, pattern: &str) -> String {
    match service {
        Some(service) => format!("{service}: {pattern}"),
        None => pattern.to_owned(),
    }
}

fn minute(at: Timestamp) -> String {
    format_rfc3339(at)
        .get(..16)
        .unwrap_or("?")
        .replace('T', " ")
}

fn day(at: Timestamp) -> String {
    format_rfc3339(at).get(..10).unwrap_or("?").to_owned()
}

/// The date of a day since 1970.
fn of_day(days: i64) -> String {
    day(Timestamp(days.saturating_mul(86_400 * Timestamp::MICROS)))
}
