//! Where the reading of a skeleton is: a table of sets by hash, as the caches of processors are.

use super::READINGS_MAX;

/// Places of one set, half a line of the processor's cache; a newer one takes the room of the oldest.
const WAYS: usize = 8;

/// Sets at first. Few lie close together, which spares misses of the cache and pages that are new.
const SETS_MIN: usize = 1 << 6;

/// Sets at last; half of their places are taken at most.
const SETS_MAX: usize = 2 * READINGS_MAX / WAYS;

/// How many times more sets there are at each step.
const GROWTH: usize = 4;

/// The share of places that may be taken before there are more sets: of half of them a set is seldom full.
const TAKEN_SHARE: usize = 2;

/// The places of readings, each in the set that its hash names.
#[derive(Debug)]
pub(super) struct Places(Box<[Set]>);

/// Places of readings, the latest first.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
struct Set {
    /// Parts of the skeletons' hashes, the latest as the lowest.
    tags: u128,
    /// The numbers of their readings from 1 on; 0 where there is none.
    numbers: [u16; WAYS],
}

const _: () = assert!(READINGS_MAX <= u16::MAX as usize && WAYS * TAG_BITS == u128::BITS as usize);

/// Bits of a tag.
const TAG_BITS: usize = u16::BITS as usize;

/// A tag of one in each place, and its highest bit.
const TAG_ONES: u128 = u128::MAX / u16::MAX as u128;
const TAG_HIGHS: u128 = TAG_ONES << (TAG_BITS - 1);

impl Default for Places {
    fn default() -> Self {
        Places(vec![Set::default(); SETS_MIN].into())
    }
}

impl Places {
    /// Whether so many readings have places enough, or there can be no more.
    pub fn have_room(&self, readings: usize) -> bool {
        readings <= self.0.len() * WAYS / TAKEN_SHARE || self.0.len() >= SETS_MAX
    }

    /// More places, all of them free.
    pub fn more(&self) -> Self {
        let sets = (self.0.len() * GROWTH).min(SETS_MAX);
        Places(vec![Set::default(); sets].into())
    }

    /// The numbers of the readings that may have a hash, the latest first.
    #[inline]
    pub fn tagged(&self, hash: u64) -> impl Iterator<Item = u32> {
        self.0[self.place(hash)].tagged(tag(hash))
    }

    /// Gives a reading a place; there are [`READINGS_MAX`] of them.
    pub fn enter(&mut self, hash: u64, number: u32) {
        let place = self.place(hash);
        self.0[place].insert(tag(hash), number);
    }

    /// Takes the places of all readings away.
    pub fn clear(&mut self) {
        self.0.fill(Set::default());
    }

    /// The set of a hash; their number is a power of two.
    #[inline]
    fn place(&self, hash: u64) -> usize {
        hash as usize & (self.0.len() - 1)
    }
}

impl Set {
    /// The numbers of the readings that have this tag, the latest first.
    #[inline]
    fn tagged(&self, tag: u16) -> impl Iterator<Item = u32> {
        // All are compared at once: which of them differ in no bit.
        let differing = self.tags ^ (TAG_ONES * u128::from(tag));
        let mut same = !(((differing & !TAG_HIGHS) + !TAG_HIGHS) | differing) & TAG_HIGHS;
        std::iter::from_fn(move || {
            let way = (same != 0).then(|| same.trailing_zeros() as usize / TAG_BITS)?;
            same &= same - 1;
            self.numbers[way % WAYS].checked_sub(1).map(u32::from)
        })
    }

    /// Takes in the number of a reading.
    fn insert(&mut self, tag: u16, number: u32) {
        self.tags = self.tags << TAG_BITS | u128::from(tag);
        self.numbers.copy_within(..WAYS - 1, 1);
        self.numbers[0] = number as u16 + 1;
    }
}

/// The part of a hash that a place keeps, beside those that name its set.
#[inline]
fn tag(hash: u64) -> u16 {
    (hash >> (u64::BITS - u16::BITS)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_found_by_their_hashes_as_places_become_more() {
        let hash = |number: u32| u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut places = Places::default();
        for number in 0..READINGS_MAX as u32 {
            if !places.have_room(number as usize + 1) {
                places = places.more();
                (0..number).for_each(|number| places.enter(hash(number), number));
            }
            places.enter(hash(number), number);
            assert_eq!(places.tagged(hash(number)).next(), Some(number));
        }
        assert_eq!(places.0.len(), SETS_MAX);
        let found = |number: &u32| places.tagged(hash(*number)).any(|found| found == *number);
        let found = (0..READINGS_MAX as u32).filter(found).count();
        assert!(found > READINGS_MAX * 9 / 10, "{found}");
        places.clear();
        assert_eq!(places.tagged(hash(1)).next(), None);
    }
}
