//! The one-line forms of `journalctl -o` that plain syslog does not cover: short-full, with-unit,
//! short-unix and short-monotonic.
//!
//! short, short-iso and short-precise read as syslog. The monotonic form says when after boot and
//! not when, so that its events are undated. Continuation lines are the assembler's matter.

use crate::event::Event;
use crate::format::journal_fields::unit_name;
use crate::format::stamp::{self, Layout};
use crate::format::syslog_header::{Header, TagEnd, header, monotonic};
use crate::format::{Context, Format};

/// Lines of `journalctl -o short-full|with-unit|short-unix|short-monotonic`.
pub struct JournalShort;

impl Format for JournalShort {
    fn name(&self) -> &'static str {
        "journal-short"
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let (timestamp, header) = match line.first()? {
            b'[' => (None, after_boot(line)?),
            b'0'..=b'9' => dated(line, context, Layout::Epoch)?,
            b'A'..=b'Z' if line.get(4).is_some_and(u8::is_ascii_digit) => {
                dated(line, context, Layout::Weekday)?
            }
            _ => return None,
        };
        let mut event = header.into_event();
        event.timestamp = timestamp;
        event.service = event.service.map(unit_name);
        Some(event)
    }
}

type Dated<'a> = (Option<crate::event::Timestamp>, Header<'a>);

/// A stamp of this layout, and host and tag after it.
fn dated<'a>(line: &'a [u8], context: &Context, layout: Layout) -> Option<Dated<'a>> {
    let stamp = stamp::parse(line, context).filter(|stamp| stamp.layout == layout)?;
    let header = header(line[stamp.length..].strip_prefix(b" ")?);
    let tag = header.tag.filter(|_| header.host.is_some())?;
    (tag.end == TagEnd::Colon).then_some((stamp.timestamp, header))
}

/// Seconds since boot, and host and tag after them.
///
/// The kernel's own buffer begins its lines alike and goes on with text, so that only `kernel:` or a
/// pid with its colon shows that the word before is a host.
fn after_boot(line: &[u8]) -> Option<Header<'_>> {
    let header = header(monotonic(line)?.strip_prefix(b" ")?);
    let tag = header.tag.filter(|tag| tag.end == TagEnd::Colon)?;
    (tag.pid.is_some() || (header.host.is_some() && tag.service == b"kernel")).then_some(header)
}

/// Whether a line is journalctl's own and no entry: `-- Boot ... --`, `-- No entries --`.
pub fn is_marker(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let journal = b"-- Journal begins at ";
    line.starts_with(b"-- ")
        && line.ends_with(b" --")
        && ([
            &b"-- Logs begin at "[..],
            journal,
            b"-- Boot ",
            b"-- Reboot --",
        ]
        .iter())
        .chain([&b"-- No entries --"[..]].iter())
        .any(|start| line.starts_with(start))
}
