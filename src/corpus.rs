//! The corpus: what is kept of any input, per pattern. A commutative monoid under [`Corpus::merge`].
//!
//! Every value here is a function of the multiset of events and of nothing else: not of their
//! order, nor of how they were cut into blocks, files, threads or machines. Hence the rule for each
//! cap: what is kept when a cap is reached must be kept in every part that holds it, so that parts
//! and whole agree. Where a cap loses something, what is lost is a difference of two exact
//! counts, never a flag raised on the way.
//!
//! No judgement and no output here, and no reading: `reduce` fills a corpus from events.

use crate::event::Timestamp;
use crate::signature::{Fingerprint, Rank};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

mod accounting;
mod chunks;
mod counted;
mod course;
mod example;
mod gathering;
mod histogram;
mod host;
mod lone;
mod ordered;
mod packed;
mod pattern;
mod sections;
mod selection;
mod tallied;
pub(crate) mod varint;

pub use accounting::Accounting;
pub(crate) use chunks::Chunks;
pub(crate) use counted::{Counted, TimesRoom};
pub use course::{Bucket, Buckets};
pub use example::{Example, Examples};
pub(crate) use example::{example_key, example_text};
pub(crate) use gathering::Gathering;
pub use histogram::Histogram;
pub(crate) use host::SLOT_MICROS;
pub use host::{Host, Hosts, SLOT_SECONDS, Slot, SlotIter, Slots};
pub(crate) use lone::Lone;
pub use pattern::Pattern;
pub use sections::{Extents, SECTION_MARKS_MAX, SectionMark, Sections};
pub(crate) use tallied::Tallied;

/// Patterns kept by themselves; the events of the others are counted as [`Corpus::other`].
pub const PATTERNS_MAX: usize = 100_000;
/// Patterns of each class that stay before any class keeps more.
pub const CLASS_PATTERNS: usize = 64;
/// Examples kept of a pattern.
pub const EXAMPLES_MAX: usize = 5;
/// Bytes of text kept of an example, its continuation lines included.
pub const EXAMPLE_BYTES_MAX: usize = 4096;
/// Hosts kept by name for a pattern.
pub const HOSTS_MAX: usize = 1024;
/// Exact times kept for a pattern on one host: a little more than one every five minutes for a day.
pub const TIMES_MAX: usize = 300;
/// Five-minute slots kept for a pattern on one host that is dense: 35 days of every one.
pub const SLOTS_MAX: usize = 10_080;
/// Non-empty buckets of a pattern's histogram.
pub const BUCKETS_MAX: usize = 512;

/// The caps of a corpus.
///
/// The defaults are the largest: merging takes the lesser of each, which keeps
/// [`Corpus::default`] the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// See [`PATTERNS_MAX`].
    pub patterns_max: usize,
    /// See [`CLASS_PATTERNS`].
    pub class_patterns: usize,
    /// See [`EXAMPLES_MAX`].
    pub examples_max: usize,
    /// See [`EXAMPLE_BYTES_MAX`].
    pub example_bytes_max: usize,
    /// See [`HOSTS_MAX`].
    pub hosts_max: usize,
    /// See [`TIMES_MAX`].
    pub times_max: usize,
    /// See [`SLOTS_MAX`].
    pub slots_max: usize,
    /// See [`BUCKETS_MAX`]; at least 2, since the epoch parts any two buckets.
    pub buckets_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            patterns_max: PATTERNS_MAX,
            class_patterns: CLASS_PATTERNS,
            examples_max: EXAMPLES_MAX,
            example_bytes_max: EXAMPLE_BYTES_MAX,
            hosts_max: HOSTS_MAX,
            times_max: TIMES_MAX,
            slots_max: SLOTS_MAX,
            buckets_max: BUCKETS_MAX,
        }
    }
}

impl Limits {
    /// The lesser of each cap.
    pub fn least(&self, other: &Limits) -> Limits {
        Limits {
            patterns_max: self.patterns_max.min(other.patterns_max),
            class_patterns: self.class_patterns.min(other.class_patterns),
            examples_max: self.examples_max.min(other.examples_max),
            example_bytes_max: self.example_bytes_max.min(other.example_bytes_max),
            hosts_max: self.hosts_max.min(other.hosts_max),
            times_max: self.times_max.min(other.times_max),
            slots_max: self.slots_max.min(other.slots_max),
            buckets_max: self.buckets_max.min(other.buckets_max),
        }
    }
}

/// From the first to the last of some points in time, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The earliest.
    pub first: Timestamp,
    /// The latest.
    pub last: Timestamp,
}

impl Span {
    /// Widens `span` so that it holds `time`.
    pub fn include(span: &mut Option<Span>, time: Timestamp) {
        match span {
            Some(span) => {
                span.first = span.first.min(time);
                span.last = span.last.max(time);
            }
            None => {
                *span = Some(Span {
                    first: time,
                    last: time,
                });
            }
        }
    }

    /// Widens `span` so that it holds `other`.
    pub fn join(span: &mut Option<Span>, other: Option<Span>) {
        *span = match (*span, other) {
            (Some(a), Some(b)) => Some(Span {
                first: a.first.min(b.first),
                last: a.last.max(b.last),
            }),
            (a, b) => a.or(b),
        };
    }
}

