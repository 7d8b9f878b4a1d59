//! From lines to events: cleans each line, asks the formats, joins continuation lines to the event
//! that opened them, and leaves out what the user did not ask for.
//!
//! What a line is never depends on how the input was cut into blocks: a block begins where an event
//! opens, whatever came before (see [`format::opens_event`]). Nothing is counted here; the sink does.

use crate::event::{Event, Severity};
use crate::format::readings::{Ahead, Alike, Anew, Expected, Opens, Readings, Wanted};
use crate::format::section;
use crate::format::{self, Context, Extent, Format};
use crate::input::Block;
use crate::trace::{self, Trace};
use crate::window::Window;
use memchr::memchr;
use std::borrow::Cow;

mod headed;
mod known;
mod sink;
mod stored;

pub use sink::{DropReason, Sink};

/// Further lines that one event takes at most; the next one opens an event of its own.
pub const CONTINUATION_LINES_MAX: usize = 10_000;

/// Bytes of an entry that spans lines which are kept waiting for its end; a longer one ends there.
pub const CARRY_BYTES_MAX: usize = 1 << 20;

/// What stands open after a line: which further lines belong to it.
#[derive(Debug, Default)]
struct Open {
    /// The event was told to the sink, or left out for a reason that its further lines share.
    fate: Option<Fate>,
    /// The event's line had a header.
    headed: bool,
    /// Blanks before the event's line: what belongs to it stands deeper.
    indent: u32,
    trace: Trace,
    /// Where its message begins in the line, as long as it was not asked what that opens.
    unasked: Option<usize>,
    /// Where its line begins in the text that is read; `None` where the line is kept for the next text.
    at: Option<usize>,
    /// Further lines so far.
    lines: usize,
}

