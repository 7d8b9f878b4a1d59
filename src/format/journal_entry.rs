//! Entries of the journal as `journalctl -o json` writes nearly all: objects of one line, without
//! blanks, whose values are strings.
//!
//! The quotes of a line are looked at once, and then only every fourth, which ends a value. A value is
//! where it is only if what stands between it and the one before is a comma and a key as it is known,
//! so that what is read here is what `json`'s scanner reads; lines that are written otherwise are left
//! to that. Of the values only their ends are kept: where one begins is asked for few of them.

use super::journal_fields::{Field, JournalFields, instant, severity, without_suffix};
use super::journal_keys::{Bytes, Keys, quotes};
use super::journal_shape::Shape;
use super::json_quotes::{self, Ends, Kind, Marks, Quotes, Stretch, VALUES_MAX, Way};
use super::json_values::unescaped;
use super::syslog_header::uptime_length;
use crate::event::{Brief, Event, Text};
use std::borrow::Cow;

/// The fields of which each stored entry has one.
const STORED: u32 = {
    let fields = [Field::Mark, Field::ReceiveTime, Field::Host];
    1 << fields[0] as u32 | 1 << fields[1] as u32 | 1 << fields[2] as u32
};

/// Reads entries, each as what those before it lead to expect, from the second line on: many readers are
/// asked for one line alone, and making room for what is expected takes longer than reading that.
#[derive(Debug, Clone, Default)]
pub(super) struct Entries {
    reader: Option<Box<Reader>>,
    was_asked: bool,
}

#[derive(Debug, Clone)]
struct Reader {
    way: Way,
    keys: Keys,
    quotes: Quotes,
    /// Of the last entry with so many values.
    shapes: Box<[Shape; 1 + VALUES_MAX]>,
}

impl Default for Reader {
    fn default() -> Self {
        Reader {
            way: Way::default(),
            keys: Keys::default(),
            quotes: Quotes::default(),
            shapes: Box::new(std::array::from_fn(|_| Shape::default())),
        }
    }
}

/// An entry: where its values are in its line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'r, 'a> {
    /// The line without its newline; all of it is visible.
    pub line: &'a [u8],
    shape: &'r Shape,
    /// Where its values end.
    ends: &'r [u16],
    /// A bit for each stretch that has a backslash.
    escapes: u64,
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
        if !std::mem::replace(&mut self.was_asked, true) {
            return None;
        }
        let reader = self.reader.get_or_insert_default();
        let line = reader.read(text)?;
        reader.entry(line)
    }
}

impl Reader {
    /// The entry of the line that was read last.
    #[inline(always)]
    fn entry<'r, 'a>(&'r self, line: &'a [u8]) -> Option<Entry<'r, 'a>> {
        Some(Entry {
            line,
            shape: self.shapes.get(self.quotes.values())?,
            ends: self.quotes.ends(),
            escapes: self.quotes.escapes,
        })
    }

    #[inline]
    fn read<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        // Sound because the way is the best that the processor has, and the features that the function
        // for it is compiled for were found then; they are ordinary safe functions in all other respects.
        // With `read_portably` instead, a journal takes three fifths more time in all; with the narrower
        // lanes a thirtieth more than with the wide ones.
        #[allow(unsafe_code)]
        match self.way.kind() {
            #[cfg(target_arch = "x86_64")]
            Kind::WideLanes => unsafe { self.read_by_wide_lanes(text) },
            #[cfg(target_arch = "x86_64")]
            Kind::Lanes => unsafe { self.read_by_lanes(text) },
            _ => self.read_portably(text),
        }
    }

    /// The same on any processor.
    fn read_portably<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        use json_quotes::{controls, ends, marks};
        self.read_with(text, marks, controls, ends, quotes)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn read_by_lanes<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        use json_quotes::lanes;
        self.read_with(
            text,
            |stretch| lanes::marks(stretch),
            |stretch| lanes::controls(stretch),
            |room, start, quotes, others| lanes::ends(room, start, quotes, others),
            |bytes| lanes::quotes(bytes),
        )
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi1,bmi2,popcnt")]
    fn read_by_wide_lanes<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        use json_quotes::{lanes, wide_lanes};
        self.read_with(
            text,
            |stretch| wide_lanes::marks(stretch),
            |stretch| wide_lanes::controls(stretch),
            |room, start, quotes, others| wide_lanes::ends(room, start, quotes, others),
            |bytes| lanes::quotes(bytes),
        )
    }

    #[inline(always)]
    fn read_with<'a>(
        &mut self,
        text: &'a [u8],
        marks: impl Fn(&Stretch) -> Marks,
        controls: impl Fn(&Stretch) -> u64,
        write_ends: impl Fn(&mut Ends, u16, u64, usize),
        quotes: impl Fn(&Bytes) -> u32,
    ) -> Option<&'a [u8]> {
        self.quotes.look(text, marks, controls, write_ends)?;
        let (ends, keys) = (self.quotes.ends(), &mut self.keys);
        let behind = ends.last()?.wrapping_add(1);
        let line = &text[..self.quotes.length];
        if line.get(usize::from(behind)..) != Some(b"}") {
            return None;
        }
        let shape = self.shapes.get_mut(self.quotes.values())?;
        if !shape.is_of(text, ends, keys) {
            shape.learn(ends, |at| match keys.known(text, at, &quotes) {
                None => keys.met(text, at),
                known => known,
            })?;
        }
        shape.is_once().then_some(line)
    }
}

