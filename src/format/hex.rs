//! Hexadecimal ids: words that differ in their letters as numbers do in their digits.
//!
//! Ids are looked for in texts whose digits are all `0`. What they mean is the patterns' matter.

use crate::octets;
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

/// Whether there can be an id in a text, whose digits may be any.
pub fn may_have_id(text: &[u8]) -> bool {
    // The last step overlaps the one before it.
    let last = text.last_chunk::<{ STEP + 1 }>();
    let Some([_, last_next @ ..]) = last else {
        let goes_on = |pair: &[u8]| pair[0].is_ascii_digit() && may_go_on(pair[1]);
        return text.windows(2).any(goes_on);
    };
    let next = text[1..].as_chunks().0.iter();
    let mut steps = text.as_chunks().0.iter().zip(next);
    let last = last.and_then(|last| last.first_chunk());
    steps.any(|(bytes, next)| any_goes_on(bytes, next))
        || last.is_some_and(|last| any_goes_on(last, last_next))
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
    numbered(text, at).map(|(word, _)| word)
}

/// The same, and the kinds of its bytes.
fn numbered(text: &[u8], at: usize) -> Option<(Range<usize>, Kinds)> {
    let digit = digit_that_goes_on(text, at)?;
    let (of_before, before) = kinds(text[at..digit].iter().rev());
    let (of_after, after) = kinds(text[digit..].iter());
    Some((digit - before..digit + after, of_before | of_after))
}

/// The shortest id that [`level`] exchanges: shorter ones stand for other things in headers.
const LEVELLED_BYTES_MIN: usize = 6;

/// Exchanges each id of a line whose digits are all `0` by the one that stands for all of its length,
/// its case, and the kind of its first byte; says where the first of them begins.
///
/// All of them have digits, a letter behind one, and no other letters than one case of `a` to `f`, so
/// that none is a number, a word of a list, or has a hump; and they have one cheap form.
/// Behind a `@` the digits may be those of a time.
pub fn level(line: &mut [u8]) -> Option<usize> {
    let (mut at, mut first_id) = (0, None);
    while let Some((word, kinds)) = numbered(line, at) {
        at = word.end;
        if word.start > 0 && matches!(line[word.start - 1], b'+' | b'@') {
            continue;
        }
        let start = word.start;
        let word = &mut line[word];
        if let Some((first, fill)) = levelled(word, kinds) {
            word.fill(fill);
            word[..first.len()].copy_from_slice(&first);
            first_id = first_id.or(Some(start));
        }
    }
    first_id
}

/// How the id begins that stands for a word of these kinds in which a letter follows a digit, and what
/// it goes on with.
fn levelled(word: &[u8], of_word: Kinds) -> Option<([u8; WORD_BYTES_MIN], u8)> {
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
            let mut levelled = line.as_bytes().to_vec();
            assert_eq!(level(&mut levelled).is_some(), line != expected);
            assert_eq!(String::from_utf8_lossy(&levelled), expected);
        }
    }

    proptest! {
        #[test]
        fn a_text_without_ids_is_told_at_once(text in "[0-9]{0,70}[0-9abfgxX -]{0,3}[0-9g -]{0,40}") {
            let goes_on = |pair: &[u8]| pair[0].is_ascii_digit() && may_go_on(pair[1]);
            let expected = text.as_bytes().windows(2).any(goes_on);
            prop_assert_eq!(may_have_id(text.as_bytes()), expected);
            let mut line = text.replace(|c: char| c.is_ascii_digit(), "0").into_bytes();
            prop_assert!(expected || level(&mut line).is_none());
        }

        #[test]
        fn what_is_levelled_is_folded_to_the_same(text in "[0abfFgxX+@ ]{0,60}|[0ab]{6,9}|0[xX][0aF]{4,9}") {
            let mut levelled = text.clone().into_bytes();
            let first_id = level(&mut levelled);
            let differs = text.bytes().zip(&levelled).position(|(byte, other)| byte != *other);
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
