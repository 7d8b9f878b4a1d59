//! The shapes of variables in a cheap form, recognized at the start of a word.
//!
//! Every function is linear in what it consumes and looks ahead a bounded distance. In a cheap form
//! a number is the single byte `0`, so no shape can depend on how many digits there were.

mod name;
mod place;
mod time;
mod word;

use super::words;
use crate::octets;

pub(super) use crate::format::hex::is_word_byte;
pub(super) use word::*;

use name::named;
use place::{address, hex, path, windows_path};
use time::{dated, time};

/// A variable recognized by its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A string between a pair of this quote.
    Quoted(u8),
    Url,
    Email,
    Uuid,
    Host,
    Time,
    Ip,
    Mac,
    Path,
    Hex,
}

impl Shape {
    pub fn placeholder(self) -> &'static str {
        match self {
            Shape::Quoted(_) => "<*>",
            Shape::Url => "<url>",
            Shape::Email => "<email>",
            Shape::Uuid => "<uuid>",
            Shape::Host => "<host>",
            Shape::Time => "<time>",
            Shape::Ip => "<ip>",
            Shape::Mac => "<mac>",
            Shape::Path => "<path>",
            Shape::Hex => "<hex>",
        }
    }
}

/// Length of the run of word bytes at the start.
pub(super) fn segment_end(text: &[u8]) -> usize {
    text.iter()
        .position(|&b| !is_word_byte(b))
        .unwrap_or(text.len())
}

/// Whether a word of letters may be a month or a weekday, which are short and have a capital, or both.
#[inline]
pub(super) fn may_be_of_date(word: &[u8]) -> bool {
    matches!(word, [b'A'..=b'Z', ..]) && matches!(word.len(), 3 | 6)
}

/// Whether a word without digits is a variable, wherever it stands.
#[inline]
pub(super) fn is_variable(word: &[u8]) -> bool {
    words::is_boolean(word) || is_hex_word(word)
}

/// Length of the run of ASCII letters at the start.
#[inline]
pub(super) fn letters(text: &[u8]) -> usize {
    let mut length = 0;
    while let Some(word) = text[length..].first_chunk() {
        match no_letters(*word) {
            0 => length += size_of_val(word),
            others => return length + others.trailing_zeros() as usize / 8,
        }
    }
    length + run(&text[length..], |byte| byte.is_ascii_alphabetic())
}

/// Bytes of which [`ends_of_letters`] tells at once: two words have seldom more.
pub(super) const ENDS_BYTES: usize = 24;

/// The first two of some bytes that are no letters, if there are as many.
#[inline]
pub(super) fn ends_of_letters(text: &[u8; ENDS_BYTES]) -> Option<[usize; 2]> {
    let (words, _) = text.as_chunks();
    let others = words.iter().rev().fold(0u32, |others, word| {
        others << 8 | u32::from(octets::bits(no_letters(*word)))
    });
    let behind = others & others.wrapping_sub(1);
    (behind != 0).then(|| [others, behind].map(|others| others.trailing_zeros() as usize))
}

/// Which bytes are no ASCII letters.
#[inline]
fn no_letters(word: [u8; 8]) -> u64 {
    // Letters of both cases are one.
    let small = u64::from_le_bytes(word) | octets::ONES << 5;
    octets::outside(small, b'a', b'z')
}

fn run(text: &[u8], accept: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|&b| !accept(b)).unwrap_or(text.len())
}

/// The shape that begins at `text` and its length, where `before` is the byte in front of it.
pub(super) fn at_word_start(before: u8, text: &[u8]) -> Option<(Shape, usize)> {
    if is_word_byte(before) {
        return None;
    }
    let found = match text[0] {
        b'"' | b'\'' | b'`' => return quoted(text).map(|length| (Shape::Quoted(text[0]), length)),
        b'/' | b'~' | b'.' | b'\\' if before != b'<' => {
            return path(before, text).map(|length| (Shape::Path, length));
        }
        b':' => return address(text),
        b'0' => hex(text)
            .map(|length| (Shape::Hex, length))
            .or_else(|| named(text))
            .or_else(|| {
                // Behind a joint, `0/0/0` counts parts of a thing and no days.
                let joined = matches!(before, b'-' | b'/' | b'.');
                let date = if joined { None } else { time(text) };
                date.map(|length| (Shape::Time, length))
            })
            .or_else(|| address(text)),
        byte if byte.is_ascii_alphabetic() => named(text)
            .or_else(|| windows_path(text).map(|length| (Shape::Path, length)))
            .or_else(|| dated(text).map(|length| (Shape::Time, length)))
            .or_else(|| address(text)),
        _ => None,
    };
    found.filter(|&(_, length)| length > 0)
}

/// The end without trailing sentence punctuation.
fn trimmed(text: &[u8], mut end: usize) -> usize {
    while end > 1
        && matches!(
            text[end - 1],
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'-'
        )
    {
        end -= 1;
    }
    end
}

/// Length of a quoted string that closes before a word byte follows; `None` if it does not close.
pub(super) fn quoted(text: &[u8]) -> Option<usize> {
    const QUOTED_BYTES_MAX: usize = 1024;
    let (&quote, inner) = text.split_first()?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let close = if quote == b'`' { b'\'' } else { quote };
    let mut escaped = false;
    for (i, &byte) in inner.iter().take(QUOTED_BYTES_MAX).enumerate() {
        if escaped {
            escaped = false;
        } else if byte == b'\\' && quote == b'"' {
            escaped = true;
        } else if byte == close || quote == b'`' && byte == b'`' {
            return (!inner.get(i + 1).is_some_and(|&b| is_word_byte(b))).then_some(i + 2);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_told_from_all_other_bytes_wherever_they_stand() {
        for byte in 0..=u8::MAX {
            for length in 0..20 {
                let mut text = [b'm'; 20];
                text[length] = byte;
                let expected = if byte.is_ascii_alphabetic() {
                    20
                } else {
                    length
                };
                assert_eq!(letters(&text), expected, "{byte} at {length}");
                let mut text: [u8; ENDS_BYTES] = [b'm'; ENDS_BYTES];
                text[length] = byte;
                assert_eq!(ends_of_letters(&text), None);
                text[length + 4] = byte;
                let is_letter = byte.is_ascii_alphabetic();
                let expected = (!is_letter).then_some([length, length + 4]);
                assert_eq!(ends_of_letters(&text), expected, "{byte} at {length}");
            }
        }
    }
}
