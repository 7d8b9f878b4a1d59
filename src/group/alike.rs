//! Which classes of patterns are one pattern but for a word.
//!
//! Classes that agree elsewhere are found by hashes, so that it takes time in proportion to the words
//! of all, and then compared word by word.

use super::{BESIDE_HOLE_VARIANTS_MIN, Class, HOLE, IDENTIFIER_VARIANTS_MIN, WORD_VARIANTS_MIN};
use crate::normalize;
use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hasher};
use std::iter;

/// Constant words that a joined pattern keeps at least.
const CONSTANT_WORDS_MIN: usize = 2;
/// The same, when the variable is the first word.
const CONSTANT_WORDS_MIN_FIRST: usize = 3;
/// Patterns with more words than this are not compared.
const COMPARED_WORDS_MAX: usize = 64;

/// Spreads the places of a text over a number's bits.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The halves of texts by their words. What agrees with another in all words but one has a half in
/// common with it.
pub(super) struct Halves {
    /// Hashes of halves, and of which text they are.
    found: Vec<(u64, u32)>,
    texts: u32,
}

impl Halves {
    pub fn with_capacity(texts: usize) -> Self {
        Halves {
            found: Vec::with_capacity(2 * texts),
            texts: 0,
        }
    }

    /// Adds the next text, of this service: the first half of its words, and the others.
    pub fn add(&mut self, service: Option<&str>, text: &str) {
        let text = text.as_bytes();
        let blanks = memchr::memchr_iter(b' ', text).count();
        // Of one word all is the second half.
        let middle = memchr::memchr_iter(b' ', text).nth(blanks.div_ceil(2).wrapping_sub(1));
        let (first, second) = text.split_at(middle.unwrap_or(0));
        let state = FixedState::with_seed(blanks as u64);
        for half in [(service, 1, first), (service, 2, second)] {
            self.found.push((state.hash_one(half), self.texts));
        }
        self.texts += 1;
    }

    /// Which texts may agree with another of their service in all words but one. Nearly none, where
    /// many patterns are not alike.
    pub fn alike(mut self) -> Vec<bool> {
        drop_those_met_once(&mut self.found, |(hash, _)| *hash);
        let mut alike = vec![false; self.texts as usize];
        for (_, text) in self.found {
            alike[text as usize] = true;
        }
        alike
    }
}

/// Classes that agree in all words but the one at a place: that place, and the classes.
pub(super) fn candidates(classes: &[Class<'_>]) -> Vec<(usize, Vec<usize>)> {
    let mut found: Vec<(u64, u32, u32)> = Vec::new();
    let mut hashes: Vec<(u64, u64)> = Vec::new();
    for (index, class) in classes.iter().enumerate() {
        let words = class.words().enumerate().take(COMPARED_WORDS_MAX + 1);
        hashes.clear();
        hashes.extend(words.map(hashes_of));
        if hashes.len() > COMPARED_WORDS_MAX {
            continue;
        }
        let all = hashes
            .iter()
            .fold(0, |sum: u64, (word, _)| sum.wrapping_add(*word));
        for (place, (word, frame)) in hashes.iter().enumerate() {
            let rest = all.wrapping_sub(*word).wrapping_add(*frame);
            found.push((rest, place as u32, index as u32));
        }
    }
    drop_those_met_once(&mut found, |(hash, ..)| *hash);
    found.sort_unstable();
    let sets = found.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1));
    sets.filter(|set| set.len() > 1)
        .map(|set| (set[0].1 as usize, agreeing(classes, set)))
        .filter(|(_, set)| set.len() > 1)
        .collect()
}

/// Leaves out most of those whose hash no other has: nearly all, where many patterns are not alike.
fn drop_those_met_once<T>(found: &mut Vec<T>, hash: impl Fn(&T) -> u64) {
    // Those that met by chance do not meet again.
    for bits in [0, 32, 16] {
        // Four places to each, so that few meet by chance.
        let places = (found.len() * 4).next_power_of_two();
        let place = |one: &T| hash(one).rotate_right(bits) as usize & (places - 1);
        let (mut met, mut met_again) = (vec![0u64; places / 64 + 1], vec![0u64; places / 64 + 1]);
        for one in found.iter() {
            let (word, bit) = (place(one) / 64, 1 << (place(one) % 64));
            met_again[word] |= met[word] & bit;
            met[word] |= bit;
        }
        found.retain(|one| met_again[place(one) / 64] >> (place(one) % 64) & 1 == 1);
    }
}

/// The hashes of a word at its place, and of the same with anything inside its punctuation. Whoever
/// makes two of them collide gains nothing: words are compared too.
fn hashes_of((place, word): (usize, &str)) -> (u64, u64) {
    let state = FixedState::with_seed(place as u64);
    let frame = match frame_of(word) {
        // That of nearly all words.
        ("", "") => (place as u64).wrapping_mul(ODD),
        (before, after) => {
            let mut hasher = state.build_hasher();
            hasher.write(before.as_bytes());
            // No word has a blank.
            hasher.write(b" ");
            hasher.write(after.as_bytes());
            hasher.finish()
        }
    };
    let mut hasher = state.build_hasher();
    hasher.write(word.as_bytes());
    (hasher.finish(), frame)
}

