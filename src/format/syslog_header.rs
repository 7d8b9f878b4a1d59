//! The pieces that all syslog-like lines share: the priority before the stamp, host and tag after it.
//!
//! RFC 3164 describes what was seen in the wild and the wild went on, so the tag is read in all its
//! spellings: `name:`, `name[7]:`, `name(sub)[7]:`, `name [7]:`, `name 1.4.1:`, `[name][7]`, ...
//! What makes a line one of a certain format is decided by the formats.

use std::borrow::Cow;

use crate::event::{Event, Severity, facility_name};

/// The longest name that is taken for a host or a program; longer ones are text without blanks.
const NAME_BYTES_MAX: usize = 255;

/// The longest content of brackets after a program's name.
const BRACKET_BYTES_MAX: usize = 64;

/// The largest priority: facility 23, severity 7.
const PRIORITY_MAX: u32 = 191;

/// Whether a text tells of repetitions as syslogd does, without a tag and sometimes without a host.
pub(super) fn is_repetition(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"--- ").unwrap_or(text);
    text.starts_with(b"last message repeated ")
}

/// A program's name as a line spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// The program, a sub-system in parentheses included.
    pub service: &'a [u8],
    /// The process id.
    pub pid: Option<u32>,
    /// A level between the tag and its colon, as ASL prints it.
    pub severity: Option<Severity>,
    /// What shows that it is a tag.
    pub end: TagEnd,
    /// What follows, without blanks before it.
    pub rest: &'a [u8],
}

/// What shows that a word is a tag, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TagEnd {
    /// A colon, with or without a pid before it.
    Colon,
    /// A pid alone, or brackets around the name.
    Bracket,
    /// Nothing but that it is spelled like an identifier.
    Nothing,
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
    /// The event of this header; the host of the line is the caller's to complete.
    pub fn into_event(self) -> Event<'a> {
        let is_kernel = self.tag.is_some_and(|tag| tag.service == b"kernel");
        let message = match is_kernel {
            true => without_monotonic(self.message),
            false => self.message,
        };
        let mut event = Event {
            host: self.host.map(Cow::Borrowed),
            service: self.tag.map(|tag| Cow::Borrowed(tag.service)),
            pid: self.tag.and_then(|tag| tag.pid),
            severity: self.tag.and_then(Tag::severity).or(self.severity),
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

impl Tag<'_> {
    /// The level beside the tag, or within it where it is a mnemonic as `%LINK-3-UPDOWN`.
    fn severity(self) -> Option<Severity> {
        let within = || {
            let mut parts = self.service.strip_prefix(b"%")?.split(|&byte| byte == b'-');
            let [digit @ b'0'..=b'7'] = parts.nth(1)? else {
                return None;
            };
            Some(Severity::from_number(digit - b'0'))
        };
        self.severity.or_else(within)
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

/// Reads what follows the stamp: `host tag: message` with any part but the message missing.
pub(super) fn header(text: &[u8]) -> Header<'_> {
    let text = text.trim_ascii_start();
    let message = Header {
        message: text,
        ..Header::default()
    };
    if is_repetition(text) {
        return message;
    }
    if let Some(tag) = tag(text).filter(|tag| tag.end < TagEnd::Nothing) {
        return tagged(message, tag);
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
            Some(tag) => tagged(level, tag),
            None => level,
        };
    }
    if !is_host(bare) {
        return message;
    }
    let rest = rest.strip_prefix(b": ").unwrap_or(rest);
    let host = Header {
        host: Some(bare),
        message: rest,
        ..message
    };
    let tag = tag(rest)
        .or_else(|| relayed_tag(bare, rest))
        .or_else(|| worded_tag(rest));
    match tag {
        Some(tag) => tagged(host, tag),
        None => host,
    }
}

fn tagged<'a>(header: Header<'a>, tag: Tag<'a>) -> Header<'a> {
    Header {
        tag: Some(tag),
        message: tag.rest,
        ..header
    }
}

