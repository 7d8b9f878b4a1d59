//! A look at a stretch by what newer processors have: as two registers.

use super::{AT_ONCE, Ends, Marks, Stretch};
use std::arch::x86_64::*;

/// Whether the processor has it.
pub fn are_there() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("bmi2")
        && std::arch::is_x86_feature_detected!("popcnt")
}

#[target_feature(enable = "avx2")]
#[inline]
pub fn marks(stretch: &Stretch) -> Marks {
    let (head, tail) = halves(stretch);
    let least = _mm256_min_epu8(head, tail);
    Marks {
        quotes: bits(equal(head, b'"'), equal(tail, b'"')),
        backslashes: bits(equal(head, b'\\'), equal(tail, b'\\')),
        has_controls: _mm256_movemask_epi8(control(least)) != 0,
    }
}

#[target_feature(enable = "avx2")]
#[inline]
pub fn controls(stretch: &Stretch) -> u64 {
    let (head, tail) = halves(stretch);
    bits(control(head), control(tail))
}

/// A stretch as two registers.
#[target_feature(enable = "avx2")]
#[inline]
pub fn halves(stretch: &Stretch) -> (__m256i, __m256i) {
    let (lanes, _) = stretch.as_chunks::<32>();
    (half(&lanes[0]), half(&lanes[1]))
}

#[target_feature(enable = "avx2")]
#[inline]
fn half(bytes: &[u8; 32]) -> __m256i {
    let (words, _) = bytes.as_chunks();
    let [a, b, c, d] = [words[0], words[1], words[2], words[3]].map(i64::from_le_bytes);
    _mm256_set_epi64x(d, c, b, a)
}

/// Ones for the bytes that are this one.
#[target_feature(enable = "avx2")]
#[inline]
fn equal(half: __m256i, byte: u8) -> __m256i {
    _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte.cast_signed()))
}

/// Ones for the bytes that no terminal shows.
#[target_feature(enable = "avx2")]
#[inline]
fn control(half: __m256i) -> __m256i {
    let greatest = _mm256_set1_epi8(b' '.cast_signed() - 1);
    _mm256_cmpeq_epi8(_mm256_min_epu8(half, greatest), half)
}

/// One bit of each byte.
#[target_feature(enable = "avx2")]
#[inline]
fn bits(head: __m256i, tail: __m256i) -> u64 {
    let head = _mm256_movemask_epi8(head).cast_unsigned();
    let tail = _mm256_movemask_epi8(tail).cast_unsigned();
    u64::from(tail) << 32 | u64::from(head)
}

#[target_feature(enable = "bmi1,bmi2")]
#[inline]
pub fn ends(room: &mut Ends, start: u16, quotes: u64, others: usize) {
    let mut bits = fourths(quotes, others);
    let (rooms, _) = room.as_chunks_mut::<AT_ONCE>();
    for room in rooms {
        for end in room {
            *end = start.wrapping_add(bits.trailing_zeros() as u16);
            bits &= bits.wrapping_sub(1);
        }
        if bits == 0 {
            return;
        }
    }
}

/// One bit for each quote of half a stretch.
#[target_feature(enable = "avx2")]
#[inline]
pub fn quotes(bytes: &[u8; 32]) -> u32 {
    _mm256_movemask_epi8(equal(half(bytes), b'"')).cast_unsigned()
}

/// Of the bits every fourth, the first of them behind so many others.
#[target_feature(enable = "bmi2")]
#[inline]
pub fn fourths(bits: u64, others: usize) -> u64 {
    _pdep_u64(0x8888_8888_8888_8888 >> (others % 4), bits)
}
