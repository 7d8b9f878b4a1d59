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
use crate::prefetch::{AT_ONCE, prefetch};
use crate::signature::Fingerprint;
use alike::{Halves, candidates, frame_of, is_one_pattern};
use class::{Class, united, without_prefixes};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

mod alike;
mod class;

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

impl<'a> Member<'a> {
    fn service(&self) -> Option<&'a str> {
        self.service.map(|service| &**service)
    }
}

fn group_members(mut members: Vec<Member<'_>>) -> Vec<Group> {
    members.sort_unstable_by_key(|member| member.fingerprint);
    // As many as there are at most, and no more than that: there may be very many.
    let mut groups: Vec<Group> = Vec::with_capacity(members.len());
    let mut texts: Vec<Cow<'_, str>> = Vec::with_capacity(members.len());
    let mut halves = Halves::with_capacity(members.len());
    for members in members.chunks(AT_ONCE) {
        prefetch(members.iter().map(|member| &**member.pattern));
        for member in members {
            let text = class::text(member.pattern);
            halves.add(member.service(), &text);
            texts.push(text);
            groups.push(Group::of_one(member));
        }
    }
    let several = groups_of_several(&members, texts, &halves.alike());
    if several.is_empty() {
        return groups;
    }
    let of_several: HashSet<Fingerprint> = several.iter().flat_map(|g| g.members.clone()).collect();
    groups.retain(|group| !of_several.contains(&group.id));
    groups.extend(several);
    // Of groups with one id the pattern of the one stays that has most members, as it holds for most.
    // Stable, since that takes hardly more than a look where nearly all are in order.
    groups.sort_by(|one, other| {
        let by_size = || other.members.len().cmp(&one.members.len());
        let by_id = one.id.cmp(&other.id).then_with(by_size);
        by_id.then_with(|| one.pattern.cmp(&other.pattern))
    });
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

/// The groups of several patterns, which have these texts; `alike` tells those that may be one pattern
/// with another but for a word.
fn groups_of_several<'a>(
    members: &'a [Member<'_>],
    mut texts: Vec<Cow<'a, str>>,
    alike: &[bool],
) -> Vec<Group> {
    let mut take = |index: usize| Class::of(index, std::mem::take(&mut texts[index]));
    let mut services: BTreeMap<Option<&str>, Service<'_>> = BTreeMap::new();
    for index in (0..members.len()).filter(|index| alike[*index]) {
        let service = services.entry(members[index].service()).or_default();
        service.classes.push(take(index));
    }
    for service in services.values_mut() {
        service.classes = united(std::mem::take(&mut service.classes));
        service.joins = joining(&service.classes).is_some();
    }
    services.retain(|_, service| service.joins || service.has_several());
    if services.values().any(|service| service.joins) {
        // What is alone may be like what is joined.
        for index in (0..members.len()).filter(|index| !alike[*index]) {
            let service = services.get_mut(&members[index].service());
            if let Some(service) = service.filter(|service| service.joins) {
                service.classes.push(take(index));
            }
        }
    }
    let classes = services.into_values().flat_map(Service::joined);
    let several = classes.filter(|class| class.members.len() > 1);
    several
        .flat_map(|class| parted(&class, members))
        .filter(|group| group.members.len() > 1)
        .collect()
}

/// The patterns of one service; services have nothing in common.
#[derive(Default)]
struct Service<'a> {
    classes: Vec<Class<'a>>,
    /// Whether any of them are one pattern but for a word.
    joins: bool,
}

impl<'a> Service<'a> {
    fn has_several(&self) -> bool {
        self.classes.iter().any(|class| class.members.len() > 1)
    }

    /// The classes that are left when nothing more joins.
    fn joined(self) -> Vec<Class<'a>> {
        if !self.joins {
            return self.classes;
        }
        let mut classes = united(self.classes);
        for _ in 0..ROUNDS_MAX {
            let Some(sets) = joining(&classes) else {
                break;
            };
            classes = joined(classes, sets);
        }
        classes
    }
}

/// Which classes are one pattern but for a word; `None` where none are.
fn joining(classes: &[Class<'_>]) -> Option<DisjointSets> {
    let mut candidates = candidates(classes);
    candidates.retain(|(place, candidate)| is_one_pattern(classes, *place, candidate));
    let mut sets = (!candidates.is_empty()).then(|| DisjointSets::new(classes.len()))?;
    for (_, candidate) in candidates {
        for &other in &candidate[1..] {
            sets.join(candidate[0], other);
        }
    }
    Some(sets)
}

/// The classes that are left when those of each set are joined.
fn joined<'a>(classes: Vec<Class<'a>>, mut sets: DisjointSets) -> Vec<Class<'a>> {
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

/// Signatures as grouping sees them.
#[cfg(test)]
fn members_of(signatures: &[crate::signature::Signature]) -> Vec<Member<'_>> {
    let members = signatures.iter().map(|signature| Member {
        fingerprint: signature.fingerprint,
        service: signature.service.as_ref(),
        pattern: &signature.pattern,
    });
    members.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::signature::Signature;

    fn groups(messages: &[&str]) -> Vec<String> {
        let signatures: Vec<Signature> = messages
            .iter()
            .map(|m| Signature::of(Some(b"s"), m.as_bytes()))
            .collect();
        let groups = group_members(members_of(&signatures));
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
    fn groups_of_one_id_are_one_by_the_pattern_of_most() {
        let words = ["alpha", "beta", "gamma", "delta", "eps", "zeta"];
        let mut lines: Vec<String> = words
            .iter()
            .map(|word| format!("{word} pump went down 5"))
            .collect();
        lines.push("pump went down 5".to_owned());
        let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(groups(&lines), ["<*> pump went down <*>"]);
        lines.reverse();
        assert_eq!(groups(&lines), ["<*> pump went down <*>"]);
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
        let forward = group_members(members_of(&signatures));
        signatures.reverse();
        assert_eq!(group_members(members_of(&signatures)), forward);
        assert!(forward.iter().any(|g| g.members.len() == 3));
    }
}
