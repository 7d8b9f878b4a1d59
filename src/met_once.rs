//! Which hashes were met before: tables keep only what comes again, since most of what is new never does.

/// Hashes that were met lately, each at a place that it names with many others. The later takes the place of
/// the one before, and nothing may depend on what is found.
///
/// A hash is told from others of its place by one byte of it: one in 256 is taken for met wrongly, which
/// costs less than that a larger table is not in the cache.
#[derive(Debug)]
pub struct MetOnce<const PLACES: usize>(Box<[u8]>);

impl<const PLACES: usize> Default for MetOnce<PLACES> {
    fn default() -> Self {
        // Takes memory only where it is written to.
        MetOnce(vec![0; PLACES].into())
    }
}

impl<const PLACES: usize> MetOnce<PLACES> {
    /// Whether a hash was met before; it is from now on.
    #[inline]
    pub fn was_met(&mut self, hash: u64) -> bool {
        let tag = (hash >> 32) as u8;
        std::mem::replace(&mut self.0[hash as usize % PLACES], tag) == tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_met_from_the_second_time_on_until_another_takes_its_place() {
        let mut met = MetOnce::<4>::default();
        let (one, other) = (7 << 32 | 1, 9 << 32 | 1);
        assert_eq!([met.was_met(one), met.was_met(one)], [false, true]);
        assert_eq!([met.was_met(other), met.was_met(one)], [false, false]);
    }
}
