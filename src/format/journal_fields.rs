//! What the fields of a journal entry say, however they were written down.
//!
//! `journalctl -o json`, `json-seq`, `export` and `verbose` spell the same fields; the mapping from
//! systemd.journal-fields(7) to an event lives here alone, so that every form gives the same event.
//! Reading the forms themselves, and their escapes, is their formats' work.

use std::borrow::Cow;

use super::syslog_header::uptime_length;
use crate::event::{Event, Severity, Text, Timestamp};

/// The largest facility number of syslog.
const FACILITY_MAX: u8 = 23;

/// The fields that say something about the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    Message,
    Priority,
    Facility,
    Host,
    Identifier,
    Command,
    Unit,
    TrustedPid,
    ClaimedPid,
    SourceTime,
    ReceiveTime,
    /// One that tells no more than that this is an entry of the journal.
    Mark,
}

impl Field {
    /// All of them, in their order.
    pub const ALL: [Field; 12] = [
        Field::Message,
        Field::Priority,
        Field::Facility,
        Field::Host,
        Field::Identifier,
        Field::Command,
        Field::Unit,
        Field::TrustedPid,
        Field::ClaimedPid,
        Field::SourceTime,
        Field::ReceiveTime,
        Field::Mark,
    ];

    /// The field of that name; `None` for those that say nothing about the event.
    #[inline]
    pub fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"MESSAGE" => Field::Message,
            b"PRIORITY" => Field::Priority,
            b"SYSLOG_FACILITY" => Field::Facility,
            b"_HOSTNAME" => Field::Host,
            b"SYSLOG_IDENTIFIER" => Field::Identifier,
            b"_COMM" => Field::Command,
            b"_SYSTEMD_UNIT" => Field::Unit,
            b"_PID" => Field::TrustedPid,
            b"SYSLOG_PID" => Field::ClaimedPid,
            b"_SOURCE_REALTIME_TIMESTAMP" => Field::SourceTime,
            b"__REALTIME_TIMESTAMP" => Field::ReceiveTime,
            b"__CURSOR" | b"_BOOT_ID" | b"_MACHINE_ID" | b"_TRANSPORT" => Field::Mark,
            _ => return None,
        })
    }

    /// Whether only the journal itself adds it; every stored entry has one of these.
    fn is_stored(self) -> bool {
        matches!(self, Field::Mark | Field::ReceiveTime | Field::Host)
    }
}

/// A text without its first bytes.
fn behind(text: Text<'_>, bytes: usize) -> Text<'_> {
    match text {
        text if bytes == 0 => text,
        Cow::Borrowed(text) => Cow::Borrowed(&text[bytes..]),
        Cow::Owned(text) => Cow::Owned(text[bytes..].to_vec()),
    }
}

/// The fields of one entry, gathered one by one.
///
/// A field may be set repeatedly; the first value wins, as the journal keeps them in order of writing.
#[derive(Debug, Default)]
pub struct JournalFields<'a> {
    message: Option<Text<'a>>,
    priority: Option<Severity>,
    facility: Option<u8>,
    host: Option<Text<'a>>,
    identifier: Option<Text<'a>>,
    command: Option<Text<'a>>,
    unit: Option<Text<'a>>,
    trusted_pid: Option<u32>,
    claimed_pid: Option<u32>,
    source_time: Option<Timestamp>,
    receive_time: Option<Timestamp>,
    header_time: Option<Timestamp>,
    stored: bool,
}

impl<'a> JournalFields<'a> {
    /// Takes note of the field `name`; names that say nothing about the event are passed over.
    ///
    /// `value` is the field's value with every escape undone. A null or missing value is not set.
    pub fn set(&mut self, name: &[u8], value: Text<'a>) {
        self.set_with(name, || Some(value));
    }

    /// As `set`, with a value that is made only where the field is of interest; `None` for null.
    #[inline]
    pub fn set_with(&mut self, name: &[u8], value: impl FnOnce() -> Option<Text<'a>>) {
        self.set_of(Field::named(name), value);
    }

    /// As [`JournalFields::set_with`], by what [`Field::named`] says.
    #[inline]
    pub(super) fn set_of(
        &mut self,
        field: Option<Field>,
        value: impl FnOnce() -> Option<Text<'a>>,
    ) {
        let Some(field) = field else { return };
        self.stored |= field.is_stored();
        if field != Field::Mark
            && let Some(value) = value()
        {
            self.put(field, value);
        }
    }

    #[inline]
    fn put(&mut self, field: Field, value: Text<'a>) {
        match self.text(field) {
            Some(text) if text.is_none() && may_be(field, &value) => *text = Some(value),
            Some(_) => {}
            None => self.put_number(field, &value),
        }
    }

