//! Hexadecimal ids: words that differ in their letters as numbers do in their digits.
//!
//! Ids are looked for in texts whose digits are all `0`. What they mean is the patterns' matter.

use crate::octets;
use memchr::memchr;
use std::ops::Range;

/// The shortest word that is folded; shorter ones may be a number with its unit (`0B`).
const WORD_BYTES_MIN: usize = 3;

/// Letters, digits, underscores and everything beyond ASCII.
pub const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// What a byte of a word is, as bits; 0 for what is none.
type Kinds = u8;
const DIGIT: Kinds = 1;
/// A letter that is a hexadecimal digit.
const SMALL: Kinds = 2;
const CAPITAL: Kinds = 4;
const OTHER: Kinds = 8;

/// The kind of each byte.
static KINDS: [Kinds; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' => SMALL,
            b'A'..=b'F' => CAPITAL,
            other if is_word_byte(other) => OTHER,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// The kinds of the bytes that are of words, up to the first that is not, and how many they are.
#[inline]
fn kinds<'b>(bytes: impl Iterator<Item = &'b u8>) -> (Kinds, usize) {
    let (mut all, mut count) = (0, 0);
    for byte in bytes {
        let kind = KINDS[usize::from(*byte)];
        if kind == 0 {
            break;
        }
        all |= kind;
        count += 1;
    }
    (all, count)
}

/// Bytes that are looked at in one step.
const STEP: usize = 32;

/// Whether an id may go on with this letter behind a digit.
#[inline]
fn may_go_on(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'a') < 6 || byte | 0x20 == b'x'
}

/// Whether any of the bytes is a digit behind which an id may go on.
///
/// A function of its own, since apart from other loops it is sure to become one of vectors.
#[inline(never)]
fn any_goes_on(bytes: &[u8; STEP], next: &[u8; STEP]) -> bool {
    let pairs = bytes.iter().zip(next);
    pairs.fold(false, |any, (byte, next)| {
        any | (byte.is_ascii_digit() & may_go_on(*next))
    })
}

/// The high bit of each of eight bytes that is a `0` behind which an id may go on.
#[inline]
fn going_on(bytes: u64, next: u64) -> u64 {
    let small = next | (octets::ONES * 0x20);
    let goes_on = !octets::outside(small, b'a', b'f') | octets::equal(small, b'x');
    octets::equal(bytes, b'0') & goes_on
}

/// The first `0` from `at` on behind which an id may go on.
fn digit_that_goes_on(text: &[u8], mut at: usize) -> Option<usize> {
    while let Some(bytes) = text[at..].first_chunk()
        && let Some(next) = text.get(at + 1..).and_then(<[u8]>::first_chunk)
        && !any_goes_on(bytes, next)
    {
        at += STEP;
    }
    while let Some(bytes) = text[at..].first_chunk()
        && let Some(next) = text.get(at + 1..).and_then(<[u8]>::first_chunk)
    {
        let going_on = going_on(u64::from_le_bytes(*bytes), u64::from_le_bytes(*next));
        if going_on != 0 {
            return Some(at + going_on.trailing_zeros() as usize / 8);
        }
        at += bytes.len();
    }
    let goes_on = |pair: &[u8]| pair[0] == b'0' && may_go_on(pair[1]);
    Some(at + text[at..].windows(2).position(goes_on)?)
}

/// The first word from `at` on that may be an id, in a text whose digits are all `0`: in every id a
/// letter follows a digit.
pub fn numbered_word(text: &[u8], at: usize) -> Option<Range<usize>> {
    let digit = digit_that_goes_on(text, at)?;
    Some(word_around(text, at, digit).0)
}

/// The word around a digit, but for what stands before `at`, and the kinds of its bytes.
fn word_around(text: &[u8], at: usize, digit: usize) -> (Range<usize>, Kinds) {
    let (of_before, before) = kinds(text[at..digit].iter().rev());
    let (of_after, after) = kinds(text[digit..].iter());
    (digit - before..digit + after, of_before | of_after)
}

/// The shortest id that is levelled: shorter ones stand for other things in headers.
const LEVELLED_BYTES_MIN: usize = 6;

/// Levels the ids of lines, one line after the other in rooms that are as long as the longest of them.
#[derive(Debug, Default)]
pub struct Leveller {
    line: Vec<u8>,
    /// Ones at the digits behind which an id may go on.
    marks: Vec<u8>,
}

