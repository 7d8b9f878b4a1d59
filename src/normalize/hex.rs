//! The second step to a cheap form: words that are hexadecimal ids become one of a few.
//!
//! Ids differ in their letters as numbers do in their digits, and no rule looks at which they are.
//! What a word of hexadecimal digits means is the shapes' matter; they see the same kind of word.

use super::shape::is_word_byte;
use std::ops::Range;

/// The shortest word that is folded; shorter ones may be a number with its unit (`0B`).
const WORD_BYTES_MIN: usize = 3;

/// Whether each byte may be part of a word.
static OF_WORDS: [bool; 256] = {
    let mut of_words = [false; 256];
    let mut byte = 0;
    while byte < of_words.len() {
        of_words[byte] = is_word_byte(byte as u8);
        byte += 1;
    }
    of_words
};

/// Bytes that are looked at in one step.
const STEP: usize = 32;

/// Whether an id may go on with this letter behind a digit.
#[inline]
fn may_go_on(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'a') < 6 || byte | 0x20 == b'x'
}

/// Whether any of the bytes is a `0` behind which an id may go on.
///
/// A function of its own, since apart from other loops it is sure to become one of vectors.
#[inline(never)]
fn any_goes_on(bytes: &[u8; STEP], next: &[u8; STEP]) -> bool {
    let pairs = bytes.iter().zip(next);
    pairs.fold(false, |any, (byte, next)| {
        any | ((*byte == b'0') & may_go_on(*next))
    })
}

/// The first `0` from `at` on behind which an id may go on.
fn digit_that_goes_on(text: &[u8], mut at: usize) -> Option<usize> {
    while let Some(bytes) = text[at..].first_chunk()
        && let Some(next) = text.get(at + 1..).and_then(<[u8]>::first_chunk)
        && !any_goes_on(bytes, next)
    {
        at += STEP;
    }
    let goes_on = |pair: &[u8]| pair[0] == b'0' && may_go_on(pair[1]);
    Some(at + text[at..].windows(2).position(goes_on)?)
}

/// The first word from `at` on that may be an id, in a text whose digits are all `0`: in every id a
/// letter follows a digit.
fn numbered_word(text: &[u8], at: usize) -> Option<Range<usize>> {
    let digit = digit_that_goes_on(text, at)?;
    let is_of_word = |byte: &&u8| OF_WORDS[usize::from(**byte)];
    let before = text[at..digit].iter().rev().take_while(is_of_word).count();
    let after = text[digit..].iter().take_while(is_of_word).count();
    Some(digit - before..digit + after)
}

/// Folds the ids of a form whose runs of digits are masked, in place, and gives its new length.
pub(super) fn fold(form: &mut [u8]) -> usize {
    // What is read, what of it was moved, and where to.
    let (mut at, mut from, mut to) = (0, 0, 0);
    while let Some(word) = numbered_word(form, at) {
        at = word.end;
        // Behind a plus it may be part of a URL's scheme, whose length is bounded.
        let in_scheme = word.start > from && form[word.start - 1] == b'+';
        let Some(folded) = folded(&form[word.clone()]).filter(|_| !in_scheme) else {
            continue;
        };
        form.copy_within(from..word.start, to);
        to += word.start - from;
        form[to..to + folded.len()].copy_from_slice(&folded);
        to += folded.len();
        from = word.end;
    }
    if from == to {
        return form.len();
    }
    form.copy_within(from.., to);
    to + form.len() - from
}

/// The shortest id that [`level`] exchanges: shorter ones stand for other things in headers.
const LEVELLED_BYTES_MIN: usize = 6;

/// Exchanges each id of a line whose digits are all `0` by the one that stands for all of its length,
/// its case, and the kind of its first byte; says whether there was one.
///
/// All of them have digits, a letter behind one, and no other letters than one case of `a` to `f`, so
/// that none is a number, a word of a list, or has a hump; and they have one [`super::cheap`] form.
/// Behind a `@` the digits may be those of a time.
pub(super) fn level(line: &mut [u8]) -> bool {
    let (mut at, mut any) = (0, false);
    while let Some(word) = numbered_word(line, at) {
        at = word.end;
        if word.start > 0 && matches!(line[word.start - 1], b'+' | b'@') {
            continue;
        }
        let word = &mut line[word];
        if let Some((first, fill)) = levelled(word) {
            word.fill(fill);
            word[..first.len()].copy_from_slice(&first);
            any = true;
        }
    }
    any
}

