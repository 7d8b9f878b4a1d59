//! Sets of bytes as tables, for the loops that look at every byte of a header.
//!
//! A look-up costs one load where a chain of comparisons costs a branch for each range. What a set
//! means is said where it is used.

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

#[cfg(test)]
mod tests {
    use super::*;

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
