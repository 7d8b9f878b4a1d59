//! The keys of journal entries as JSON, as they were met, and which came behind which.
//!
//! Most writers put the same keys in the same order in each entry. So behind a value the key that
//! came there the last time is compared as it stands, quotes, colon and all, and is looked up only
//! where that is another. The order is a guess and no more: it changes nothing of what is read.

use super::journal_fields::Field;

/// Keys that are known at most.
const KEYS_MAX: usize = 250;

/// The room for a key with what stands before and behind it.
const JOINT_BYTES: usize = 32;

/// Words of a joint.
const WORDS: usize = JOINT_BYTES / 8;

/// What stands before a key, and behind it before its value.
const BEFORE: &[u8] = br#",""#;
const BEHIND: &[u8] = br#"":""#;

/// Bytes of a joint that are not the key's.
const AROUND_BYTES: usize = BEFORE.len() + BEHIND.len();

/// Places of the table that keys are found by.
const PLACES: usize = 1024;

/// What stands between two values, behind the quote that ends the first: `,"KEY":"`.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Joint {
    text: [u8; JOINT_BYTES],
    /// Ones for the bytes that it has.
    mask: [u8; JOINT_BYTES],
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

    fn name(&self, key: Key) -> &[u8] {
        &self.text[BEFORE.len()..usize::from(key.length) - BEHIND.len()]
    }

    /// Whether it is what such bytes begin with.
    #[inline(always)]
    fn begins(&self, bytes: &[u8; JOINT_BYTES]) -> bool {
        let (bytes, own, mask) = (words(bytes), words(&self.text), words(&self.mask));
        (0..WORDS).fold(0, |apart, i| apart | (bytes[i] ^ own[i]) & mask[i]) == 0
    }
}

/// The bytes as words, so that a joint is compared in a few steps.
#[inline(always)]
fn words(bytes: &[u8; JOINT_BYTES]) -> [u64; WORDS] {
    let (eights, _) = bytes.as_chunks();
    std::array::from_fn(|i| u64::from_le_bytes(eights[i]))
}

/// A key before a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// The number of the key that came behind it the last time.
    next: u8,
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
        next: NONE,
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
            ..Key::NONE
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

/// The number of what is before the first key.
pub(super) const START: u8 = NONE - 1;

/// The number of keys that are not kept.
const OTHER: u8 = NONE - 2;

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
    /// The key that stands between two values at the start of a text, and its number, if it came
    /// behind this one the last time.
    #[inline(always)]
    pub fn foreseen(&self, before: u8, text: &[u8]) -> Option<(u8, Key)> {
        let number = self.keys[usize::from(before)].next;
        let begins = self.joints[usize::from(number)].begins(text.first_chunk()?);
        begins.then(|| (number, self.keys[usize::from(number)]))
    }

    /// The same of any key, behind a comma or the brace of the object; that it came behind another one
    /// is kept in mind. `None` where it is none of the journal's, or no string is its value.
    #[inline(never)]
    pub fn met(&mut self, before: u8, text: &[u8]) -> Option<(u8, Key)> {
        let separator = if before == START { b'{' } else { b',' };
        let [first, b'"', behind @ ..] = text else {
            return None;
        };
        let name = &behind[..memchr::memchr(b'"', behind)?];
        if *first != separator || !behind[name.len()..].starts_with(BEHIND) {
            return None;
        }
        let number = self.number(name)?;
        self.keys[usize::from(before)].next = number;
        match number {
            OTHER => Some((number, Key::of(name)?)),
            _ => Some((number, self.keys[usize::from(number)])),
        }
    }

    /// The number of a name; `None` where it can be no field's.
    fn number(&mut self, name: &[u8]) -> Option<u8> {
        let last = match name.last_chunk() {
            Some(last) => u64::from_le_bytes(*last),
            None => name
                .iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        let mixed = (last ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut place = (mixed >> 32) as usize % PLACES;
        while self.places[place] != NONE {
            let number = self.places[place];
            if self.joints[usize::from(number)].name(self.keys[usize::from(number)]) == name {
                return Some(number);
            }
            place = (place + 1) % PLACES;
        }
        let is_field = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
        if name.is_empty() || !name.iter().all(is_field) {
            return None;
        }
        let key = Key::of(name)?;
        if usize::from(key.length) > JOINT_BYTES || self.count == KEYS_MAX {
            return Some(OTHER);
        }
        self.joints[self.count] = Joint::of(name);
        self.keys[self.count] = key;
        self.places[place] = self.count as u8;
        self.count += 1;
        Some(self.places[place])
    }
}
