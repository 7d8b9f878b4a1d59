//! A position in a line, and the small pieces that all layouts are made of: digits, words, clocks,
//! fractions, zones.
//!
//! A method that passes over a piece and does not find it leaves the position where it was; only
//! the helpers of these methods, which work on a copy, do not.

use super::civil::Civil;
use super::words;

/// The largest offset from UTC that a stamp may name, in hours.
const OFFSET_HOURS_MAX: u32 = 18;

/// Two-digit years from here on belong to the twentieth century, as POSIX has it.
const CENTURY_PIVOT: i32 = 69;

/// The longest zone abbreviation.
const ZONE_BYTES_MAX: usize = 4;

/// A position in a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Cursor { text, at: 0 }
    }

    /// The number of bytes passed.
    pub fn position(&self) -> usize {
        self.at
    }

    /// What lies ahead.
    pub fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The byte ahead; 0 at the end.
    pub fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    /// The byte `ahead` bytes further; 0 past the end.
    pub fn peek_at(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Passes `count` bytes, which the caller has seen to be there.
    pub fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.text.len());
    }

    /// Passes `byte` if it is next.
    pub fn eat(&mut self, byte: u8) -> bool {
        let found = self.at < self.text.len() && self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    /// Passes one of `bytes` if it is next, and says which.
    pub fn eat_any(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = *self.rest().first()?;
        bytes.contains(&byte).then(|| {
            self.at += 1;
            byte
        })
    }

    /// Passes blanks, and says how many.
    pub fn blanks(&mut self) -> usize {
        let count = self.rest().iter().take_while(|&&byte| byte == b' ').count();
        self.at += count;
        count
    }

    /// How many digits are next, counted up to `most`.
    pub fn digits_ahead(&self, most: usize) -> usize {
        let ahead = self.rest().iter().take(most);
        ahead.take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// Passes a number of `least..=most` digits that no further digit follows; `most` is at most 9.
    pub fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.digits_ahead(most + 1);
        if count < least || count > most {
            return None;
        }
        Some(self.take_number(count))
    }

    /// Passes `count` digits, which the caller has counted; at most 9.
    pub fn take_number(&mut self, count: usize) -> u32 {
        let digits = self.rest().iter().take(count);
        let value = digits.fold(0, |value, digit| value * 10 + u32::from(digit & 0x0f));
        self.skip(count);
        value
    }

    /// The letters next, bytes beyond ASCII included, with a full stop after them if there is one.
    pub fn word_ahead(&self) -> &'a [u8] {
        let letter = |byte: &&u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        let mut count = self.rest().iter().take(12).take_while(letter).count();
        if count > 0 && self.peek_at(count) == b'.' {
            count += 1;
        }
        &self.rest()[..count]
    }

    /// Passes the name of a month.
    pub fn month(&mut self) -> Option<u32> {
        let word = self.word_ahead();
        let month = words::month(word)?;
        self.skip(word.len());
        Some(month)
    }

    /// Passes a year of four digits or of two.
    pub fn year(&mut self) -> Option<i32> {
        match self.digits_ahead(5) {
            4 => Some(self.take_number(4) as i32),
            2 => Some(full_year(self.take_number(2))),
            _ => None,
        }
    }

    /// Passes `hh:mm:ss`, padded or not; without seconds where `short` allows it.
    pub fn clock(&mut self, civil: &mut Civil, short: bool) -> bool {
        let mut ahead = *self;
        let found = ahead.clock_parts(civil, short).is_some();
        if found {
            *self = ahead;
        }
        found
    }

    fn clock_parts(&mut self, civil: &mut Civil, short: bool) -> Option<()> {
        civil.hour = self.number(1, 2)?;
        self.eat(b':').then_some(())?;
        civil.minute = self.number(1, 2)?;
        (civil.second, civil.second_end) = (0, 0);
        let mut ahead = *self;
        if ahead.eat(b':')
            && let Some(second) = ahead.number(1, 2)
        {
            (civil.second, civil.second_end) = (second, ahead.at);
            *self = ahead;
            return Some(());
        }
        (short && self.peek() != b':').then_some(())
    }

    /// Passes `hhmmss`, `hh.mm.ss` or `hh-mm-ss`, padded, as they stand close to a date.
    pub fn close_clock(&mut self, civil: &mut Civil) -> bool {
        let mut ahead = *self;
        let found = ahead.close_clock_parts(civil).is_some();
        if found {
            *self = ahead;
        }
        found
    }

    fn close_clock_parts(&mut self, civil: &mut Civil) -> Option<()> {
        if self.digits_ahead(7) == 6 {
            civil.hour = self.take_number(2);
            civil.minute = self.take_number(2);
            civil.second = self.take_number(2);
            civil.second_end = self.at;
            return Some(());
        }
        civil.hour = self.number(2, 2)?;
        let separator = self.eat_any(b".-")?;
        civil.minute = self.number(2, 2)?;
        self.eat(separator).then_some(())?;
        civil.second = self.number(2, 2)?;
        civil.second_end = self.at;
        Some(())
    }

    /// Passes what stands between a date and its clock, and says whether they stand close: `T`,
    /// `_`, `-`, `:` and the like without a blank; `None` when nothing is between.
    pub fn joint(&mut self) -> Option<bool> {
        let blanks = self.blanks();
        let mark = self.eat_any(b"T_-,:.t|");
        let blanks = blanks + self.blanks();
        match mark {
            Some(b'T' | b't' | b'_' | b'.' | b'|') => (blanks == 0).then_some(true),
            Some(_) => Some(blanks == 0),
            None => (blanks > 0).then_some(false),
        }
    }

    /// Passes a fraction of a second of any length, after `.` or `,`, or milliseconds after `:`.
    pub fn fraction(&mut self, civil: &mut Civil) {
        let digits_most = match self.peek() {
            b'.' | b',' => usize::MAX,
            b':' => 3,
            _ => return,
        };
        let digits = self.rest()[1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit());
        let count = digits.take(digits_most.saturating_add(1)).count();
        if count == 0 || count > digits_most {
            return;
        }
        self.skip(1);
        let spelled = count.min(6);
        let value = Cursor { ..*self }.take_number(spelled);
        // After a colon stand milliseconds, where `7` is seven of them and not seven tenths.
        civil.micros = match digits_most {
            3 => value * 1000,
            _ => value * 10u32.pow(6 - spelled as u32),
        };
        civil.fraction_digits = count;
        self.skip(count);
    }

    /// Passes `AM` or `PM` after at most one blank, and turns the hour into that of 24.
    pub fn meridiem(&mut self, civil: &mut Civil) {
        let mut ahead = *self;
        ahead.eat(b' ');
        let afternoon = match [ahead.peek(), ahead.peek_at(1)] {
            [b'A' | b'a', b'M' | b'm'] => false,
            [b'P' | b'p', b'M' | b'm'] => true,
            _ => return,
        };
        ahead.skip(2);
        if ahead.peek().is_ascii_alphanumeric() {
            return;
        }
        if civil.hour <= 12 {
            civil.hour = civil.hour % 12 + if afternoon { 12 } else { 0 };
        }
        *self = ahead;
    }

    /// Passes a zone after at most one blank: `Z`, `+hh:mm`, `+hhmm`, `+hh`, `UTC`, `GMT+2`, `CEST`.
    pub fn zone(&mut self, civil: &mut Civil) {
        let mut ahead = *self;
        let apart = ahead.eat(b' ');
        let is_number = matches!(ahead.peek(), b'+' | b'-');
        let offset = match ahead.peek() {
            // Apart, `-12` alone would rather be a number of the message.
            b'+' | b'-' if apart => ahead.offset(&[]),
            b'+' | b'-' => ahead.offset(&[2]),
            b'A'..=b'Z' | b'z' => ahead.zone_word(),
            _ => None,
        };
        let Some(offset) = offset else { return };
        civil.offset_seconds = Some(offset);
        *self = ahead;
        // The name beside the number, whatever both say.
        if apart && is_number && ahead.eat(b' ') && ahead.peek().is_ascii_uppercase() {
            let is_named = ahead.zone_word().is_some();
            *self = if is_named { ahead } else { *self };
        }
    }

    /// An offset `+hhmm`, `+hh:mm`, or hours alone of as many digits as `hours_alone` allows.
    fn offset(&mut self, hours_alone: &[usize]) -> Option<i32> {
        let sign = match self.eat_any(b"+-")? {
            b'-' => -1,
            _ => 1,
        };
        let count = self.digits_ahead(5);
        let (hours, minutes) = match count {
            4 => (self.take_number(2), self.take_number(2)),
            1 | 2 if self.peek_at(count) == b':' && self.digits_from(count + 1) == 2 => {
                let hours = self.take_number(count);
                self.skip(1);
                (hours, self.take_number(2))
            }
            _ if hours_alone.contains(&count) => (self.take_number(count), 0),
            _ => return None,
        };
        let ends = !self.peek().is_ascii_alphanumeric();
        (ends && hours <= OFFSET_HOURS_MAX && minutes < 60)
            .then_some(sign * (hours * 3600 + minutes * 60) as i32)
    }

    /// How many digits are next, up to three, after `ahead` bytes.
    fn digits_from(&self, ahead: usize) -> usize {
        let mut cursor = *self;
        cursor.skip(ahead);
        cursor.digits_ahead(3)
    }

    /// A zone by its abbreviation, `UTC` and `GMT` also with hours after them.
    fn zone_word(&mut self) -> Option<i32> {
        let letters = self.rest().iter().take(ZONE_BYTES_MAX + 1);
        let count = letters
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let word = &self.rest()[..count];
        let after = self.peek_at(count);
        if after.is_ascii_alphanumeric() || after == b'_' {
            return None;
        }
        if matches!(word, b"Z" | b"z") {
            self.skip(1);
            return Some(0);
        }
        let base = words::zone_offset_seconds(word)?;
        self.skip(count);
        let mut ahead = *self;
        if base == 0
            && let Some(offset) = ahead.offset(&[1, 2])
        {
            *self = ahead;
            return Some(offset);
        }
        Some(base)
    }
}

/// The year that two digits mean.
pub(super) fn full_year(two_digits: u32) -> i32 {
    let year = two_digits as i32;
    year + if year < CENTURY_PIVOT { 2000 } else { 1900 }
}
