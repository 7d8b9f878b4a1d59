//! From events to a corpus: the hot path, run by each worker on its own blocks.
//!
//! Per event: one look-up of the signature, counters in a vector by its index, one look-up of the
//! host, and a comparison that turns nearly every event down as an example. Nothing is allocated
//! for an event whose pattern and host are known. What a worker holds is a small corpus laid out
//! for counting; it is folded into a [`Total`] that all workers share, at the end, or before when it
//! grows too large, and by the one law the moment of folding changes nothing.

use crate::corpus::{self, Accounting, Corpus, Example, Limits, Lone};
use crate::corpus::{Extents, Sections, Span, Tallied, TimesRoom};
use crate::event::{Brief, Event, Timestamp};
use crate::format::readings::Hint;
use crate::input::Block;
use crate::met_once::MetOnce;
use crate::signature::Signatures;
use std::mem;
use std::sync::Arc;

use cells::Cells;
use hosts::HostNames;
use tally::Tally;
use total::Known;
pub use total::Total;

mod cells;
mod hosts;
mod lone;
mod sink;
mod tally;
mod total;

/// Pairs of a pattern and a host, or distinct host names, that a worker holds before it folds them
/// away: a bound on the worker's memory for inputs where every line names a new one.
const HELD_MAX: usize = 1 << 17;

/// Patterns that a worker holds before it folds them away; each takes about half a kilobyte.
const PATTERNS_HELD_MAX: usize = 1 << 12;

/// Patterns of one event that a worker holds before it hands them on: so few that they are still in the cache.
const LONE_HELD_MAX: usize = 1 << 6;

/// Parts in which a worker folds its patterns away, so that another can between two of them.
const FOLD_PARTS: usize = 16;

/// Patterns of such a part at least.
const PART_PATTERNS_MIN: usize = 16;

/// Classes that were met once patterns are very many are remembered by so many hashes, more than are kept by
/// default.
const CLASSES_MET: usize = 1 << 18;

/// Counts events into a corpus.
///
/// A cut between two blocks must be a cut between two events: [`Reducer::begin`] ends the event
/// before, and continuation lines that come without their event are counted and not kept.
#[derive(Debug)]
pub struct Reducer {
    limits: Limits,
    held_max: usize,
    patterns_held_max: usize,
    total: Arc<Total>,
    /// What of the total is known of patterns that need not be counted.
    known: Known,
    signatures: Signatures,
    /// How often names and signatures were forgotten, from 1 on: what a hint must agree with.
    generation: u32,
    source: Arc<str>,
    hosts: HostNames,
    tallies: Vec<Tally>,
    cells: Cells,
    /// Patterns of one event that are not worked out.
    lone: Vec<Lone>,
    /// Classes that were met once patterns are very many: a pattern is worked out from the second event of its class on.
    classes: MetOnce<CLASSES_MET>,
    accounting: Accounting,
    span: Option<Span>,
    sections: Sections,
    extents: Extents,
    /// The last line told of the present source.
    last_line: u64,
    open: Option<Open>,
    text: Vec<u8>,
}

/// The event told last, which may still get continuation lines.
#[derive(Debug)]
struct Open {
    /// The place of its pattern, unless that is past the cap.
    tally: Option<usize>,
    timestamp: Option<Timestamp>,
    line: u64,
    /// Bytes of the whole event so far.
    bytes: usize,
    /// Whether its text is collected, because it may become an example.
    wanted: bool,
    /// Whether its text is whole already: its further lines are fields.
    whole: bool,
}

impl Default for Reducer {
    fn default() -> Self {
        Reducer::with_limits(Limits::default())
    }
}

impl Reducer {
    /// A reducer with lesser caps than the default ones, and a total of its own.
    pub fn with_limits(limits: Limits) -> Self {
        Reducer::into_total(Arc::new(Total::with_limits(limits)))
    }

