//! A corpus while patterns are added to it, in whatever order.

use super::{Corpus, Limits, Pattern, selection};
use crate::signature::{Bound, Fingerprint, Rank};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

/// The share of the cap by which patterns are held beyond it before those that stay are selected: a
/// selection looks at all of them, so there is one for many that are new.
const EXCESS_SHARE: usize = 16;

/// A corpus to which patterns are added; it holds hardly more of them than may stay.
#[derive(Debug)]
pub(crate) struct Gathering {
    /// All but the patterns.
    corpus: Corpus,
    patterns: HashMap<Fingerprint, Box<Pattern>, RandomState>,
    /// Of those that were selected last, sorted.
    selected: Vec<Rank>,
    /// Of those that came since.
    added: Vec<Rank>,
    bound: Bound,
}

impl Gathering {
    /// An empty one with these caps.
    pub fn with_limits(limits: Limits) -> Self {
        Gathering {
            corpus: Corpus {
                limits,
                ..Corpus::default()
            },
            patterns: HashMap::default(),
            selected: Vec::new(),
            added: Vec::new(),
            bound: Bound::default(),
        }
    }

    /// Adds what is no pattern, counted under the same caps.
    pub fn add_lines(&mut self, lines: Corpus) {
        debug_assert!(lines.patterns.is_empty() && lines.limits == self.corpus.limits);
        self.corpus.merge_lines(lines);
    }

    /// Adds a part of a pattern, without its events in the accounting.
    pub fn add(&mut self, rank: Rank, mut pattern: Box<Pattern>) {
        if self.bound.refuses(rank) {
            return;
        }
        let limits = &self.corpus.limits;
        match self.patterns.entry(rank.fingerprint) {
            Entry::Occupied(mut mine) => mine.get_mut().merge(*pattern, limits),
            Entry::Vacant(place) => {
                pattern.enforce(limits);
                place.insert(pattern);
                self.added.push(rank);
            }
        }
        let cap = limits.patterns_max;
        if self.patterns.len() > cap.saturating_add(cap / EXCESS_SHARE) {
            self.select();
        }
    }

    /// What can no longer be among the patterns that stay.
    pub fn bound(&self) -> &Bound {
        &self.bound
    }

    /// All that was added, with those patterns that stay.
    pub fn into_corpus(mut self) -> Corpus {
        self.select();
        self.corpus.patterns = self.patterns.into_iter().collect();
        self.corpus
    }

    /// The same, while there is more to come.
    pub fn so_far(&mut self) -> Corpus {
        self.select();
        let patterns = self.patterns.iter();
        let patterns = patterns.map(|(id, pattern)| (*id, pattern.clone()));
        Corpus {
            patterns: patterns.collect(),
            ..self.corpus.clone()
        }
    }

    fn select(&mut self) {
        if self.patterns.len() <= self.corpus.limits.patterns_max {
            return;
        }
        merge(&mut self.selected, &mut self.added);
        let (refused, bound) = selection::select(&mut self.selected, &self.corpus.limits);
        self.bound = bound;
        for rank in refused {
            self.patterns.remove(&rank.fingerprint);
        }
    }
}

/// Merges ranks into sorted ones, from the last on, so that those before the first of them stay in place.
fn merge(sorted: &mut Vec<Rank>, added: &mut Vec<Rank>) {
    added.sort_unstable();
    let mut from = sorted.len();
    sorted.resize(from + added.len(), Rank::default());
    let mut to = sorted.len();
    while let Some(last) = added.pop() {
        while from > 0 && sorted[from - 1] > last {
            (from, to) = (from - 1, to - 1);
            sorted[to] = sorted[from];
        }
        to -= 1;
        sorted[to] = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::Class;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn merged_ranks_are_sorted_and_all_there(
            sorted in prop::collection::vec((0u64..9, 0u64..9), 0..30),
            added in prop::collection::vec((0u64..9, 0u64..9), 0..30),
        ) {
            let rank = |(class, fingerprint): &(u64, u64)| Rank {
                class: Class(*class),
                fingerprint: Fingerprint(*fingerprint),
            };
            let mut merged: Vec<Rank> = sorted.iter().map(rank).collect();
            let mut rest: Vec<Rank> = added.iter().map(rank).collect();
            let mut expected = [&merged[..], &rest].concat();
            expected.sort_unstable();
            merged.sort_unstable();
            merge(&mut merged, &mut rest);
            prop_assert_eq!(merged, expected);
            prop_assert!(rest.is_empty());
        }
    }
}
