//! Web access logs in the common and combined formats, with a virtual host in front or more fields
//! after them.
//!
//! The message is the line without virtual host and stamp: client, user, request, status. Neither
//! host nor service is stated. A status is an outcome and not a level, but where it is the server's
//! own error: that is one, and a word before the status says so, lest it be one pattern with the others.

use std::borrow::Cow;

use crate::event::{Event, Severity};
use crate::format::stamp::{self, Layout};
use crate::format::syslog_header::{is_host, split_word};
use crate::format::{Context, Format};

/// How far into the line the stamp begins at most: a virtual host, an IPv6 client, a user's name.
const STAMP_OFFSET_MAX: usize = 512;

/// How many words stand before the stamp: client, ident, user; with a virtual host or a name of two
/// words one more.
const WORDS: std::ops::RangeInclusive<usize> = 3..=5;

/// The word that is said of a status that is an error of the server.
pub(super) const SERVER_ERROR: &[u8] = b"server-error";

/// Lines of web servers' access logs.
pub struct Access;

impl Format for Access {
    fn name(&self) -> &'static str {
        "access"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let within = &line[..line.len().min(STAMP_OFFSET_MAX)];
        // The blank tells the stamp's bracket from that of an IPv6 client.
        let open =
            memchr::memchr_iter(b'[', within).find(|&at| at > 0 && within[at - 1] == b' ')?;
        let after = &line[open + 1..];
        after.first().filter(|first| first.is_ascii_digit())?;
        let stamp = stamp::parse(after, context)?;
        let rest = after[stamp.length..]
            .trim_ascii_start()
            .strip_prefix(b"]")?;
        let certain = match stamp.layout {
            Layout::Access => true,
            Layout::Iso => rest.starts_with(b" \""),
            _ => false,
        };
        let client = client(&line[..open]).filter(|_| certain)?;
        let failed = status(rest).filter(|(_, status)| is_server_error_status(status));
        context.notes.digits_decide();
        let (request, rest) = rest.split_at(failed.map_or(rest.len(), |(at, _)| at));
        let client = client.trim_ascii_end();
        let message = match failed {
            Some(_) => [client, request, b" ", SERVER_ERROR, rest].concat(),
            None => [client, request].concat(),
        };
        Some(Event {
            timestamp: stamp.timestamp,
            severity: failed.map(|_| Severity::Error),
            message: Cow::Owned(message),
            ..Event::default()
        })
    }
}

/// The event of a request that is told behind the header of another format: an error of the server is told
/// as one there, too.
pub fn outcome<'a>(event: Event<'a>, context: &Context) -> Event<'a> {
    let Some((at, status)) = status_within(&event.message) else {
        return event;
    };
    context.notes.asked_status(status);
    if !is_server_error_status(status) {
        return event;
    }
    let (request, rest) = event.message.split_at(at);
    // A line within another is asked about twice.
    let is_told = request.ends_with(SERVER_ERROR) || request.starts_with(SERVER_ERROR);
    let message = match is_told {
        true => event.message,
        false => Cow::Owned([request, b" ", SERVER_ERROR, rest].concat()),
    };
    Event {
        severity: Some(of_failure(event.severity)),
        message,
        ..event
    }
}

/// The severity of a request on which the server failed, whatever else is stated.
pub(super) fn of_failure(stated: Option<Severity>) -> Severity {
    stated.map_or(Severity::Error, |level| level.min(Severity::Error))
}

/// The status of the request that a message tells of, and where the blank before it stands: behind the
/// request, or among the numbers that a proxy writes before it.
fn status_within(message: &[u8]) -> Option<(usize, &[u8])> {
    let within = &message[..message.len().min(STAMP_OFFSET_MAX)];
    let quote = memchr::memchr(b'"', within)?;
    let before = within[..quote].strip_suffix(b" ")?;
    let behind = status(&message[quote - 1..]).map(|(length, word)| (quote - 1 + length, word));
    // What stands behind a stamp in brackets need not be a request that makes sense.
    if before.ends_with(b"]") {
        return behind;
    }
    if !is_request(&message[quote + 1..]) {
        return None;
    }
    match behind.filter(|(_, word)| is_status(word)) {
        Some((at, word)) => {
            goes_on_as_account(&message[at + 1 + word.len()..]).then_some((at, word))
        }
        None => status_behind_times(before),
    }
}

