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

/// See the module.
#[derive(Debug)]
pub(crate) struct Part {
    /// Where the pattern stands in the order of those that stay.
    pub rank: Rank,
    /// What one worker counted of it, all but the hosts.
    pattern: Box<Pattern>,
    /// What others did.
    others: Vec<Pattern>,
    /// The hosts of each worker, best in the order of their names.
    hosts: SmallVec<[CountedHost; 1]>,
    /// The chunks of each worker.
    chunks: SmallVec<[Arc<Chunks>; 1]>,
}

impl Part {
    /// What one worker counted of a pattern, which will be given so many hosts; the chunks are those of all
    /// that it counted.
    pub fn new(rank: Rank, pattern: Box<Pattern>, hosts: usize, chunks: Arc<Chunks>) -> Self {
        Part {
            rank,
            pattern,
            others: Vec::new(),
            hosts: SmallVec::with_capacity(hosts),
            chunks: SmallVec::from_buf([chunks]),
        }
    }

    /// Adds a host that it has not got yet.
    pub fn add(&mut self, name: Option<Arc<str>>, counted: Counted) {
        self.hosts.push(CountedHost {
            name,
            counted,
            worker: 0,
        });
    }

    /// Puts parts of the same patterns together; sorts them by fingerprint.
    pub fn join(mut parts: Vec<Part>) -> Vec<Part> {
        parts.sort_unstable_by_key(|part| part.rank.fingerprint);
        let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
        for part in parts {
            match joined.last_mut() {
                Some(last) if last.rank == part.rank => last.add_part(part),
                _ => joined.push(part),
            }
        }
        joined
    }

    /// Adds what others counted.
    fn add_part(&mut self, other: Part) {
        let workers = self.chunks.len();
        self.chunks.extend(other.chunks);
        self.others.push(*other.pattern);
        self.others.extend(other.others);
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
        let hosts = hosts(self.hosts, &self.chunks, limits, room);
        // Of those too that may not stay.
        pattern.count = hosts.iter().map(|host| host.count).sum();
        pattern.dated = hosts.iter().map(Host::dated).sum();
        for host in &hosts {
            Span::join(&mut pattern.span, host.span());
        }
        pattern.hosts = Hosts::from_sorted(hosts, limits);
        pattern.histogram.enforce(limits.buckets_max);
        pattern
    }
}

/// All hosts, those of one name put together.
fn hosts(
    mut counted: SmallVec<[CountedHost; 1]>,
    chunks: &[Arc<Chunks>],
    limits: &Limits,
    room: &mut TimesRoom,
) -> SmallVec<[Host; 1]> {
    counted.sort_by(|one, other| one.name.cmp(&other.name));
    let of_one_name = |one: &CountedHost, other: &CountedHost| one.name == other.name;
    let mut hosts = SmallVec::with_capacity(counted.chunk_by(of_one_name).count());
    for parts in counted.chunk_by_mut(of_one_name) {
        let name = parts[0].name.take();
        let parts = parts.iter_mut();
        let parts = parts.map(|part| (mem::take(&mut part.counted), &*chunks[part.worker]));
        hosts.push(Host::counted(name, parts, limits, room));
    }
    hosts
}
