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