/// Whether what follows a status may: anything but a word of prose, as in `500 times`.
fn goes_on_as_account(rest: &[u8]) -> bool {
    const SHORT_WORD_BYTES_MAX: usize = 2;
    let next = rest.strip_prefix(b" ").unwrap_or_default();
    let word = next.split(|byte| *byte == b' ').next().unwrap_or_default();
    word.len() <= SHORT_WORD_BYTES_MAX || !word.iter().all(u8::is_ascii_lowercase)
}

/// Whether a text begins with a request and the quote at its end.
fn is_request(text: &[u8]) -> bool {
    let end = memchr::memchr(b'"', text);
    let version = end.and_then(|end| text[..end].rsplit(|byte| *byte == b' ').next());
    text.first().is_some_and(u8::is_ascii_uppercase)
        && version.is_some_and(|version| version.starts_with(b"HTTP/"))
}

/// The status that stands between how long the request took, in parts, and how many bytes were sent; and
/// where the blank before it does.
fn status_behind_times(text: &[u8]) -> Option<(usize, &[u8])> {
    let is_time = |word: &[u8]| {
        matches!(word, [b'-', b'0'..=b'9'])
            || word.last().is_some_and(u8::is_ascii_digit)
                && word.iter().any(|byte| matches!(byte, b'/' | b'.'))
                && !word.iter().any(u8::is_ascii_alphabetic)
    };
    let is_size = |word: &[u8]| word == b"-" || word.iter().all(u8::is_ascii_digit);
    let mut at = 0;
    let mut words = text.split(|byte| *byte == b' ').map(|word| {
        at += word.len() + 1;
        (at - word.len() - 1, word)
    });
    let mut last = words.next()?;
    let mut before = last;
    for word in words {
        if is_status(last.1) && is_time(before.1) && is_size(word.1) {
            return Some((last.0 - 1, last.1));
        }
        (before, last) = (last, word);
    }
    None
}

/// Whether a word is spelled like a status of HTTP.
fn is_status(word: &[u8]) -> bool {
    word.len() == 3 && word.iter().all(u8::is_ascii_digit)
}

/// The word behind a quoted request, where its status stands, and where the blank before it does.
fn status(text: &[u8]) -> Option<(usize, &[u8])> {
    let request = text.strip_prefix(b" \"")?;
    let mut quotes = memchr::memchr_iter(b'"', request);
    let end = quotes.find(|&at| at == 0 || request[at - 1] != b'\\')?;
    let rest = request[end + 1..].strip_prefix(b" ")?;
    let status = rest.split(|byte| *byte == b' ').next()?;
    Some((text.len() - rest.len() - 1, status))
}

/// Whether a status of HTTP is an error of the server.
pub(super) fn is_server_error_status(status: &[u8]) -> bool {
    matches!(status, [b'5', b'0'..=b'9', b'0'..=b'9'])
}