/// The tag after a second host, where a relay has put its own name, or the sender's, in front.
fn relayed_tag<'a>(host: &[u8], text: &'a [u8]) -> Option<Tag<'a>> {
    let (second, rest) = split_word(text);
    let tag = tag(rest).filter(|tag| tag.end == TagEnd::Colon)?;
    let repeated = second == host || second.contains(&b'.') || tag.pid.is_some();
    (is_host(second) && repeated).then_some(tag)
}

/// Reads the tag that `text` begins with, if it does.
pub(super) fn tag(text: &[u8]) -> Option<Tag<'_>> {
    let text = text.strip_prefix(b"-- ").unwrap_or(text).trim_ascii_start();
    if text.starts_with(b"[") {
        return bracketed_tag(text);
    }
    let (mut service, mut rest) = text.split_at(name_length(text));
    if !is_name(service) {
        return None;
    }
    let mut pid = None;
    if let Some((sub, after)) = enclosed(rest, b'(', b')') {
        match decimal(sub) {
            Some(number) => pid = Some(number),
            None => service = &text[..service.len() + sub.len() + 2],
        }
        rest = after;
    }
    if let Some((content, after)) = enclosed(rest, b'[', b']') {
        return bracket_tag(service, content, after);
    }
    if let Some(after) = colon(rest) {
        let tag = Tag {
            service,
            pid,
            severity: None,
            end: TagEnd::Colon,
            rest: after,
        };
        // `error: ...` is a level and no program.
        return (pid.is_some() || Severity::from_word(service).is_none()).then_some(tag);
    }
    spaced_tag(service, rest).or_else(|| bare_tag(service, rest))
}

/// The tag whose name `[content]` follows: a pid, or with a colon after it anything.
fn bracket_tag<'a>(service: &'a [u8], content: &[u8], after: &'a [u8]) -> Option<Tag<'a>> {
    let pid = decimal(content);
    let mut tag = Tag {
        service,
        pid,
        severity: None,
        end: TagEnd::Colon,
        rest: after,
    };
    if let Some(rest) = after.strip_prefix(b":") {
        tag.rest = rest.trim_ascii_start();
        return Some(tag);
    }
    pid?;
    let blank = after.strip_prefix(b" ").unwrap_or(after);
    if let Some((level, after)) = enclosed(blank, b'<', b'>')
        && let (Some(severity), Some(rest)) = (Severity::from_word(level), colon(after))
    {
        (tag.severity, tag.rest) = (Some(severity), rest);
    } else if let Some((_, after)) = enclosed(blank, b'(', b')')
        && let Some(rest) = colon(after)
    {
        tag.rest = rest;
    } else if after.first().is_none_or(u8::is_ascii_whitespace) {
        (tag.end, tag.rest) = (TagEnd::Bracket, after.trim_ascii_start());
    } else {
        return None;
    }
    Some(tag)
}

/// `[name]` or `[name][7]`, with or without a colon.
fn bracketed_tag(text: &[u8]) -> Option<Tag<'_>> {
    let (service, mut rest) = enclosed(text, b'[', b']')?;
    if !is_name(service) || Severity::from_word(service).is_some() {
        return None;
    }
    let mut pid = None;
    if let Some((content, after)) = enclosed(rest, b'[', b']') {
        (pid, rest) = (Some(decimal(content)?), after);
    }
    let after = rest.strip_prefix(b":").unwrap_or(rest);
    after
        .first()
        .is_none_or(u8::is_ascii_whitespace)
        .then(|| Tag {
            service,
            pid,
            severity: None,
            end: TagEnd::Bracket,
            rest: after.trim_ascii_start(),
        })
}

/// Tags with a blank before the pid or a version: `name [7]:`, `name 1.4.1:`.
fn spaced_tag<'a>(service: &'a [u8], rest: &'a [u8]) -> Option<Tag<'a>> {
    let after = rest.strip_prefix(b" ")?;
    let (pid, rest) = match enclosed(after, b'[', b']') {
        Some((content, after)) => (Some(decimal(content)?), colon(after)?),
        None => {
            let is_version = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
            let length = after.iter().take(20).take_while(is_version).count();
            after[..length].contains(&b'.').then_some(())?;
            (None, colon(&after[length..])?)
        }
    };
    Some(Tag {
        service,
        pid,
        severity: None,
        end: TagEnd::Colon,
        rest,
    })
}

