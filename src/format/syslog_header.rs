//! The pieces that all syslog-like lines share: the priority before the stamp, host and tag after it.
//!
//! What makes a line one of a certain format is decided by the formats; how tags are spelled, by
//! `syslog_tag`.

use std::borrow::Cow;

use crate::event::{Event, Severity, facility_name};
use crate::format::byte_set::ByteSet;
use crate::format::notes::Notes;
use crate::format::syslog_tag::{Tag, TagEnd, decimal, tag, worded_tag};

/// The longest name that is taken for a host, as DNS has it.
const HOST_BYTES_MAX: usize = 255;

/// The largest priority: facility 23, severity 7.
const PRIORITY_MAX: u32 = 191;

/// Whether a text tells of repetitions as syslogd does, without a tag and sometimes without a host.
pub(super) fn is_repetition(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"--- ").unwrap_or(text);
    text.starts_with(b"last message repeated ")
}

/// What stands between the stamp and the message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Header<'a> {
    /// The first word, unless it is the tag.
    pub host: Option<&'a [u8]>,
    /// The program.
    pub tag: Option<Tag<'a>>,
    /// A level word in place of the host.
    pub severity: Option<Severity>,
    /// What follows host and tag.
    pub message: &'a [u8],
}

impl<'a> Header<'a> {
    /// Takes the tag that the message begins with, if it does.
    fn take_tag(&mut self, notes: &Notes) {
        let (host, text) = (self.host, self.message);
        let other = || worded_tag(text).or_else(|| relayed_tag(host?, text, notes));
        if let Some(tag) = tag(text).or_else(other) {
            self.tag = Some(tag);
            self.message = tag.rest;
        }
    }

    fn tagged(self, tag: Tag<'a>) -> Self {
        Header {
            tag: Some(tag),
            message: tag.rest,
            ..self
        }
    }

    /// The event of this header; the host of the line is the caller's to complete.
    pub fn into_event(self) -> Event<'a> {
        let service = self.tag.map_or(&b""[..], |tag| tag.service);
        let message = &self.message[uptime_length(service, self.message)..];
        let mut event = Event {
            host: self.host.map(Cow::Borrowed),
            service: self.tag.map(|tag| Cow::Borrowed(tag.service)),
            pid: self.tag.and_then(|tag| tag.pid),
            severity: self.tag.and_then(Tag::stated_severity).or(self.severity),
            message: Cow::Borrowed(message.trim_ascii_end()),
            ..Event::default()
        };
        if let Some((priority, rest)) = message_id(message) {
            priority.apply(&mut event);
            event.message = Cow::Borrowed(rest);
        }
        event
    }
}

/// Facility and severity of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Priority {
    facility: u8,
    severity: Severity,
}

impl Priority {
    /// Completes an event; a severity nearer to the message stands.
    pub fn apply(self, event: &mut Event<'_>) {
        event.facility = event.facility.or(Some(self.facility));
        event.severity = event.severity.or(Some(self.severity));
    }

    /// Reads `facility.level`, as BSD and Solaris write it.
    fn from_words(text: &[u8]) -> Option<Self> {
        let dot = memchr::memchr(b'.', text)?;
        let (facility, level) = (&text[..dot], &text[dot + 1..]);
        let known = (0..24)
            .find(|&number| facility_name(number).is_some_and(|name| name.as_bytes() == facility));
        Some(Priority {
            facility: known?,
            severity: Severity::from_word(level)?,
        })
    }
}

/// Reads `<34>` or `<mail.notice>` and gives what follows it.
pub(super) fn priority(text: &[u8]) -> Option<(Priority, &[u8])> {
    let content = text.strip_prefix(b"<")?;
    let end = content.iter().take(20).position(|&byte| byte == b'>')?;
    let (content, rest) = (&content[..end], &content[end + 1..]);
    if !content.first()?.is_ascii_digit() {
        return Some((Priority::from_words(content)?, rest));
    }
    let number = decimal(content).filter(|&number| end <= 3 && number <= PRIORITY_MAX)?;
    let priority = Priority {
        facility: (number / 8) as u8,
        severity: Severity::from_number((number % 8) as u8),
    };
    Some((priority, rest))
}

