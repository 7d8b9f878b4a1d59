//! Entries in the journal export format, as `journalctl -o export` writes it.
//!
//! An entry is a run of fields ended by an empty line: `FIELD=value`, or for values with line breaks
//! or bytes that are no text `FIELD`, a little-endian 64-bit length, the bytes and a newline. Lengths
//! are believed only within the cap of an entry.

use std::borrow::Cow;

use memchr::memchr;

use super::journal_fields::JournalFields;
use super::nested::clean;
use super::{Context, Extent, Format};
use crate::event::Event;

/// The longest entry; a longer one ends at the last field that fits.
pub const ENTRY_BYTES_MAX: usize = 256 * 1024;

/// The longest name of a field, as the journal itself limits it.
const NAME_BYTES_MAX: usize = 64;

/// How an entry begins: the journal writes its own fields first.
const BEGINNINGS: [&[u8]; 2] = [b"__CURSOR=", b"__REALTIME_TIMESTAMP="];

/// See the module.
pub struct JournalExport;

impl Format for JournalExport {
    fn name(&self) -> &'static str {
        "journal-export"
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'_'
    }

    fn parse<'a>(&self, line: &'a [u8], _context: &Context) -> Option<Event<'a>> {
        if !begins(line) {
            return None;
        }
        let mut fields = JournalFields::default();
        let mut rest = line;
        while let Step::Field {
            name,
            value,
            length,
        } = step(rest)
        {
            fields.set(name, clean(Cow::Borrowed(value)));
            rest = &rest[length..];
        }
        fields.into_event()
    }

    fn begins_entry(&self, line: &[u8]) -> bool {
        begins(line)
    }

    fn entry(&self, text: &[u8]) -> Option<Extent> {
        if !begins(text) {
            return None;
        }
        let mut at = 0;
        loop {
            match step(&text[at..]) {
                Step::Field { length, .. } if at + length <= ENTRY_BYTES_MAX => at += length,
                Step::Blank { length } => return Some(Extent::Complete(at + length)),
                Step::Open if text.len() <= ENTRY_BYTES_MAX => return Some(Extent::Open),
                Step::Open | Step::Field { .. } | Step::Malformed => {
                    return (at > 0).then_some(Extent::Complete(at));
                }
            }
        }
    }
}

/// Whether an entry begins here.
fn begins(text: &[u8]) -> bool {
    BEGINNINGS
        .iter()
        .any(|beginning| text.starts_with(beginning))
}

/// Whether a line is a later field of an entry, whatever its value looks like: in a text of entries, which begins
/// with one, each field is but the first. The time stands behind the cursor where there is one, and only what
/// follows an empty line begins with it.
pub fn is_within_entry(before: &[u8], line: &[u8]) -> bool {
    let [_, time] = BEGINNINGS;
    let follows_entry = matches!(before, b"" | b"\n") || before.ends_with(b"\n\n");
    let is_later_time = line.starts_with(time) && !follows_entry;
    is_later_time || begins(before) && text_field(line).is_some() && !begins(line)
}

/// What stands at the start of a line inside an entry.
enum Step<'a> {
    /// A field; `length` includes its last newline.
    Field {
        name: &'a [u8],
        value: &'a [u8],
        length: usize,
    },
    /// The empty line that ends the entry.
    Blank { length: usize },
    /// The text ends before the field does.
    Open,
    /// Something else.
    Malformed,
}

fn step(text: &[u8]) -> Step<'_> {
    let Some(end) = memchr(b'\n', text) else {
        return unended(text);
    };
    let length = end + 1;
    match &text[..end] {
        [] | [b'\r'] => Step::Blank { length },
        line => match text_field(line) {
            Some((name, value)) => Step::Field {
                name,
                value,
                length,
            },
            None if is_name(line) => binary_field(line, &text[length..]),
            None => Step::Malformed,
        },
    }
}

/// The last line of the input may lack its newline.
fn unended(line: &[u8]) -> Step<'_> {
    match text_field(line) {
        // Without a newline in sight nobody knows whether the value goes on, except at the end of
        // input, where `parse` asks; there the value is what there is.
        Some((name, value)) if !value.is_empty() => Step::Field {
            name,
            value,
            length: line.len(),
        },
        _ => Step::Open,
    }
}

/// Takes a line of the form `FIELD=value` apart.
fn text_field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = memchr(b'=', line)?;
    let (name, value) = (&line[..equals], &line[equals + 1..]);
    is_name(name).then_some((name, value))
}

/// Reads the value of a field whose name had a line of its own.
fn binary_field<'a>(name: &'a [u8], text: &'a [u8]) -> Step<'a> {
    let Some((length, data)) = text.split_first_chunk::<8>() else {
        return Step::Open;
    };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if length > ENTRY_BYTES_MAX {
        return Step::Malformed;
    }
    match data.get(length) {
        None => Step::Open,
        Some(b'\n') => Step::Field {
            name,
            value: &data[..length],
            length: name.len() + 1 + 8 + length + 1,
        },
        Some(_) => Step::Malformed,
    }
}