/// Where a line stands: the text that is read, where the line begins in it, and its number.
#[derive(Debug, Clone, Copy)]
struct Place<'t> {
    text: &'t [u8],
    at: usize,
    number: u64,
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
    /// The line of the open event, where that stands in a text read before.
    opened: Vec<u8>,
    /// Whether the words of a message tell of trouble.
    tells_trouble: fn(&str) -> bool,
    readings: Option<Readings>,
    ahead: Ahead,
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
            opened: Vec::new(),
            tells_trouble: |_| false,
            readings: None,
            ahead: Ahead::default(),
        }
    }

    /// For a source whose blocks come one by one and may be cut anywhere between lines: an entry that
    /// spans lines waits for its end.
    pub fn streaming(mut self) -> Self {
        self.streaming = true;
        self
    }

    /// With a judge of words: a trace belongs to an event whose words tell of trouble.
    pub fn judging(mut self, tells_trouble: fn(&str) -> bool) -> Self {
        self.tells_trouble = tells_trouble;
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
            None => self.text(&block.bytes, block.first_line, block.last, sink),
            Some((first_line, mut text)) => {
                text.extend_from_slice(&block.bytes);
                self.text(&text, first_line, block.last, sink);
            }
        }
    }

    fn text<S: Sink>(&mut self, text: &[u8], first_line: u64, last: bool, sink: &mut S) {
        self.lines(text, first_line, last, sink);
        // What follows may ask for the line of the event that is open.
        if let Some(at) = self.open.at.take() {
            self.opened.clear();
            self.opened.extend_from_slice(line_at(text, at));
        }
    }

    fn lines<S: Sink>(&mut self, text: &[u8], first_line: u64, last: bool, sink: &mut S) {
        let mut at = 0;
        let mut number = first_line;
        self.ahead.forget();
        while at < text.len() {
            let place = Place { text, at, number };
            if text[at] == b'{'
                && let Some(length) = self.stored_line(place, sink)
            {
                at += length + 1;
                number += 1;
                continue;
            }
            let (end, expected) = self.ahead.line(text, at, self.readings.as_ref());
            let (rest, line) = (&text[at..], &text[at..end]);
            if let Some((format, extent)) = format::entry(rest, line, self.forced) {
                let length = match extent {
                    Extent::Open if self.streaming && !last && rest.len() < CARRY_BYTES_MAX => {
                        self.carry = Some((number, rest.to_vec()));
                        return;
                    }
                    Extent::Open => rest.len(),
                    Extent::Complete(length) => length.clamp(1, rest.len()),
                };
                number += self.entry(format, &rest[..length], number, sink);
                at += length;
                continue;
            }
            // Lines with marks are not known.
            if expected.is_known() || !self.is_mark(line, number, sink) {
                self.raw_line(line, expected, place, sink);
            }
            at = end + 1;
            number += 1;
        }
    }

    /// Tells the mark of a section, which stands in the line as read: before escapes and overwritten
    /// text are dropped. Whether the line is nothing else.
    #[inline]
    fn is_mark<S: Sink>(&mut self, raw: &[u8], number: u64, sink: &mut S) -> bool {
        let Some((mark, is_all)) = section::mark(raw) else {
            return false;
        };
        sink.section(number, mark);
        if is_all {
            sink.dropped(number, DropReason::Marker);
        }
        is_all
    }

    /// A line as read.
    #[inline]
    fn raw_line<S: Sink>(&mut self, raw: &[u8], expected: Expected, place: Place, sink: &mut S) {
        // What reads as a line before it has the bytes of that one, digits aside: all are visible.
        if expected.is_known() {
            if !self.tell_known(raw, expected, place, sink) {
                self.line(raw, expected, None, place, sink);
            }
            return;
        }
        if sink.takes_headed() && self.tell_headed(raw, place, sink) {
            return;
        }
        match format::visible(raw) {
            Cow::Borrowed(shown) if shown.len() == raw.len() => {
                let wanted = self.ahead.wanted();
                self.line(shown, expected, wanted, place, sink);
            }
            // Not the line that was looked up.
            shown => self.line(&shown, expected, None, place, sink),
        }
    }

    fn line<S: Sink>(
        &mut self,
        line: &[u8],
        expected: Expected,
        wanted: Option<Wanted>,
        place: Place,
        sink: &mut S,
    ) {
        if line.trim_ascii_start().is_empty() {
            return sink.dropped(place.number, DropReason::Blank);
        }
        if is_indented(line) {
            self.ask_what_opens(place.text);
        }
        if self.goes_on_indented(line) {
            return self.continuation(place.number, line, sink);
        }
        let Some(readings) = &mut self.readings else {
            return self.read_alone(line, place, sink);
        };
        let found = match readings.find(line, expected, &self.context) {
            Some(alike) => Ok(alike),
            None if expected.is_known() || self.ahead.is_left() => Err(None),
            None => readings.find_anew(line, wanted, &self.context),
        };
        let alike = match found {
            Ok(alike) => {
                let known = readings.brief(line, &alike);
                if known.is_some_and(|known| self.tell_brief(place, line, known, sink)) {
                    return;
                }
                alike
            }
            Err(wanted) => match readings.read_anew(line, wanted, &self.context, self.forced) {
                Anew::Kept(alike) => alike,
                Anew::Read(mut event) => {
                    return self.read_line(line, place, &mut event, None, sink);
                }
            },
        };
        let Some(readings) = &self.readings else {
            return self.read_alone(line, place, sink);
        };
        let mut event = readings.event(line, &alike);
        let opens = readings.opens(&alike);
        self.read_line(line, place, &mut event, Some((&alike, opens)), sink);
    }

    /// Tells a line that is read as if it were the only one.
    fn read_alone<S: Sink>(&mut self, line: &[u8], place: Place, sink: &mut S) {
        let mut event = format::read(line, &self.context, self.forced);
        self.read_line(line, place, &mut event, None, sink);
    }

    /// Tells a line whose event is read.
    fn read_line<S: Sink>(
        &mut self,
        line: &[u8],
        place: Place,
        event: &mut Event<'_>,
        known: Option<(&Alike, Opens)>,
        sink: &mut S,
    ) {
        if (event.bare || event.message.is_empty()) && format::is_marker(line) {
            return sink.dropped(place.number, DropReason::Marker);
        }
        let opens = match known {
            Some((_, opens)) => opens,
            None => Opens::of(line, &event.message),
        };
        if event.bare {
            self.ask_what_opens(place.text);
            if self.goes_on_indented(&event.message) || self.goes_on(&event.message, place.text) {
                return self.continuation(place.number, line, sink);
            }
            if opens.trace != Trace::None && self.open.headed {
                self.date_crash(event, place.text);
            }
        }
        self.opens(!event.bare, opens, place.at);
        let alike = known.map(|(alike, _)| alike);
        self.tell(place.number, line, event, alike, sink);
    }

    /// Gives the event of a trace that nothing announces what it lacks and the event before it has:
    /// when and where that was, so that it is of the same night and host.
    fn date_crash(&self, event: &mut Event<'_>, text: &[u8]) {
        let (line, context) = (self.open_line(text), &self.context);
        let shown = format::visible(line);
        let before = format::read(&shown, context, self.forced);
        event.timestamp = before.timestamp.or(event.timestamp);
        let host = || before.host.map(|host| Cow::Owned(host.into_owned()));
        event.host = event.host.take().or_else(host);
        event.origin = event.origin.take().or(before.origin);
    }

    fn opens(&mut self, headed: bool, opens: Opens, at: usize) {
        self.open = Open {
            headed,
            indent: opens.indent,
            trace: opens.trace,
            at: Some(at),
            ..Open::default()
        };
    }

    #[inline]
    fn goes_on_indented(&self, text: &[u8]) -> bool {
        is_indented(text)
            && self.open.fate.is_some()
            && match trace::after_tag(text) {
                Some(tagged) => trace::is_frame(tagged),
                None => {
                    trace::indent(text) as u32 > self.open.indent
                        && self.open.trace.takes_indented(text, self.open.headed)
                }
            }
    }

    fn goes_on(&mut self, message: &[u8], text: &[u8]) -> bool {
        let mut trace = self.open.trace;
        let goes_on = self.open.fate.is_some()
            && match message.is_empty() {
                // Behind a prefix the blank lines of a trace are lines too.
                true => trace != Trace::None,
                false => trace.takes(message, || self.open.headed && self.announces(text)),
            };
        self.open.trace = trace;
        goes_on
    }

    /// Whether the open event tells of trouble, or ends as what introduces the lines behind it does, so
    /// that a trace belongs to it. Nothing is kept for this: traces without it are few.
    fn announces(&self, text: &[u8]) -> bool {
        let shown = format::visible(self.open_line(text));
        let event = format::read(&shown, &self.context, self.forced);
        let is_loud =
            |level: Option<Severity>| level.is_some_and(|level| level <= Severity::Warning);
        let message = event.message.trim_ascii_end();
        if is_loud(event.severity)
            || message.ends_with(b":")
            || Trace::opened_by(message) != Trace::None
        {
            return true;
        }
        (self.tells_trouble)(&String::from_utf8_lossy(message))
    }

    /// The line of the open event, as read.
    fn open_line<'t>(&'t self, text: &'t [u8]) -> &'t [u8] {
        match self.open.at {
            Some(at) => line_at(text, at),
            None => &self.opened,
        }
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
        alike: Option<&Alike>,
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
            let event = format::event_of(format, text, &self.context)
                .unwrap_or_else(|| format::plain::event(line, &self.context));
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

fn is_indented(text: &[u8]) -> bool {
    matches!(text.first(), Some(b' ' | b'\t'))
}

/// The line that begins at a place in a text, without its newline.
fn line_at(text: &[u8], at: usize) -> &[u8] {
    let rest = &text[at..];
    &rest[..memchr(b'\n', rest).unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests;
