//! The shape of a journal entry: which keys it has in which order, and which values these are before.
//!
//! Entries of one writer mostly have one shape, and few shapes have as many values as another. So the
//! shape that the last entry of as many values had is compared as a whole, key by key, before any key is
//! looked up. It is a guess and no more: it changes nothing of what is read.

use super::journal_fields::Field;
use super::journal_keys::{Key, Keys};
use super::json_quotes::VALUES_MAX;

/// Bits from the one of a field to the one that says that it came again.
const REPEATED: u32 = 16;

/// The fields that may come again, since their values are not asked for.
const REPEATABLE: u32 = 1 << Field::Mark as u32;

/// A place for each field, and one for what is not asked for.
const PLACES: usize = 1 << 4;

/// The keys of an entry.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Their numbers, in order.
    numbers: [u8; VALUES_MAX],
    /// How many there are; 0 where entries are not of this shape.
    count: usize,
    /// By field which value is its, and how many bytes stand between that and the value before.
    places: [(u8, u16); PLACES],
    /// A bit for each field that it has, and above them one for each that came again.
    fields: u32,
}

impl Default for Shape {
    fn default() -> Self {
        Shape {
            numbers: [0; VALUES_MAX],
            count: 0,
            places: [(0, 0); PLACES],
            fields: 0,
        }
    }
}

impl Shape {
    /// Whether a text whose values end there has its keys.
    #[inline(always)]
    pub fn is_of(&self, text: &[u8], ends: &[u16], keys: &Keys) -> bool {
        let (Some(numbers), [_, ends @ ..]) = (self.numbers.get(..self.count), ends) else {
            return false;
        };
        let ([first, numbers @ ..], [before @ .., _]) = (numbers, ends) else {
            return false;
        };
        if numbers.len() != before.len() || !keys.begins_first(*first, text) {
            return false;
        }
        for (number, end) in numbers.iter().zip(before) {
            if !keys.begins(*number, text, usize::from(*end) + 1) {
                return false;
            }
        }
        true
    }

    /// Becomes the one of a text whose values end there, each behind the key that stands where the value
    /// before is over; `None` where one is no key.
    #[inline(always)]
    pub fn learn(
        &mut self,
        ends: &[u16],
        mut key_at: impl FnMut(usize) -> Option<(u8, Key)>,
    ) -> Option<()> {
        self.count = 0;
        self.fields = 0;
        let (_, before) = ends.split_last()?;
        let rooms = self.numbers.iter_mut().zip(before);
        for (index, (room, end)) in (0..).zip(rooms) {
            let (number, key) = key_at(usize::from(end.wrapping_add(1)))?;
            *room = number;
            self.places[usize::from(key.field) % PLACES] = (index, key.length);
            self.fields |= (self.fields & key.bit) << REPEATED | key.bit;
        }
        self.count = before.len();
        Some(())
    }

    /// Whether each field whose value is asked for comes once.
    #[inline]
    pub fn is_once(&self) -> bool {
        self.fields >> REPEATED & !REPEATABLE == 0
    }

    /// Whether it has a field.
    #[inline]
    pub fn has(&self, field: Field) -> bool {
        self.fields & 1 << field as u32 != 0
    }

    /// Whether it has any of the fields of these bits.
    #[inline]
    pub fn has_any(&self, fields: u32) -> bool {
        self.fields & fields != 0
    }

    /// Where the value of a field that is there begins and ends.
    #[inline]
    pub fn place(&self, field: Field, ends: &[u16]) -> (usize, usize) {
        let (index, length) = self.places[field as usize];
        let index = usize::from(index);
        let begin = ends[index].wrapping_add(1) + length;
        (usize::from(begin), usize::from(ends[index + 1]))
    }
}
