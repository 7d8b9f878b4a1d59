//! Tests of identities: each way gives the same, and each skeleton its own.

use super::*;
use proptest::prelude::*;

fn line() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(&b"0129a\0 \xff"[..]), 0..200)
}

proptest! {
    #[test]
    fn lanes_and_words_give_one_identity(
        line in prop::collection::vec(any::<u8>(), 0..200),
        name: prop::sample::Index,
    ) {
        let keys = Keys::default();
        prop_assert_eq!(keys.identity(&line), keys.identity_with(&line, by_words(masked)));
        let (name, line) = line.split_at(name.index(line.len() + 1));
        let of_both = keys.identity_of_both_with(line, name, by_words(masked), by_words(|byte| byte));
        prop_assert_eq!(keys.identity_of_both(line, name), of_both);
    }

    #[test]
    fn lines_with_names_have_one_identity_where_both_are_the_same(
        lines in prop::array::uniform2(line()),
        names in prop::array::uniform2(line()),
        others in 0usize..4,
    ) {
        let keys = Keys::default();
        let [one, other] = [0, 1].map(|index| {
            let (line, name) = (&lines[index * (others & 1)], &names[index * (others >> 1)]);
            (keys.identity_of_both(line, name), (skeleton(line), name))
        });
        prop_assert_eq!(one.0 == other.0, one.1 == other.1);
    }

    #[test]
    fn the_lines_of_a_text_are_found_with_their_identities(
        lines in prop::collection::vec(
            prop_oneof![6 => "[0-9a ]{0,99}", 1 => "[0a]{1020,1028}", 1 => "[0a]{2000}"], 0..9,
        ),
        from: prop::sample::Index,
    ) {
        let keys = Keys::default();
        let text = lines.join("\n");
        let from = from.index(text.len() + 1);
        let expected: Vec<_> = text.as_bytes()[from..].split(|byte| *byte == b'\n')
            .map(|line| (line, (line.len() <= LINE_BYTES_MAX).then(|| keys.identity(line))))
            .collect();
        let mut found = Vec::new();
        let mut take = |range: Range<usize>, identity| {
            found.push((&text.as_bytes()[range], identity));
            true
        };
        keys.lines(text.as_bytes(), from, &mut take);
        keys.lines_with(text.as_bytes(), from, &mut take, by_words(masked));
        prop_assert_eq!(found, expected.repeat(2));
    }

    #[test]
    fn lines_have_one_identity_where_they_have_one_skeleton(
        line in line(),
        other in line(),
        place: prop::sample::Index,
        byte: u8,
    ) {
        let keys = Keys::default();
        let mut changed = line.clone();
        if let Some(changed) = changed.get_mut(place.index(line.len().max(1))) {
            *changed = byte;
        }
        let longer = [&line[..], &[0]].concat();
        for other in [other, changed, longer] {
            prop_assert_eq!(
                keys.identity(&line) == keys.identity(&other),
                skeleton(&line) == skeleton(&other)
            );
        }
    }
}
