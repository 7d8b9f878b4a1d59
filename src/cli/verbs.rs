//! The words of the commands that ask memory or tell it something: `digest`, `recall`, `ack`.

use super::memory::{SnapshotFlags, seconds};
use super::time::{ClockFlags, WindowFlags};
use super::{TOP_TEXT, complain_of};
use crate::event::Timestamp;
use crate::finding::Signal;
use crate::history::{Remark, RemarkKind};
use crate::memory::Kind;
use crate::output::memory::Format;
use crate::run::{Ack, Digest, Recall, What};
use crate::signature::Fingerprint;
use crate::terminal::{self, Colour};
use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args};

/// How to print, when it is now, and where the snapshot is.
#[derive(Args)]
struct Common {
    /// How to print: text or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    #[arg(value_parser = ["text", "json"], help_heading = "Output")]
    format: String,

    #[command(flatten)]
    clock: ClockFlags,

    #[command(flatten)]
    memory: SnapshotFlags,
}

impl Common {
    fn format(&self) -> Format {
        match self.format.as_str() {
            "json" => Format::Json,
            _ => Format::Text {
                columns: terminal::style(Colour::Never).columns,
            },
        }
    }
}

#[derive(Args)]
pub(super) struct DigestFlags {
    /// Tell only this; may be repeated
    ///
    /// A signal (recurrence, self_heal, burst, spread, escalation, precursor, silence, novelty);
    /// `ticket_likely`: what grows, spreads, comes before incidents or is like what became a ticket;
    /// `unalerted`: what earned watch or more though nothing else rang for it; `gone`; `returned`.
    #[arg(long, value_name = "KIND", value_parser = kinds(), hide_possible_values = true)]
    #[arg(help_heading = "Output")]
    kind: Vec<String>,

    /// Tell only what never alerted; short for --kind unalerted
    #[arg(long, help_heading = "Output")]
    unalerted: bool,

    /// Print at most N patterns, 0 for all [default: 10 as text]
    #[arg(long, value_name = "N", help_heading = "Output")]
    top: Option<usize>,

    #[command(flatten)]
    window: WindowFlags,

    #[command(flatten)]
    common: Common,
}

impl DigestFlags {
    pub fn resolve(self, clock: Timestamp) -> Result<Digest, clap::Error> {
        let times = self.common.clock.times("digest", clock)?;
        let format = self.common.format();
        let top = match (self.top, format) {
            (Some(0), _) | (None, Format::Json) => usize::MAX,
            (top, _) => top.unwrap_or(TOP_TEXT),
        };
        let named = self.kind.iter().filter_map(|name| kind(name));
        let unalerted = self.unalerted.then_some(Kind::Unalerted);
        Ok(Digest {
            place: self.common.memory.required_place("digest")?,
            window: self.window.window(&times)?,
            kinds: named.chain(unalerted).collect(),
            top,
            format,
        })
    }
}

const OTHER_KINDS: [(&str, Kind); 4] = [
    ("ticket_likely", Kind::TicketLikely),
    ("unalerted", Kind::Unalerted),
    ("gone", Kind::Gone),
    ("returned", Kind::Returned),
];

fn typing() -> impl Iterator<Item = Signal> {
    Signal::ALL.into_iter().filter(|s| s.types_an_item())
}

fn kinds() -> PossibleValuesParser {
    let others = OTHER_KINDS.iter().map(|(name, _)| *name);
    let names: Vec<&str> = typing().map(Signal::name).chain(others).collect();
    names.into()
}

fn kind(name: &str) -> Option<Kind> {
    let signal = typing().find(|signal| signal.name() == name);
    let other = OTHER_KINDS.iter().find(|(known, _)| *known == name);
    signal.map(Kind::Of).or(other.map(|(_, kind)| *kind))
}

#[derive(Args)]
#[command(group(ArgGroup::new("asked").required(true).args(["what", "incident"])))]
pub(super) struct RecallFlags {
    /// An id, a title, a line as it stands in a log, or `-` for those of standard input
    ///
    /// A line that was never seen is answered with the patterns whose words are nearest.
    #[arg(value_name = "ID|TEXT|-", allow_hyphen_values = true)]
    what: Option<String>,

    /// Tell what came before the incidents of this name
    #[arg(long, value_name = "NAME", help_heading = "Incidents")]
    incident: Option<String>,

    /// How long before
    #[arg(
        long,
        value_name = "SPAN",
        default_value = "30m",
        help_heading = "Incidents"
    )]
    before: String,

    #[command(flatten)]
    common: Common,
}

