//! Objects of any other logger, one a line.
//!
//! `object_fields` finds time, level, host and the like; here the message is made up: the message
//! key and the error beside it, the line that a shipper wrapped, or, when no key is a message's, the
//! members written as `key=value`. Arrays of records (OTLP batches) are not taken apart.

use std::borrow::Cow;

use super::access::{SERVER_ERROR, of_failure};
use super::journal_fields::split_message;
use super::journal_json::begins_object;
use super::json::RawValue;
use super::json_values;
use super::nested::{fill, read_text};
use super::object_fields::{ObjectFields, role_of};
use super::object_view::ObjectView;
use super::request;
use super::{Context, Format};
use crate::event::{Event, Text};

/// Length at which no further member is written into a message of `key=value` pairs.
const PAIRS_BYTES_MAX: usize = 1024;

/// Levels of objects that are written out as `outer.inner=value`; deeper ones are `{...}`.
const PAIRS_DEPTH_MAX: usize = 3;

/// See the module.
pub struct Ndjson;

impl Format for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn begins_with(&self, first: u8) -> bool {
        begins_object(first)
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        event(ObjectView::empty().scan(line)?, context)
    }
}

/// The event of any object; `None` for one that goes wrong midway and has no message.
pub(super) fn event<'a>(view: &ObjectView<'a>, context: &Context) -> Option<Event<'a>> {
    let mut fields = ObjectFields::of(view.members().iter().copied(), context);
    let (error, trace) = (fields.error.take(), fields.trace.take());
    let Some(text) = fields.message.take() else {
        let message = match error {
            Some(error) => first_saying_line(error),
            None if view.malformed => return None,
            None => failure_told(view, pairs(view), false, &mut fields),
        };
        return Some(Event {
            message,
            detail: trace,
            ..fields.into_header()
        });
    };
    if let Some(inner) = wrapped_line(&fields, &text, context) {
        return Some(fill(inner, fields.into_header()));
    }
    let text = failure_told(view, text, true, &mut fields);
    let (message, rest) = split_message(text);
    let (message, error_detail) = with_error(message, error);
    Some(Event {
        message,
        detail: [rest, error_detail, trace]
            .into_iter()
            .flatten()
            .reduce(joined),
        ..fields.into_header()
    })
}

/// The message of an event, told to be an error where the object is an account of a request on which the server
/// failed.
fn failure_told<'a>(
    view: &ObjectView<'_>,
    message: Text<'a>,
    is_its_own: bool,
    fields: &mut ObjectFields<'_>,
) -> Text<'a> {
    if !request::failed(view.members(), is_its_own) {
        return message;
    }
    fields.severity = Some(of_failure(fields.severity));
    Cow::Owned([SERVER_ERROR, b" ", &message].concat())
}

/// The event of a line that a shipper or a container's runtime wrapped.
///
/// What comes from a container's stream is such a line. Elsewhere the message must begin like a line
/// that states its own time, and do so. Objects inside strings inside objects are no danger to the
/// stack: each level doubles the backslashes, so a line holds no more levels than its length has bits.
fn wrapped_line<'a>(
    fields: &ObjectFields<'a>,
    text: &Text<'a>,
    context: &Context,
) -> Option<Event<'a>> {
    let is_line = fields.is_container_line && fields.severity.is_none();
    let may_be_stamped = match text.first() {
        Some(b'0'..=b'9' | b'[' | b'<' | b'{') => true,
        Some(b'A'..=b'Z') => fields.severity.is_none(),
        _ => false,
    };
    if !is_line && !may_be_stamped {
        return None;
    }
    let (line, rest) = split_message(text.clone());
    let mut inner = read_text(line, context);
    inner.detail = [inner.detail, rest].into_iter().flatten().reduce(joined);
    (is_line || inner.timestamp.is_some()).then_some(inner)
}