    /// A reducer that folds into a total which others may share.
    pub fn into_total(total: Arc<Total>) -> Self {
        Reducer {
            limits: total.limits,
            held_max: HELD_MAX,
            patterns_held_max: PATTERNS_HELD_MAX,
            total,
            known: Known::default(),
            signatures: Signatures::default(),
            generation: 1,
            source: Arc::default(),
            hosts: HostNames::default(),
            tallies: Vec::new(),
            cells: Cells::default(),
            lone: Vec::new(),
            classes: MetOnce::default(),
            accounting: Accounting::default(),
            span: None,
            sections: Sections::default(),
            extents: Extents::default(),
            last_line: 0,
            open: None,
            text: Vec::new(),
        }
    }

    /// Says where the lines told next come from. To be called before each block.
    pub fn begin(&mut self, block: &Block) {
        self.close();
        self.accounting.lines_cut += block.lines_cut;
        if *self.source != *block.source.name {
            self.reach();
            self.source = Arc::from(block.source.name.as_str());
        }
    }

    /// Hands over what it holds, to be put together with what others that share its total hold at their end.
    pub fn end(&mut self) {
        self.close();
        self.fold_lines();
        let parts = self.parts();
        self.total.wait(parts);
    }

    /// The corpus of all that was told, to this reducer and to those that share its total.
    pub fn finish(mut self) -> Corpus {
        self.end();
        match Arc::try_unwrap(self.total) {
            Ok(total) => total.into_corpus(),
            Err(shared) => shared.so_far(),
        }
    }

    /// Ends the event told last: its text is whole now.
    #[inline]
    fn close(&mut self) {
        // Looked at where it is: it was written piece by piece just before, and a copy would wait for that.
        let Some(open) = &self.open else { return };
        if open.bytes > self.limits.example_bytes_max {
            self.accounting.events_long += 1;
        }
        if open.wanted
            && let Some(open) = self.open.take()
        {
            self.keep(&open);
        }
        self.open = None;
        if self.is_full() {
            self.fold();
        }
    }

    /// Keeps the event as an example, or all that is known of its pattern.
    fn keep(&mut self, open: &Open) {
        let Some(tally) = open.tally else {
            return self.close_lone();
        };
        let example = Example {
            timestamp: open.timestamp,
            line: open.line,
            source: self.source.clone(),
            text: corpus::example_text(&self.text, self.limits.example_bytes_max),
        };
        self.tallies[tally].keep(example, &self.limits);
    }

    /// Notes how far the present source reaches.
    fn reach(&mut self) {
        if self.last_line > 0 {
            self.extents.reach(&self.source, self.last_line);
            self.last_line = 0;
        }
    }

    fn is_full(&self) -> bool {
        self.tallies.len() >= self.patterns_held_max
            || self.cells.len() >= self.held_max
            || self.hosts.len() >= self.held_max
    }

    /// Moves all that was counted into the total, and forgets names and signatures.
    fn fold(&mut self) {
        self.fold_lines();
        let mut parts = self.parts().into_iter();
        let at_once = PART_PATTERNS_MIN.max(parts.len() / FOLD_PARTS);
        let mut room = TimesRoom::default();
        // Some at once, so that while they are added another worker can make its own ready.
        while parts.len() > 0 {
            let some = parts.by_ref().take(at_once);
            let some = some.map(|part| {
                let rank = part.rank;
                let (pattern, _) = part.into_pattern(&self.limits, &mut room);
                (rank, pattern)
            });
            self.total.add(some.collect::<Vec<_>>());
        }
    }

    /// Moves all that was counted into the total but what belongs to patterns that are worked out.
    fn fold_lines(&mut self) {
        self.reach();
        let lines = Corpus {
            accounting: mem::take(&mut self.accounting),
            sections: mem::take(&mut self.sections),
            extents: mem::take(&mut self.extents),
            span: self.span.take(),
            limits: self.limits,
            ..Corpus::default()
        };
        self.total.add_lines(lines);
        self.total.add_lone(self.lone.drain(..));
    }

