//! Which patterns stay where there are more than the cap, and how many there were.
//!
//! Patterns belong to classes: those of one service that open with the same two words. In the order
//! of those that stay,
//!
//! 1. first come, class by class in the order of the classes' hashes, the [`CLASS_PATTERNS`] patterns
//!    of each class that have the smallest fingerprints;
//! 2. then the others, in the order of their fingerprints.
//!
//! So a class that explodes, as where a program writes random words behind two fixed ones, is cut
//! before any other loses a pattern; and where it is the classes that explode, a whole class is kept
//! or lost, which can be told of a line before its pattern is worked out.
//!
//! The selection is a function of the union of all patterns. What is not selected of a part cannot
//! be of the whole: further patterns only move a pattern behind others of its class, from the first
//! into the second kind, and for each that moves so, another one takes its place before it. And as
//! what is left out of a class is always its greatest fingerprints, those that were left out of
//! parts are missed by none that stays.
//!
//! [`CLASS_PATTERNS`]: super::CLASS_PATTERNS

use super::Limits;
use crate::signature::{Bound, Fingerprint, Rank};

/// Selects of sorted ranks those that stay; gives the others, and what can no longer stay.
pub(super) fn select(ranks: &mut Vec<Rank>, limits: &Limits) -> (Vec<Rank>, Bound) {
    let (cap, own_max) = (limits.patterns_max, limits.class_patterns.max(1));
    let mut bound = Bound::default();
    debug_assert!(ranks.is_sorted());
    if ranks.len() <= cap {
        return (Vec::new(), bound);
    }
    let owned = owned(ranks, own_max);
    if owned == ranks.len() {
        let refused = ranks.split_off(cap);
        bound.last = ranks.last().copied().unwrap_or(bound.last);
        return (refused, bound);
    }
    let beyond = beyond(ranks, cap.saturating_sub(owned), own_max);
    let mut refused = Vec::with_capacity(ranks.len() - cap);
    let (mut at, mut kept) = (0, 0);
    while at < ranks.len() {
        let class = first_class(&ranks[at..]);
        let own = class.len().min(own_max).min(cap - kept);
        let stay = own + class[own..].partition_point(|rank| Some(rank.fingerprint) < beyond);
        if own == own_max {
            // Whatever else comes of this class is of the second kind, or replaces one of the first.
            let fingerprint = class[own - 1].fingerprint.max(beyond.unwrap_or_default());
            let class = class[0].class;
            bound.crowded.push(Rank { class, fingerprint });
        }
        let end = at + class.len();
        refused.extend_from_slice(&class[stay..]);
        ranks.copy_within(at..at + stay, kept);
        (at, kept) = (end, kept + stay);
    }
    ranks.truncate(kept);
    if beyond.is_none()
        && let Some(last) = ranks.last()
    {
        bound.last = *last;
    }
    (refused, bound)
}

/// How many of sorted ranks are of the first kind.
fn owned(ranks: &[Rank], own_max: usize) -> usize {
    let (mut owned, mut place, mut class) = (0, 0, None);
    for rank in ranks {
        place = if class == Some(rank.class) {
            place + 1
        } else {
            0
        };
        class = Some(rank.class);
        owned += usize::from(place < own_max);
    }
    owned
}

/// The smallest fingerprint of the second kind for which there is no room; `None` where there is none.
fn beyond(ranks: &[Rank], room: usize, own_max: usize) -> Option<Fingerprint> {
    let others = classes(ranks).flat_map(|class| class.iter().skip(own_max));
    let mut others: Vec<_> = others.map(|rank| rank.fingerprint).collect();
    (room > 0).then(|| *others.select_nth_unstable(room).1)
}

/// About how many patterns there were, of which these stayed and others did not.
///
/// Of a class of which k patterns stay, the greatest at the share u of all fingerprints, it is (k - 1)
/// / u, and k where there are less than the class has for its own: the bottom-k estimate of
/// Bar-Yossef et al., "Counting distinct elements in a data stream" (2002). Where all that stay are
/// of the first kind, classes are missing, and those before the last are the share of all classes
/// that the hash of the last has of all hashes.
pub(super) fn estimate(mut ranks: Vec<Rank>, limits: &Limits) -> u64 {
    ranks.sort();
    let own_max = limits.class_patterns.max(1);
    let of_class = |class: &[Rank]| match class {
        [.., last] if class.len() >= own_max || class.len() == ranks.len() => {
            ((class.len() - 1) as f64 / share(last.fingerprint.0)).max(class.len() as f64)
        }
        _ => class.len() as f64,
    };
    let all: f64 = classes(&ranks).map(of_class).sum();
    let is_whole = classes(&ranks).any(|class| class.len() > own_max);
    let estimate = match classes(&ranks).last() {
        Some(last) if !is_whole && last.len() < ranks.len() => {
            (all - of_class(last)) / share(last[0].class.0)
        }
        _ => all,
    };
    (estimate as u64).max(ranks.len() as u64 + 1)
}

