//! A line inside a line: what remains of it, once unescaped, is cleaned and read like any other.
//!
//! Prefixes and envelopes wrap lines of other formats. Here is how the two readings are joined; what
//! a prefix or an envelope looks like is their formats' work.

use std::borrow::Cow;

use super::{Context, read_inner};
use crate::clean;
use crate::event::{Event, Text};

/// Reads a wrapped line, which may have been unescaped into memory of its own.
pub(super) fn read_text<'a>(line: Text<'a>, context: &Context) -> Event<'a> {
    match line {
        Cow::Borrowed(line) => read_inner(line, context),
        Cow::Owned(line) => into_owned(read_inner(&line, context)),
    }
}

/// Gives `event` what it lacks and `other` has; message and detail stay as they are.
pub(super) fn fill<'a>(event: Event<'a>, other: Event<'a>) -> Event<'a> {
    Event {
        timestamp: event.timestamp.or(other.timestamp),
        host: event.host.or(other.host),
        service: event.service.or(other.service),
        component: event.component.or(other.component),
        pid: event.pid.or(other.pid),
        severity: event.severity.or(other.severity),
        facility: event.facility.or(other.facility),
        message: event.message,
        detail: event.detail,
        bare: event.bare,
        stored: event.stored,
        origin: event.origin.or(other.origin),
    }
}

/// The event with texts of its own.
fn into_owned(event: Event<'_>) -> Event<'static> {
    let owned = |text: Text<'_>| Cow::Owned(text.into_owned());
    Event {
        timestamp: event.timestamp,
        host: event.host.map(owned),
        service: event.service.map(owned),
        component: event.component.map(owned),
        pid: event.pid,
        severity: event.severity,
        facility: event.facility,
        message: owned(event.message),
        detail: event.detail.map(owned),
        bare: event.bare,
        stored: event.stored,
        origin: event.origin,
    }
}

/// Frees text that did not come with a cleaned line of terminal sequences and control characters;
/// newlines and tabs stay.
pub(super) fn clean(text: Text<'_>) -> Text<'_> {
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\n' | b'\t');
    if !text.iter().any(is_control) {
        return text;
    }
    let mut cleaned = Vec::with_capacity(text.len());
    let mut rest = &text[..];
    while let [byte, tail @ ..] = rest {
        rest = match *byte {
            clean::ESCAPE => clean::after_escape(tail),
            byte => {
                if !is_control(&byte) {
                    cleaned.push(byte);
                }
                tail
            }
        };
    }
    Cow::Owned(cleaned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unescaped_text_loses_terminal_sequences_and_keeps_its_lines() {
        let cases: [(&[u8], &[u8]); 6] = [
            (b"\x1b[1;31mred\x1b[0m\r\n\tpump", b"red\n\tpump"),
            (b"\x1b]0;title\x07shell", b"shell"),
            (b"\x1b]0;title\x1b\\shell", b"shell"),
            (b"\x1b(Bplain", b"plain"),
            (b"cut \x1b[31", b"cut "),
            (b"end\x1b", b"end"),
        ];
        for (text, cleaned) in cases {
            assert_eq!(clean(Cow::Owned(text.to_vec())).as_ref(), cleaned);
        }
    }

    #[test]
    fn an_event_keeps_its_own_and_is_given_what_it_lacks() {
        let event = Event {
            host: Some(b"own"[..].into()),
            ..Event::default()
        };
        let other = Event {
            host: Some(b"other"[..].into()),
            pid: Some(7),
            ..Event::default()
        };
        let filled = fill(event, other);
        assert_eq!(
            (filled.host.as_deref(), filled.pid),
            (Some(&b"own"[..]), Some(7))
        );
    }
}
