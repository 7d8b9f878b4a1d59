//! Entries of the journal as `journalctl -o json` writes nearly all: objects of one line, without
//! blanks, whose values are strings.
//!
//! The quotes of a line are looked at once, and then only every fourth, which ends a value. A value is
//! where it is only if what stands between it and the one before is a comma and a key as it is known,
//! so that what is read here is what `json`'s scanner reads; lines that are written otherwise are left
//! to that. Of all values only places are kept.

use super::journal_fields::{Field, JournalFields, instant, severity, without_suffix};
use super::journal_keys::{Key, Keys, START, UNUSED};
use super::json_quotes::{self, Marks, Quotes, Stretch};
use super::json_values::unescaped;
use super::syslog_header::uptime_length;
use crate::event::{Brief, Event, Text};
use std::borrow::Cow;

/// A place for each field, and one for what is not asked for.
const PLACES: usize = 1 + UNUSED as usize;

/// Bits from the one of a field to the one that says that it came again.
const REPEATED: u32 = 16;

/// The fields that may come again, since their values are not asked for.
const REPEATABLE: u32 = 1 << Field::Mark as u32;

/// The fields of which each stored entry has one.
const STORED: u16 = {
    let fields = [Field::Mark, Field::ReceiveTime, Field::Host];
    1 << fields[0] as u16 | 1 << fields[1] as u16 | 1 << fields[2] as u16
};

/// Reads entries, each as what those before it lead to expect. It takes no room before the first.
#[derive(Debug, Clone, Default)]
pub(super) struct Entries(Option<Box<Reader>>);

#[derive(Debug, Clone, Default)]
struct Reader {
    keys: Keys,
    quotes: Quotes,
    /// Where the values of the last entry begin and end, by field.
    places: [(u16, u16); PLACES],
    /// A bit for each field that it has.
    fields: u16,
}

/// An entry: where its values are in its line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'r, 'a> {
    /// The line without its newline; all of it is visible.
    pub line: &'a [u8],
    reader: &'r Reader,
}

/// What is counted of an entry, and what its pattern depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Essence<'a> {
    pub brief: Brief<'a>,
    pub service: Option<&'a [u8]>,
    /// It says something.
    pub message: &'a [u8],
}

impl Entries {
    /// The entry in the line that a text begins with; `None` where it is to be read otherwise.
    #[inline]
    pub fn read<'r, 'a>(&'r mut self, text: &'a [u8]) -> Option<Entry<'r, 'a>> {
        // Other objects mostly begin with other letters.
        if !matches!(text, [b'{', b'"', b'A'..=b'Z' | b'_', ..]) {
            return None;
        }
        let reader = self.0.get_or_insert_default();
        let line = reader.read(text)?;
        Some(Entry { line, reader })
    }
}

impl Reader {
    #[inline]
    fn read<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        #[cfg(target_arch = "x86_64")]
        if json_quotes::lanes::are_there() {
            // Sound because the features that the function is compiled for were found just now; it is
            // an ordinary safe function in all other respects. With `read_bytewise` instead, a journal
            // takes half as much time again.
            #[allow(unsafe_code)]
            return unsafe { self.read_by_lanes(text) };
        }
        self.read_bytewise(text)
    }

    /// The same on any processor.
    fn read_bytewise<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        use json_quotes::{controls, fourths, marks};
        self.read_with(text, marks, controls, fourths)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn read_by_lanes<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        use json_quotes::lanes;
        self.read_with(
            text,
            |stretch| lanes::marks(stretch),
            |stretch| lanes::controls(stretch),
            |bits, others| lanes::fourths(bits, others),
        )
    }

    #[inline(always)]
    fn read_with<'a>(
        &mut self,
        text: &'a [u8],
        marks: impl Fn(&Stretch) -> Marks,
        controls: impl Fn(&Stretch) -> u64,
        fourths: impl Fn(u64, usize) -> u64,
    ) -> Option<&'a [u8]> {
        self.quotes.look(text, marks, controls, fourths)?;
        let mut step = Step::default();
        let mut ends = self.quotes.ends()?.iter();
        // What is foreseen calls nothing, and so stays in registers.
        while let Some(end) = step.go_on(text, &self.keys, &mut self.places, &mut ends) {
            let (number, key) = self.keys.met(step.number, text.get(step.behind..)?)?;
            step.take(number, key, end, &mut self.places);
        }
        self.fields = step.fields as u16;
        let line = &text[..self.quotes.length];
        let is_whole = step.behind > 0 && line.get(step.behind..) == Some(b"}");
        let is_once = step.fields >> REPEATED & !REPEATABLE == 0;
        (is_whole && is_once).then_some(line)
    }
}

