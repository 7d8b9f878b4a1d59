//! Lines that are one JSON object, whatever its shape: one scan, offered to each shape in turn.
//!
//! The shapes have files and `--input` names of their own; this is the format that detection asks,
//! so that an object is scanned once and not once per shape.

use super::journal_json::{JournalJson, begins_object};
use super::object_view::ObjectView;
use super::{Context, Format, envelope, logicmonitor, ndjson};
use crate::event::Event;

/// See the module.
pub struct JsonLine;

impl Format for JsonLine {
    fn name(&self) -> &'static str {
        "json"
    }

    fn begins_with(&self, first: u8) -> bool {
        begins_object(first)
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        // The journal's lines are the longest and most frequent: they get by without the view, and
        // the first key of almost any other object tells that it is not theirs.
        if let Some(event) = JournalJson.parse(line, context) {
            return Some(event);
        }
        let mut view = ObjectView::empty();
        let view = view.scan(line)?;
        envelope::event(view, context)
            .or_else(|| logicmonitor::event(view, context))
            .or_else(|| ndjson::event(view, context))
    }
}
