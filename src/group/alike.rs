//! Which classes of patterns are one pattern but for a word.
//!
//! Classes that agree elsewhere are found by hashes, so that it takes time in proportion to the words
//! of all, and then compared word by word.

use super::{BESIDE_HOLE_VARIANTS_MIN, Class, HOLE, IDENTIFIER_VARIANTS_MIN, WORD_VARIANTS_MIN};
use crate::normalize;
use std::iter;

/// Constant words that a joined pattern keeps at least.
const CONSTANT_WORDS_MIN: usize = 2;
/// The same, when the variable is the first word.
const CONSTANT_WORDS_MIN_FIRST: usize = 3;
/// Patterns with more words than this are not compared.
const COMPARED_WORDS_MAX: usize = 64;

/// Spreads the places of a text over a number's bits.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Which classes may agree with another in all words but one; of those that are too long to be compared
/// nothing is known.
pub(super) fn alike(classes: &[Class<'_>]) -> Vec<bool> {
    let (mut rests, mut alike) = (Vec::new(), vec![false; classes.len()]);
    for (index, class) in (0..).zip(classes) {
        alike[index] = !add_rests(&class.text, index as u32, &mut rests);
    }
    for rest in meeting(&mut rests).flatten() {
        alike[rest.class as usize] = true;
    }
    alike
}

/// Classes that agree in all words but the one at a place: that place, and the classes.
pub(super) fn candidates(classes: &[Class<'_>]) -> Vec<(usize, Vec<usize>)> {
    let mut rests = Vec::new();
    for (index, class) in (0..).zip(classes) {
        add_rests(&class.text, index, &mut rests);
    }
    meeting(&mut rests)
        .map(|set| (set[0].place as usize, agreeing(classes, set)))
        .filter(|(_, set)| set.len() > 1)
        .collect()
}

/// A class without the word at a place, of which the punctuation stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rest {
    /// Of the words and their places. Whoever makes two of them collide gains nothing: words are
    /// compared too.
    hash: u64,
    place: u32,
    class: u32,
}

/// Adds a class without each of its words; `false` where these are too many.
fn add_rests(text: &str, class: u32, rests: &mut Vec<Rest>) -> bool {
    let from = rests.len();
    let (text, mut all) = (text.as_bytes(), 0u64);
    let (mut start, mut place) = (0, 0u32);
    while start <= text.len() {
        if place as usize == COMPARED_WORDS_MAX {
            rests.truncate(from);
            return false;
        }
        let seed = u64::from(place + 1).wrapping_mul(ODD);
        let (word, end) = hashed(text, start, seed);
        let hash = frame_hash(&text[start..end], seed).wrapping_sub(word);
        rests.push(Rest { hash, place, class });
        all = all.wrapping_add(word);
        (start, place) = (end + 1, place + 1);
    }
    for rest in &mut rests[from..] {
        rest.hash = rest.hash.wrapping_add(all);
    }
    true
}

/// The hash of the punctuation around a word.
fn frame_hash(word: &[u8], seed: u64) -> u64 {
    // That of nearly all words.
    if is_plain(word.first()) && is_plain(word.last()) {
        return seed;
    }
    // The words of a text are text.
    let (before, after) = frame_of(std::str::from_utf8(word).unwrap_or_default());
    if before.is_empty() && after.is_empty() {
        return seed;
    }
    let (before, _) = hashed(before.as_bytes(), 0, seed);
    hashed(after.as_bytes(), 0, before).0
}

/// The hash of the word that begins at a place of a text, and where it ends: at a blank or with the text.
fn hashed(text: &[u8], start: usize, seed: u64) -> (u64, usize) {
    let (mut hash, mut at) = (seed, start);
    loop {
        let bytes = eight(text, at);
        let length = before_blank(bytes);
        // How many bytes are left is told in the place of the last one.
        if length < size_of::<u64>() {
            let left = bytes & !(u64::MAX << (8 * length)) | (length as u64) << 56;
            return (mixed(hash ^ left), at + length);
        }
        (hash, at) = (mixed(hash ^ bytes), at + length);
    }
}

/// Eight bytes of a text; behind its end there are blanks.
fn eight(text: &[u8], at: usize) -> u64 {
    let mut bytes = [b' '; size_of::<u64>()];
    match text.get(at..at + size_of::<u64>()) {
        Some(eight) => bytes.copy_from_slice(eight),
        None => {
            let rest = text.get(at..).unwrap_or_default();
            bytes[..rest.len()].copy_from_slice(rest);
        }
    }
    u64::from_le_bytes(bytes)
}

/// How many of eight bytes stand before the first blank.
fn before_blank(bytes: u64) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    let flipped = bytes ^ (ONES * b' ' as u64);
    // The lowest high bit set is that of the first byte that is 0; those above it may be of others.
    let zeros = flipped.wrapping_sub(ONES) & !flipped & (ONES << 7);
    (zeros.trailing_zeros() / 8) as usize
}

