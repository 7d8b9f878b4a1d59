//! The corpus: what is kept of any input, per pattern; a commutative monoid under [`Corpus::merge`].

use crate::event::Timestamp;

/// One event kept as an example.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// When it happened; examples without a time sort last.
    pub timestamp: Option<Timestamp>,
    /// 1-based number of its first line in the source.
    pub line: u64,
    /// The source's name as the user gave it; `-` for standard input.
    pub source: String,
    /// The whole event as read, its continuation lines joined by newlines, cut at a cap.
    pub text: String,
}

use crate::assemble::DropReason;
use crate::event::Severity;
use crate::signature::{Fingerprint, Signature};
use std::collections::BTreeMap;

/// Stand-in.
#[derive(Debug, Clone, Default)]
pub struct Accounting {
    /// Lines that open an event.
    pub events: u64,
    /// Further lines of an event.
    pub continuation: u64,
    /// Muted.
    pub muted: u64,
    /// By reason.
    pub dropped: BTreeMap<DropReason, u64>,
    /// Events with a time.
    pub dated: u64,
}
impl Accounting {
    /// All lines read.
    pub fn lines(&self) -> u64 {
        self.events + self.continuation + self.muted + self.dropped()
    }
    /// Lines dropped, for whatever reason.
    pub fn dropped(&self) -> u64 {
        self.dropped.values().sum()
    }
    /// Events without a time.
    pub fn undated(&self) -> u64 {
        self.events.saturating_sub(self.dated)
    }
}

/// Stand-in.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Patterns.
    pub patterns_max: usize,
    /// Bytes of an example.
    pub example_bytes_max: usize,
    /// Hosts.
    pub hosts_max: usize,
    /// Times.
    pub times_max: usize,
}
impl Default for Limits {
    fn default() -> Self {
        Limits {
            patterns_max: 100_000,
            example_bytes_max: 4096,
            hosts_max: 1024,
            times_max: 300,
        }
    }
}
/// Stand-in.
#[derive(Debug, Clone, Copy, Default)]
pub struct LimitsReached {
    /// Lines.
    pub lines_cut: u64,
    /// Events.
    pub events_long: u64,
    /// Events.
    pub events_of_other_patterns: u64,
    /// Patterns.
    pub patterns_with_hosts_unnamed: usize,
    /// Patterns.
    pub patterns_dense: usize,
}
/// Stand-in.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The earliest.
    pub first: Timestamp,
    /// The latest.
    pub last: Timestamp,
}
/// Stand-in.
#[derive(Debug, Clone, Default)]
pub struct Hosts;
impl Hosts {
    /// Sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
}
/// Stand-in.
#[derive(Debug, Clone, Default)]
pub struct Pattern {
    /// The service.
    pub service: Option<Box<str>>,
    /// The pattern.
    pub display: Box<str>,
    /// Events.
    pub count: u64,
    /// From first to last.
    pub span: Option<Span>,
    /// The hosts.
    pub hosts: Hosts,
    /// Kept events.
    pub examples: Vec<Example>,
}
impl Pattern {
    /// Stand-in.
    pub fn new(signature: &Signature) -> Self {
        Pattern {
            service: signature.service.clone(),
            display: signature.pattern.clone(),
            ..Pattern::default()
        }
    }
    /// Events of a level.
    pub fn level(&self, _severity: Option<Severity>) -> u64 {
        0
    }
}
/// Stand-in.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    /// The patterns.
    pub patterns: BTreeMap<Fingerprint, Pattern>,
    /// The lines.
    pub accounting: Accounting,
    /// The caps.
    pub limits: Limits,
}
impl Corpus {
    /// Stand-in.
    pub fn merge(&mut self, other: Corpus) {
        let (mine, theirs) = (&mut self.accounting, other.accounting);
        mine.events += theirs.events;
        mine.continuation += theirs.continuation;
        for (reason, lines) in theirs.dropped {
            *mine.dropped.entry(reason).or_default() += lines;
        }
        for (fingerprint, pattern) in other.patterns {
            match self.patterns.get_mut(&fingerprint) {
                Some(mine) => mine.count += pattern.count,
                None => drop(self.patterns.insert(fingerprint, pattern)),
            }
        }
    }
    /// Stand-in.
    pub fn limits_reached(&self) -> LimitsReached {
        LimitsReached::default()
    }
}
