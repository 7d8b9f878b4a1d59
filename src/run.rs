//! The order of things: open, read, reduce, recall, detect, score, write, remember.
//!
//! Every stage is a call; what the stages do stands with them. Messages go through `stderr`, records
//! to the writer that `main` gives. The clock is an argument.

use crate::assemble::Assembler;
use crate::corpus::{Corpus, Limits};
use crate::detect::{Night, Thresholds};
use crate::event::Timestamp;
use crate::finding::{Band, Item, Label};
use crate::format::{Context, Format, opens_event, zone::Zone};
use crate::group::{Group, group};
use crate::history::History;
use crate::input::{self, Block, Problem, Source};
use crate::memory::Seen;
use crate::output::events::Events;
use crate::output::{Output, Report, json};
use crate::reduce::Reducer;
use crate::score;
use crate::stderr::{self, Progress, Stats};
use crate::terminal::{self, Colour};
use crate::window::Window;
use rayon::iter::{ParallelBridge, ParallelIterator};
use remember::Memory;
use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::Arc;

mod ack;
mod context;
mod digest;
mod recall;
mod remember;

pub use ack::{Ack, ack};
pub use context::Around;
pub use digest::{Digest, digest};
pub use recall::{Recall, What, recall};
pub use remember::Place;

/// What to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emit {
    /// What deserves attention.
    Items,
    /// Every line, as it is understood.
    Events,
    /// Every pattern.
    Signatures,
}

/// `scan`, as the user asked for it.
pub struct Scan {
    /// Files, `-` for standard input; none is standard input.
    pub operands: Vec<OsString>,
    /// What to print.
    pub emit: Emit,
    /// How to print items.
    pub output: &'static dyn Output,
    /// The format of every line, if the user fixed it.
    pub forced: Option<&'static dyn Format>,
    /// The zone of stamps that name none.
    pub zone: Zone,
    /// The year of stamps that name none, if the user fixed it.
    pub year: Option<i32>,
    /// The present.
    pub now: Timestamp,
    /// Which events count.
    pub window: Window,
    /// Whose events count.
    pub tenant: Option<String>,
    /// What bounds the memory.
    pub limits: Limits,
    /// What the detectors ask for.
    pub thresholds: Thresholds,
    /// Items to print at most.
    pub top: usize,
    /// Least band to print.
    pub min_band: Band,
    /// Print only items with one of these labels; none stands for all.
    pub labels: Vec<Label>,
    /// Print nothing unless something is new, returned or escalating, and only that.
    pub new_only: bool,
    /// How much to show around an item's first example.
    pub around: Option<Around>,
    /// Where earlier nights are remembered.
    pub snapshot: Option<Place>,
    /// Days that are remembered.
    pub keep_days: i64,
    /// The least band that trips the gate.
    pub fail_on: Option<Band>,
    /// Whether to colour.
    pub colour: Colour,
    /// Whether to tell counts and timings.
    pub stats: bool,
}

/// How a run ended. Trouble beats a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It ran.
    Ran = 0,
    /// It ran, and a gate that the user asked for tripped.
    Gate = 1,
    /// Some input could not be read, or output not written.
    Trouble = 2,
}

/// Scans; records go to `out`. An error is one of writing.
pub fn scan(scan: &Scan, out: &mut dyn Write) -> io::Result<Status> {
    stderr::tell_waiting(&scan.operands);
    match scan.emit {
        Emit::Events => scan.stream(out),
        Emit::Items | Emit::Signatures => scan.analyse(out),
    }
}

impl Scan {
    /// Reads everything, then tells what it comes to.
    fn analyse(&self, out: &mut dyn Write) -> io::Result<Status> {
        let mut memory = match Memory::open(self.snapshot.as_ref()) {
            Ok(memory) => memory,
            Err(trouble) => return Ok(trouble),
        };
        let mut stats = Stats::begin();
        let mut reading = Reading::default();
        let mut corpus = self.reduce(&mut reading);
        stats.phase("reduce");
        let groups = group(&corpus.patterns);
        stats.phase("group");
        let history = match memory.load(&corpus) {
            Ok(history) => history,
            Err(trouble) => return Ok(trouble),
        };
        stats.phase("recall");
        let mut items = score::judge(&Night::new(&corpus, &groups, &history, self.thresholds));
        let judged = memory.worth_keeping(&items);
        remember::mute(&mut items, &groups, &history, &mut corpus, self.now);
        stats.phase("judge");
        let gate = self
            .fail_on
            .is_some_and(|band| items.iter().any(|item| item.band >= band));
        let sources = self.source_names();
        let mut report = self.report(items, &history, &corpus, &sources);
        if let Some(around) = self.around {
            self.surround(&mut report.items, around);
        }
        if !(self.new_only && report.items.is_empty()) {
            self.write(&report, &groups, out)?;
        }
        stats.phase("write");
        let seen = Seen {
            corpus: &corpus,
            groups: &groups,
            items: &judged,
            sources: &sources,
            now: self.now,
        };
        let remembered = memory.commit(&seen, self.keep_days);
        stats.phase("remember");
        if self.stats {
            stats.tell(
                reading.bytes,
                &corpus.accounting,
                Some(corpus.patterns.len()),
            );
        }
        let gate = if gate { Status::Gate } else { Status::Ran };
        Ok(reading.status().max(gate).max(remembered))
    }

