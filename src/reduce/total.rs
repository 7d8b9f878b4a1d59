//! The corpus that all workers of a run share, and what of it they need to know while they count.

use crate::corpus::{Corpus, Limits, Pattern};
use crate::signature::Fingerprint;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The corpus that workers fold what they counted into.
///
/// Once it holds as many patterns as it may, a greater fingerprint than its last can never be among
/// those that stay, so workers need not count it.
#[derive(Debug)]
pub struct Total {
    corpus: Mutex<Corpus>,
    pub(super) limits: Limits,
    last: AtomicU64,
}

impl Total {
    /// An empty corpus with these caps.
    pub fn with_limits(limits: Limits) -> Self {
        Total {
            corpus: Mutex::new(Corpus {
                limits,
                ..Corpus::default()
            }),
            limits,
            last: AtomicU64::new(u64::MAX),
        }
    }

    /// All that was folded into it.
    pub fn into_corpus(self) -> Corpus {
        self.corpus
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// All that was folded into it until now.
    pub(super) fn so_far(&self) -> Corpus {
        self.corpus
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The greatest fingerprint that may still be among those that stay.
    pub(super) fn last(&self) -> Fingerprint {
        Fingerprint(self.last.load(Ordering::Relaxed))
    }

    /// Adds a part: the counts of its lines, and then each pattern.
    pub(super) fn add(
        &self,
        lines: Corpus,
        patterns: impl Iterator<Item = (Fingerprint, Box<Pattern>)>,
    ) {
        let mut corpus = self.corpus.lock().unwrap_or_else(PoisonError::into_inner);
        corpus.merge(lines);
        for (fingerprint, pattern) in patterns {
            corpus.add(fingerprint, pattern);
        }
        if corpus.patterns.len() >= self.limits.patterns_max {
            let last = corpus.patterns.last_key_value();
            let last = last.map_or(0, |(fingerprint, _)| fingerprint.0);
            self.last.store(last, Ordering::Relaxed);
        }
    }
}