/// Which share of all hashes is no greater than one.
fn share(hash: u64) -> f64 {
    (hash as f64 + 1.0) / (u64::MAX as f64)
}

/// The classes of sorted ranks.
fn classes(ranks: &[Rank]) -> impl Iterator<Item = &[Rank]> {
    ranks.chunk_by(|one, other| one.class == other.class)
}

/// The first class of sorted ranks.
fn first_class(ranks: &[Rank]) -> &[Rank] {
    classes(ranks).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::Class;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn limits(patterns_max: usize, class_patterns: usize) -> Limits {
        Limits {
            patterns_max,
            class_patterns,
            ..Limits::default()
        }
    }

    fn rank(class: u64, fingerprint: u64) -> Rank {
        Rank {
            class: Class(class),
            fingerprint: Fingerprint(fingerprint),
        }
    }

    /// The definition, rank by rank.
    fn selected_naively(all: &BTreeSet<Rank>, limits: &Limits) -> BTreeSet<Rank> {
        let place = |rank: &Rank| {
            all.iter()
                .filter(|o| o.class == rank.class && *o < rank)
                .count()
        };
        let is_own = |rank: &Rank| place(rank) < limits.class_patterns;
        let (own, mut others): (Vec<Rank>, Vec<Rank>) = all.iter().partition(|rank| is_own(rank));
        others.sort_by_key(|rank| rank.fingerprint);
        own.into_iter()
            .chain(others)
            .take(limits.patterns_max)
            .collect()
    }

    fn selected(ranks: impl IntoIterator<Item = Rank>, limits: &Limits) -> (BTreeSet<Rank>, Bound) {
        let mut ranks: Vec<Rank> = ranks.into_iter().collect();
        ranks.sort();
        let before: BTreeSet<Rank> = ranks.iter().copied().collect();
        let (refused, bound) = select(&mut ranks, limits);
        let kept: BTreeSet<Rank> = ranks.iter().copied().collect();
        assert_eq!(&kept | &refused.into_iter().collect(), before);
        (kept, bound)
    }

    proptest! {
        #[test]
        fn parts_select_what_the_whole_selects_and_refuse_nothing_of_it(
            parts in prop::collection::vec(prop::collection::btree_set((0u64..6, 0u64..60), 0..40), 1..5),
            caps in (1usize..30, 1usize..6),
        ) {
            let limits = limits(caps.0, caps.1);
            // Fingerprints are of one class each.
            let rank = |(class, fingerprint): &(u64, u64)| rank(class * 7 % 6, fingerprint * 6 + class);
            let all: BTreeSet<Rank> = parts.iter().flatten().map(rank).collect();
            let expected = selected_naively(&all, &limits);
            let mut merged = BTreeSet::new();
            for part in &parts {
                let (kept, bound) = selected(part.iter().map(rank), &limits);
                prop_assert!(expected.iter().all(|rank| !bound.refuses(*rank)));
                prop_assert!(expected.iter().all(|rank| !bound.refuses_class(rank.class)));
                merged = selected(&merged | &kept, &limits).0;
            }
            prop_assert_eq!(merged, expected);
        }
    }

    /// A number that is as good as random.
    fn hashed(number: u64) -> u64 {
        use std::hash::Hasher;
        let mut hasher = siphasher::sip::SipHasher13::new();
        hasher.write_u64(number);
        hasher.finish()
    }

    #[track_caller]
    fn estimated(all: impl Iterator<Item = Rank>) {
        let all: Vec<Rank> = all.collect();
        let limits = limits(2_000, 64);
        let mut kept = all.clone();
        kept.sort();
        select(&mut kept, &limits);
        assert_eq!(kept.len(), limits.patterns_max);
        let estimate = estimate(kept, &limits) as f64;
        let error = estimate / all.len() as f64 - 1.0;
        assert!(error.abs() < 0.2, "{estimate} of {}", all.len());
    }

    #[test]
    fn how_many_there_were_is_estimated_whatever_the_classes() {
        let of_classes = |count: u64, classes: u64| {
            (0..count).map(move |i| rank(hashed(i % classes), hashed(i + (1 << 40))))
        };
        estimated(of_classes(60_000, 60_000));
        estimated(of_classes(60_000, 6_000));
        estimated(of_classes(60_000, 100));
        estimated(of_classes(60_000, 1));
        estimated(
            of_classes(60_000, 1)
                .chain(of_classes(900, 700).map(|r| rank(!r.class.0, !r.fingerprint.0))),
        );
    }

    #[test]
    fn a_class_that_explodes_costs_the_others_nothing() {
        let quiet = (0..900u64).map(|i| rank(hashed(i % 90), hashed(i)));
        let loud = (0..50_000u64).map(|i| rank(hashed(1 << 50), hashed(i + (1 << 40))));
        let (kept, _) = selected(quiet.clone().chain(loud), &limits(1_000, 64));
        assert!(quiet.into_iter().all(|rank| kept.contains(&rank)));
    }
}
