//! The last minutes of an earlier run with which a log begins. Memory holds them, and they were judged
//! with that run: tonight begins where it ended.
//!
//! They are counted apart while the log is read, which costs a comparison or two an event in logs that
//! do begin so, and nothing in others. The parts are corpora, so that by the one law of the corpus their
//! sum is the corpus of the whole log: that is judged where memory does not hold all of them.

use super::remember::{Memory, told};
use super::{Reading, Scan, Status};
use crate::assemble::{DropReason, Sink};
use crate::corpus::{Corpus, Span};
use crate::event::{Event, Timestamp};
use crate::format::readings::Hint;
use crate::format::section::Mark;
use crate::input::Block;
use crate::memory::Problem;
use crate::reduce::{Reducer, Total};
use std::sync::Arc;

/// The longest stretch that is taken for an overlap: half of what the nights are rounded to.
const OVERLAP_SECONDS_MAX: i64 = 1800;
/// Times as long as its overlap a log is at least: what is mostly read again is asked for again.
const OVERLAP_SHARE_MIN: i64 = 4;
/// Bytes of a source in which its first event is looked for.
const PEEK_BYTES_MAX: usize = 1 << 14;

impl Scan {
    /// Reads the input, but for what it begins with of the last minutes of an earlier run. Where builds
    /// are compared, all of it is read.
    pub(super) fn tonight(&self, memory: &Memory, reading: &mut Reading) -> Result<Corpus, Status> {
        let runs = match self.baselines.is_empty() {
            true => memory.runs()?,
            false => Vec::new(),
        };
        let (mut corpus, before) = self.reduce(&self.operands, reading, &runs);
        match leave_out(&mut corpus, before, memory) {
            Ok(()) => Ok(corpus),
            Err(problem) => Err(told(&problem)),
        }
    }
}

/// Finds, while blocks go by, where tonight begins.
pub(super) struct Overlap<'a> {
    /// What earlier runs spanned.
    runs: &'a [Span],
    /// The end of the run that the input begins with the last minutes of.
    end: Option<Timestamp>,
}

impl<'a> Overlap<'a> {
    pub fn with(runs: &'a [Span]) -> Self {
        Overlap { runs, end: None }
    }

    /// The last moment of the overlap, as far as it is known at a block; blocks come in order. Only
    /// where a source begins is it looked for.
    pub fn at(&mut self, block: &Block, scan: &Scan) -> Option<Timestamp> {
        if block.first_line == 1 && self.end.is_none() && !self.runs.is_empty() {
            let first = first_time(block, scan);
            self.end = first.and_then(|first| end_of_run(self.runs, first));
        }
        self.end
    }
}

/// The end of the latest run that began before a moment, and ended soon after it.
fn end_of_run(runs: &[Span], first: Timestamp) -> Option<Timestamp> {
    let within = |run: &&Span| {
        let seconds = run.last.seconds().saturating_sub(first.seconds());
        // A log that is cut within a second is no overlap.
        run.first < first && (1..=OVERLAP_SECONDS_MAX).contains(&seconds)
    };
    runs.iter().filter(within).map(|run| run.last).max()
}

/// The earliest time in the first lines of a source.
fn first_time(block: &Block, scan: &Scan) -> Option<Timestamp> {
    let bytes = &block.bytes[..block.bytes.len().min(PEEK_BYTES_MAX)];
    let whole = memchr::memrchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
    let peeked = Block {
        source: Arc::clone(&block.source),
        first_line: 1,
        bytes: bytes[..whole].to_vec(),
        lines_cut: 0,
        last: true,
    };
    let mut first = Earliest(None);
    scan.assembler(&block.source).read(&peeked, &mut first);
    first.0
}

struct Earliest(Option<Timestamp>);

impl Sink for Earliest {
    fn event(&mut self, _line: u64, _text: &[u8], event: &Event<'_>) {
        self.0 = self.0.into_iter().chain(event.timestamp).min();
    }

    fn continuation(&mut self, _line: u64, _text: &[u8]) {}

    fn dropped(&mut self, _line: u64, _reason: DropReason) {}
}

/// The reducers of what is before tonight: all but the last second of the run before, which may have
/// been read in part only, and that second.
pub(super) struct Before([Reducer; 2]);

impl Before {
    pub fn into(totals: &[Arc<Total>; 2]) -> Self {
        Before(
            totals
                .each_ref()
                .map(|total| Reducer::into_total(Arc::clone(total))),
        )
    }

    /// As [`Reducer::begin`].
    pub fn begin(&mut self, block: &Block) {
        self.0.iter_mut().for_each(|reducer| reducer.begin(block));
    }

    /// As [`Reducer::end`].
    pub fn end(&mut self) {
        self.0.iter_mut().for_each(Reducer::end);
    }