/// The part from the client on of what stands before the stamp; `None` when that is not how an
/// access log begins.
fn client(text: &[u8]) -> Option<&[u8]> {
    let words = text.split(u8::is_ascii_whitespace);
    let count = words.filter(|word| !word.is_empty()).count();
    let (first, rest) = split_word(text);
    let (second, _) = split_word(rest);
    if !WORDS.contains(&count) || !is_host(first) {
        return None;
    }
    let is_address = memchr::memchr2(b'.', b':', second).is_some() && is_host(second);
    Some(if count > 3 && is_address { rest } else { text })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::stamp::format_rfc3339;
    use crate::format::test_context;

    fn read(line: &str) -> Option<(Option<String>, String)> {
        let event = Access.parse(line.as_bytes(), &test_context())?;
        let message = String::from_utf8(event.message.into_owned()).unwrap();
        Some((event.timestamp.map(format_rfc3339), message))
    }

    #[test]
    fn the_stamp_is_taken_out_and_the_rest_stays() {
        let (time, message) =
            read(r#"192.0.2.7 - ann [10/Oct/2023:13:55:36 -0700] "GET /a HTTP/1.0" 200 23"#)
                .unwrap();
        assert_eq!(time.as_deref(), Some("2023-10-10T20:55:36Z"));
        assert_eq!(message, r#"192.0.2.7 - ann "GET /a HTTP/1.0" 200 23"#);
    }

    #[test]
    fn a_virtual_host_in_front_is_left_out() {
        let (_, message) =
            read(r#"shop.example.com:443 2001:db8::1 - - [1/Apr/2024:00:00:01 +0000] "GET / HTTP/1.1" 200 1 "-" "x""#)
                .unwrap();
        assert_eq!(message, r#"2001:db8::1 - - "GET / HTTP/1.1" 200 1 "-" "x""#);
    }

    #[test]
    fn stamps_in_iso_8601_and_impossible_ones_are_read() {
        let (time, _) = read(r#"::1 - - [2024-05-01T10:00:00Z] "GET / HTTP/1.1" 200 1"#).unwrap();
        assert_eq!(time.as_deref(), Some("2024-05-01T10:00:00Z"));
        let (time, _) =
            read(r#"::1 - - [31/Feb/2024:10:00:00 +0000] "GET / HTTP/1.1" 200 1"#).unwrap();
        assert_eq!(time, None);
    }

    #[test]
    fn a_status_of_the_servers_own_error_is_a_level_and_has_a_word() {
        let read = |status: &str| {
            let line = format!(
                r#"192.0.2.7 - - [10/Oct/2023:13:55:36 -0700] "GET /a?q=\"500 HTTP/1.0" {status}"#
            );
            let event = Access.parse(line.as_bytes(), &test_context()).unwrap();
            let message = String::from_utf8(event.message.into_owned()).unwrap();
            let (_, end) = message.split_once(r#"HTTP/1.0""#).unwrap();
            (event.severity, end.to_string())
        };
        let error = Some(Severity::Error);
        assert_eq!(read("502 23"), (error, " server-error 502 23".into()));
        assert_eq!(read("500"), (error, " server-error 500".into()));
        for other in ["200 502", "404 500", "5023 1", "499 0", "-"] {
            assert_eq!(read(other), (None, format!(" {other}")));
        }
    }

    #[test]
    fn other_brackets_are_not_access_logs() {
        for line in [
            "[01/Mar/2024:12:00:19 +0000] [core:error] down",
            "started worker [7]",
            "a b c d e f [01/Mar/2024:12:00:19 +0000] x",
            "main thread said [2024-05-01T10:00:00Z] hello",
            "",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn a_proxy_tells_the_status_before_the_request() {
        let proxy = |status: &str| {
            format!(
                r#"May  1 10:00:00 lb1 haproxy[7]: 192.0.2.7:1234 [01/May/2024:10:00:00.123] web app/app1 0/0/0/-1/30 {status} 204 - - SH-- 1/1/0/0/0 0/0 "GET /a HTTP/1.1""#
            )
        };
        let balancer = |status: &str| {
            format!(
                r#"https 2024-05-01T10:00:00.186641Z app/lb/50d 192.0.2.7:2817 10.0.0.1:80 0.086 0.048 0.037 {status} - 0 57 "GET https://a:443/ HTTP/1.1" "curl/8" x y"#
            )
        };
        for (of, before) in [
            (&proxy as &dyn Fn(&str) -> String, "-1/30 "),
            (&balancer, "0.037 "),
        ] {
            let read = |status: &str| {
                let line = of(status);
                let event = crate::format::read(line.as_bytes(), &test_context(), None);
                let message = String::from_utf8(event.message.into_owned()).unwrap();
                (event.severity, message)
            };
            let (severity, message) = read("503");
            assert_eq!(severity, Some(Severity::Error));
            assert!(
                message.contains(&format!("{before}server-error 503 ")),
                "{message}"
            );
            for other in ["200", "404", "-1", "5033"] {
                let (severity, message) = read(other);
                assert_eq!(severity, None, "{message}");
                assert!(!message.contains("server-error"), "{message}");
            }
        }
    }

    #[test]
    fn the_status_of_a_request_is_behind_it_wherever_that_stands() {
        for (message, expected) in [
            (r#"10.0.0.1 500 - "GET / HTTP/1.1" 200 1"#, Some("200")),
            (
                r#"192.0.2.7:1234 - "GET /a HTTP/1.1" 500 Internal Server Error"#,
                Some("500"),
            ),
            (
                r#"[1/May/2024:10:00:00 +0000] x REST.GET a "GET /a HTTP/1.1" 503 Slow"#,
                Some("503"),
            ),
            (r#"192.0.2.7 "GET /a HTTP/1.1" status: 500 len: 7"#, None),
            (r#"sent "GET /a HTTP/1.1" 500 times"#, None),
            (r#"x "GET /a HTTP/1.1" 502 a1b2c3d4"#, Some("502")),
            (r#"x "GET /a HTTP/1.1" 500 in 3ms"#, Some("500")),
            (r#"x "GET /a HTTP/1.1" 500 rt=0.1"#, Some("500")),
            (
                r#"lb 0.000 -7 -7 504 0 0 57 "GET https://a/ HTTP/1.1" x"#,
                Some("504"),
            ),
            (
                r#"lb 0.000 -1 -1 504 0 0 57 "GET https://a/ HTTP/1.1" x"#,
                Some("504"),
            ),
            (
                r#"lb -1 -1 -1 503 - 0 57 "GET https://a/ HTTP/1.1" x"#,
                Some("503"),
            ),
            (r#"said "500 times" 500 times"#, None),
            (r#"saw "GET /a" 500 times"#, None),
            (r#""GET /a HTTP/1.1" 500 1"#, None),
        ] {
            let told = status_within(message.as_bytes()).map(|(_, status)| status);
            assert_eq!(told, expected.map(str::as_bytes), "{message}");
        }
    }

    #[test]
    fn an_error_of_the_server_is_one_behind_another_header_too() {
        let request = |status: u16| {
            format!(r#"192.0.2.7 - - [10/Oct/2023:13:55:36 +0000] "GET /a HTTP/1.0" {status} 23"#)
        };
        let quoted = |status: u16| request(status).replace('"', "\\\"");
        for header in [
            "<190>Oct 10 13:55:36 web1 nginx: ",
            "Oct 10 13:55:36 web1 nginx[7]: ",
            "2023-10-10T13:55:36.123456+00:00 web1 nginx[7]: ",
            "<190>1 2023-10-10T13:55:36Z web1 nginx 7 - - ",
        ] {
            let lines = [200, 404, 503].map(|status| format!("{header}{}", request(status)));
            let read = lines.each_ref().map(|line| {
                let event = crate::format::read(line.as_bytes(), &test_context(), None);
                let message = String::from_utf8_lossy(&event.message).into_owned();
                (event.severity, message.contains(" server-error 503 23"))
            });
            assert_eq!(read[0], read[1], "{header}");
            assert!(!read[0].1 && read[0].0 != Some(Severity::Error));
            assert_eq!(read[2], (Some(Severity::Error), true), "{header}");
        }
        let line = format!(
            r#"{{"_HOSTNAME":"web1","PRIORITY":"6","SYSLOG_IDENTIFIER":"nginx","MESSAGE":"{}"}}"#,
            quoted(502)
        );
        let event = crate::format::read(line.as_bytes(), &test_context(), None);
        assert_eq!(event.severity, Some(Severity::Error));
    }
}
