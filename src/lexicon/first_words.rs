//! The words that phrases begin with, found in a text.
//!
//! They are put in order when the program is compiled: to do it for the hundred patterns of most logs took a
//! run longer than to judge their words.

use super::phrases::{Found, List, Lists};
use crate::octets::{HIGHS, ONES, outside};
use std::iter;

/// Bytes of the longest word that a phrase begins with.
const FIRST_WORD_BYTES_MAX: usize = 20;

/// A word in small letters, zeros behind it; as many whole lanes as the longest takes.
type Letters = [u8; FIRST_WORD_BYTES_MAX.next_multiple_of(size_of::<u64>())];

/// Phrases of all lists.
const PHRASES: usize = {
    let mut phrases = 0;
    let mut list = 0;
    while list < List::ALL.len() {
        let mut number = 0;
        while List::ALL[list].phrase(number).is_some() {
            number += 1;
        }
        phrases += number;
        list += 1;
    }
    phrases
};

/// Places for their words, of which so many are free that one is soon found.
const PLACES: usize = (2 * PHRASES).next_power_of_two();

/// Where no word and no phrase is.
const NONE: u16 = u16::MAX;

const _: () = assert!(PHRASES < NONE as usize);

pub(super) static FIRST_WORDS: FirstWords = FirstWords::of_all_lists();

/// The first words of all phrases.
pub(super) struct FirstWords {
    /// The number of the word whose place it is, or of one that found its own place taken.
    places: [u16; PLACES],
    words: [FirstWord; PHRASES],
    /// How many words there are.
    count: usize,
    phrases: [Phrase; PHRASES],
    beginnings: Beginnings,
}

/// A word that phrases begin with.
#[derive(Clone, Copy)]
pub(super) struct FirstWord {
    letters: Letters,
    /// The lists that have such a phrase.
    lists: Lists,
    /// The last of the phrases.
    last: u16,
}

#[derive(Clone, Copy)]
struct Phrase {
    list: List,
    number: u16,
    /// One before it that begins with the same word.
    before: u16,
}

impl FirstWords {
    const fn of_all_lists() -> Self {
        let no_word = FirstWord {
            letters: [0; _],
            lists: Lists::none(),
            last: NONE,
        };
        let no_phrase = Phrase {
            list: List::Terms,
            number: 0,
            before: NONE,
        };
        let mut all = FirstWords {
            places: [NONE; PLACES],
            words: [no_word; PHRASES],
            count: 0,
            phrases: [no_phrase; PHRASES],
            beginnings: Beginnings::none(),
        };
        let (mut list, mut phrase) = (0, 0);
        while list < List::ALL.len() {
            let mut number = 0;
            while let Some(text) = List::ALL[list].phrase(number) {
                all.add(phrase, (List::ALL[list], number), text);
                number += 1;
                phrase += 1;
            }
            list += 1;
        }
        all
    }

    const fn add(&mut self, phrase: usize, (list, number): (List, usize), text: &str) {
        let (word, _) = text.as_bytes().split_at(first_word_bytes(text.as_bytes()));
        self.beginnings.add(word);
        let word = &mut self.words[self.number(&letters(word))];
        self.phrases[phrase] = Phrase {
            list,
            number: number as u16,
            before: word.last,
        };
        word.lists = word.lists.with(list);
        word.last = phrase as u16;
    }

    /// The number of a word, which is given one if it has none.
    const fn number(&mut self, letters: &Letters) -> usize {
        match self.find(letters) {
            Ok(word) => word,
            Err(place) => {
                let word = self.count;
                self.count += 1;
                self.places[place] = word as u16;
                self.words[word].letters = *letters;
                word
            }
        }
    }

    /// The number of a word, or the place that is free for it.
    const fn find(&self, letters: &Letters) -> Result<usize, usize> {
        let mut place = place_of(letters);
        loop {
            let word = self.places[place] as usize;
            if word == NONE as usize {
                return Err(place);
            }
            if are_equal(&self.words[word].letters, letters) {
                return Ok(word);
            }
            place = (place + 1) % PLACES;
        }
    }

    /// Where a text has the first word of a phrase, be it at a capital inside a name.
    pub fn found_in<'t>(
        &self,
        text: &'t [u8],
    ) -> impl Iterator<Item = (usize, &FirstWord)> + use<'_, 't> {
        WordStarts::of(text).filter_map(|at| {
            let kind_at = |at: usize| text.get(at).map_or(OTHER, |byte| kind(*byte));
            let kinds = match text[at..].first_chunk() {
                Some(three) => three.map(kind),
                None => [at, at + 1, at + 2].map(kind_at),
            };
            let may_be = self.beginnings.has(kinds);
            Some((at, may_be.then(|| self.word(&text[at..]))??))
        })
    }

    /// The word that a text begins with, if a phrase begins with it.
    pub fn word(&self, text: &[u8]) -> Option<&FirstWord> {
        // Longer ones are none, and in a long name each capital begins another one.
        let bytes = first_word_bytes(&text[..text.len().min(FIRST_WORD_BYTES_MAX + 1)]);
        let may_be = bytes <= FIRST_WORD_BYTES_MAX;
        let word = may_be.then(|| self.find(&letters(&text[..bytes])).ok())??;
        Some(&self.words[word])
    }
}