    /// What was counted of each pattern; forgets names and signatures.
    fn parts(&mut self) -> Vec<Tallied> {
        let limits = &self.limits;
        // In the order of their hosts' names, so that those of several workers need only be merged.
        let places = self.hosts.places();
        let (cells, chunks) = self.cells.take_by(|host| places.get(host as usize));
        let chunks = Arc::new(chunks);
        let mut hosts = vec![0; self.tallies.len()];
        let all = cells.as_slice().iter();
        all.for_each(|cell| hosts[cell.tally as usize] += 1);
        let tallies = self.tallies.drain(..).zip(self.signatures.take());
        let parts = tallies.zip(hosts).map(|((tally, signature), hosts)| {
            let rank = signature.rank();
            let pattern = tally.into_pattern(signature, limits);
            Tallied::new(rank, pattern, limits.hosts_max.min(hosts), chunks.clone())
        });
        let mut parts: Vec<Tallied> = parts.collect();
        let mut room = TimesRoom::default();
        for cell in cells {
            let name = self.hosts.name(cell.host_id);
            parts[cell.tally as usize].add(name, cell.host, limits, &mut room);
        }
        self.hosts = HostNames::default();
        self.generation += 1;
        parts
    }

    /// The tally of an event's signature; `None` when that is past the cap of patterns.
    fn tally(&mut self, event: &Event<'_>, hint: &mut Hint) -> Option<usize> {
        let bound = self.total.bound(&mut self.known);
        let service = event.service.as_deref();
        let index = self
            .signatures
            .lookup_up_to(service, &event.message, bound)?;
        *hint = Hint {
            generation: self.generation,
            value: index,
        };
        let index = index as usize;
        while self.tallies.len() <= index {
            let signature = self.signatures.get(self.tallies.len() as u32);
            self.tallies.push(Tally::new(signature));
        }
        Some(index)
    }

    /// Counts the event, and says whether it may become an example.
    #[inline]
    fn count(&mut self, tally: usize, line: u64, brief: Brief<'_>) -> bool {
        let host_id = brief
            .host
            .map_or(HostNames::NONE, |name| self.hosts.id(name));
        let pair = (tally as u32, host_id);
        self.cells.add(pair, brief.timestamp, &self.limits);
        self.tallies[tally].add(brief, line, &self.source, &self.limits)
    }

    /// Counts an event and opens it; whether its text is to be collected.
    #[inline]
    fn open(&mut self, line: u64, bytes: usize, brief: Brief<'_>, tally: Option<usize>) -> bool {
        self.accounting.events += 1;
        self.last_line = line.max(self.last_line);
        if let Some(time) = brief.timestamp {
            self.accounting.dated += 1;
            Span::include(&mut self.span, time);
        }
        let wanted = tally.is_some_and(|tally| self.count(tally, line, brief));
        if wanted {
            self.text.clear();
        }
        self.open = Some(Open {
            tally,
            timestamp: brief.timestamp,
            line,
            bytes,
            wanted,
            whole: false,
        });
        wanted
    }

    /// Opens an event whose pattern a hint names; `None` where the hint does not hold any more.
    #[inline]
    fn open_alike(
        &mut self,
        line: u64,
        bytes: usize,
        brief: Brief<'_>,
        hint: Hint,
    ) -> Option<bool> {
        self.close();
        // Who wrote the hint described the pattern too.
        let holds = hint.generation == self.generation;
        holds.then(|| self.open(line, bytes, brief, Some(hint.value as usize)))
    }

