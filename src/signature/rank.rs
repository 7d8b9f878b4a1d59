//! Which patterns stay where there are more than are kept: classes of patterns and their order.
//!
//! A class is what a message opens with, so that for most lines it is known before any rule of
//! normalization has run. Which ranks stay of those that were met is the corpus's to say.

use super::Fingerprint;
use crate::normalize;
use siphasher::sip::SipHasher13;

/// Patterns of one service that open with the same words.
///
/// SipHash-1-3 under fixed keys of the service and of what [`normalize::opening`] gives of the
/// identity: a function of what the fingerprint is a function of.
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
}

#[inline]
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    const KEYS: (u64, u64) = (0x6272_6169_6e73_7465, 0x6d20_636c_6173_7365);
    SipHasher13::new_with_keys(KEYS.0 ^ seed, KEYS.1).hash(bytes)
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
