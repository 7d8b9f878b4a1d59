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

#[cfg(test)]
mod tests {
    use super::*;

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