    /// The place of a field that is text.
    #[inline]
    fn text(&mut self, field: Field) -> Option<&mut Option<Text<'a>>> {
        Some(match field {
            Field::Message => &mut self.message,
            Field::Host => &mut self.host,
            Field::Identifier => &mut self.identifier,
            Field::Command => &mut self.command,
            Field::Unit => &mut self.unit,
            _ => return None,
        })
    }

    #[inline]
    fn put_number(&mut self, field: Field, value: &[u8]) {
        match field {
            Field::Priority => first(&mut self.priority, severity(value)),
            Field::Facility => first(
                &mut self.facility,
                number(value).filter(|&facility| facility <= FACILITY_MAX),
            ),
            Field::TrustedPid => first(&mut self.trusted_pid, number(value)),
            Field::ClaimedPid => first(&mut self.claimed_pid, number(value)),
            Field::SourceTime => first(&mut self.source_time, instant(value)),
            Field::ReceiveTime => first(&mut self.receive_time, instant(value)),
            _ => {}
        }
    }

    /// The time that a form states outside the fields, for entries whose fields name none.
    pub fn set_header_time(&mut self, time: Option<Timestamp>) {
        self.header_time = time;
    }

    /// The event that the fields make up; `None` when they are not those of a journal entry.
    ///
    /// The time is the sender's own where it gave one, as the short forms of journalctl print it,
    /// and the pid is the one that the kernel vouches for before the one the sender claims.
    pub fn into_event(self) -> Option<Event<'a>> {
        let sent = self.message.is_some() && (self.priority.is_some() || self.identifier.is_some());
        if !self.stored && !sent && self.header_time.is_none() {
            return None;
        }
        let (message, detail) = split_message(trimmed(self.message.unwrap_or_default()));
        let named = self.identifier.or(self.command);
        let unit = self.unit.map(unit_name);
        let service = named.or(unit.filter(|name| !name.is_empty()));
        let uptime = uptime_length(service.as_deref().unwrap_or_default(), &message);
        Some(Event {
            timestamp: self.source_time.or(self.receive_time).or(self.header_time),
            host: self.host,
            service,
            pid: self.trusted_pid.or(self.claimed_pid),
            severity: self.priority,
            facility: self.facility,
            message: behind(message, uptime),
            detail,
            stored: true,
            ..Event::default()
        })
    }
}

/// The name of a unit without the suffix that every service carries.
pub fn unit_name(unit: Text<'_>) -> Text<'_> {
    match unit {
        Cow::Borrowed(name) => Cow::Borrowed(without_suffix(name)),
        Cow::Owned(mut name) => {
            name.truncate(without_suffix(&name).len());
            Cow::Owned(name)
        }
    }
}

/// As [`unit_name`], of a name that is borrowed.
pub(super) fn without_suffix(unit: &[u8]) -> &[u8] {
    unit.strip_suffix(b".service").unwrap_or(unit)
}

/// Splits a message of several lines into its first line that says something and what follows it.
pub fn split_message(text: Text<'_>) -> (Text<'_>, Option<Text<'_>>) {
    if memchr::memchr(b'\n', &text).is_none() {
        return (text, None);
    }
    match text {
        Cow::Borrowed(text) => {
            let (line, rest) = split_lines(text);
            (Cow::Borrowed(line), rest.map(Cow::Borrowed))
        }
        Cow::Owned(text) => {
            let (line, rest) = split_lines(&text);
            (
                Cow::Owned(line.to_vec()),
                rest.map(|rest| Cow::Owned(rest.to_vec())),
            )
        }
    }
}

/// A message without the blanks around it, which the short forms do not show apart from their own.
fn trimmed(text: Text<'_>) -> Text<'_> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
        Cow::Owned(text) if text.trim_ascii().len() < text.len() => {
            Cow::Owned(text.trim_ascii().to_vec())
        }
        owned => owned,
    }
}

/// The first line that is not blank, without its end, and the lines after it if any say something.
fn split_lines(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut rest = text;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
        if !line.trim_ascii().is_empty() {
            let detail = rest.trim_ascii_end();
            return (line, (!detail.is_empty()).then_some(detail));
        }
    }
    (rest, None)
}

/// Fills `slot` unless an earlier value of the field has.
fn first<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}

/// Whether a text may be the value of a field: a name that is empty is none.
fn may_be(field: Field, value: &[u8]) -> bool {
    field == Field::Message || !value.is_empty()
}

