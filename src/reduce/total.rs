//! The corpus that all workers of a run share, and what of it they need to know while they count.

use crate::corpus::{Corpus, Gathering, Limits, Lone, Pattern, Tallied};
use crate::signature::{Bound, Rank};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The share of the cap from which on it is expected to be reached.
const CROWDED_SHARE: usize = 8;

/// The corpus that workers fold what they counted into.
///
/// Once it holds as many patterns as it may, it knows of which no event need be counted any more.
#[derive(Debug)]
pub struct Total {
    gathered: Mutex<Gathered>,
    pub(super) limits: Limits,
    /// How often the bound was drawn closer.
    bounds: AtomicU32,
    /// Whether it holds so many patterns that it may well get more than it keeps.
    crowded: AtomicBool,
}

#[derive(Debug)]
struct Gathered {
    patterns: Gathering,
    /// The bound of the patterns, for the workers.
    bound: Arc<Bound>,
}

/// A worker's own copy of the bound, which is as good as any later one, but refuses less.
#[derive(Debug, Default)]
pub(super) struct Known {
    bound: Arc<Bound>,
    bounds: u32,
}

impl Total {
    /// An empty corpus with these caps.
    pub fn with_limits(limits: Limits) -> Self {
        Total {
            gathered: Mutex::new(Gathered {
                patterns: Gathering::with_limits(limits),
                bound: Arc::default(),
            }),
            limits,
            bounds: AtomicU32::new(0),
            crowded: AtomicBool::new(false),
        }
    }

    /// All that was folded into it.
    pub fn into_corpus(self) -> Corpus {
        let gathered = self.gathered.into_inner();
        let gathered = gathered.unwrap_or_else(PoisonError::into_inner);
        gathered.patterns.into_corpus()
    }

    /// All that was folded into it until now.
    pub(super) fn so_far(&self) -> Corpus {
        self.gathered().patterns.so_far()
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether patterns are so many that most of those with one event may not stay.
    #[inline]
    pub(super) fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }

    /// What can no longer be among the patterns that stay.
    #[inline]
    pub(super) fn bound<'k>(&self, known: &'k mut Known) -> &'k Bound {
        let bounds = self.bounds.load(Ordering::Relaxed);
        if known.bounds != bounds {
            self.learn(known, bounds);
        }
        &known.bound
    }

    #[cold]
    fn learn(&self, known: &mut Known, bounds: u32) {
        known.bounds = bounds;
        known.bound = self.gathered().bound.clone();
    }

    /// Adds the counts of the lines of a part.
    pub(super) fn add_lines(&self, lines: Corpus) {
        self.gathered().patterns.add_lines(lines);
    }

    /// Adds patterns of one event that wait to be worked out.
    pub(super) fn add_lone(&self, lone: impl Iterator<Item = Lone>) {
        let mut gathered = self.gathered();
        lone.for_each(|lone| gathered.patterns.add_lone(lone));
        self.tell(&mut gathered);
    }

    /// Adds patterns of a part.
    pub(super) fn add(&self, patterns: impl IntoIterator<Item = (Rank, Box<Pattern>)>) {
        let mut gathered = self.gathered();
        for (rank, pattern) in patterns {
            gathered.patterns.add(rank, pattern);
        }
        self.tell(&mut gathered);
    }

    /// Takes the parts that a worker holds as it ends, which are added when all workers have ended.
    pub(super) fn wait(&self, parts: impl IntoIterator<Item = Tallied>) {
        self.gathered().patterns.wait(parts);
    }

    /// Tells the workers what they need to know of it now.
    fn tell(&self, gathered: &mut Gathered) {
        if gathered.patterns.len() > self.limits.patterns_max / CROWDED_SHARE {
            self.crowded.store(true, Ordering::Relaxed);
        }
        let bounds = gathered.patterns.bounds();
        if self.bounds.swap(bounds, Ordering::Relaxed) != bounds {
            gathered.bound = Arc::new(gathered.patterns.bound().clone());
        }
    }
}
