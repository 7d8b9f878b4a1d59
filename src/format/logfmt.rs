//! Lines of `key=value` pairs: `time=... level=info msg="..." user=anna`.
//!
//! Pairs that only look like prose (`foo=1 bar=2 was seen`) are left alone: a line must begin with
//! two pairs and have a time, a level or a quoted message among them. Beside the message the other pairs
//! are left out of the text, as their number varies from call to call.

use std::borrow::Cow;

use memchr::memchr2;

use super::byte_set::ByteSet;
use super::journal_fields::split_message;
use super::json::RawValue;
use super::object_fields::{ObjectFields, Role, role_of};
use super::{Context, Format};
use crate::event::{Event, Text};

/// The longest key.
const KEY_BYTES_MAX: usize = 64;

/// See the module.
pub struct Logfmt;

impl Format for Logfmt {
    fn name(&self) -> &'static str {
        "logfmt"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        is_blank(first) || is_key_byte(first)
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        if !begins(line) {
            return None;
        }
        context.notes.digits_decide();
        let mut fields = ObjectFields::of(pairs(line), context);
        let error = fields.error.take();
        let trace = fields.trace.take();
        // A level or a time must show that this is a log line and not a list of settings; beside a
        // quoted message nothing more is asked for. The audit log has its own unquoted `msg=`.
        let is_dated = fields.severity.is_some() || fields.timestamp.is_some();
        if !is_dated && !has_quoted_message(line) {
            return None;
        }
        let Some(message) = fields.message.take() else {
            return Some(Event {
                message: other_pairs(line),
                detail: trace,
                ..fields.into_header()
            });
        };
        let (message, rest) = split_message(message);
        Some(Event {
            message: with_error(message, error),
            detail: rest.or(trace),
            ..fields.into_header()
        })
    }
}

/// Whether the line begins with two pairs.
fn begins(line: &[u8]) -> bool {
    // The first word of nearly every other line lacks its `=`.
    let start = line
        .iter()
        .position(|byte| !is_blank(*byte))
        .unwrap_or(line.len());
    let key = line[start..].iter().position(|byte| !is_key_byte(*byte));
    if key.and_then(|length| line.get(start + length)) != Some(&b'=') {
        return false;
    }
    let mut tokens = Tokens { line, at: 0 };
    let mut is_pair = || tokens.next().is_some_and(|token| token.value.is_some());
    is_pair() && is_pair()
}

fn has_quoted_message(line: &[u8]) -> bool {
    let is_message = |token: &Token<'_>| role_of(token.key) == Some(Role::Message);
    let mut tokens = Tokens { line, at: 0 }.filter(is_message);
    tokens.any(|token| token.value.is_some_and(|value| value.quoted))
}

/// The pairs of a line as members of an object.
fn pairs(line: &[u8]) -> impl Iterator<Item = (&[u8], RawValue<'_>)> {
    let mut tokens = Tokens { line, at: 0 }.peekable();
    std::iter::from_fn(move || {
        loop {
            let token = tokens.next()?;
            let Some(value) = token.value else { continue };
            let mut end = token.end;
            // A message without its quotes reaches to the next pair.
            if !value.quoted && role_of(token.key) == Some(Role::Message) {
                while let Some(word) = tokens.next_if(|next| next.value.is_none()) {
                    end = word.end;
                }
            }
            return Some((token.key, value.raw_up_to(line, end)));
        }
    })
}

/// A pair, or a word without a value.
struct Token<'a> {
    key: &'a [u8],
    value: Option<Value>,
    /// Where it begins and ends in the line.
    start: usize,
    end: usize,
}

/// Where a value lies in the line.
#[derive(Clone, Copy)]
struct Value {
    start: usize,
    end: usize,
    quoted: bool,
}

impl Value {
    /// The value as JSON has it: quoted ones are strings of the same escapes.
    ///
    /// Backslashes outside of quotes are no escapes, so such a value is told to nobody.
    fn raw_up_to(self, line: &[u8], token_end: usize) -> RawValue<'_> {
        if self.quoted {
            return RawValue::Str(&line[self.start..self.end]);
        }
        let raw = &line[self.start..token_end];
        if raw.contains(&b'\\') {
            return RawValue::Null;
        }
        RawValue::Str(raw)
    }
}

/// The tokens of a line, between blanks.
struct Tokens<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let line = self.line;
        let blanks = line[self.at..].iter().position(|byte| !is_blank(*byte))?;
        let start = self.at + blanks;
        let key_length = line[start..].iter().position(|byte| !is_key_byte(*byte));
        let key_end = key_length.map_or(line.len(), |length| start + length);
        let key = &line[start..key_end];
        let is_pair = line.get(key_end) == Some(&b'=') && (1..=KEY_BYTES_MAX).contains(&key.len());
        let value = is_pair.then(|| value_at(line, key_end + 1));
        self.at = match value {
            Some(value) => value.end + usize::from(value.quoted && value.end < line.len()),
            None => word_end(line, start),
        };
        Some(Token {
            key,
            value,
            start,
            end: self.at,
        })
    }
}

