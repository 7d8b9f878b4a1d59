//! One pattern with all that is counted of it.

use super::course::Bucket;
use super::{Examples, Histogram, Host, Hosts, Limits, Span};
use crate::event::{Event, Origin, Severity};
use smallvec::SmallVec;
use std::sync::Arc;

/// One pattern with all that is counted of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// The service, its digits masked; `None` when the lines name none.
    pub service: Option<Arc<str>>,
    /// The pattern with typed placeholders. Lines of one fingerprint may type them differently:
    /// the lexicographically smallest display is kept.
    pub display: Arc<str>,
    /// The smallest name of a logger or module that its lines give.
    pub component: Option<Arc<str>>,
    /// Events.
    pub count: u64,
    /// Events with a time.
    pub dated: u64,
    // Here, since what is asked of each of very many patterns had best stand together.
    pub(super) levels: Levels,
    /// From the first to the last of the dated events.
    pub span: Option<Span>,
    /// The dated events over time.
    pub histogram: Histogram,
    /// The hosts it occurred on.
    pub hosts: Hosts,
    /// The earliest events.
    pub examples: Examples,
    /// The smallest of the pass-through fields that its events carry.
    pub origin: Option<Box<Origin>>,
}

impl AsRef<Pattern> for Pattern {
    fn as_ref(&self) -> &Pattern {
        self
    }
}

impl Pattern {
    /// A pattern with no events yet.
    pub(crate) fn new(service: Option<Arc<str>>, display: Arc<str>) -> Self {
        Pattern {
            service,
            display,
            component: None,
            count: 0,
            dated: 0,
            span: None,
            histogram: Histogram::default(),
            hosts: Hosts::default(),
            examples: Examples::default(),
            origin: None,
            levels: Levels::default(),
        }
    }

    /// Events whose header states this level; `None` asks for those that state none.
    pub fn level(&self, severity: Option<Severity>) -> u64 {
        self.levels.count(severity)
    }

    /// The levels that headers state, the loudest first, with their events.
    pub fn stated_levels(&self) -> impl Iterator<Item = (Severity, u64)> {
        let levels = self.levels.0.iter().filter(|(_, events)| *events > 0);
        levels.filter_map(|(level, events)| Some(((*level)?, *events)))
    }

    /// Events without a time.
    pub fn undated(&self) -> u64 {
        self.count.saturating_sub(self.dated)
    }

    /// Events on hosts that [`Limits::hosts_max`] left unnamed; 0 while it was not reached.
    pub fn events_elsewhere(&self) -> u64 {
        let named = self.hosts.as_slice().iter().map(|host| host.count).sum();
        self.count.saturating_sub(named)
    }

    /// Whether some host's exact times were too many to keep.
    pub fn is_dense(&self) -> bool {
        self.hosts
            .as_slice()
            .iter()
            .any(|host| host.times().is_none())
    }

    /// Whether some host's slots were too many to keep all.
    pub fn has_lost_slots(&self, limits: &Limits) -> bool {
        // Where some were lost there are as many as may be; else what they count need not be added up.
        let is_full = |host: &&Host| host.slots().len() >= limits.slots_max;
        let has_lost = |host: &Host| {
            let kept: u64 = host.slots().map(|slot| u64::from(slot.count)).sum();
            host.times().is_none() && kept < host.dated()
        };
        let hosts = self.hosts.as_slice().iter();
        hosts.filter(is_full).any(has_lost)
    }

    /// The hours since the epoch in which it occurred, with its events in each; an hour may come again,
    /// next to itself.
    ///
    /// Read off the histogram: exact while its buckets are seconds, else the hours in which a
    /// bucket begins.
    pub fn hours(&self) -> impl Iterator<Item = (i64, u64)> {
        let hour = |bucket: &Bucket| self.histogram.start_seconds(bucket).div_euclid(3600);
        let buckets = self.histogram.buckets();
        buckets.map(move |bucket| (hour(&bucket), bucket.count))
    }

    /// Counts events whose header states this level.
    pub(crate) fn add_level(&mut self, level: Option<Severity>, events: u64) {
        self.levels.add(level, events);
    }

    /// Keeps what an event says of where it comes from; saying it again changes nothing.
    pub(crate) fn describe(&mut self, event: &Event<'_>) {
        if let Some(component) = event.component.as_deref() {
            self.describe_component(component);
        }
        if let Some(origin) = event.origin.as_deref() {
            keep_smaller_origin(&mut self.origin, origin);
        }
    }

    /// Keeps the component of an event; saying it again changes nothing.
    pub(crate) fn describe_component(&mut self, component: &[u8]) {
        // Nearly all events of a pattern come from one component, or from a greater one.
        let known = self.component.as_deref().map(str::as_bytes);
        if !known
            .is_some_and(|known| known == component || known < component && component.is_ascii())
        {
            keep_smaller(&mut self.component, &String::from_utf8_lossy(component));
        }
    }

    /// Adds the events of `other`, which has the same fingerprint.
    pub(crate) fn merge(&mut self, other: Pattern, limits: &Limits) {
        if other.display < self.display {
            self.display = other.display;
        }
        for (mine, theirs) in [
            (&mut self.service, other.service.as_deref()),
            (&mut self.component, other.component.as_deref()),
        ] {
            if let Some(theirs) = theirs {
                keep_smaller(mine, theirs);
            }
        }
        if let Some(origin) = other.origin.as_deref() {
            keep_smaller_origin(&mut self.origin, origin);
        }
        self.count += other.count;
        self.dated += other.dated;
        for (level, events) in other.levels.0 {
            self.levels.add(level, events);
        }
        Span::join(&mut self.span, other.span);
        self.histogram.merge(other.histogram, limits.buckets_max);
        self.hosts.merge(other.hosts, limits);
        self.examples.merge(other.examples, limits.examples_max);
        self.enforce_texts(limits);
    }

    /// Applies caps that may be lesser than those it was counted under.
    pub(crate) fn enforce(&mut self, limits: &Limits) {
        self.histogram.enforce(limits.buckets_max);
        self.hosts.enforce(limits);
        self.enforce_texts(limits);
    }

    fn enforce_texts(&mut self, limits: &Limits) {
        self.examples
            .enforce(limits.examples_max, limits.example_bytes_max);
    }
}

/// Events per level that headers state, for the levels met, sorted.
///
/// Nearly all patterns have one, which takes no allocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Levels(pub(super) SmallVec<[(Option<Severity>, u64); 1]>);

impl Levels {
    fn count(&self, level: Option<Severity>) -> u64 {
        let place = self.0.binary_search_by_key(&level, |(level, _)| *level);
        place.map_or(0, |place| self.0[place].1)
    }

    pub(super) fn add(&mut self, level: Option<Severity>, events: u64) {
        match self.0.binary_search_by_key(&level, |(level, _)| *level) {
            Ok(place) => self.0[place].1 += events,
            Err(place) => self.0.insert(place, (level, events)),
        }
    }
}

fn keep_smaller(kept: &mut Option<Arc<str>>, candidate: &str) {
    if kept.as_deref().is_none_or(|kept| candidate < kept) {
        *kept = Some(candidate.into());
    }
}

fn keep_smaller_origin(kept: &mut Option<Box<Origin>>, candidate: &Origin) {
    fn key(origin: &Origin) -> (&Option<String>, &Option<String>, &[(String, String)]) {
        (&origin.tenant_id, &origin.source_type, &origin.fields)
    }
    if kept
        .as_deref()
        .is_none_or(|kept| key(candidate) < key(kept))
    {
        *kept = Some(Box::new(candidate.clone()));
    }
}