/// A decimal number that fits.
fn number<T: std::str::FromStr + TryFrom<u64>>(value: &[u8]) -> Option<T> {
    // So many digits fit, and nearly all numbers are digits alone.
    const DIGITS_MAX: usize = 19;
    if !value.is_empty() && value.len() <= DIGITS_MAX {
        let (eights, rest) = value.as_chunks();
        let eights = eights.iter().try_fold(0, |sum: u64, eight| {
            Some(sum * 100_000_000 + eight_digits(*eight)?)
        });
        let number = eights.and_then(|eights| {
            let mut rest = rest.iter();
            rest.try_fold(eights, |sum, digit| {
                let is_digit = digit.is_ascii_digit();
                is_digit.then(|| sum * 10 + u64::from(digit - b'0'))
            })
        });
        if let Some(number) = number {
            return number.try_into().ok();
        }
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The number that eight digits spell: neighbours are joined to pairs, to fours, to the whole.
#[inline]
fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(digits);
    let is_digit = (word & (0xf0 * EACH)) | ((word.wrapping_add(6 * EACH) & (0xf0 * EACH)) >> 4);
    if is_digit != 0x33 * EACH {
        return None;
    }
    let word = word & (0x0f * EACH);
    let pairs = (word.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

pub(super) fn severity(value: &[u8]) -> Option<Severity> {
    if let [digit @ b'0'..=b'7'] = value {
        return Some(Severity::from_number(*digit));
    }
    Severity::ALL.get(number::<usize>(value)?).copied()
}

/// Microseconds since the epoch, as the journal stores every time.
#[inline]
pub(super) fn instant(value: &[u8]) -> Option<Timestamp> {
    // Times have so many digits from the year 2001 to the year 2286.
    if let ([head, tail], []) = value.as_chunks()
        && let (Some(head), Some(tail)) = (eight_digits(*head), eight_digits(*tail))
    {
        return Some(Timestamp((head * 100_000_000 + tail).cast_signed()));
    }
    number(value).map(Timestamp)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn event_of<'a>(fields: &[(&str, &'a str)]) -> Option<Event<'a>> {
        let mut entry = JournalFields::default();
        for (name, value) in fields {
            entry.set(name.as_bytes(), Cow::Borrowed(value.as_bytes()));
        }
        entry.into_event()
    }

    #[test]
    fn numbers_of_any_length_are_digits_alone() {
        let digits = "98765432109876543210";
        for length in 1..=digits.len() {
            let (text, expected) = (&digits[..length], digits[..length].parse().ok());
            assert_eq!(number::<u64>(text.as_bytes()), expected, "{text}");
            let time = text.parse().ok().map(Timestamp);
            assert_eq!(instant(text.as_bytes()), time, "{text}");
            for place in 0..length {
                for other in [b'/', b':', b' ', b'0' - 10, b'9' + 10, 0xf9, 0xff] {
                    let mut text = text.as_bytes().to_vec();
                    text[place] = other;
                    assert_eq!(number::<u64>(&text), None, "{text:?}");
                    assert_eq!(instant(&text), None, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn the_senders_time_and_the_kernels_pid_are_preferred() {
        let event = event_of(&[
            ("__REALTIME_TIMESTAMP", "1700000000000002"),
            ("_SOURCE_REALTIME_TIMESTAMP", "1700000000000001"),
            ("SYSLOG_PID", "7"),
            ("_PID", "8"),
            ("PRIORITY", "3"),
            ("SYSLOG_FACILITY", "10"),
            ("MESSAGE", "pump stopped"),
        ])
        .unwrap();
        assert_eq!(event.timestamp, Some(Timestamp(1_700_000_000_000_001)));
        assert_eq!(event.pid, Some(8));
        assert_eq!(event.severity, Some(Severity::Error));
        assert_eq!(event.facility, Some(10));
        assert_eq!(event.message.as_ref(), b"pump stopped");
    }

    #[test]
    fn the_service_is_the_identifier_then_the_command_then_the_unit() {
        let unit = ("_SYSTEMD_UNIT", "pump.service");
        let command = ("_COMM", "pumpd");
        let identifier = ("SYSLOG_IDENTIFIER", "pump-ctl");
        let host = ("_HOSTNAME", "h");
        for (fields, service) in [
            (&[host, unit][..], "pump"),
            (&[host, unit, command], "pumpd"),
            (&[unit, command, identifier, host], "pump-ctl"),
        ] {
            let event = event_of(fields).unwrap();
            assert_eq!(event.service.as_deref(), Some(service.as_bytes()));
        }
    }

    #[test]
    fn the_first_of_repeated_fields_wins_and_a_missing_message_is_empty() {
        let event = event_of(&[("_BOOT_ID", "1"), ("PRIORITY", "4"), ("PRIORITY", "6")]).unwrap();
        assert_eq!(event.severity, Some(Severity::Warning));
        assert_eq!(event.message.as_ref(), b"");
    }

    #[test]
    fn a_message_of_several_lines_keeps_the_first_that_says_something() {
        let event =
            event_of(&[("MESSAGE", "\n \r\n lost\r\n  at 1\n"), ("PRIORITY", "3")]).unwrap();
        assert_eq!(event.message.as_ref(), b"lost");
        assert_eq!(event.detail.as_deref(), Some(&b"  at 1"[..]));
        let owned = split_message(Cow::Owned(b"one\ntwo".to_vec()));
        assert_eq!(owned.0.as_ref(), b"one");
        assert_eq!(owned.1.as_deref(), Some(&b"two"[..]));
    }

    #[test]
    fn other_objects_are_no_journal_entries_and_bad_numbers_are_unknown() {
        assert_eq!(event_of(&[("MESSAGE", "x"), ("level", "info")]), None);
        let event = event_of(&[
            ("_PID", "-1"),
            ("PRIORITY", "9"),
            ("SYSLOG_FACILITY", "99"),
            ("_TRANSPORT", "syslog"),
        ])
        .unwrap();
        assert_eq!(
            (event.pid, event.severity, event.facility),
            (None, None, None)
        );
    }
}
