//! A corpus while patterns are added to it, in whatever order.

use super::{Corpus, Limits, Pattern};
use crate::signature::{Bound, Rank};

/// The share of the cap by which patterns are held beyond it before those that stay are selected: a
/// selection looks at all of them, so there is one for many that are new.
const EXCESS_SHARE: usize = 16;

/// A corpus to which patterns are added; it holds hardly more of them than may stay.
#[derive(Debug)]
pub(crate) struct Gathering {
    corpus: Corpus,
    /// Of all patterns of the corpus.
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
            ranks: Vec::new(),
            bound: Bound::default(),
        }
    }

    /// Adds what is no pattern.
    pub fn add_lines(&mut self, lines: Corpus) {
        debug_assert!(lines.patterns.is_empty());
        self.corpus.merge_lines(lines);
    }

    /// Adds a part of a pattern, without its events in the accounting.
    pub fn add(&mut self, rank: Rank, pattern: Box<Pattern>) {
        if self.bound.refuses(rank) {
            return;
        }
        if self.corpus.add(rank.fingerprint, pattern) {
            self.ranks.push(rank);
        }
        let cap = self.corpus.limits.patterns_max;
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
        self.corpus
    }

    /// The same, while there is more to come.
    pub fn so_far(&mut self) -> Corpus {
        self.select();
        self.corpus.clone()
    }

    fn select(&mut self) {
        if self.ranks.len() > self.corpus.limits.patterns_max {
            self.bound = self.corpus.select(&mut self.ranks);
        }
    }
}