/// How the id begins that stands for a word, and what it goes on with.
fn levelled(word: &[u8]) -> Option<([u8; WORD_BYTES_MIN], u8)> {
    let folded = folded(word).filter(|_| word.len() >= LEVELLED_BYTES_MIN)?;
    let has_capital = word.iter().any(u8::is_ascii_uppercase);
    let has_small = word.iter().any(u8::is_ascii_lowercase);
    if has_capital && has_small {
        return None;
    }
    let letter = if has_capital { b'A' } else { b'a' };
    match folded {
        [_, b'x' | b'X', _] => (!has_capital).then_some((folded, b'0')),
        [b'0', ..] => Some(([b'0', letter, b'0'], letter)),
        _ => Some(([letter, b'0', letter], letter)),
    }
}

/// What an id is folded to: a word that is as hexadecimal, and begins with the same kind of byte.
fn folded(word: &[u8]) -> Option<[u8; WORD_BYTES_MIN]> {
    let first = *word.first().filter(|first| first.is_ascii_hexdigit())?;
    if word.len() < WORD_BYTES_MIN {
        return None;
    }
    if let [b'0', x @ (b'x' | b'X'), digits @ ..] = word {
        let all = digits.iter().all(u8::is_ascii_hexdigit);
        return all.then_some([b'0', *x, b'0']);
    }
    if !word.iter().all(u8::is_ascii_hexdigit) {
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

#[cfg(test)]
mod tests {
    use super::super::{digits, pattern};
    use super::*;
    use proptest::prelude::*;

    fn shown(form: &str) -> String {
        let mut form = form.as_bytes().to_vec();
        let length = fold(&mut form);
        String::from_utf8_lossy(&form[..length]).into_owned()
    }

    #[test]
    fn ids_become_one_and_other_words_stay() {
        for (form, expected) in [
            ("gate 0bf0ad open", "gate 0a0 open"),
            ("f0e0-e0f at 0xfe0: F0e", "a0a-a0a at 0x0: A0a"),
            ("0B 0bc0", "0B 0a0"),
            ("dead beef eth0 fe0 abc", "dead beef eth0 fe0 abc"),
            ("a_0f0 x0f0 0xfg git+0ab://", "a_0f0 x0f0 0xfg git+0ab://"),
            ("0a0b0c+0ab 0cc ä0ab 0", "0a0+0ab 0a0 ä0ab 0"),
            ("", ""),
        ] {
            assert_eq!(shown(form), expected);
        }
    }

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
            assert_eq!(level(&mut levelled), line != expected);
            assert_eq!(String::from_utf8_lossy(&levelled), expected);
            let forms = [line, expected].map(|text| {
                let mut form = Vec::new();
                super::super::cheap(text.as_bytes(), &mut form);
                form
            });
            assert_eq!(forms[0], forms[1]);
        }
    }

    proptest! {
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

        #[test]
        fn a_folded_form_has_the_same_pattern(
            pieces in prop::collection::vec(
                prop_oneof![
                    "[0-9a-f]{1,9}",
                    "[0-9A-F]{1,5}",
                    "(0x|0X)[0-9a-f]{0,6}",
                    "[-+:./=@~_ (){}\\[\\]<>'\",;%]{1,2}",
                    "( |: |=| \\(|user |for | from |KB|B|bytes|msg=|Dec |http://|a.com|C:\\\\|T)",
                    "[a-z]{1,4}",
                ],
                0..16,
            ),
        ) {
            let message = pieces.concat().into_bytes();
            let mut form = vec![0; message.len() + digits::SLACK_BYTES];
            let length = digits::mask(&message, &mut form);
            form.truncate(length);
            let expected = pattern(&form);
            let length = fold(&mut form);
            prop_assert_eq!(pattern(&form[..length]), expected);
        }
    }
}
