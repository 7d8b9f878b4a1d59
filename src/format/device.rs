//! Messages of network devices: `000123: sw1: *May  1 10:00:00.123 CEST: %LINK-3-UPDOWN: text`.
//!
//! What stands before the mnemonic depends on how the device is set up and on who relays it: numbers that
//! count messages, a name, a stamp of the device's own clock with a mark where that is not set, a process.
//! Each has a colon behind it; that they are all of the header is shown by the mnemonic, which has the
//! severity in it.

use std::borrow::Cow;

use crate::event::{Event, Severity, Timestamp};
use crate::format::header::skip_blanks;
use crate::format::syslog_header::{Header, is_host};
use crate::format::syslog_tag::decimal;
use crate::format::{Context, stamp};

/// How far into the text the mnemonic begins at most.
const BEFORE_BYTES_MAX: usize = 200;

/// The longest mnemonic.
const MNEMONIC_BYTES_MAX: usize = 100;

/// Parts that stand before the mnemonic at most.
const PARTS_MAX: usize = 8;

/// The event of a text that begins with a mnemonic, or with what devices put before one.
pub(super) fn event<'a>(text: &'a [u8], context: &Context) -> Option<Event<'a>> {
    let within = &text[..text.len().min(BEFORE_BYTES_MAX)];
    let (service, message) = mnemonic(&text[memchr::memchr(b'%', within)?..])?;
    // Other digits may be no severity.
    context.notes.digits_decide();
    let severity = severity(service)?;
    let mut event = Event {
        service: Some(Cow::Borrowed(service)),
        severity: Some(severity),
        message: Cow::Borrowed(message.trim_ascii_end()),
        ..Event::default()
    };
    let mut rest = text;
    for _ in 0..PARTS_MAX {
        rest = skip_blanks(rest);
        if rest.starts_with(b"%") {
            return Some(event);
        }
        rest = part(rest, &mut event, context)?;
    }
    None
}

/// The event of a header behind its stamp, completed by what a device put before its message.
pub(super) fn behind_stamp<'a>(
    timestamp: Option<Timestamp>,
    header: Header<'a>,
    context: &Context,
) -> Event<'a> {
    let event = Event {
        timestamp,
        ..header.into_event()
    };
    let Cow::Borrowed(message) = event.message else {
        return event;
    };
    if event.service.is_some() {
        return event;
    }
    match self::event(message, context) {
        Some(told) => Event {
            timestamp: event.timestamp,
            host: event.host.or(told.host),
            facility: event.facility,
            ..told
        },
        None => event,
    }
}

/// What follows a part that stands before the mnemonic, its colon included, of which is kept what it says.
fn part<'a>(text: &'a [u8], event: &mut Event<'a>, context: &Context) -> Option<&'a [u8]> {
    let stamped = unmarked(text);
    if let Some(stamp) = stamp::parse(stamped, context) {
        event.timestamp = event.timestamp.or(stamp.timestamp);
        let rest = skip_blanks(&stamped[stamp.length..]);
        let zone = rest.iter().take_while(|byte| byte.is_ascii_uppercase());
        return skip_blanks(&rest[zone.count()..]).strip_prefix(b":");
    }
    let colon = memchr::memchr2(b':', b'%', text).filter(|&at| text[at] == b':')?;
    let (word, rest) = (&text[..colon], &text[colon + 1..]);
    if let Some(pid) = process(word) {
        event.pid = Some(pid);
    } else if is_name(word) {
        event.host = event.host.take().or(Some(Cow::Borrowed(word)));
    } else if !is_number_or_node(word) {
        return None;
    }
    Some(rest)
}

/// A stamp without the mark before it where the clock is not set.
pub(super) fn unmarked(text: &[u8]) -> &[u8] {
    match text {
        [b'*' | b'.', stamp @ ..] => stamp,
        stamp => stamp,
    }
}

/// The id in `name[12]`.
fn process(word: &[u8]) -> Option<u32> {
    let (name, id) = word
        .strip_suffix(b"]")?
        .split_at(memchr::memchr(b'[', word)?);
    is_host(name).then(|| decimal(&id[1..])).flatten()
}

/// Whether a word may be the name of a device.
fn is_name(word: &[u8]) -> bool {
    is_host(word) && word.iter().any(u8::is_ascii_alphabetic) && !word.contains(&b'/')
}

/// Whether a word is the number of a message, a part of the device, or nothing.
fn is_number_or_node(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_digit) || is_host(word) && word.contains(&b'/')
}

/// What is spelled like a mnemonic at the start of a text, and what follows its colon.
fn mnemonic(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_of_it =
        |byte: &&u8| byte.is_ascii_uppercase() || matches!(byte, b'0'..=b'9' | b'_' | b'-');
    let name = text.strip_prefix(b"%")?.iter().take(MNEMONIC_BYTES_MAX);
    let (mnemonic, rest) = text.split_at(1 + name.take_while(is_of_it).count());
    let rest = skip_blanks(rest).strip_prefix(b":")?;
    Some((mnemonic, skip_blanks(rest)))
}