fn mixed(hash: u64) -> u64 {
    let product = u128::from(hash) * u128::from(ODD);
    product as u64 ^ (product >> 64) as u64
}

/// Those whose hash another one has, by hash.
fn meeting(rests: &mut Vec<Rest>) -> impl Iterator<Item = &[Rest]> {
    // Those that met by chance do not meet again.
    for bits in [0, 32, 16] {
        drop_single(rests, |hash| hash.rotate_right(bits) as usize);
    }
    rests.sort_unstable();
    let sets = rests.chunk_by(|one, other| (one.hash, one.place) == (other.hash, other.place));
    sets.filter(|set| set.len() > 1)
}

/// Leaves out most of those whose hash no other has: nearly all, where many patterns are not alike.
fn drop_single(rests: &mut Vec<Rest>, bits: impl Fn(u64) -> usize) {
    // Four places to each, so that few meet by chance.
    let places = (rests.len() * 4).next_power_of_two();
    let place = |rest: &Rest| bits(rest.hash) & (places - 1);
    let (mut met, mut met_again) = (vec![0u64; places / 64 + 1], vec![0u64; places / 64 + 1]);
    for rest in rests.iter() {
        let (word, bit) = (place(rest) / 64, 1 << (place(rest) % 64));
        met_again[word] |= met[word] & bit;
        met[word] |= bit;
    }
    rests.retain(|rest| met_again[place(rest) / 64] >> (place(rest) % 64) & 1 == 1);
}

/// Those of classes with equal hashes that agree with the first one that may vary.
fn agreeing(classes: &[Class<'_>], set: &[Rest]) -> Vec<usize> {
    let place = set[0].place as usize;
    let word = |index: usize| classes[index].words().nth(place).unwrap_or_default();
    let varying = set.iter().map(|rest| rest.class as usize);
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

fn is_plain(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'<' | b'>'))
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
    use super::super::class::of_each;
    use super::super::members_of;
    use super::*;
    use crate::signature::Signature;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// By the definition, word by word.
    fn are_alike(one: &str, other: &str) -> bool {
        let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        let (one, other) = (words(one), words(other));
        let differ: Vec<_> = one.iter().zip(&other).filter(|(a, b)| a != b).collect();
        one.len() == other.len()
            && match differ[..] {
                [] => true,
                [(a, b)] => frame_of(a) == frame_of(b),
                _ => false,
            }
    }

    proptest! {
        #[test]
        fn alike_are_those_that_differ_in_a_word_inside_its_punctuation(
            texts in prop::collection::vec("[ab (),ü]{0,12}|[a-c]{6,10} [a-c]{8,9}[ :]x", 1..12),
        ) {
            let mut signatures = vec![Signature::of(None, b""); texts.len()];
            for (signature, text) in signatures.iter_mut().zip(&texts) {
                signature.pattern = Arc::from(text.as_str());
            }
            let members = members_of(&signatures);
            let found = alike(&of_each(&members));
            // One that begins with a blank has a hole there.
            let classes = of_each(&members);
            let texts: Vec<&str> = classes.iter().map(|class| &*class.text).collect();
            for (index, text) in texts.iter().enumerate() {
                let mut others = texts.iter().enumerate().filter(|(other, _)| *other != index);
                prop_assert_eq!(found[index], others.any(|(_, other)| are_alike(text, other)));
            }
        }
    }

    #[test]
    fn of_what_has_too_many_words_nothing_is_known() {
        let mut rests = Vec::new();
        let text = vec!["word"; COMPARED_WORDS_MAX].join(" ");
        assert!(add_rests(&text, 0, &mut rests));
        assert_eq!(rests.len(), COMPARED_WORDS_MAX);
        assert!(!add_rests(&(text + " "), 1, &mut rests));
        assert_eq!(rests.len(), COMPARED_WORDS_MAX);
    }
}
