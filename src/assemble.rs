//! From lines to events: cleans each line, asks the formats, joins continuation lines to the event
//! that opened them, and leaves out what the user did not ask for.
//!
//! What a line is never depends on how the input was cut into blocks: a block begins where an event
//! opens, whatever came before (see [`format::opens_event`]). Nothing is counted here; the sink does.

use crate::clean;
use crate::event::Event;
use crate::format::readings::{Alike, Hint, Opens, Readings};
use crate::format::section::{self, Mark};
use crate::format::{self, Context, Extent, Format};
use crate::input::Block;
use crate::trace::{self, Trace};
use crate::window::Window;
use memchr::memchr;

/// Further lines that one event takes at most; the next one opens an event of its own.
pub const CONTINUATION_LINES_MAX: usize = 10_000;

/// Bytes of an entry that spans lines which are kept waiting for its end; a longer one ends there.
pub const CARRY_BYTES_MAX: usize = 1 << 20;

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
    readings: Option<Readings>,
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
            readings: None,
        }
    }

    /// For a source whose blocks come one by one and may be cut anywhere between lines: an entry that
    /// spans lines waits for its end.
    pub fn streaming(mut self) -> Self {
        self.streaming = true;
        self
    }

    /// For many lines: what is read of one is kept for those that differ in the values of digits alone.
    /// The readings are for one sink only, as their hints are its own.
    pub fn keeping(mut self, readings: Readings) -> Self {
        self.readings = Some(readings);
        self
    }

    /// The readings that were kept, for the sink's next block.
    pub fn into_readings(self) -> Readings {
        self.readings.unwrap_or_default()
    }

    /// Tells `sink` every line of the block, but for an entry whose end is yet to come.
    pub fn read<S: Sink>(&mut self, block: &Block, sink: &mut S) {
        match self.carry.take() {
            None => self.lines(&block.bytes, block.first_line, block.last, sink),
            Some((first_line, mut text)) => {
                text.extend_from_slice(&block.bytes);
                self.lines(&text, first_line, block.last, sink);
            }
        }
    }

    fn lines<S: Sink>(&mut self, text: &[u8], first_line: u64, last: bool, sink: &mut S) {
        let mut rest = text;
        let mut number = first_line;
        let is_visible = clean::is_visible(text);
        while !rest.is_empty() {
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            if let Some((format, extent)) = format::entry(rest, &rest[..end], self.forced) {
                let length = match extent {
                    Extent::Open if self.streaming && !last && rest.len() < CARRY_BYTES_MAX => {
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
            self.raw_line(&rest[..end], is_visible, number, sink);
            rest = rest.get(end + 1..).unwrap_or_default();
            number += 1;
        }
    }

    /// A line as read: marks of sections are told before escapes and overwritten text are dropped.
    fn raw_line<S: Sink>(&mut self, raw: &[u8], is_visible: bool, number: u64, sink: &mut S) {
        if let Some((mark, is_all)) = section::mark(raw) {
            sink.section(number, mark);
            if is_all {
                return sink.dropped(number, DropReason::Marker);
            }
        }
        match is_visible {
            true => self.line(raw, number, sink),
            false => self.line(&clean::visible(raw), number, sink),
        }
    }

    fn line<S: Sink>(&mut self, line: &[u8], number: u64, sink: &mut S) {
        if line.trim_ascii_start().is_empty() {
            return sink.dropped(number, DropReason::Blank);
        }
        if self.goes_on_indented(line) {
            return self.continuation(number, line, sink);
        }
        let read = match &mut self.readings {
            Some(readings) => readings.read(line, &self.context, self.forced),
            None => (format::read(line, &self.context, self.forced), None),
        };
        // Borrowed, since an event is large to move.
        let (event, alike) = (&read.0, read.1);
        if (event.bare || event.message.is_empty()) && format::is_marker(line) {
            return sink.dropped(number, DropReason::Marker);
        }
        if event.bare && (self.goes_on_indented(&event.message) || self.goes_on(&event.message)) {
            return self.continuation(number, line, sink);
        }
        let opens = match alike {
            Some(alike) => alike.opens,
            None => Opens::of(line, &event.message),
        };
        self.open = Open {
            headed: !event.bare,
            indent: opens.indent,
            trace: opens.trace,
            ..Open::default()
        };
        self.tell(number, line, event, alike, sink);
    }

    #[inline]
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

    fn continuation<S: Sink>(&mut self, number: u64, line: &[u8], sink: &mut S) {
        self.open.lines += 1;
        match self.open.fate {
            Some(Fate::Dropped(reason)) => sink.dropped(number, reason),
            _ => sink.continuation(number, line),
        }
        if self.open.lines >= CONTINUATION_LINES_MAX {
            self.open = Open::default();
        }
    }

    fn tell<S: Sink>(
        &mut self,
        number: u64,
        text: &[u8],
        event: &Event<'_>,
        alike: Option<Alike>,
        sink: &mut S,
    ) {
        let reason = self.left_out(event);
        let hint = alike.and_then(|alike| self.readings.as_mut()?.hint(alike));
        match (reason, hint) {
            (Some(reason), _) => sink.dropped(number, reason),
            (None, Some(hint)) => sink.event_alike(number, text, event, hint),
            (None, None) => sink.event(number, text, event),
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
    fn entry<S: Sink>(
        &mut self,
        format: &dyn Format,
        text: &[u8],
        first_line: u64,
        sink: &mut S,
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
            self.tell(number, shown, &event, None, sink);
        }
        self.open = Open::default();
        lines
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::Timestamp;
    use crate::format::zone::Zone;
    use crate::input::Source;
    use std::sync::Arc;

    /// What was told, a line each: `event`, `more` or the reason of a drop, and the text.
    #[derive(Default)]
    struct Told(Vec<(u64, String)>);

    impl Sink for Told {
        fn event(&mut self, line: u64, _text: &[u8], event: &Event<'_>) {
            let message = String::from_utf8_lossy(&event.message);
            self.0.push((line, format!("event {message}")));
        }

        fn continuation(&mut self, line: u64, text: &[u8]) {
            self.0
                .push((line, format!("more {}", String::from_utf8_lossy(text))));
        }

        fn dropped(&mut self, line: u64, reason: DropReason) {
            self.0.push((line, format!("{reason:?}")));
        }
    }

    fn assembler() -> Assembler {
        let context = Context::new(Zone::utc(), Timestamp::from_seconds(1_772_600_000), None);
        Assembler::new(context, None, Window::default(), None)
    }

    fn block(text: &str, first_line: u64, last: bool) -> Block {
        let source = Source {
            name: "a.log".into(),
            modified: None,
        };
        Block {
            source: Arc::new(source),
            first_line,
            bytes: text.as_bytes().to_vec(),
            lines_cut: 0,
            last,
        }
    }

    fn told(assembler: Assembler, text: &str) -> Vec<String> {
        let mut assembler = assembler;
        let mut told = Told::default();
        assembler.read(&block(text, 1, true), &mut told);
        let lines: Vec<u64> = told.0.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, (1..=text.lines().count() as u64).collect::<Vec<_>>());
        told.0.into_iter().map(|(_, what)| what).collect()
    }

    const TRACE: &str = "2026-03-02 10:00:00 ERROR [w-1] org.acme.Store: put failed\n\
        org.acme.StoreException: no quorum\n\
        \tat org.acme.Store.put(Store.java:10)\n\
        Caused by: java.io.IOException: disk\n\
        \n\
        2026-03-02 10:00:01 INFO [w-1] org.acme.Store: next\n";

    #[test]
    fn a_trace_belongs_to_the_event_that_opens_it() {
        let kinds: Vec<String> = told(assembler(), TRACE)
            .iter()
            .map(|what| what.split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(kinds, ["event", "more", "more", "more", "Blank", "event"]);
    }

    #[test]
    fn a_trace_behind_a_prefix_is_one_event_too() {
        let text = "web-1  | Traceback (most recent call last):\n\
            web-1  |   File \"a.py\", line 3, in f\n\
            web-1  | ValueError: bad\n\
            web-1  | ready\n";
        let told = told(assembler(), text);
        assert!(
            told[1].starts_with("more") && told[2].starts_with("more"),
            "{told:?}"
        );
        assert_eq!(told[3], "event ready");
    }

    #[test]
    fn what_lies_outside_the_window_is_dropped_with_its_continuation_lines() {
        let mut early = assembler();
        early.window.since = Some(Timestamp::from_seconds(1_772_445_601));
        let told = told(early, TRACE);
        assert_eq!(told[0], "OutsideWindow");
        assert_eq!(told[2], "OutsideWindow");
        assert_eq!(told[5], "event next");
    }

    #[test]
    fn a_stream_cut_at_any_line_tells_the_same() {
        let export = "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1772445600000000\nMESSAGE=one\n_HOSTNAME=h\n\n\
            __CURSOR=s=2\n__REALTIME_TIMESTAMP=1772445601000000\nMESSAGE=two\n\n";
        for text in [TRACE, export] {
            let whole = told(assembler(), text);
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for cut in 1..lines.len() {
                let mut stream = assembler().streaming();
                let mut parts = Told::default();
                stream.read(&block(&lines[..cut].concat(), 1, false), &mut parts);
                let rest = block(&lines[cut..].concat(), cut as u64 + 1, true);
                stream.read(&rest, &mut parts);
                let parts: Vec<String> = parts.0.into_iter().map(|(_, what)| what).collect();
                assert_eq!(parts, whole, "cut before line {}", cut + 1);
            }
        }
    }
}
