//! Lists of phrases, found in any case where a word begins.
//!
//! Nearly no pattern has a phrase of most lists, and its words tell which: a text is glanced at once,
//! and only those lists are searched for of which it has the first word of a phrase.

use super::{grammar, labels, states, terms};
use crate::octets::{HIGHS, ONES, outside};
use foldhash::fast::FixedState;
use smallvec::SmallVec;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Bytes of the longest word that a phrase begins with.
const FIRST_WORD_BYTES_MAX: usize = 20;

/// A list of phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// Trouble.
    Terms,
    /// That trouble is over.
    Recoveries,
    /// Logins.
    Auth,
    /// Services that come and go.
    Lifecycle,
    /// That something is well again.
    Again,
    /// Words that tell a state. They are single words, so that what is no phrase here is no state.
    States,
    /// Orderly ends.
    Stops,
    /// What was forced to begin anew or elsewhere.
    Interruptions,
    /// Areas of operations.
    Areas,
    /// Keys of levels.
    LevelKeys,
}

impl List {
    const ALL: [List; 10] = [
        List::Terms,
        List::Recoveries,
        List::Auth,
        List::Lifecycle,
        List::Again,
        List::States,
        List::Stops,
        List::Interruptions,
        List::Areas,
        List::LevelKeys,
    ];

    /// Its phrases, in the order in which matches number them.
    fn phrases(self) -> Vec<&'static str> {
        match self {
            List::Terms => terms::TERMS.iter().map(|(phrase, ..)| *phrase).collect(),
            List::Recoveries => grammar::RECOVERIES.to_vec(),
            List::Auth => grammar::AUTH.to_vec(),
            List::Lifecycle => grammar::LIFECYCLE.to_vec(),
            List::Again => states::AGAIN.to_vec(),
            List::States => [states::LOSSES, states::GAINS].concat(),
            List::Stops => states::STOPS.to_vec(),
            List::Interruptions => states::INTERRUPTIONS.to_vec(),
            List::Areas => labels::phrases().collect(),
            List::LevelKeys => grammar::LEVEL_KEYS.to_vec(),
        }
    }

    /// The phrases in a text of which [`Lists::glanced`] tells this, from where a word begins, be it
    /// inside a name; of those that begin at one place the longest, and none inside another.
    pub fn find(self, text: &str, lists: Lists) -> impl Iterator<Item = Found> {
        let places = lists.has(self).then(|| FIRST_WORDS.places(text.as_bytes()));
        let mut end = 0;
        places.into_iter().flatten().filter_map(move |(at, words)| {
            let found = words.longest(self, text.as_bytes(), at)?;
            let is_inside = at < end;
            end = if is_inside { end } else { found.end };
            (!is_inside).then_some(found)
        })
    }

    /// Whether a word is a phrase.
    pub fn has_word(self, word: &str) -> bool {
        let is_it = |phrase: &Phrase| phrase.list == self && phrase.text.eq_ignore_ascii_case(word);
        let first = FIRST_WORDS.word(word.as_bytes());
        first.is_some_and(|first| first.phrases.iter().any(is_it))
    }

    /// Where the first of the phrases begins that is whole words, in a text as of [`List::find`].
    pub fn is_in(self, text: &str, lists: Lists) -> Option<usize> {
        let mut found = self.find(text, lists);
        let whole = found.find(|found| is_whole_word(text, found.start, found.end));
        whole.map(|found| found.start)
    }
}

/// A phrase in a text: its number in its list, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub phrase: usize,
    pub start: usize,
    pub end: usize,
}

/// Lists that a text may have phrases of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lists(u16);

impl Lists {
    /// All lists of which the text has a phrase where a word begins, and few others.
    pub fn glanced(text: &str) -> Self {
        let words = FIRST_WORDS.places(text.as_bytes());
        Lists(words.fold(0, |lists, (_, word)| lists | word.lists.0))
    }

    /// Whether the list is among them.
    pub fn has(self, list: List) -> bool {
        self.0 & Lists::only(list).0 != 0
    }

    fn only(list: List) -> Self {
        Lists(1 << list as u16)
    }
}

/// The first words of all phrases.
struct FirstWords {
    words: HashMap<&'static [u8], FirstWord, FixedState>,
    beginnings: Beginnings,
}

/// The phrases that begin with one word.
#[derive(Default)]
struct FirstWord {
    lists: Lists,
    phrases: SmallVec<[Phrase; 2]>,
}

