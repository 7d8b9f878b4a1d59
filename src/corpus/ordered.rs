//! Sorted lists put together.

/// Puts values in their order of which the first ones are sorted, and mostly the others among themselves.
pub(super) fn settle<T: Ord + Copy>(all: &mut Vec<T>, sorted: usize) {
    if !all[sorted..].is_sorted() {
        all[sorted..].sort_unstable();
    }
    if sorted == 0
        || all
            .get(sorted)
            .is_none_or(|first| all[sorted - 1] <= *first)
    {
        return;
    }
    let length = all.len();
    all.extend_from_within(sorted..);
    let (to, new) = all.split_at_mut(length);
    merge(to, sorted, new);
    all.truncate(length);
}

/// Merges sorted values into as many sorted ones as said, behind which there is room for them: from the last
/// on, so that those before the first that is new stay in place.
pub(super) fn merge<T: Ord + Copy>(all: &mut [T], mut sorted: usize, new: &[T]) {
    let (mut to, mut from) = (all.len(), new.len());
    debug_assert_eq!(to, sorted + from);
    while sorted > 0 && from > 0 {
        // Without a branch, since which of them is greater is as good as random.
        let (old, new) = (all[sorted - 1], new[from - 1]);
        let is_old = old > new;
        to -= 1;
        all[to] = if is_old { old } else { new };
        sorted -= usize::from(is_old);
        from -= usize::from(!is_old);
    }
    all[..from].copy_from_slice(&new[..from]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_together_is_sorted_and_all_there(
            parts in prop::collection::vec(prop::collection::vec(0i64..30, 0..20), 0..4),
            is_sorted: bool,
        ) {
            let mut settled = Vec::new();
            for mut part in parts.clone() {
                if is_sorted {
                    part.sort_unstable();
                }
                let before = settled.len();
                settled.extend(part);
                settle(&mut settled, before);
            }
            let mut expected = parts.concat();
            expected.sort_unstable();
            prop_assert_eq!(settled, expected);
        }
    }
}