impl<'a> Entry<'_, 'a> {
    /// The value of a field as it stands, and whether it may have escapes.
    #[inline(always)]
    fn value(&self, field: Field) -> Option<(&'a [u8], bool)> {
        if !self.shape.has(field) {
            return None;
        }
        let (start, end) = self.shape.place(field, self.ends);
        let (first, last) = (start / 64 % 64, end / 64 % 64);
        let may_have_escapes = self.escapes & u64::MAX << first & u64::MAX >> (63 - last) != 0;
        Some((&self.line[start..end], may_have_escapes))
    }

    /// The value of a field that is text as it stands; `None` where it has escapes.
    #[inline(always)]
    fn plain(&self, field: Field) -> Option<Option<&'a [u8]>> {
        match self.value(field) {
            Some((value, true)) if memchr::memchr(b'\\', value).is_some() => None,
            Some((value, _)) => Some(Some(value)),
            None => Some(None),
        }
    }

    /// The same of a name, which is none where it is empty.
    #[inline(always)]
    fn name(&self, field: Field) -> Option<Option<&'a [u8]>> {
        Some(self.plain(field)?.filter(|name| !name.is_empty()))
    }

    /// The value of a field that is there, as the text that it is.
    fn text(&self, field: Field) -> Option<Text<'a>> {
        Some(match self.value(field)? {
            (value, true) => unescaped(value),
            (value, false) => Cow::Borrowed(value),
        })
    }

    /// The event; `None` where it is no entry of the journal.
    pub fn event(&self) -> Option<Event<'a>> {
        let mut fields = JournalFields::default();
        for field in Field::ALL {
            if self.shape.has(field) {
                fields.set_of(Some(field), || self.text(field));
            }
        }
        fields.into_event()
    }

    /// What counts of the event, where it can be told without making it.
    #[inline(always)]
    pub fn essence(&self) -> Option<Essence<'a>> {
        let identifier = self.name(Field::Identifier)?;
        let mut service = identifier;
        if service.is_none() {
            service = self.name(Field::Command)?;
        }
        if service.is_none() {
            let unit = self.name(Field::Unit)?.map(without_suffix);
            service = unit.filter(|name| !name.is_empty());
        }
        let severity = self.plain(Field::Priority)?.and_then(severity);
        let timestamp = match self.plain(Field::SourceTime)?.and_then(instant) {
            None => self.plain(Field::ReceiveTime)?.and_then(instant),
            time => time,
        };
        let message = self.plain(Field::Message)?.map(<[u8]>::trim_ascii)?;
        let uptime = uptime_length(service.unwrap_or_default(), message);
        let is_entry = self.shape.has_any(STORED) || severity.is_some() || identifier.is_some();
        let brief = Brief {
            timestamp,
            host: self.name(Field::Host)?,
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

    fn asked_once() -> Entries {
        Entries {
            was_asked: true,
            ..Entries::default()
        }
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
                let other = others.read_portably(line.as_bytes());
                prop_assert_eq!(read, other);
                let event = |reader: &Reader| reader.entry(read?)?.event();
                prop_assert_eq!(event(&entries), event(&others));
            }
        }
    }

    #[test]
    fn of_more_keys_than_are_kept_all_are_read() {
        let mut entries = asked_once();
        for round in 0..2 {
            for number in 0..400 {
                let known = r#""_HOSTNAME":"h","_PID":"7","_SYSTEMD_UNIT":"pump.service""#;
                let line = format!(
                    r#"{{"X{number}":"1","LAST{number}_KEY":"2",{known},"PRIORITY":"3","MESSAGE":"{round}"}}"#
                );
                let read = entries.read(line.as_bytes()).map(|entry| entry.event());
                assert_eq!(read, Some(scanned(line.as_bytes())));
            }
        }
    }

    #[test]
    fn what_journalctl_writes_is_read_here() {
        let entries = &mut asked_once();
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
