//! From lines to events: cleans each line, asks the formats, and joins continuation lines to the
//! event that opened them.

use crate::event::Event;
use crate::input::Block;

/// Why a line is no event and no part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropReason {
    /// Nothing but blanks.
    Blank,
    /// A line that belongs to the format and not to the log (a header row, `-- Boot ... --`).
    Marker,
    /// Outside `--since`/`--until`.
    OutsideWindow,
    /// Another tenant's, under `--tenant`.
    OtherTenant,
}

/// Takes what the assembler finds, in input order. Each input line is told exactly once.
pub trait Sink {
    /// A line that opens an event. `text` is the cleaned line.
    fn event(&mut self, line: u64, text: &[u8], event: &Event<'_>);
    /// A further line of the event last told.
    fn continuation(&mut self, line: u64, text: &[u8]);
    /// A line that is neither.
    fn dropped(&mut self, line: u64, reason: DropReason);
}

/// Reads blocks of one source into a sink.
pub struct Assembler;

impl Assembler {
    /// Tells `sink` every line of the block.
    pub fn read(&mut self, _block: &Block, _sink: &mut dyn Sink) {}
}
