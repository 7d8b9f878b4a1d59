//! What a detector says, and what the sum of it says of a pattern.
//!
//! A finding is one signal about one group of patterns, with the numbers it rests on. An item is a
//! group with all its findings, their sum and its band. No prose is written here: `output` turns
//! evidence into sentences.

pub use evidence::{
    Evidence, Precursor, SPREAD_HOSTS_MAX, SelfHeal, SeverityBasis, Silence, SilenceScope,
};

use crate::corpus::Example;
use crate::event::{Origin, Severity, Timestamp};
use crate::signature::Fingerprint;

mod evidence;

/// The names under which points are given. The first eight may type an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Low-grade trouble that comes back.
    Recurrence,
    /// Trouble that was followed by its own recovery.
    SelfHeal,
    /// Many times its own usual rate, within minutes.
    Burst,
    /// Reaches more hosts than before.
    Spread,
    /// Grows over nights.
    Escalation,
    /// Comes before an incident more often than chance.
    Precursor,
    /// A steady signal that stopped.
    Silence,
    /// Never seen before.
    Novelty,
    /// How loud the lines are, by header or by words.
    Severity,
    /// The same for nights: takes points away.
    Habituation,
}

impl Signal {
    /// All signals; the order breaks ties between equal contributions.
    pub const ALL: [Signal; 10] = [
        Signal::Recurrence,
        Signal::SelfHeal,
        Signal::Burst,
        Signal::Spread,
        Signal::Escalation,
        Signal::Precursor,
        Signal::Silence,
        Signal::Novelty,
        Signal::Severity,
        Signal::Habituation,
    ];

    /// The name in output and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Signal::Recurrence => "recurrence",
            Signal::SelfHeal => "self_heal",
            Signal::Burst => "burst",
            Signal::Spread => "spread",
            Signal::Escalation => "escalation",
            Signal::Precursor => "precursor",
            Signal::Silence => "silence",
            Signal::Novelty => "novelty",
            Signal::Severity => "severity",
            Signal::Habituation => "habituation",
        }
    }

    /// Whether it may be an item's `candidate_type`.
    pub const fn types_an_item(self) -> bool {
        !matches!(self, Signal::Severity | Signal::Habituation)
    }
}

/// One signal about one group.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Index of the group in the run's groups.
    pub group: usize,
    /// What was seen.
    pub signal: Signal,
    /// What it contributes to the score, -1..=1; negative for habituation only.
    pub points: f64,
    /// What it rests on.
    pub evidence: Evidence,
}

impl Finding {
    /// Leaves it this share of its points, 0..=1.
    pub fn quieten(&mut self, left: f64) {
        self.points *= left;
        if let Evidence::Cause { share, .. }
        | Evidence::NewInBuild { share, .. }
        | Evidence::StrangeInBuild { share, .. } = &mut self.evidence
        {
            *share *= left;
        }
    }
}

/// How much attention an item asks for, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Nothing speaks for it.
    IgnoreFast,
    /// Known and harmless, or too little to say.
    Background,
    /// Worth a glance.
    Watch,
    /// Worth a human's time today.
    Investigate,
    /// Worth keeping as an incident.
    Promote,
}

impl Band {
    /// All bands, least first.
    pub const ALL: [Band; 5] = [
        Band::IgnoreFast,
        Band::Background,
        Band::Watch,
        Band::Investigate,
        Band::Promote,
    ];

    /// The `attention_band` in output, also the word that `--min-band` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Band::IgnoreFast => "ignore_fast",
            Band::Background => "background",
            Band::Watch => "watch",
            Band::Investigate => "investigate",
            Band::Promote => "promote",
        }
    }

    /// The `decision_band` of the same rank.
    pub const fn decision(self) -> &'static str {
        match self {
            Band::IgnoreFast => "ignore",
            Band::Background => "watch",
            Band::Watch => "review",
            Band::Investigate => "urgent_human_review",
            Band::Promote => "promote_to_incident_memory",
        }
    }
}

/// What kind of event a pattern speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Something did not work.
    Failure,
    /// A service started, stopped or reloaded.
    ServiceLifecycle,
    /// Someone logged in, out, or tried to.
    Auth,
    /// Anything else.
    Generic,
}

impl Family {
    /// The name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Family::Failure => "failure",
            Family::ServiceLifecycle => "service_lifecycle",
            Family::Auth => "auth",
            Family::Generic => "generic",
        }
    }
}

/// Where an item stands in what is remembered of earlier nights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Status {
    /// Nothing is remembered that it could be compared with.
    #[default]
    Unknown,
    /// Never seen before.
    New,
    /// Seen before, but not in the last nights.
    Returned,
    /// It grows over nights.
    Escalating,
    /// Seen in the last nights too.
    Recurring,
    /// The same for nights.
    Habitual,
}

impl Status {
    /// The name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Unknown => "unknown",
            Status::New => "new",
            Status::Returned => "returned",
            Status::Escalating => "escalating",
            Status::Recurring => "recurring",
            Status::Habitual => "habitual",
        }
    }

    /// Whether it is other than it was.
    pub const fn is_news(self) -> bool {
        matches!(self, Status::New | Status::Returned | Status::Escalating)
    }
}

/// What is remembered of an item from before tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// What it comes to.
    pub status: Status,
    /// Its first dated event, tonight's included.
    pub first_ever: Option<Timestamp>,
    /// Its last dated event before tonight.
    pub last_before: Option<Timestamp>,
    /// Civil days in UTC before tonight on which it was seen.
    pub nights_seen: u64,
    /// Since when memory reaches: "not seen" means not seen since.
    pub covers_since: Option<Timestamp>,
}

