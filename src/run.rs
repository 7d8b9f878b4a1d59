//! The order of things: open, read, reduce, recall, detect, score, write, remember.
//!
//! Every stage is a call; what the stages do stands with them. Messages go through `stderr`, records
//! to the writer that `main` gives. The clock is an argument.

use crate::assemble::Assembler;
use crate::baseline::Comparison;
use crate::corpus::{Corpus, Limits, Span};
use crate::detect::{Night, Thresholds, expected};
use crate::event::Timestamp;
use crate::finding::{Band, Item, Label};
use crate::format::readings::{Readings, Shared};
use crate::format::{Context, Format, opens_event, zone::Zone};
use crate::group::{Group, group};
use crate::history::History;
use crate::input::{self, Block, Problem, Source};
use crate::memory::Seen;
use crate::output::events::Events;
use crate::output::{Output, Report, json, markdown::Markdown};
use crate::reduce::{Reducer, Total};
use crate::score::{self, Judged};
use crate::stderr::{self, Progress, Stats};
use crate::terminal::{self, Colour};
use crate::triage;
use crate::window::Window;
use overlap::{Before, Overlap};
use rayon::ThreadPoolBuilder;
use rayon::iter::{ParallelBridge, ParallelIterator};
use remember::Memory;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod ack;
mod baseline;
mod context;
mod digest;
mod overlap;
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
    /// Builds that went well, to compare with: logs, or directories of them.
    pub baselines: Vec<OsString>,
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
    /// Whose log it is; events that name another are left out.
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
    /// The file that a summary in Markdown is appended to.
    pub summary: Option<PathBuf>,
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