    /// The items that were asked for.
    fn report<'a>(
        &self,
        items: Vec<Item>,
        history: &History,
        corpus: &'a Corpus,
        sources: &[String],
    ) -> Report<'a> {
        let labelled = |item: &Item| item.labels.iter().any(|label| self.labels.contains(label));
        let asked = |item: &Item| {
            (self.labels.is_empty() || labelled(item))
                && (!self.new_only || remember::is_news(item, history))
        };
        let items: Vec<Item> = items.into_iter().filter(asked).collect();
        Report {
            items_per_band: per_band(&items),
            items: items
                .into_iter()
                .filter(|item| item.band >= self.min_band)
                .take(self.top)
                .collect(),
            min_band: self.min_band,
            corpus,
            sources: sources.to_vec(),
        }
    }

    fn write(&self, report: &Report<'_>, groups: &[Group], out: &mut dyn Write) -> io::Result<()> {
        match self.emit {
            Emit::Signatures => json::write_signatures(groups, report, out)?,
            _ => self
                .output
                .write(report, &terminal::style(self.colour), out)?,
        }
        out.flush()
    }

    /// Blocks in parallel to one corpus; the merge makes their order and their cut irrelevant.
    fn reduce(&self, reading: &mut Reading) -> Corpus {
        let blocks = input::open(&self.operands, input::Options::default(), opens_event);
        let progress = Progress::begin(blocks.progress());
        let corpus = blocks
            .filter_map(|block| {
                progress.update();
                reading.take(block, |tell| progress.aside(tell))
            })
            .par_bridge()
            .fold(
                || Reducer::with_limits(self.limits),
                |mut reducer, block| {
                    reducer.begin(&block);
                    self.assembler(&block.source).read(&block, &mut reducer);
                    reducer
                },
            )
            .map(Reducer::finish)
            .reduce(Corpus::default, |mut corpus, other| {
                corpus.merge(other);
                corpus
            });
        progress.end();
        corpus
    }

    /// Tells every line as soon as it is read.
    fn stream(&self, out: &mut dyn Write) -> io::Result<Status> {
        let mut stats = Stats::begin();
        let mut reading = Reading::default();
        let mut events = Events::new(out, self.limits.patterns_max);
        let options = input::Options {
            streaming: true,
            ..input::Options::default()
        };
        let mut reader: Option<(Arc<Source>, Assembler)> = None;
        for block in input::open(&self.operands, options, opens_event) {
            let Some(block) = reading.take(block, |tell| tell()) else {
                continue;
            };
            if !reader
                .as_ref()
                .is_some_and(|(source, _)| Arc::ptr_eq(source, &block.source))
            {
                events.begin(&block.source.name);
                reader = Some((block.source.clone(), self.assembler(&block.source)));
            }
            if let Some((_, assembler)) = &mut reader {
                assembler.read(&block, &mut events);
            }
            // A block of a stream is what was there to read: now is when a reader may be waiting.
            events.flush()?;
        }
        stats.phase("stream");
        if self.stats {
            stats.tell(reading.bytes, events.accounting(), None);
        }
        Ok(reading.status())
    }

    fn assembler(&self, source: &Source) -> Assembler {
        let context = Context {
            zone: self.zone.clone(),
            reference: source.modified.unwrap_or(self.now),
            year: self.year,
        };
        Assembler::new(context, self.forced, self.window, self.tenant.clone())
    }

    fn source_names(&self) -> Vec<String> {
        match self.operands.as_slice() {
            [] => vec!["-".to_owned()],
            operands => operands
                .iter()
                .map(|o| o.to_string_lossy().into_owned())
                .collect(),
        }
    }
}

/// What is counted while blocks go by.
#[derive(Default)]
struct Reading {
    bytes: u64,
    problems: u64,
}

impl Reading {
    /// The block, if it is one; a problem is told by way of `aside`, and the rest goes on.
    fn take(
        &mut self,
        block: Result<Block, Problem>,
        aside: impl FnOnce(&mut dyn FnMut()),
    ) -> Option<Block> {
        match block {
            Ok(block) => {
                self.bytes += block.bytes.len() as u64;
                Some(block)
            }
            Err(problem) => {
                self.problems += 1;
                aside(&mut || stderr::tell(&problem.to_string()));
                None
            }
        }
    }

    fn status(&self) -> Status {
        if self.problems > 0 {
            Status::Trouble
        } else {
            Status::Ran
        }
    }
}

fn per_band(items: &[Item]) -> [u64; Band::ALL.len()] {
    let mut counts = [0; Band::ALL.len()];
    for item in items {
        counts[item.band as usize] += 1;
    }
    counts
}