/// The message with the error behind it, and what the error says beyond one line.
fn with_error<'a>(message: Text<'a>, error: Option<Text<'a>>) -> (Text<'a>, Option<Text<'a>>) {
    let Some(error) = error else {
        return (message, None);
    };
    let detail = memchr::memchr(b'\n', &error).map(|_| error.clone());
    let error = first_saying_line(error);
    if memchr::memmem::find(&message, &error).is_some() {
        return (message, detail);
    }
    let mut text = message.into_owned();
    text.extend_from_slice(b": ");
    text.extend_from_slice(&error);
    (Cow::Owned(text), detail)
}

/// The line of an error that names it: the last of a Python traceback, else the first.
fn first_saying_line(error: Text<'_>) -> Text<'_> {
    if error.starts_with(b"Traceback (most recent call last)")
        && let Some(end) = memchr::memrchr(b'\n', error.trim_ascii_end())
    {
        return Cow::Owned(error[end + 1..].trim_ascii().to_vec());
    }
    split_message(error).0
}

fn joined<'a>(first: Text<'a>, second: Text<'a>) -> Text<'a> {
    let mut text = first.into_owned();
    text.push(b'\n');
    text.extend_from_slice(&second);
    Cow::Owned(text)
}

/// The members as `key=value`, without those that the event has a place for unless there are no others.
fn pairs<'a>(view: &ObjectView<'a>) -> Text<'a> {
    let mut text = Vec::new();
    let others = view
        .members()
        .iter()
        .filter(|(key, _)| role_of(key).is_none());
    others.for_each(|&(key, value)| write_pair(&mut text, &[key], value));
    if text.is_empty() {
        let all = view.members().iter();
        all.for_each(|&(key, value)| write_pair(&mut text, &[key], value));
    }
    Cow::Owned(text)
}

/// Writes one pair, or the pairs of an object with the path as their key.
fn write_pair(text: &mut Vec<u8>, path: &[&[u8]], value: RawValue<'_>) {
    if text.len() >= PAIRS_BYTES_MAX {
        return;
    }
    if let Some(members) = value.members()
        && path.len() < PAIRS_DEPTH_MAX
    {
        for (key, value) in members {
            write_pair(text, &[path, &[key]].concat(), value);
        }
        return;
    }
    if !text.is_empty() {
        text.push(b' ');
    }
    text.extend_from_slice(&path.join(&b'.'));
    text.push(b'=');
    match value {
        RawValue::Object(_) => text.extend_from_slice(b"{...}"),
        RawValue::Array(_) => text.extend_from_slice(b"[...]"),
        value => write_scalar(text, &json_values::display(value)),
    }
}

