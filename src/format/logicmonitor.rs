//! Alerts and log events of LogicMonitor as JSON objects.
//!
//! The resource is the host and the datasource the service where the event names no better ones;
//! the alert's identifiers and its state pass through to the output.

use super::journal_json::begins_object;
use super::json::RawValue;
use super::object_view::ObjectView;
use super::{Context, Format, envelope, json_values};
use crate::event::{Event, Severity};

/// Keys of which one must stand beside a message and a host.
const MARKS: [&str; 5] = [
    "resource_name",
    "alert_id",
    "resource_id",
    "cleared_at",
    "acknowledged",
];

/// Keys of `metadata` that mark an event as well.
const METADATA_MARKS: [&str; 2] = ["datasource", "instance_name"];

/// See the module.
pub struct LogicMonitor;

impl Format for LogicMonitor {
    fn name(&self) -> &'static str {
        "logicmonitor"
    }

    fn begins_with(&self, first: u8) -> bool {
        begins_object(first)
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        event(ObjectView::empty().scan(line)?, context)
    }
}

/// The event of an object that has the shape of a LogicMonitor event.
pub(super) fn event<'a>(view: &ObjectView<'a>, context: &Context) -> Option<Event<'a>> {
    let has_message = view.has("message_raw") || view.has("message");
    let has_host = view.has("host") || view.has("resource_name");
    let is_marked = || {
        MARKS.iter().any(|key| view.has(key))
            || METADATA_MARKS
                .iter()
                .any(|key| view.values_within("metadata", key).next().is_some())
    };
    if !has_message || !has_host || !is_marked() {
        return None;
    }
    let event = envelope::forwarded(view, context)?;
    let severity = view
        .values("severity")
        .find_map(alert_level)
        .or(event.severity);
    Some(Event { severity, ..event })
}

/// The level of an alert, whose numbers run upwards from warning.
fn alert_level(value: RawValue<'_>) -> Option<Severity> {
    match json_values::number(value)? {
        2u8 => Some(Severity::Warning),
        3 => Some(Severity::Error),
        4 => Some(Severity::Critical),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::test_context as context;

    #[test]
    fn the_resource_is_the_host_and_the_datasource_the_service() {
        let line = br#"{"resource_name":"pump1","severity":"error","timestamp":1700000000,"message":"pressure low","alert_id":"LMA7",
            "resource_id":42,"metadata":{"datasource":"Pressure","instance_name":"north"},"acknowledged":false,"cleared_at":null}"#;
        let event = LogicMonitor.parse(line, &context()).unwrap();
        assert_eq!(event.host.as_deref(), Some(&b"pump1"[..]));
        assert_eq!(event.service.as_deref(), Some(&b"Pressure"[..]));
        assert_eq!(event.severity, Some(Severity::Error));
        assert_eq!(event.message.as_ref(), b"pressure low");
        let fields = &event.origin.unwrap().fields;
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        assert_eq!(
            fields,
            [
                ("alert_id", "LMA7"),
                ("resource_id", "42"),
                ("acknowledged", "false"),
                ("datasource", "Pressure"),
                ("instance_name", "north"),
            ]
        );
    }

    #[test]
    fn levels_by_number_run_upwards() {
        let line = br#"{"host":"pump1","severity":"4","message":"pressure low","alert_id":"LMA7"}"#;
        let event = LogicMonitor.parse(line, &context()).unwrap();
        assert_eq!(event.severity, Some(Severity::Critical));
    }

    #[test]
    fn a_common_object_is_not_taken() {
        for line in [
            r#"{"host":"h","message":"m"}"#,
            r#"{"alert_id":1,"message":"m"}"#,
            r#"{"host":"h","alert_id":1}"#,
        ] {
            assert_eq!(
                LogicMonitor.parse(line.as_bytes(), &context()),
                None,
                "{line}"
            );
        }
    }
}
