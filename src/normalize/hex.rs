//! The second step to a cheap form: words that are hexadecimal ids become one of a few.
//!
//! Ids differ in their letters as numbers do in their digits, and no rule looks at which they are.
//! What a word of hexadecimal digits means is the shapes' matter; they see the same kind of word.

use super::shape::is_word_byte;

/// The shortest word that is folded; shorter ones may be a number with its unit (`0B`).
const WORD_BYTES_MIN: usize = 3;

/// A byte of words.
const WORD: u8 = 1;
/// A byte that may be one of an id: a hexadecimal digit, or the `x` before some.
const ID: u8 = 2;

/// What each byte may be part of.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        let b = byte as u8;
        if is_word_byte(b) {
            kinds[byte] |= WORD;
        }
        if b.is_ascii_hexdigit() || matches!(b, b'x' | b'X') {
            kinds[byte] |= ID;
        }
        byte += 1;
    }
    kinds
};

/// Folds the ids of a form whose runs of digits are masked, in place, and gives its new length.
pub(super) fn fold(form: &mut [u8]) -> usize {
    let (mut from, mut to) = (0, 0);
    while from < form.len() {
        let (mut word, mut kind) = (0, ID);
        for byte in &form[from..] {
            let kinds = KINDS[usize::from(*byte)];
            if kinds & WORD == 0 {
                break;
            }
            kind &= kinds;
            word += 1;
        }
        // Behind a plus it may be part of a URL's scheme, whose length is bounded.
        let may_be_id = kind & ID != 0 && !(from > 0 && form[from - 1] == b'+');
        let end = (from + word + 1).min(form.len());
        if may_be_id && let Some(folded) = folded(&form[from..from + word]) {
            form[to..to + folded.len()].copy_from_slice(&folded);
            to += folded.len();
            from += word;
        }
        if from != to {
            form.copy_within(from..end, to);
        }
        to += end - from;
        from = end;
    }
    to
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
            ("", ""),
        ] {
            assert_eq!(shown(form), expected);
        }
    }

    proptest! {
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
