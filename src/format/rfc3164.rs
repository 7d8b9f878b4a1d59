//! BSD syslog (RFC 3164) as files and networks really have it: with and without priority, host and
//! tag, with years, fractions and zones that the RFC does not know.
//!
//! Lines of applications that merely use the same stamp are left to the general grammar: a line
//! without a priority must have a tag, or a host that no level word follows.

use crate::event::{Event, Severity};
use crate::format::logfmt::Logfmt;
use crate::format::notes::Notes;
use crate::format::stamp::{self, Layout};
use crate::format::syslog_header::{Header, Priority, header, is_repetition, priority, split_word};
use crate::format::syslog_tag::{TagEnd, tag};
use crate::format::{Context, Format, device};

/// Lines of BSD syslog.
pub struct Rfc3164;

impl Format for Rfc3164 {
    fn name(&self) -> &'static str {
        "rfc3164"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, b'<' | b'*' | b'.' | b'%') || first.is_ascii_alphanumeric()
    }

    /// A tag with its colon behind stamp and host is told whatever follows it.
    fn settled_header(&self, line: &[u8], context: &Context) -> Option<usize> {
        let stamp = stamp::parse(line, context).filter(|stamp| stamp.layout == Layout::Bsd)?;
        let rest = line[stamp.length..].strip_prefix(b" ")?;
        let header = header(rest, &context.notes);
        let behind_host = header.host.map_or(rest, |host| &rest[host.len()..]);
        let tag = tag(behind_host.trim_ascii_start()).filter(|tag| tag.end == TagEnd::Colon)?;
        (header.tag == Some(tag)).then(|| line.len() - tag.rest.len())
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        match priority(line) {
            Some((priority, rest)) => Some(with_priority(priority, rest, context)),
            None => without_priority(line, context).or_else(|| device::event(line, context)),
        }
    }
}

/// After a priority all is syslog, with a stamp or, as section 4.3.3 allows, without.
fn with_priority<'a>(priority: Priority, rest: &'a [u8], context: &Context) -> Event<'a> {
    let rest = rest.trim_ascii_start();
    let stamped = |text: &'a [u8]| {
        let stamp = stamp::parse(text, context)?;
        let text = after_stamp(&text[stamp.length..]);
        let header = header(text, &context.notes);
        Some(device::behind_stamp(stamp.timestamp, header, context))
    };
    let of_device = || device::event(rest, context).or_else(|| stamped(behind_number(rest)?));
    let event = stamped(rest).or_else(of_device);
    let pairs = || {
        Logfmt
            .parse(rest, context)
            .filter(|event| event.timestamp.is_some())
    };
    let event = event.or_else(pairs);
    let mut event = event.unwrap_or_else(|| tag_alone(rest, &context.notes).into_event());
    priority.apply(&mut event);
    event
}

/// Without a stamp nothing shows that a first word is a host.
fn tag_alone<'a>(text: &'a [u8], notes: &Notes) -> Header<'a> {
    let header = header(text, notes);
    match header.host {
        Some(_) => Header {
            message: text,
            ..Header::default()
        },
        None => header,
    }
}

fn without_priority<'a>(line: &'a [u8], context: &Context) -> Option<Event<'a>> {
    let is_candidate = match line.first()? {
        b'0'..=b'9' => line.get(4) == Some(&b' '),
        first => first.is_ascii_alphabetic(),
    };
    if !is_candidate {
        return None;
    }
    let stamp = stamp::parse(line, context).filter(|stamp| stamp.layout == Layout::Bsd)?;
    let rest = after_stamp(&line[stamp.length..]).trim_ascii_start();
    let (priority, rest) = match priority(rest) {
        Some((priority, rest)) => (Some(priority), rest),
        None => (None, rest),
    };
    let header = header(rest, &context.notes);
    let certain =
        header.tag.is_some_and(|tag| tag.end == TagEnd::Colon) || is_repetition(header.message);
    let level_follows = || {
        let (first, _) = split_word(header.message);
        Severity::from_word(unbracketed(first)).is_some()
    };
    if !certain && (header.host.is_none() && header.tag.is_none() || level_follows()) {
        return None;
    }
    let mut event = device::behind_stamp(stamp.timestamp, header, context);
    if let Some(priority) = priority {
        priority.apply(&mut event);
    }
    Some(event)
}