/// The severity within a mnemonic as `%LINK-3-UPDOWN`: the digit that stands alone between the facility, of which
/// the first part is a word, and what happened.
pub(super) fn severity(mnemonic: &[u8]) -> Option<Severity> {
    let mut parts = mnemonic.strip_prefix(b"%")?.split(|&byte| byte == b'-');
    let facility = parts.next()?;
    let is_word = facility.len() > 1 && facility[0].is_ascii_alphabetic();
    let severity = parts.find_map(|part| match part {
        [digit @ b'0'..=b'7'] => Some(Severity::from_number(digit - b'0')),
        _ => None,
    });
    let has_name = parts.next().is_some_and(|part| part.len() > 1);
    severity.filter(|_| is_word && has_name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::{read, test_context};

    /// Host, pid, severity and message of a line whose service is `%LINK-3-UPDOWN`.
    fn parts(line: &str) -> (Option<String>, Option<u32>, String) {
        let event = read(line.as_bytes(), &test_context(), None);
        let ten = Timestamp::from_seconds(1_714_557_600);
        let since = event.timestamp.map(|time| time.0 - ten.0);
        assert!(
            since.is_some_and(|since| (0..2_000_000).contains(&since)),
            "{line}"
        );
        assert_eq!(
            event.service.as_deref(),
            Some(&b"%LINK-3-UPDOWN"[..]),
            "{line}"
        );
        assert_eq!(event.severity, Some(Severity::Error), "{line}");
        let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        (
            event.host.as_deref().map(text),
            event.pid,
            text(&event.message),
        )
    }

    #[test]
    fn what_stands_before_the_mnemonic_is_header() {
        for (before, host) in [
            ("May  1 10:00:00.123: ", None),
            ("*May  1 10:00:00.123: ", None),
            ("000123: May  1 10:00:00.123: ", None),
            ("000123: *May  1 10:00:00.123 UTC: ", None),
            ("123: sw1: .May  1 10:00:00: ", Some("sw1")),
            ("<187>123: sw1: 000124: *May  1 10:00:00: ", Some("sw1")),
            ("<187>123: *May  1 10:00:00.123: ", None),
            ("*May  1 2024 10:00:00.123 UTC: ", None),
            ("RP/0/0/CPU0:May  1 10:00:00.123 : ", None),
            ("May  1 10:00:01 sw1 123: *May  1 11:00:00.5: ", Some("sw1")),
            (
                "May  1 10:00:01 sw1 123: 000124: *May  1 11:00:00: ",
                Some("sw1"),
            ),
            (
                "May  1 10:00:01 sw1 : 2024 May  1 11:00:00 UTC: ",
                Some("sw1"),
            ),
            (
                "May  1 10:00:01 192.0.2.1 123: sw1: May  1 11:00:00 CEST: ",
                Some("192.0.2.1"),
            ),
            (
                "2024-05-01T10:00:01+00:00 sw1 123: *May  1 11:00:00: ",
                Some("sw1"),
            ),
            (
                "<187>May  1 10:00:01 sw1 123: *May  1 11:00:00: ",
                Some("sw1"),
            ),
        ] {
            for colon in [":", " :"] {
                let told = parts(&format!("{before}%LINK-3-UPDOWN{colon} port 1 up"));
                let expected = (host.map(str::to_owned), None, "port 1 up".to_owned());
                assert_eq!(told, expected, "{before}");
            }
        }
    }

    #[test]
    fn a_process_gives_its_id() {
        let told = parts("RP/0/0/CPU0:May  1 10:00:00.5 : ifmgr[77]: %LINK-3-UPDOWN : up");
        assert_eq!(told, (None, Some(77), "up".to_owned()));
    }

    #[test]
    fn the_severity_is_the_digit_that_stands_alone() {
        for (mnemonic, number) in [
            ("%SYS-5-CONFIG_I", 5),
            ("%PKT_INFRA-LINK-3-UPDOWN", 3),
            ("%ASA-4-106023", 4),
        ] {
            assert_eq!(
                severity(mnemonic.as_bytes()),
                Some(Severity::from_number(number))
            );
        }
        for other in [
            "%SYS",
            "%SYS-9-CONFIG_I",
            "%3-SYS",
            "SYS-3-CONFIG_I",
            "%SYS-3",
            "%-1-",
            "%A-1-B",
        ] {
            assert_eq!(severity(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn other_texts_are_left_alone() {
        for text in [
            "",
            "%",
            "100% of 3: %LINK-3-UPDOWN: in",
            "123: see %LINK-3-UPDOWN: in",
            "123: %LINK-3-UPDOWN in",
            "123: %link-3-updown: in",
            "disk is full: %LINK-3-UPDOWN: in",
            "123: *May  1 10:00:00 %LINK-3-UPDOWN: in",
        ] {
            assert_eq!(event(text.as_bytes(), &test_context()), None, "{text}");
        }
    }
}
