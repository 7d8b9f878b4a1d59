//! Sets of bytes as tables, and the search for one of two, for the loops that look at every byte of
//! a header.
//!
//! A look-up costs one load where a chain of comparisons costs a branch for each range. What a set
//! means is said where it is used.

use crate::octets::{HIGHS, ONES};
use memchr::memchr2;

/// A set of bytes.
#[derive(Debug, Clone)]
pub(crate) struct ByteSet([bool; 256]);

impl ByteSet {
    /// The ASCII letters and digits, and `others`.
    pub(crate) const fn alphanumeric_and(others: &[u8]) -> Self {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < table.len() {
            table[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        ByteSet(table).and(others)
    }

    /// These bytes alone.
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        ByteSet([false; 256]).and(bytes)
    }

    const fn and(mut self, bytes: &[u8]) -> Self {
        let mut at = 0;
        while at < bytes.len() {
            self.0[bytes[at] as usize] = true;
            at += 1;
        }
        self
    }

    /// Whether it holds the byte.
    #[inline(always)]
    pub(crate) const fn contains(&self, byte: u8) -> bool {
        self.0[byte as usize]
    }
}

/// The place of the first of two bytes.
///
/// Most words and strings of a log are shorter than the call of a vectorized search costs, so the
/// first bytes are searched eight at a time.
#[inline]
pub(crate) fn find_either(text: &[u8], one: u8, other: u8) -> Option<usize> {
    const WORDS: usize = 4;
    let mut at = 0;
    for word in text.as_chunks::<8>().0.iter().take(WORDS) {
        let word = u64::from_le_bytes(*word);
        let found = zero_bytes(word ^ (ONES * u64::from(one)))
            | zero_bytes(word ^ (ONES * u64::from(other)));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = &text[at..];
    let found = match rest.len() {
        0..8 => rest.iter().position(|&byte| byte == one || byte == other),
        _ => memchr2(one, other, rest),
    };
    found.map(|found| at + found)
}

/// The high bit of each byte that is zero, up to and with the first such byte; above it, noise.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_of_two_bytes_is_found_wherever_it_stands(text in "[ab \t\\x7f]{0,70}") {
            let text = text.as_bytes();
            let expected = text.iter().position(|byte| matches!(byte, b' ' | b'\t'));
            prop_assert_eq!(find_either(text, b' ', b'\t'), expected);
        }
    }

    #[test]
    fn a_set_holds_what_it_was_given_and_nothing_else() {
        let set = ByteSet::alphanumeric_and(b"_.");
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
            assert_eq!(set.contains(byte), expected);
            assert_eq!(
                ByteSet::of(b" \t").contains(byte),
                matches!(byte, b' ' | b'\t')
            );
        }
    }
}
