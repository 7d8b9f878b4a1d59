//! Lists of phrases, found in any case where a word begins.
//!
//! Nearly no pattern has a phrase of most lists, and how its words begin tells: only where a word
//! begins as a phrase does is the text searched, and only then is what searches it built.

use aho_corasick::{AhoCorasick, AhoCorasickKind, Match, MatchKind};
use std::sync::OnceLock;

/// Kinds of bytes: the letters in either case, and all others as one.
const KINDS: usize = 27;

/// The kind of all bytes that are no letters, and of what is past the end.
const OTHER: usize = KINDS - 1;

/// A list of phrases.
pub(super) struct Phrases {
    list: fn() -> Vec<&'static str>,
    beginnings: OnceLock<Beginnings>,
    automaton: OnceLock<AhoCorasick>,
}

impl Phrases {
    /// The phrases that `list` gives.
    pub const fn new(list: fn() -> Vec<&'static str>) -> Self {
        Phrases {
            list,
            beginnings: OnceLock::new(),
            automaton: OnceLock::new(),
        }
    }

    /// The phrases in a text, none where none begins at a word's start, be it inside a name; of
    /// those that begin at one place the longest.
    pub fn find<'s>(&'s self, text: &'s str) -> impl Iterator<Item = Match> + 's {
        let found = self.may_be_in(text).then(|| {
            let automaton = self.automaton.get_or_init(|| automaton(&(self.list)()));
            automaton.find_iter(text)
        });
        found.into_iter().flatten()
    }

    /// Whether a word of a text begins as one of the phrases does; where none does, none is there.
    pub fn may_be_in(&self, text: &str) -> bool {
        let beginnings = self
            .beginnings
            .get_or_init(|| Beginnings::of(&(self.list)()));
        beginnings.are_in(text.as_bytes())
    }

    /// Where the first of the phrases begins that is whole words.
    pub fn is_in(&self, text: &str) -> Option<usize> {
        let mut found = self.find(text);
        let whole = found.find(|found| is_whole_word(text, found.start(), found.end()));
        whole.map(|found| found.start())
    }
}

/// Whether the bytes are words of their own and not part of a longer one.
pub(super) fn is_whole_word(text: &str, start: usize, end: usize) -> bool {
    let is_of_word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    !is_of_word(start.checked_sub(1).map(|before| &bytes[before])) && !is_of_word(bytes.get(end))
}

/// An automaton that prefers the longest of the phrases that begin at one place.
fn automaton(phrases: &[&'static str]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        // Built in half the time of the faster kind, which for a short input is all that counts.
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(phrases)
        .expect("a constant table of short phrases fits an automaton")
}

/// The first three bytes of phrases, by their kinds.
struct Beginnings(Box<[bool; KINDS * KINDS * KINDS]>);

impl Beginnings {
    fn of(phrases: &[&'static str]) -> Self {
        let mut beginnings = Beginnings(Box::new([false; KINDS * KINDS * KINDS]));
        for phrase in phrases {
            let phrase = phrase.as_bytes();
            // What follows a short phrase may be anything.
            let kinds = |at: usize| match phrase.get(at) {
                Some(byte) => kind(Some(byte))..kind(Some(byte)) + 1,
                None => 0..KINDS,
            };
            for first in kinds(0) {
                for second in kinds(1) {
                    for third in kinds(2) {
                        beginnings.0[place([first, second, third])] = true;
                    }
                }
            }
        }
        beginnings
    }

    /// Whether a phrase may begin in a text where a word does, or with a capital.
    fn are_in(&self, text: &[u8]) -> bool {
        let mut before = 0;
        text.iter().enumerate().any(|(at, byte)| {
            let class = CLASSES[usize::from(*byte)];
            let begins = before & OF_WORD == 0 || class & CAPITAL != 0;
            before = class;
            begins && {
                let kinds = [Some(byte), text.get(at + 1), text.get(at + 2)].map(kind);
                self.0[place(kinds)]
            }
        })
    }
}

fn place([first, second, third]: [usize; 3]) -> usize {
    (first * KINDS + second) * KINDS + third
}

fn kind(byte: Option<&u8>) -> usize {
    byte.map_or(OTHER, |byte| {
        usize::from(CLASSES[usize::from(*byte)] & KIND)
    })
}

/// The bits of a class that are a kind.
const KIND: u8 = 0x1f;
/// A letter or digit.
const OF_WORD: u8 = 0x20;
/// A capital letter.
const CAPITAL: u8 = 0x40;

/// The class of each byte.
static CLASSES: [u8; 256] = {
    let mut classes = [OTHER as u8; 256];
    let mut byte = 0u8;
    while byte < 0x80 {
        let class = &mut classes[byte as usize];
        if byte.is_ascii_alphabetic() {
            *class = byte.to_ascii_lowercase() - b'a';
        }
        if byte.is_ascii_alphanumeric() {
            *class |= OF_WORD;
        }
        if byte.is_ascii_uppercase() {
            *class |= CAPITAL;
        }
        byte += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIST: &[&str] = &[
        "up",
        "i/o error",
        "0 of",
        "failed",
        "fail",
        "re-opened",
        "x",
    ];
    static PHRASES: Phrases = Phrases::new(|| LIST.to_vec());

    proptest! {
        #[test]
        fn no_phrase_that_counts_is_missed(
            pieces in prop::collection::vec(
                "(up|I/O Error|0 of|failed|Fail|RE-OPENED|x|[a-z]| |-|ü)",
                0..12,
            ),
        ) {
            let text = pieces.concat();
            let whole = |found: &Match| {
                let (bytes, start) = (text.as_bytes(), found.start());
                is_whole_word(&text, start, found.end()) || bytes[start].is_ascii_uppercase()
            };
            let expected: Vec<Match> = automaton(LIST).find_iter(&text).filter(whole).collect();
            let found: Vec<Match> = PHRASES.find(&text).filter(whole).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