/// A name of several words, as desktop programs have: `Photo Manager[7]:`.
fn worded_tag(text: &[u8]) -> Option<Tag<'_>> {
    if !text.first()?.is_ascii_uppercase() {
        return None;
    }
    let within = &text[..text.len().min(BRACKET_BYTES_MAX)];
    let length = within.iter().position(|&byte| byte == b'[')?;
    let service = &text[..length];
    let (content, after) = enclosed(&text[length..], b'[', b']')?;
    let name_byte = |&byte: &u8| byte == b' ' || is_name_byte(byte);
    let is_name = service.iter().all(name_byte) && !service.ends_with(b" ");
    let rest = after.strip_prefix(b":").filter(|_| is_name)?;
    Some(Tag {
        service,
        pid: Some(decimal(content)?),
        severity: None,
        end: TagEnd::Colon,
        rest: rest.trim_ascii_start(),
    })
}

/// A first word that is spelled as only programs are: lower case with an underscore inside.
fn bare_tag<'a>(service: &'a [u8], rest: &'a [u8]) -> Option<Tag<'a>> {
    let identifier = |&byte: &u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b'.');
    let is_tag = rest.starts_with(b" ")
        && service.iter().all(identifier)
        && service
            .strip_prefix(b"_")
            .unwrap_or(service)
            .contains(&b'_');
    is_tag.then(|| Tag {
        service,
        pid: None,
        severity: None,
        end: TagEnd::Nothing,
        rest: rest.trim_ascii_start(),
    })
}

/// What follows a colon that ends a tag; colons within `a:b` and `a://b` do not.
fn colon(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b":")?;
    match rest.first() {
        None | Some(b' ' | b'\t' | b'[') => Some(rest.trim_ascii_start()),
        Some(_) => None,
    }
}

/// The content of a short pair of brackets at the start, without blanks inside, and what follows.
fn enclosed(text: &[u8], open: u8, close: u8) -> Option<(&[u8], &[u8])> {
    let (first, content) = text.split_first()?;
    if *first != open {
        return None;
    }
    let within = content.iter().take(BRACKET_BYTES_MAX);
    let mut length = 0;
    let mut depth = 1;
    for &byte in within {
        match byte {
            b' ' | b'\t' => return None,
            _ if byte == close => depth -= 1,
            _ if byte == open => depth += 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&content[..length], &content[length + 1..]));
        }
        length += 1;
    }
    None
}

/// The first word, and what follows it without blanks before it.
pub(super) fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace);
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (word, rest.trim_ascii_start())
}

/// Whether a word may name a machine: a name, a domain or an address, and not a level.
pub(super) fn is_host(word: &[u8]) -> bool {
    let host_byte = |&byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b':' | b'/' | b'@' | b'%')
    };
    let (Some(first), Some(last)) = (word.first(), word.last()) else {
        return false;
    };
    (first.is_ascii_alphanumeric() || matches!(first, b'_' | b':'))
        && (last.is_ascii_alphanumeric() || matches!(last, b':' | b'.' | b'_'))
        && word.len() <= NAME_BYTES_MAX
        && word.iter().all(host_byte)
        && Severity::from_word(word).is_none()
}

/// Whether a word may name a program.
fn is_name(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_alphabetic)
        && word.len() <= NAME_BYTES_MAX
        && word.iter().copied().all(is_name_byte)
}

fn name_length(text: &[u8]) -> usize {
    let within = text.iter().take(NAME_BYTES_MAX + 1);
    within.take_while(|&&byte| is_name_byte(byte)).count()
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'_' | b'-' | b'.' | b'/' | b'@' | b'%' | b'+' | b'#' | b'$' | b'~' | b'\\' | b'*'
        )
}

/// The message of the kernel without the seconds since boot: `[  970.699396] `.
fn without_monotonic(message: &[u8]) -> &[u8] {
    monotonic(message).map_or(message, |rest| {
        rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start()
    })
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

/// A number that digits alone spell, if it fits.
pub(super) fn decimal(text: &[u8]) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0u32, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}