/// Reads what follows the stamp: `host tag: message` with any part but the message missing. Where digits
/// decide, that is noted.
pub(super) fn header<'a>(text: &'a [u8], notes: &Notes) -> Header<'a> {
    let text = text.trim_ascii_start();
    let message = Header {
        message: text,
        ..Header::default()
    };
    if let Some((host, rest)) = plain_host(text) {
        let mut header = Header {
            host: Some(host),
            message: rest,
            ..message
        };
        header.take_tag(notes);
        return header;
    }
    if is_repetition(text) {
        return message;
    }
    if let Some(tag) = tag(text).filter(|tag| tag.end < TagEnd::Nothing) {
        return message.tagged(tag);
    }
    let (word, rest) = split_word(text);
    let bare = word.strip_suffix(b":").unwrap_or(word);
    if let Some(severity) = Severity::from_word(bare) {
        let level = Header {
            severity: Some(severity),
            message: rest,
            ..message
        };
        return match tag(rest).filter(|tag| tag.end < TagEnd::Nothing) {
            Some(tag) => level.tagged(tag),
            None => level,
        };
    }
    if !is_host(bare) {
        return message;
    }
    let rest = rest.strip_prefix(b": ").unwrap_or(rest);
    let mut header = Header {
        host: Some(bare),
        message: rest,
        ..message
    };
    header.take_tag(notes);
    header
}

/// The host that most headers begin with, and what follows it: a word that cannot be anything else.
///
/// It has nothing that a tag is told by, neither in it nor behind it, so that the questions which
/// [`header`] asks first would all be answered with no.
fn plain_host(text: &[u8]) -> Option<(&[u8], &[u8])> {
    static WORD_BYTES: ByteSet = ByteSet::alphanumeric_and(b"-.");
    const WORD_BYTES_MAX: usize = 64;
    let within = &text[..text.len().min(WORD_BYTES_MAX)];
    let length = within.iter().position(|&byte| !WORD_BYTES.contains(byte))?;
    let (word, rest) = text.split_at(length);
    let [b' ', next, ..] = rest else { return None };
    let is_plain = word.first()?.is_ascii_alphanumeric()
        && word.last()?.is_ascii_alphanumeric()
        && next.is_ascii_alphabetic()
        && word != b"last"
        && Severity::from_word(word).is_none();
    is_plain.then(|| (word, &rest[1..]))
}

/// The tag after a second host, where a relay has put its own name, or the sender's, in front.
fn relayed_tag<'a>(host: &[u8], text: &'a [u8], notes: &Notes) -> Option<Tag<'a>> {
    let (second, rest) = split_word(text);
    let tag = tag(rest).filter(|tag| tag.end == TagEnd::Colon && is_host(second))?;
    if second.contains(&b'.') || tag.pid.is_some() {
        return Some(tag);
    }
    // Words of one length may be the same with other digits, or no more.
    let has_digits = |word: &[u8]| word.iter().any(u8::is_ascii_digit);
    if second.len() == host.len() && has_digits(second) && has_digits(host) {
        notes.digits_decide();
    }
    (second == host).then_some(tag)
}

/// The first word, and what follows it without blanks before it.
pub(super) fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace);
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (word, rest.trim_ascii_start())
}

/// Whether a word may name a machine: a name, a domain or an address.
pub(super) fn is_host(word: &[u8]) -> bool {
    static HOST_BYTES: ByteSet = ByteSet::alphanumeric_and(b"-._:/@%");
    let (Some(first), Some(last)) = (word.first(), word.last()) else {
        return false;
    };
    (first.is_ascii_alphanumeric() || matches!(first, b'_' | b':'))
        && (last.is_ascii_alphanumeric() || matches!(last, b':' | b'.' | b'_'))
        && word.len() <= HOST_BYTES_MAX
        && word.iter().all(|&byte| HOST_BYTES.contains(byte))
}

/// Length of the seconds since boot, `[  970.699396] `, before a message of the kernel; 0 for others.
pub(super) fn uptime_length(service: &[u8], message: &[u8]) -> usize {
    if service != b"kernel" {
        return 0;
    }
    let after = monotonic(message).map(|rest| rest.strip_prefix(b":").unwrap_or(rest));
    after.map_or(0, |rest| message.len() - rest.trim_ascii_start().len())
}

/// What follows `[  970.699396]` at the start.
pub(super) fn monotonic(text: &[u8]) -> Option<&[u8]> {
    let content = text.strip_prefix(b"[")?.trim_ascii_start();
    let end = content.iter().take(20).position(|&byte| byte == b']')?;
    let dot = content[..end].iter().position(|&byte| byte == b'.')?;
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    (digits(&content[..dot]) && digits(&content[dot + 1..end])).then(|| &content[end + 1..])
}

/// The priority in `[ID 800047 auth.info]`, which Solaris puts before each message, and what follows.
fn message_id(message: &[u8]) -> Option<(Priority, &[u8])> {
    let content = message.strip_prefix(b"[ID ")?;
    let end = content.iter().take(40).position(|&byte| byte == b']')?;
    let (number, words) = split_word(&content[..end]);
    decimal(number)?;
    let rest = content[end + 1..].trim_ascii_start();
    Some((Priority::from_words(words)?, rest))
}
