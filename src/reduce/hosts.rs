//! Host names as numbers: one worker's own, forgotten when it folds its counts away.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// The host names met, by a number that is cheap to compare.
#[derive(Debug, Default)]
pub(super) struct HostNames {
    /// The name asked for last, since neighbouring lines mostly come from one host.
    last: Option<(Vec<u8>, u32)>,
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
    pub fn id(&mut self, name: &[u8]) -> u32 {
        if let Some((last, id)) = &self.last
            && last == name
        {
            return *id;
        }
        let id = match self.ids.get(name) {
            Some(id) => *id,
            None => {
                let id = self.names.len() as u32;
                self.ids.insert(name.into(), id);
                self.names.push(String::from_utf8_lossy(name).into());
                id
            }
        };
        let (last, last_id) = self.last.get_or_insert_default();
        last.clear();
        last.extend_from_slice(name);
        *last_id = id;
        id
    }

    /// The name of a number that [`HostNames::id`] gave.
    pub fn name(&self, id: u32) -> Option<Arc<str>> {
        self.names.get(id as usize).cloned()
    }
}