impl FirstWord {
    /// The lists that have a phrase which begins with it.
    pub fn lists(&self) -> Lists {
        self.lists
    }

    /// The phrases of a list that begin with it, with their numbers.
    pub fn phrases(&self, list: List) -> impl Iterator<Item = (usize, &'static str)> {
        let phrase = |number: u16| FIRST_WORDS.phrases.get(usize::from(number));
        let phrases = iter::successors(phrase(self.last), move |last| phrase(last.before));
        let of_list = phrases.filter(move |phrase| phrase.list == list);
        of_list.filter_map(move |phrase| {
            let number = usize::from(phrase.number);
            Some((number, list.phrase(number)?))
        })
    }

    /// The longest of a list's phrases at a place in a text.
    pub fn longest(&self, list: List, text: &[u8], at: usize) -> Option<Found> {
        let phrases = self.phrases(list).filter(|(_, phrase)| {
            let there = text.get(at..at + phrase.len());
            there.is_some_and(|there| there.eq_ignore_ascii_case(phrase.as_bytes()))
        });
        let (phrase, longest) = phrases.max_by_key(|(number, phrase)| (phrase.len(), *number))?;
        Some(Found {
            phrase,
            start: at,
            end: at + longest.len(),
        })
    }
}

/// The letters of a word that has no more than the longest.
const fn letters(word: &[u8]) -> Letters {
    let mut letters: Letters = [0; _];
    letters.split_at_mut(word.len()).0.copy_from_slice(word);
    letters.make_ascii_lowercase();
    letters
}

/// The lane of a word at an index.
const fn lane(letters: &Letters, index: usize) -> u64 {
    u64::from_le_bytes(letters.as_chunks().0[index])
}

const fn are_equal(one: &Letters, other: &Letters) -> bool {
    let mut differing = 0;
    let mut index = 0;
    while index < size_of::<Letters>() / size_of::<u64>() {
        differing |= lane(one, index) ^ lane(other, index);
        index += 1;
    }
    differing == 0
}

/// The place that a word has, be it taken.
const fn place_of(letters: &Letters) -> usize {
    let mut mixed = 0;
    let mut index = 0;
    while index < size_of::<Letters>() / size_of::<u64>() {
        mixed = (mixed ^ lane(letters, index)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^= mixed >> 32;
        index += 1;
    }
    mixed as usize % PLACES
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

/// How many letters and digits a text begins with.
pub(super) const fn first_word_bytes(text: &[u8]) -> usize {
    let mut bytes = 0;
    while bytes < text.len() && text[bytes].is_ascii_alphanumeric() {
        bytes += 1;
    }
    bytes
}

/// Kinds of bytes: the letters in either case, and all others as one.
const KINDS: usize = 27;

/// The kind of all bytes that are no letters, and of what is past the end.
const OTHER: usize = KINDS - 1;

/// The first three bytes of words and of what follows them, by their kinds: for each two a bit for each third.
struct Beginnings([u32; KINDS * KINDS]);

impl Beginnings {
    const fn none() -> Self {
        Beginnings([0; _])
    }

    fn has(&self, [first, second, third]: [usize; 3]) -> bool {
        self.0[first * KINDS + second] >> third & 1 != 0
    }

    const fn add(&mut self, word: &[u8]) {
        let (first, _) = kinds(word, 0);
        let (mut second, seconds) = kinds(word, 1);
        while second < seconds {
            let (mut third, thirds) = kinds(word, 2);
            while third < thirds {
                self.0[first * KINDS + second] |= 1 << third;
                third += 1;
            }
            second += 1;
        }
    }
}

/// The kinds that the byte at an index may be of where a word begins, from the first to before the last.
const fn kinds(word: &[u8], index: usize) -> (usize, usize) {
    if index < word.len() {
        let kind = kind(word[index]);
        (kind, kind + 1)
    } else if index == word.len() {
        // Behind a word no letter follows, and then anything may.
        (OTHER, KINDS)
    } else {
        (0, KINDS)
    }
}

const fn kind(byte: u8) -> usize {
    KIND_OF[byte as usize] as usize
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
