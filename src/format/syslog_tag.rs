//! The tag of a syslog line: the program it comes from and its pid.
//!
//! RFC 3164 describes what was seen in the wild and the wild went on, so the tag is read in all its
//! spellings: `name:`, `name[7]:`, `name(sub)[7]:`, `name [7]:`, `name 1.4.1:`, `[name][7]`, ...

use crate::event::Severity;
use crate::format::byte_set::ByteSet;
use crate::format::device;

/// The longest name that is taken for a program; longer ones are text without blanks.
const NAME_BYTES_MAX: usize = 128;

/// The longest content of brackets after a program's name.
const BRACKET_BYTES_MAX: usize = 64;

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

impl Tag<'_> {
    /// The level beside the tag, or within it where it is a mnemonic as `%LINK-3-UPDOWN`.
    pub fn stated_severity(self) -> Option<Severity> {
        self.severity.or_else(|| device::severity(self.service))
    }
}

/// Reads the tag that `text` begins with, if it does.
pub(super) fn tag(text: &[u8]) -> Option<Tag<'_>> {
    let text = text.strip_prefix(b"-- ").unwrap_or(text).trim_ascii_start();
    if text.starts_with(b"[") {
        return bracketed_tag(text);
    }
    let (mut service, mut rest) = text.split_at(name_length(text));
    // All of it are bytes of names.
    if service.len() > NAME_BYTES_MAX || !service.iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    if let Some((number, rest)) = pid_and_colon(rest) {
        return Some(Tag {
            service,
            pid: Some(number),
            severity: None,
            end: TagEnd::Colon,
            rest,
        });
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

/// What most tags end in, `[7]:`, and what follows it without blanks before.
fn pid_and_colon(text: &[u8]) -> Option<(u32, &[u8])> {
    const DIGITS_MAX: usize = 9;
    let content = text.strip_prefix(b"[")?;
    let mut number = 0;
    for (length, &byte) in content.iter().enumerate().take(DIGITS_MAX + 1) {
        let digit = byte.wrapping_sub(b'0');
        if digit >= 10 {
            let rest = content[length..].strip_prefix(b"]:")?;
            return (length > 0).then(|| (number, rest.trim_ascii_start()));
        }
        if length == DIGITS_MAX {
            return None;
        }
        number = number * 10 + u32::from(digit);
    }
    None
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
pub(super) fn worded_tag(text: &[u8]) -> Option<Tag<'_>> {
    let within = &text[..text.len().min(BRACKET_BYTES_MAX)];
    let length = within.iter().position(|&byte| byte == b'[')?;
    let service = &text[..length];
    let (content, after) = enclosed(&text[length..], b'[', b']')?;
    let capitalized = |word: &[u8]| word.first().is_some_and(u8::is_ascii_uppercase);
    let mut words = service.split(|&byte| byte == b' ');
    let is_tag = words.all(|word| capitalized(word) && is_name(word));
    let rest = after.strip_prefix(b":").filter(|_| is_tag)?;
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
    let mut depth = 1;
    for (length, &byte) in content.iter().take(BRACKET_BYTES_MAX).enumerate() {
        match byte {
            b' ' | b'\t' => return None,
            _ if byte == close => depth -= 1,
            _ if byte == open => depth += 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&content[..length], &content[length + 1..]));
        }
    }
    None
}

/// Whether a word may name a program.
fn is_name(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_alphabetic)
        && word.len() <= NAME_BYTES_MAX
        && word.iter().copied().all(is_name_byte)
}

fn name_length(text: &[u8]) -> usize {
    let within = &text[..text.len().min(NAME_BYTES_MAX + 1)];
    let length = within.iter().position(|&byte| !is_name_byte(byte));
    length.unwrap_or(within.len())
}

fn is_name_byte(byte: u8) -> bool {
    static IS_NAME_BYTE: ByteSet = ByteSet::alphanumeric_and(b"_-./@%+#$~\\*");
    IS_NAME_BYTE.contains(byte)
}

/// Digits that spell a number that fits, whatever they are.
pub(super) const DIGITS_FITTING: usize = 9;

/// A number that digits alone spell, if it fits.
pub(super) fn decimal(text: &[u8]) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    if text.len() <= DIGITS_FITTING {
        let number = text.iter().try_fold(0, |value, byte| {
            let digit = byte.wrapping_sub(b'0');
            (digit < 10).then_some(value * 10 + u32::from(digit))
        });
        return number;
    }
    text.iter().try_fold(0u32, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}
