//! What a message opens with: its first two words, read off its identity, or off the message itself
//! where no rule can touch them.

use super::{shape, words};
use memchr::memchr;

/// Longer words are not told beforehand, so that these are well within what is looked at of a message.
const WORD_BYTES_MAX: usize = 64;

/// The first two words of an identity, or the one that it has.
pub fn opening(identity: &str) -> &str {
    let bytes = identity.as_bytes();
    let blank_from = |at: usize| Some(at + memchr(b' ', &bytes[at..])?);
    let end = blank_from(0).and_then(|first| blank_from(first + 1));
    &identity[..end.unwrap_or(identity.len())]
}

/// What [`opening`] gives of the identity of a message, where the message alone tells: where it begins
/// with two words of letters between single blanks that stay whatever follows.
///
/// Such a word is no part of a longer one or of a shape, since all of these go on where it ends, but
/// for dates, which begin with three or six letters. It is a variable itself only if it is a boolean,
/// hexadecimal, or a user's name, which words before it announce. No later variable reaches back over it.
#[inline]
pub fn opening_of_message(message: &[u8]) -> Option<&[u8]> {
    let [first, second] = ends_of_words(message)?;
    let words = [&message[..first], message.get(first + 1..second)?];
    let stays = !words::may_announce_user(words[0])
        && words.iter().all(|word| stays(word))
        && message[first] == b' '
        && matches!(message.get(second), None | Some(b' '));
    stays.then(|| &message[..second])
}

/// Where two words of letters end that a message may begin with: each at a byte that is no letter.
#[inline]
fn ends_of_words(message: &[u8]) -> Option<[usize; 2]> {
    if let Some(ends) = message.first_chunk().and_then(shape::ends_of_letters) {
        return Some(ends);
    }
    let message = &message[..message.len().min(2 * WORD_BYTES_MAX + 3)];
    let first = shape::letters(message);
    let rest = message.get(first + 1..)?;
    Some([first, first + 1 + shape::letters(rest)])
}

/// Whether a word of letters is neither of a date nor a variable.
#[inline]
fn stays(word: &[u8]) -> bool {
    (1..=WORD_BYTES_MAX).contains(&word.len())
        && !shape::may_be_of_date(word)
        && !shape::is_variable(word)
}

#[cfg(test)]
mod tests {
    use super::super::{cheap, identity, pattern};
    use super::*;
    use proptest::prelude::*;

    fn opening_in_full(message: &[u8]) -> String {
        let mut form = Vec::new();
        cheap(message, &mut form);
        opening(&identity(&pattern(&form))).to_owned()
    }

    #[test]
    fn two_words_of_letters_open_a_message() {
        for (message, expected) in [
            ("link lost on eth0", Some("link lost")),
            ("link lost", Some("link lost")),
            ("link  lost", None),
            ("link lost: eth0", None),
            ("for bob it is", None),
            ("is true now", None),
            ("Jul lost it", None),
            ("deadbeef gone away", None),
            ("lost", None),
            ("", None),
        ] {
            let opening = opening_of_message(message.as_bytes());
            assert_eq!(opening, expected.map(str::as_bytes), "{message}");
        }
        assert_eq!(opening("eth<*> up again"), "eth<*> up");
        assert_eq!(opening("up"), "up");
    }

    proptest! {
        #[test]
        fn what_the_message_tells_is_what_its_identity_opens_with(
            first in "([a-zA-Z]{1,9}|user|for|account|password|failed|Mon|Jul|MonJul|true|None|deadbeef|HKEY|http)",
            second in "( |  |)([a-zA-Z]{1,9}|user|for|Sun|Dec|null|abcdefab|root|bob)",
            pieces in prop::collection::vec(
                prop_oneof![
                    4 => "[a-z]{1,9}",
                    4 => " {1,2}",
                    1 => "[a-fA-F0-9]{1,9}",
                    1 => "[-+:./=@~_ (){}\\[\\]<>'\",;%]{1,2}",
                    1 => "(: |, |=| for |user |User |account | from 10.0.0.1|password for |invalid user )",
                    1 => "(Jul 1 10:02:03|Mon, 2 Jul 2026 0:0:0|Jul|Sun|true|None|null|NULL|HKEY_a)",
                    1 => "(http://|a.com|C:\\\\a|::1|10:20:30|ab:cd:e0:|0x0a|KB|\\(\\)|git\\+| 12 14 )",
                    1 => "\\PC{1,2}",
                ],
                0..12,
            ),
        ) {
            let message = [first, second, pieces.concat()].concat().into_bytes();
            if let Some(told) = opening_of_message(&message) {
                prop_assert_eq!(String::from_utf8_lossy(told), opening_in_full(&message));
            }
        }

        #[test]
        fn no_bytes_behind_the_words_change_them(
            rest in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let message = [b"link lost ", &rest[..]].concat();
            prop_assert_eq!(opening_of_message(&message), Some(&b"link lost"[..]));
            prop_assert_eq!(opening_in_full(&message), "link lost");
        }
    }
}
