//! The keys of journal entries as JSON, as they were met.
//!
//! A key is looked up by what stands between two values, quotes, colon and all: by where its closing
//! quote is, and by the bytes before that and at its beginning. Which order keys come in matters to none
//! of this, as `journalctl` writes those of each entry in another.

use super::journal_fields::Field;

/// Keys that are known at most.
const KEYS_MAX: usize = 250;

/// The room for a key with what stands before and behind it.
const JOINT_BYTES: usize = 32;

/// As many bytes.
pub(super) type Bytes = [u8; JOINT_BYTES];

/// Words of a joint.
const WORDS: usize = JOINT_BYTES / 8;

/// What stands before a key, and behind it before its value.
const BEFORE: &[u8] = br#",""#;
const BEHIND: &[u8] = br#"":""#;

/// Bytes of a joint that are not the key's.
const AROUND_BYTES: usize = BEFORE.len() + BEHIND.len();

/// Places of the table that keys are found by, few of which two keys have.
const PLACES: usize = 2048;

/// Spreads what keys are told apart by over the bits of a hash.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What stands between two values, behind the quote that ends the first: `,"KEY":"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(64))]
struct Joint {
    text: Bytes,
    /// Ones for the bytes that it has.
    mask: Bytes,
}

impl Joint {
    /// A joint that stands nowhere.
    const NONE: Joint = Joint {
        text: [0; JOINT_BYTES],
        mask: [u8::MAX; JOINT_BYTES],
    };

    /// The joint of a name that has room.
    fn of(name: &[u8]) -> Self {
        let mut joint = Joint::NONE;
        let text = [BEFORE, name, BEHIND].concat();
        joint.text[..text.len()].copy_from_slice(&text);
        joint.mask[text.len()..].fill(0);
        joint
    }

    /// Whether it is what such bytes begin with, of which these bits of the first are turned.
    #[inline(always)]
    fn begins(&self, bytes: &Bytes, turned: u8) -> bool {
        let (mut bytes, own, mask) = (words(bytes), words(&self.text), words(&self.mask));
        bytes[0] ^= u64::from(turned);
        let mut apart = 0;
        for i in 0..WORDS {
            apart |= (bytes[i] ^ own[i]) & mask[i];
        }
        apart == 0
    }

    /// The place in the table of the one with such bytes, whose closing quote is there.
    ///
    /// Of what is told apart by the bytes behind the key, short keys are: they are not found.
    #[inline(always)]
    fn place(bytes: &Bytes, quote: usize) -> Option<usize> {
        let head: &[u8; 8] = bytes[1..].first_chunk()?;
        let tail: &[u8; 8] = bytes.get(quote.checked_sub(5)?..)?.first_chunk()?;
        let [head, tail] = [head, tail].map(|word| u64::from_le_bytes(*word));
        let mixed = (head ^ tail.rotate_left(29)).wrapping_mul(ODD);
        Some((mixed >> 48) as usize % PLACES)
    }
}

/// The bytes as words, so that a joint is compared in a few steps.
#[inline(always)]
fn words(bytes: &Bytes) -> [u64; WORDS] {
    let (eights, _) = bytes.as_chunks();
    std::array::from_fn(|i| u64::from_le_bytes(eights[i]))
}

/// A key before a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// The number of what it means, [`UNUSED`] where it says nothing about the event.
    pub field: u8,
    /// Bytes of it and of what stands around it.
    pub length: u16,
    /// The bit of what it means, if it means anything.
    pub bit: u32,
}

/// The number of all fields that say nothing about the event.
pub(super) const UNUSED: u8 = 15;

impl Key {
    const NONE: Key = Key {
        field: UNUSED,
        length: 0,
        bit: 0,
    };

    fn of(name: &[u8]) -> Option<Self> {
        let field = Field::named(name).map(|field| field as u8);
        Some(Key {
            field: field.unwrap_or(UNUSED),
            length: (name.len() + AROUND_BYTES).try_into().ok()?,
            bit: field.map_or(0, |field| 1 << field),
        })
    }
}

/// The keys that were met, by number.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    joints: Box<[Joint; 256]>,
    keys: Box<[Key; 256]>,
    count: usize,
    /// Numbers by a hash of the name.
    places: Box<[u8; PLACES]>,
}

