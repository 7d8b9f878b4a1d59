//! What workers counted of a pattern, before it is worked out what that comes to.
//!
//! Workers that end hold nearly the same patterns and hosts, each with a part of their events. So their parts
//! are put together as they were counted, which moves them and no more; their times, slots and buckets
//! are gone through once, pattern by pattern and on all threads.

use super::{Chunks, Counted, Host, Hosts, Limits, Pattern, Span, TimesRoom};
use crate::signature::Rank;
use smallvec::SmallVec;
use std::iter;
use std::sync::Arc;

/// A pattern on a host as it was counted.
#[derive(Debug)]
struct CountedHost {
    /// See [`Host::name`].
    name: Option<Arc<str>>,
    counted: Counted,
}

/// What is known of hosts that are not kept by name.
#[derive(Debug, Default)]
struct Unnamed {
    count: u64,
    dated: u64,
    span: Option<Span>,
}

impl Unnamed {
    fn add(&mut self, host: &Host) {
        self.merge(&Unnamed {
            count: host.count,
            dated: host.dated(),
            span: host.span(),
        });
    }

    fn merge(&mut self, other: &Unnamed) {
        self.count += other.count;
        self.dated += other.dated;
        Span::join(&mut self.span, other.span);
    }
}

/// What a worker counted of a pattern; see the module.
#[derive(Debug)]
pub(crate) struct Tallied {
    /// Where the pattern stands in the order of those that stay.
    pub rank: Rank,
    /// What the worker counted of it, all but the hosts.
    pattern: Box<Pattern>,
    /// The hosts in the order of their names; at most [`Limits::hosts_max`] names.
    hosts: SmallVec<[CountedHost; 1]>,
    /// How many names these are.
    names: usize,
    /// The hosts beyond.
    unnamed: Unnamed,
    /// The chunks of all that the worker counted.
    chunks: Arc<Chunks>,
    /// What other workers counted of the pattern; none of that has others.
    others: Vec<Tallied>,
}

/// What is left of it once the pattern is worked out: to be dropped when that is done with all of them.
///
/// To free what another thread has allocated, a thread waits for that one, which is busy allocating.
#[derive(Debug)]
#[expect(dead_code, reason = "it is kept for when it is dropped")]
pub(crate) struct Spent {
    hosts: SmallVec<[CountedHost; 1]>,
    pattern: Option<Box<Pattern>>,
    others: Vec<Tallied>,
}

impl Tallied {
    /// What one worker counted of a pattern, which will be given so many hosts; the chunks are those of all
    /// that it counted.
    pub fn new(rank: Rank, pattern: Box<Pattern>, hosts: usize, chunks: Arc<Chunks>) -> Self {
        Tallied {
            rank,
            pattern,
            hosts: SmallVec::with_capacity(hosts),
            names: 0,
            unnamed: Unnamed::default(),
            chunks,
            others: Vec::new(),
        }
    }

    /// Adds a host that it has not got yet, which comes behind those that it has; beyond the cap it is only
    /// counted. Two numbers may have one name.
    pub fn add(
        &mut self,
        name: Option<Arc<str>>,
        counted: Counted,
        limits: &Limits,
        room: &mut TimesRoom,
    ) {
        let is_new = self.hosts.last().is_none_or(|last| last.name != name);
        if is_new && self.names >= limits.hosts_max {
            let parts = [(&counted, &*self.chunks)];
            self.unnamed.add(&Host::counted(None, parts, limits, room));
            return;
        }
        self.names += usize::from(is_new);
        self.hosts.push(CountedHost { name, counted });
    }

    /// Puts parts of the same patterns together; sorts them by fingerprint.
    pub fn join(mut parts: Vec<Tallied>) -> Vec<Tallied> {
        parts.sort_unstable_by_key(|part| part.rank.fingerprint);
        let mut joined: Vec<Tallied> = Vec::with_capacity(parts.len());
        for part in parts {
            debug_assert!(part.others.is_empty());
            match joined.last_mut() {
                Some(last) if last.rank == part.rank => last.others.push(part),
                _ => joined.push(part),
            }
        }
        joined
    }

    /// The pattern with all that was counted of it, and what is left.
    pub fn into_pattern(self, limits: &Limits, room: &mut TimesRoom) -> (Box<Pattern>, Spent) {
        let (hosts, mut all) = self.all_hosts(limits, room);
        all.merge(&self.unnamed);
        let (mut pattern, spent) = match self.others.is_empty() {
            true => (self.pattern, None),
            false => (self.pattern.clone(), Some(self.pattern)),
        };
        for other in &self.others {
            pattern.merge((*other.pattern).clone(), limits);
            all.merge(&other.unnamed);
        }
        hosts.iter().for_each(|host| all.add(host));
        (pattern.count, pattern.dated) = (all.count, all.dated);
        Span::join(&mut pattern.span, all.span);
        pattern.hosts = Hosts::from_sorted(hosts);
        pattern.histogram.enforce(limits.buckets_max);
        let spent = Spent {
            hosts: self.hosts,
            pattern: spent,
            others: self.others,
        };
        (pattern, spent)
    }

    /// As many hosts of all workers as are kept, those of one name put together, and what the others come to.
    fn all_hosts(&self, limits: &Limits, room: &mut TimesRoom) -> (SmallVec<[Host; 1]>, Unnamed) {
        let workers = iter::once(self).chain(&self.others);
        let counted = workers.flat_map(|worker| {
            let hosts = worker.hosts.iter();
            hosts.map(|host| (&host.name, (&host.counted, &*worker.chunks)))
        });
        let mut counted: SmallVec<[_; 1]> = counted.collect();
        counted.sort_by_key(|(name, _)| *name);
        let names = || counted.chunk_by(|one, other| one.0 == other.0);
        let mut hosts = SmallVec::with_capacity(names().count().min(limits.hosts_max));
        let mut unnamed = Unnamed::default();
        for of_name in names() {
            let parts = of_name.iter().map(|(_, part)| *part);
            let host = Host::counted(of_name[0].0.clone(), parts, limits, room);
            match hosts.len() < limits.hosts_max {
                true => hosts.push(host),
                false => unnamed.add(&host),
            }
        }
        (hosts, unnamed)
    }
}
