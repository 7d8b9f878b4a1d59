//! The second step to a cheap form: words that are hexadecimal ids become one of a few.
//!
//! Ids differ in their letters as numbers do in their digits, and no rule looks at which they are.
//! What a word of hexadecimal digits means is the shapes' matter; they see the same kind of word.

use super::shape::is_word_byte;

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

/// Folds the ids of a form whose runs of digits are masked, in place, and gives its new length.
pub(super) fn fold(form: &mut [u8]) -> usize {
    // What is read, what of it was moved, and where to.
    let (mut at, mut from, mut to) = (0, 0, 0);
    // Every id has a digit, and most words with one are the digit alone.
    while let Some(digit) = memchr::memchr(b'0', &form[at..]) {
        let is_of_word = |byte: &&u8| OF_WORDS[usize::from(**byte)];
        let before = form[at..at + digit].iter().rev();
        let start = at + digit - before.take_while(is_of_word).count();
        let after = form[at + digit..].iter();
        let end = at + digit + after.take_while(is_of_word).count();
        at = end;
        // Behind a plus it may be part of a URL's scheme, whose length is bounded.
        let in_scheme = start > from && form[start - 1] == b'+';
        let Some(folded) = folded(&form[start..end]).filter(|_| !in_scheme) else {
            continue;
        };
        form.copy_within(from..start, to);
        to += start - from;
        form[to..to + folded.len()].copy_from_slice(&folded);
        to += folded.len();
        from = end;
    }
    if from == to {
        return form.len();
    }
    form.copy_within(from.., to);
    to + form.len() - from
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
