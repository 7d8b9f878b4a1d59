//! BSD syslog (RFC 3164) as files and networks really have it: with and without priority, host and
//! tag, with years, fractions and zones that the RFC does not know.
//!
//! Lines of applications that merely use the same stamp are left to the general grammar: a line
//! without a priority must have a tag, or a host that no level word follows.

use crate::event::{Event, Severity};
use crate::format::stamp::{self, Layout};
use crate::format::syslog_header::{
    Header, Priority, TagEnd, header, is_repetition, priority, split_word,
};
use crate::format::{Context, Format};

/// Lines of BSD syslog.
pub struct Rfc3164;

impl Format for Rfc3164 {
    fn name(&self) -> &'static str {
        "rfc3164"
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        match priority(line) {
            Some((priority, rest)) => Some(with_priority(priority, rest, context)),
            None => without_priority(line, context),
        }
    }
}

/// After a priority all is syslog, with a stamp or, as section 4.3.3 allows, without.
fn with_priority<'a>(priority: Priority, rest: &'a [u8], context: &Context) -> Event<'a> {
    let rest = rest.trim_ascii_start();
    let mut event = match stamp::parse(rest, context) {
        Some(stamp) => {
            let event = header(after_stamp(&rest[stamp.length..])).into_event();
            Event {
                timestamp: stamp.timestamp,
                ..event
            }
        }
        None => tag_alone(rest).into_event(),
    };
    priority.apply(&mut event);
    event
}

/// Without a stamp nothing shows that a first word is a host.
fn tag_alone(text: &[u8]) -> Header<'_> {
    let header = header(text);
    match header.host {
        Some(_) => Header {
            message: text,
            ..Header::default()
        },
        None => header,
    }
}

fn without_priority<'a>(line: &'a [u8], context: &Context) -> Option<Event<'a>> {
    if !line.first()?.is_ascii_alphanumeric() {
        return None;
    }
    let stamp = stamp::parse(line, context).filter(|stamp| stamp.layout == Layout::Bsd)?;
    let rest = after_stamp(&line[stamp.length..]).trim_ascii_start();
    let (priority, rest) = match priority(rest) {
        Some((priority, rest)) => (Some(priority), rest),
        None => (None, rest),
    };
    let header = header(rest);
    let certain =
        header.tag.is_some_and(|tag| tag.end == TagEnd::Colon) || is_repetition(header.message);
    let (first, _) = split_word(header.message);
    let level_follows = Severity::from_word(unbracketed(first)).is_some();
    if !certain && (header.host.is_none() && header.tag.is_none() || level_follows) {
        return None;
    }
    let mut event = header.into_event();
    event.timestamp = stamp.timestamp;
    if let Some(priority) = priority {
        priority.apply(&mut event);
    }
    Some(event)
}

/// Network devices put a colon after the stamp.
fn after_stamp(rest: &[u8]) -> &[u8] {
    rest.strip_prefix(b":").unwrap_or(rest)
}

/// A word without the brackets that levels come in.
fn unbracketed(word: &[u8]) -> &[u8] {
    let content = word
        .strip_prefix(b"[")
        .and_then(|word| word.strip_suffix(b"]"));
    content.unwrap_or(word)
}
