//! The skeleton of a line, and the number that stands for it.
//!
//! A skeleton is as long as its line and is needed whole only when a line is read for the first times.
//! A line that is known is told by its [`Identity`] alone, which is worked out from the line without
//! the skeleton's being written anywhere: comparing the bytes with those kept would bring two
//! lines of memory into the cache for each line of the log.

use super::{LINE_BYTES_MAX, Room};
use crate::octets::both_ends;
use std::hash::{BuildHasher, RandomState};

/// Bytes of a line that are masked in one step.
const STEP: usize = 16;

/// The steps of the longest line, its rest, and the one for its length.
const KEYS: usize = LINE_BYTES_MAX / STEP + 2;

/// What the two words of a step are added to.
type Key = [u64; 2];

/// A skeleton as a number.
///
/// The sum of the products of its words, each pair added to a pair of keys of its own (NH, of Black,
/// Halevi, Krawczyk, Krovetz and Rogaway's UMAC). For keys drawn at random two skeletons have one
/// identity by a chance of 2^-63 at most, whatever they are, which is less than that of two patterns
/// having one fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity(u128);

impl Identity {
    /// Bits that are spread evenly.
    #[inline]
    pub(super) fn hash(self) -> u64 {
        let folded = self.0 as u64 ^ (self.0 >> 64) as u64;
        let product = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        product ^ product >> 32
    }
}

/// The keys of one run, which no input can know.
#[derive(Debug)]
pub(super) struct Keys(Box<[Key; KEYS]>);

impl Default for Keys {
    fn default() -> Self {
        let random = RandomState::new();
        let mut keys = Box::new([Key::default(); KEYS]);
        for (index, word) in keys.as_flattened_mut().iter_mut().enumerate() {
            *word = random.hash_one(index);
        }
        Keys(keys)
    }
}

impl Keys {
    /// The identity of a line's skeleton; the line is [`LINE_BYTES_MAX`] long at most.
    #[inline]
    pub fn identity(&self, line: &[u8]) -> Identity {
        #[cfg(target_arch = "x86_64")]
        {
            // Sound because SSE2, for which the function is compiled, is a part of x86-64; it is an
            // ordinary safe function in all other respects. With `keyed` instead, a line of syslog
            // takes a third more time in all.
            #[allow(unsafe_code)]
            unsafe {
                self.identity_by_lanes(line)
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        self.identity_with(line, keyed)
    }

    /// The identity of a text whose digits count; it is [`LINE_BYTES_MAX`] long at most.
    #[inline]
    pub fn identity_of_bytes(&self, text: &[u8]) -> Identity {
        self.identity_with(text, |step, key| {
            let [one, other] = words(step);
            (one.wrapping_add(key[0]), other.wrapping_add(key[1]))
        })
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "sse2")]
    fn identity_by_lanes(&self, line: &[u8]) -> Identity {
        use std::arch::x86_64::*;
        let lanes = |words: [u64; 2]| {
            let [one, other] = words.map(u64::cast_signed);
            _mm_set_epi64x(other, one)
        };
        self.identity_with(line, |step, key| {
            let bytes = lanes(words(step));
            let above_zero = _mm_sub_epi8(bytes, _mm_set1_epi8(b'0'.cast_signed()));
            let is_digit = _mm_cmpeq_epi8(_mm_min_epu8(above_zero, _mm_set1_epi8(9)), above_zero);
            let values = _mm_and_si128(is_digit, _mm_set1_epi8(15));
            let sums = _mm_add_epi64(_mm_andnot_si128(values, bytes), lanes(*key));
            let other = _mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
            (
                _mm_cvtsi128_si64(sums).cast_unsigned(),
                other.cast_unsigned(),
            )
        })
    }

    /// `keyed` gives the words of a step, each digit as `0`, added to those of a key.
    #[inline(always)]
    fn identity_with(
        &self,
        line: &[u8],
        keyed: impl Fn(&[u8; STEP], &Key) -> (u64, u64),
    ) -> Identity {
        let product = |(one, other): (u64, u64)| u128::from(one) * u128::from(other);
        let [[length_key, factor], keys @ ..] = &*self.0;
        // Parts lines of which one goes on with zeros.
        let length = length_key.wrapping_add(line.len() as u64);
        let mut sum = product((length, *factor));
        let (steps, _) = line.as_chunks();
        let (of_steps, of_last) = keys.split_at(steps.len());
        for (step, key) in steps.iter().zip(of_steps) {
            sum = sum.wrapping_add(product(keyed(step, key)));
        }
        // The last step overlaps the one before it, as its length tells.
        let last = match line.last_chunk() {
            Some(last) => *last,
            None => short(line),
        };
        if let Some(key) = of_last.first() {
            sum = sum.wrapping_add(product(keyed(&last, key)));
        }
        Identity(sum)
    }
}

/// The one step of a line that is shorter than a step; two of one length have one only if they are the same.
#[inline(always)]
fn short(line: &[u8]) -> [u8; STEP] {
    let (head, tail) = both_ends(line).unwrap_or_default();
    let mut step = [0; STEP];
    let (words, _) = step.as_chunks_mut();
    [words[0], words[1]] = [head, tail].map(u64::to_le_bytes);
    step
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn keyed(step: &[u8; STEP], key: &Key) -> (u64, u64) {
    let [one, other] = words(&step.map(masked));
    (one.wrapping_add(key[0]), other.wrapping_add(key[1]))
}

#[inline(always)]
fn words(bytes: &[u8; STEP]) -> [u64; 2] {
    let (words, _) = bytes.as_chunks();
    [words[0], words[1]].map(u64::from_le_bytes)
}

fn masked(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'0' } else { byte }
}

/// The line with each digit as `0`.
#[cfg(test)]
pub(super) fn skeleton(line: &[u8]) -> Vec<u8> {
    line.iter().copied().map(masked).collect()
}

/// The line with each digit as `0`, written to a room.
pub(super) fn write<'r>(line: &[u8], room: &'r mut Room) -> &'r mut [u8] {
    let room = &mut room[..line.len()];
    let pairs = room.iter_mut().zip(line);
    pairs.for_each(|(byte, of_line)| *byte = masked(*of_line));
    room
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lanes_and_bytes_give_one_identity(line in prop::collection::vec(any::<u8>(), 0..200)) {
            let keys = Keys::default();
            prop_assert_eq!(keys.identity(&line), keys.identity_with(&line, keyed));
        }

        #[test]
        fn lines_have_one_identity_where_they_have_one_skeleton(
            line in prop::collection::vec(prop::sample::select(&b"0129a\0 \xff"[..]), 0..200),
            other in prop::collection::vec(prop::sample::select(&b"0129a\0 \xff"[..]), 0..200),
            place: prop::sample::Index,
            byte: u8,
        ) {
            let keys = Keys::default();
            let mut changed = line.clone();
            if let Some(changed) = changed.get_mut(place.index(line.len().max(1))) {
                *changed = byte;
            }
            let longer = [&line[..], &[0]].concat();
            for other in [other, changed, longer] {
                prop_assert_eq!(
                    keys.identity(&line) == keys.identity(&other),
                    skeleton(&line) == skeleton(&other)
                );
            }
        }
    }
}
