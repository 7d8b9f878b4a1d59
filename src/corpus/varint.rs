//! Numbers in as few bytes as they need: seven bits a byte, the lowest first, as in LEB128.
//!
//! What this process wrote itself is read without a doubt, by [`take`]; anything else by [`try_take`].

/// Bytes by which room grows at least: more than the longest number takes, and so much that what is
/// given back on the way is of use to others.
const ROOM_ADDED: usize = 32;

/// Bytes of a number and a bit at most: of 65 bits.
pub(crate) const WITH_BIT_MAX: usize = 10;

/// Writes a number behind the bytes. Room grows by a half, since there are very many of these.
#[inline]
pub(crate) fn push(bytes: &mut Vec<u8>, number: u64) {
    match number {
        0..0x80 => {
            make_room(bytes, 1);
            bytes.push(number as u8);
        }
        0x80..0x4000 => {
            make_room(bytes, 2);
            bytes.extend_from_slice(&[number as u8 | 0x80, (number >> 7) as u8]);
        }
        _ => push_wide(bytes, number.into()),
    }
}

/// Writes a number doubled, and 1 more where the bit is set.
#[inline]
pub(crate) fn push_with_bit(bytes: &mut Vec<u8>, number: u64, bit: bool) {
    match number >> 63 {
        0 => push(bytes, number << 1 | u64::from(bit)),
        _ => push_wide(bytes, u128::from(number) << 1 | u128::from(bit)),
    }
}

/// What a number doubled, and 1 more where the bit is set, takes one byte or two for, and how many these are;
/// `None` where they are more. Without a branch, since which of both it takes is as good as random.
#[inline]
pub(crate) fn short_with_bit(number: u64, bit: bool) -> Option<([u8; 2], usize)> {
    let both = number << 1 | u64::from(bit);
    let is_long = both >= 0x80;
    let bytes = [
        both as u8 & 0x7f | u8::from(is_long) << 7,
        (both >> 7) as u8,
    ];
    (number < 0x2000).then_some((bytes, 1 + usize::from(is_long)))
}

/// The bytes of any number doubled, and 1 more where the bit is set, and how many these are.
#[inline(never)]
pub(crate) fn with_bit(number: u64, bit: bool) -> ([u8; WITH_BIT_MAX], usize) {
    let (mut bytes, mut length) = ([0; WITH_BIT_MAX], 0);
    write_wide(u128::from(number) << 1 | u128::from(bit), |byte| {
        bytes[length] = byte;
        length += 1;
    });
    (bytes, length)
}

fn push_wide(bytes: &mut Vec<u8>, number: u128) {
    make_room(bytes, number.max(1).ilog2() as usize / 7 + 1);
    write_wide(number, |byte| bytes.push(byte));
}

/// Writes the bytes of any number.
fn write_wide(mut number: u128, mut write: impl FnMut(u8)) {
    while number > 0x7f {
        write(number as u8 | 0x80);
        number >>= 7;
    }
    write(number as u8);
}

#[inline]
pub(crate) fn make_room(bytes: &mut Vec<u8>, length: usize) {
    if bytes.capacity() - bytes.len() < length {
        bytes.reserve_exact(ROOM_ADDED.max(bytes.len() / 2));
    }
}

/// Takes the number that the bytes begin with; 0 where there are none.
#[inline]
pub(crate) fn take(bytes: &mut &[u8]) -> u128 {
    if let [byte @ ..0x80, rest @ ..] = *bytes {
        *bytes = rest;
        return (*byte).into();
    }
    if let [low, high @ ..0x80, rest @ ..] = *bytes {
        *bytes = rest;
        return (u16::from(low & 0x7f) | u16::from(*high) << 7).into();
    }
    take_long(bytes)
}

/// Takes what [`push_with_bit`] wrote.
#[inline]
pub(crate) fn take_with_bit(bytes: &mut &[u8]) -> (u64, bool) {
    // Without a branch, see [`short_with_bit`].
    if let [low, high, ..] = **bytes
        && low & high < 0x80
    {
        let is_long = low >> 7;
        let both = u64::from(low & 0x7f) | u64::from(high * is_long) << 7;
        *bytes = &bytes[1 + usize::from(is_long)..];
        return (both >> 1, both & 1 == 1);
    }
    let both = take(bytes);
    ((both >> 1) as u64, both & 1 == 1)
}

fn take_long(bytes: &mut &[u8]) -> u128 {
    let mut number = 0;
    let mut shift = 0;
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= u128::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
        shift += 7;
    }
    number
}

/// Takes the number that bytes begin with which may be anything; `None` where they are none of 64 bits.
pub(crate) fn try_take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if shift == 63 && *byte > 1 {
            return None;
        }
        number |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A difference as a number that is small where the difference is, whichever its sign.
pub(crate) fn zigzag(difference: i64) -> u64 {
    ((difference << 1) ^ (difference >> 63)) as u64
}

/// The difference that [`zigzag`] made a number of.
pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(numbers in prop::collection::vec((any::<u128>(), 0u32..128), 0..20)) {
            let numbers: Vec<u128> = numbers.into_iter().map(|(number, shift)| number >> shift).collect();
            let mut bytes = Vec::new();
            numbers.iter().for_each(|number| push_wide(&mut bytes, *number));
            let mut rest = &bytes[..];
            let read: Vec<u128> = numbers.iter().map(|_| take(&mut rest)).collect();
            prop_assert_eq!((read, rest.len()), (numbers, 0));
        }

        #[test]
        fn numbers_of_64_bits_are_read_and_none_else(number: u64, shift in 0u32..64, above in 1u128..) {
            let mut bytes = Vec::new();
            push(&mut bytes, number >> shift);
            let mut wide = Vec::new();
            push_wide(&mut wide, (number >> shift).into());
            prop_assert_eq!(&bytes, &wide);
            prop_assert_eq!(try_take(&mut &bytes[..]), Some(number >> shift));
            prop_assert_eq!(try_take(&mut &bytes[..bytes.len() - 1]), None);
            bytes.clear();
            push_wide(&mut bytes, u128::from(u64::MAX).saturating_add(above));
            prop_assert_eq!(try_take(&mut &bytes[..]), None);
        }

        #[test]
        fn a_bit_beside_a_number_is_its_lowest(number: u64, shift in 0u32..64, bit: bool, after: u8) {
            let number = number >> shift;
            let mut bytes = Vec::new();
            push_with_bit(&mut bytes, number, bit);
            prop_assert_eq!(take_with_bit(&mut &bytes[..]), (number, bit));
            let (alone, length) = with_bit(number, bit);
            prop_assert_eq!(&alone[..length], &bytes);
            let short = short_with_bit(number, bit);
            prop_assert_eq!(short.is_some(), bytes.len() <= 2);
            prop_assert!(short.is_none_or(|(short, length)| short[..length] == bytes));
            bytes.push(after);
            prop_assert_eq!(take_with_bit(&mut &bytes[..]), (number, bit));
        }

        #[test]
        fn differences_come_back(difference: i64, small in -100i64..100) {
            for difference in [difference, small] {
                prop_assert_eq!(unzigzag(zigzag(difference)), difference);
            }
            prop_assert!(zigzag(small) <= 200);
        }
    }
}
