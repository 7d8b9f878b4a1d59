//! What one log line says once its header is read: time, host, service, level, message.
//!
//! These are the words that every format speaks and every later stage hears. No parsing happens
//! here, and nothing here knows of patterns, files or output.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::ops::Range;

/// Text of a log line: bytes, not necessarily UTF-8, borrowed from the input block where possible.
pub type Text<'a> = Cow<'a, [u8]>;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
///
/// Finer digits of a stamp are cut, coarser ones are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Microseconds in a second.
    pub const MICROS: i64 = 1_000_000;

    /// The point `seconds` after the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Timestamp(seconds * Self::MICROS)
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(Self::MICROS)
    }
}

/// The eight severities of RFC 5424 section 6.2.1, loudest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Severity {
    /// The system is unusable.
    Emergency,
    /// Action must be taken at once.
    Alert,
    /// Critical conditions.
    Critical,
    /// Error conditions.
    Error,
    /// Warning conditions.
    Warning,
    /// Normal but significant.
    Notice,
    /// Informational.
    Info,
    /// For debugging.
    Debug,
}

impl Severity {
    /// All severities, loudest first; the index is the syslog number.
    pub const ALL: [Severity; 8] = [
        Severity::Emergency,
        Severity::Alert,
        Severity::Critical,
        Severity::Error,
        Severity::Warning,
        Severity::Notice,
        Severity::Info,
        Severity::Debug,
    ];

    /// The severity of a syslog number 0..=7, as the low three bits of a PRI hold it.
    pub const fn from_number(number: u8) -> Self {
        Self::ALL[(number & 7) as usize]
    }

    /// The word that names it in output, lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Emergency => "emergency",
            Severity::Alert => "alert",
            Severity::Critical => "critical",
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
            Severity::Info => "info",
            Severity::Debug => "debug",
        }
    }

    /// Reads a level word as loggers write it (`WARN`, `err`, `Fatal`, `I`, `trace`), any case.
    ///
    /// One-letter levels are only read in upper case. `None` for anything else.
    pub fn from_word(word: &[u8]) -> Option<Self> {
        let mut lower = [0u8; 13];
        if word.is_empty() || word.len() > lower.len() {
            return None;
        }
        // Two letters turn down nearly every word that is no level.
        if let [first, second, ..] = word
            && !matches!(
                [first.to_ascii_lowercase(), second.to_ascii_lowercase()],
                [b'e', b'm' | b'r']
                    | [b'p', b'a']
                    | [b'a', b'l']
                    | [b'c', b'r']
                    | [b'f', b'a' | b'i']
                    | [b's', b'e']
                    | [b'w', b'a' | b'r']
                    | [b'n', b'o']
                    | [b'i', b'n']
                    | [b'd', b'e' | b'b']
                    | [b't', b'r']
                    | [b'v', b'e']
            )
        {
            return None;
        }
        if let [letter] = word {
            return match letter {
                b'F' => Some(Severity::Critical),
                b'E' => Some(Severity::Error),
                b'W' => Some(Severity::Warning),
                b'N' => Some(Severity::Notice),
                b'I' => Some(Severity::Info),
                b'D' | b'T' | b'V' => Some(Severity::Debug),
                _ => None,
            };
        }
        for (to, from) in lower.iter_mut().zip(word) {
            *to = from.to_ascii_lowercase();
        }
        Some(match &lower[..word.len()] {
            b"emerg" | b"emergency" | b"panic" => Severity::Emergency,
            b"alert" => Severity::Alert,
            b"crit" | b"critical" | b"fatal" => Severity::Critical,
            b"err" | b"error" | b"severe" | b"eror" | b"failure" => Severity::Error,
            b"warn" | b"warning" | b"wrn" => Severity::Warning,
            b"notice" | b"note" | b"notify" => Severity::Notice,
            b"info" | b"inf" | b"information" | b"informational" => Severity::Info,
            b"debug" | b"dbg" | b"trace" | b"trc" | b"verbose" | b"fine" | b"finer" | b"finest" => {
                Severity::Debug
            }
            [b'd', b'e', b'b', b'u', b'g', b'0'..=b'9'] => Severity::Debug,
            _ => return None,
        })
    }
}

/// One event as its format reads it. Everything but the message may be unknown.
///
/// `service` is what the fingerprint counts as the origin: a program, a syslog tag, a unit without
/// its `.service`, an explicit service field. A logger or module name inside one program is
/// `component`: shown, but no part of the identity, since code moves between classes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event<'a> {
    /// When it happened; `None` when the line has no stamp or an impossible one.
    pub timestamp: Option<Timestamp>,
    /// The machine it happened on.
    pub host: Option<Text<'a>>,
    /// The program it came from, without pid.
    pub service: Option<Text<'a>>,
    /// The logger, class or source file inside the program.
    pub component: Option<Text<'a>>,
    /// The process id.
    pub pid: Option<u32>,
    /// The level that the header states; words of the message are judged elsewhere.
    pub severity: Option<Severity>,
    /// The syslog facility number, 0..=23.
    pub facility: Option<u8>,
    /// The text that is fingerprinted: the first line of the message, header removed.
    pub message: Text<'a>,
    /// Further lines of the message where the format carries them inside one input line (JSON).
    pub detail: Option<Text<'a>>,
    /// The message is a line without a header of its own, alone or behind a prefix: it may go on with
    /// the event before it.
    pub bare: bool,
    /// The lines that hold the event are fields of a store and no text to show: [`Event::shown`] is.
    pub stored: bool,
    /// What only monitoring systems and envelopes carry.
    pub origin: Option<Box<Origin>>,
}

