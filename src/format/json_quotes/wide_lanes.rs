//! A look at a stretch by what the newest processors have, for whom it is one register.

use super::{Ends, Marks, STRETCH_BYTES, Stretch, lanes};
use std::arch::x86_64::*;

/// The place of each byte.
const PLACES: Stretch = {
    let mut places = [0; STRETCH_BYTES];
    let mut place = 0;
    while place < STRETCH_BYTES {
        places[place] = place as u8;
        place += 1;
    }
    places
};

/// Whether the processor has what they need beside the narrower ones.
pub fn are_there() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vl")
        && std::arch::is_x86_feature_detected!("avx512vbmi2")
}

#[target_feature(enable = "avx512f,avx512bw,avx2")]
#[inline]
pub fn marks(stretch: &Stretch) -> Marks {
    let bytes = whole(stretch);
    Marks {
        quotes: equal(bytes, b'"'),
        backslashes: equal(bytes, b'\\'),
        has_controls: control(bytes) != 0,
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx2")]
#[inline]
pub fn controls(stretch: &Stretch) -> u64 {
    control(whole(stretch))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi2")]
#[inline]
pub fn ends(room: &mut Ends, start: u16, quotes: u64, others: usize) {
    let bits = lanes::fourths(quotes, others);
    let places = _mm512_maskz_compress_epi8(bits, whole(&PLACES));
    let places = _mm256_cvtepu8_epi16(_mm512_castsi512_si128(places));
    let ends = _mm256_add_epi16(places, _mm256_set1_epi16(start.cast_signed()));
    let words = [
        _mm256_extract_epi64::<0>(ends),
        _mm256_extract_epi64::<1>(ends),
        _mm256_extract_epi64::<2>(ends),
        _mm256_extract_epi64::<3>(ends),
    ];
    let (rooms, _) = room.as_chunks_mut::<4>();
    for (room, word) in rooms.iter_mut().zip(words) {
        *room = [0, 16, 32, 48].map(|bit| (word >> bit) as u16);
    }
}

#[target_feature(enable = "avx512f,avx2")]
#[inline]
fn whole(stretch: &Stretch) -> __m512i {
    let (head, tail) = lanes::halves(stretch);
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(head), tail)
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn equal(bytes: __m512i, byte: u8) -> u64 {
    _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()))
}

/// The bits of the bytes that no terminal shows.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn control(bytes: __m512i) -> u64 {
    _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(b' '.cast_signed()))
}