/// The value that begins at `start`; one that lacks its closing quote reaches to the end of the line.
fn value_at(line: &[u8], start: usize) -> Value {
    if line.get(start) != Some(&b'"') {
        let end = word_end(line, start);
        return Value {
            start,
            end,
            quoted: false,
        };
    }
    let start = start + 1;
    let mut end = start;
    while let Some(found) = line.get(end..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        end += found;
        if line[end] == b'"' {
            break;
        }
        end += 2;
    }
    let is_closed = line.get(end) == Some(&b'"');
    Value {
        start,
        end: if is_closed { end } else { line.len() },
        quoted: true,
    }
}

fn word_end(line: &[u8], start: usize) -> usize {
    let length = line[start..].iter().position(|byte| is_blank(*byte));
    length.map_or(line.len(), |length| start + length)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_key_byte(byte: u8) -> bool {
    static KEY_BYTES: ByteSet = ByteSet::alphanumeric_and(b"_.@#-/");
    KEY_BYTES.contains(byte)
}

/// The message with the error behind it.
fn with_error<'a>(message: Text<'a>, error: Option<Text<'a>>) -> Text<'a> {
    let Some(error) = error else {
        return message;
    };
    let mut text = message.into_owned();
    text.extend_from_slice(b" err=");
    text.extend_from_slice(&split_message(error).0);
    Cow::Owned(text)
}

/// The line without the pairs that the event has a place for; an error is part of what it says.
fn other_pairs(line: &[u8]) -> Text<'_> {
    let is_header = |key| !matches!(role_of(key), None | Some(Role::Error | Role::Message));
    let mut text = Vec::with_capacity(line.len());
    for token in
        (Tokens { line, at: 0 }).filter(|token| token.value.is_none() || !is_header(token.key))
    {
        if !text.is_empty() {
            text.push(b' ');
        }
        text.extend_from_slice(&line[token.start..token.end]);
    }
    Cow::Owned(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::{Severity, Timestamp};
    use crate::format::test_context as context;
    use proptest::prelude::*;

    fn parse(line: &str) -> Option<Event<'_>> {
        Logfmt.parse(line.as_bytes(), &context())
    }

    #[test]
    fn the_message_is_the_text_and_the_error_follows_it() {
        let line = r#"time="2023-11-14T22:13:20Z" level=warning msg="valve \"7\" stuck" error="no oil" logger=valve site=north host=pump1"#;
        let event = parse(line).unwrap();
        assert_eq!(
            event.timestamp,
            Some(Timestamp::from_seconds(1_700_000_000))
        );
        assert_eq!(event.severity, Some(Severity::Warning));
        assert_eq!(event.message.as_ref(), br#"valve "7" stuck err=no oil"#);
        assert_eq!(event.component.as_deref(), Some(&b"valve"[..]));
        assert_eq!(event.host.as_deref(), Some(&b"pump1"[..]));
    }

    #[test]
    fn loose_spellings_are_read() {
        let cases = [
            (
                "level=info msg=opening the north valve site=dam",
                "opening the north valve",
            ),
            (
                "level=info site=dam msg=\"never closed site=x",
                "never closed site=x",
            ),
            ("lvl=eror empty= bare msg=stuck", "stuck"),
            (
                "at=info level=info method=GET path=\"/a b\" bare status=200",
                "at=info method=GET path=\"/a b\" bare status=200",
            ),
            (
                "ts=1700000000.5 caller=valve.c:7 err=\"no oil\"",
                "caller=valve.c:7 err=\"no oil\"",
            ),
            ("level=info msg=\"\" site=dam", "msg=\"\" site=dam"),
            ("level=info msg=\"cut off\\", "cut off\\"),
        ];
        for (line, message) in cases {
            assert_eq!(
                parse(line).unwrap().message.as_ref(),
                message.as_bytes(),
                "{line}"
            );
        }
    }

    #[test]
    fn pairs_that_are_no_log_line_are_left_alone() {
        for line in [
            "foo=1 bar=2 was seen",
            "level=info",
            "level is level=info msg=x",
            "level=info the msg=x",
            "=1 level=info msg=x",
            "type=VALVE msg=audit(1700000000.1:7): pid=1 res=success",
            "a b c",
            "",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_lines_never_panic(tail: Vec<u8>, text in "[a-c =\"\\\\]{0,40}") {
            let line = [b"level=info a=\"", &tail[..], b"\" ", text.as_bytes()].concat();
            let _ = Logfmt.parse(&line, &context());
            let _ = Logfmt.parse(text.as_bytes(), &context());
        }
    }
}