/// How far an entry is read.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// The number of the last key, and where its value is over.
    number: u8,
    behind: usize,
    /// The fields that came, and above them those that came again.
    fields: u32,
}

impl Default for Step {
    fn default() -> Self {
        Step {
            number: START,
            behind: 0,
            fields: 0,
        }
    }
}

impl Step {
    /// Takes values as long as their keys come as foreseen; gives the end of the one whose does not,
    /// if there is one.
    #[inline(always)]
    fn go_on(
        &mut self,
        text: &[u8],
        keys: &Keys,
        places: &mut [(u16, u16); PLACES],
        ends: &mut std::slice::Iter<'_, u16>,
    ) -> Option<u16> {
        let mut step = *self;
        let mut unforeseen = None;
        for &end in ends {
            let rest = text.get(step.behind..);
            let Some((number, key)) = rest.and_then(|rest| keys.foreseen(step.number, rest)) else {
                unforeseen = Some(end);
                break;
            };
            step.take(number, key, end, places);
        }
        *self = step;
        unforeseen
    }

    #[inline(always)]
    fn take(&mut self, number: u8, key: Key, end: u16, places: &mut [(u16, u16); PLACES]) {
        places[usize::from(key.field) % PLACES] = (self.behind as u16 + key.length, end);
        self.fields |= (self.fields & key.bit) << REPEATED | key.bit;
        (self.number, self.behind) = (number, usize::from(end) + 1);
    }
}

