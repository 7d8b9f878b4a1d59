//! The corpus: what is kept of any input, per pattern; a commutative monoid under [`Corpus::merge`].

use crate::event::Timestamp;

/// One event kept as an example.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// When it happened; examples without a time sort last.
    pub timestamp: Option<Timestamp>,
    /// 1-based number of its first line in the source.
    pub line: u64,
    /// The source's name as the user gave it; `-` for standard input.
    pub source: String,
    /// The whole event as read, its continuation lines joined by newlines, cut at a cap.
    pub text: String,
}

/// Placeholder: what became of the lines.
#[derive(Debug, Clone, Default)]
pub struct Accounting {
    /// Events.
    pub events: u64,
    /// Continuation lines.
    pub continuation: u64,
    /// Dropped lines, by reason.
    pub dropped: [u64; 4],
    /// Events with a time.
    pub dated: u64,
}

/// Placeholder.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    /// The lines.
    pub accounting: Accounting,
    /// Per signature.
    pub entries: std::collections::BTreeMap<crate::signature::Fingerprint, Entry>,
}

/// Placeholder.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The signature.
    pub signature: crate::signature::Signature,
    /// Events.
    pub count: u64,
    /// Kept events.
    pub examples: Vec<Example>,
}

impl Corpus {
    /// Placeholder.
    pub fn merge(mut self, other: Corpus) -> Corpus {
        self.accounting.events += other.accounting.events;
        self.accounting.continuation += other.accounting.continuation;
        self.accounting.dated += other.accounting.dated;
        for (mine, theirs) in self
            .accounting
            .dropped
            .iter_mut()
            .zip(other.accounting.dropped)
        {
            *mine += theirs;
        }
        for (fingerprint, entry) in other.entries {
            match self.entries.get_mut(&fingerprint) {
                Some(mine) => mine.count += entry.count,
                None => {
                    self.entries.insert(fingerprint, entry);
                }
            }
        }
        self
    }
}
