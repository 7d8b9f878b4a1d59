//! The syslog protocol of RFC 5424: `<34>1 stamp host app procid msgid [data] message`.
//!
//! Lines without the priority, as some collectors store them, are taken when all six fields are
//! well-formed. The structured data is skipped: what it says is no part of the message.

use std::borrow::Cow;

use crate::event::{Event, Severity};
use crate::format::stamp::{self, Layout};
use crate::format::syslog_header::{is_host, priority, uptime_length};
use crate::format::syslog_tag::decimal;
use crate::format::{Context, Format};

/// The longest MSGID of section 6.2.7.
const MESSAGE_ID_BYTES_MAX: usize = 32;

/// Lines of the syslog protocol.
pub struct Rfc5424;

impl Format for Rfc5424 {
    fn name(&self) -> &'static str {
        "rfc5424"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, b'<' | b'0'..=b'9')
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        if !matches!(line.first()?, b'<' | b'0'..=b'9') {
            return None;
        }
        let Some((priority, rest)) = priority(line) else {
            if line.get(1) == Some(&b' ') {
                context.notes.digits_decide();
            }
            let line = line.strip_prefix(b"1 ").unwrap_or(line);
            // Without a priority there must be a whole stamp, whose `T` nearly every other line lacks.
            if line.get(10) != Some(&b'T') {
                return None;
            }
            let fields = Fields::read(line)?;
            return fields
                .are_well_formed()
                .then(|| fields.into_event(context))?;
        };
        let mut event = Fields::read(rest.strip_prefix(b"1 ")?)?.into_event(context)?;
        priority.apply(&mut event);
        Some(event)
    }
}

/// What follows the version, cut at blanks.
struct Fields<'a> {
    time: &'a [u8],
    host: &'a [u8],
    app: &'a [u8],
    process: &'a [u8],
    message_id: &'a [u8],
    data_and_message: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let (time, rest) = field(text)?;
        let (host, rest) = field(rest)?;
        let (app, rest) = field(rest)?;
        let (process, rest) = field(rest)?;
        let (message_id, data_and_message) = field(rest)?;
        Some(Fields {
            time,
            host,
            app,
            process,
            message_id,
            data_and_message,
        })
    }

    /// Whether the fields show what the line is without a priority before them.
    fn are_well_formed(&self) -> bool {
        (self.process == b"-" || decimal(self.process).is_some())
            && self.time != b"-"
            && self.message_id.len() <= MESSAGE_ID_BYTES_MAX
            && is_host(self.host)
            && Severity::from_word(self.host).is_none()
            && structured_data_length(self.data_and_message).is_some()
    }

    fn into_event(self, context: &Context) -> Option<Event<'a>> {
        let timestamp = match self.time {
            b"-" => None,
            time => {
                let stamp = stamp::parse(time, context)?;
                let joined = stamp.layout == Layout::Iso && time.get(10) == Some(&b'T');
                (joined && stamp.length == time.len()).then_some(stamp.timestamp)?
            }
        };
        let length = structured_data_length(self.data_and_message).unwrap_or(0);
        let message = self.data_and_message[length..].trim_ascii();
        let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
        let message = &message[uptime_length(self.app, message)..];
        Some(Event {
            timestamp,
            host: filled(self.host),
            service: filled(self.app),
            pid: decimal(self.process),
            message: Cow::Borrowed(message),
            ..Event::default()
        })
    }
}

/// A field and what follows its blank.
fn field(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b' ', text).filter(|&end| end > 0)?;
    Some((&text[..end], &text[end + 1..]))
}

/// A field's value; `-` says that there is none.
fn filled(field: &[u8]) -> Option<Cow<'_, [u8]>> {
    (field != b"-").then_some(Cow::Borrowed(field))
}

/// The length of `-` or of all elements `[id name="value" ...]`; `None` when it is neither.
fn structured_data_length(text: &[u8]) -> Option<usize> {
    if text.starts_with(b"-") {
        return text.get(1).is_none_or(|&byte| byte == b' ').then_some(1);
    }
    let mut length = 0;
    while text.get(length) == Some(&b'[') {
        length += element_length(&text[length..])?;
    }
    (length > 0 && text.get(length).is_none_or(|&byte| byte == b' ')).then_some(length)
}

/// The length of one element; brackets and escaped quotes within quotes do not end it.
fn element_length(text: &[u8]) -> Option<usize> {
    let starts_name = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'[' | b']' | b'"');
    text.get(1).filter(|byte| starts_name(byte))?;
    let mut quoted = false;
    let mut bytes = text.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => drop(bytes.next()),
            b']' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::Timestamp;
    use crate::format::test_context;

    fn parse(line: &str) -> Option<Event<'_>> {
        Rfc5424.parse(line.as_bytes(), &test_context())
    }

    #[test]
    fn all_fields_are_read() {
        let line = "<165>1 2024-05-01T10:00:00.003Z web1.example.com pump 42 ID7 - \u{feff}in";
        let event = parse(line).unwrap();
        assert_eq!(event.timestamp, Some(Timestamp(1_714_557_600_003_000)));
        assert_eq!(
            (event.severity, event.facility),
            (Some(Severity::Notice), Some(20))
        );
        assert_eq!(event.host.as_deref(), Some(&b"web1.example.com"[..]));
        assert_eq!(event.service.as_deref(), Some(&b"pump"[..]));
        assert_eq!((event.pid, event.message.as_ref()), (Some(42), &b"in"[..]));
    }

    #[test]
    fn nil_values_are_unknown() {
        let event = parse("<34>1 - - - - - -").unwrap();
        assert_eq!(
            (event.timestamp, event.host, event.service),
            (None, None, None)
        );
        assert_eq!((event.pid, event.message.as_ref()), (None, &b""[..]));
    }

    #[test]
    fn structured_data_is_skipped_with_its_escapes() {
        for data in [
            "[empty]",
            r#"[a@1 k="v"]"#,
            r#"[a@1 k="v"][b@1 k=""]"#,
            r#"[a@1 k="say \"]\" \\"]"#,
            r#"[a@1 k= "v"]"#,
        ] {
            let line = format!("<34>1 2024-05-01T10:00:00Z web1 pump 42 - {data} in");
            assert_eq!(parse(&line).unwrap().message.as_ref(), b"in", "{data}");
        }
        let event = parse("<34>1 2024-05-01T10:00:00Z web1 pump 42 - [broken in").unwrap();
        assert_eq!(event.message.as_ref(), b"[broken in");
    }

    #[test]
    fn without_a_priority_every_field_must_be_well_formed() {
        for line in [
            "1 2024-05-01T10:00:00Z web1 pump 42 - - in",
            "2024-05-01T10:00:00Z web1 pump - ID7 [a@1 k=\"v\"] in",
        ] {
            assert_eq!(parse(line).unwrap().message.as_ref(), b"in", "{line}");
        }
        for line in [
            "2024-05-01T10:00:00Z INFO pump 42 - - in",
            "2024-05-01T10:00:00Z web1 pump is - - in",
            "2024-05-01T10:00:00Z web1 pump 42 - [broken in",
            "2024-05-01 10:00:00 web1 pump 42 - - in",
            "- web1 pump 42 - - in",
            "<34>2 2024-05-01T10:00:00Z web1 pump 42 - - in",
            "<34>May  1 10:00:00 web1 pump[7]: in",
            "",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
