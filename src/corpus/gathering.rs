//! A corpus while patterns are added to it, in whatever order.

use super::tallied::Spent;
use super::{Corpus, Estimated, Limits, Lone, Pattern, Tallied, TimesRoom, ordered, selection};
use crate::signature::{Bound, Class, Fingerprint, Rank, Signatures};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use rayon::prelude::*;
use std::mem;

/// The share of the cap by which patterns are held beyond it before those that stay are selected: a
/// selection looks at all of them, so there is one for many that are new.
const EXCESS_SHARE: usize = 8;

/// A corpus to which patterns are added; it holds hardly more of them than may stay.
#[derive(Debug)]
pub(crate) struct Gathering {
    /// All but the patterns.
    corpus: Corpus,
    patterns: HashMap<Fingerprint, Box<Pattern>, RandomState>,
    /// Patterns that are not worked out yet: the only ones of their classes, when they were selected.
    lone: HashMap<Class, Box<Lone>, RandomState>,
    /// Room of those that did not stay, for others.
    #[expect(clippy::vec_box, reason = "the boxes are what is kept")]
    spare: Vec<Box<Lone>>,
    /// Of those that were selected last, sorted.
    selected: Vec<Rank>,
    /// Of those that came since.
    added: Vec<Rank>,
    bound: Bound,
    /// How often the bound was drawn closer.
    bounds: u32,
    /// What workers that ended have counted, until all did.
    waiting: Vec<Tallied>,
    /// For those that are worked out.
    signatures: Signatures,
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
            lone: HashMap::default(),
            spare: Vec::new(),
            selected: Vec::new(),
            added: Vec::new(),
            bound: Bound::default(),
            bounds: 0,
            waiting: Vec::new(),
            signatures: Signatures::default(),
        }
    }

    /// Adds what is no pattern, counted under the same caps.
    pub fn add_lines(&mut self, lines: Corpus) {
        debug_assert!(lines.patterns.is_empty() && lines.limits == self.corpus.limits);
        self.corpus.merge_lines(lines);
    }

    /// Adds a part of a pattern, without its events in the accounting.
    pub fn add(&mut self, rank: Rank, pattern: Box<Pattern>) {
        if self.bound.refuses(rank) {
            return;
        }
        self.insert(rank, pattern);
        self.bound_excess();
    }

    /// Takes what a worker counted of patterns that others may have counted too, to add all of it together.
    pub fn wait(&mut self, parts: impl IntoIterator<Item = Tallied>) {
        let bound = &self.bound;
        let wanted = parts.into_iter().filter(|part| !bound.refuses(part.rank));
        self.waiting.extend(wanted);
    }

    /// Adds what has waited, worked out on all threads.
    fn add_waiting(&mut self) {
        let limits = &self.corpus.limits;
        let parts = Tallied::join(mem::take(&mut self.waiting));
        let (patterns, _spent): (Vec<_>, Vec<Spent>) = parts
            .into_par_iter()
            .map_init(TimesRoom::default, |room, part| {
                let rank = part.rank;
                let (pattern, spent) = part.into_pattern(limits, room);
                ((rank, pattern), spent)
            })
            .unzip();
        for (rank, pattern) in patterns {
            self.add(rank, pattern);
        }
    }

    /// Adds a pattern that was counted under the same caps.
    fn insert(&mut self, rank: Rank, pattern: Box<Pattern>) {
        let limits = &self.corpus.limits;
        match self.patterns.entry(rank.fingerprint) {
            Entry::Occupied(mut mine) => mine.get_mut().merge(*pattern, limits),
            Entry::Vacant(place) => {
                place.insert(pattern);
                self.added.push(rank);
            }
        }
    }

    /// Adds a pattern of one event, without that in the accounting.
    pub fn add_lone(&mut self, lone: Lone) {
        if self.bound.refuses_class(lone.class) {
            return;
        }
        match self.lone.entry(lone.class) {
            Entry::Occupied(_) => {
                let (rank, pattern) = lone.work_out(&mut self.signatures, &self.corpus.limits);
                self.add(rank, pattern);
            }
            Entry::Vacant(place) => {
                self.added.push(Rank::last_of(lone.class));
                place.insert(match self.spare.pop() {
                    Some(mut spare) => {
                        *spare = lone;
                        spare
                    }
                    None => Box::new(lone),
                });
                self.bound_excess();
            }
        }
    }

    fn bound_excess(&mut self) {
        let cap = self.corpus.limits.patterns_max;
        if self.len() > cap.saturating_add(cap / EXCESS_SHARE) {
            self.select();
        }
    }

    /// Patterns that are held, some of which may be the same.
    pub fn len(&self) -> usize {
        self.patterns.len() + self.lone.len()
    }

    /// What can no longer be among the patterns that stay.
    pub fn bound(&self) -> &Bound {
        &self.bound
    }

    /// How often that changed.
    pub fn bounds(&self) -> u32 {
        self.bounds
    }

    /// All that was added, with those patterns that stay.
    pub fn into_corpus(mut self) -> Corpus {
        self.add_waiting();
        self.select();
        self.work_out_all();
        if self.bound != Bound::default() {
            // Here the ranks are at hand, and nearly sorted.
            merge(&mut self.selected, &mut self.added);
            let estimate = selection::estimate(self.selected, &self.corpus.limits);
            self.corpus.estimated = Estimated(Some(estimate));
        }
        self.corpus.patterns = self.patterns.into_iter().collect();
        self.corpus
    }

    /// The same, while there is more to come.
    pub fn so_far(&mut self) -> Corpus {
        self.add_waiting();
        self.select();
        self.work_out_all();
        let patterns = self.patterns.iter();
        let patterns = patterns.map(|(id, pattern)| (*id, pattern.clone()));
        Corpus {
            patterns: patterns.collect(),
            ..self.corpus.clone()
        }
    }

    fn select(&mut self) {
        let cap = self.corpus.limits.patterns_max;
        if self.len() <= cap {
            return;
        }
        merge(&mut self.selected, &mut self.added);
        self.work_out_those_not_alone();
        // Some may have been the same; what was refused before still is.
        if self.len() <= cap {
            return;
        }
        let (refused, bound) = selection::select(&mut self.selected, &self.corpus.limits);
        self.bound = bound;
        self.bounds += 1;
        for rank in refused {
            if rank == Rank::last_of(rank.class)
                && let Some(lone) = self.lone.remove(&rank.class)
            {
                self.spare.push(lone);
            } else {
                self.patterns.remove(&rank.fingerprint);
            }
        }
    }

    /// Works out those patterns whose classes have others, among which they have a place; whether they stay
    /// the selection tells that follows.
    fn work_out_those_not_alone(&mut self) {
        let pairs = self.selected.windows(2);
        let not_alone = pairs.filter(|pair| pair[1] == Rank::last_of(pair[0].class));
        let classes: Vec<Class> = not_alone.map(|pair| pair[0].class).collect();
        if classes.is_empty() {
            return;
        }
        let mut rest = classes.iter().peekable();
        self.selected.retain(|rank| {
            let is_one = *rank == Rank::last_of(rank.class);
            !(is_one && rest.next_if_eq(&&rank.class).is_some())
        });
        for class in classes {
            if let Some(lone) = self.lone.remove(&class) {
                let (rank, pattern) = lone.work_out(&mut self.signatures, &self.corpus.limits);
                self.insert(rank, pattern);
            }
        }
        merge(&mut self.selected, &mut self.added);
    }

    /// Works out all patterns that are not, on all threads.
    fn work_out_all(&mut self) {
        self.spare = Vec::new();
        let limits = &self.corpus.limits;
        // In the order of their classes, so that their ranks come nearly sorted.
        let ranks = self.selected.iter().chain(&self.added);
        let lone: Vec<_> = ranks
            .filter_map(|rank| self.lone.remove(&rank.class))
            .collect();
        let of_one_each: Vec<_> = lone
            .into_par_iter()
            .map_init(Signatures::default, |signatures, lone| {
                lone.work_out(signatures, limits)
            })
            .collect();
        let is_worked_out = |rank: &Rank| *rank != Rank::last_of(rank.class);
        self.selected.retain(is_worked_out);
        self.added.retain(is_worked_out);
        for (rank, pattern) in of_one_each {
            self.insert(rank, pattern);
        }
    }
}

/// Merges ranks into sorted ones.
fn merge(sorted: &mut Vec<Rank>, added: &mut Vec<Rank>) {
    let before = sorted.len();
    sorted.append(added);
    ordered::settle(sorted, before);
}

#[cfg(test)]
mod tests {
    use super::*;
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