impl Leveller {
    /// The line with each digit as `0` and each id exchanged by the one that stands for all of its length,
    /// its case, and the kind of its first byte, and where the first of them begins; `None` where the line
    /// has none.
    ///
    /// All of them have digits, a letter behind one, and no other letters than one case of `a` to `f`, so
    /// that none is a number, a word of a list, or has a hump; and they have one cheap form.
    /// Behind a `@` the digits may be those of a time.
    pub fn level(&mut self, line: &[u8]) -> Option<(&[u8], usize)> {
        if self.line.len() < line.len() {
            self.line.resize(line.len(), 0);
            self.marks.resize(line.len(), 0);
        }
        let marks = &mut self.marks[..line.len()];
        let levelled = &mut self.line[..line.len()];
        mask(line, levelled, marks);
        let (mut at, mut first_id) = (0, None);
        while let Some(behind) = memchr(1, &marks[at..]) {
            let (word, kinds) = word_around(levelled, at, at + behind);
            at = word.end;
            if word.start > 0 && matches!(levelled[word.start - 1], b'+' | b'@') {
                continue;
            }
            let start = word.start;
            let word = &mut levelled[word];
            if let Some((first, fill)) = level_of(word, kinds) {
                word.fill(fill);
                word[..first.len()].copy_from_slice(&first);
                first_id = first_id.or(Some(start));
            }
        }
        Some((levelled, first_id?))
    }
}

/// Writes a line with each digit as `0`, and marks those behind which an id may go on.
fn mask(line: &[u8], masked: &mut [u8], marks: &mut [u8]) {
    let mut step = |at: usize| {
        let bytes = line[at..].first_chunk()?;
        let next = line.get(at + 1..)?.first_chunk()?;
        let masked = masked[at..].first_chunk_mut()?;
        mask_step(bytes, next, masked, marks[at..].first_chunk_mut()?);
        Some(())
    };
    // The last step overlaps the one before it, and none has the last byte.
    let mut at = 0;
    while step(at).is_some() {
        at += STEP;
    }
    let behind = match line.len().checked_sub(STEP + 1) {
        Some(last) => {
            step(last);
            last + STEP
        }
        None => 0,
    };
    for at in behind..line.len() {
        let (byte, next) = (line[at], line.get(at + 1));
        masked[at] = if byte.is_ascii_digit() { b'0' } else { byte };
        let goes_on = next.is_some_and(|next| may_go_on(*next));
        marks[at] = u8::from(byte.is_ascii_digit() & goes_on);
    }
}

/// A function of its own, as [`any_goes_on`].
#[inline(never)]
fn mask_step(
    bytes: &[u8; STEP],
    next: &[u8; STEP],
    masked: &mut [u8; STEP],
    marks: &mut [u8; STEP],
) {
    let pairs = bytes.iter().zip(next);
    for ((byte, next), (masked, mark)) in pairs.zip(masked.iter_mut().zip(marks)) {
        let is_digit = byte.is_ascii_digit();
        *masked = if is_digit { b'0' } else { *byte };
        *mark = u8::from(is_digit & may_go_on(*next));
    }
}

/// How the id begins that stands for a word of these kinds in which a letter follows a digit, and what
/// it goes on with.
fn level_of(word: &[u8], of_word: Kinds) -> Option<([u8; WORD_BYTES_MIN], u8)> {
    if word.len() < LEVELLED_BYTES_MIN {
        return None;
    }
    if let Some(digits) = word.strip_prefix(b"0x") {
        let (of_digits, _) = kinds(digits.iter());
        return (of_digits & !(DIGIT | SMALL) == 0).then_some((*b"0x0", b'0'));
    }
    let letter = match of_word & !DIGIT {
        SMALL => b'a',
        CAPITAL => b'A',
        _ => return None,
    };
    Some(match word[0] {
        b'0' => ([b'0', letter, b'0'], letter),
        _ => ([letter, b'0', letter], letter),
    })
}

/// What an id is folded to: a word that is as hexadecimal, and begins with the same kind of byte.
pub fn folded(word: &[u8]) -> Option<[u8; WORD_BYTES_MIN]> {
    let first = *word.first().filter(|first| first.is_ascii_hexdigit())?;
    if word.len() < WORD_BYTES_MIN {
        return None;
    }
    if let [b'0', x @ (b'x' | b'X'), digits @ ..] = word {
        return is_hexadecimal(digits).then_some([b'0', *x, b'0']);
    }
    if !is_hexadecimal(word) {
        return None;
    }
    let number = word.iter().position(|&byte| byte == b'0')?;
    let goes_on = word[number..].iter().any(u8::is_ascii_alphabetic);
    goes_on.then_some(match first {
        b'0' => *b"0a0",
        b'a'..=b'f' => *b"a0a",
        _ => *b"A0a",
    })
}

