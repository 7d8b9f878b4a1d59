//! Which patterns stay where there are more than are kept: classes of patterns and their order.
//!
//! A class is what a message opens with, so that for most lines it is known before any rule of
//! normalization has run. Which ranks stay of those that were met is the corpus's to say.

use super::Fingerprint;
use crate::normalize;

/// Patterns of one service that open with the same words.
///
/// A hash of the service and of what [`normalize::opening`] gives of the identity: a function of what the
/// fingerprint is a function of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Class(pub u64);

/// What a service adds to the classes of its patterns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed(u64);

impl Seed {
    /// The seed of a service (see [`normalize::service`]). As for fingerprints, none is the empty one.
    pub fn of(service: Option<&str>) -> Self {
        Seed(hash(0, service.unwrap_or_default().as_bytes()))
    }

    /// The class of a service's messages that open so.
    #[inline]
    pub fn class(self, opening: &[u8]) -> Class {
        Class(hash(self.0, opening))
    }

    /// The class of a service's message of which so many bytes are its opening: the same with less work.
    #[inline]
    pub fn class_of_message(self, message: &[u8], opening: usize) -> Class {
        match message.first_chunk() {
            Some(block) if opening <= BLOCK_BYTES => Class(ended(self.0, block, opening, opening)),
            _ => self.class(&message[..opening]),
        }
    }
}

/// Bytes that are hashed at once: openings have seldom more.
const BLOCK_BYTES: usize = 24;

/// Numbers with bits as good as random: the first of the fraction of pi.
const PI: [u64; 4] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
    0x082e_fa98_ec4e_6c89,
];

/// A hash of bytes, which only has to spread well: whoever wants to be among the patterns that stay can write
/// many. Block by block, each as three words that are folded into the hash of those before by the halves of
/// their product, as in wyhash (Wang Yi) and foldhash.
#[inline]
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut state = seed;
    let mut rest = bytes;
    while rest.len() > BLOCK_BYTES
        && let Some((block, others)) = rest.split_first_chunk()
    {
        state = mixed(state, words(block));
        rest = others;
    }
    let mut block = [0; BLOCK_BYTES];
    block[..rest.len()].copy_from_slice(rest);
    ended(state, &block, rest.len(), bytes.len())
}

/// The hash of bytes of which this block begins with the last ones; what follows them in it is not looked at.
#[inline]
fn ended(state: u64, block: &[u8; BLOCK_BYTES], last: usize, length: usize) -> u64 {
    let mut words = words(block);
    for (index, word) in words.iter_mut().enumerate() {
        let behind = (8 * (index + 1)).saturating_sub(last) as u32;
        *word &= u64::MAX.checked_shr(8 * behind).unwrap_or(0);
    }
    folded(mixed(state, words) ^ length as u64, PI[3])
}

#[inline]
fn words(block: &[u8; BLOCK_BYTES]) -> [u64; 3] {
    let (words, _) = block.as_chunks();
    [words[0], words[1], words[2]].map(u64::from_le_bytes)
}

#[inline]
fn mixed(state: u64, [a, b, c]: [u64; 3]) -> u64 {
    folded(folded(a ^ state, b ^ PI[0]) ^ PI[1], c ^ state ^ PI[2])
}

/// Both halves of the product of two numbers, as one.
#[inline]
fn folded(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    product as u64 ^ (product >> 64) as u64
}

/// A pattern's place in the order of those that stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rank {
    /// The class that it belongs to.
    pub class: Class,
    /// Which of the class it is.
    pub fingerprint: Fingerprint,
}

impl Rank {
    /// The rank of a pattern that is shown so.
    pub fn of(fingerprint: Fingerprint, service: Option<&str>, display: &str) -> Self {
        let identity = normalize::identity(display);
        let opening = normalize::opening(&identity);
        Rank {
            class: Seed::of(service).class(opening.as_bytes()),
            fingerprint,
        }
    }

    const LAST: Rank = Rank::last_of(Class(u64::MAX));

    /// A rank behind which none of a class is.
    pub const fn last_of(class: Class) -> Self {
        Rank {
            class,
            fingerprint: Fingerprint(u64::MAX),
        }
    }
}

/// Which patterns can no longer be among those that stay, whatever else is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// No rank behind it stays.
    pub last: Rank,
    /// Classes of which no greater fingerprint stays than the one that is given, in order.
    pub crowded: Vec<Rank>,
}

impl Default for Bound {
    /// Refuses none.
    fn default() -> Self {
        Bound {
            last: Rank::LAST,
            crowded: Vec::new(),
        }
    }
}

impl Bound {
    /// Whether there are classes of which it refuses all.
    #[inline]
    pub fn refuses_classes(&self) -> bool {
        self.last.class < Rank::LAST.class
    }

    /// Whether it refuses all patterns of a class.
    #[inline]
    pub fn refuses_class(&self, class: Class) -> bool {
        class > self.last.class
    }

    /// Whether it refuses a pattern.
    pub fn refuses(&self, rank: Rank) -> bool {
        let place = || {
            self.crowded
                .binary_search_by_key(&rank.class, |crowded| crowded.class)
        };
        rank > self.last
            || place().is_ok_and(|place| self.crowded[place].fingerprint < rank.fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_class_is_of_the_opening_alone_whatever_follows(
            message in "[a-z ]{0,80}",
            opening in 0usize..80,
            service in prop::option::of("[a-z]{0,5}"),
        ) {
            let opening = opening.min(message.len());
            let seed = Seed::of(service.as_deref());
            let expected = seed.class(&message.as_bytes()[..opening]);
            prop_assert_eq!(seed.class_of_message(message.as_bytes(), opening), expected);
        }
    }

    #[test]
    fn openings_that_differ_little_are_spread_evenly() {
        let letters = || (b'a'..=b'z').map(char::from);
        let openings = letters().flat_map(|a| letters().map(move |b| [a, b]));
        let openings = openings.flat_map(|[a, b]| {
            let texts = [
                format!("{a} {b}"),
                format!("link {a}{b}"),
                format!("{a}ink lost"),
                format!("{b}"),
            ];
            texts
                .into_iter()
                .chain((1..9).map(move |count| format!("{a} {b}").repeat(count * 5)))
        });
        let openings: BTreeSet<String> = openings.collect();
        let classes: BTreeSet<Class> = ["cron", "gate1"]
            .iter()
            .flat_map(|service| {
                openings
                    .iter()
                    .map(|text| Seed::of(Some(service)).class(text.as_bytes()))
            })
            .collect();
        assert_eq!(classes.len(), 2 * openings.len());
        for bit in 0..64 {
            let set = classes
                .iter()
                .filter(|class| class.0 >> bit & 1 == 1)
                .count();
            let share = set as f64 / classes.len() as f64;
            assert!((0.47..0.53).contains(&share), "bit {bit}: {share}");
        }
        for class in 0..16u64 {
            let share =
                classes.iter().filter(|c| c.0 >> 60 == class).count() as f64 / classes.len() as f64;
            assert!((0.05..0.075).contains(&share), "{class}: {share}");
        }
    }
}
