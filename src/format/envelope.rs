//! The envelope in which collectors forward raw lines: who sent them, from where, and the line.
//!
//! Its own statements win over what the header of the raw line says; the raw line gives the message
//! and whatever the envelope leaves open. Monitoring alerts (`logicmonitor`) are read by the same
//! rules under other names.

use super::journal_json::begins_object;
use super::json::RawValue;
use super::json_values;
use super::nested::{fill, read_text};
use super::object_fields::ObjectFields;
use super::object_view::ObjectView;
use super::{Context, Format};
use crate::event::{Event, Origin};

/// Bytes that are kept of a field which passes through to the output.
const FIELD_BYTES_MAX: usize = 1024;

/// Fields that pass through to the output; the object `metadata` is spread, its own keys serving as names.
const FIELDS_MAX: usize = 32;

/// Keys of which one must stand beside `message_raw`.
const MARKS: [&str; 6] = [
    "tenant_id",
    "source_type",
    "asset_id",
    "source_path",
    "structured_fields",
    "correlation_keys",
];

/// Fields that pass through under their own names.
const KEPT: [&str; 8] = [
    "asset_id",
    "source_path",
    "structured_fields",
    "correlation_keys",
    "alert_id",
    "resource_id",
    "acknowledged",
    "cleared_at",
];

/// See the module.
pub struct Envelope;

impl Format for Envelope {
    fn name(&self) -> &'static str {
        "envelope"
    }

    fn begins_with(&self, first: u8) -> bool {
        begins_object(first)
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        event(ObjectView::empty().scan(line)?, context)
    }
}

/// The event of an object that has the envelope's shape.
pub(super) fn event<'a>(view: &ObjectView<'a>, context: &Context) -> Option<Event<'a>> {
    let is_envelope = view.has("message_raw") && MARKS.iter().any(|key| view.has(key));
    is_envelope.then(|| forwarded(view, context)).flatten()
}

/// The event of a forwarded line or alert, once its shape is known; `None` without a message.
pub(super) fn forwarded<'a>(view: &ObjectView<'a>, context: &Context) -> Option<Event<'a>> {
    let mut fields = ObjectFields::of(view.members().iter().copied(), context);
    let inner = read_text(fields.message.take()?, context);
    let (message, detail) = (inner.message.clone(), inner.detail.clone());
    let stated = Event {
        message,
        detail,
        origin: Some(Box::new(origin(view))),
        ..fields.into_header()
    };
    Some(fill(stated, inner))
}

/// What passes through to the output.
fn origin(view: &ObjectView<'_>) -> Origin {
    let field = |key: &str| view.values(key).find_map(field_text);
    let kept = KEPT
        .iter()
        .filter_map(|&key| Some((key.to_owned(), field(key)?)));
    let metadata = view
        .values("metadata")
        .filter_map(RawValue::members)
        .flatten()
        .filter_map(|(key, value)| {
            Some((
                String::from_utf8_lossy(key).into_owned(),
                field_text(value)?,
            ))
        });
    Origin {
        tenant_id: field("tenant_id"),
        source_type: field("source_type"),
        fields: kept.chain(metadata).take(FIELDS_MAX).collect(),
    }
}

/// A value as the text that passes through, cut at its cap; `None` for null.
fn field_text(value: RawValue<'_>) -> Option<String> {
    let text = json_values::display(value);
    let cut = &text[..text.len().min(FIELD_BYTES_MAX)];
    (value != RawValue::Null).then(|| String::from_utf8_lossy(cut).into_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::{Severity, Timestamp};
    use crate::format::test_context as context;

    #[test]
    fn what_the_envelope_states_wins_over_the_line_inside() {
        let line = br#"{"tenant_id":"north","source_type":"syslog","message_raw":"valve 7 stuck\n","timestamp":"2023-11-14T22:13:20Z",
            "host":"pump1","service":"pumpd","severity":"warning","facility":"daemon","asset_id":"a-9","structured_fields":{"valve":7},
            "correlation_keys":["k"],"source_path":null,"metadata":{"site":"dam","level":3}}"#;
        let event = Envelope.parse(line, &context()).unwrap();
        assert_eq!(event.message.as_ref(), b"valve 7 stuck");
        assert_eq!(
            event.timestamp,
            Some(Timestamp::from_seconds(1_700_000_000))
        );
        assert_eq!(event.host.as_deref(), Some(&b"pump1"[..]));
        assert_eq!(event.service.as_deref(), Some(&b"pumpd"[..]));
        assert_eq!(
            (event.severity, event.facility),
            (Some(Severity::Warning), Some(3))
        );
        let origin = event.origin.unwrap();
        assert_eq!(origin.tenant_id.as_deref(), Some("north"));
        assert_eq!(origin.source_type.as_deref(), Some("syslog"));
        let fields: Vec<_> = origin
            .fields
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        assert_eq!(
            fields,
            [
                ("asset_id", "a-9"),
                ("structured_fields", r#"{"valve":7}"#),
                ("correlation_keys", r#"["k"]"#),
                ("site", "dam"),
                ("level", "3"),
            ]
        );
    }

    #[test]
    fn an_object_without_the_marks_or_without_a_line_is_no_envelope() {
        for line in [
            r#"{"message_raw":"x","host":"h"}"#,
            r#"{"tenant_id":"t","message":"x"}"#,
            r#"{"tenant_id":"t","message_raw":" "}"#,
        ] {
            assert_eq!(Envelope.parse(line.as_bytes(), &context()), None, "{line}");
        }
    }
}
