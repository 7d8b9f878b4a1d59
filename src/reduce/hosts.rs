//! Host names as numbers: one worker's own, forgotten when it folds its counts away.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// Short names that are found without a look at their bytes one by one.
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

/// The host names met, by a number that is cheap to compare.
#[derive(Debug)]
pub(super) struct HostNames {
    /// Short names that were asked for lately, since few hosts have most of the lines.
    lately: [Option<(Short, u32)>; LATELY],
    ids: HashMap<Box<[u8]>, u32, RandomState>,
    names: Vec<Arc<str>>,
}

impl Default for HostNames {
    fn default() -> Self {
        HostNames {
            lately: [None; LATELY],
            ids: HashMap::default(),
            names: Vec::new(),
        }
    }
}

impl HostNames {
    /// How many names there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The number of events that name no host.
    pub const NONE: u32 = u32::MAX;

    /// The number of a name, a new one if need be.
    #[inline]
    pub fn id(&mut self, name: &[u8]) -> u32 {
        let Some(short) = Short::of(name) else {
            return self.any_id(name);
        };
        let place = short.place();
        if let Some((known, id)) = self.lately[place]
            && known == short
        {
            return id;
        }
        let id = self.any_id(name);
        self.lately[place] = Some((short, id));
        id
    }

    fn any_id(&mut self, name: &[u8]) -> u32 {
        match self.ids.get(name) {
            Some(id) => *id,
            None => {
                let id = self.names.len() as u32;
                self.ids.insert(name.into(), id);
                self.names.push(String::from_utf8_lossy(name).into());
                id
            }
        }
    }

    /// The name of a number that [`HostNames::id`] gave.
    pub fn name(&self, id: u32) -> Option<Arc<str>> {
        self.names.get(id as usize).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_have_one_number_where_they_are_one(
            names in prop::collection::vec(prop::collection::vec(b'a'..=b'c', 0..20), 0..200),
        ) {
            let mut hosts = HostNames::default();
            for name in names.iter().chain(&names) {
                let id = hosts.id(name);
                let known = hosts.name(id);
                prop_assert_eq!(known.as_deref().map(str::as_bytes), Some(&name[..]));
            }
        }
    }
}