/// Writes a value so that it ends where it should: quoted when it holds blanks, cut at the cap.
fn write_scalar(text: &mut Vec<u8>, value: &[u8]) {
    let value = &value[..value.len().min(PAIRS_BYTES_MAX)];
    if !value
        .iter()
        .any(|byte| byte.is_ascii_whitespace() || *byte == b'=')
    {
        return text.extend_from_slice(value);
    }
    text.push(b'"');
    text.extend(value.iter().map(|&byte| match byte {
        b'"' => b'\'',
        byte if byte.is_ascii_whitespace() => b' ',
        byte => byte,
    }));
    text.push(b'"');
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::{Severity, Timestamp};
    use crate::format::test_context as context;
    use proptest::prelude::*;

    fn parse(line: &str) -> Option<Event<'_>> {
        Ndjson.parse(line.as_bytes(), &context())
    }

    #[test]
    fn the_message_carries_the_error_and_the_detail_its_trace() {
        let cases: [(&str, &str, Option<&str>); 7] = [
            (
                r#"{"level":"error","msg":"no water","err":"pump 3 is off"}"#,
                "no water: pump 3 is off",
                None,
            ),
            (
                r#"{"msg":"pump 3 is off, sorry","error":"pump 3 is off"}"#,
                "pump 3 is off, sorry",
                None,
            ),
            (
                r#"{"msg":"no water","error":{"message":"dry","stack_trace":"at a\nat b"}}"#,
                "no water: dry",
                Some("at a\nat b"),
            ),
            (
                r#"{"message":"no water","exc_info":"Traceback (most recent call last):\n  File x\nDryError: well"}"#,
                "no water: DryError: well",
                Some("Traceback (most recent call last):\n  File x\nDryError: well"),
            ),
            (
                r#"{"message":"one\ntwo\n","stack":"at a"}"#,
                "one",
                Some("two\nat a"),
            ),
            (r#"{"msg":"","error":"dry\nwell"}"#, "dry", None),
            (r#"{"event":"opened","valve":7}"#, "opened", None),
        ];
        for (line, message, detail) in cases {
            let event = parse(line).unwrap();
            assert_eq!(event.message.as_ref(), message.as_bytes(), "{line}");
            assert_eq!(event.detail.as_deref(), detail.map(str::as_bytes), "{line}");
        }
    }

    #[test]
    fn a_request_on_which_the_server_failed_is_an_error() {
        let failed = parse(r#"{"request":"GET /a HTTP/1.1","status":502,"bytes":5}"#).unwrap();
        assert_eq!(failed.severity, Some(Severity::Error));
        assert_eq!(
            failed.message.as_ref(),
            br#"server-error request="GET /a HTTP/1.1" status=502 bytes=5"#
        );
        let is_told = |line| parse(line).unwrap().severity.is_some();
        assert!(is_told(r#"{"uri":"/a","status":"500","level":"info"}"#));
        assert!(!is_told(r#"{"uri":"/a","status":404}"#));
        assert!(!is_told(r#"{"valve":"7","status":502}"#));
        let line = r#"{"level":30,"req":{"method":"GET"},"res":{"statusCode":500},"msg":"done"}"#;
        let failed = parse(line).unwrap();
        assert_eq!(failed.severity, Some(Severity::Error));
        assert_eq!(failed.message.as_ref(), b"server-error done");
    }

    #[test]
    fn an_object_without_a_message_is_written_as_pairs() {
        let cases = [
            (
                r#"{"ts":1700000000,"path":"/a b","status":200,"ok":true,"none":null}"#,
                r#"path="/a b" status=200 ok=true none="#,
            ),
            (
                r#"{"request":{"method":"GET","tls":{"v":{"x":1}}},"list":[1,2]}"#,
                "request.method=GET request.tls.v={...} list=[...]",
            ),
            (r#"{"msg":1,"level":[],"time":{}}"#, "msg=1 level=[...]"),
            (r#"{"truncated":"yes"#, "truncated=yes"),
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
    fn broken_objects_are_read_as_far_as_they_make_sense() {
        assert_eq!(
            parse(r#"{"msg":"no water","level":"error","x"#)
                .unwrap()
                .severity,
            Some(Severity::Error)
        );
        assert_eq!(
            parse(r#"{"msg":"no water" oops}"#)
                .unwrap()
                .message
                .as_ref(),
            b"no water"
        );
        assert_eq!(parse(r#"{"set": 1 of 3}"#), None);
        assert_eq!(parse("{}"), None);
    }

    #[test]
    fn a_containers_line_is_read_for_what_it_is() {
        let line =
            r#"{"log":"valve \"7\" stuck\r\n","stream":"stderr","time":"2023-11-14T22:13:20Z"}"#;
        let event = parse(line).unwrap();
        assert_eq!(event.message.as_ref(), br#"valve "7" stuck"#);
        assert_eq!(
            event.timestamp,
            Some(Timestamp::from_seconds(1_700_000_000))
        );
    }

    proptest! {
        #[test]
        fn mutated_objects_never_panic(cut in 0usize..200, at in 0usize..200, byte: u8) {
            let mut line = br#"{"time":"2023-11-14T22:13:20Z","level":30,"log":{"level":"x\u00e9"},"msg":"a\nb","err":{"message":"m"},"a":[1,{"b":null}],"t":{"$date":1}}"#.to_vec();
            if let Some(place) = line.get_mut(at) { *place = byte; }
            line.truncate(cut);
            let _ = crate::format::json_line::JsonLine.parse(&line, &context());
        }

        #[test]
        fn arbitrary_bytes_never_panic(line: Vec<u8>, head in "(\\{\"[a-z.]{0,8}\":|\u{1e}\\{|data: \\{)?") {
            let line = [head.into_bytes(), line].concat();
            let _ = crate::format::json_line::JsonLine.parse(&line, &context());
        }
    }
}
