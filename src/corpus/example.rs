//! The few events of a pattern that are kept whole.

use crate::event::Timestamp;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

/// One event kept as an example.
///
/// Ordered by time (none sorts last), then source, line and text: a source that is cut into files whose
/// names are in order keeps the same examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// When it happened; examples without a time sort last.
    pub timestamp: Option<Timestamp>,
    /// 1-based number of its first line in the source.
    pub line: u64,
    /// The source's name as the user gave it; `-` for standard input.
    pub source: Arc<str>,
    /// The whole event as read, its continuation lines joined by newlines, cut at a cap.
    pub text: Box<str>,
}

/// What an example is ordered by before its text is known.
pub(crate) type Key<'a> = (bool, Option<Timestamp>, &'a str, u64);

/// The key of an event at `line` of `source`.
pub(crate) fn example_key(timestamp: Option<Timestamp>, line: u64, source: &str) -> Key<'_> {
    (timestamp.is_none(), timestamp, source, line)
}

impl Example {
    fn key(&self) -> Key<'_> {
        example_key(self.timestamp, self.line, &self.source)
    }
}

impl Ord for Example {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key()
            .cmp(&other.key())
            .then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for Example {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The smallest examples, sorted, without duplicates.
///
/// Most patterns of an input with many have one event, which takes no room beside the pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examples(SmallVec<[Example; 1]>);

impl Examples {
    /// The examples, smallest first.
    pub fn as_slice(&self) -> &[Example] {
        &self.0
    }

    /// Whether an event with this key may still be among the `max` smallest.
    pub(crate) fn wants(&self, key: Key<'_>, max: usize) -> bool {
        self.0.len() < max || self.0.last().is_some_and(|worst| key <= worst.key())
    }

    /// Adds one and keeps the `max` smallest. An example already there is not added twice, so
    /// a file read twice shows different lines.
    pub(crate) fn insert(&mut self, example: Example, max: usize) {
        if let Err(place) = self.0.binary_search(&example)
            && place < max
        {
            self.0.truncate(max.saturating_sub(1));
            self.0.reserve_exact(1);
            self.0.insert(place, example);
        }
    }

    /// Adds all of `other` and keeps the `max` smallest.
    pub(crate) fn merge(&mut self, other: Examples, max: usize) {
        other
            .0
            .into_iter()
            .for_each(|example| self.insert(example, max));
    }

    /// Cuts number and texts down to lesser caps.
    pub(crate) fn enforce(&mut self, max: usize, bytes_max: usize) {
        if self.0.iter().any(|example| example.text.len() > bytes_max) {
            for example in &mut self.0 {
                let end = example.text.floor_char_boundary(bytes_max);
                example.text = example.text[..end].into();
            }
            // Two texts of one line may have become equal.
            self.0.dedup();
        }
        self.0.truncate(max);
    }
}

/// Text as it is kept: invalid UTF-8 replaced, cut to at most `bytes_max` bytes between characters.
///
/// The first `bytes_max + 3` bytes of `raw` decide the result.
pub(crate) fn example_text(raw: &[u8], bytes_max: usize) -> Box<str> {
    let seen = &raw[..raw.len().min(bytes_max.saturating_add(3))];
    // Nearly all text is valid, which takes less to find out than to replace.
    let text = str::from_utf8(seen).map_or_else(|_| String::from_utf8_lossy(seen), Cow::Borrowed);
    text[..text.floor_char_boundary(bytes_max)].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(seconds: Option<i64>, line: u64) -> Example {
        Example {
            timestamp: seconds.map(Timestamp::from_seconds),
            line,
            source: "a.log".into(),
            text: "link lost".into(),
        }
    }

    #[test]
    fn the_earliest_are_kept_and_undated_ones_come_last() {
        let mut kept = Examples::default();
        for (seconds, line) in [
            (None, 1),
            (Some(9), 2),
            (Some(3), 3),
            (Some(9), 2),
            (Some(4), 4),
        ] {
            kept.insert(example(seconds, line), 3);
        }
        let lines: Vec<u64> = kept.as_slice().iter().map(|example| example.line).collect();
        assert_eq!(lines, [3, 4, 2]);
        assert!(!kept.wants(example_key(None, 1, "a.log"), 3));
        assert!(kept.wants(example_key(Some(Timestamp::from_seconds(5)), 9, "b.log"), 3));
    }

    #[test]
    fn text_is_cut_between_characters_and_never_grows_past_its_cap() {
        assert_eq!(&*example_text("naïve".as_bytes(), 3), "na");
        assert_eq!(&*example_text("naïve".as_bytes(), 4), "naï");
        assert_eq!(&*example_text(b"ab\xff\xff", 4), "ab");
        assert_eq!(&*example_text(b"ab\xff\xff", 5), "ab\u{fffd}");
    }
}
