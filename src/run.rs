//! The order of things: open, read, reduce, detect, score, write.
//!
//! Every stage is a call; what the stages do stands with them. Messages go through `stderr`, records
//! to the writer that `main` gives. The clock is an argument.

use crate::assemble::{Assembler, starts_event};
use crate::corpus::Corpus;
use crate::event::Timestamp;
use crate::finding::{Band, Item};
use crate::format::{Context, Format, zone::Zone};
use crate::group::{Group, group};
use crate::input::{self, Block, Problem, Source};
use crate::output::events::Events;
use crate::output::{Accounting, Output, Report, SignatureRow, json};
use crate::reduce::{Limits, Reducer};
use crate::score::{self, Night, Thresholds};
use crate::stderr::{self, Progress, Stats};
use crate::terminal::{self, Colour};
use crate::window::Window;
use rayon::iter::{ParallelBridge, ParallelIterator};
use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::Arc;

/// Bytes of a block: large enough to make handing it over cheap, small enough for the cache.
const BLOCK_BYTES: usize = 1 << 20;

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
        let mut stats = Stats::begin();
        let mut reading = Reading::default();
        let corpus = self.reduce(&mut reading);
        stats.phase("reduce");
        let groups = group(&corpus);
        stats.phase("group");
        let thresholds = self.thresholds;
        let items = score::judge(&Night {
            corpus: &corpus,
            groups: &groups,
            thresholds,
        });
        stats.phase("judge");
        let gate = self
            .fail_on
            .is_some_and(|band| items.iter().any(|item| item.band >= band));
        let items_per_band = per_band(&items);
        let shown: Vec<Item> = items
            .into_iter()
            .filter(|item| item.band >= self.min_band)
            .take(self.top)
            .collect();
        let report = Report {
            items: &shown,
            items_per_band,
            min_band: self.min_band,
            signatures: corpus.entries.len() as u64,
            accounting: accounting(&corpus),
            caps: Vec::new(),
            sources: self.source_names(),
        };
        match self.emit {
            Emit::Signatures => json::write_signatures(rows(&corpus, &groups), &report, out)?,
            _ => self
                .output
                .write(&report, &terminal::style(self.colour), out)?,
        }
        out.flush()?;
        stats.phase("write");
        if self.stats {
            let Accounting { lines, events, .. } = report.accounting;
            stats.tell(reading.bytes, lines, events, Some(report.signatures));
        }
        Ok(reading
            .status()
            .max(if gate { Status::Gate } else { Status::Ran }))
    }

    /// Blocks in parallel to one corpus; the merge makes their order and their cut irrelevant.
    fn reduce(&self, reading: &mut Reading) -> Corpus {
        let progress = Progress::begin(&self.operands);
        let options = input::Options {
            block_bytes: BLOCK_BYTES,
            streaming: false,
        };
        let corpus = input::open(&self.operands, options, starts_event)
            .filter_map(|block| reading.take(block, Some(&progress)))
            .par_bridge()
            .fold(
                || Reducer::new(self.limits),
                |mut reducer, block| {
                    reducer.begin(&block.source);
                    self.assembler(&block.source).read(&block, &mut reducer);
                    reducer
                },
            )
            .map(Reducer::finish)
            .reduce(Corpus::default, Corpus::merge);
        progress.end();
        corpus
    }

    /// Tells every line as soon as it is read.
    fn stream(&self, out: &mut dyn Write) -> io::Result<Status> {
        let mut stats = Stats::begin();
        let mut reading = Reading::default();
        let mut events = Events::new(out, self.limits.patterns_max, score::family);
        let options = input::Options {
            block_bytes: BLOCK_BYTES,
            streaming: true,
        };
        let mut reader: Option<(Arc<Source>, Assembler)> = None;
        for block in input::open(&self.operands, options, starts_event) {
            let Some(block) = reading.take(block, None) else {
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
            let Accounting { lines, events, .. } = events.accounting();
            stats.tell(reading.bytes, *lines, *events, None);
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
    /// The block, if it is one; a problem is told, and the rest goes on.
    fn take(
        &mut self,
        block: Result<Block, Problem>,
        progress: Option<&Progress>,
    ) -> Option<Block> {
        match block {
            Ok(block) => {
                let bytes = block.bytes.len() as u64;
                self.bytes += bytes;
                progress.inspect(|progress| progress.advance(bytes));
                Some(block)
            }
            Err(problem) => {
                self.problems += 1;
                let tell = || stderr::tell_problem(&problem);
                progress.map_or_else(tell, |progress| progress.aside(tell));
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

fn accounting(corpus: &Corpus) -> Accounting {
    let counted = &corpus.accounting;
    Accounting {
        lines: counted.events + counted.continuation + counted.dropped.iter().sum::<u64>(),
        events: counted.events,
        continuation: counted.continuation,
        muted: 0,
        dropped: counted.dropped,
        dated: counted.dated,
    }
}

/// The signatures of the corpus, group by group.
fn rows<'a>(
    corpus: &'a Corpus,
    groups: &'a [Group],
) -> impl Iterator<Item = SignatureRow<'a>> + use<'a> {
    let row = |group: &'a Group, id| {
        let entry = corpus.entries.get(id)?;
        Some(SignatureRow {
            id: *id,
            pattern: &entry.signature.pattern,
            group: group.id,
            group_pattern: &group.pattern,
            service: entry.signature.service.as_deref(),
            family: score::family(&entry.signature),
            severity: None,
            count: entry.count,
            hosts: Vec::new(),
            first: None,
            last: None,
        })
    };
    groups
        .iter()
        .flat_map(move |group| group.members.iter().filter_map(move |id| row(group, id)))
}
