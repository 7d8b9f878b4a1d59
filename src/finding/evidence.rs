//! What findings rest on: numbers with units, one variant a signal. Prose is `output`'s.

use crate::cause::Class;
use crate::event::{Severity, Timestamp};
use crate::signature::Fingerprint;

/// The numbers a finding rests on. Closed: a new detector adds its variant.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// See `detect::recurrence`.
    Recurrence {
        /// Events of the group in this input.
        count: u64,
        /// The least count that is a recurrence (`--threshold`).
        threshold: u64,
        /// Distinct hours of the epoch in which it occurred; 0 when undated.
        hours: u64,
    },
    /// See `detect::severity`.
    Severity {
        /// The loudest level the group has.
        level: Severity,
        /// Where the level comes from.
        basis: SeverityBasis,
    },
    /// See `detect::self_heal`.
    SelfHeal(Box<SelfHeal>),
    /// See `detect::burst`.
    Burst {
        /// Events within the densest window.
        events: u64,
        /// The length of the window.
        window_seconds: u64,
        /// When the window begins.
        at: Timestamp,
        /// Events that such a window has otherwise, on average.
        usual: f64,
    },
    /// See `detect::spread`.
    Spread {
        /// The hosts in the order in which it reached them; at most [`SPREAD_HOSTS_MAX`] are named.
        order: Vec<String>,
        /// How many hosts there are.
        hosts: u64,
        /// The most hosts of an earlier night; `None` if memory knows none.
        hosts_before: Option<u64>,
        /// From the first event on the first host to the first on the last.
        span_seconds: u64,
    },
    /// See `detect::escalation`.
    Escalation {
        /// Events per night (or day), oldest first, the present one last.
        counts: Vec<u64>,
        /// By what the count multiplies each night.
        growth: f64,
        /// By how many standard deviations it is more than what chance gives.
        deviations: f64,
    },
    /// See `detect::precursor`.
    Precursor(Box<Precursor>),
    /// See `detect::silence`.
    Silence(Box<Silence>),
    /// See `detect::novelty`.
    Novelty {
        /// Since when memory reaches.
        covers_since: Timestamp,
        /// Other new patterns of the same service that are counted here and not told of.
        others: u64,
    },
    /// See `detect::habituation`.
    Habituation {
        /// Earlier nights in which it was the same; 0 where it is on nearly all hosts all the time.
        nights: u64,
        /// The hosts that it is on.
        hosts: u64,
        /// Events of the present night, over the median of those nights.
        rate: Option<f64>,
    },
    /// See `triage`: the class of failing language of a line in a build.
    Cause {
        /// The class.
        class: Class,
        /// What the class is worth by itself.
        worth: f64,
        /// Where its first event stands, 0 at the start of the log and 1 at its end.
        place: f64,
        /// How much of it is believed, 0..=1.
        trust: f64,
        /// What is left of it beside the line that it is told with or follows from, 0..=1.
        share: f64,
    },
    /// See `triage`: builds of the baseline have it, but far fewer events of it.
    MoreInBuild {
        /// Builds of the baseline.
        builds: u64,
        /// Events in this build.
        count: u64,
        /// Most events in one build of the baseline.
        count_most: u64,
    },
    /// See `triage`: builds of the baseline have it, but never held in it what it holds here.
    StrangeInBuild {
        /// Builds of the baseline.
        builds: u64,
        /// Events that hold it.
        count: u64,
        /// What is left of it beside the line that it is told with or follows from, 0..=1.
        share: f64,
    },
    /// See `triage`: no build of the baseline has it.
    NewInBuild {
        /// Builds of the baseline.
        builds: u64,
        /// How alike the nearest pattern of any of them is, 0..1.
        likeness: f64,
        /// Events in this build.
        count: u64,
        /// What is left of it among all that is new, 0..=1.
        crowd: f64,
        /// What is left of it beside the line that it is told with or follows from, 0..=1.
        share: f64,
    },
}

/// Hosts that a spread names.
pub const SPREAD_HOSTS_MAX: usize = 16;

/// Trouble and its recovery.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfHeal {
    /// Index of the recovery's group in the run's groups.
    pub partner: usize,
    /// The recovery's id.
    pub partner_id: Fingerprint,
    /// The recovery's pattern.
    pub partner_pattern: String,
    /// How often trouble was followed by its recovery.
    pub pairs: u64,
    /// How often it was not.
    pub unpaired: u64,
    /// The middle one of the outages.
    pub median_seconds: f64,
    /// The longest outage that ended.
    pub longest_seconds: f64,
}

/// What comes before an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Precursor {
    /// The incident's id, where it is a pattern.
    pub incident_id: Option<Fingerprint>,
    /// The incident's pattern, or the name that the user gave it.
    pub incident: String,
    /// Incidents that it came before.
    pub preceded: u64,
    /// Incidents.
    pub incidents: u64,
    /// How many times more often than its base rate alone would have it.
    pub lift: f64,
    /// From it to the incident, the middle one.
    pub lead_seconds: f64,
    /// The chance of so many where the two have nothing to do with each other.
    pub chance: f64,
}

/// A steady signal that stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    /// The host, where one is named.
    pub host: Option<String>,
    /// What fell silent.
    pub scope: SilenceScope,
    /// The usual time between two events.
    pub period_seconds: f64,
    /// The last event before the silence.
    pub since: Timestamp,
    /// The first event after it; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// Events that were to be expected and did not come.
    pub missed: u64,
}

/// What fell silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilenceScope {
    /// The pattern, while its host went on.
    Pattern,
    /// The whole host, which is told once and not for each of its patterns.
    Host,
}

/// Where a severity was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeverityBasis {
    /// The header's level, in this many of the group's events.
    Header {
        /// Events that state this level.
        events: u64,
    },
    /// A word of the pattern.
    Word(String),
}
