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

use std::collections::{BTreeMap, BTreeSet};

use crate::corpus::Pattern;
use crate::normalize;
use crate::signature::Fingerprint;

/// Least number of different letters before a number that are taken for a variable.
pub const PREFIX_VARIANTS_MIN: usize = 3;
/// Least number of values of an identifier-like word that are taken for a variable.
pub const IDENTIFIER_VARIANTS_MIN: usize = 3;
/// Least number of values of a plain word that are taken for a variable.
pub const WORD_VARIANTS_MIN: usize = 5;
/// Least number of values, the hole among them, when the word is a hole elsewhere.
pub const BESIDE_HOLE_VARIANTS_MIN: usize = 3;
/// Constant words that a joined pattern keeps at least.
const CONSTANT_WORDS_MIN: usize = 2;
/// The same, when the variable is the first word.
const CONSTANT_WORDS_MIN_FIRST: usize = 3;
/// Patterns with more words than this are not compared.
const COMPARED_WORDS_MAX: usize = 64;
/// Rounds of comparing at most; a pattern gains a hole in each.
const ROUNDS_MAX: usize = 8;

const HOLE: &str = "<*>";

/// Signatures that are one pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The fingerprint of the joined pattern; a group of one has its signature's.
    pub id: Fingerprint,
    /// The pattern with typed placeholders; `<*>` where members differ.
    pub pattern: Box<str>,
    /// The service that all members share.
    pub service: Option<Box<str>>,
    /// The members' fingerprints, ascending.
    pub members: Vec<Fingerprint>,
}

/// Groups the patterns of a corpus. The result depends on the set alone; groups are ordered by id.
pub fn group(patterns: &BTreeMap<Fingerprint, Pattern>) -> Vec<Group> {
    let members = patterns.iter().map(|(&fingerprint, pattern)| Member {
        fingerprint,
        service: pattern.service.as_deref(),
        pattern: &pattern.display,
    });
    group_members(members.collect())
}

/// Groups the patterns of several corpora as if they were one.
pub fn group_of(patterns: &BTreeMap<Fingerprint, &Pattern>) -> Vec<Group> {
    let members = patterns.iter().map(|(&fingerprint, pattern)| Member {
        fingerprint,
        service: pattern.service.as_deref(),
        pattern: &pattern.display,
    });
    group_members(members.collect())
}

/// A signature as grouping sees it.
#[derive(Clone, Copy)]
struct Member<'a> {
    fingerprint: Fingerprint,
    service: Option<&'a str>,
    pattern: &'a str,
}

fn group_members(mut members: Vec<Member<'_>>) -> Vec<Group> {
    members.sort_by_key(|member| (member.service, member.fingerprint));
    let mut groups: Vec<Group> = members
        .chunk_by(|one, other| one.service == other.service)
        .flat_map(group_of_service)
        .collect();
    groups.sort_by_key(|group| group.id);
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
fn group_of_service(members: &[Member<'_>]) -> Vec<Group> {
    let mut classes = classes(members);
    for _ in 0..ROUNDS_MAX {
        let before = classes.len();
        classes = joined(classes);
        if classes.len() == before {
            break;
        }
    }
    classes
        .iter()
        .flat_map(|class| parted(class, members))
        .collect()
}

/// Patterns that are compared as one: a service, the words with prefixes masked, and the members.
struct Class<'a> {
    service: Option<&'a str>,
    words: Vec<String>,
    members: Vec<usize>,
}

/// The signatures by their words with prefixes masked.
fn classes<'a>(members: &[Member<'a>]) -> Vec<Class<'a>> {
    let mut by_words: BTreeMap<(Option<&str>, Vec<String>), Vec<usize>> = BTreeMap::new();
    for (index, member) in members.iter().enumerate() {
        let words = untyped_words(member)
            .iter()
            .map(|word| without_prefix(word))
            .collect();
        by_words
            .entry((member.service, words))
            .or_default()
            .push(index);
    }
    by_words
        .into_iter()
        .map(|((service, words), members)| Class {
            service,
            words,
            members,
        })
        .collect()
}

fn untyped_words(member: &Member<'_>) -> Vec<String> {
    normalize::untyped(member.pattern)
        .split(' ')
        .map(str::to_owned)
        .collect()
}

/// The word without the letters directly before its holes.
fn without_prefix(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find(HOLE) {
        out.push_str(rest[..at].trim_end_matches(|c: char| c.is_alphabetic() || c == '_'));
        out.push_str(HOLE);
        rest = &rest[at + HOLE.len()..];
    }
    out + rest
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
                generalize(&mut into.words, &class.words);
                into.members.extend(class.members);
            }
            empty => *empty = Some(class),
        }
    }
    result.into_iter().flatten().collect()
}