impl<'a> Entry<'_, 'a> {
    /// The value of a field as it stands.
    #[inline]
    fn value(&self, field: Field) -> Option<&'a [u8]> {
        let (start, end) = self.reader.places[field as usize];
        let is_there = self.reader.fields & 1 << field as u16 != 0;
        is_there.then(|| &self.line[usize::from(start)..usize::from(end)])
    }

    /// Whether a value may have escapes.
    #[inline]
    fn may_have_escapes(&self, field: Field) -> bool {
        let (start, end) = self.reader.places[field as usize];
        let (first, last) = (start / 64 % 64, end / 64 % 64);
        self.reader.quotes.escapes & u64::MAX << first & u64::MAX >> (63 - last) != 0
    }

    /// The value of a field that is there, as the text that it is.
    fn text(&self, field: Field) -> Option<Text<'a>> {
        let value = self.value(field)?;
        Some(match self.may_have_escapes(field) {
            true => unescaped(value),
            false => Cow::Borrowed(value),
        })
    }

    /// The event; `None` where it is no entry of the journal.
    pub fn event(&self) -> Option<Event<'a>> {
        let mut fields = JournalFields::default();
        for field in Field::ALL {
            if self.reader.fields & 1 << field as u16 != 0 {
                fields.set_of(Some(field), || self.text(field));
            }
        }
        fields.into_event()
    }

    /// What counts of the event, where it can be told without making it.
    #[inline]
    pub fn essence(&self) -> Option<Essence<'a>> {
        let plain = |field: Field| match self.value(field) {
            Some(value) if self.may_have_escapes(field) => memchr::memchr(b'\\', value)
                .is_none()
                .then_some(Some(value)),
            value => Some(value),
        };
        let name = |field: Field| Some(plain(field)?.filter(|name| !name.is_empty()));
        let identifier = name(Field::Identifier)?;
        let service = match (identifier, name(Field::Command)?) {
            (Some(name), _) | (None, Some(name)) => Some(name),
            (None, None) => name(Field::Unit)?.map(without_suffix),
        };
        let severity = plain(Field::Priority)?.and_then(severity);
        let timestamp = match plain(Field::SourceTime)?.and_then(instant) {
            None => plain(Field::ReceiveTime)?.and_then(instant),
            time => time,
        };
        let message = plain(Field::Message)?.map(<[u8]>::trim_ascii)?;
        let uptime = uptime_length(service.unwrap_or_default(), message);
        let is_entry =
            self.reader.fields & STORED != 0 || severity.is_some() || identifier.is_some();
        let brief = Brief {
            timestamp,
            host: name(Field::Host)?,
            severity,
        };
        (is_entry && message.len() > uptime).then_some(Essence {
            brief,
            service,
            message: &message[uptime..],
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::journal_json::scanned;
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 14] = [
        "MESSAGE",
        "_HOSTNAME",
        "PRIORITY",
        "_UID",
        "_BOOT_ID",
        "SYSLOG_IDENTIFIER",
        "_COMM",
        "_SYSTEMD_UNIT",
        "_PID",
        "__REALTIME_TIMESTAMP",
        "_SOURCE_REALTIME_TIMESTAMP",
        "A_KEY_THAT_IS_LONGER_THAN_THE_ROOM",
        "X",
        "lower",
    ];

    const VALUES: [&str; 18] = [
        r#""3""#,
        r#""3""#,
        r#""17""#,
        r#""db1""#,
        r#""""#,
        r#""kernel""#,
        r#""[   12.5] valve 7 opens""#,
        r#"" valve.service ""#,
        r#""a \n b""#,
        r#""say \"no\"""#,
        r#""x\",\"PRIORITY\":\"4""#,
        r#""\\""#,
        r#""\u0033""#,
        "null",
        "[118,49]",
        r#"["1","2"]"#,
        r#""1700000000000001""#,
        r#""a\\\"","X":"7""#,
    ];

    const ENDS: [&str; 11] = [
        "}",
        "}\n",
        "}\n{\"X\":\"1\"}\n",
        "}\n",
        "}\n\n",
        "",
        "} ",
        "},",
        "}}",
        "}\r\n",
        "},\"_UID\":\"3\"",
    ];

    fn entry(members: impl IntoIterator<Item = (usize, usize)>, end: &str) -> String {
        let members: Vec<String> = members
            .into_iter()
            .map(|(name, value)| format!("\"{}\":{}", NAMES[name], VALUES[value]))
            .collect();
        format!("{{{}{end}", members.join(","))
    }

    proptest! {
        #[test]
        fn entries_are_read_as_the_scanner_reads_them_whatever_was_met_before(
            orders in prop::collection::vec(prop::collection::vec(0..NAMES.len(), 1..14), 1..4),
            lines in prop::collection::vec(
                (0usize..4, prop::collection::vec((0usize..30, 0..VALUES.len()), 14), 0..ENDS.len(), 0usize..400, 0usize..400),
                1..60,
            ),
        ) {
            let mut entries = Entries::default();
            for (order, values, end, cut, changed) in lines {
                let order = &orders[order % orders.len()];
                // Most values are plain.
                let values = values.into_iter().map(|(plain, value)| if plain > 2 { value % 8 } else { value });
                let mut line = entry(order.iter().copied().zip(values), ENDS[end]).into_bytes();
                // One of many is cut off, or broken.
                line.truncate(if cut < 50 { cut } else { line.len() });
                if let Some(byte) = line.get_mut(changed) {
                    *byte = b"\",:}\\"[changed % 5];
                }
                if let Some(read) = entries.read(&line) {
                    prop_assert_eq!(Some(read.line), line.split(|byte| *byte == b'\n').next());
                    let expected = scanned(read.line);
                    prop_assert_eq!(&read.event(), &expected);
                    if let Some(essence) = read.essence() {
                        let event = expected.unwrap();
                        prop_assert_eq!(essence.brief, event.brief());
                        prop_assert_eq!(essence.service, event.service.as_deref());
                        prop_assert_eq!(essence.message, &event.message[..]);
                    }
                }
            }
        }

        #[test]
        fn both_ways_to_read_agree(
            lines in prop::collection::vec(
                (prop::collection::vec((0usize..13, 0usize..8), 1..30), 0usize..4),
                1..9,
            ),
        ) {
            let (mut entries, mut others) = (Reader::default(), Reader::default());
            for (members, end) in lines {
                let line = entry(members, ENDS[end]);
                let read = entries.read(line.as_bytes());
                let other = others.read_bytewise(line.as_bytes());
                prop_assert_eq!(read, other);
                if let Some(line) = read {
                    let [read, other] = [&entries, &others].map(|reader| Entry { line, reader }.event());
                    prop_assert_eq!(read, other);
                }
            }
        }
    }

    #[test]
    fn what_journalctl_writes_is_read_here() {
        let entries = &mut Entries::default();
        for end in ["}", "}\n", "}\n{"] {
            let line = entry([(0, 9), (1, 3), (2, 0), (8, 2), (11, 8), (9, 16)], end);
            assert!(entries.read(line.as_bytes()).is_some());
        }
        let members = [(0, 0); 60].into_iter().enumerate();
        let other = members.map(|(number, _)| (if number == 0 { 0 } else { 3 }, 0));
        assert!(entries.read(entry(other, "}").as_bytes()).is_some());
        for line in [
            r#"{}"#,
            r#"{"A":"b" }"#,
            r#"{"A":7}"#,
            r#"{"MESSAGE":"a","MESSAGE":"b"}"#,
        ] {
            assert!(entries.read(line.as_bytes()).is_none(), "{line}");
        }
    }
}
