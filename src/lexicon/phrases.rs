//! Lists of phrases, found in any case where a word begins.
//!
//! Nearly no pattern has a phrase of most lists, and its words tell which: a text is glanced at once,
//! and only those lists are searched for of which it has the first word of a phrase.

use super::first_words::FIRST_WORDS;
use super::{grammar, labels, states, terms};

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
    pub const ALL: [List; 10] = [
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

    /// Its phrase of a number, which is what matches tell; `None` behind the last.
    pub const fn phrase(self, number: usize) -> Option<&'static str> {
        match self {
            List::Terms if number < terms::TERMS.len() => Some(terms::TERMS[number].0),
            List::Terms => None,
            List::Recoveries => nth(&[grammar::RECOVERIES], number),
            List::Auth => nth(&[grammar::AUTH], number),
            List::Lifecycle => nth(&[grammar::LIFECYCLE], number),
            List::Again => nth(&[states::AGAIN], number),
            List::States => nth(&[states::LOSSES, states::GAINS], number),
            List::Stops => nth(&[states::STOPS], number),
            List::Interruptions => nth(&[states::INTERRUPTIONS], number),
            List::Areas => match labels::phrase(number) {
                Some((_, phrase)) => Some(phrase),
                None => None,
            },
            List::LevelKeys => nth(&[grammar::LEVEL_KEYS], number),
        }
    }

    /// The phrases in a text of which [`Lists::glanced`] tells this, from where a word begins, be it
    /// inside a name; of those that begin at one place the longest, and none inside another.
    pub fn find(self, text: &str, lists: Lists) -> impl Iterator<Item = Found> {
        let places = lists
            .has(self)
            .then(|| FIRST_WORDS.found_in(text.as_bytes()));
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
        let is_it = |text: &str| text.eq_ignore_ascii_case(word);
        let first = FIRST_WORDS.word(word.as_bytes());
        first.is_some_and(|first| first.phrases(self).any(|(_, text)| is_it(text)))
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
        let words = FIRST_WORDS.found_in(text.as_bytes());
        Lists(words.fold(0, |lists, (_, word)| lists | word.lists().0))
    }

    /// Whether the list is among them.
    pub fn has(self, list: List) -> bool {
        self.0 & Lists::none().with(list).0 != 0
    }

    /// No list.
    pub const fn none() -> Self {
        Lists(0)
    }

    /// The list with them.
    pub const fn with(self, list: List) -> Self {
        Lists(self.0 | 1 << list as u16)
    }
}

/// The phrase of a number in lists that are one after the other.
const fn nth(lists: &[&[&'static str]], mut number: usize) -> Option<&'static str> {
    let mut list = 0;
    while list < lists.len() {
        if number < lists[list].len() {
            return Some(lists[list][number]);
        }
        number -= lists[list].len();
        list += 1;
    }
    None
}

/// Whether the bytes are words of their own and not part of a longer one.
pub(super) fn is_whole_word(text: &str, start: usize, end: usize) -> bool {
    let is_of_word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    !is_of_word(start.checked_sub(1).map(|before| &bytes[before])) && !is_of_word(bytes.get(end))
}

#[cfg(test)]
mod tests {
    use super::super::first_words::first_word_bytes;
    use super::*;
    use proptest::prelude::*;

    fn phrases(list: List) -> Vec<&'static str> {
        (0..).map_while(|number| list.phrase(number)).collect()
    }

    #[test]
    fn a_word_is_a_phrase_in_any_case_and_none_as_a_part_of_one() {
        let phrases = phrases(List::Terms);
        let words = List::ALL.into_iter().flat_map(self::phrases);
        let words = words.flat_map(|phrase| [phrase, phrase.split(' ').next().unwrap_or(phrase)]);
        for word in words.chain(["", "7", "a word that is longer than all"]) {
            let upper = word.to_ascii_uppercase();
            assert_eq!(List::Terms.has_word(&upper), phrases.contains(&word));
        }
    }

    #[test]
    fn every_phrase_begins_with_a_word_that_is_glanced_at() {
        for list in List::ALL {
            for phrase in phrases(list) {
                assert!(first_word_bytes(phrase.as_bytes()) > 0);
                assert!(!phrase.bytes().any(|byte| byte.is_ascii_uppercase()));
                assert!(Lists::glanced(phrase).has(list), "{phrase}");
            }
        }
    }

    /// The definition: at each place where a word begins, and not inside the one before.
    fn found_naively(list: List, text: &str) -> Vec<Found> {
        let (bytes, phrases) = (text.as_bytes(), phrases(list));
        let (mut found, mut end) = (Vec::new(), 0);
        for start in 0..bytes.len() {
            let is_of_word = start > 0 && bytes[start - 1].is_ascii_alphanumeric();
            if start < end || is_of_word && !bytes[start].is_ascii_uppercase() {
                continue;
            }
            let lower = bytes[start..].to_ascii_lowercase();
            let matching = phrases.iter().enumerate().filter(|(_, phrase)| {
                let first = first_word_bytes(phrase.as_bytes());
                lower.starts_with(phrase.as_bytes()) && first_word_bytes(&lower) == first
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
