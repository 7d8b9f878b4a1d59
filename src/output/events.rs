//! The canonical stream: one object per input line, in order, while input still flows.
//!
//! There is no run record here, so that line n of the output always speaks of line n of the input.

use super::drop_reason_name;
use super::wire::{EventLine, write_line};
use crate::assemble::{DropReason, Sink};
use crate::corpus::Accounting;
use crate::event::{Event, Severity, Text, facility_name};
use crate::finding::Family;
use crate::format::stamp::format_rfc3339;
use crate::lexicon;
use crate::signature::{Signature, Signatures};
use std::io::{self, Write};

/// Writes what an assembler tells, as JSON Lines.
///
/// A sink cannot fail, so the first error stops the writing and is kept for [`Events::flush`].
pub struct Events<'a> {
    out: &'a mut dyn Write,
    source: String,
    signatures: Signatures,
    signatures_max: usize,
    /// By index of the signature, so that each is judged once.
    families: Vec<Family>,
    opened: Option<Opened>,
    accounting: Accounting,
    failed: Option<io::Error>,
}

/// What the continuation lines of an event repeat.
struct Opened {
    timestamp: Option<String>,
    host: Option<String>,
    service: Option<String>,
    pid: Option<u32>,
    severity: Option<&'static str>,
    facility: Option<&'static str>,
    signature: Signature,
    family: Family,
}

impl<'a> Events<'a> {
    /// Writes to `out`; at most `signatures_max` signatures are remembered at a time.
    pub fn new(out: &'a mut dyn Write, signatures_max: usize) -> Self {
        Events {
            out,
            source: String::new(),
            signatures: Signatures::default(),
            signatures_max,
            families: Vec::new(),
            opened: None,
            accounting: Accounting::default(),
            failed: None,
        }
    }

    /// Another source begins: nothing continues what came before.
    pub fn begin(&mut self, source: &str) {
        self.source = source.to_owned();
        self.opened = None;
    }

    /// Hands on what was written, or the first error since the last call.
    pub fn flush(&mut self) -> io::Result<()> {
        self.failed.take().map_or_else(|| self.out.flush(), Err)
    }

    /// What became of the lines so far.
    pub fn accounting(&self) -> &Accounting {
        &self.accounting
    }

    fn open(&mut self, event: &Event<'_>) -> Opened {
        let mut index = self
            .signatures
            .lookup(event.service.as_deref(), &event.message);
        if index as usize >= self.signatures_max {
            // A signature is a pure function of its line, so forgetting all costs only time.
            self.signatures = Signatures::default();
            self.families.clear();
            index = self
                .signatures
                .lookup(event.service.as_deref(), &event.message);
        }
        let signature = self.signatures.get(index).clone();
        let family = self
            .families
            .get(index as usize)
            .copied()
            .unwrap_or_else(|| {
                let family = lexicon::family(&signature.pattern);
                self.families.push(family);
                family
            });
        let text = |text: &Option<Text<'_>>| {
            text.as_deref()
                .map(|text| String::from_utf8_lossy(text).into_owned())
        };
        Opened {
            timestamp: event.timestamp.map(format_rfc3339),
            host: text(&event.host),
            service: text(&event.service),
            pid: event.pid,
            severity: event.severity.map(Severity::name),
            facility: event.facility.and_then(facility_name),
            signature,
            family,
        }
    }

    fn write(&mut self, line: u64, message: Option<&str>, how: How) {
        if self.failed.is_some() {
            return;
        }
        let opened = self
            .opened
            .as_ref()
            .filter(|_| !matches!(how, How::Dropped(_)));
        let object = EventLine {
            schema: "brainstem.event/1",
            line,
            source: &self.source,
            timestamp: opened.and_then(|opened| opened.timestamp.as_deref()),
            host: opened.and_then(|opened| opened.host.as_deref()),
            service: opened.and_then(|opened| opened.service.as_deref()),
            pid: opened.and_then(|opened| opened.pid),
            severity: opened.and_then(|opened| opened.severity),
            facility: opened.and_then(|opened| opened.facility),
            message,
            signature: opened.map(|opened| opened.signature.fingerprint.to_string()),
            pattern: opened.map(|opened| &*opened.signature.pattern),
            event_family: opened.map(|opened| opened.family.name()),
            continuation: matches!(how, How::Continues),
            dropped: match how {
                How::Dropped(reason) => Some(drop_reason_name(reason)),
                How::Opens | How::Continues => None,
            },
        };
        self.failed = write_line(self.out, &object).err();
    }
}

/// What a line is to its event.
enum How {
    Opens,
    Continues,
    Dropped(DropReason),
}

impl Sink for Events<'_> {
    fn event(&mut self, line: u64, _text: &[u8], event: &Event<'_>) {
        self.accounting.events += 1;
        self.accounting.dated += u64::from(event.timestamp.is_some());
        self.opened = Some(self.open(event));
        let mut message = String::from_utf8_lossy(&event.message);
        if let Some(detail) = &event.detail {
            let message = message.to_mut();
            message.push('\n');
            message.push_str(&String::from_utf8_lossy(detail));
        }
        self.write(line, Some(&message), How::Opens);
    }

    fn continuation(&mut self, line: u64, text: &[u8]) {
        self.accounting.continuation += 1;
        self.write(line, Some(&String::from_utf8_lossy(text)), How::Continues);
    }

    fn dropped(&mut self, line: u64, reason: DropReason) {
        *self.accounting.dropped.entry(reason).or_default() += 1;
        self.write(line, None, How::Dropped(reason));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn written(tell: impl FnOnce(&mut Events<'_>)) -> Vec<serde_json::Value> {
        let mut out = Vec::new();
        let mut events = Events::new(&mut out, 1);
        events.begin("night.log");
        tell(&mut events);
        events.flush().unwrap();
        let lines = String::from_utf8(out).unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn event(message: &[u8]) -> Event<'_> {
        Event {
            message: message.into(),
            host: Some(b"web-1"[..].into()),
            ..Event::default()
        }
    }

    #[test]
    fn every_line_gets_one_object_and_continuations_repeat_their_event() {
        let objects = written(|events| {
            events.event(1, b"", &event(b"it broke"));
            events.continuation(2, b"  at main");
            events.dropped(3, DropReason::Blank);
        });
        assert_eq!(objects.len(), 3);
        assert_eq!(objects[1]["signature"], objects[0]["signature"]);
        assert_eq!(objects[1]["host"], "web-1");
        assert_eq!(objects[1]["continuation"], true);
        assert_eq!(objects[0].get("continuation"), None);
        assert_eq!(objects[2]["dropped"], "blank");
        assert!(objects[2]["signature"].is_null());
    }

    #[test]
    fn forgetting_signatures_changes_nothing() {
        let objects = written(|events| {
            for message in [&b"alpha"[..], b"beta", b"alpha"] {
                events.event(1, b"", &event(message));
            }
        });
        assert_eq!(objects[0]["signature"], objects[2]["signature"]);
        assert_ne!(objects[0]["signature"], objects[1]["signature"]);
    }

    #[test]
    fn bytes_that_are_no_text_become_replacement_characters() {
        let objects = written(|events| events.event(1, b"", &event(b"caf\xe9 \xff")));
        assert_eq!(objects[0]["message"], "caf\u{fffd} \u{fffd}");
    }
}
