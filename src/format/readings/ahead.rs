//! Lines that are looked up some at a time, before the first of them is read.
//!
//! Readings are more than the first caches of a processor hold, so that each line waits for the set
//! that names its reading, and then for the reading. Looked up one behind the other, with nothing
//! else between them, the lines wait together. Nothing depends on what is found: it is only where
//! to look first when the line's turn comes. Where hardly any line reads as one before it, most are not
//! looked up at all.

use super::{LINE_BYTES_MAX, Readings, Room, Wanted, may_be_kept};
use memchr::memchr;

/// Lines that are looked up at once.
const LINES: usize = 16;

/// As often in a row all lines looked up at once may be missed before others are left without a look.
const MISSES_MAX: usize = 8;

/// Of so many then one is looked up, since what follows may be known again.
const LEFT: usize = 8;

/// The lines behind one another in a text, from one that was asked for on.
#[derive(Debug)]
pub struct Ahead {
    lines: [Line; LINES],
    /// How many of them there are, and how many were asked for.
    count: usize,
    taken: usize,
    /// How often in a row none of them was found, or looked up.
    misses: usize,
    /// Where a line is written whose ids are levelled.
    room: Box<Room>,
}

impl Default for Ahead {
    fn default() -> Self {
        Ahead {
            lines: Default::default(),
            count: 0,
            taken: 0,
            misses: 0,
            room: Box::new([0; LINE_BYTES_MAX]),
        }
    }
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
    pub(super) wanted: Option<Wanted>,
    /// The number of its reading, if it has one.
    pub(super) reading: u32,
    /// It was not looked up, and is not to be.
    pub(super) is_left: bool,
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
        let is_left = self.misses >= MISSES_MAX && !self.misses.is_multiple_of(LEFT);
        let readings = readings.filter(|_| !is_left);
        let mut start = start;
        for line in &mut self.lines {
            let rest = text.get(start..).unwrap_or_default();
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let content = &rest[..length];
            let wanted = readings
                .filter(|_| may_be_kept(content))
                .map(|readings| readings.plain(content));
            *line = Line {
                start,
                end: start + length,
                expected: Expected {
                    wanted,
                    reading: u32::MAX,
                    is_left,
                },
            };
            self.count += 1;
            start += length + 1;
            if start >= text.len() {
                break;
            }
        }
        let Some(readings) = readings else {
            self.misses += 1;
            return;
        };
        let lines = &mut self.lines[..self.count];
        for line in &mut *lines {
            line.expect(readings);
        }
        let mut any_missed = false;
        for line in &mut *lines {
            line.look_closely(readings);
            any_missed |= line.is_missed();
        }
        if any_missed {
            look_by_ids(text, lines, readings, &mut self.room);
        }
        let all_missed = lines.iter().all(Line::is_missed);
        self.misses = if all_missed { self.misses + 1 } else { 0 };
    }
}

/// Looks those of the lines up once more that were missed and have ids.
#[inline(never)]
fn look_by_ids(text: &[u8], lines: &mut [Line], readings: &Readings, room: &mut Room) {
    for line in &mut *lines {
        let content = &text[line.start..line.end];
        if line.is_missed()
            && let Some(wanted) = readings.levelled(content, room)
        {
            line.expected.wanted = Some(wanted);
            line.expect(readings);
        }
    }
    for line in lines {
        line.look_closely(readings);
    }
}

impl Line {
    /// Finds the reading that may be the line's.
    #[inline]
    fn expect(&mut self, readings: &Readings) {
        if let Some(wanted) = self.expected.wanted {
            self.expected.reading = readings.tagged(wanted.identity);
        }
    }

    /// Brings the reading into the cache: of those that share the tag it is nearly always the one.
    #[inline]
    fn look_closely(&mut self, readings: &Readings) {
        if !readings.is_at(self.expected) {
            self.expected.reading = u32::MAX;
        }
    }

    fn is_missed(&self) -> bool {
        self.expected.wanted.is_some() && self.expected.reading == u32::MAX
    }
}
