//! The few of very many that have the smallest keys, told as they come by.

/// What of very many is kept: that of the smallest keys, no two of which are the same.
#[derive(Debug)]
pub(super) struct Rarest<K, V> {
    max: usize,
    kept: Vec<(K, V)>,
    /// The greatest key of which something stays, once there were more than may.
    bound: Option<K>,
}

impl<K: Ord + Copy, V> Rarest<K, V> {
    /// Keeps so many, at least one.
    pub fn of(max: usize) -> Self {
        Rarest {
            max: max.max(1),
            kept: Vec::new(),
            bound: None,
        }
    }

    /// Whether what has this key may be among those that stay.
    pub fn wants(&self, key: K) -> bool {
        self.bound.is_none_or(|bound| key < bound)
    }

    /// Adds one, if it may be among those that stay.
    pub fn add(&mut self, key: K, value: V) {
        if !self.wants(key) {
            return;
        }
        self.kept.push((key, value));
        // In bulk, so that each costs the same whatever their order.
        if self.kept.len() >= self.max.saturating_mul(2) {
            let last = self.max - 1;
            self.kept.select_nth_unstable_by_key(last, |(key, _)| *key);
            self.kept.truncate(self.max);
            self.bound = self.kept.last().map(|(key, _)| *key);
        }
    }

    /// Those that stay, in the order of their keys.
    pub fn into_sorted(mut self) -> impl Iterator<Item = (K, V)> {
        self.kept.sort_unstable_by_key(|(key, _)| *key);
        self.kept.truncate(self.max);
        self.kept.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn those_of_the_smallest_keys_stay_whatever_their_order(
            keys in prop::collection::btree_set(0u32..200, 0..60),
            turn in 0usize..60,
            max in 1usize..8,
        ) {
            let sorted: Vec<u32> = keys.into_iter().collect();
            let mut turned = sorted.clone();
            turned.rotate_left(turn.min(sorted.len()));
            let mut rarest = Rarest::of(max);
            turned.iter().for_each(|key| rarest.add(*key, ()));
            let kept: Vec<u32> = rarest.into_sorted().map(|(key, ())| key).collect();
            prop_assert_eq!(&kept[..], &sorted[..max.min(sorted.len())]);
        }
    }
}
