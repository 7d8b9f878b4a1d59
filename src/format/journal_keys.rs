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

/// Bytes of ones and as many of zeros: the mask of a joint begins as far from the end of the first as the
/// joint is long.
const MASKS: [u8; 2 * JOINT_BYTES] = {
    let mut masks = [0; 2 * JOINT_BYTES];
    let mut at = 0;
    while at < JOINT_BYTES {
        masks[at] = u8::MAX;
        at += 1;
    }
    masks
};

/// Words of a joint.
const WORDS: usize = JOINT_BYTES / 8;

/// What stands before a key, and behind it before its value.
const BEFORE: &[u8] = br#",""#;
const BEHIND: &[u8] = br#"":""#;

/// Bytes of a joint that are not the key's.
const AROUND_BYTES: usize = BEFORE.len() + BEHIND.len();

/// Places of the table that keys are found by, few of which two keys have.
const PLACES: usize = 2048;

/// Places that a key is looked for at, at most. One that others have all of is read as one that is not
/// kept: names that share a place are easily made up, and none of them may make the others slow.
const PROBES_MAX: usize = 4;

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

    /// The one of so many bytes that a text begins with, behind a comma or a brace; `None` where it has no
    /// room.
    #[inline(always)]
    fn of(text: &[u8], length: usize) -> Option<Self> {
        let mask: Bytes = *MASKS
            .get(JOINT_BYTES.checked_sub(length)?..)?
            .first_chunk()?;
        let mut text = text.first_chunk().copied().unwrap_or_else(|| padded(text));
        for (byte, mask) in text.iter_mut().zip(mask) {
            *byte &= mask;
        }
        text[0] = BEFORE[0];
        Some(Joint { text, mask })
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
    /// It depends on the bytes between the quotes alone, with one of these, a word from each end: short
    /// ones are in the word as a whole, and what is behind them is shifted out.
    #[inline(always)]
    fn place(bytes: &Bytes, quote: usize) -> Option<usize> {
        let length = quote.min(8);
        let head: &[u8; 8] = bytes[1..].first_chunk()?;
        let tail: &[u8; 8] = bytes.get(1 + quote - length..)?.first_chunk()?;
        let [head, tail] = [head, tail].map(|word| u64::from_le_bytes(*word) << (64 - 8 * length));
        let mixed = (head ^ tail.rotate_left(29)).wrapping_mul(ODD);
        Some((mixed >> 48) as usize % PLACES)
    }
}

/// A text that is shorter than a joint has room for, and zeros.
#[cold]
fn padded(text: &[u8]) -> Bytes {
    let mut bytes = [0; JOINT_BYTES];
    for (byte, own) in bytes.iter_mut().zip(text) {
        *byte = *own;
    }
    bytes
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

    /// The one of such a name; `None` where that can be no field's.
    fn of(name: &[u8]) -> Option<Self> {
        let is_field = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
        // All are looked at, which takes less time than to ask after each whether to go on.
        let are_fields = |all, byte| all & is_field(byte);
        if name.is_empty() || !name.iter().fold(true, are_fields) {
            return None;
        }
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
        let text = text.get(at..)?;
        let [first, b'"', behind @ ..] = text else {
            return None;
        };
        let name = &behind[..memchr::memchr(b'"', behind)?];
        if *first != separator || !behind[name.len()..].starts_with(BEHIND) {
            return None;
        }
        let Some(joint) = Joint::of(text, name.len() + AROUND_BYTES) else {
            return Some((OTHER, Key::of(name)?));
        };
        let free = match self.find(&joint, BEFORE.len() + name.len())? {
            Found::Kept(number) => return Some((number, self.keys[usize::from(number)])),
            Found::Free(place) => Some(place),
            Found::Taken => None,
        };
        let key = Key::of(name)?;
        match free {
            Some(place) if self.count < KEYS_MAX => Some((self.keep(joint, key, place), key)),
            _ => Some((OTHER, key)),
        }
    }

    /// Looks for a joint whose closing quote is there, at [`PROBES_MAX`] places.
    #[inline(always)]
    fn find(&self, joint: &Joint, quote: usize) -> Option<Found> {
        let first = Joint::place(&joint.text, quote)?;
        for place in (first..first + PROBES_MAX).map(|place| place % PLACES) {
            match self.places[place] {
                NONE => return Some(Found::Free(place)),
                number if self.joints[usize::from(number)] == *joint => {
                    return Some(Found::Kept(number));
                }
                _ => {}
            }
        }
        Some(Found::Taken)
    }

    /// Keeps a key at a place that is free, and gives its number.
    fn keep(&mut self, joint: Joint, key: Key, place: usize) -> u8 {
        let number = self.count as u8;
        self.joints[self.count] = joint;
        self.keys[self.count] = key;
        self.places[place] = number;
        self.count += 1;
        number
    }
}