    /// With the reducer of tonight, which begins after a moment.
    pub fn and<'a>(&'a mut self, tonight: &'a mut Reducer, until: Timestamp) -> Parted<'a> {
        let last_second = Timestamp::from_seconds(until.seconds());
        let [before, last] = &mut self.0;
        Parted {
            tonight,
            before,
            last,
            last_second,
            until,
            part: Part::Tonight,
        }
    }
}

/// Gives each event, with all that belongs to it, to the reducer of its part.
pub(super) struct Parted<'a> {
    tonight: &'a mut Reducer,
    before: &'a mut Reducer,
    last: &'a mut Reducer,
    /// Where the second begins that goes to `last`.
    last_second: Timestamp,
    /// The last moment that goes there.
    until: Timestamp,
    /// Where the event told last went.
    part: Part,
}

#[derive(Clone, Copy)]
enum Part {
    Before,
    Last,
    Tonight,
}

impl Parted<'_> {
    fn present(&mut self) -> &mut Reducer {
        match self.part {
            Part::Before => self.before,
            Part::Last => self.last,
            Part::Tonight => self.tonight,
        }
    }

    fn choose(&mut self, event: &Event<'_>) {
        self.part = match event.timestamp {
            Some(time) if time < self.last_second => Part::Before,
            Some(time) if time <= self.until => Part::Last,
            _ => Part::Tonight,
        };
    }
}

impl Sink for Parted<'_> {
    fn event(&mut self, line: u64, text: &[u8], event: &Event<'_>) {
        self.choose(event);
        self.present().event(line, text, event);
    }

    fn event_alike(&mut self, line: u64, text: &[u8], event: &Event<'_>, hint: &mut Hint) {
        self.choose(event);
        match self.part {
            Part::Tonight => self.tonight.event_alike(line, text, event, hint),
            // Hints are of one sink.
            _ => self.present().event(line, text, event),
        }
    }

    fn continuation(&mut self, line: u64, text: &[u8]) {
        self.present().continuation(line, text);
    }

    fn dropped(&mut self, line: u64, reason: DropReason) {
        self.present().dropped(line, reason);
    }

    fn section(&mut self, line: u64, mark: Mark<'_>) {
        self.present().section(line, mark);
    }
}

/// Leaves out what came before tonight, where that is an overlap and memory holds all of it; else it is
/// of tonight as well. Of the last second that may be said apart.
fn leave_out(
    tonight: &mut Corpus,
    [mut before, mut last]: [Corpus; 2],
    memory: &Memory,
) -> Result<(), Problem> {
    // Lines that lost their tail are counted with the block, which all reducers are told of.
    for part in [&mut before, &mut last] {
        part.accounting.lines_cut = 0;
    }
    let mut span = before.span;
    Span::join(&mut span, last.span);
    let mut is_left_out = is_overlap(span, tonight.span);
    for part in [before, last] {
        is_left_out = is_left_out && memory.holds(&part)?;
        if is_left_out {
            let dropped = &mut tonight.accounting.dropped;
            *dropped.entry(DropReason::Remembered).or_default() += part.accounting.lines();
        } else {
            tonight.merge(part);
        }
    }
    Ok(())
}

fn is_overlap(before: Option<Span>, tonight: Option<Span>) -> bool {
    let Some((before, tonight)) = before.zip(tonight) else {
        return false;
    };
    let since = |end: Timestamp| end.seconds().saturating_sub(before.first.seconds());
    let (overlap, whole) = (since(before.last), since(tonight.last));
    overlap <= OVERLAP_SECONDS_MAX && overlap.saturating_mul(OVERLAP_SHARE_MIN) <= whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(first: i64, last: i64) -> Span {
        Span {
            first: Timestamp::from_seconds(first),
            last: Timestamp::from_seconds(last),
        }
    }

    #[test]
    fn an_overlap_is_the_end_of_a_run_that_began_before() {
        let runs = [span(0, 86_399), span(43_200, 86_000), span(86_400, 172_799)];
        let end = |first| end_of_run(&runs, Timestamp::from_seconds(first));
        assert_eq!(end(85_800), Some(runs[0].last));
        // The same log again, a log that follows, and one that is read again for the most part.
        assert_eq!((end(0), end(86_400), end(80_000)), (None, None, None));
        // A log that was cut within a second.
        assert_eq!((end(86_399), end(86_398)), (None, Some(runs[0].last)));
    }

    #[test]
    fn what_is_mostly_read_again_is_no_overlap() {
        let is = |before, tonight| is_overlap(Some(before), Some(tonight));
        assert!(is(span(85_800, 86_399), span(86_400, 172_799)));
        assert!(!is(span(85_800, 86_399), span(86_400, 87_000)));
        assert!(!is(span(80_000, 86_399), span(86_400, 172_799)));
        assert!(!is_overlap(Some(span(0, 1)), None));
    }
}
