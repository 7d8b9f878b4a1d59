//! What workers counted of a pattern, before it is worked out what that comes to.
//!
//! Workers that end hold nearly the same patterns and hosts, each with a part of their events. So their parts
//! are put together as they were counted, which moves them and no more; their times, slots and buckets
//! are gone through once, pattern by pattern and on all threads.

use super::{Chunks, Counted, Host, Hosts, Limits, Pattern, Span, TimesRoom};
use crate::signature::Rank;
use smallvec::SmallVec;
use std::mem;
use std::sync::Arc;

/// A pattern on a host as it was counted.
#[derive(Debug)]
struct CountedHost {
    /// See [`Host::name`].
    name: Option<Arc<str>>,
    counted: Counted,
    /// Which of the workers counted it.
    worker: usize,
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
        self.count += host.count;
        self.dated += host.dated();
        Span::join(&mut self.span, host.span());
    }

    fn merge(&mut self, other: Unnamed) {
        self.count += other.count;
        self.dated += other.dated;
        Span::join(&mut self.span, other.span);
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Tallied {
    /// Where the pattern stands in the order of those that stay.
    pub rank: Rank,
    /// What one worker counted of it, all but the hosts.
    pattern: Box<Pattern>,
    /// What others did.
    others: Vec<Pattern>,
    /// The hosts of each worker, in the order of their names; of each at most [`Limits::hosts_max`] names.
    hosts: SmallVec<[CountedHost; 1]>,
    /// How many names those of the worker have.
    names: usize,
    /// The hosts beyond.
    unnamed: Unnamed,
    /// The chunks of each worker.
    chunks: SmallVec<[Arc<Chunks>; 1]>,
}

impl Tallied {
    /// What one worker counted of a pattern, which will be given so many hosts; the chunks are those of all
    /// that it counted.
    pub fn new(rank: Rank, pattern: Box<Pattern>, hosts: usize, chunks: Arc<Chunks>) -> Self {
        Tallied {
            rank,
            pattern,
            others: Vec::new(),
            hosts: SmallVec::with_capacity(hosts),
            names: 0,
            unnamed: Unnamed::default(),
            chunks: SmallVec::from_buf([chunks]),
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
            let parts = [(counted, &*self.chunks[0])];
            self.unnamed.add(&Host::counted(None, parts, limits, room));
            return;
        }
        self.names += usize::from(is_new);
        self.hosts.push(CountedHost {
            name,
            counted,
            worker: 0,
        });
    }

    /// Puts parts of the same patterns together; sorts them by fingerprint.
    pub fn join(mut parts: Vec<Tallied>) -> Vec<Tallied> {
        parts.sort_unstable_by_key(|part| part.rank.fingerprint);
        let mut joined: Vec<Tallied> = Vec::with_capacity(parts.len());
        for part in parts {
            match joined.last_mut() {
                Some(last) if last.rank == part.rank => last.add_part(part),
                _ => joined.push(part),
            }
        }
        joined
    }

    /// Adds what others counted.
    fn add_part(&mut self, other: Tallied) {
        let workers = self.chunks.len();
        self.chunks.extend(other.chunks);
        self.others.push(*other.pattern);
        self.others.extend(other.others);
        self.unnamed.merge(other.unnamed);
        self.hosts.extend(other.hosts.into_iter().map(|mut host| {
            host.worker += workers;
            host
        }));
    }

    /// The pattern with all that was counted of it.
    pub fn into_pattern(self, limits: &Limits, room: &mut TimesRoom) -> Box<Pattern> {
        let mut pattern = self.pattern;
        for other in self.others {
            pattern.merge(other, limits);
        }
        let (hosts, mut all) = hosts(self.hosts, &self.chunks, limits, room);
        all.merge(self.unnamed);
        hosts.iter().for_each(|host| all.add(host));
        (pattern.count, pattern.dated) = (all.count, all.dated);
        Span::join(&mut pattern.span, all.span);
        pattern.hosts = Hosts::from_sorted(hosts);
        pattern.histogram.enforce(limits.buckets_max);
        pattern
    }
}

/// As many hosts as are kept, those of one name put together, and what the others come to.
fn hosts(
    mut counted: SmallVec<[CountedHost; 1]>,
    chunks: &[Arc<Chunks>],
    limits: &Limits,
    room: &mut TimesRoom,
) -> (SmallVec<[Host; 1]>, Unnamed) {
    counted.sort_by(|one, other| one.name.cmp(&other.name));
    let of_one_name = |one: &CountedHost, other: &CountedHost| one.name == other.name;
    let names = counted.chunk_by(of_one_name).count();
    let mut hosts = SmallVec::with_capacity(names.min(limits.hosts_max));
    let mut unnamed = Unnamed::default();
    for parts in counted.chunk_by_mut(of_one_name) {
        let name = parts[0].name.take();
        let parts = parts.iter_mut();
        let parts = parts.map(|part| (mem::take(&mut part.counted), &*chunks[part.worker]));
        let host = Host::counted(name, parts, limits, room);
        match hosts.len() < limits.hosts_max {
            true => hosts.push(host),
            false => unnamed.add(&host),
        }
    }
    (hosts, unnamed)
}