/// Classes that agree in service and all words but the one at a place: that place, and the classes.
fn candidates(classes: &[Class<'_>]) -> Vec<(usize, Vec<usize>)> {
    let mut found: Vec<(Fingerprint, usize, usize)> = Vec::new();
    let mut rest = String::new();
    for (index, class) in classes.iter().enumerate() {
        if class.words.len() > COMPARED_WORDS_MAX {
            continue;
        }
        for (place, word) in class.words.iter().enumerate() {
            if may_vary(word) {
                let (before, after) = frame_of(word);
                rest.clear();
                for (i, word) in class.words.iter().enumerate() {
                    // No word is a blank, so two blanks with the word's punctuation mark the place.
                    let parts = if i == place {
                        [before, "  ", after]
                    } else {
                        [word, "", " "]
                    };
                    rest.extend(parts);
                }
                found.push((Fingerprint::new(class.service, &rest), place, index));
            }
        }
    }
    found.sort_unstable();
    found
        .chunk_by(|one, other| (one.0, one.1) == (other.0, other.1))
        .filter(|set| set.len() > 1)
        .map(|set| (set[0].1, set.iter().map(|&(_, _, index)| index).collect()))
        .collect()
}

/// The punctuation around a word's core; words vary only within equal punctuation.
fn frame_of(word: &str) -> (&str, &str) {
    let inside = |c: char| c.is_alphanumeric() || c == '<' || c == '>';
    let start = word.find(inside).unwrap_or(0);
    let end = word.rfind(inside).map_or(word.len(), |at| {
        at + word[at..].chars().next().map_or(0, char::len_utf8)
    });
    (&word[..start], &word[end..])
}

fn core_of(word: &str) -> &str {
    let (before, after) = frame_of(word);
    &word[before.len()..word.len() - after.len()]
}

/// Whether a word may be one value of a variable at all.
fn may_vary(word: &str) -> bool {
    let core = core_of(word);
    core.chars().count() > 1 && !normalize::is_state(core)
}

fn is_one_pattern(classes: &[Class<'_>], place: usize, candidate: &[usize]) -> bool {
    let words = &classes[candidate[0]].words;
    let constant = words
        .iter()
        .enumerate()
        .filter(|&(i, word)| i != place && is_constant_word(word))
        .count();
    let needed = if place == 0 {
        CONSTANT_WORDS_MIN_FIRST
    } else {
        CONSTANT_WORDS_MIN
    };
    let values = || {
        candidate
            .iter()
            .map(|&index| core_of(&classes[index].words[place]))
    };
    let enough = if values().any(|value| value == HOLE) {
        BESIDE_HOLE_VARIANTS_MIN
    } else if values().all(is_identifier) {
        IDENTIFIER_VARIANTS_MIN
    } else {
        WORD_VARIANTS_MIN
    };
    constant >= needed && candidate.len() >= enough
}

fn is_constant_word(word: &str) -> bool {
    !word.contains(HOLE) && word.chars().any(char::is_alphabetic)
}

/// A hole, a separator inside, or capitals inside: no word of prose.
fn is_identifier(core: &str) -> bool {
    core.contains(HOLE)
        || core
            .chars()
            .any(|c| matches!(c, '_' | '-' | '.' | '/' | ':' | '@' | '$'))
        || core.chars().skip(1).any(char::is_uppercase) && core.chars().any(char::is_lowercase)
}

/// Puts a hole where two patterns of one length differ, inside the punctuation that they share.
fn generalize(words: &mut [String], others: &[String]) {
    for (word, other) in words.iter_mut().zip(others) {
        if word != other {
            let (before, after) = frame_of(word);
            *word = format!("{before}{HOLE}{after}");
        }
    }
}

/// The groups of a class: one for each set of prefixes that is too small to be a variable.
fn parted(class: &Class<'_>, members: &[Member<'_>]) -> Vec<Group> {
    let words: Vec<Vec<String>> = class
        .members
        .iter()
        .map(|&index| untyped_words(&members[index]))
        .collect();
    let telling: Vec<usize> = (0..class.words.len())
        .filter(|&place| {
            let values: BTreeSet<&str> = words.iter().map(|words| words[place].as_str()).collect();
            let prefixes_only = values
                .iter()
                .all(|value| without_prefix(value) == class.words[place]);
            prefixes_only && (2..PREFIX_VARIANTS_MIN).contains(&values.len())
        })
        .collect();
    let mut parts: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (i, words) in words.iter().enumerate() {
        parts
            .entry(telling.iter().map(|&place| words[place].as_str()).collect())
            .or_default()
            .push(i);
    }
    parts
        .values()
        .map(|part| {
            let members: Vec<Member<'_>> =
                part.iter().map(|&i| members[class.members[i]]).collect();
            let mut shared = words[part[0]].clone();
            part[1..]
                .iter()
                .for_each(|&i| generalize(&mut shared, &words[i]));
            merged(&members, &shared)
        })
        .collect()
}

/// The group of members that are one pattern, given as words.
fn merged(members: &[Member<'_>], words: &[String]) -> Group {
    let Member {
        service, pattern, ..
    } = members[0];
    let mut fingerprints: Vec<Fingerprint> =
        members.iter().map(|member| member.fingerprint).collect();
    fingerprints.sort_unstable();
    let (id, pattern) = match fingerprints[..] {
        [only] => (only, pattern.into()),
        _ => {
            let pattern = words.join(" ");
            (
                Fingerprint::new(service, &normalize::identity(&pattern)),
                pattern.into(),
            )
        }
    };
    Group {
        id,
        pattern,
        service: service.map(Into::into),
        members: fingerprints,
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

    fn members(signatures: &[Signature]) -> Vec<Member<'_>> {
        signatures
            .iter()
            .map(|s| Member {
                fingerprint: s.fingerprint,
                service: s.service.as_deref(),
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
}
