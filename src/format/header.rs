//! The small tests that the generic header grammar is made of: one question about the start of a
//! text each. All are linear and bounded, and none keeps state.

use super::byte_set::{ByteSet, find_either};
use super::stamp::{self, Layout};
use super::{Context, syslog_tag};
use crate::event::Severity;

/// Longest word that is looked at as a header element.
const WORD_BYTES_MAX: usize = 120;
/// Longest bracket group of a header.
const GROUP_BYTES_MAX: usize = 512;

/// A position in a line.
pub(super) struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(line: &'a [u8]) -> Self {
        Cursor { line, at: 0 }
    }

    pub fn rest(&self) -> &'a [u8] {
        &self.line[self.at..]
    }

    pub fn from(&self, start: usize) -> &'a [u8] {
        &self.line[start.min(self.line.len())..]
    }

    pub fn position(&self) -> usize {
        self.at
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.line.len()
    }

    pub fn skip(&mut self, bytes: usize) {
        self.at = self.line.len().min(self.at + bytes);
    }

    pub fn skip_blanks(&mut self) {
        self.at += blanks(self.rest());
    }
}

/// Length of the run of bytes that are accepted.
pub(super) fn run(text: &[u8], accept: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|&b| !accept(b)).unwrap_or(text.len())
}

pub(super) fn blanks(text: &[u8]) -> usize {
    run(text, |b| b == b' ' || b == b'\t')
}

pub(super) fn skip_blanks(text: &[u8]) -> &[u8] {
    &text[blanks(text)..]
}

/// The bytes up to the next blank, or nothing when they are too many for a header.
pub(super) fn word(text: &[u8]) -> &[u8] {
    let looked_at = &text[..text.len().min(WORD_BYTES_MAX + 1)];
    match find_either(looked_at, b' ', b'\t').unwrap_or(looked_at.len()) {
        length if length > WORD_BYTES_MAX => b"",
        length => &text[..length],
    }
}

/// Length of the digits at the start.
pub(super) fn number(text: &[u8]) -> usize {
    run(text, |b| b.is_ascii_digit())
}

/// A level of one capital letter.
pub(super) fn letter_level(word: &[u8]) -> Option<Severity> {
    if word.len() == 1 {
        Severity::from_word(word)
    } else {
        None
    }
}

/// A level word in capitals.
pub(super) fn is_shouted_level(word: &[u8]) -> bool {
    word.len() > 1 && word.iter().all(u8::is_ascii_uppercase) && Severity::from_word(word).is_some()
}

/// Whether what follows a letter makes it a level. `I` is also an English word.
pub(super) fn follows_letter_level(letter: u8, after: &[u8]) -> bool {
    let next = skip_blanks(after);
    let word = word(next);
    match after.first() {
        Some(b' ' | b'\t') if letter == b'I' => {
            !word.iter().all(u8::is_ascii_lowercase) || begins_separator(&next[word.len()..])
        }
        Some(b' ' | b'\t' | b':' | b'[' | b'|' | b'/') => true,
        _ => false,
    }
}

/// Whether a level in capitals ends here.
pub(super) fn ends_level(after: &[u8]) -> bool {
    match after.first() {
        None | Some(b' ' | b'\t' | b':' | b']' | b'|' | b',' | b')' | b'[' | b'(' | b'/') => true,
        Some(b'-') => matches!(after.get(1), None | Some(b' ' | b'\t')),
        Some(b'0'..=b'9') => after.get(number(after)) == Some(&b'['),
        _ => false,
    }
}

/// Whether `info` or `Error` behind a stamp is a level and not the first word of the message.
pub(super) fn ends_quiet_level(word: &[u8], after: &[u8]) -> bool {
    match after {
        [b':' | b',' | b'|' | b'\t' | b']', ..] | [b' ', b' ' | b'[' | b'(' | b'|' | b'-', ..] => {
            true
        }
        [b' ', ..] => matches!(word, b"info" | b"debug" | b"warn" | b"trace" | b"notice"),
        _ => false,
    }
}

