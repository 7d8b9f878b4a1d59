//! Syslog files whose daemon writes RFC 3339 stamps: `2024-05-01T10:00:00.123+02:00 host tag[7]: text`.
//!
//! Applications use the same stamps, so that the rest must look like syslog: after a `T` a host and
//! a tag with its colon, after a blank or in place of the host a level also a pid. Everything else
//! is the general grammar's.

use crate::event::Event;
use crate::format::stamp::{self, Layout};
use crate::format::syslog_header::{Header, TagEnd, header, priority};
use crate::format::{Context, Format};

/// Syslog lines with ISO 8601 stamps.
pub struct SyslogIso;

impl Format for SyslogIso {
    fn name(&self) -> &'static str {
        "syslog-iso"
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        if !line.first()?.is_ascii_digit() {
            return None;
        }
        let stamp = stamp::parse(line, context).filter(|stamp| stamp.layout == Layout::Iso)?;
        let rest = line[stamp.length..].strip_prefix(b" ")?;
        let (priority, rest) = match priority(rest) {
            Some((priority, rest)) => (Some(priority), rest),
            None => (None, rest),
        };
        let header = header(rest);
        let joined = line.get(10) == Some(&b'T');
        if priority.is_none() && !is_syslog(&header, joined) {
            return None;
        }
        let mut event = header.into_event();
        event.timestamp = stamp.timestamp;
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
