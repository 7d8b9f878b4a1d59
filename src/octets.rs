//! Eight bytes in one word, the first of them the lowest: what is asked of all of them at once.
//!
//! An answer is the high bit of each byte of which it is yes. No sum carries from one byte to the next.

/// A byte of one in each place.
pub const ONES: u64 = u64::MAX / 255;

/// The high bit of each byte.
pub const HIGHS: u64 = ONES << 7;

/// Which bytes are zero.
#[inline(always)]
pub fn zeros(word: u64) -> u64 {
    !(((word & !HIGHS) + !HIGHS) | word) & HIGHS
}

/// Which bytes are this one.
#[inline(always)]
pub fn equal(word: u64, byte: u8) -> u64 {
    zeros(word ^ (ONES * byte as u64))
}

/// Which bytes are not from the first to the last of two ASCII ones.
#[inline(always)]
pub fn outside(word: u64, first: u8, last: u8) -> u64 {
    let low = word & !HIGHS;
    let from_first = low + ONES * (0x80 - first) as u64;
    let behind_last = low + ONES * (0x7f - last) as u64;
    (!from_first | behind_last | word) & HIGHS
}

/// An answer as one bit for each byte, the first as the lowest.
#[inline(always)]
pub fn bits(answer: u64) -> u8 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    ((answer >> 7).wrapping_mul(GATHER) >> 56) as u8
}

/// The number that eight digits spell, of which only the low half of each byte is looked at; a zero byte is
/// one as well.
#[inline(always)]
pub fn decimal(digits: u64) -> u32 {
    let ones = digits & (ONES * 0x0f);
    let tens = (ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let hundreds = (tens * 100 + (tens >> 16)) & 0x0000_ffff_0000_ffff;
    (hundreds as u32)
        .wrapping_mul(10_000)
        .wrapping_add((hundreds >> 32) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_spell_a_number() {
        for text in [
            "00000000",
            "12345678",
            "99999999",
            "\0\0\09\x33018",
            "10000001",
        ] {
            let digits = text.bytes().map(|byte| u32::from(byte & 0x0f));
            let expected = digits.fold(0, |number, digit| number * 10 + digit);
            let bytes = *text.as_bytes().first_chunk().unwrap_or(&[0; 8]);
            assert_eq!(decimal(u64::from_le_bytes(bytes)), expected);
        }
    }

    #[test]
    fn each_answer_is_a_bit() {
        for expected in 0..=u8::MAX {
            let answer = (0..8).map(|place| u64::from(expected >> place & 1) << (8 * place + 7));
            assert_eq!(bits(answer.sum()), expected);
        }
    }

    #[test]
    fn each_byte_is_told_whatever_its_neighbours_are() {
        for byte in 0..=u8::MAX {
            for neighbour in [0, 1, b'a', 0x7f, 0x80, 0xff] {
                let word = u64::from_le_bytes([neighbour, byte, neighbour, byte, 0, 0xff, byte, 1]);
                let place = |yes: bool| if yes { 0x80 } else { 0 };
                let at = |answer: u64| answer.to_le_bytes()[3];
                assert_eq!(at(zeros(word)), place(byte == 0));
                assert_eq!(at(equal(word, b'x')), place(byte == b'x'));
                let is_within = (b'a'..=b'f').contains(&byte);
                assert_eq!(at(outside(word, b'a', b'f')), place(!is_within));
            }
        }
    }
}
