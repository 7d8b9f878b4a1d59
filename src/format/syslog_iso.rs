//! Syslog files whose daemon writes RFC 3339 stamps: `2024-05-01T10:00:00.123+02:00 host tag[7]: text`.
//!
//! Applications use the same stamps, so that the rest must look like syslog: after a `T` a host and
//! a tag with its colon, after a blank or in place of the host a level also a pid. Everything else
//! is the general grammar's.

use crate::event::Event;
use crate::format::stamp::{self, Layout};
use crate::format::syslog_header::{Header, header, priority};
use crate::format::syslog_tag::TagEnd;
use crate::format::{Context, Format, device};

/// Syslog lines with ISO 8601 stamps.
pub struct SyslogIso;

impl Format for SyslogIso {
    fn name(&self) -> &'static str {
        "syslog-iso"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_digit()
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        if line.get(4) != Some(&b'-') {
            return None;
        }
        let stamp = stamp::parse(line, context).filter(|stamp| stamp.layout == Layout::Iso)?;
        let rest = line[stamp.length..].strip_prefix(b" ")?;
        let (priority, rest) = match priority(rest) {
            Some((priority, rest)) => (Some(priority), rest),
            None => (None, rest),
        };
        let header = header(rest, &context.notes);
        let joined = line.get(10) == Some(&b'T');
        let certain = priority.is_some() || is_syslog(&header, joined);
        let mut event = device::behind_stamp(stamp.timestamp, header, context);
        let has_mnemonic = |service: &[u8]| service.starts_with(b"%");
        if !certain && !event.service.as_deref().is_some_and(has_mnemonic) {
            return None;
        }
        if let Some(priority) = priority {
            priority.apply(&mut event);
        }
        Some(event)
    }
}

/// Whether host and tag are such as a syslog daemon writes; `joined` where the stamp has its `T`.
fn is_syslog(header: &Header<'_>, joined: bool) -> bool {
    let Some(tag) = &header.tag else {
        return false;
    };
    match tag.end {
        TagEnd::Colon if header.host.is_some() && joined => true,
        TagEnd::Colon => tag.pid.is_some() || tag.service == b"kernel",
        TagEnd::Bracket => header.host.is_some() && tag.pid.is_some(),
        TagEnd::Nothing => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::{Severity, Timestamp};
    use crate::format::test_context;

    fn parse(line: &str) -> Option<Event<'_>> {
        SyslogIso.parse(line.as_bytes(), &test_context())
    }

    #[test]
    fn host_and_tag_follow_the_stamp() {
        for line in [
            "2024-05-01T12:00:00+02:00 web1 pump[7]: in",
            "2024-05-01T12:00:00+0200 web1 pump[7]: in",
            "2024-05-01 10:00:00 web1 pump[7]: in",
        ] {
            let event = parse(line).unwrap();
            assert_eq!(
                event.timestamp,
                Some(Timestamp::from_seconds(1_714_557_600))
            );
            assert_eq!(event.host.as_deref(), Some(&b"web1"[..]));
            assert_eq!((event.pid, event.message.as_ref()), (Some(7), &b"in"[..]));
        }
        let event = parse("2024-05-01T10:00:00.5Z web1 kernel: [    1.5] up").unwrap();
        assert_eq!(event.service.as_deref(), Some(&b"kernel"[..]));
        assert_eq!(event.message.as_ref(), b"up");
    }

    #[test]
    fn a_level_may_stand_for_the_host() {
        let event = parse("2024-05-01T10:00:00Z ERR pump[7]: in").unwrap();
        assert_eq!((event.severity, event.host), (Some(Severity::Error), None));
        let event = parse("2024-05-01T10:00:00Z ERR kernel: in").unwrap();
        assert_eq!(event.message.as_ref(), b"in");
    }

    #[test]
    fn lines_of_applications_are_left_alone() {
        for line in [
            "2024-05-01T10:00:00Z INFO module: in",
            "2024-05-01T10:00:00Z web1 ERROR: in",
            "2024-05-01T10:00:00Z hello world",
            "2024-05-01 10:00:00 ERROR in",
            "2024-05-01 10:00:00 main thread: in",
            "2024-05-01 10:00:00,123 pump.core: in",
            "2024/05/01 10:00:00 web1 pump[7]: in",
            "2024-05-01T10:00:00Z",
            "",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
