//! Host names as numbers: one worker's own, forgotten when it folds its counts away.

use crate::short_names::ShortNames;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// The host names met, by a number that is cheap to compare.
#[derive(Debug, Default)]
pub(super) struct HostNames {
    lately: ShortNames<u32>,
    ids: HashMap<Box<[u8]>, u32, RandomState>,
    names: Vec<Arc<str>>,
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
        let HostNames { lately, ids, names } = self;
        lately.value(name, || match ids.get(name) {
            Some(id) => *id,
            None => {
                let id = names.len() as u32;
                ids.insert(name.into(), id);
                names.push(String::from_utf8_lossy(name).into());
                id
            }
        })
    }

    /// The name of a number that [`HostNames::id`] gave.
    pub fn name(&self, id: u32) -> Option<Arc<str>> {
        self.names.get(id as usize).cloned()
    }

    /// Where each name stands in the order of all, by their numbers.
    pub fn places(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = (0..self.names.len() as u32).collect();
        ids.sort_unstable_by_key(|id| &self.names[*id as usize]);
        let mut places = vec![0; ids.len()];
        for (place, id) in (0..).zip(ids) {
            places[id as usize] = place;
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

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
            let places = hosts.places();
            let names: BTreeSet<_> = names.into_iter().collect();
            prop_assert_eq!(places.len(), names.len());
            for (place, name) in (0..).zip(names) {
                prop_assert_eq!(places[hosts.id(&name) as usize], place);
            }
        }
    }
}
