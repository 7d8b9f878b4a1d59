//! The cheap form, eight bytes at a time: every run of digits becomes one `0`.
//!
//! This runs over every byte of every message, so it is written for speed: words of eight bytes are
//! classified at once, and the bytes that stay are moved together by one instruction where the
//! processor has it (BMI2's PEXT). The same code with a portable compaction runs elsewhere, and is
//! what the tests hold the fast one against. What is a variable is not known here.

use crate::octets::{HIGHS, ONES};

/// Room that [`mask`] asks for beyond the message, since it writes words whole.
pub(super) const SLACK_BYTES: usize = 8;

/// Eight zeros as digits.
const ZEROS: u64 = ONES * b'0' as u64;

/// Writes the masked message to `out`, which must be [`SLACK_BYTES`] longer than it, and gives the
/// length of what was written.
pub(super) fn mask(message: &[u8], out: &mut [u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("bmi2") && std::arch::is_x86_feature_detected!("popcnt")
    {
        // Sound because the two features that the function is compiled for were found just now;
        // it is an ordinary safe function in all other respects. A third of the time per byte of
        // the portable way, over lines of syslog.
        #[allow(unsafe_code)]
        return unsafe { mask_with_pext(message, out) };
    }
    mask_with(message, out, compacted)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi2,popcnt")]
fn mask_with_pext(message: &[u8], out: &mut [u8]) -> usize {
    mask_with(message, out, |word, kept| {
        std::arch::x86_64::_pext_u64(word, kept)
    })
}

/// The bytes of `word` whose bytes in `kept` are ones, moved together at the low end.
fn compacted(word: u64, kept: u64) -> u64 {
    let mut out = 0;
    let mut shift = 0;
    for (byte, keep) in word.to_le_bytes().into_iter().zip(kept.to_le_bytes()) {
        out |= u64::from(byte & keep) << (shift & 63);
        shift += u32::from(keep & 8);
    }
    out
}

#[inline(always)]
fn mask_with(message: &[u8], out: &mut [u8], compact: impl Fn(u64, u64) -> u64) -> usize {
    let (words, rest) = message.as_chunks::<8>();
    let mut length = 0;
    let mut before = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let digits = digits_of(word);
        let (masked, bytes) = match digits {
            0 => (word, 8),
            _ => masked_word(word, digits, before, &compact),
        };
        put(out, length, masked);
        length += bytes;
        before = digits >> 56;
    }
    if !rest.is_empty() {
        // The zero bytes that fill the last word are no digits, so none of them is taken for repeated.
        let last = match message.last_chunk::<8>() {
            Some(last) => u64::from_le_bytes(*last) >> (8 * (8 - rest.len())),
            None => rest
                .iter()
                .rev()
                .fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        let (masked, bytes) = masked_word(last, digits_of(last), before, &compact);
        put(out, length, masked);
        length += bytes + rest.len() - 8;
    }
    length
}

/// The bytes of a word that stay, digits as zeros, and how many they are; `before` is ones in the
/// lowest byte where a digit precedes the word.
#[inline(always)]
fn masked_word(
    word: u64,
    digits: u64,
    before: u64,
    compact: &impl Fn(u64, u64) -> u64,
) -> (u64, usize) {
    let repeated = digits & (digits << 8 | before);
    let masked = (word & !digits) | (ZEROS & digits);
    match repeated {
        0 => (masked, 8),
        _ => (
            compact(masked, !repeated),
            8 - repeated.count_ones() as usize / 8,
        ),
    }
}

#[inline(always)]
fn put(out: &mut [u8], at: usize, word: u64) {
    if let Some(place) = out.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = word.to_le_bytes();
    }
}

/// A byte of ones where `word` has an ASCII digit, zeros elsewhere.
#[inline(always)]
fn digits_of(word: u64) -> u64 {
    let flipped = word ^ ZEROS;
    // Below 10 after the flip; adding 0x76 carries into the high bit from 10 on, and never beyond.
    let others = (flipped & !HIGHS).wrapping_add(ONES * 0x76) | flipped;
    let digits = !others & HIGHS;
    (digits - (digits >> 7)) | digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, byte by byte.
    fn masked_naively(message: &[u8]) -> Vec<u8> {
        let mut out: Vec<u8> = Vec::new();
        let mut in_digits = false;
        for &byte in message {
            if !byte.is_ascii_digit() {
                out.push(byte);
            } else if !in_digits {
                out.push(b'0');
            }
            in_digits = byte.is_ascii_digit();
        }
        out
    }

    fn masked(message: &[u8], mask: impl Fn(&[u8], &mut [u8]) -> usize) -> Vec<u8> {
        let mut out = vec![0xaa; message.len() + SLACK_BYTES];
        let length = mask(message, &mut out);
        out.truncate(length);
        out
    }

    proptest! {
        #[test]
        fn every_way_gives_what_the_definition_says(
            message in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..100),
                "[0-9/:a ]{0,100}".prop_map(String::into_bytes),
            ],
        ) {
            let expected = masked_naively(&message);
            prop_assert_eq!(masked(&message, mask), expected.clone());
            let portable = |message: &[u8], out: &mut [u8]| mask_with(message, out, compacted);
            prop_assert_eq!(masked(&message, portable), expected);
        }
    }

    #[test]
    fn each_byte_is_told_from_its_neighbours() {
        for byte in 0..=u8::MAX {
            let message = [byte, b'7', byte, byte, b'x', byte];
            assert_eq!(masked(&message, mask), masked_naively(&message));
        }
    }
}
