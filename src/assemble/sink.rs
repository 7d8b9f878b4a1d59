//! What the assembler tells, and to whom. What becomes of it is the sink's affair.

use crate::event::{Brief, Event, Headed};
use crate::format::readings::Hint;
use crate::format::section::Mark;

/// Why a line is no event and no part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropReason {
    /// Nothing but blanks.
    Blank,
    /// A line that belongs to the format and not to the log (`-- Boot ... --`, the end of a fold).
    Marker,
    /// Outside `--since`/`--until`.
    OutsideWindow,
    /// Another tenant's, under `--tenant`.
    OtherTenant,
    /// In the last minutes of an earlier run, which memory holds.
    Remembered,
}

/// Takes what the assembler finds, in input order. Each input line is told exactly once.
pub trait Sink {
    /// A line that opens an event. `text` is the cleaned line.
    fn event(&mut self, line: u64, text: &[u8], event: &Event<'_>);
    /// As [`Sink::event`], for a line that may have been read as others before; what the sink writes
    /// to the hint it finds there when the next of them comes.
    fn event_alike(&mut self, line: u64, text: &[u8], event: &Event<'_>, _hint: &mut Hint) {
        self.event(line, text, event);
    }
    /// As [`Sink::event_alike`], for a line whose event need not be made where the hint that was
    /// written for those before it still holds. Whether it was told; where not, its event is.
    fn event_brief(&mut self, _line: u64, _text: &[u8], _brief: Brief<'_>, _hint: Hint) -> bool {
        false
    }
    /// As [`Sink::event_brief`], for an event whose line is fields and no text to show, of so many bytes.
    fn stored_brief<'e>(
        &mut self,
        _line: u64,
        _bytes: usize,
        _brief: Brief<'_>,
        _hint: Hint,
        _event: impl FnOnce() -> Option<Event<'e>>,
    ) -> bool {
        false
    }
    /// Whether there are lines that [`Sink::headed`] takes.
    fn takes_headed(&self) -> bool {
        false
    }
    /// As [`Sink::event`], for a line that is known by its header alone. Whether it was told; where not,
    /// its event is.
    fn headed(&mut self, _line: u64, _headed: Headed<'_>) -> bool {
        false
    }
    /// The component of a line that was told as brief, where others of its hint may have another one.
    fn component(&mut self, _component: &[u8], _hint: Hint) {}
    /// A further line of the event last told.
    fn continuation(&mut self, line: u64, text: &[u8]);
    /// A line that is neither.
    fn dropped(&mut self, line: u64, reason: DropReason);
    /// A mark of a section at a line, told before the line itself.
    fn section(&mut self, _line: u64, _mark: Mark<'_>) {}
}
