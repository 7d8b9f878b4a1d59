//! The header grammar for what no named format knows: stamp, level, pid, bracket groups, logger.
//!
//! Headers of applications differ in order and punctuation but are made of few elements. This
//! grammar reads elements from the start of the line, each in any order and bounded in number, and
//! stops at prose. A line is only taken when it has a stamp or a level; what looks like an element
//! in plain text is left alone. It knows no product: an element is told by its form and by what
//! stands beside it.

use super::header::{self, Cursor};
use super::syslog_tag::{TagEnd, decimal};
use super::{Context, Format, stamp, syslog_header};
use crate::event::{Event, Severity};
use std::borrow::Cow;

/// Elements that one header has at most.
const ELEMENTS_MAX: usize = 24;
/// Words that may stand between a stamp and a level that ends the header.
const WORDS_BEFORE_LEVEL_MAX: usize = 6;
/// Stamps that are read in one header; some formats repeat them.
const STAMPS_MAX: usize = 3;

mod leading;
mod name;

/// The generic header grammar.
pub struct Generic;

impl Format for Generic {
    fn name(&self) -> &'static str {
        "generic"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let mut header = Header::new(line, context);
        header.leading();
        for _ in 0..ELEMENTS_MAX {
            if header.complete {
                break;
            }
            header.separators();
            if header.at.is_at_end() || !header.element() {
                break;
            }
        }
        header.finish()
    }
}

/// What is read so far, and how it may go on.
struct Header<'a, 'c> {
    at: Cursor<'a>,
    context: &'c Context,
    event: Event<'a>,
    stamps: usize,
    level: Option<Severity>,
    /// The level was a single letter: a tag follows.
    letter_level: bool,
    /// Blanks are used as columns: the level was followed by two or more, or by a tab.
    padded: bool,
    /// Fields are parted by `|`.
    piped: bool,
    /// A logger or tag was read: no second one follows.
    named: bool,
    /// The header of another format was read to its end.
    complete: bool,
    /// Start of the last bracket group, taken back when nothing follows it.
    last_group: Option<usize>,
    /// The stamp that the line begins with, until it is taken.
    first_stamp: Option<stamp::Stamp>,
    /// Where a word of prose ended the search for a level; nearer words need not be searched again.
    prose_at: Option<usize>,
}

impl<'a, 'c> Header<'a, 'c> {
    fn new(line: &'a [u8], context: &'c Context) -> Self {
        Header {
            at: Cursor::new(line),
            context,
            event: Event::default(),
            stamps: 0,
            level: None,
            letter_level: false,
            padded: false,
            piped: false,
            named: false,
            complete: false,
            last_group: None,
            first_stamp: None,
            prose_at: None,
        }
    }

    fn begun(&self) -> bool {
        self.stamps > 0 || self.level.is_some()
    }