/// Whether a word may stand in a header before the level: no word of prose does.
pub(super) fn may_precede_level(word: &[u8]) -> bool {
    static MARKS: ByteSet = ByteSet::of(b"0123456789_./$@");
    !word.is_empty()
        && (word.ends_with(b":")
            || word.iter().any(|&b| MARKS.contains(b))
            || word.iter().all(|b| b.is_ascii_uppercase() || *b == b'-'))
}

/// Length of the balanced group that opens at the start; `None` if it does not close in time.
pub(super) fn group_length(text: &[u8]) -> Option<usize> {
    let (open, close) = match text.first()? {
        b'[' => (b'[', b']'),
        b'(' => (b'(', b')'),
        b'<' => (b'<', b'>'),
        _ => return None,
    };
    let mut depth = 0usize;
    for (i, &byte) in text.iter().take(GROUP_BYTES_MAX).enumerate() {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(i + 1);
            }
        }
    }
    None
}

/// The level that a group consists of: `WARN`, `core:error`, `error   `.
pub(super) fn level_in_group(inner: &[u8]) -> Option<Severity> {
    let word = inner.rsplit(|&b| b == b':').next()?.trim_ascii();
    let module = &inner[..inner.len() - word.len()];
    if module.is_empty()
        || module.ends_with(b":") && is_name(&module[..module.len() - 1])
        || module == b":"
    {
        Severity::from_word(word)
    } else {
        None
    }
}

/// The process id in `123`, `pid 123`, `pid 123:tid 456`.
pub(super) fn pid_in_group(inner: &[u8]) -> Option<u32> {
    let digits = inner
        .strip_prefix(b"pid ")
        .or_else(|| inner.strip_prefix(b"pid:"))
        .unwrap_or(inner);
    let length = number(digits);
    let ends = matches!(digits.get(length), None | Some(b':' | b','));
    if length > 0 && ends {
        syslog_tag::decimal(&digits[..length])
    } else {
        None
    }
}

/// Length of the name in `:name:`.
pub(super) fn between_colons(text: &[u8]) -> Option<usize> {
    let inner = text.strip_prefix(b":")?;
    let name = run(inner, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-')
    });
    (name > 0 && inner.get(name) == Some(&b':')).then_some(name)
}

/// `yyyy-mm-dd` with one of the usual joints.
pub(super) fn is_date(word: &[u8]) -> bool {
    let [_, _, _, _, first, month @ .., last, _, _] = word else {
        return false;
    };
    word.len() == 10
        && first == last
        && matches!(first, b'-' | b'.' | b'/')
        && month.len() == 2
        && word
            .iter()
            .enumerate()
            .all(|(i, b)| i == 4 || i == 7 || b.is_ascii_digit())
}

/// `hh:mm:ss`, with a fraction or without.
pub(super) fn is_clock(word: &[u8]) -> bool {
    let (clock, fraction) = word.split_at(word.len().min(8));
    let is_spelled = |(at, byte): (usize, &u8)| match at {
        2 | 5 => *byte == b':',
        _ => byte.is_ascii_digit(),
    };
    clock.len() == 8
        && clock.iter().enumerate().all(is_spelled)
        && (fraction.is_empty()
            || fraction[0] == b'.' && number(&fraction[1..]) + 1 == fraction.len())
}

/// Whether a qualified name is that of an exception: a part of the message, not of the header.
pub(super) fn names_exception(word: &[u8]) -> bool {
    word.ends_with(b"Exception") || word.ends_with(b"Error")
}

/// Letters, digits and the joints of names, beginning with a letter.
pub(super) fn is_name(word: &[u8]) -> bool {
    word.first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && word.iter().all(|&b| NAME_BYTES.contains(b))
}