/// Those of classes with equal hashes that agree with the first one that may vary.
fn agreeing(classes: &[Class<'_>], set: &[(u64, u32, u32)]) -> Vec<usize> {
    let place = set[0].1 as usize;
    let word = |index: usize| classes[index].words().nth(place).unwrap_or_default();
    let varying = set.iter().map(|&(_, _, index)| index as usize);
    let mut varying = varying.filter(|&index| may_vary(word(index)));
    let Some(first) = varying.next() else {
        return Vec::new();
    };
    let agrees = |&other: &usize| {
        let mut words = classes[first]
            .words()
            .zip(classes[other].words())
            .enumerate();
        classes[first].words().count() == classes[other].words().count()
            && words.all(|(i, (a, b))| a == b || i == place && frame_of(a) == frame_of(b))
    };
    iter::once(first).chain(varying.filter(agrees)).collect()
}

/// The punctuation around a word's core; words vary only within equal punctuation.
pub(super) fn frame_of(word: &str) -> (&str, &str) {
    let is_plain = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'<' | b'>'))
    };
    if is_plain(word.as_bytes().first()) && is_plain(word.as_bytes().last()) {
        return ("", "");
    }
    let inside = |c: char| c.is_alphanumeric() || c == '<' || c == '>';
    let start = word.find(inside).unwrap_or(0);
    let end = word.rfind(inside).map_or(word.len(), |at| {
        at + word[at..].chars().next().map_or(0, char::len_utf8)
    });
    (&word[..start], &word[end..])
}

fn core_of(word: &str) -> &str {
    let (before, after) = frame_of(word);
    &word[before.len()..word.len() - after.len()]
}

/// Whether a word may be one value of a variable at all.
fn may_vary(word: &str) -> bool {
    let core = core_of(word);
    core.chars().count() > 1 && !normalize::is_state(core)
}

pub(super) fn is_one_pattern(classes: &[Class<'_>], place: usize, candidate: &[usize]) -> bool {
    let words = classes[candidate[0]].words();
    let constant = words
        .enumerate()
        .filter(|&(i, word)| i != place && is_constant_word(word))
        .count();
    let needed = if place == 0 {
        CONSTANT_WORDS_MIN_FIRST
    } else {
        CONSTANT_WORDS_MIN
    };
    let values = || {
        candidate
            .iter()
            .filter_map(|&index| classes[index].words().nth(place).map(core_of))
    };
    let enough = if values().any(|value| value == HOLE) {
        BESIDE_HOLE_VARIANTS_MIN
    } else if values().all(is_identifier) {
        IDENTIFIER_VARIANTS_MIN
    } else {
        WORD_VARIANTS_MIN
    };
    constant >= needed && candidate.len() >= enough
}

fn is_constant_word(word: &str) -> bool {
    !word.contains(HOLE) && word.chars().any(char::is_alphabetic)
}

/// A hole, a separator inside, or capitals inside: no word of prose.
fn is_identifier(core: &str) -> bool {
    core.contains(HOLE)
        || core
            .chars()
            .any(|c| matches!(c, '_' | '-' | '.' | '/' | ':' | '@' | '$'))
        || core.chars().skip(1).any(char::is_uppercase) && core.chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn alike(texts: &[String]) -> Vec<bool> {
        let mut halves = Halves::with_capacity(texts.len());
        texts.iter().for_each(|text| halves.add(Some("s"), text));
        halves.alike()
    }

    /// By the definition, word by word.
    fn are_alike(one: &str, other: &str) -> bool {
        let differ = || one.split(' ').zip(other.split(' ')).filter(|(a, b)| a != b);
        one.split(' ').count() == other.split(' ').count() && differ().count() <= 1
    }

    proptest! {
        #[test]
        fn what_differs_in_one_word_is_alike(
            texts in prop::collection::vec("[ab (),ü]{0,12}", 1..20),
        ) {
            let found = alike(&texts);
            for (index, text) in texts.iter().enumerate() {
                let mut others = texts.iter().enumerate().filter(|(other, _)| *other != index);
                prop_assert!(found[index] || !others.any(|(_, other)| are_alike(text, other)));
            }
        }
    }

    #[test]
    fn what_has_nothing_in_common_is_alone() {
        let texts = (0..1000).map(|n| format!("{} {} of {} went", n * 7, n * 11, n * 13));
        let alike = alike(&texts.collect::<Vec<String>>());
        assert!(alike.into_iter().filter(|alike| *alike).count() < 100);
    }
}
