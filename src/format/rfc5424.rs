//! The syslog protocol of RFC 5424: `<34>1 stamp host app procid msgid [data] message`.
//!
//! Lines without the priority, as some collectors store them, are taken when all six fields are
//! well-formed. The structured data is skipped: what it says is no part of the message.

use std::borrow::Cow;

use crate::event::{Event, Timestamp};
use crate::format::stamp::{self, Layout};
use crate::format::syslog_header::{decimal, is_host, priority};
use crate::format::{Context, Format};

/// Lines of the syslog protocol.
pub struct Rfc5424;

impl Format for Rfc5424 {
    fn name(&self) -> &'static str {
        "rfc5424"
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        if !matches!(line.first()?, b'<' | b'0'..=b'9') {
            return None;
        }
        let Some((priority, rest)) = priority(line) else {
            let rest = line.strip_prefix(b"1 ").unwrap_or(line);
            return parse_fields(rest, context, true);
        };
        let mut event = parse_fields(rest.strip_prefix(b"1 ")?, context, false)?;
        priority.apply(&mut event);
        Some(event)
    }
}

/// Reads what follows the version; `strict` where nothing before has shown what the line is.
fn parse_fields<'a>(text: &'a [u8], context: &Context, strict: bool) -> Option<Event<'a>> {
    let (timestamp, rest) = timestamp_field(text, context)?;
    if strict && timestamp.is_none() {
        return None;
    }
    let (host, rest) = field(rest)?;
    let (app, rest) = field(rest)?;
    let (process, rest) = field(rest)?;
    let (message_id, rest) = field(rest)?;
    let number = decimal(process);
    if strict && !(is_host(host) && (process == b"-" || number.is_some()) && message_id.len() <= 32)
    {
        return None;
    }
    let message = match structured_data_length(rest) {
        Some(length) => &rest[length..],
        None if strict => return None,
        None => rest,
    };
    let message = message.trim_ascii_start();
    let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    Some(Event {
        timestamp,
        host: filled(host),
        service: filled(app),
        pid: number,
        message: Cow::Borrowed(message),
        ..Event::default()
    })
}

/// The time, nil included, and what follows its blank.
fn timestamp_field<'a>(text: &'a [u8], context: &Context) -> Option<(Option<Timestamp>, &'a [u8])> {
    if let Some(rest) = text.strip_prefix(b"- ") {
        return Some((None, rest));
    }
    let stamp = stamp::parse(text, context).filter(|stamp| stamp.layout == Layout::Iso)?;
    let joined = text.get(10) == Some(&b'T');
    let rest = text[stamp.length..].strip_prefix(b" ")?;
    joined.then_some((stamp.timestamp, rest))
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
