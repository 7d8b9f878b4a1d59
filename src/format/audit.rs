//! Records of the Linux audit system as its daemon writes them:
//! `node=web1 type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=59 ...`.
//!
//! What the record says stays a message as it is: the type is a part of what happened.

use std::borrow::Cow;

use crate::event::Event;
use crate::format::stamp;
use crate::format::{Context, Format};

/// What stands before the instant and the serial number of a record.
const STAMP: &[u8] = b" msg=audit(";

/// The service in it.
const SERVICE: &[u8] = b"audit";

/// Records of the audit system.
pub struct Audit;

impl Format for Audit {
    fn name(&self) -> &'static str {
        "audit"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, b't' | b'n')
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let (node, record) = match line.strip_prefix(b"node=") {
            Some(named) => {
                let end = memchr::memchr(b' ', named)?;
                (Some(&named[..end]), &named[end + 1..])
            }
            None => (None, line),
        };
        let kind = record.strip_prefix(b"type=")?;
        let rest = &kind[memchr::memchr(b' ', kind)?..];
        let stamped = rest.strip_prefix(STAMP)?;
        let (instant, serial) = stamped.split_at(memchr::memchr(b':', stamped)?);
        let digits = serial[1..].iter().take_while(|byte| byte.is_ascii_digit());
        serial[1 + digits.count()..].strip_prefix(b"):")?;
        let stamp = stamp::parse_whole(instant, context)?;
        let service = &rest[STAMP.len() - 1 - SERVICE.len()..STAMP.len() - 1];
        Some(Event {
            timestamp: stamp.timestamp,
            host: node.map(Cow::Borrowed),
            service: Some(Cow::Borrowed(service)),
            message: Cow::Borrowed(record.trim_ascii_end()),
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

    #[test]
    fn a_record_gives_its_instant_and_the_node_that_it_names() {
        let record = "type=USER_LOGIN msg=audit(1714557600.250:77): pid=4 res=failed";
        for (line, node) in [
            (record.to_owned(), None),
            (format!("node=web1 {record}"), Some(&b"web1"[..])),
        ] {
            let event = Audit.parse(line.as_bytes(), &test_context()).unwrap();
            assert_eq!(
                event.timestamp.map(format_rfc3339).as_deref(),
                Some("2024-05-01T10:00:00.250Z")
            );
            assert_eq!(event.host.as_deref(), node);
            assert_eq!(event.service.as_deref(), Some(&b"audit"[..]));
            assert_eq!(event.message.as_ref(), record.as_bytes());
        }
    }

    #[test]
    fn other_lines_are_not_its_own() {
        for line in [
            "type=",
            "node=web1",
            "type=A msg=audit(",
            "type=A msg=audit(1714557600.250): x",
            "type=A msg=audit(1714557600.250:7) x",
            "type=A msg=audit(yesterday:7): x",
            "type=A text msg=audit(1714557600.250:7): x",
        ] {
            assert_eq!(
                Audit.parse(line.as_bytes(), &test_context()),
                None,
                "{line}"
            );
        }
    }
}
