//! Where the seconds of a stamp stand, so that stamps of one minute are told apart by these alone.

use super::Stamp;
use super::civil::Civil;
use crate::event::Timestamp;
use crate::octets;
use std::ops::Range;

/// The digits of a fraction that count: what is finer than a microsecond is cut.
const DIGITS_COUNTED_MAX: usize = 6;

const MINUTE_SECONDS: i64 = 60;

/// The digits of a count of seconds.
const COUNT_DIGITS: u8 = 10;

/// The places of a stamp's second and of its fraction, in few bytes since each reading has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    second_end: u8,
    second: Second,
    /// The digits of the fraction, behind a mark of one byte; 0 where there is none.
    fraction_digits: u8,
}

/// How a second is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Second {
    /// In one digit, behind a mark.
    Short,
    /// In two digits.
    Full,
    /// As the last two digits of a count.
    OfCount,
}

impl Clock {
    /// The clock of a stamp that is a count of seconds.
    pub(super) fn of_count(text: &[u8], stamp: Stamp) -> Option<Self> {
        let digits = usize::from(COUNT_DIGITS);
        if text.get(digits).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        Some(Clock {
            second_end: COUNT_DIGITS,
            second: Second::OfCount,
            fraction_digits: stamp.length.saturating_sub(digits + 1).try_into().ok()?,
        })
    }

    /// The clock of a stamp that was read of these fields.
    pub(super) fn of(text: &[u8], stamp: Stamp, civil: &Civil) -> Option<Self> {
        let end = civil.second_end;
        let (_, last) = text.get(..end)?.split_at_checked(end.checked_sub(2)?)?;
        let clock = Clock {
            second_end: end.try_into().ok()?,
            second: match last[0].is_ascii_digit() {
                true => Second::Full,
                false => Second::Short,
            },
            fraction_digits: civil.fraction_digits.try_into().ok()?,
        };
        let is_clock = clock.micros(text) == Some(micros(civil)) && stamp.timestamp.is_some();
        is_clock.then_some(clock)
    }

    /// Whether it is one of a count since the epoch.
    pub(super) fn counts(self) -> bool {
        self.second == Second::OfCount
    }

    /// A number that clocks in different places mostly differ in.
    pub(super) fn class(self) -> usize {
        usize::from(self.second_end)
    }

    /// The places of all its digits.
    pub(super) fn digits(self) -> impl Iterator<Item = usize> {
        let end = usize::from(self.second_end);
        let digits = if self.second == Second::Short { 1 } else { 2 };
        (end - digits..end).chain(self.fraction())
    }

    fn fraction(self) -> Range<usize> {
        let start = usize::from(self.second_end) + 1;
        start..start + usize::from(self.fraction_digits)
    }

    /// The microseconds since the minute began, or the hundred seconds of a count; `None` for what is no
    /// second of one, as a leap second.
    #[inline(always)]
    pub(super) fn micros(self, text: &[u8]) -> Option<i64> {
        let value = |digit: u8| i64::from(digit & 0x0f);
        let &[.., tens, ones] = text.get(..usize::from(self.second_end))? else {
            return None;
        };
        let second = match self.second {
            Second::Short => value(ones),
            _ => value(tens) * 10 + value(ones),
        };
        if second >= MINUTE_SECONDS && !self.counts() {
            return None;
        }
        let whole = second * Timestamp::MICROS;
        if self.fraction_digits == 0 {
            return Some(whole);
        }
        let fraction = self.fraction();
        // After a colon stand milliseconds.
        let of_millis = text[usize::from(self.second_end)] == b':';
        let counted = fraction.len().min(DIGITS_COUNTED_MAX);
        let unit = if of_millis { 1000 } else { UNITS[counted] };
        Some(whole + number(text.get(fraction.start..)?, counted)? * unit)
    }
}

/// The number that a text begins with, of up to eight digits.
#[inline(always)]
fn number(text: &[u8], digits: usize) -> Option<i64> {
    let eight = match text.first_chunk() {
        Some(eight) => *eight,
        None => {
            let mut eight = [0; 8];
            eight
                .get_mut(..digits)?
                .copy_from_slice(text.get(..digits)?);
            eight
        }
    };
    // What stands behind the digits is moved out, and what comes in before them are zeros.
    let unwanted = 8 * 8usize.checked_sub(digits)?;
    let digits = u64::from_le_bytes(eight).checked_shl(unwanted as u32);
    Some(octets::decimal(digits.unwrap_or_default()).into())
}

/// What the last of so many digits counts, in microseconds.
const UNITS: [i64; DIGITS_COUNTED_MAX + 1] = [0, 100_000, 10_000, 1_000, 100, 10, 1];

/// The microseconds since the minute began.
fn micros(civil: &Civil) -> i64 {
    i64::from(civil.second) * Timestamp::MICROS + i64::from(civil.micros)
}
