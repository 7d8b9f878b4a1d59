//! Google's log header, as glog and klog write it: `I0505 17:59:40.692994   28133 main.go:70] text`.

use std::borrow::Cow;

use crate::event::{Event, Severity};
use crate::format::stamp;
use crate::format::syslog_tag::decimal;
use crate::format::{Context, Format};

/// Lines of glog and klog.
pub struct Glog;

impl Format for Glog {
    fn name(&self) -> &'static str {
        "glog"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, b'I' | b'W' | b'E' | b'F')
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let (level, rest) = line.split_first()?;
        let severity = match level {
            b'I' => Severity::Info,
            b'W' => Severity::Warning,
            b'E' => Severity::Error,
            b'F' => Severity::Critical,
            _ => return None,
        };
        let stamp = stamp::parse_month_day(rest, context)?;
        let rest = rest[stamp.length..].trim_ascii_start();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
        let (thread, rest) = rest.split_at(digits.count());
        let place = rest.strip_prefix(b" ").filter(|_| !thread.is_empty())?;
        let end = memchr::memchr2(b']', b' ', place).filter(|&end| place[end] == b']')?;
        let colon = memchr::memrchr(b':', &place[..end])?;
        decimal(&place[colon + 1..end])?;
        Some(Event {
            timestamp: stamp.timestamp,
            component: Some(Cow::Borrowed(&place[..colon])),
            pid: decimal(thread),
            severity: Some(severity),
            message: Cow::Borrowed(place[end + 1..].trim_ascii_start()),
            ..Event::default()
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::stamp::format_rfc3339;
    use crate::format::test_context;

    fn parse(line: &str) -> Option<Event<'_>> {
        Glog.parse(line.as_bytes(), &test_context())
    }

    #[test]
    fn the_header_gives_level_time_thread_and_file() {
        let event = parse("W0505 17:59:40.692994   28133 pump.go:70] low pressure").unwrap();
        assert_eq!(event.severity, Some(Severity::Warning));
        assert_eq!(
            event.timestamp.map(format_rfc3339).as_deref(),
            Some("2024-05-05T17:59:40.692994Z")
        );
        assert_eq!(event.pid, Some(28133));
        assert_eq!(event.component.as_deref(), Some(&b"pump.go"[..]));
        assert_eq!(event.message.as_ref(), b"low pressure");
    }

    #[test]
    fn a_date_with_its_year_and_a_thread_beyond_32_bits_are_read() {
        let event = parse("I20210131 14:48:54.411655 140493412 main.c++:9] up").unwrap();
        assert_eq!(
            event.timestamp.map(format_rfc3339).as_deref(),
            Some("2021-01-31T14:48:54.411655Z")
        );
        let event = parse("E0131 14:48:54.411655 14049341231231 main.c++:9]").unwrap();
        assert_eq!((event.pid, event.message.as_ref()), (None, &b""[..]));
    }

    #[test]
    fn other_lines_are_not_its_own() {
        for line in [
            "",
            "I",
            "Info: 0505 17:59:40",
            "I0505 17:59:40.1 7 a b:1] x",
            "I0505 17:59 1 a:1] x",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