/// What is counted of an event whose pattern is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brief<'a> {
    /// When it happened, if that is known.
    pub timestamp: Option<Timestamp>,
    /// The machine it happened on.
    pub host: Option<&'a [u8]>,
    /// The level that the header states.
    pub severity: Option<Severity>,
}

/// A part of a line, by its place in it.
///
/// Where it begins stands in the upper half of a number, and what is left from where it ends up to 65,535 in
/// the lower: one word, since parts are handed on for each line, and a processor waits where small writes
/// are read again as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part(NonZeroU32);

impl Part {
    /// The part of a range of bytes; `None` for one that reaches beyond 65,534 of them.
    #[inline]
    pub fn of(range: Range<usize>) -> Option<Self> {
        let start = u16::try_from(range.start).ok()?;
        let left = u16::MAX - u16::try_from(range.end).ok()?;
        NonZeroU32::new(u32::from(start) << 16 | u32::from(left))
            .filter(|_| left > 0)
            .map(Part)
    }

    /// The place of a text in the line that it was borrowed from.
    pub fn within(line: &[u8], text: &[u8]) -> Option<Self> {
        Self::at(line, text.as_ptr() as usize, text.len())
    }

    /// The place of a text of this address and length in a line; `None` where it is not in it.
    pub fn at(line: &[u8], address: usize, length: usize) -> Option<Self> {
        let start = address.checked_sub(line.as_ptr() as usize)?;
        let end = start.checked_add(length).filter(|&end| end <= line.len())?;
        Part::of(start..end)
    }

    /// Where it begins.
    #[inline]
    pub fn start(self) -> usize {
        self.0.get() as usize >> 16
    }

    /// Where it ends.
    #[inline]
    pub fn end(self) -> usize {
        usize::from(!(self.0.get() as u16))
    }

    /// The bytes at this place of a line, which must be as long as the one it is of.
    #[inline]
    pub fn of_line(self, line: &[u8]) -> &[u8] {
        &line[self.start()..self.end()]
    }
}

/// What a line says by its header alone, where nothing else is said of it but a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headed<'a> {
    /// The line.
    pub line: &'a [u8],
    /// See [`Event::timestamp`].
    pub timestamp: Option<Timestamp>,
    /// The place of what [`Event::host`] is.
    pub host: Option<Part>,
    /// The place of what [`Event::service`] is.
    pub service: Option<Part>,
    /// The place of what [`Event::message`] is: all that follows the header.
    pub message: Part,
}

impl<'a> Headed<'a> {
    /// See [`Event::host`].
    #[inline]
    pub fn host(&self) -> Option<&'a [u8]> {
        self.host.map(|part| part.of_line(self.line))
    }

    /// See [`Event::service`].
    #[inline]
    pub fn service(&self) -> Option<&'a [u8]> {
        self.service.map(|part| part.of_line(self.line))
    }

    /// See [`Event::message`].
    #[inline]
    pub fn message(&self) -> &'a [u8] {
        self.message.of_line(self.line)
    }

    /// What is counted of it beyond its pattern.
    #[inline]
    pub fn brief(&self) -> Brief<'a> {
        Brief {
            timestamp: self.timestamp,
            host: self.host(),
            severity: None,
        }
    }
}

impl Event<'_> {
    /// What is counted of it beyond its pattern.
    pub fn brief(&self) -> Brief<'_> {
        Brief {
            timestamp: self.timestamp,
            host: self.host.as_deref(),
            severity: self.severity,
        }
    }

    /// The event as a line of a log, for those whose own lines are fields: `host service[pid]: message`
    /// and the further lines of the message. Appended to `out`.
    pub fn shown(&self, out: &mut Vec<u8>) {
        if let Some(host) = &self.host {
            out.extend_from_slice(host);
            out.push(b' ');
        }
        if let Some(service) = &self.service {
            out.extend_from_slice(service);
            if let Some(pid) = self.pid {
                out.extend_from_slice(format!("[{pid}]").as_bytes());
            }
            out.extend_from_slice(b": ");
        }
        out.extend_from_slice(&self.message);
        if let Some(detail) = &self.detail {
            out.push(b'\n');
            out.extend_from_slice(detail);
        }
    }
}

/// The fields of alerts and envelopes that pass through to the item's metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Whose log it is, where one installation serves several customers.
    pub tenant_id: Option<String>,
    /// What kind of source sent it, as the envelope says.
    pub source_type: Option<String>,
    /// The rest by name, in the order of the source: `alert_id`, `resource_id`, `asset_id`, ...
    pub fields: Vec<(String, String)>,
}

/// The keyword of a syslog facility number (RFC 5424 section 6.2.1), if it is one.
pub fn facility_name(number: u8) -> Option<&'static str> {
    const NAMES: [&str; 24] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
        "authpriv", "ftp", "ntp", "audit", "console", "cron2", "local0", "local1", "local2",
        "local3", "local4", "local5", "local6", "local7",
    ];
    NAMES.get(number as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_words_are_read_in_any_case_and_letters_only_in_upper_case() {
        assert_eq!(Severity::from_word(b"WARNING"), Some(Severity::Warning));
        assert_eq!(Severity::from_word(b"Fatal"), Some(Severity::Critical));
        assert_eq!(Severity::from_word(b"E"), Some(Severity::Error));
        assert_eq!(Severity::from_word(b"e"), None);
        assert_eq!(Severity::from_word(b"errors"), None);
        assert_eq!(Severity::from_word(b"a word that is far too long"), None);
    }

    #[test]
    fn seconds_round_towards_the_past_before_the_epoch() {
        assert_eq!(Timestamp(-1).seconds(), -1);
        assert_eq!(Timestamp::from_seconds(-2).seconds(), -2);
    }
}
