//! A corpus while patterns are added to it, in whatever order.

use super::{Corpus, Estimated, Limits, Pattern, selection};
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
    /// Of all of the patterns.
    ranks: Vec<Rank>,
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
            ranks: Vec::new(),
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
                self.ranks.push(rank);
            }
        }
        let cap = limits.patterns_max;
        if self.ranks.len() > cap.saturating_add(cap / EXCESS_SHARE) {
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
        if self.bound != Bound::default() {
            // Here the ranks are at hand, and sorted.
            let estimate = selection::estimate(self.ranks, &self.corpus.limits);
            self.corpus.estimated = Estimated(Some(estimate));
        }
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
        if self.ranks.len() <= self.corpus.limits.patterns_max {
            return;
        }
        let (refused, bound) = selection::select(&mut self.ranks, &self.corpus.limits);
        self.bound = bound;
        for rank in refused {
            self.patterns.remove(&rank.fingerprint);
        }
    }
}
