//! What became of each line read.

use crate::assemble::DropReason;
use std::collections::BTreeMap;

/// Counts of lines. Each line read is in exactly one of `events`, `continuation`, `muted` and
/// `dropped`, so [`Accounting::lines`] is their sum by construction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounting {
    /// Lines that open an event.
    pub events: u64,
    /// Further lines of an event.
    pub continuation: u64,
    /// Lines of events that the user muted.
    pub muted: u64,
    /// Lines that are no part of any event, by reason.
    pub dropped: BTreeMap<DropReason, u64>,
    /// Events with a time.
    pub dated: u64,
    /// Lines longer than the line cap, which lost their tail.
    pub lines_cut: u64,
    /// Events, continuation lines included, longer than the cap of an example's text.
    pub events_long: u64,
}

impl Accounting {
    /// All lines read.
    pub fn lines(&self) -> u64 {
        self.events + self.continuation + self.muted + self.dropped()
    }

    /// Lines dropped, for whatever reason.
    pub fn dropped(&self) -> u64 {
        self.dropped.values().sum()
    }

    /// Events without a time.
    pub fn undated(&self) -> u64 {
        self.events.saturating_sub(self.dated)
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Accounting) {
        self.events += other.events;
        self.continuation += other.continuation;
        self.muted += other.muted;
        self.dated += other.dated;
        self.lines_cut += other.lines_cut;
        self.events_long += other.events_long;
        for (reason, lines) in &other.dropped {
            *self.dropped.entry(*reason).or_default() += lines;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_in_one_of_the_four_parts() {
        let mut sum = Accounting {
            events: 3,
            dated: 2,
            continuation: 4,
            ..Default::default()
        };
        sum.merge(&Accounting {
            dropped: BTreeMap::from([(DropReason::Blank, 2), (DropReason::Marker, 1)]),
            muted: 1,
            ..Default::default()
        });
        assert_eq!((sum.lines(), sum.dropped(), sum.undated()), (11, 3, 1));
    }
}
