//! Groups: signatures that are one pattern when seen beside the others.
//!
//! A word such as `alice` or `sda` is a variable only by comparison: here patterns of one service
//! that are equal but for one word are joined when that word has enough values. It works on the
//! *set* of signatures at the end of a run, costs nothing per line, and never changes a fingerprint.
//!
//! Patterns of one service and one length in words are compared with every `letters<*>` word taken
//! for `<*>`. Those that agree in all words but the one at a place are joined when the differing
//! words are
//!
//! - identifiers (a separator or capitals inside), [`IDENTIFIER_VARIANTS_MIN`] of them or more;
//! - plain words, [`WORD_VARIANTS_MIN`] of them or more;
//! - either of them beside a hole, [`BESIDE_HOLE_VARIANTS_MIN`] with it.
//!
//! Joined patterns are compared again until nothing joins. Last, members that differ in the letters
//! of a `letters<*>` word stay together if there are [`PREFIX_VARIANTS_MIN`] or more, and part again
//! if there are fewer. At least two constant words must remain, three when the place is the first.
//! Words of state or severity and single letters never differ within a group.

use crate::corpus::Pattern;
use crate::normalize;
use crate::signature::Fingerprint;
use alike::{candidates, frame_of, is_one_pattern};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod alike;

/// Least number of different letters before a number that are taken for a variable.
pub const PREFIX_VARIANTS_MIN: usize = 3;
/// Least number of values of an identifier-like word that are taken for a variable.
pub const IDENTIFIER_VARIANTS_MIN: usize = 3;
/// Least number of values of a plain word that are taken for a variable.
pub const WORD_VARIANTS_MIN: usize = 5;
/// Least number of values, the hole among them, when the word is a hole elsewhere.
pub const BESIDE_HOLE_VARIANTS_MIN: usize = 3;
/// Rounds of comparing at most; a pattern gains a hole in each.
const ROUNDS_MAX: usize = 8;

const HOLE: &str = "<*>";

/// Signatures that are one pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The fingerprint of the joined pattern; a group of one has its signature's.
    pub id: Fingerprint,
    /// The pattern with typed placeholders; `<*>` where members differ.
    pub pattern: Arc<str>,
    /// The service that all members share.
    pub service: Option<Arc<str>>,
    /// The members' fingerprints, ascending.
    pub members: SmallVec<[Fingerprint; 1]>,
}

/// Groups patterns. The result depends on the set alone; groups are ordered by id.
pub fn group<'a, P>(patterns: impl IntoIterator<Item = (&'a Fingerprint, &'a P)>) -> Vec<Group>
where
    P: AsRef<Pattern> + 'a,
{
    let members = patterns.into_iter().map(|(&fingerprint, pattern)| {
        let pattern = pattern.as_ref();
        Member {
            fingerprint,
            service: pattern.service.as_ref(),
            pattern: &pattern.display,
        }
    });
    group_members(members.collect())
}

/// A signature as grouping sees it.
#[derive(Clone, Copy)]
struct Member<'a> {
    fingerprint: Fingerprint,
    service: Option<&'a Arc<str>>,
    pattern: &'a Arc<str>,
}

fn group_members(members: Vec<Member<'_>>) -> Vec<Group> {
    // As many as there are at most, and no more than that: there may be very many.
    let mut groups: Vec<Group> = Vec::with_capacity(members.len());
    let mut services: BTreeMap<Option<&Arc<str>>, Vec<Member<'_>>> = BTreeMap::new();
    for member in members {
        services.entry(member.service).or_default().push(member);
    }
    for mut service in services.into_values() {
        service.sort_unstable_by_key(|member| member.fingerprint);
        groups.extend(group_of_service(&service));
    }
    groups.sort_unstable_by_key(|group| group.id);
    groups.dedup_by(|next, kept| {
        let same = next.id == kept.id;
        if same {
            kept.members.append(&mut next.members);
            kept.members.sort_unstable();
        }
        same
    });
    groups
}

/// The groups of one service's patterns, given in the order of their fingerprints.
///
/// Services have nothing in common, and taking one at a time keeps little in memory at a time.
fn group_of_service<'a>(members: &'a [Member<'_>]) -> impl Iterator<Item = Group> + 'a {
    let mut classes = classes(members);
    for _ in 0..ROUNDS_MAX {
        let before = classes.len();
        classes = joined(classes);
        if classes.len() == before {
            break;
        }
    }
    classes
        .into_iter()
        .flat_map(|class| parted(&class, members))
}

/// Patterns of one service that are compared as one.
struct Class<'a> {
    /// The words with prefixes masked, by single blanks.
    text: Cow<'a, str>,
    members: SmallVec<[usize; 1]>,
}

impl Class<'_> {
    fn words(&self) -> Words<'_> {
        Words(Some(&self.text))
    }
}

/// The words of a text, which are short, by single blanks.
#[derive(Clone)]
struct Words<'t>(Option<&'t str>);

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let text = self.0?;
        let Some(end) = text.bytes().position(|byte| byte == b' ') else {
            return self.0.take();
        };
        self.0 = Some(&text[end + 1..]);
        Some(&text[..end])
    }
}

