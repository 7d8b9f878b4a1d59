//! Lines that are looked up some at a time, before the first of them is read.
//!
//! Readings are more than the first caches of a processor hold, so that each line waits for the set
//! that names its reading, and then for the reading. Looked up one behind the other, with nothing
//! else between them, the lines wait together. Nothing depends on what is found: it is only where
//! to look first when the line's turn comes.

use super::{Identity, Readings, may_be_kept};
use memchr::memchr;

/// Lines that are looked up at once.
const LINES: usize = 16;

/// The lines behind one another in a text, from one that was asked for on.
#[derive(Debug, Default)]
pub struct Ahead {
    lines: [Line; LINES],
    /// How many of them there are, and how many were asked for.
    count: usize,
    taken: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Line {
    start: usize,
    end: usize,
    expected: Expected,
}

/// What is known of a line whose turn is to come.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected {
    pub(super) identity: Option<Identity>,
    /// The number of its reading, if it has one.
    pub(super) reading: u32,
}

impl Ahead {
    /// The end of the line that begins at `start` of a text, and what is known of it. Texts are told
    /// apart by [`Ahead::forget`].
    #[inline]
    pub fn line(
        &mut self,
        text: &[u8],
        start: usize,
        readings: Option<&Readings>,
    ) -> (usize, Expected) {
        // Some lines are not asked for.
        while self.taken < self.count && self.lines[self.taken].start < start {
            self.taken += 1;
        }
        if self.taken == self.count || self.lines[self.taken].start != start {
            self.look(text, start, readings);
        }
        let line = &self.lines[self.taken];
        self.taken += 1;
        (line.end, line.expected)
    }

    /// Says that the next line is of another text.
    pub fn forget(&mut self) {
        (self.count, self.taken) = (0, 0);
    }

    fn look(&mut self, text: &[u8], start: usize, readings: Option<&Readings>) {
        self.forget();
        let mut start = start;
        for line in &mut self.lines {
            let rest = text.get(start..).unwrap_or_default();
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let content = &rest[..length];
            let identity = readings
                .filter(|_| may_be_kept(content))
                .map(|readings| readings.keys.identity(content));
            *line = Line {
                start,
                end: start + length,
                expected: Expected {
                    identity,
                    reading: u32::MAX,
                },
            };
            self.count += 1;
            start += length + 1;
            if start >= text.len() {
                break;
            }
        }
        let Some(readings) = readings else { return };
        let lines = &mut self.lines[..self.count];
        for line in &mut *lines {
            if let Some(identity) = line.expected.identity {
                line.expected.reading = readings.tagged(identity);
            }
        }
        for line in lines {
            // Brings the reading into the cache: of those that share the tag it is nearly always the one.
            if !readings.is_at(line.expected) {
                line.expected.reading = u32::MAX;
            }
        }
    }
}
