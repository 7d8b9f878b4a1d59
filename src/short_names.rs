//! Values by name, found without a look at the name's bytes one by one: most names are short, and few of
//! them come again and again.

/// Names that are remembered.
const LATELY: usize = 256;

/// A name of at most 16 bytes: its length, and its first and its last bytes, which overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Short(u64, u64, usize);

impl Short {
    #[inline]
    fn of(name: &[u8]) -> Option<Self> {
        let (head, tail) = match name.len() {
            8..=16 => (
                u64::from_le_bytes(*name.first_chunk()?),
                u64::from_le_bytes(*name.last_chunk()?),
            ),
            4..=7 => (
                u32::from_le_bytes(*name.first_chunk()?).into(),
                u32::from_le_bytes(*name.last_chunk()?).into(),
            ),
            2..=3 => (
                u16::from_le_bytes(*name.first_chunk()?).into(),
                u16::from_le_bytes(*name.last_chunk()?).into(),
            ),
            1 => (name[0].into(), 0),
            _ => return None,
        };
        Some(Short(head, tail, name.len()))
    }

    #[inline]
    fn place(self) -> usize {
        let mixed = (self.0 ^ self.1.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 56) as usize % LATELY
    }
}

/// What was worked out for short names that were asked for lately, each at a place that it has with
/// others. The later takes the place of the one before, so that all may be forgotten.
#[derive(Debug)]
pub struct ShortNames<V> {
    // Boxed, since what holds this is moved from block to block.
    lately: Box<[Option<(Short, V)>; LATELY]>,
}

impl<V: Copy> Default for ShortNames<V> {
    fn default() -> Self {
        ShortNames {
            lately: Box::new([None; LATELY]),
        }
    }
}

impl<V: Copy> ShortNames<V> {
    /// The value of a name, which is worked out where it is not remembered. Names that are long are not.
    #[inline]
    pub fn value(&mut self, name: &[u8], work_out: impl FnOnce() -> V) -> V {
        let Some(short) = Short::of(name) else {
            return work_out();
        };
        let place = short.place();
        if let Some((known, value)) = self.lately[place]
            && known == short
        {
            return value;
        }
        let value = work_out();
        self.lately[place] = Some((short, value));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_has_the_value_that_was_worked_out_for_it(
            names in prop::collection::vec(prop::collection::vec(b'a'..=b'c', 0..20), 0..200),
        ) {
            let mut values = ShortNames::default();
            for name in &names {
                let first = names.iter().position(|other| other == name);
                prop_assert_eq!(values.value(name, || first), first);
            }
        }
    }
}