/// The signatures by their words with prefixes masked, in the order of these.
fn classes<'a>(members: &'a [Member<'_>]) -> Vec<Class<'a>> {
    let classes = members.iter().enumerate().map(|(index, member)| {
        let text = match normalize::has_holes(member.pattern) {
            false => Cow::Borrowed(&**member.pattern),
            true => Cow::Owned(without_prefixes(&normalize::untyped(member.pattern))),
        };
        let members = SmallVec::from_buf([index]);
        (beginning(&text), Class { text, members })
    });
    let mut classes: Vec<(u64, Class<'_>)> = classes.collect();
    // Stable, so that members stay in the order of their fingerprints.
    classes.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| by_words(&one.text, &other.text)));
    let mut classes: Vec<Class<'_>> = classes.into_iter().map(|(_, class)| class).collect();
    classes.dedup_by(|next, kept| {
        let same = next.text == kept.text;
        if same {
            kept.members.append(&mut next.members);
        }
        same
    });
    classes
}

/// The first bytes of a text as a number: of two texts with different ones the lesser is first in the
/// order of [`by_words`].
fn beginning(text: &str) -> u64 {
    let mut number = [0; size_of::<u64>()];
    for (digit, byte) in number.iter_mut().zip(text.bytes()) {
        *digit = match byte {
            b' ' => 1,
            other => other.max(2),
        };
        // Some bytes are taken for one: what follows them tells nothing.
        if byte <= 2 {
            break;
        }
    }
    u64::from_be_bytes(number)
}

/// The order of two texts by their words, which is that of bytes with the blank as the least of them.
fn by_words(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let differs = one.iter().zip(other).position(|(a, b)| a != b);
    let at = differs.unwrap_or(one.len().min(other.len()));
    let rank = |byte: Option<&u8>| byte.map(|byte| (*byte != b' ', *byte));
    rank(one.get(at)).cmp(&rank(other.get(at)))
}

/// The words without the letters directly before their holes.
fn without_prefixes(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find(HOLE) {
        out.push_str(rest[..at].trim_end_matches(|c: char| c.is_alphabetic() || c == '_'));
        out.push_str(HOLE);
        rest = &rest[at + HOLE.len()..];
    }
    out.push_str(rest);
    out.shrink_to_fit();
    out
}

/// One round: joins the classes that are one pattern but for a word.
fn joined(classes: Vec<Class<'_>>) -> Vec<Class<'_>> {
    let mut sets = DisjointSets::new(classes.len());
    for (place, candidate) in candidates(&classes) {
        if is_one_pattern(&classes, place, &candidate) {
            for &other in &candidate[1..] {
                sets.join(candidate[0], other);
            }
        }
    }
    let mut result: Vec<Option<Class<'_>>> = classes.iter().map(|_| None).collect();
    for (index, class) in classes.into_iter().enumerate() {
        match &mut result[sets.root(index)] {
            Some(into) => {
                into.text = generalized(&into.text, &class.text).into();
                into.members.extend(class.members);
            }
            empty => *empty = Some(class),
        }
    }
    result.into_iter().flatten().collect()
}

/// Puts a hole where two patterns of one length differ, inside the punctuation that they share.
fn generalized(text: &str, other: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (word, other) in text.split(' ').zip(other.split(' ')) {
        let (before, after) = frame_of(word);
        if word == other {
            out.push_str(word);
        } else {
            out.extend([before, HOLE, after]);
        }
        out.push(' ');
    }
    out.pop();
    out
}

/// The groups of a class: one for each set of prefixes that is too small to be a variable.
fn parted(class: &Class<'_>, members: &[Member<'_>]) -> SmallVec<[Group; 1]> {
    if let [only] = class.members[..] {
        return SmallVec::from_buf([Group::of_one(&members[only])]);
    }
    let untyped = class.members.iter();
    let untyped: Vec<String> = untyped
        .map(|&index| normalize::untyped(members[index].pattern))
        .collect();
    let words: Vec<Vec<&str>> = untyped
        .iter()
        .map(|text| text.split(' ').collect())
        .collect();
    let mut telling = Vec::new();
    for (place, masked) in class.words().enumerate() {
        let values: BTreeSet<&str> = words.iter().map(|words| words[place]).collect();
        let prefixes_only = values.iter().all(|value| without_prefixes(value) == masked);
        if prefixes_only && (2..PREFIX_VARIANTS_MIN).contains(&values.len()) {
            telling.push(place);
        }
    }
    let mut parts: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (i, words) in words.iter().enumerate() {
        parts
            .entry(telling.iter().map(|&place| words[place]).collect())
            .or_default()
            .push(i);
    }
    let group = |part: &Vec<usize>| match part[..] {
        [only] => Group::of_one(&members[class.members[only]]),
        _ => {
            let of = part.iter().map(|&i| &members[class.members[i]]);
            let texts = part.iter().map(|&i| untyped[i].clone());
            let shared = texts.reduce(|shared, text| generalized(&shared, &text));
            Group::of_several(of, shared.unwrap_or_default())
        }
    };
    parts.values().map(group).collect()
}