/// Whether a byte may be in a name.
pub(super) fn is_name_byte(byte: u8) -> bool {
    NAME_BYTES.contains(byte)
}

static NAME_BYTES: ByteSet = ByteSet::alphanumeric_and(b"_.-$/:@#");

/// A name that may stand for a component: no blanks, no assignment.
pub(super) fn is_identifier(inner: &[u8]) -> bool {
    is_name(inner) && inner.len() <= 80
}

pub(super) fn is_dotted(word: &[u8]) -> bool {
    word.contains(&b'.')
}

/// A name with two or more dots and no digit at a label's start: `nova.compute.manager`.
pub(super) fn is_qualified(word: &[u8]) -> bool {
    word.iter().filter(|&&b| b == b'.').count() >= 2
        && word
            .split(|&b| b == b'.')
            .all(|label| label.first().is_some_and(u8::is_ascii_alphabetic))
        && is_name(word)
}

/// A qualified name whose last part is capitalized, as classes are.
pub(super) fn is_class(word: &[u8]) -> bool {
    word.rsplit(|&b| b == b'.')
        .next()
        .is_some_and(|last| last.first().is_some_and(u8::is_ascii_uppercase))
}

/// Whether a word before a colon names a logger: a joint inside, or two humps. A single capitalized
/// or plain word is prose (`Failed:`).
pub(super) fn is_logger(word: &[u8]) -> bool {
    static LOGGER_BYTES: ByteSet = ByteSet::alphanumeric_and(b"_.-$/:");
    let open = run(word, |b| LOGGER_BYTES.contains(b));
    let (name, call) = word.split_at(open);
    let is_call = call.first() == Some(&b'(') && call.ends_with(b")");
    if !name.first().is_some_and(u8::is_ascii_alphabetic) || !(call.is_empty() || is_call) {
        return false;
    }
    let has_joint = name.iter().any(|b| matches!(b, b'.' | b'$' | b'/' | b'_'));
    let has_hump = || {
        name.windows(2).any(|pair| {
            pair == b"::" || pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()
        })
    };
    has_joint || has_hump()
}

/// `file.ext:12`, with an optional bracket or colon behind.
pub(super) fn is_source_position(word: &[u8]) -> bool {
    let word = word
        .strip_suffix(b"]")
        .or_else(|| word.strip_suffix(b":"))
        .unwrap_or(word);
    let line = word.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let Some((b':', file)) = word[..word.len() - line.count()].split_last() else {
        return false;
    };
    let line = &word[file.len() + 1..];
    let Some(dot) = file.iter().rposition(|&b| b == b'.') else {
        return false;
    };
    let suffix = &file[dot + 1..];
    !line.is_empty()
        && (1..=4).contains(&suffix.len())
        && suffix.iter().all(|b| b.is_ascii_alphabetic() || *b == b'+')
        && is_name(&file[..dot])
}

/// A short word with a digit, as threads are named (`t0`, `T12`).
pub(super) fn is_short_mark(word: &[u8]) -> bool {
    (2..=8).contains(&word.len())
        && word[0].is_ascii_alphabetic()
        && word.iter().any(u8::is_ascii_digit)
        && is_name(word)
}

/// Whether a separator with blanks on both sides begins here: `- `, `: `, `*64 - `.
pub(super) fn begins_separator(text: &[u8]) -> bool {
    let text = skip_blanks(&text[star_mark(text)..]);
    matches!(text, [b'-' | b':', b' ' | b'\t', ..])
}

/// Length of a mark such as `*64`.
pub(super) fn star_mark(text: &[u8]) -> usize {
    match text {
        [b'*', tail @ ..] if number(tail) > 0 => 1 + number(tail),
        _ => 0,
    }
}

/// Whether a bracket group that holds a source position begins here.
pub(super) fn position_in_group(text: &[u8]) -> bool {
    text.starts_with(b"[")
        && group_length(text).is_some_and(|length| is_source_position(&text[1..length - 1]))
}

