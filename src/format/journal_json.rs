//! Entries of the journal as `journalctl -o json`, `json-seq` and `json-sse` print them.
//!
//! One object a line whose keys are the journal's field names. A value is a string, an array of
//! bytes where it is no text, an array of these where the field repeats, or null where it was too
//! long to print. What the fields mean is `journal_fields`' knowledge.

use std::borrow::Cow;

use super::journal_fields::JournalFields;
use super::json::{End, Members, RawValue};
use super::json_values::unescaped;
use super::nested::clean;
use super::{Context, Format};
use crate::event::{Event, Text};

/// See the module.
pub struct JournalJson;

impl Format for JournalJson {
    fn name(&self) -> &'static str {
        "journal-json"
    }

    fn begins_with(&self, first: u8) -> bool {
        begins_object(first)
    }

    #[inline]
    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let text = unframed(line);
        match context.entries.borrow_mut().read(text) {
            Some(entry) if entry.line.len() == text.len() => entry.event(),
            _ => scanned(text),
        }
    }
}

/// The event of an entry, in whatever way its object is written.
pub(super) fn scanned(text: &[u8]) -> Option<Event<'_>> {
    let mut fields = JournalFields::default();
    let mut members = Members::of(text)?;
    loop {
        if let Some((name, text)) = members.next_plain() {
            set(&mut fields, name, || Some(unescaped(text)))?;
        } else if let Some((name, value)) = members.next() {
            set(&mut fields, name, || field_value(value))?;
        } else {
            break;
        }
    }
    if members.end() == Some(End::Malformed) {
        return None;
    }
    fields.into_event()
}

/// Sets a field that was scanned; `None` where its key is none of the journal's.
fn set<'a>(
    fields: &mut JournalFields<'a>,
    name: &[u8],
    value: impl FnOnce() -> Option<Text<'a>>,
) -> Option<()> {
    is_field_name(name).then(|| fields.set_with(name, value))
}

/// Whether a line that holds an object may begin with this byte: a brace, blanks or a frame before it.
pub(super) fn begins_object(first: u8) -> bool {
    matches!(
        first,
        b'{' | b' ' | b'\t' | b'\n' | b'\r' | RECORD_SEPARATOR | b'd'
    )
}

/// What begins an object of `json-seq`.
const RECORD_SEPARATOR: u8 = 0x1e;

/// The line without what `json-seq` (RFC 7464) and `json-sse` (server-sent events) put before it.
pub(super) fn unframed(line: &[u8]) -> &[u8] {
    match line {
        [RECORD_SEPARATOR, object @ ..] => object,
        [b'd', ..] => line.strip_prefix(b"data: ").unwrap_or(line),
        _ => line,
    }
}

/// Whether a key may name a journal field: capitals, digits and underscores, told by its ends.
fn is_field_name(name: &[u8]) -> bool {
    let is_capital = |byte: Option<&u8>| matches!(byte, Some(b'A'..=b'Z' | b'0'..=b'9' | b'_'));
    is_capital(name.first()) && is_capital(name.last())
}

/// The value of a field, of a repeated field the first; `None` where it is left out.
fn field_value(value: RawValue<'_>) -> Option<Text<'_>> {
    match value {
        RawValue::Array(_) => match value.elements()?.next()? {
            RawValue::Number(_) => byte_array(value),
            first @ RawValue::Array(_) => byte_array(first),
            first => scalar(first),
        },
        value => scalar(value),
    }
}

fn scalar(value: RawValue<'_>) -> Option<Text<'_>> {
    match value {
        RawValue::Str(raw) => Some(unescaped(raw)),
        RawValue::Number(digits) => Some(Cow::Borrowed(digits)),
        _ => None,
    }
}

/// The text of an array of byte values, up to the first element that is none.
fn byte_array(value: RawValue<'_>) -> Option<Text<'_>> {
    let byte = |element| match element {
        RawValue::Number(digits) => std::str::from_utf8(digits).ok()?.parse().ok(),
        _ => None,
    };
    let bytes: Vec<u8> = value.elements()?.map_while(byte).collect();
    Some(clean(Cow::Owned(bytes)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::{Severity, Timestamp};
    use crate::format::test_context as context;

    fn parse(line: &str) -> Option<Event<'_>> {
        JournalJson.parse(line.as_bytes(), &context())
    }

    const ENTRY: &str = r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1700000000000001","PRIORITY":"3","_HOSTNAME":"pumphouse","SYSLOG_IDENTIFIER":"pumpd","_PID":"41","MESSAGE":"valve \"north\" stuck"}"#;

    #[test]
    fn an_entry_is_read_whatever_frames_it() {
        let event = parse(ENTRY).unwrap();
        assert_eq!(event.timestamp, Some(Timestamp(1_700_000_000_000_001)));
        assert_eq!(event.severity, Some(Severity::Error));
        assert_eq!(event.host.as_deref(), Some(&b"pumphouse"[..]));
        assert_eq!(event.service.as_deref(), Some(&b"pumpd"[..]));
        assert_eq!(event.pid, Some(41));
        assert_eq!(event.message.as_ref(), br#"valve "north" stuck"#);
        assert_eq!(parse(&format!("\u{1e}{ENTRY}")), Some(event.clone()));
        assert_eq!(parse(&format!("data: {ENTRY}")), Some(event));
    }

    #[test]
    fn a_unit_that_is_a_suffix_alone_names_no_service() {
        let event = parse(r#"{"_HOSTNAME":"h","_SYSTEMD_UNIT":".service","MESSAGE":"x"}"#).unwrap();
        assert_eq!(event.service, None);
    }

    #[test]
    fn values_may_be_byte_arrays_repeated_or_null() {
        let cases = [
            ("[118,97,108,27,91,48,109,118,101]", "valve"),
            (r#"["first","second"]"#, "first"),
            ("[[118,49],[118,50]]", "v1"),
            ("[118,300,118]", "v"),
            ("[]", ""),
            ("null", ""),
            (r#""\u001b[31mred\u001b[0m\nmore""#, "red"),
        ];
        for (value, message) in cases {
            let line = format!(r#"{{"_HOSTNAME":"h","PRIORITY":["3","4"],"MESSAGE":{value}}}"#);
            let event = parse(&line).unwrap();
            assert_eq!(event.message.as_ref(), message.as_bytes(), "{value}");
            assert_eq!(event.severity, Some(Severity::Error));
        }
    }

    #[test]
    fn other_objects_are_left_to_other_formats_and_a_cut_entry_is_not() {
        assert_eq!(
            parse(r#"{"MESSAGE":"x","level":"info","PRIORITY":"3"}"#),
            None
        );
        assert_eq!(parse(r#"{"MESSAGE":"x"}"#), None);
        assert_eq!(parse(r#"{"PRIORITY":"3","_HOSTNAME":"h"] "#), None);
        let cut = parse(r#"{"PRIORITY":"3","_HOSTNAME":"h","MESSAGE":"a very lo"#).unwrap();
        assert_eq!(cut.message.as_ref(), b"a very lo");
    }
}
