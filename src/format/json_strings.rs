//! Where the strings of a JSON text end: the next quote or backslash from any place on.
//!
//! A line of the journal has a hundred quotes, a dozen bytes apart. Each stretch of 64 bytes is
//! looked at once and becomes a word with a bit for every quote and backslash; a search then is a
//! shift and a count of zeros. What a backslash escapes is `json`'s to say.

/// Bytes of a stretch: one for each bit of a word.
const STRETCH_BYTES: usize = 64;

/// The quotes and backslashes of a text, one stretch at a time.
#[derive(Debug, Clone)]
pub(super) struct Marks<'a> {
    text: &'a [u8],
    /// Where the stretch begins that `bits` are of; a multiple of [`STRETCH_BYTES`].
    start: usize,
    bits: u64,
}

impl<'a> Marks<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Marks {
            text,
            start: 0,
            bits: bits_at(text, 0),
        }
    }

    /// The place of the first quote or backslash at `from` or behind it.
    #[inline(always)]
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        let start = from & !(STRETCH_BYTES - 1);
        if start != self.start {
            self.look_at(start);
        }
        let mut bits = self.bits & (u64::MAX << (from % STRETCH_BYTES));
        while bits == 0 {
            let next = self.start + STRETCH_BYTES;
            if next >= self.text.len() {
                return None;
            }
            self.look_at(next);
            bits = self.bits;
        }
        Some(self.start + bits.trailing_zeros() as usize)
    }

    #[inline]
    fn look_at(&mut self, start: usize) {
        self.start = start;
        self.bits = bits_at(self.text, start);
    }
}

/// The bits of the stretch at `start`; none past the end of the text.
#[inline]
fn bits_at(text: &[u8], start: usize) -> u64 {
    let rest = text.get(start..).unwrap_or_default();
    match rest.first_chunk() {
        Some(stretch) => bits(stretch),
        None => {
            let mut padded = [0; STRETCH_BYTES];
            padded[..rest.len()].copy_from_slice(rest);
            bits(&padded)
        }
    }
}

/// One bit for each byte that is a quote or a backslash, the first byte's the lowest.
#[cfg(target_arch = "x86_64")]
#[inline]
#[allow(unsafe_code, reason = "a fifth of the time of a journal entry as JSON")]
fn bits(stretch: &[u8; STRETCH_BYTES]) -> u64 {
    // SAFETY: all that it asks for is SSE2, which every processor of this architecture has.
    unsafe { bits_by_lanes(stretch) }
}

/// The same, sixteen bytes at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn bits_by_lanes(stretch: &[u8; STRETCH_BYTES]) -> u64 {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    };
    let (quote, backslash) = (_mm_set1_epi8(b'"' as i8), _mm_set1_epi8(b'\\' as i8));
    let mut bits = 0;
    for (place, lane) in stretch.as_chunks::<16>().0.iter().enumerate() {
        let words = u128::from_le_bytes(*lane);
        let lane = _mm_set_epi64x((words >> 64) as i64, words as i64);
        let found = _mm_or_si128(_mm_cmpeq_epi8(lane, quote), _mm_cmpeq_epi8(lane, backslash));
        bits |= u64::from(_mm_movemask_epi8(found) as u16) << (16 * place);
    }
    bits
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn bits(stretch: &[u8; STRETCH_BYTES]) -> u64 {
    bits_bytewise(stretch)
}

/// The same, a byte at a time.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn bits_bytewise(stretch: &[u8; STRETCH_BYTES]) -> u64 {
    let marks = stretch.iter().map(|byte| matches!(byte, b'"' | b'\\'));
    marks
        .rev()
        .fold(0, |bits, is_mark| bits << 1 | u64::from(is_mark))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn marks_are_found_from_any_place_on(text in "[ab\"\\\\é]{0,200}", places in prop::collection::vec(0usize..220, 1..20)) {
            let text = text.as_bytes();
            let mut marks = Marks::of(text);
            for from in places {
                let rest = text.get(from..).unwrap_or_default();
                let expected = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
                prop_assert_eq!(marks.next(from), expected.map(|at| from + at));
            }
        }

        #[test]
        fn all_ways_to_look_at_a_stretch_agree(stretch in prop::collection::vec(prop::sample::select(vec![b'"', b'\\', 0, b'!', 0xa2, 0xdc]), 64)) {
            let stretch = stretch.first_chunk().unwrap();
            prop_assert_eq!(bits(stretch), bits_bytewise(stretch));
        }
    }
}