/// What is found of a key.
enum Found {
    /// Its number.
    Kept(u8),
    /// A place that it can have.
    Free(usize),
    /// Other keys at all of its places.
    Taken,
}

/// One bit for each quote of some bytes.
pub(super) fn quotes(bytes: &Bytes) -> u32 {
    let quotes = (0..).zip(bytes).filter(|(_, byte)| **byte == b'"');
    quotes.fold(0, |bits, (place, _)| bits | 1u32 << place)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// An object whose second key has this name.
    fn object(name: &str) -> String {
        format!(r#"{{"A":"","{name}":"of any length, so that it is found at once"}}"#)
    }

    /// The number of the second key of such an object, and whether it was found at once.
    fn number(keys: &mut Keys, name: &str) -> (u8, bool) {
        let text = object(name);
        let known = keys.known(text.as_bytes(), 7, quotes);
        let (number, key) = known.or_else(|| keys.met(text.as_bytes(), 7)).unwrap();
        let expected = Key::of(name.as_bytes()).unwrap();
        assert_eq!(key.field, expected.field, "{name}");
        assert_eq!(key.bit, expected.bit, "{name}");
        assert_eq!(usize::from(key.length), name.len() + AROUND_BYTES, "{name}");
        (number, known.is_some())
    }

    #[test]
    fn keys_of_any_length_are_found_at_once_whatever_is_behind_them() {
        let long = "ABCDEFGHIJKLMNOPQRSTUVWXYZ01";
        for length in 1..=JOINT_BYTES - AROUND_BYTES {
            let mut keys = Keys::default();
            let (met, at_once) = number(&mut keys, &long[..length]);
            assert!(!at_once && met != OTHER, "{length}");
            for value in ["", "0", "A much longer value, with what not"] {
                let text = object(&long[..length]).replace("of any length", value);
                let known = keys.known(text.as_bytes(), 7, quotes);
                assert_eq!(known.map(|(number, _)| number), Some(met), "{length}");
            }
        }
        assert_eq!(number(&mut Keys::default(), long), (OTHER, false));
    }

    #[test]
    fn short_keys_are_spread_over_the_places() {
        let letters = || "ABCDEFGHIJKLMNOPQRSTUVWXYZ_".chars();
        let two =
            letters().flat_map(|first| letters().map(move |second| format!("{first}{second}")));
        let mut keys = Keys::default();
        let names: Vec<String> = letters().map(String::from).chain(two).take(200).collect();
        for name in &names {
            number(&mut keys, name);
        }
        let at_once = names.iter().filter(|name| number(&mut keys, name).1);
        assert!(at_once.count() > 150);
    }

    #[test]
    fn of_keys_that_share_a_place_few_are_kept_and_all_are_read() {
        let mut keys = Keys::default();
        let shared = |number| format!("_SOURCE{number:04}AD_TIME");
        for round in 0..3 {
            for index in 0..1000 {
                let (found, at_once) = number(&mut keys, &shared(index));
                assert_eq!(found != OTHER, index < PROBES_MAX, "{index}");
                assert_eq!(at_once, round > 0 && index == 0, "{index}");
            }
            // No place but these is looked at, so that no key has more joints compared.
            assert_eq!(keys.count, PROBES_MAX);
        }
        // A key that says something is read as well where it has no place.
        let mut keys = Keys::default();
        let name = "_SOURCE_REALTIME_TIMESTAMP";
        for number in 0..PROBES_MAX {
            let text = object(&format!("_SOURCE{number}MESTAMP"));
            keys.met(text.as_bytes(), 7).unwrap();
        }
        assert_eq!(number(&mut keys, name), (OTHER, false));
        assert_eq!(
            Key::of(name.as_bytes()).unwrap().field,
            Field::SourceTime as u8
        );
    }
}