/// A line of the same source and host as an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearby {
    /// 1-based.
    pub line: u64,
    /// What it says, cut at a cap.
    pub text: String,
}

/// A word of the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What it is.
    pub kind: RemarkKind,
    /// What it says.
    pub text: String,
}

/// What a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemarkKind {
    /// Anything worth saying.
    Note,
    /// What was learnt; shown whenever the pattern or incident comes back.
    Lesson,
    /// Where the remedy is written; shown whenever the pattern or incident comes back.
    Runbook,
    /// The ticket that it became.
    Ticket,
    /// A label.
    Label,
}

impl RemarkKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [RemarkKind; 5] = [
        RemarkKind::Lesson,
        RemarkKind::Runbook,
        RemarkKind::Ticket,
        RemarkKind::Note,
        RemarkKind::Label,
    ];

    /// Whether it outlives what it was said of: what was learnt there, and where the remedy stands.
    pub const fn is_lasting(self) -> bool {
        matches!(self, RemarkKind::Lesson | RemarkKind::Runbook)
    }

    /// The name in output and in flags.
    pub const fn name(self) -> &'static str {
        match self {
            RemarkKind::Note => "note",
            RemarkKind::Lesson => "lesson",
            RemarkKind::Runbook => "runbook",
            RemarkKind::Ticket => "ticket",
            RemarkKind::Label => "label",
        }
    }
}

/// The area of operations that a pattern's words speak of; see `lexicon::labels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// No trouble.
    Normal,
    /// Logins, rights, attacks, and who is what.
    SecurityAnomaly,
    /// Something died, did not start, or is corrupt.
    SystemFailure,
    /// Too slow, too much, too full.
    PerformanceIssue,
    /// Links, peers, names, connections.
    NetworkAnomaly,
    /// Something is set wrongly, missing or out of date.
    ConfigError,
    /// Disks, memory, temperature, power.
    HardwareIssue,
}

impl Label {
    /// All labels.
    pub const ALL: [Label; 7] = [
        Label::Normal,
        Label::SecurityAnomaly,
        Label::SystemFailure,
        Label::PerformanceIssue,
        Label::NetworkAnomaly,
        Label::ConfigError,
        Label::HardwareIssue,
    ];

    /// The name in output and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Label::Normal => "NORMAL",
            Label::SecurityAnomaly => "SECURITY_ANOMALY",
            Label::SystemFailure => "SYSTEM_FAILURE",
            Label::PerformanceIssue => "PERFORMANCE_ISSUE",
            Label::NetworkAnomaly => "NETWORK_ANOMALY",
            Label::ConfigError => "CONFIG_ERROR",
            Label::HardwareIssue => "HARDWARE_ISSUE",
        }
    }
}

/// One group of patterns with everything that is said of it.
#[derive(Debug, Clone)]
pub struct Item {
    /// The group's id: the fingerprint that names it.
    pub id: Fingerprint,
    /// The group's pattern with typed placeholders.
    pub pattern: String,
    /// The service, where the lines name one.
    pub service: Option<String>,
    /// The logger or module, where the lines name one.
    pub component: Option<String>,
    /// The section of a CI log that the sample stands in.
    pub section: Option<String>,
    /// What kind of event it is.
    pub family: Family,
    /// The loudest severity, by header or words.
    pub severity: Option<Severity>,
    /// Events in this input.
    pub count: u64,
    /// The names of the hosts, sorted; at most `corpus::HOSTS_MAX`.
    pub hosts: Vec<String>,
    /// First event with a time.
    pub first: Option<Timestamp>,
    /// Last event with a time.
    pub last: Option<Timestamp>,
    /// Events per bucket over the whole input's span, for a sparkline; empty when undated.
    pub course: Vec<u64>,
    /// The areas that its words speak of; at least one.
    pub labels: Vec<Label>,
    /// The findings, most points first.
    pub findings: Vec<Finding>,
    /// Sum of the findings' points, clamped to 0..=1 by construction of the points.
    pub score: f64,
    /// The band the score falls in.
    pub band: Band,
    /// How sure the score is, 0..=1; see `score`.
    pub confidence: f64,
    /// The earliest examples; the first is the sample.
    pub examples: Vec<Example>,
    /// Pass-through fields of alerts and envelopes.
    pub origin: Option<Origin>,
    /// What is remembered of it.
    pub memory: Standing,
    /// What the user said of it.
    pub remarks: Vec<Remark>,
    /// The lines around its first example, where they were asked for.
    pub nearby: Vec<Nearby>,
    /// The item of higher score that speaks at the same moments; most of its points are that one's.
    pub told_with: Option<Fingerprint>,
    /// Other groups that speak at the same moments and are told with this one.
    pub voices: u64,
}

impl Item {
    /// The signal that contributed most among those that may type an item; `None` when nothing
    /// was found. Where only severity speaks it is `Recurrence`: trouble seen is trouble to recur.
    pub fn candidate_type(&self) -> Option<Signal> {
        let typing = self
            .findings
            .iter()
            .filter(|f| f.signal.types_an_item() && f.points > 0.0);
        // The findings are sorted by points, and ties by the order of the signals.
        let strongest = typing.map(|finding| finding.signal).next();
        strongest.or_else(|| (!self.findings.is_empty()).then_some(Signal::Recurrence))
    }
    /// Whether it is other than it was: what `--new-only` shows. A known signal that stops is, though
    /// its pattern is as ever; without memory nothing is.
    pub fn is_news(&self) -> bool {
        let stopped =
            self.memory.status != Status::Unknown && self.candidate_type() == Some(Signal::Silence);
        stopped || self.memory.status.is_news()
    }
}