#[derive(Clone, Copy)]
struct Phrase {
    list: List,
    number: u16,
    text: &'static str,
}

static FIRST_WORDS: LazyLock<FirstWords> = LazyLock::new(FirstWords::new);

impl FirstWords {
    fn new() -> Self {
        let mut all = FirstWords {
            words: HashMap::default(),
            beginnings: Beginnings::none(),
        };
        for list in List::ALL {
            for (number, text) in (0..).zip(list.phrases()) {
                let first = first_word(text.as_bytes());
                all.beginnings.add(first);
                let word = all.words.entry(first).or_default();
                word.lists.0 |= Lists::only(list).0;
                word.phrases.push(Phrase { list, number, text });
            }
        }
        all
    }

    /// Where a text has the first word of a phrase, be it at a capital inside a name.
    fn places<'t>(
        &self,
        text: &'t [u8],
    ) -> impl Iterator<Item = (usize, &FirstWord)> + use<'_, 't> {
        WordStarts::of(text).filter_map(|at| {
            let kinds = match text[at..].first_chunk() {
                Some(three) => three.each_ref().map(Some).map(kind),
                None => [text.get(at), text.get(at + 1), text.get(at + 2)].map(kind),
            };
            let may_be = self.beginnings.0[place(kinds)];
            Some((at, may_be.then(|| self.word(&text[at..]))??))
        })
    }

    fn word(&self, text: &[u8]) -> Option<&FirstWord> {
        // Longer ones are none, and in a long name each capital begins another one.
        let word = first_word(&text[..text.len().min(FIRST_WORD_BYTES_MAX + 1)]);
        let mut lower = [0; FIRST_WORD_BYTES_MAX];
        let lower = lower.get_mut(..word.len())?;
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        self.words.get(&*lower)
    }
}

impl FirstWord {
    /// The longest of a list's phrases at a place in a text.
    fn longest(&self, list: List, text: &[u8], at: usize) -> Option<Found> {
        let is_there = |phrase: &&Phrase| {
            let there = text.get(at..at + phrase.text.len());
            phrase.list == list
                && there.is_some_and(|there| there.eq_ignore_ascii_case(phrase.text.as_bytes()))
        };
        let phrases = self.phrases.iter().filter(is_there);
        let longest = phrases.max_by_key(|phrase| phrase.text.len())?;
        Some(Found {
            phrase: longest.number.into(),
            start: at,
            end: at + longest.text.len(),
        })
    }
}

/// The places in a text where a word may begin: behind what is no letter or digit, and at a capital.
struct WordStarts<'t> {
    text: &'t [u8],
    /// Where the eight bytes end that are looked at.
    end: usize,
    /// Those of them that are left, the high bit of each.
    left: u64,
    /// Whether a letter or digit stands before what comes next, in the lowest byte.
    before: u64,
}

impl<'t> WordStarts<'t> {
    fn of(text: &'t [u8]) -> Self {
        WordStarts {
            text,
            end: 0,
            left: 0,
            before: 0,
        }
    }

    /// Looks at the next eight bytes; `None` behind the last.
    fn advance(&mut self) -> Option<()> {
        let rest = self.text.get(self.end..).filter(|rest| !rest.is_empty())?;
        let (word, within) = match rest.first_chunk() {
            Some(word) => (u64::from_le_bytes(*word), HIGHS),
            None => {
                let mut word = [0; size_of::<u64>()];
                word[..rest.len()].copy_from_slice(rest);
                (u64::from_le_bytes(word), HIGHS >> (8 * (8 - rest.len())))
            }
        };
        // Letters of both cases are one, but for this bit.
        const SMALL: u64 = ONES << 5;
        let letters = HIGHS & !outside(word | SMALL, b'a', b'z');
        let of_word = letters | HIGHS & !outside(word, b'0', b'9');
        let capitals = letters & !((word & SMALL) << 2);
        self.left = (HIGHS & !(of_word << 8 | self.before) | capitals) & within;
        self.before = of_word >> 56;
        self.end += size_of::<u64>();
        Some(())
    }
}

impl Iterator for WordStarts<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            self.advance()?;
        }
        let at = self.end - size_of::<u64>() + self.left.trailing_zeros() as usize / 8;
        self.left &= self.left - 1;
        Some(at)
    }
}

/// The letters and digits that a text begins with.
fn first_word(text: &[u8]) -> &[u8] {
    let length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric());
    &text[..length.count()]
}

