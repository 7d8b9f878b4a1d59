//! Classes: patterns that are compared as one, and the order of them.

use super::HOLE;
use crate::normalize;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Patterns of one service that are compared as one.
pub(super) struct Class<'a> {
    /// The words with prefixes masked, by single blanks.
    pub text: Cow<'a, str>,
    pub members: SmallVec<[usize; 1]>,
}

impl<'a> Class<'a> {
    /// The class of one pattern, which has this text.
    pub fn of(member: usize, text: Cow<'a, str>) -> Self {
        Class {
            text,
            members: SmallVec::from_buf([member]),
        }
    }

    pub fn words(&self) -> Words<'_> {
        Words(Some(&self.text))
    }
}

/// The words of a text, which are short, by single blanks.
#[derive(Clone)]
pub(super) struct Words<'t>(Option<&'t str>);

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let text = self.0?;
        let Some(end) = text.bytes().position(|byte| byte == b' ') else {
            return self.0.take();
        };
        self.0 = Some(&text[end + 1..]);
        Some(&text[..end])
    }
}

/// The words of a pattern, with prefixes masked.
pub(super) fn text(pattern: &str) -> Cow<'_, str> {
    match normalize::has_holes(pattern) {
        false => Cow::Borrowed(pattern),
        true => Cow::Owned(without_prefixes(&normalize::untyped(pattern))),
    }
}

/// The classes in the order of their words, those of the same words as one.
pub(super) fn united(classes: Vec<Class<'_>>) -> Vec<Class<'_>> {
    let classes = classes.into_iter();
    let mut classes: Vec<(u64, Class<'_>)> = classes
        .map(|class| (beginning(&class.text), class))
        .collect();
    // The members in the order of their fingerprints, each of the classes that are one.
    classes.sort_unstable_by(|(a, one), (b, other)| {
        let by_words = || by_words(&one.text, &other.text);
        a.cmp(b)
            .then_with(by_words)
            .then_with(|| one.members.cmp(&other.members))
    });
    let mut classes: Vec<Class<'_>> = classes.into_iter().map(|(_, class)| class).collect();
    classes.dedup_by(|next, kept| {
        let same = next.text == kept.text;
        if same {
            kept.members.append(&mut next.members);
        }
        same
    });
    classes
}

/// The first bytes of a text as a number: of two texts with different ones the lesser is first in the
/// order of [`by_words`].
fn beginning(text: &str) -> u64 {
    let mut number = [0; size_of::<u64>()];
    for (digit, byte) in number.iter_mut().zip(text.bytes()) {
        *digit = match byte {
            b' ' => 1,
            other => other.max(2),
        };
        // Some bytes are taken for one: what follows them tells nothing.
        if byte <= 2 {
            break;
        }
    }
    u64::from_be_bytes(number)
}

/// The order of two texts by their words, which is that of bytes with the blank as the least of them.
fn by_words(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let differs = one.iter().zip(other).position(|(a, b)| a != b);
    let at = differs.unwrap_or(one.len().min(other.len()));
    let rank = |byte: Option<&u8>| byte.map(|byte| (*byte != b' ', *byte));
    rank(one.get(at)).cmp(&rank(other.get(at)))
}

/// The words without the letters directly before their holes.
pub(super) fn without_prefixes(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find(HOLE) {
        out.push_str(rest[..at].trim_end_matches(|c: char| c.is_alphabetic() || c == '_'));
        out.push_str(HOLE);
        rest = &rest[at + HOLE.len()..];
    }
    out.push_str(rest);
    out.shrink_to_fit();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_are_ordered_by_their_words() {
        let texts = [
            "", " ", "a", "a ", "a b", "a\u{1}", "a\u{1} b", "a-b", "aa", "ä b",
        ];
        for one in texts {
            for other in texts {
                let expected = one.split(' ').cmp(other.split(' '));
                assert_eq!(by_words(one, other), expected, "{one:?} {other:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn beginnings_are_in_the_order_of_words(one in "[ab !\0\x01\x02ü]{0,10}", other in "[ab !\0\x01\x02ü]{0,10}") {
            let by_beginning = beginning(&one).cmp(&beginning(&other));
            prop_assert!(by_beginning.is_eq() || by_beginning == by_words(&one, &other));
        }

        #[test]
        fn words_are_what_stands_between_blanks(text in "[ab ü]{0,10}") {
            prop_assert!(Words(Some(&text)).eq(text.split(' ')));
        }
    }
}
