//! From lines to events: cleans each line, asks the formats, and joins continuation lines to the
//! event that opened them.

use crate::event::Event;
use crate::format::{Context, Format};
use crate::input::Block;
use crate::window::Window;

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

/// Whether a line opens an event: where a source may be cut into blocks.
pub fn starts_event(line: &[u8]) -> bool {
    !line.first().is_some_and(u8::is_ascii_whitespace)
}

/// Reads blocks of one source into a sink.
pub struct Assembler;

impl Assembler {
    /// Placeholder.
    pub fn new(
        _context: Context,
        _forced: Option<&'static dyn Format>,
        _window: Window,
        _tenant: Option<String>,
    ) -> Self {
        Assembler
    }

    /// Tells `sink` every line of the block.
    pub fn read(&mut self, block: &Block, sink: &mut dyn Sink) {
        let lines = block.bytes.split_inclusive(|&b| b == b'\n');
        for (line, text) in (block.first_line..).zip(lines) {
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            if text.is_empty() {
                sink.dropped(line, DropReason::Blank);
            } else if starts_event(text) {
                let event = Event {
                    message: text.into(),
                    ..Event::default()
                };
                sink.event(line, text, &event);
            } else {
                sink.continuation(line, text);
            }
        }
    }
}