/// The number of no key, which none is found by.
const NONE: u8 = u8::MAX;

/// The number of keys that are not kept.
const OTHER: u8 = NONE - 1;

impl Default for Keys {
    fn default() -> Self {
        Keys {
            joints: Box::new([Joint::NONE; 256]),
            keys: Box::new([Key::NONE; 256]),
            count: 0,
            places: Box::new([NONE; PLACES]),
        }
    }
}

impl Keys {
    /// Whether the key of this number stands between two values at a place of a text.
    #[inline(always)]
    pub fn begins(&self, number: u8, text: &[u8], at: usize) -> bool {
        self.begins_at(number, text, at, 0)
    }

    /// The same behind the brace that a text begins with.
    #[inline(always)]
    pub fn begins_first(&self, number: u8, text: &[u8]) -> bool {
        self.begins_at(number, text, 0, b'{' ^ b',')
    }

    #[inline(always)]
    fn begins_at(&self, number: u8, text: &[u8], at: usize, turned: u8) -> bool {
        let Some(bytes) = text.get(at..at + JOINT_BYTES).and_then(<[u8]>::first_chunk) else {
            return false;
        };
        self.joints[usize::from(number)].begins(bytes, turned)
    }

    /// The key that stands at a place of a text, behind a comma or the brace of the object, and its
    /// number, if it is found at once. `quotes` gives a bit for each quote of some bytes.
    #[inline(always)]
    pub fn known(
        &self,
        text: &[u8],
        at: usize,
        quotes: impl Fn(&Bytes) -> u32,
    ) -> Option<(u8, Key)> {
        let bytes = text.get(at..)?.first_chunk()?;
        let turned = if at == 0 { b'{' ^ b',' } else { 0 };
        // The first is the one that opens it.
        let behind_first = quotes(bytes) & !0b11;
        let place = Joint::place(bytes, behind_first.trailing_zeros() as usize)?;
        let number = self.places[place];
        let begins = self.joints[usize::from(number)].begins(bytes, turned);
        begins.then(|| (number, self.keys[usize::from(number)]))
    }

    /// The same of any key. `None` where it is none of the journal's, or no string is its value.
    #[inline(never)]
    pub fn met(&mut self, text: &[u8], at: usize) -> Option<(u8, Key)> {
        let separator = if at == 0 { b'{' } else { b',' };
        let [first, b'"', behind @ ..] = text.get(at..)? else {
            return None;
        };
        let name = &behind[..memchr::memchr(b'"', behind)?];
        if *first != separator || !behind[name.len()..].starts_with(BEHIND) {
            return None;
        }
        match self.number(name)? {
            OTHER => Some((OTHER, Key::of(name)?)),
            number => Some((number, self.keys[usize::from(number)])),
        }
    }

    /// The number of a name; `None` where it can be no field's.
    fn number(&mut self, name: &[u8]) -> Option<u8> {
        let is_kept = name.len() + AROUND_BYTES <= JOINT_BYTES;
        let joint = if is_kept {
            Joint::of(name)
        } else {
            Joint::NONE
        };
        let quote = BEFORE.len() + name.len();
        let mut place = Joint::place(&joint.text, quote).unwrap_or_default();
        while is_kept && self.places[place] != NONE {
            let number = self.places[place];
            if self.joints[usize::from(number)] == joint {
                return Some(number);
            }
            place = (place + 1) % PLACES;
        }
        let is_field = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
        if name.is_empty() || !name.iter().all(is_field) {
            return None;
        }
        if !is_kept || self.count == KEYS_MAX {
            return Some(OTHER);
        }
        self.joints[self.count] = joint;
        self.keys[self.count] = Key::of(name)?;
        self.places[place] = self.count as u8;
        self.count += 1;
        Some(self.places[place])
    }
}

/// One bit for each quote of some bytes.
pub(super) fn quotes(bytes: &Bytes) -> u32 {
    let quotes = (0..).zip(bytes).filter(|(_, byte)| **byte == b'"');
    quotes.fold(0, |bits, (place, _)| bits | 1u32 << place)
}