impl RecallFlags {
    pub fn resolve(self, clock: Timestamp) -> Result<Recall, clap::Error> {
        let times = self.common.clock.times("recall", clock)?;
        let before_seconds = seconds("recall", "--before", &self.before)?;
        let what = match (self.incident, self.what.unwrap_or_default()) {
            (Some(name), _) => What::Incident {
                name,
                before_seconds,
            },
            (None, text) if text == "-" => What::Lines,
            (None, text) => asked(text)?,
        };
        Ok(Recall {
            place: self.common.memory.required_place("recall")?,
            what,
            format: self.common.format(),
            zone: times.zone,
            now: times.now,
        })
    }
}

/// An id or a text to recall.
fn asked(text: String) -> Result<What, clap::Error> {
    let complain = |of: &str, cause: &str| Err(complain_of("recall", of, cause));
    match Fingerprint::parse(text.trim()) {
        Some(id) => Ok(What::Id(id)),
        None if text.trim().is_empty() => complain(
            "ID|TEXT|-",
            "is empty; give an id, a title, a line of a log, or - for the lines of standard input",
        ),
        None if Fingerprint::is_meant(text.trim()) => complain(text.trim(), Fingerprint::LOOKS),
        None => Ok(What::Text(text)),
    }
}

#[derive(Args)]
#[command(group(ArgGroup::new("told").required(true).multiple(true).args(["ids", "incident", "list"])))]
pub(super) struct AckFlags {
    /// The patterns or groups
    #[arg(value_name = "ID", value_parser = id)]
    ids: Vec<Fingerprint>,

    /// Show them no more, and count their events as muted
    ///
    /// A mute wakes early when the item doubles, reaches a third host, or is louder than it was.
    #[arg(long, requires = "ids", help_heading = "What to say")]
    mute: bool,

    /// End the mute after SPAN
    #[arg(
        long,
        value_name = "SPAN",
        requires = "mute",
        help_heading = "What to say"
    )]
    until: Option<String>,

    /// Anything worth saying; may be repeated, as all of these
    #[arg(long, value_name = "TEXT", help_heading = "What to say")]
    note: Vec<String>,

    /// What was learnt; shown whenever the pattern or incident comes back
    #[arg(long, value_name = "TEXT", help_heading = "What to say")]
    lesson: Vec<String>,

    /// Where the remedy is written; shown whenever the pattern or incident comes back
    #[arg(long, value_name = "URL", help_heading = "What to say")]
    runbook: Vec<String>,

    /// The ticket that it became
    #[arg(long, value_name = "ID", help_heading = "What to say")]
    ticket: Vec<String>,

    /// A label
    #[arg(long, value_name = "LABEL", help_heading = "What to say")]
    label: Vec<String>,

    /// Name an incident; remarks are then about it
    #[arg(long, value_name = "NAME", help_heading = "Incidents")]
    incident: Option<String>,

    /// When the incident happened
    #[arg(
        long,
        value_name = "TIME",
        requires = "incident",
        allow_hyphen_values = true
    )]
    #[arg(help_heading = "Incidents")]
    at: Option<String>,

    /// Take back what the other words say, or all that was said of the ids and the incident
    #[arg(long, help_heading = "What to say")]
    undo: bool,

    /// Show all that was said
    #[arg(long, help_heading = "Output", conflicts_with_all = ["ids", "incident", "undo"])]
    list: bool,

    #[command(flatten)]
    common: Common,
}

fn id(text: &str) -> Result<Fingerprint, String> {
    Fingerprint::parse(text).ok_or_else(|| Fingerprint::LOOKS.to_owned())
}

impl AckFlags {
    pub fn resolve(self, clock: Timestamp) -> Result<Ack, clap::Error> {
        let times = self.common.clock.times("ack", clock)?;
        let until = match &self.until {
            Some(span) => {
                let micros = seconds("ack", "--until", span)?.checked_mul(Timestamp::MICROS);
                micros
                    .and_then(|span| times.now.0.checked_add(span))
                    .map(Timestamp)
            }
            None => None,
        };
        let said = [
            (RemarkKind::Note, &self.note),
            (RemarkKind::Lesson, &self.lesson),
            (RemarkKind::Runbook, &self.runbook),
            (RemarkKind::Ticket, &self.ticket),
            (RemarkKind::Label, &self.label),
        ];
        let remark = |kind, text: &String| Remark {
            kind,
            text: text.clone(),
        };
        let remarks = said
            .into_iter()
            .flat_map(|(kind, texts)| texts.iter().map(move |text| remark(kind, text)));
        let remarks: Vec<Remark> = remarks.collect();
        let at = times.instant("--at", &self.at)?;
        if self.incident.is_some() && at.is_none() && remarks.is_empty() && !self.undo {
            return Err(complain_of(
                "ack",
                "--incident",
                "say when it happened with --at",
            ));
        }
        Ok(Ack {
            place: self.common.memory.required_place("ack")?,
            mute: self.mute.then_some(until),
            incident: self.incident,
            undo: self.undo,
            list: self.list,
            format: self.common.format(),
            now: times.now,
            ids: self.ids,
            remarks,
            at,
        })
    }
}