/// Whether the bytes are words of their own and not part of a longer one.
pub(super) fn is_whole_word(text: &str, start: usize, end: usize) -> bool {
    let is_of_word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    !is_of_word(start.checked_sub(1).map(|before| &bytes[before])) && !is_of_word(bytes.get(end))
}

/// Kinds of bytes: the letters in either case, and all others as one.
const KINDS: usize = 27;

/// The kind of all bytes that are no letters, and of what is past the end.
const OTHER: usize = KINDS - 1;

/// The first three bytes of words and of what follows them, by their kinds.
struct Beginnings(Box<[bool; KINDS * KINDS * KINDS]>);

impl Beginnings {
    fn none() -> Self {
        Beginnings(Box::new([false; KINDS * KINDS * KINDS]))
    }

    fn add(&mut self, word: &[u8]) {
        // Behind a short word no letter follows, and then anything may.
        let kinds = |at: usize| match at.checked_sub(word.len()) {
            None => kind(word.get(at))..kind(word.get(at)) + 1,
            Some(0) => OTHER..KINDS,
            Some(_) => 0..KINDS,
        };
        for first in kinds(0) {
            for second in kinds(1) {
                for third in kinds(2) {
                    self.0[place([first, second, third])] = true;
                }
            }
        }
    }
}

fn place([first, second, third]: [usize; 3]) -> usize {
    (first * KINDS + second) * KINDS + third
}

fn kind(byte: Option<&u8>) -> usize {
    byte.map_or(OTHER, |byte| usize::from(KIND_OF[usize::from(*byte)]))
}

/// The kind of each byte.
static KIND_OF: [u8; 256] = {
    let mut kinds = [OTHER as u8; 256];
    let mut letter = b'a';
    while letter <= b'z' {
        kinds[letter as usize] = letter - b'a';
        kinds[letter.to_ascii_uppercase() as usize] = letter - b'a';
        letter += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_phrase_in_any_case_and_none_as_a_part_of_one() {
        let phrases = List::Terms.phrases();
        let words = List::ALL.iter().flat_map(|list| list.phrases());
        let words = words.flat_map(|phrase| [phrase, phrase.split(' ').next().unwrap_or(phrase)]);
        for word in words.chain(["", "7", "a word that is longer than all"]) {
            let upper = word.to_ascii_uppercase();
            assert_eq!(List::Terms.has_word(&upper), phrases.contains(&word));
        }
    }
    use proptest::prelude::*;

    #[test]
    fn every_phrase_begins_with_a_word_that_is_glanced_at() {
        for list in List::ALL {
            for phrase in list.phrases() {
                let word = first_word(phrase.as_bytes());
                assert!(!word.is_empty() && word.len() <= FIRST_WORD_BYTES_MAX);
                assert!(!phrase.bytes().any(|byte| byte.is_ascii_uppercase()));
                assert!(Lists::glanced(phrase).has(list), "{phrase}");
            }
        }
    }

    /// The definition: at each place where a word begins, and not inside the one before.
    fn found_naively(list: List, text: &str) -> Vec<Found> {
        let (bytes, phrases) = (text.as_bytes(), list.phrases());
        let (mut found, mut end) = (Vec::new(), 0);
        for start in 0..bytes.len() {
            let is_of_word = start > 0 && bytes[start - 1].is_ascii_alphanumeric();
            if start < end || is_of_word && !bytes[start].is_ascii_uppercase() {
                continue;
            }
            let lower = bytes[start..].to_ascii_lowercase();
            let matching = phrases.iter().enumerate().filter(|(_, phrase)| {
                let first = first_word(phrase.as_bytes());
                lower.starts_with(phrase.as_bytes()) && first_word(&lower) == first
            });
            if let Some((phrase, longest)) = matching.max_by_key(|(_, phrase)| phrase.len()) {
                end = start + longest.len();
                found.push(Found { phrase, start, end });
            }
        }
        found
    }

    proptest! {
        #[test]
        fn phrases_are_found_as_the_definition_says(
            pieces in prop::collection::vec(
                "(up|is UP|I/O Error|0 of|failed|Fail|to|RE-OPENED|su|sudo|level=|x|[a-z]| |-|ü|_)",
                0..12,
            ),
        ) {
            let text = pieces.concat();
            let lists = Lists::glanced(&text);
            for list in List::ALL {
                let found: Vec<Found> = list.find(&text, lists).collect();
                prop_assert_eq!(found, found_naively(list, &text));
            }
        }
    }
}
