//! Patterns of which one event was met, kept as its line.
//!
//! Where nearly every line is a new pattern, most of those that are not refused at once are refused
//! later. To work a pattern out takes ten times as long as to copy its line, so that is done for those
//! that stay, and for those of which another event may have come.

use super::{Example, Host, Hosts, Limits, Pattern, Span, example_text};
use crate::event::{Headed, Part, Timestamp};
use crate::signature::{Class, Rank, Signatures};
use smallvec::SmallVec;
use std::sync::Arc;

/// Most lines are no longer, and stand with the rest of what is kept of them.
const TEXT_BYTES: usize = 128;

/// The only event that was met of its class, from a line that is known by its header alone.
#[derive(Debug)]
pub(crate) struct Lone {
    /// The class of its pattern.
    pub class: Class,
    timestamp: Option<Timestamp>,
    host: Option<Part>,
    service: Option<Part>,
    message: Part,
    line: u64,
    source: Arc<str>,
    /// The line and those that belong to it, no more than an example needs of them, but all of the first.
    pub text: SmallVec<[u8; TEXT_BYTES]>,
}

impl Lone {
    /// An event of this class at a line of a source; its text is to be added.
    pub fn new(class: Class, line: u64, source: Arc<str>, headed: &Headed<'_>) -> Self {
        Lone {
            class,
            timestamp: headed.timestamp,
            host: headed.host,
            service: headed.service,
            message: headed.message,
            line,
            source,
            text: SmallVec::new(),
        }
    }

    /// The pattern, with its place in the order of those that stay. What `signatures` hold is of no matter.
    pub fn work_out(self, signatures: &mut Signatures, limits: &Limits) -> (Rank, Box<Pattern>) {
        let part = |part: Part| part.of_line(&self.text);
        let signature = signatures.of(self.service.map(part), part(self.message));
        let rank = signature.rank();
        let host = self.host.map(|host| String::from_utf8_lossy(part(host)));
        let undated = u64::from(self.timestamp.is_none());
        let times = self.timestamp.as_slice();
        let host = Host::exact(host.map(Arc::from), undated, times, limits);
        let mut pattern = Pattern::new(signature.service, signature.pattern);
        pattern.count = 1;
        pattern.add_level(None, 1);
        if let Some(time) = self.timestamp {
            pattern.dated = 1;
            Span::include(&mut pattern.span, time);
            let histogram = &mut pattern.histogram;
            histogram.add(time.seconds(), 1, limits.buckets_max);
        }
        pattern.hosts = Hosts::from_unsorted([host], limits);
        let example = Example {
            timestamp: self.timestamp,
            line: self.line,
            source: self.source,
            text: example_text(&self.text, limits.example_bytes_max),
        };
        pattern.examples.insert(example, limits.examples_max);
        (rank, Box::new(pattern))
    }
}
