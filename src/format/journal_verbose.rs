//! Entries of `journalctl -o verbose`: a stamp and a cursor, then one indented line for each field.
//!
//! A value of several lines goes on indented deeper. Blobs that journalctl does not print
//! (`[1.2K blob data]`) stand as they are.

use std::borrow::Cow;

use crate::event::Event;
use crate::format::journal_fields::JournalFields;
use crate::format::stamp::{self, Layout};
use crate::format::{Context, Extent, Format};

/// Entries of the verbose form.
pub struct JournalVerbose;

/// How deep journalctl indents fields.
const INDENT: &[u8] = b"    ";

impl Format for JournalVerbose {
    fn name(&self) -> &'static str {
        "journal-verbose"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_uppercase()
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let mut lines = line.split(|&byte| byte == b'\n');
        let first = lines.next()?;
        if !is_header(first) {
            return None;
        }
        context.notes.digits_decide();
        let stamp = stamp::parse(first, context).filter(|stamp| stamp.layout == Layout::Weekday)?;
        let mut fields = JournalFields::default();
        fields.set_header_time(stamp.timestamp);
        let mut lines = lines
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .peekable();
        while let Some(line) = lines.next() {
            let Some((name, value)) = field(line) else {
                continue;
            };
            let mut value = Cow::Borrowed(value);
            // The values below each other begin in the same column.
            let column = INDENT.len() + name.len() + 1;
            while let Some(more) = lines.next_if(|line| !line.is_empty() && field(line).is_none()) {
                let value = value.to_mut();
                value.push(b'\n');
                value.extend_from_slice(unindented(more, column));
            }
            fields.set(name, value);
        }
        fields.into_event()
    }

    fn begins_entry(&self, line: &[u8]) -> bool {
        is_header(line)
    }

    fn entry(&self, text: &[u8]) -> Option<Extent> {
        let mut end = memchr::memchr(b'\n', text).unwrap_or(text.len());
        if !is_header(&text[..end]) {
            return None;
        }
        loop {
            let next = end + 1;
            match text.get(next..) {
                None => return Some(Extent::Open),
                Some(rest) if rest.starts_with(INDENT) => {
                    end = next + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                }
                // What is known may end within the indentation.
                Some(rest) if INDENT.starts_with(rest) => return Some(Extent::Open),
                Some(_) => return Some(Extent::Complete(next)),
            }
        }
    }
}

/// Whether a line is `Fri 2024-03-29 01:07:20.181716 UTC [s=...;i=...]`.
fn is_header(line: &[u8]) -> bool {
    let line = match line.last() {
        Some(b']') => line,
        _ => line.trim_ascii_end(),
    };
    // An assignment that early is rarer than a bracket, and one byte is found faster than four.
    let within = &line[..line.len().min(64)];
    let is_cursor = |at: usize| within[..at].ends_with(b" [s");
    line.first().is_some_and(u8::is_ascii_uppercase)
        && line.ends_with(b"]")
        && memchr::memchr_iter(b'=', within).any(is_cursor)
}

/// Name and value of a line `    NAME=value`.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = line.strip_prefix(INDENT)?;
    let is_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let length = text
        .iter()
        .position(|byte| !is_name(byte))
        .filter(|&length| length > 0)?;
    (text[length] == b'=').then(|| (&text[..length], &text[length + 1..]))
}

/// A line without at most `column` blanks before it.
fn unindented(line: &[u8], column: usize) -> &[u8] {
    let blanks = line.iter().take(column).take_while(|&&byte| byte == b' ');
    &line[blanks.count()..]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::{Severity, Timestamp};
    use crate::format::test_context;

    const ENTRY: &str = "Fri 2024-03-29 01:07:20.181716 UTC [s=ad;i=1;b=47]
    PRIORITY=4
    _HOSTNAME=web1
    SYSLOG_IDENTIFIER=pumpd
    _PID=88
    MESSAGE=two lines:
              deeper one
            PRESSURE=7 bar
    _COMM=pump
";

    #[test]
    fn an_entry_reaches_to_the_next_line_that_is_not_indented() {
        let text = format!("{ENTRY}Fri 2024");
        let complete = Some(Extent::Complete(ENTRY.len()));
        assert_eq!(JournalVerbose.entry(text.as_bytes()), complete);
        for cut in 60..=ENTRY.len() {
            let extent = JournalVerbose.entry(&ENTRY.as_bytes()[..cut]);
            assert_eq!(extent, Some(Extent::Open), "{cut}");
        }
        assert_eq!(JournalVerbose.entry(b"    PRIORITY=4\n"), None);
    }

    #[test]
    fn the_fields_make_the_event() {
        let event = JournalVerbose
            .parse(ENTRY.as_bytes(), &test_context())
            .unwrap();
        assert_eq!(event.timestamp, Some(Timestamp(1_711_674_440_181_716)));
        assert_eq!(event.severity, Some(Severity::Warning));
        assert_eq!(event.host.as_deref(), Some(&b"web1"[..]));
        assert_eq!(event.service.as_deref(), Some(&b"pumpd"[..]));
        assert_eq!(event.pid, Some(88));
        assert_eq!(event.message.as_ref(), b"two lines:");
        assert_eq!(
            event.detail.as_deref(),
            Some(&b"  deeper one\nPRESSURE=7 bar"[..])
        );
    }
}