fn is_name(name: &[u8]) -> bool {
    let is_byte = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.iter().all(is_byte)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::{Severity, Timestamp};
    use crate::format::{opens_event, test_context as context};
    use proptest::prelude::*;

    fn entry() -> Vec<u8> {
        let mut text =
            b"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1700000000000001\nPRIORITY=4\nMESSAGE\n"
                .to_vec();
        let message = b"valve stuck\nsee = below";
        text.extend_from_slice(&(message.len() as u64).to_le_bytes());
        text.extend_from_slice(message);
        text.extend_from_slice(b"\n_HOSTNAME=pumphouse\nSYSLOG_IDENTIFIER=pumpd\n\n");
        text
    }

    #[test]
    fn no_line_of_an_entry_begins_another_whatever_it_says() {
        let entry = b"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1700000000000001\nPRIORITY=4\n";
        let twice = [&entry[..], b"\n", entry].concat();
        let line = b"MESSAGE=time=\"2024-05-01T10:00:00Z\" level=info msg=\"up\"";
        for before in [&entry[..], &twice] {
            assert!(is_within_entry(before, line));
            assert!(!is_within_entry(&[before, b"\n"].concat(), &entry[..16]));
        }
        assert!(!is_within_entry(b"May  1 10:00:00 web1 su: bad\n", line));
        assert!(!is_within_entry(b"", line));
    }

    #[test]
    fn an_entry_reaches_to_its_empty_line_and_is_read_as_a_whole() {
        let mut text = entry();
        let length = text.len();
        text.extend_from_slice(b"__CURSOR=s=1;i=3\n");
        assert_eq!(JournalExport.entry(&text), Some(Extent::Complete(length)));
        let event = JournalExport.parse(&text[..length], &context()).unwrap();
        assert_eq!(event.timestamp, Some(Timestamp(1_700_000_000_000_001)));
        assert_eq!(event.severity, Some(Severity::Warning));
        assert_eq!(event.message.as_ref(), b"valve stuck");
        assert_eq!(event.detail.as_deref(), Some(&b"see = below"[..]));
        assert_eq!(event.service.as_deref(), Some(&b"pumpd"[..]));
    }

    #[test]
    fn an_entry_is_opened_by_its_first_field_alone() {
        let opened = |text: &[u8]| {
            let starts = (0..text.len()).filter(|at| *at == 0 || text[at - 1] == b'\n');
            let opens = |at: &usize| {
                let line = text[*at..].split(|byte| *byte == b'\n').next().unwrap();
                opens_event(&text[..*at], line)
            };
            starts.filter(opens).collect::<Vec<_>>()
        };
        let two = entry().repeat(2);
        assert_eq!(opened(&two), [0, two.len() / 2]);
        let cursor = two.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let without_cursor = entry()[cursor..].repeat(2);
        assert_eq!(opened(&without_cursor), [0, without_cursor.len() / 2]);
    }

    #[test]
    fn any_cut_of_an_entry_is_open_until_its_empty_line() {
        let text = entry();
        for cut in BEGINNINGS[0].len()..text.len() {
            assert_eq!(
                JournalExport.entry(&text[..cut]),
                Some(Extent::Open),
                "{cut}"
            );
        }
        assert_eq!(JournalExport.entry(b"MESSAGE=x\n\n"), None);
    }

    #[test]
    fn a_false_length_ends_the_entry_before_its_field() {
        let head = b"__CURSOR=s=1\nPRIORITY=3\n".to_vec();
        for length in [u64::MAX, ENTRY_BYTES_MAX as u64 + 1, 1] {
            let mut text = head.clone();
            text.extend_from_slice(b"MESSAGE\n");
            text.extend_from_slice(&length.to_le_bytes());
            text.extend_from_slice(b"abc\n\n");
            assert_eq!(
                JournalExport.entry(&text),
                Some(Extent::Complete(head.len())),
                "{length}"
            );
            assert_eq!(
                JournalExport.parse(&text, &context()).unwrap().severity,
                Some(Severity::Error)
            );
        }
    }

    #[test]
    fn an_entry_never_grows_past_its_cap() {
        let mut text = b"__CURSOR=s=1\n".to_vec();
        while text.len() < 2 * ENTRY_BYTES_MAX {
            text.extend_from_slice(b"FIELD=the same value again\n");
        }
        let Some(Extent::Complete(length)) = JournalExport.entry(&text) else {
            panic!("an entry over the cap must end");
        };
        assert!(length <= ENTRY_BYTES_MAX && text[..length].ends_with(b"\n"));
    }

    proptest! {
        #[test]
        fn mutated_entries_never_panic(cut in 0usize..200, at in 0usize..200, byte: u8) {
            let mut text = entry();
            if let Some(place) = text.get_mut(at) { *place = byte; }
            text.truncate(cut);
            if let Some(Extent::Complete(length)) = JournalExport.entry(&text) {
                prop_assert!(0 < length && length <= text.len());
            }
            let _ = JournalExport.parse(&text, &context());
        }
    }
}