/// What is kept of an input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Corpus {
    /// The patterns by identity.
    ///
    /// Past [`Limits::patterns_max`] those stay that [`selection`] says: of each class of patterns, those
    /// that open with the same words, some, and then more of the large ones, all by hashes. So this is a
    /// sample that is blind to how frequent or how loud they are: anything that looked at counts would
    /// keep in one part what it dropped in another, and its counts would be wrong. Those that stay are exact.
    pub patterns: BTreeMap<Fingerprint, Box<Pattern>>,
    /// What became of each line.
    pub accounting: Accounting,
    /// From the first to the last dated event, of all patterns.
    pub span: Option<Span>,
    /// The sections that marks of CI systems divide the input into.
    pub sections: Sections,
    /// How many lines each source has.
    pub extents: Extents,
    /// The caps in force.
    pub limits: Limits,
    /// What [`Corpus::patterns_estimate`] tells, where that is known already.
    pub estimated: Estimated,
}

/// How many patterns an input has of which some were left out, as far as it was worked out by the way. It
/// follows from what a corpus holds and is no part of that: all are equal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Estimated(Option<u64>);

impl PartialEq for Estimated {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Corpus {
    /// Adds `other`, as if its events had been read here.
    ///
    /// Commutative and associative where the caps are equal; [`Corpus::default`] is the identity.
    /// Where they differ, the lesser of each holds for the result.
    pub fn merge(&mut self, mut other: Corpus) {
        let patterns = std::mem::take(&mut other.patterns);
        if !patterns.is_empty() {
            self.estimated = Estimated::default();
        }
        self.merge_lines(other);
        for (fingerprint, mut pattern) in patterns {
            match self.patterns.entry(fingerprint) {
                Entry::Occupied(mine) => mine.into_mut().merge(*pattern, &self.limits),
                Entry::Vacant(place) => {
                    pattern.enforce(&self.limits);
                    place.insert(pattern);
                }
            }
        }
        if self.patterns.len() > self.limits.patterns_max {
            let mut ranks = self.ranks();
            ranks.sort_unstable();
            let (refused, _) = selection::select(&mut ranks, &self.limits);
            for rank in refused {
                self.patterns.remove(&rank.fingerprint);
            }
        }
    }

    /// Adds all of `other` but its patterns.
    fn merge_lines(&mut self, other: Corpus) {
        let limits = self.limits.least(&other.limits);
        if limits != self.limits {
            self.limits = limits;
            self.estimated = Estimated::default();
            self.patterns
                .values_mut()
                .for_each(|pattern| pattern.enforce(&limits));
        }
        self.accounting.merge(&other.accounting);
        self.sections.merge(other.sections);
        self.extents.merge(other.extents);
        Span::join(&mut self.span, other.span);
    }

    /// One pattern.
    pub fn pattern(&self, id: Fingerprint) -> Option<&Pattern> {
        self.patterns.get(&id).map(Box::as_ref)
    }

    fn ranks(&self) -> Vec<Rank> {
        let patterns = self.patterns.iter();
        patterns
            .map(|(id, pattern)| Rank::of(*id, pattern.service.as_deref(), &pattern.display))
            .collect()
    }

    /// Events of patterns that [`Limits::patterns_max`] left out; 0 while it was not reached.
    pub fn other(&self) -> u64 {
        self.beyond(self.patterns.values().map(|pattern| pattern.count).sum())
    }

    /// All events but so many.
    fn beyond(&self, kept: u64) -> u64 {
        // What is muted is kept among the patterns.
        let all = self.accounting.events + self.accounting.muted;
        all.saturating_sub(kept)
    }

    /// About how many distinct patterns the input has; exact while none was left out.
    pub fn patterns_estimate(&self) -> u64 {
        let estimate = || match self.other() {
            0 => self.patterns.len() as u64,
            _ => selection::estimate(self.ranks(), &self.limits),
        };
        debug_assert!(self.estimated.0.is_none_or(|known| known == estimate()));
        self.estimated.0.unwrap_or_else(estimate)
    }

    /// Which limits this input reached.
    pub fn limits_reached(&self) -> LimitsReached {
        let mut reached = LimitsReached {
            lines_cut: self.accounting.lines_cut,
            events_long: self.accounting.events_long,
            ..LimitsReached::default()
        };
        let mut kept = 0;
        for pattern in self.patterns.values() {
            kept += pattern.count;
            let has_lost_slots = pattern.has_lost_slots(&self.limits);
            reached.patterns_with_hosts_unnamed += usize::from(pattern.events_elsewhere() > 0);
            reached.patterns_dense += usize::from(pattern.is_dense());
            reached.patterns_with_slots_lost += usize::from(has_lost_slots);
        }
        reached.events_of_other_patterns = self.beyond(kept);
        reached
    }
}

/// How often each limit was reached; all zero for an input within bounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitsReached {
    /// Lines longer than the line cap, which lost their tail.
    pub lines_cut: u64,
    /// Events longer than [`EXAMPLE_BYTES_MAX`]; as examples they are cut.
    pub events_long: u64,
    /// Events of patterns beyond [`PATTERNS_MAX`].
    pub events_of_other_patterns: u64,
    /// Patterns with more than [`HOSTS_MAX`] hosts.
    pub patterns_with_hosts_unnamed: usize,
    /// Patterns with more than [`TIMES_MAX`] dated events on a host: no exact times there.
    pub patterns_dense: usize,
    /// Patterns with more than [`SLOTS_MAX`] slots on a host: the earliest are not remembered.
    pub patterns_with_slots_lost: usize,
}
