//! The keys of journal entries as JSON, as they were met, and which came behind which.
//!
//! Most writers put the same keys in the same order in each entry. So behind a value the key that
//! came there the last time is compared as it stands, quotes, colon and all, and is not looked for.
//! That is a shortcut and no more: what is read of an entry is what the scanner reads, which is
//! asked wherever another key comes.

use super::journal_fields::Field;

/// Keys that are known at most; others are scanned each time.
const KEYS_MAX: usize = 128;

/// The room for what stands between two values; longer keys are scanned each time.
const JOINT_BYTES: usize = 32;

/// Words of a joint.
const WORDS: usize = JOINT_BYTES / 8;

/// Places of the table that keys are found by.
const PLACES: usize = 256;

/// What stands between two values, behind the quote that ends the first: `,"KEY":"`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joint {
    text: [u8; JOINT_BYTES],
    /// Ones for the bytes that it has.
    mask: [u8; JOINT_BYTES],
    length: usize,
}

impl Joint {
    /// The joint before the value of a key; `None` for a key that is too long or no field's.
    fn of(name: &[u8]) -> Option<Self> {
        let is_field = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
        let length = name.len() + 5;
        if name.is_empty() || !name.iter().all(is_field) || length > JOINT_BYTES {
            return None;
        }
        let (mut text, mut mask) = ([0; JOINT_BYTES], [0; JOINT_BYTES]);
        text[..2].copy_from_slice(br#",""#);
        text[2..length - 3].copy_from_slice(name);
        text[length - 3..length].copy_from_slice(br#"":""#);
        mask[..length].fill(u8::MAX);
        Some(Joint { text, mask, length })
    }

    fn name(&self) -> &[u8] {
        &self.text[2..self.length - 3]
    }

    /// Its bytes at a place of a text; `None` where something else stands there.
    #[inline(always)]
    pub fn length_at(&self, text: &[u8], at: usize) -> Option<usize> {
        let rest = text.get(at..)?;
        let is_there = match rest.first_chunk() {
            Some(bytes) => {
                let (bytes, own, mask) = (words(bytes), words(&self.text), words(&self.mask));
                (0..WORDS).fold(0, |apart, i| apart | (bytes[i] ^ own[i]) & mask[i]) == 0
            }
            None => rest.starts_with(&self.text[..self.length]),
        };
        is_there.then_some(self.length)
    }

    /// As [`Joint::length_at`] before the first value, where there is no comma.
    pub fn length_at_first(&self, text: &[u8], at: usize) -> Option<usize> {
        let joint = &self.text[1..self.length];
        let is_there = text.get(at..).is_some_and(|rest| rest.starts_with(joint));
        is_there.then_some(joint.len())
    }
}

/// The bytes as words, so that a joint is compared in a few steps.
#[inline(always)]
fn words(bytes: &[u8; JOINT_BYTES]) -> [u64; WORDS] {
    let (eights, _) = bytes.as_chunks();
    std::array::from_fn(|i| u64::from_le_bytes(eights[i]))
}

/// A key that was met.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// What stands before its value.
    pub joint: Joint,
    /// What it means; `None` where it says nothing about the event.
    pub field: Option<Field>,
    /// The number of the key that came behind it the last time.
    next: u8,
}

/// The keys that were met, by number.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// The key that began the last entry.
    first: u8,
    /// Numbers by a hash of the name; a later key takes the place of an earlier one.
    places: [u8; PLACES],
}

/// The number of no key.
pub(super) const NONE: u8 = u8::MAX;

impl Default for Keys {
    fn default() -> Self {
        Keys {
            keys: Vec::new(),
            first: NONE,
            places: [NONE; PLACES],
        }
    }
}

impl Keys {
    /// What came the last time behind the key of this number, and its own number; of [`NONE`], what
    /// an entry began with.
    #[inline(always)]
    pub fn behind(&self, number: u8) -> Option<(u8, &Key)> {
        let before = self.keys.get(usize::from(number));
        let next = before.map_or(self.first, |before| before.next);
        Some((next, self.keys.get(usize::from(next))?))
    }

    /// The number of a key; [`NONE`] where it is not known and cannot be. That it came behind
    /// another one is kept in mind.
    pub fn met(&mut self, before: u8, name: &[u8]) -> u8 {
        let number = self.number(name);
        match self.keys.get_mut(usize::from(before)) {
            Some(before) => before.next = number,
            None => self.first = number,
        }
        number
    }

    /// The key of this number.
    pub fn key(&self, number: u8) -> Option<&Key> {
        self.keys.get(usize::from(number))
    }

    fn number(&mut self, name: &[u8]) -> u8 {
        let ends = name.iter().rev().chain(name.first()).take(3);
        let hash = ends.fold(name.len(), |hash, byte| hash * 31 + usize::from(*byte));
        let place = hash % PLACES;
        let found = self.places[place];
        let has_name = |key: &Key| key.joint.name() == name;
        if self.key(found).is_some_and(has_name) {
            return found;
        }
        let known = self.keys.iter().position(has_name);
        let number = known.or_else(|| {
            let is_room = self.keys.len() < KEYS_MAX;
            self.keys.push(Key {
                joint: Joint::of(name).filter(|_| is_room)?,
                field: Field::named(name),
                next: NONE,
            });
            Some(self.keys.len() - 1)
        });
        let Some(number) = number else { return NONE };
        self.places[place] = number as u8;
        number as u8
    }
}

#[cfg(test)]
mod tests {
    use super::super::journal_json::read_with;
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 8] = [
        "MESSAGE",
        "_HOSTNAME",
        "PRIORITY",
        "_UID",
        "_BOOT_ID",
        "_GID",
        "__REALTIME_TIMESTAMP",
        "A_KEY_THAT_IS_LONGER_THAN_THE_ROOM",
    ];

    const VALUES: [&str; 12] = [
        r#""3""#,
        r#""3""#,
        r#""17""#,
        r#""db1""#,
        r#""""#,
        r#""a \n b""#,
        r#""say \"no\"""#,
        r#""x\",\"PRIORITY\":\"4""#,
        "null",
        "[118,49]",
        r#"["1","2"]"#,
        r#""1700000000000001""#,
    ];

    fn entry(members: impl IntoIterator<Item = (usize, usize)>, end: &str) -> String {
        let members: Vec<String> = members
            .into_iter()
            .map(|(name, value)| format!("\"{}\":{}", NAMES[name], VALUES[value]))
            .collect();
        format!("{{{}{end}", members.join(","))
    }

    proptest! {
        #[test]
        fn what_was_met_before_changes_no_entry(
            orders in prop::collection::vec(prop::collection::vec(0..NAMES.len(), 1..9), 1..4),
            lines in prop::collection::vec((0usize..4, prop::collection::vec(0..VALUES.len(), 9), 0usize..40, 0usize..200), 1..60),
        ) {
            let mut keys = Keys::default();
            for (order, values, end, cut) in lines {
                let order = &orders[order % orders.len()];
                let end = ["", "} ", "},", "}}", "},\"_UID\":\"3\""].get(end).unwrap_or(&"}");
                let line = entry(order.iter().copied().zip(values), end);
                // One of many is cut off.
                let line = &line.as_bytes()[..if cut < 100 { cut.min(line.len()) } else { line.len() }];
                prop_assert_eq!(read_with(line, &mut keys), read_with(line, &mut Keys::default()));
            }
        }
    }
}