impl Group {
    fn of_one(member: &Member<'_>) -> Self {
        Group {
            id: member.fingerprint,
            pattern: member.pattern.clone(),
            service: member.service.cloned(),
            members: SmallVec::from_buf([member.fingerprint]),
        }
    }

    /// Members that are one pattern.
    fn of_several<'a>(
        members: impl Iterator<Item = &'a Member<'a>> + Clone,
        pattern: String,
    ) -> Self {
        let service = members.clone().find_map(|member| member.service).cloned();
        let mut fingerprints: SmallVec<[Fingerprint; 1]> =
            members.map(|member| member.fingerprint).collect();
        fingerprints.sort_unstable();
        Group {
            id: Fingerprint::new(service.as_deref(), &normalize::identity(&pattern)),
            pattern: pattern.into(),
            service,
            members: fingerprints,
        }
    }
}

/// Disjoint sets of indices with path halving; the smallest index of a set is its root.
struct DisjointSets {
    parent: Vec<usize>,
}

impl DisjointSets {
    fn new(count: usize) -> Self {
        DisjointSets {
            parent: (0..count).collect(),
        }
    }

    fn root(&mut self, mut of: usize) -> usize {
        while self.parent[of] != of {
            self.parent[of] = self.parent[self.parent[of]];
            of = self.parent[of];
        }
        of
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.parent[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::signature::Signature;
    use proptest::prelude::*;

    fn members(signatures: &[Signature]) -> Vec<Member<'_>> {
        signatures
            .iter()
            .map(|s| Member {
                fingerprint: s.fingerprint,
                service: s.service.as_ref(),
                pattern: &s.pattern,
            })
            .collect()
    }

    fn groups(messages: &[&str]) -> Vec<String> {
        let signatures: Vec<Signature> = messages
            .iter()
            .map(|m| Signature::of(Some(b"s"), m.as_bytes()))
            .collect();
        let groups = group_members(members(&signatures));
        let mut patterns: Vec<String> = groups.iter().map(|g| g.pattern.to_string()).collect();
        patterns.sort();
        patterns
    }

    #[test]
    fn a_word_with_enough_values_is_a_variable() {
        let names = ["red", "green", "blue", "black", "white"];
        let lines: Vec<String> = names
            .iter()
            .map(|n| format!("queue {n} has no consumer"))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(groups(&lines), ["queue <*> has no consumer"]);
        assert_eq!(groups(&lines[..4]).len(), 4);
    }

    #[test]
    fn identifiers_need_fewer_values_and_states_never_join() {
        assert_eq!(
            groups(&[
                "unit a-b.x not found",
                "unit c-d.x not found",
                "unit e_f.x not found"
            ])
            .len(),
            1
        );
        let states = ["up", "down", "failed", "stopped", "started", "unknown"];
        let lines: Vec<String> = states
            .iter()
            .map(|n| format!("the link is {n} now"))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(groups(&lines).len(), 6);
    }

    #[test]
    fn letters_before_a_number_join_from_three_on() {
        let lines = [
            "port eth0 has new mode",
            "port wlan0 has new mode",
            "port bond0 has new mode",
        ];
        assert_eq!(groups(&lines), ["port <*> has new mode"]);
        assert_eq!(groups(&lines[..2]).len(), 2);
    }

    #[test]
    fn two_places_that_vary_at_once_are_found() {
        let names = ["red", "green", "blue", "black", "white"];
        let lines: Vec<String> = (0..5)
            .map(|i| format!("moved {}{} to place {} again", names[i], i, names[4 - i]))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(groups(&lines), ["moved <*> to place <*> again"]);
    }

    #[test]
    fn texts_are_ordered_by_their_words() {
        let texts = [
            "", " ", "a", "a ", "a b", "a\u{1}", "a\u{1} b", "a-b", "aa", "ä b",
        ];
        for one in texts {
            for other in texts {
                let expected = one.split(' ').cmp(other.split(' '));
                assert_eq!(by_words(one, other), expected, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn the_order_of_signatures_does_not_matter() {
        let lines = [
            "x a1 b",
            "job aa-b of run",
            "job cc-d of run",
            "job ee-f of run",
            "x c2 b",
        ];
        let mut signatures: Vec<Signature> = lines
            .iter()
            .map(|m| Signature::of(None, m.as_bytes()))
            .collect();
        let forward = group_members(members(&signatures));
        signatures.reverse();
        assert_eq!(group_members(members(&signatures)), forward);
        assert!(forward.iter().any(|g| g.members.len() == 3));
    }

    proptest! {
        #[test]
        fn beginnings_are_in_the_order_of_words(one in "[ab !\0\x01\x02ü]{0,10}", other in "[ab !\0\x01\x02ü]{0,10}") {
            let by_beginning = beginning(&one).cmp(&beginning(&other));
            prop_assert!(by_beginning.is_eq() || by_beginning == by_words(&one, &other));
        }

        #[test]
        fn words_are_what_stands_between_blanks(text in "[ab ü]{0,10}") {
            prop_assert!(Words(Some(&text)).eq(text.split(' ')));
        }
    }
}
