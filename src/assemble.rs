//! From lines to events: cleans each line, asks the formats, joins continuation lines to the event
//! that opened them, and leaves out what the user did not ask for.
//!
//! What a line is never depends on how the input was cut into blocks: a block begins where an event
//! opens, whatever came before (see [`format::opens_event`]). Nothing is counted here; the sink does.

use crate::clean;
use crate::event::Event;
use crate::format::section::{self, Mark};
use crate::format::{self, Context, Extent, Format};
use crate::input::Block;
use crate::trace::{self, Trace};
use crate::window::Window;
use memchr::memchr;

/// Further lines that one event takes at most; the next one opens an event of its own.
pub const CONTINUATION_LINES_MAX: usize = 10_000;

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
}

/// Takes what the assembler finds, in input order. Each input line is told exactly once.
pub trait Sink {
    /// A line that opens an event. `text` is the cleaned line.
    fn event(&mut self, line: u64, text: &[u8], event: &Event<'_>);
    /// A further line of the event last told.
    fn continuation(&mut self, line: u64, text: &[u8]);
    /// A line that is neither.
    fn dropped(&mut self, line: u64, reason: DropReason);
    /// A mark of a section at a line, told before the line itself.
    fn section(&mut self, _line: u64, _mark: Mark<'_>) {}
}

/// What stands open after a line: which further lines belong to it.
#[derive(Debug, Default)]
struct Open {
    /// The event was told to the sink, or left out for a reason that its further lines share.
    fate: Option<Fate>,
    /// The event's line had a header.
    headed: bool,
    /// Blanks before the event's line: what belongs to it stands deeper.
    indent: usize,
    trace: Trace,
    /// Further lines so far.
    lines: usize,
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Told,
    Dropped(DropReason),
}

/// Reads blocks of one source into a sink.
pub struct Assembler {
    context: Context,
    forced: Option<&'static dyn Format>,
    window: Window,
    tenant: Option<String>,
    open: Open,
    /// Text of an entry whose end is not in sight, and the number of its first line.
    carry: Option<(u64, Vec<u8>)>,
    streaming: bool,
}

impl Assembler {
    /// An assembler for one source, or for one block where blocks are read in parallel.
    pub fn new(
        context: Context,
        forced: Option<&'static dyn Format>,
        window: Window,
        tenant: Option<String>,
    ) -> Self {
        Assembler {
            context,
            forced,
            window,
            tenant,
            open: Open::default(),
            carry: None,
            streaming: false,
        }
    }

    /// For a source whose blocks come one by one and may be cut anywhere between lines: an entry that
    /// spans lines waits for its end.
    pub fn streaming(mut self) -> Self {
        self.streaming = true;
        self
    }

    /// Tells `sink` every line of the block, but for an entry whose end is yet to come.
    pub fn read(&mut self, block: &Block, sink: &mut dyn Sink) {
        match self.carry.take() {
            None => self.lines(&block.bytes, block.first_line, block.last, sink),
            Some((first_line, mut text)) => {
                text.extend_from_slice(&block.bytes);
                self.lines(&text, first_line, block.last, sink);
            }
        }
    }

    fn lines(&mut self, text: &[u8], first_line: u64, last: bool, sink: &mut dyn Sink) {
        let mut rest = text;
        let mut number = first_line;
        while !rest.is_empty() {
            if let Some((format, extent)) = format::entry(rest, self.forced) {
                let length = match extent {
                    Extent::Open if self.streaming && !last => {
                        self.carry = Some((number, rest.to_vec()));
                        return;
                    }
                    Extent::Open => rest.len(),
                    Extent::Complete(length) => length.clamp(1, rest.len()),
                };
                number += self.entry(format, &rest[..length], number, sink);
                rest = &rest[length..];
                continue;
            }
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            self.line(&rest[..end], number, sink);
            rest = rest.get(end + 1..).unwrap_or_default();
            number += 1;
        }
    }

    fn line(&mut self, raw: &[u8], number: u64, sink: &mut dyn Sink) {
        if let Some(mark) = section::mark(raw) {
            sink.section(number, mark);
            if section::is_heading(raw) {
                return sink.dropped(number, DropReason::Marker);
            }
        }
        let clean = clean::visible(raw);
        let line: &[u8] = &clean;
        if line.trim_ascii_start().is_empty() {
            return sink.dropped(number, DropReason::Blank);
        }
        if self.goes_on_indented(line) {
            return self.continuation(number, line, sink);
        }
        let event = format::read(line, &self.context, self.forced);
        if (event.bare || event.message.is_empty()) && format::is_marker(line) {
            return sink.dropped(number, DropReason::Marker);
        }
        if event.bare && (self.goes_on_indented(&event.message) || self.goes_on(&event.message)) {
            return self.continuation(number, line, sink);
        }
        self.open = Open {
            headed: !event.bare,
            indent: trace::indent(line).max(trace::indent(&event.message)),
            trace: Trace::opened_by(&event.message),
            ..Open::default()
        };
        self.tell(number, line, &event, sink);
    }

    fn goes_on_indented(&self, text: &[u8]) -> bool {
        matches!(text.first(), Some(b' ' | b'\t'))
            && self.open.fate.is_some()
            && match trace::after_tag(text) {
                Some(tagged) => trace::is_frame(tagged),
                None => {
                    trace::indent(text) > self.open.indent
                        && self.open.trace.takes_indented(text, self.open.headed)
                }
            }
    }

    fn goes_on(&mut self, text: &[u8]) -> bool {
        self.open.fate.is_some() && self.open.trace.takes(text, self.open.headed)
    }

    fn continuation(&mut self, number: u64, line: &[u8], sink: &mut dyn Sink) {
        self.open.lines += 1;
        match self.open.fate {
            Some(Fate::Dropped(reason)) => sink.dropped(number, reason),
            _ => sink.continuation(number, line),
        }
        if self.open.lines >= CONTINUATION_LINES_MAX {
            self.open = Open::default();
        }
    }

    fn tell(&mut self, number: u64, text: &[u8], event: &Event<'_>, sink: &mut dyn Sink) {
        let reason = self.left_out(event);
        match reason {
            Some(reason) => sink.dropped(number, reason),
            None => sink.event(number, text, event),
        }
        self.open.fate = Some(reason.map_or(Fate::Told, Fate::Dropped));
    }

    fn left_out(&self, event: &Event<'_>) -> Option<DropReason> {
        if !self.window.contains(event.timestamp) {
            return Some(DropReason::OutsideWindow);
        }
        let named = event
            .origin
            .as_ref()
            .and_then(|origin| origin.tenant_id.as_deref());
        match (self.tenant.as_deref(), named) {
            (Some(wanted), Some(named)) if wanted != named => Some(DropReason::OtherTenant),
            _ => None,
        }
    }

    /// Tells an entry that spans lines: its first line is the event, the others belong to it. Gives
    /// the number of its lines.
    fn entry(
        &mut self,
        format: &dyn Format,
        text: &[u8],
        first_line: u64,
        sink: &mut dyn Sink,
    ) -> u64 {
        self.open = Open {
            headed: true,
            ..Open::default()
        };
        let mut lines = 0;
        for line in text.split_inclusive(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let number = first_line + lines;
            lines += 1;
            if number > first_line {
                match self.open.fate {
                    Some(Fate::Dropped(reason)) => sink.dropped(number, reason),
                    _ if line.is_empty() => sink.dropped(number, DropReason::Blank),
                    _ => sink.continuation(number, line),
                }
                continue;
            }
            let event = format
                .parse(text, &self.context)
                .unwrap_or_else(|| format::plain::event(line));
            let shown = if event.message.is_empty() {
                line
            } else {
                &event.message[..]
            };
            self.tell(number, shown, &event, sink);
        }
        self.open = Open::default();
        lines
    }
}
