//! The one-line forms of `journalctl -o` that plain syslog does not cover: short-full, with-unit,
//! short-unix and short-monotonic.
//!
//! short, short-iso and short-precise read as syslog. The monotonic form says when after boot and
//! not when, so that its events are undated. Continuation lines are the assembler's matter.

use crate::event::{Event, Timestamp};
use crate::format::journal_fields::unit_name;
use crate::format::notes::Notes;
use crate::format::stamp::{self, Layout};
use crate::format::syslog_header::{Header, header, monotonic};
use crate::format::syslog_tag::TagEnd;
use crate::format::{Context, Format};

/// Lines of `journalctl -o short-full|with-unit|short-unix|short-monotonic`.
pub struct JournalShort;

/// How the lines begin that are journalctl's own.
const MARKERS: [&[u8]; 5] = [
    b"-- Logs begin at ",
    b"-- Journal begins at ",
    b"-- Boot ",
    b"-- Reboot --",
    b"-- No entries --",
];

impl Format for JournalShort {
    fn name(&self) -> &'static str {
        "journal-short"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, b'[' | b'0'..=b'9' | b'A'..=b'Z')
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let (timestamp, header) = match line.first()? {
            b'[' => (None, after_boot(line, &context.notes)?),
            b'0'..=b'9' if line.get(10) == Some(&b'.') => dated(line, context, Layout::Epoch)?,
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

/// A stamp of this layout, and host and tag after it.
fn dated<'a>(
    line: &'a [u8],
    context: &Context,
    layout: Layout,
) -> Option<(Option<Timestamp>, Header<'a>)> {
    let stamp = stamp::parse(line, context).filter(|stamp| stamp.layout == layout)?;
    let header = header(line[stamp.length..].strip_prefix(b" ")?, &context.notes);
    let tag = header.tag.filter(|_| header.host.is_some())?;
    (tag.end == TagEnd::Colon).then_some((stamp.timestamp, header))
}

/// Seconds since boot, and host and tag after them.
///
/// The kernel's own buffer begins its lines alike and goes on with text, so that only `kernel:` or a
/// pid with its colon shows that the word before is a host. More than thirty years are no uptime: so
/// many seconds are the time itself.
fn after_boot<'a>(line: &'a [u8], notes: &Notes) -> Option<Header<'a>> {
    if line.get(11) == Some(&b'.') && line[1..11].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let header = header(monotonic(line)?.strip_prefix(b" ")?, notes);
    let tag = header.tag.filter(|tag| tag.end == TagEnd::Colon)?;
    (tag.pid.is_some() || (header.host.is_some() && tag.service == b"kernel")).then_some(header)
}

/// Whether a line is journalctl's own and no entry: `-- Boot ... --`, `-- No entries --`.
pub fn is_marker(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    line.ends_with(b" --") && MARKERS.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::test_context;

    fn parse(line: &str) -> Option<Event<'_>> {
        JournalShort.parse(line.as_bytes(), &test_context())
    }

    #[test]
    fn every_form_gives_the_same_event() {
        for (stamp, time) in [
            ("Wed 2024-05-01 12:00:00 CEST", Some(1_714_557_600_000_000)),
            (
                "Wed 2024-05-01 10:00:00.000001 UTC",
                Some(1_714_557_600_000_001),
            ),
            ("1714557600.000001", Some(1_714_557_600_000_001)),
            ("[    4.387549]", None),
        ] {
            let line = format!("{stamp} web1 pump@a.service[7]: in");
            let event = parse(&line).unwrap();
            assert_eq!(event.timestamp, time.map(Timestamp), "{line}");
            assert_eq!(event.host.as_deref(), Some(&b"web1"[..]));
            assert_eq!(event.service.as_deref(), Some(&b"pump@a"[..]));
            assert_eq!((event.pid, event.message.as_ref()), (Some(7), &b"in"[..]));
        }
        let event = parse("[    0.000000] web1 kernel: up").unwrap();
        assert_eq!(event.service.as_deref(), Some(&b"kernel"[..]));
    }

    #[test]
    fn the_kernels_own_buffer_and_other_lines_are_left_alone() {
        for line in [
            "[    1.234567] usb 1-1: new device",
            "[    1.234567] scsi host0: ahci",
            "[    1.234567]",
            "[1714557600.000001] web1 pump[7]: in",
            "[main] web1 pump[7]: in",
            "Wed May  1 10:00:00 2024 web1 pump[7]: in",
            "1714557600 web1 started",
            "1714557600.123 pump[7]: in",
            "",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn markers_are_journalctls_own_lines() {
        for line in [
            "-- Logs begin at Fri 2024-03-29 01:07:20 UTC, end at Fri 2024-03-29 01:07:23 UTC. --",
            "-- Journal begins at Fri 2024-03-29 01:07:20 UTC. --",
            "-- Boot 4737ffc504774b3ba67020bc947f1bc0 --",
            "-- Reboot --",
            "-- No entries --",
        ] {
            assert!(is_marker(line.as_bytes()), "{line}");
        }
        for line in ["-- Boot", "--", "-- drop table --", ""] {
            assert!(!is_marker(line.as_bytes()), "{line}");
        }
    }
}
