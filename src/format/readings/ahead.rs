//! Lines that are looked up some at a time, before the first of them is read.
//!
//! Readings are more than the first caches of a processor hold, so that each line waits for the set
//! that names its reading, and then for the reading. Looked up one behind the other, with nothing
//! else between them, the lines wait together. Nothing depends on what is found: it is only where
//! to look first when the line's turn comes. Where hardly any line reads as one before it, most are not
//! looked up at all.

use super::skeleton::Identity;
use super::{Readings, Wanted, may_be_kept};
use crate::format::hex::Leveller;
use memchr::memchr;
use std::ops::Range;

/// Lines that are looked up at once.
const LINES: usize = 16;

/// As often in a row all lines looked up at once may be missed before others are left without a look.
const MISSES_MAX: usize = 8;

/// So many lines are left then before some are looked up again, since what follows may be known. Where these
/// are missed as well, twice as many are left the next time.
const LEFT: usize = 7 * LINES;

/// More are never left: read anew, they take a millisecond.
const LEFT_MAX: usize = 8 * LEFT;

/// The lines behind one another in a text, from one that was asked for on.
#[derive(Debug, Default)]
pub struct Ahead {
    lines: [Line; LINES],
    /// How many of them there are, and how many were asked for.
    count: usize,
    taken: usize,
    /// How often readings had been forgotten when the lines were looked up.
    forgotten: u32,
    /// How often in a row none of them was found.
    misses: usize,
    /// How many lines are still to be left without a look.
    to_leave: usize,
    /// Whether the line that was asked for last was left.
    is_left: bool,
    /// What levels the ids of a line.
    leveller: Leveller,
}

#[derive(Debug, Clone, Copy, Default)]
struct Line {
    start: usize,
    end: usize,
    wanted: Option<Wanted>,
    expected: Expected,
}

/// What is known of a line whose turn has come, until the next line is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected(u32);

impl Default for Expected {
    /// Nothing is known.
    fn default() -> Self {
        Expected(u32::MAX)
    }
}

impl Expected {
    /// The number of the line's reading, if it has one.
    #[inline]
    pub(super) fn reading(self) -> Option<u32> {
        self.is_known().then_some(self.0)
    }

    /// Whether the line reads as one before it, as far as its skeleton says. It has no mark of a section.
    #[inline]
    pub fn is_known(self) -> bool {
        self != Expected::default()
    }
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
        let forgotten = readings.map_or(0, |readings| readings.forgotten);
        match self.lines[..self.count].get(self.taken) {
            Some(line) if line.start == start && self.forgotten == forgotten => {
                self.taken += 1;
                self.is_left = false;
                (line.end, line.expected)
            }
            _ => self.line_anew(text, start, readings),
        }
    }

    /// The same of a line that is not the next of those that were looked up.
    #[inline(never)]
    fn line_anew(
        &mut self,
        text: &[u8],
        start: usize,
        readings: Option<&Readings>,
    ) -> (usize, Expected) {
        self.is_left = self.to_leave > 0 && self.taken == self.count;
        if self.is_left {
            self.to_leave -= 1;
            return (
                start + first_line(&text[start..]).len(),
                Expected::default(),
            );
        }
        // Some lines are not asked for.
        while self.taken < self.count && self.lines[self.taken].start < start {
            self.taken += 1;
        }
        let forgotten = readings.map_or(0, |readings| readings.forgotten);
        if self.taken == self.count
            || self.lines[self.taken].start != start
            || self.forgotten != forgotten
        {
            self.look(text, start, readings);
            self.forgotten = forgotten;
        }
        let line = &self.lines[self.taken];
        self.taken += 1;
        (line.end, line.expected)
    }

    /// What the line is kept under that was asked for last, if it is not known and may be kept.
    pub fn wanted(&self) -> Option<Wanted> {
        let asked = self.lines[..self.taken].last()?;
        asked.wanted.filter(|_| !self.is_left)
    }

    /// Whether the line that was asked for last was not looked up, and is not to be.
    pub fn is_left(&self) -> bool {
        self.is_left
    }

    /// Says that the next line is of another text.
    pub fn forget(&mut self) {
        (self.count, self.taken) = (0, 0);
    }

    fn look(&mut self, text: &[u8], start: usize, readings: Option<&Readings>) {
        self.forget();
        let Some(readings) = readings else {
            let end = start + first_line(&text[start..]).len();
            self.lines[0] = Line::of(start..end, None);
            self.count = 1;
            return;
        };
        let mut places = self.lines.iter_mut();
        readings.keys.lines(text, start, |range, identity| {
            let identity = identity.filter(|_| may_be_kept(&text[range.clone()]));
            let is_last = range.end + 1 >= text.len();
            if let Some(place) = places.next() {
                *place = Line::of(range, identity);
                self.count += 1;
            }
            !is_last && places.len() > 0
        });
        let lines = &mut self.lines[..self.count];
        for line in &mut *lines {
            line.expect(readings);
        }
        let mut missed: Marks = 0;
        for (place, line) in lines.iter_mut().enumerate() {
            line.look_closely(readings);
            missed |= Marks::from(line.is_missed()) << place;
        }
        if missed != 0 {
            missed &= !found_by_ids(text, lines, missed, readings, &mut self.leveller);
        }
        let all_missed = missed.count_ones() as usize == lines.len();
        self.misses = if all_missed { self.misses + 1 } else { 0 };
        if self.misses >= MISSES_MAX {
            let doublings = (self.misses - MISSES_MAX).min(usize::BITS as usize / 2);
            self.to_leave = (LEFT << doublings).min(LEFT_MAX);
        }
    }
}