/// `tag[123]:`, `tag(sub)[123]:`; the name, the pid, and the length with the colon.
pub(super) fn tag(text: &[u8]) -> Option<(&[u8], Option<u32>, usize)> {
    static TAG_BYTES: ByteSet = ByteSet::alphanumeric_and(b"_.-/@");
    if !text.first()?.is_ascii_alphabetic() {
        return None;
    }
    let name = run(text, |b| TAG_BYTES.contains(b));
    let sub = match text.get(name) {
        Some(b'(') => group_length(&text[name..])?,
        _ => 0,
    };
    let at = name + sub;
    let length = group_length(&text[at..]).filter(|_| text.get(at) == Some(&b'['))?;
    let inner = &text[at + 1..at + length - 1];
    let end = at + length;
    let pid = pid_in_group(inner).filter(|_| number(inner) == inner.len())?;
    match text.get(end) {
        Some(b':') => Some((&text[..name], Some(pid), end + 1)),
        Some(b' ') => Some((&text[..name], Some(pid), end)),
        _ => None,
    }
}

/// Whether a word is the host before a syslog tag.
pub(super) fn is_host_before_tag(word: &[u8], next: &[u8]) -> bool {
    static HOST_BYTES: ByteSet = ByteSet::alphanumeric_and(b".-_:/");
    let host = !word.is_empty() && word.iter().all(|&b| HOST_BYTES.contains(b));
    host && !word.ends_with(b":") && tag(next).is_some()
}

/// Whether a word can hardly be prose: `web1`, `fs-backup`, `mx.example.org`.
pub(super) fn names_machine(word: &[u8]) -> bool {
    let inner = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    word.iter().any(u8::is_ascii_lowercase)
        && word.iter().any(inner)
        && word.last().is_some_and(u8::is_ascii_alphanumeric)
}

/// The start of the epoch in `<record number> <words> <epoch> `, as some batch systems write it.
pub(super) fn record_number_and_epoch(text: &[u8], context: &Context) -> Option<usize> {
    const WORDS_MAX: usize = 4;
    let digits = number(text);
    if digits == 0 || text.get(digits) != Some(&b' ') {
        return None;
    }
    let mut at = digits + blanks(&text[digits..]);
    for index in 0..=WORDS_MAX {
        let word = word(&text[at..]);
        let is_epoch = || {
            let stamp = stamp::parse(&text[at..], context);
            stamp.is_some_and(|stamp| stamp.layout == Layout::Epoch && stamp.length == 10)
        };
        if index > 0 && word.len() == 10 && number(word) == 10 && is_epoch() {
            return Some(at);
        }
        if word.is_empty() {
            return None;
        }
        at += word.len();
        at += blanks(&text[at..]);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_capitalized_word_is_no_logger() {
        assert!(!is_logger(b"Failed"));
        assert!(!is_logger(b"warning"));
        assert!(is_logger(b"TaskRunner"));
        assert!(is_logger(b"dfs.DataNode$Packet"));
        assert!(is_logger(b"http_server"));
    }

    #[test]
    fn groups_balance_and_are_bounded() {
        assert_eq!(group_length(b"[a[b]c] d"), Some(7));
        assert_eq!(group_length(b"[a"), None);
        assert_eq!(group_length(&[b'['; 4096]), None);
    }

    #[test]
    fn a_source_position_has_a_file_and_a_line() {
        assert!(is_source_position(b"net/conn.go:87"));
        assert!(is_source_position(b"conn.cc:7]"));
        assert!(!is_source_position(b"10.0.0.1:80"));
        assert!(!is_source_position(b"host:80"));
    }

    #[test]
    fn tags_give_name_and_pid() {
        assert_eq!(tag(b"sshd(pam)[12]: x"), Some((&b"sshd"[..], Some(12), 14)));
        assert_eq!(tag(b"list[a]: x"), None);
    }
}