/// What follows that which network devices put before the stamp: a number, a colon, and a mark where
/// the clock is not set.
fn behind_number(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    let rest = text[digits.count()..].strip_prefix(b": ").unwrap_or(text);
    let behind = device::unmarked(rest);
    (behind.len() < text.len()).then_some(behind)
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::Timestamp;
    use crate::format::test_context;

    fn parse(line: &str) -> Option<Event<'_>> {
        Rfc3164.parse(line.as_bytes(), &test_context())
    }

    /// Host, program and pid, `-` where unknown, and the message.
    fn parts(line: &str) -> [String; 4] {
        let event = parse(line).unwrap_or_else(|| panic!("not read: {line}"));
        let text = |text: Option<&[u8]>| String::from_utf8_lossy(text.unwrap_or(b"-")).into_owned();
        [
            text(event.host.as_deref()),
            text(event.service.as_deref()),
            event.pid.map_or("-".to_owned(), |pid| pid.to_string()),
            text(Some(&event.message)),
        ]
    }

    fn assert_parts(cases: &[(&str, [&str; 4])]) {
        for (rest, expected) in cases {
            assert_eq!(parts(&format!("May  1 10:00:00 {rest}")), *expected);
        }
    }

    #[test]
    fn tags_are_read_in_all_their_spellings() {
        assert_parts(&[
            ("web1 cron[7]: run", ["web1", "cron", "7", "run"]),
            ("web1 su: bad", ["web1", "su", "-", "bad"]),
            ("web1 mail/smtpd[7]: in", ["web1", "mail/smtpd", "7", "in"]),
            ("web1 login(pam)[7]: in", ["web1", "login(pam)", "7", "in"]),
            ("web1 worker(7): in", ["web1", "worker", "7", "in"]),
            ("web1 pump [7]: in", ["web1", "pump", "7", "in"]),
            ("web1 pump 1.4.1: in", ["web1", "pump", "-", "in"]),
            ("web1 pump[7] in", ["web1", "pump", "7", "in"]),
            ("web1 [pump][7] in", ["web1", "pump", "7", "in"]),
            ("web1 -- pump[7]: in", ["web1", "pump", "7", "in"]),
            ("web1 pump[main.1]: in", ["web1", "pump", "-", "in"]),
            ("web1 pump[7] (a.b[8]): in", ["web1", "pump", "7", "in"]),
            (
                "web1 Pump Control[7]: in",
                ["web1", "Pump Control", "7", "in"],
            ),
            ("web1 pump_log in", ["web1", "pump_log", "-", "in"]),
            (
                "fw1 %LINK-3-UPDOWN: in",
                ["fw1", "%LINK-3-UPDOWN", "-", "in"],
            ),
            (
                "web1 kernel: [  12.345678] in",
                ["web1", "kernel", "-", "in"],
            ),
        ]);
    }

    #[test]
    fn what_network_devices_put_before_the_stamp_is_skipped() {
        let expected = Some(Timestamp::from_seconds(1_714_557_600));
        for (before, after) in [
            ("1001: *", ""),
            ("7: .", ""),
            ("1001: ", " UTC"),
            ("*", ""),
            (": ", ""),
        ] {
            let line = format!("<189>{before}May  1 10:00:00{after}: %LINK-3-UPDOWN: in");
            let event = parse(&line).unwrap();
            assert_eq!(event.timestamp, expected, "{line}");
            assert_eq!(event.service.as_deref(), Some(&b"%LINK-3-UPDOWN"[..]));
            assert_eq!(event.message.as_ref(), b"in");
        }
        assert_eq!(parse("<189>1001: *pump on").unwrap().timestamp, None);
    }

    #[test]
    fn a_missing_host_a_missing_tag_and_a_relay_are_told_apart() {
        assert_parts(&[
            ("cron[7]: run", ["-", "cron", "7", "run"]),
            ("su: bad", ["-", "su", "-", "bad"]),
            ("[pump]: in", ["-", "pump", "-", "in"]),
            ("pump [7]: in", ["-", "pump", "7", "in"]),
            ("192.0.2.7 Use it!", ["192.0.2.7", "-", "-", "Use it!"]),
            ("web1 look up failed", ["web1", "-", "-", "look up failed"]),
            ("web1 error: broke", ["web1", "-", "-", "error: broke"]),
            ("web1 eth0 link: up", ["web1", "-", "-", "eth0 link: up"]),
            (
                "web1 see http://a: b",
                ["web1", "-", "-", "see http://a: b"],
            ),
            (
                "relay web1.example.com su: bad",
                ["relay", "su", "-", "bad"],
            ),
            ("relay web1 cron[7]: run", ["relay", "cron", "7", "run"]),
            (
                "web1 last message repeated 3 times",
                ["web1", "-", "-", "last message repeated 3 times"],
            ),
            (
                "last message repeated 3 times",
                ["-", "-", "-", "last message repeated 3 times"],
            ),
        ]);
    }

    #[test]
    fn the_priority_gives_severity_and_facility_and_needs_no_stamp() {
        let event = parse("<34>May  1 10:00:00 web1 su: bad").unwrap();
        assert_eq!(
            event.timestamp,
            Some(Timestamp::from_seconds(1_714_557_600))
        );
        assert_eq!(
            (event.severity, event.facility),
            (Some(Severity::Critical), Some(4))
        );
        let event = parse("<13>pump[7]: in").unwrap();
        assert_eq!(
            (event.timestamp, event.pid, event.host),
            (None, Some(7), None)
        );
        assert_eq!(
            parse("<13>hello there").unwrap().message.as_ref(),
            b"hello there"
        );
        assert_eq!(parse("<192>hello"), None);
        assert_eq!(parse("<b>hello"), None);
    }

    #[test]
    fn pairs_with_a_date_may_follow_a_priority() {
        let line =
            r#"<188>date=2024-05-01 time=10:00:00 devname="fw1" level="alert" msg="port down""#;
        let event = parse(line).unwrap();
        let ten = Timestamp::from_seconds(1_714_557_600);
        assert_eq!(event.timestamp, Some(ten));
        assert_eq!(event.severity, Some(Severity::Alert));
        assert_eq!(event.message.as_ref(), b"port down");
        let event = parse(r#"<188>a=1 b=2 msg="port down""#).unwrap();
        assert!(event.message.starts_with(b"a=1"));
    }

    #[test]
    fn levels_in_front_of_the_message_are_the_severity() {
        for (rest, severity) in [
            ("<mail.notice> web1 smtpd[7]: in", Severity::Notice),
            ("web1 smtpd[7]: [ID 800047 mail.error] in", Severity::Error),
            ("mac pump[7] <Warning>: in", Severity::Warning),
            ("Info: imap: in", Severity::Info),
            ("fw1 %LINK-3-UPDOWN: in", Severity::Error),
        ] {
            let line = format!("May  1 10:00:00 {rest}");
            let event = parse(&line).unwrap();
            assert_eq!(
                (event.severity, event.message.as_ref()),
                (Some(severity), &b"in"[..])
            );
        }
    }

    #[test]
    fn years_fractions_zones_and_colons_around_the_stamp_are_taken() {
        for line in [
            "May  1 2024 10:00:00: %LINK-3-UPDOWN: in",
            "May  1 10:00:00 UTC 2024 web1 pump[7]: in",
            "May  1 12:00:00.000 CEST web1 pump[7]: in",
        ] {
            let event = parse(line).unwrap();
            assert_eq!(
                event.timestamp,
                Some(Timestamp::from_seconds(1_714_557_600))
            );
            assert_eq!(event.message.as_ref(), b"in");
        }
        let event = parse("Feb 30 10:00:00 web1 pump[7]: in").unwrap();
        assert_eq!(event.timestamp, None);
    }

    #[test]
    fn lines_of_applications_with_the_same_stamp_are_left_alone() {
        for line in [
            "May  1 10:00:00",
            "May  1 10:00:00 INFO started",
            "May  1 10:00:00.123 0000264F W disk full",
            "May  1 10:00:00 [main] DEBUG started",
            "May-01 10:00:00 web1 pump[7]: in",
            "Maybe later",
            "",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