    fn finish(mut self) -> Option<Event<'a>> {
        if !self.begun() {
            return None;
        }
        let mut message = self.at.rest().trim_ascii();
        if message.is_empty()
            && let Some(start) = self.last_group
        {
            message = self.at.from(start).trim_ascii();
        }
        self.event.severity = self.level;
        self.event.message = Cow::Borrowed(message);
        Some(self.event)
    }

    fn separators(&mut self) {
        if !self.begun() {
            self.at.skip_blanks();
            return;
        }
        loop {
            let rest = self.at.rest();
            match rest {
                [b' ' | b'\t', ..] => self.at.skip_blanks(),
                [b'|', ..] => {
                    self.piped = true;
                    self.at.skip(1);
                }
                [b',' | b':' | b';', b' ' | b'\t', ..] => self.at.skip(1),
                [b'-' | b'*' | b'#' | b'.', b' ' | b'\t', ..] => self.at.skip(1),
                [b'-', b'-', b'-' | b' ', ..] => self.at.skip(header::run(rest, |b| b == b'-')),
                _ => return,
            }
        }
    }

    /// Reads one element; `false` where prose begins.
    fn element(&mut self) -> bool {
        self.stamp()
            || self.date()
            || self.level()
            || self.group()
            || self.begun() && (self.number() || self.name())
    }

    fn stamp_at(&self, text: &[u8]) -> Option<stamp::Stamp> {
        if !text
            .first()
            .is_some_and(|first| first.is_ascii_alphanumeric() || *first == b'@')
        {
            return None;
        }
        let stamp = stamp::parse(text, self.context)?;
        let next = text.get(stamp.length);
        (!next.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')).then_some(stamp)
    }

    fn stamp(&mut self) -> bool {
        if self.stamps >= STAMPS_MAX {
            return false;
        }
        let first = self.first_stamp.take();
        let Some(stamp) = first.or_else(|| self.stamp_at(self.at.rest())) else {
            return false;
        };
        self.take_stamp(&stamp);
        self.at.skip(stamp.length);
        if matches!(stamp.layout, stamp::Layout::Bsd | stamp::Layout::Epoch) {
            self.syslog_header(stamp.layout);
        }
        true
    }

    /// Host and tag of syslog behind a stamp of syslog, where a collector wrote fields of its own
    /// before them.
    fn syslog_header(&mut self, layout: stamp::Layout) {
        let rest = header::skip_blanks(self.at.rest());
        let found = syslog_header::header(rest, &self.context.notes);
        // An epoch may stand before anything, so behind it only a host and a tag with its colon count.
        let sure = |end| match layout {
            stamp::Layout::Epoch => end == TagEnd::Colon && found.host.is_some(),
            _ => end != TagEnd::Nothing,
        };
        if let Some(tag) = found.tag.filter(|tag| sure(tag.end)) {
            self.complete = true;
            self.event.host = self.event.host.take().or(found.host.map(Cow::Borrowed));
            self.event.service = Some(Cow::Borrowed(tag.service));
            self.event.pid = tag.pid;
            self.at.skip_blanks();
            let uptime = syslog_header::uptime_length(tag.service, found.message);
            self.at.skip(rest.len() - found.message.len() + uptime);
        }
    }

    /// A date alone, repeated after an epoch.
    fn date(&mut self) -> bool {
        let word = header::word(self.at.rest());
        let date = self.stamps > 0 && header::is_date(word);
        if date {
            self.at.skip(word.len());
        }
        date
    }

    fn take_stamp(&mut self, stamp: &stamp::Stamp) {
        if self.stamps == 0 || self.event.timestamp.is_none() {
            self.event.timestamp = stamp.timestamp;
        }
        self.stamps += 1;
    }

    fn set_letter_level(&mut self, level: Severity) {
        self.level = Some(level);
        self.letter_level = true;
    }

    fn level(&mut self) -> bool {
        if self.level.is_some() {
            return false;
        }
        let rest = self.at.rest();
        let word = &rest[..header::run(rest, |b| b.is_ascii_alphabetic())];
        let after = &rest[word.len()..];
        if self.stamps > 0
            && let Some(level) = header::letter_level(word)
            && header::follows_letter_level(word[0], after)
        {
            self.set_letter_level(level);
            self.at.skip(1);
            return true;
        }
        let Some(level) = Severity::from_word(word).filter(|_| word.len() > 1) else {
            return self.stamps > 0 && (self.levelled_name() || self.words_before_level());
        };
        let shouted = word.iter().all(u8::is_ascii_uppercase);
        let taken = if shouted {
            header::ends_level(after)
        } else {
            self.stamps > 0 && header::ends_quiet_level(word, after)
        };
        if taken {
            self.level = Some(level);
            self.padded = matches!(after, [b'\t', ..] | [b' ', b' ', ..]);
            self.at
                .skip(word.len() + header::run(after, |b| b.is_ascii_digit()));
        }
        taken
    }

    /// A name with its level, as `pump.py[WARNING]:`.
    fn levelled_name(&mut self) -> bool {
        let rest = self.at.rest();
        let (name, group) = rest.split_at(header::run(rest, header::is_name_byte));
        let inner = header::group_length(group).map(|length| &group[1..length - 1]);
        let Some(inner) = inner.filter(|inner| header::is_shouted_level(inner)) else {
            return false;
        };
        let length = name.len() + inner.len() + 2;
        if !group.starts_with(b"[") || !header::is_name(name) || rest.get(length) != Some(&b':') {
            return false;
        }
        self.level = Severity::from_word(inner);
        self.event.component = self.event.component.take().or(Some(Cow::Borrowed(name)));
        self.at.skip(length);
        true
    }

    /// Words such as `node-7 RAS KERNEL` up to a level in capitals: all of them are header.
    fn words_before_level(&mut self) -> bool {
        let start = self.at.position();
        if self.prose_at.is_some_and(|prose_at| start <= prose_at) {
            return false;
        }
        let rest = self.at.rest();
        let mut at = 0;
        for index in 0..=WORDS_BEFORE_LEVEL_MAX {
            let word = header::word(&rest[at..]);
            let is_level = header::is_shouted_level(word.strip_suffix(b":").unwrap_or(word));
            // "SERVICE ALERT: pump is OK" has a title, which says what kind of message it is.
            if is_level && index > 0 && word == b"ALERT:" {
                self.prose_at = Some(start);
                return false;
            }
            if is_level && index > 0 {
                self.name_from(&rest[..at]);
                self.at.skip(at);
                return self.level();
            }
            // Behind numbers alone a letter is the level, and what follows it is a tag.
            let after = &rest[at + word.len()..];
            let is_letter = header::letter_level(word).is_some()
                && header::follows_letter_level(word[0], after)
                && rest[..at]
                    .iter()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b' ' | b'\t'));
            if is_letter || !header::may_precede_level(word) {
                self.prose_at = Some(start + at);
                return false;
            }
            at += word.len();
            at += header::blanks(&rest[at..]);
        }
        false
    }

    fn name_from(&mut self, words: &'a [u8]) {
        let first = header::word(words);
        if header::number(first) == first.len() {
            self.take_pid(first);
        }
        if self.event.component.is_none() && first.iter().any(u8::is_ascii_alphabetic) {
            self.event.component = Some(Cow::Borrowed(first.strip_suffix(b":").unwrap_or(first)));
        }
    }

    /// A balanced group in brackets: a stamp, a level, a pid, or a context that is dropped.
    fn group(&mut self) -> bool {
        let rest = self.at.rest();
        let Some(length) = header::group_length(rest) else {
            return false;
        };
        let inner = rest[1..length - 1].trim_ascii();
        let after = &rest[length..];
        let mut epoch = false;
        if let Some((level, stamp)) = self.level_and_stamp_in_group(inner) {
            self.level = Some(level);
            self.take_stamp(&stamp);
        } else if let Some(stamp) = self.stamp_in_group(inner) {
            self.take_stamp(&stamp);
            let pid = inner[stamp.length..].strip_prefix(b" #").and_then(decimal);
            self.event.pid = pid.or(self.event.pid);
            epoch = stamp.layout == stamp::Layout::Epoch;
        } else if let Some(level) = header::level_in_group(inner).filter(|_| self.level.is_none()) {
            self.level = Some(level);
        } else if !self.group_belongs(rest[0], after) {
            return false;
        } else if let Some(pid) = header::pid_in_group(inner) {
            self.event.pid = self.event.pid.or(Some(pid));
        } else if self.event.component.is_none() && header::is_identifier(inner) {
            self.event.component = Some(Cow::Borrowed(inner));
        }
        self.last_group = Some(self.at.position());
        self.at.skip(length);
        if epoch && header::names_machine(header::word(header::skip_blanks(after))) {
            self.syslog_header(stamp::Layout::Epoch);
        }
        true
    }

    /// A stamp that is all of a group, but for a pid as ` #12`.
    fn stamp_in_group(&self, inner: &[u8]) -> Option<stamp::Stamp> {
        let stamp = self.stamp_at(inner).filter(|_| self.stamps < STAMPS_MAX)?;
        let tail = &inner[stamp.length..];
        (tail.is_empty() || tail.starts_with(b" #")).then_some(stamp)
    }

    /// The level of one letter that a group begins with, and the stamp behind it; what follows is a name.
    fn level_and_stamp_in_group(&self, inner: &[u8]) -> Option<(Severity, stamp::Stamp)> {
        let [letter, b' ', rest @ ..] = inner else {
            return None;
        };
        let level = header::letter_level(&[*letter]).filter(|_| !self.begun())?;
        let stamp = self.stamp_at(rest)?;
        let is_dated = stamp.timestamp.is_some();
        is_dated.then_some((level, stamp))
    }

    fn group_belongs(&self, open: u8, after: &[u8]) -> bool {
        let parted = matches!(
            after.first(),
            None | Some(b' ' | b'\t' | b':' | b'[' | b'|' | b'-' | b',' | b'(')
        );
        match open {
            b'[' if self.begun() => parted,
            b'[' => {
                let next = header::skip_blanks(after);
                self.stamp_at(next).is_some_and(|s| s.timestamp.is_some())
                    || !next.starts_with(b"[") && self.opens_like_header(next)
            }
            b'(' => parted && self.level.is_some(),
            _ => false,
        }
    }

    /// A process, thread or record number in front of another element.
    fn number(&mut self) -> bool {
        let rest = self.at.rest();
        let digits = header::number(rest);
        if digits == 0 {
            return false;
        }
        let after = &rest[digits..];
        if let [b'#', tail @ ..] = after {
            let second = header::number(tail);
            if second > 0 && tail.get(second) == Some(&b':') {
                self.take_pid(&rest[..digits]);
                self.at.skip(digits + second + 2);
                return true;
            }
        }
        let next = header::skip_blanks(after);
        let parted = after.len() != next.len() || self.piped && after.starts_with(b"|");
        let word = header::word(next);
        let goes_on = matches!(next, [b'[' | b'|', ..] | [b'-', b'-', b'-', ..])
            || header::letter_level(word).is_some()
            || Severity::from_word(word).is_some() && word.len() > 1
            || header::number(next) == word.len() && !word.is_empty();
        if !parted || !goes_on || digits > 10 && !self.piped {
            return false;
        }
        self.take_pid(&rest[..digits]);
        self.at.skip(digits);
        true
    }

    fn take_pid(&mut self, digits: &[u8]) {
        self.event.pid = self.event.pid.or_else(|| decimal(digits));
    }
}

#[cfg(test)]
mod tests;