/// The first line of a text, without its newline.
#[inline]
fn first_line(text: &[u8]) -> &[u8] {
    &text[..memchr(b'\n', text).unwrap_or(text.len())]
}

/// Looks those of the lines up once more that were missed and have ids; which of them are found.
#[inline(never)]
fn found_by_ids(
    text: &[u8],
    lines: &mut [Line],
    missed: Marks,
    readings: &Readings,
    leveller: &mut Leveller,
) -> Marks {
    let (mut levelled, mut found) = (0, 0);
    for place in marked(missed) {
        let line = &mut lines[place];
        if let Some(wanted) = readings.levelled(&text[line.start..line.end], leveller) {
            line.wanted = Some(wanted);
            line.expect(readings);
            levelled |= 1 << place;
        }
    }
    for place in marked(levelled) {
        let line = &mut lines[place];
        line.look_closely(readings);
        found |= Marks::from(line.expected.is_known()) << place;
    }
    found
}

/// Which of the lines that are looked up at once, the first as the lowest bit.
type Marks = u16;

const _: () = assert!(LINES <= Marks::BITS as usize);

/// The places of those lines.
fn marked(mut of: Marks) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (of != 0).then(|| of.trailing_zeros() as usize);
        of &= of.wrapping_sub(1);
        place
    })
}

impl Line {
    /// A line whose skeleton may have an identity.
    #[inline]
    fn of(range: Range<usize>, identity: Option<Identity>) -> Self {
        Line {
            start: range.start,
            end: range.end,
            wanted: identity.map(Wanted::plain),
            expected: Expected::default(),
        }
    }

    /// Finds the reading that may be the line's.
    #[inline]
    fn expect(&mut self, readings: &Readings) {
        if let Some(wanted) = self.wanted {
            self.expected = Expected(readings.tagged(wanted.identity));
        }
    }

    /// Brings the reading into the cache: of those that share the tag it is nearly always the one.
    #[inline]
    fn look_closely(&mut self, readings: &Readings) {
        let reading = readings.readings.get(self.expected.0 as usize);
        let identity = self.wanted.map(|wanted| wanted.identity);
        if !reading.is_some_and(|reading| Some(reading.identity) == identity) {
            self.expected = Expected::default();
        }
    }

    fn is_missed(&self) -> bool {
        self.wanted.is_some() && !self.expected.is_known()
    }
}