fn is_hexadecimal(word: &[u8]) -> bool {
    let (of_word, length) = kinds(word.iter());
    length == word.len() && of_word & OTHER == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_of_one_kind_are_levelled_to_one() {
        for (line, expected) in [
            ("gate 0bf0ad=0b0000 open", "gate 0a0aaa=0a0aaa open"),
            (
                "f000-e00f00 at 0xfe00: F00EEE 0x0000",
                "f000-a0aaaa at 0x0000: A0AAAA 0x0000",
            ),
            (
                "0bc0 abcdef 000000 abc000 0bcDef",
                "0bc0 abcdef 000000 abc000 0bcDef",
            ),
            (
                "+0ab000 @0ab000 g0ab00 0xABCDE0",
                "+0ab000 @0ab000 g0ab00 0xABCDE0",
            ),
        ] {
            let mut leveller = Leveller::default();
            let levelled = leveller
                .level(line.as_bytes())
                .map(|(levelled, _)| levelled);
            let wanted = (line != expected).then_some(expected.as_bytes());
            assert_eq!(levelled, wanted, "{line}");
        }
    }

    proptest! {
        #[test]
        fn digits_are_masked_and_those_are_marked_that_go_on(
            texts in prop::collection::vec("[0-9]{0,70}[0-9abfgxX -]{0,3}[0-9g -]{0,40}", 1..4),
        ) {
            let mut leveller = Leveller::default();
            for text in texts.iter().map(String::as_bytes) {
                let is_levelled = leveller.level(text).is_some();
                let goes_on = |pair: &[u8]| pair[0].is_ascii_digit() && may_go_on(pair[1]);
                let marks = text.windows(2).map(goes_on).chain([false]).map(u8::from);
                let marks: Vec<u8> = marks.take(text.len()).collect();
                prop_assert!(!is_levelled || marks.contains(&1));
                prop_assert_eq!(&leveller.marks[..text.len()], marks);
                let masked = text.iter().map(|byte| if byte.is_ascii_digit() { b'0' } else { *byte });
                let masked: Vec<u8> = masked.collect();
                prop_assert!(is_levelled || leveller.line[..text.len()] == masked);
            }
        }

        #[test]
        fn what_is_levelled_is_folded_to_the_same(text in "[0abfFgxX+@ ]{0,60}|[0ab]{6,9}|0[xX][0aF]{4,9}") {
            let mut leveller = Leveller::default();
            let (levelled, first_id) = match leveller.level(text.as_bytes()) {
                Some((levelled, first_id)) => (levelled, Some(first_id)),
                None => (text.as_bytes(), None),
            };
            let differs = text.bytes().zip(levelled).position(|(byte, other)| byte != *other);
            prop_assert!(differs.is_none_or(|at| first_id.is_some_and(|first_id| first_id <= at)));
            let is_word_byte = |byte: &u8| is_word_byte(*byte);
            let words = text.as_bytes().split(|byte| !is_word_byte(byte));
            for (word, other) in words.zip(levelled.split(|byte| !is_word_byte(byte))) {
                prop_assert_eq!(folded(word), folded(other));
                let has_both = word.iter().any(u8::is_ascii_uppercase)
                    && word.iter().any(u8::is_ascii_lowercase);
                let is_levelled = folded(word).is_some() && word.len() >= 6 && !has_both;
                prop_assert!(is_levelled || word == other);
            }
        }

        #[test]
        fn every_word_that_may_be_an_id_is_found(text in "[0abfgxX -]{0,120}") {
            let words = text.as_bytes().split(|byte| !is_word_byte(*byte));
            let is_id = |word: &&[u8]| folded(word).is_some();
            let expected: Vec<&[u8]> = words.filter(is_id).collect();
            let mut at = 0;
            let found = std::iter::from_fn(|| {
                let word = numbered_word(text.as_bytes(), at)?;
                at = word.end;
                Some(&text.as_bytes()[word])
            });
            prop_assert_eq!(found.filter(is_id).collect::<Vec<_>>(), expected);
        }
    }
}