    /// Collects text of the open event, a little more than an example can hold.
    fn collect(&mut self, text: &[u8]) {
        let room = (self.limits.example_bytes_max + 4).saturating_sub(self.text.len());
        self.text.extend_from_slice(&text[..text.len().min(room)]);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::assemble::{DropReason, Sink};
    use crate::event::Severity;
    use std::borrow::Cow;

    fn block(name: &str) -> Block {
        Block::of_text(name, 1, "")
    }

    fn event<'a>(second: i64, host: &'a str, message: &'a str) -> Event<'a> {
        Event {
            timestamp: Some(Timestamp::from_seconds(second)),
            host: Some(Cow::Borrowed(host.as_bytes())),
            service: Some(Cow::Borrowed(b"ledger")),
            severity: Some(Severity::Warning),
            message: Cow::Borrowed(message.as_bytes()),
            ..Event::default()
        }
    }

    #[test]
    fn an_example_holds_the_continuation_lines_of_its_event() {
        let mut reducer = Reducer::default();
        reducer.begin(&block("app.log"));
        reducer.continuation(1, b"orphan");
        reducer.event(2, b"WARN write refused", &event(5, "db1", "write refused"));
        reducer.continuation(3, b"  at flush");
        reducer.begin(&block("app.log"));
        reducer.continuation(4, b"orphan");
        reducer.dropped(5, DropReason::Blank);
        let corpus = reducer.finish();
        let pattern = corpus.patterns.values().next().unwrap();
        assert_eq!(
            &*pattern.examples.as_slice()[0].text,
            "WARN write refused\n  at flush"
        );
        assert_eq!(
            (corpus.accounting.lines(), corpus.accounting.continuation),
            (5, 3)
        );
    }

    #[test]
    fn the_moment_of_folding_changes_nothing() {
        let hosts = ["db1", "db2", "web1"];
        let messages = ["write refused", "write slow", "flush done", "flush slow"];
        let corpora = [1, 2, 5, HELD_MAX].map(|held_max| {
            let mut reducer = Reducer {
                held_max,
                patterns_held_max: held_max,
                ..Reducer::default()
            };
            reducer.begin(&block("app.log"));
            for i in 0..60usize {
                let event = event(i as i64, hosts[i % 3], messages[i % 4]);
                reducer.event(i as u64 + 1, &event.message, &event);
            }
            reducer.finish()
        });
        assert!(corpora.iter().all(|corpus| *corpus == corpora[0]));
        assert_eq!(corpora[0].patterns.len(), 4);
    }

    #[test]
    fn workers_that_share_a_total_name_the_hosts_that_one_alone_would_name() {
        let limits = Limits {
            hosts_max: 3,
            times_max: 2,
            ..Limits::default()
        };
        // Two of the names are one once they are shown.
        let hosts: [&[u8]; 6] = [b"web2", b"db\xff", b"app", b"db\xfe", b"web1", b"mail"];
        let mut alone = Reducer::with_limits(limits);
        let total = Arc::new(Total::with_limits(limits));
        let mut workers = [0, 1].map(|_| Reducer::into_total(total.clone()));
        let all = workers.iter_mut().chain([&mut alone]);
        all.for_each(|reducer| reducer.begin(&block("app.log")));
        for i in 0..40usize {
            let told = Event {
                host: Some(Cow::Borrowed(hosts[(5 * i + i / 7) % 6])),
                ..event(i as i64 * 100, "", "write refused")
            };
            alone.event(i as u64 + 1, &told.message, &told);
            workers[i % 3 / 2].event(i as u64 + 1, &told.message, &told);
        }
        workers.iter_mut().for_each(Reducer::end);
        drop(workers);
        let shared = Arc::into_inner(total).unwrap().into_corpus();
        let pattern = shared.patterns.values().next().unwrap();
        assert_eq!(pattern.hosts.as_slice().len(), 3);
        assert_eq!((pattern.count, pattern.dated), (40, 40));
        assert!(pattern.events_elsewhere() > 0);
        assert!(shared == alone.finish());
    }

    #[test]
    fn workers_that_share_a_total_keep_what_one_alone_would_keep() {
        let limits = Limits {
            patterns_max: 40,
            ..Limits::default()
        };
        let words: Vec<String> = (0..26u8)
            .flat_map(|a| (0..26u8).map(move |b| [b'a' + a, b'k', b'a' + b].to_vec()))
            .map(|word| format!("cache {} lost", String::from_utf8(word).unwrap()))
            .collect();
        let mut alone = Reducer::with_limits(limits);
        let total = Arc::new(Total::with_limits(limits));
        let mut workers = [0, 1].map(|_| Reducer {
            patterns_held_max: 8,
            ..Reducer::into_total(total.clone())
        });
        alone.begin(&block("app.log"));
        workers
            .iter_mut()
            .for_each(|worker| worker.begin(&block("app.log")));
        for (i, message) in words.iter().chain(&words).enumerate() {
            let event = event(i as i64, "db1", message);
            alone.event(i as u64 + 1, &event.message, &event);
            workers[i % 3 / 2].event(i as u64 + 1, &event.message, &event);
        }
        workers.iter_mut().for_each(Reducer::end);
        drop(workers);
        let shared = Arc::into_inner(total).unwrap().into_corpus();
        assert_eq!(shared.patterns.len(), 40);
        assert!(shared == alone.finish());
    }
}