/// As [`scan`], where it is all that the process does: the thread that calls is one of those that work.
/// Else it waits for as many others, which have to be made, and woken for each step.
pub fn scan_alone(scan: &Scan, out: &mut dyn Write) -> io::Result<Status> {
    // If the others cannot be made, this one does all.
    let _ = ThreadPoolBuilder::new().use_current_thread().build_global();
    self::scan(scan, out)
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
        let mut corpus = match self.tonight(&memory, &mut reading) {
            Ok(corpus) => corpus,
            Err(trouble) => return Ok(trouble),
        };
        stats.phase("reduce");
        let comparison = self.baseline(&mut reading).map(|b| b.compare(&corpus));
        stats.phase("baseline");
        let mut groups = match &comparison {
            Some(comparison) => comparison.groups.clone(),
            None => group(&corpus.patterns),
        };
        stats.phase("group");
        let history = match memory.load(&corpus) {
            Ok(history) => history,
            Err(trouble) => return Ok(trouble),
        };
        let is_build = comparison.is_some() || triage::is_build_log(&corpus);
        if !is_build {
            groups.extend(expected(&corpus, &history));
        }
        stats.phase("recall");
        let night = Night::new(&corpus, &groups, &history, self.thresholds);
        let least = self.least_band(&memory);
        let mut judged = if is_build {
            triage::judge(&night, comparison.as_ref(), least)
        } else {
            score::judge_from(&night, least)
        };
        drop(night);
        let kept = memory.worth_keeping(&judged.items);
        remember::mute(&mut judged.items, &groups, &history, &mut corpus, self.now);
        stats.phase("judge");
        let gate = self.gate(&judged.items);
        let sources = self.source_names();
        let mut report = self.report(judged, &history, &corpus, comparison.as_ref(), &sources);
        if let Some(around) = self.around {
            self.surround(&mut report.items, around);
        }
        self.tell(&report, &groups, &mut reading, out)?;
        stats.phase("write");
        let seen = Seen {
            corpus: &corpus,
            groups: &groups,
            items: &kept,
            is_night: !is_build,
            sources: &sources,
            now: self.now,
        };
        let remembered = memory.commit(&seen, self.keep_days, self.thresholds);
        stats.phase("remember");
        if self.stats {
            stats.tell(
                reading.bytes,
                &corpus.accounting,
                Some(corpus.patterns.len()),
            );
        }
        // The process is about to end, and to take 100,000 patterns apart would only take time.
        std::mem::forget((corpus, groups));
        Ok(reading.status().max(gate).max(remembered))
    }

    /// Whether an item trips the gate, if there is one.
    fn gate(&self, items: &[Item]) -> Status {
        let trips = |band| items.iter().any(|item| item.band >= band);
        match self.fail_on.is_some_and(trips) {
            true => Status::Gate,
            false => Status::Ran,
        }
    }

    /// The least band of which items are made: what is printed, gated or remembered.
    fn least_band(&self, memory: &Memory) -> Band {
        if memory.remembers() {
            return Band::ALL[0];
        }
        self.fail_on.unwrap_or(self.min_band).min(self.min_band)
    }

    /// The items that were asked for.
    fn report<'a>(
        &self,
        judged: Judged,
        history: &History,
        corpus: &'a Corpus,
        comparison: Option<&'a Comparison>,
        sources: &[String],
    ) -> Report<'a> {
        let labelled = |item: &Item| item.labels.iter().any(|label| self.labels.contains(label));
        let asked = |item: &Item| {
            (self.labels.is_empty() || labelled(item))
                && (!self.new_only || remember::is_news(item, history))
        };
        let items: Vec<Item> = judged.items.into_iter().filter(asked).collect();
        let items_per_band = per_band(&items, judged.per_band, self.min_band);
        let asked_for = |item: &Item| item.band >= self.min_band;
        let mut items: Vec<Item> = items.into_iter().filter(asked_for).take(self.top).collect();
        if let Some(tenant) = &self.tenant {
            // Others were left out, so what names no tenant is this one's too.
            for item in &mut items {
                item.origin.get_or_insert_default().tenant_id = Some(tenant.clone());
            }
        }
        Report {
            items_per_band,
            items,
            min_band: self.min_band,
            corpus,
            comparison,
            sources: sources.to_vec(),
            patterns_left_out: history.patterns_left_out,
        }
    }

    /// Writes the report, and the summary if there is to be one.
    fn tell(
        &self,
        report: &Report<'_>,
        groups: &[Group],
        reading: &mut Reading,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if !(self.new_only && report.items.is_empty()) {
            self.write(report, groups, out)?;
        }
        if let Some(path) = &self.summary {
            self.write_summary(path, report, reading);
        }
        Ok(())
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

    /// Appends the report as Markdown, as steps of a CI job add to the job's summary.
    fn write_summary(&self, path: &Path, report: &Report<'_>, reading: &mut Reading) {
        let written = OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|file| {
                let mut file = BufWriter::new(file);
                Markdown.write(report, &terminal::style(Colour::Never), &mut file)?;
                file.flush()
            });
        if let Err(error) = written {
            reading.problems += 1;
            let path = path.display();
            stderr::tell(&format!("{path}: {error}; the summary is not written"));
        }
    }

    /// Blocks in parallel to one corpus; the merge makes their order and their cut irrelevant. What the
    /// input begins with of the last minutes of one of these runs is apart, and its last second again.
    fn reduce(
        &self,
        operands: &[OsString],
        reading: &mut Reading,
        runs: &[Span],
    ) -> (Corpus, [Corpus; 2]) {
        let blocks = input::open(operands, input::Options::default(), opens_event);
        let progress = Progress::begin(blocks.progress());
        let spare = blocks.spare();
        let total = Arc::new(Total::with_limits(self.caps()));
        let asides = [(); 2].map(|()| Arc::new(Total::with_limits(self.caps())));
        let mut overlap = Overlap::with(runs);
        let shared = Shared::default();
        blocks
            .filter_map(|block| {
                progress.update();
                let block = reading.take(block, |tell| progress.aside(tell))?;
                let until = overlap.at(&block, self);
                Some((block, until))
            })
            .par_bridge()
            .fold(
                || None,
                |worker, (block, until)| {
                    // Made for the first block, since some that are asked for get none.
                    let (mut tonight, mut before, mut readings) = worker.unwrap_or_else(|| {
                        let tonight = Reducer::into_total(total.clone());
                        (tonight, None, Readings::sharing(&shared))
                    });
                    tonight.begin(&block);
                    readings.exchange();
                    let mut assembler = self.assembler(&block.source).keeping(readings);
                    match until {
                        None => assembler.read(&block, &mut tonight),
                        Some(until) => {
                            let before = before.get_or_insert_with(|| Before::into(&asides));
                            before.begin(&block);
                            assembler.read(&block, &mut before.and(&mut tonight, until));
                        }
                    }
                    spare.give(block.bytes);
                    Some((tonight, before, assembler.into_readings()))
                },
            )
            .flatten()
            .for_each(|(mut tonight, mut before, readings)| {
                // What they fold away takes its room.
                drop(readings);
                tonight.end();
                before.iter_mut().for_each(Before::end);
            });
        progress.end();
        // What the blocks took is room for what is worked out.
        drop(spare);
        // No worker is left that shares them.
        let whole = |total| Arc::into_inner(total).map_or_else(Corpus::default, Total::into_corpus);
        (whole(total), asides.map(whole))
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
                reader = Some((
                    block.source.clone(),
                    self.assembler(&block.source).streaming(),
                ));
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
        let reference = source.modified.unwrap_or(self.now);
        let context = Context::new(self.zone.clone(), reference, self.year);
        Assembler::new(context, self.forced, self.window, self.tenant.clone())
            .judging(crate::lexicon::tells_trouble)
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

    /// Tells why an input is not read; nothing is what it holds.
    fn refuse<T: Default>(&mut self, problem: &dyn std::fmt::Display) -> T {
        self.problems += 1;
        stderr::tell(&problem.to_string());
        T::default()
    }

    fn status(&self) -> Status {
        if self.problems > 0 {
            Status::Trouble
        } else {
            Status::Ran
        }
    }
}

/// Groups in each band: from `least` on as the items say, which mutes and filters have gone over.
fn per_band(items: &[Item], judged: [u64; Band::ALL.len()], least: Band) -> [u64; Band::ALL.len()] {
    let mut counts = judged;
    counts[least as usize..].fill(0);
    for item in items.iter().filter(|item| item.band >= least) {
        counts[item.band as usize] += 1;
    }
    counts
}
