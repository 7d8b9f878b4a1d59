//! Baselines: what builds that went well look like, and how familiar a pattern is by them.
//!
//! A pattern is compared in three steps, each looser than the one before: by its fingerprint; by its
//! group, where the patterns of all builds are grouped together, so that what varies between builds is a
//! variable; and by its words alone, where the nearest pattern of any build counts by how much of the
//! two is shared. The last step never crosses classes of failing language (see `cause`): a line that
//! tells of failure is not familiar because one that tells of success reads alike. Takes any corpora,
//! wherever they were read; nothing is opened here.

use crate::cause::{self, Class};
use crate::corpus::{Corpus, Example, Pattern};
use crate::group::{Group, group};
use crate::signature::{Fingerprint, Signature};
use forms::Forms;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use smallvec::smallvec;
use std::collections::{BTreeMap, BTreeSet};

mod forms;
mod values;

/// Patterns of one build that are looked for by their words; the others count as new.
pub const COMPARED_MAX: usize = 20_000;
/// The likeness from which two patterns are the same but for names and numbers.
pub const SAME_MIN: f64 = 0.999;
/// Lines under a head from which they tell more than the head.
const BODY_LINES_MIN: usize = 3;
/// Gone patterns that are told by name.
pub const GONE_TOLD_MAX: usize = 20;

/// Builds to compare with, each reduced by itself.
#[derive(Debug, Default)]
pub struct Baseline {
    builds: Vec<Corpus>,
}

/// A build beside its baselines.
#[derive(Debug)]
pub struct Comparison {
    /// Builds of the baseline.
    pub builds: u64,
    /// The build's groups, made over the patterns of all builds and ordered by id.
    pub groups: Vec<Group>,
    /// How familiar each group is, in the order of the groups.
    pub familiarity: Vec<Familiarity>,
    /// Events of known groups that hold what no build of the baseline held there, by the groups' index.
    pub strange: BTreeMap<usize, Vec<Example>>,
    /// What the baselines have and the build lacks.
    pub gone: Gone,
}

impl Comparison {
    /// Groups that no build of the baseline has.
    pub fn new_groups(&self) -> u64 {
        let new = self.familiarity.iter().filter(|known| known.is_new());
        new.count() as u64
    }
}

/// Examples of a pattern that are kept where builds are compared: what stood around a line, and what its
/// holes held, is told by them.
pub const COMPARED_EXAMPLES_MAX: usize = 64;

/// How familiar a group is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Familiarity {
    /// Builds of the baseline.
    pub builds: u64,
    /// Those of them that have the group, by fingerprint or by grouping.
    pub builds_with: u64,
    /// The most events that one of them has.
    pub count_most: u64,
    /// How alike the nearest pattern of any of them is, 0..=1; 1 when some build has the group.
    pub likeness: f64,
}

impl Familiarity {
    /// Whether no build has it, nor anything that differs in names and numbers only.
    pub fn is_new(&self) -> bool {
        self.likeness < SAME_MIN
    }
}

/// Patterns of every baseline that the build lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// How many there are.
    pub patterns: u64,
    /// Those that occur most, at most [`GONE_TOLD_MAX`].
    pub most: Vec<(Fingerprint, String)>,
}

impl Baseline {
    /// A baseline of some builds. One without events stays: it says that everything is new.
    pub fn of(builds: Vec<Corpus>) -> Self {
        Baseline { builds }
    }

    /// The number of builds.
    pub fn builds(&self) -> u64 {
        self.builds.len() as u64
    }

    /// Whether no build has an event.
    pub fn is_empty(&self) -> bool {
        self.builds.iter().all(|build| build.accounting.events == 0)
    }

    /// Compares a build with the baselines.
    pub fn compare(&self, tonight: &Corpus) -> Comparison {
        let mut all: BTreeMap<Fingerprint, &Pattern> = BTreeMap::new();
        for corpus in self.builds.iter().chain([tonight]) {
            all.extend(
                corpus
                    .patterns
                    .iter()
                    .map(|(id, pattern)| (*id, &**pattern)),
            );
        }
        let (groups, absent): (Vec<Group>, Vec<Group>) = self
            .apart(group(&all), tonight)
            .into_iter()
            .partition(|group| members(tonight, group).next().is_some());
        let forms = Forms::of(&self.builds);
        let judged = (0..groups.len()).into_par_iter().map(|index| {
            let forms = (index < COMPARED_MAX).then_some(&forms);
            let familiarity = self.familiarity(&groups[index], forms, tonight);
            (familiarity, self.strange(&groups[index], tonight))
        });
        let (familiarity, strange): (Vec<_>, Vec<_>) = judged.unzip();
        let strange = (0..)
            .zip(strange)
            .filter(|(_, strange)| !strange.is_empty());
        Comparison {
            builds: self.builds(),
            familiarity,
            strange: strange.collect(),
            gone: self.gone(&absent),
            groups,
        }
    }

    /// Parts what is new from groups whose lines each name a cause: that other tests failed before, or
    /// other places in files, makes this one no less new.
    fn apart(&self, groups: Vec<Group>, tonight: &Corpus) -> Vec<Group> {
        let known = |id: &Fingerprint| self.builds.iter().any(|b| b.patterns.contains_key(id));
        let alone = |id: &Fingerprint| {
            let pattern = tonight.patterns.get(id);
            pattern
                .and_then(|pattern| class(pattern))
                .is_some_and(Class::stands_alone)
        };
        let mut parted: Vec<Group> = Vec::with_capacity(groups.len());
        for mut group in groups {
            if group.members.iter().any(known) {
                let members = group.members.into_iter();
                let (new, rest): (Vec<_>, Vec<_>) = members.partition(|id| !known(id) && alone(id));
                parted.extend(new.into_iter().map(|id| Group {
                    id,
                    pattern: tonight.patterns[&id].display.clone(),
                    service: group.service.clone(),
                    members: smallvec![id],
                }));
                group.members = rest.into();
            }
            parted.push(group);
        }
        parted.sort_by_key(|group| group.id);
        parted
    }

    /// How much of what stands under a known head is known, where the baselines kept all of it.
    ///
    /// One head of an exception opens many traces, so the head tells little. The least known counts.
    fn likeness_of_bodies(&self, group: &Group, tonight: &Corpus) -> f64 {
        if members(tonight, group).all(|pattern| class(pattern) != Some(Class::Exception)) {
            return 1.0;
        }
        let mut known: BTreeSet<Fingerprint> = BTreeSet::new();
        for pattern in self.builds.iter().flat_map(|build| members(build, group)) {
            let examples = pattern.examples.as_slice();
            if pattern.count > examples.len() as u64 {
                return 1.0;
            }
            known.extend(examples.iter().flat_map(|example| body(&example.text)));
        }
        let examples = members(tonight, group).flat_map(|pattern| pattern.examples.as_slice());
        let likeness = examples.filter_map(|example| {
            let lines: Vec<Fingerprint> = body(&example.text).collect();
            let alike = lines.iter().filter(|line| known.contains(line)).count();
            (lines.len() >= BODY_LINES_MIN).then(|| alike as f64 / lines.len() as f64)
        });
        likeness.fold(1.0, f64::min)
    }

    /// The events of a group that hold what those of the baselines never do, where these are all kept.
    fn strange(&self, group: &Group, tonight: &Corpus) -> Vec<Example> {
        let known = || self.builds.iter().flat_map(|build| members(build, group));
        let kept = |pattern: &Pattern| pattern.count <= pattern.examples.as_slice().len() as u64;
        if !known().all(kept) {
            return Vec::new();
        }
        let known: Vec<&Example> = known().flat_map(|p| p.examples.as_slice()).collect();
        let examples = members(tonight, group).flat_map(|p| p.examples.as_slice());
        values::strange(examples, &known)
    }

    /// Events of a group in one build.
    fn count(build: &Corpus, group: &Group) -> u64 {
        members(build, group).map(|pattern| pattern.count).sum()
    }

    fn familiarity(&self, group: &Group, forms: Option<&Forms>, tonight: &Corpus) -> Familiarity {
        let counts = || self.builds.iter().map(|build| Self::count(build, group));
        let builds_with = counts().filter(|count| *count > 0).count() as u64;
        let likeness = match builds_with {
            0 => forms
                .zip(members(tonight, group).next())
                .map_or(0.0, |(forms, pattern)| forms.likeness(pattern)),
            _ => self.likeness_of_bodies(group, tonight),
        };
        Familiarity {
            builds: self.builds(),
            builds_with,
            count_most: counts().max().unwrap_or(0),
            likeness,
        }
    }

    fn gone(&self, absent: &[Group]) -> Gone {
        let least = |group: &Group| self.builds.iter().map(|b| Self::count(b, group)).min();
        let mut gone: Vec<(u64, &Group)> = absent
            .iter()
            .filter_map(|group| Some((least(group)?, group)))
            .filter(|(least, _)| *least > 0)
            .collect();
        gone.sort_by(|(a, one), (b, other)| b.cmp(a).then(one.id.cmp(&other.id)));
        let told = gone.iter().take(GONE_TOLD_MAX);
        Gone {
            patterns: gone.len() as u64,
            most: told
                .map(|(_, group)| (group.id, group.pattern.to_string()))
                .collect(),
        }
    }
}

/// The patterns of a group that a build has.
fn members<'a>(build: &'a Corpus, group: &'a Group) -> impl Iterator<Item = &'a Pattern> {
    let members = group.members.iter();
    members.filter_map(|id| build.patterns.get(id).map(|pattern| &**pattern))
}

/// The further lines of an event, each by its fingerprint.
fn body(text: &str) -> impl Iterator<Item = Fingerprint> {
    let lines = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    lines.map(|line| Signature::of(None, line.trim().as_bytes()).fingerprint)
}

/// The class of failing language that a pattern shows.
fn class(pattern: &Pattern) -> Option<Class> {
    let example = pattern.examples.as_slice().first();
    cause::class(example.map_or(&pattern.display, |example| &example.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::Sink;
    use crate::event::Event;
    use crate::reduce::Reducer;
    use std::borrow::Cow;

    fn build(lines: &[&str]) -> Corpus {
        let mut reducer = Reducer::default();
        for (number, line) in (1..).zip(lines) {
            let (head, body) = line.split_once('\n').unwrap_or((line, ""));
            let event = Event {
                message: Cow::Borrowed(head.as_bytes()),
                bare: true,
                ..Event::default()
            };
            reducer.event(number, head.as_bytes(), &event);
            for further in body.lines() {
                reducer.continuation(number, further.as_bytes());
            }
        }
        reducer.finish()
    }

    /// The patterns that are new beside some builds.
    fn new(builds: &[&[&str]], tonight: &[&str]) -> Vec<String> {
        let baseline = Baseline::of(builds.iter().map(|lines| build(lines)).collect());
        let comparison = baseline.compare(&build(tonight));
        let groups = comparison.groups.iter().zip(&comparison.familiarity);
        let new = groups.filter(|(_, known)| known.is_new());
        new.map(|(group, _)| group.pattern.to_string()).collect()
    }

    #[test]
    fn order_versions_durations_and_temporary_paths_are_no_news() {
        let good: &[&str] = &[
            "Fetching gate-1.2.3.tar from http://mirror.example/a",
            "built in /tmp/build.x7Gk2/out after 3.25 s",
            "[3/17] Compiling weir",
        ];
        let tonight = [
            "[12/19] Compiling weir",
            "built in /tmp/build.Pq81z/out after 17 s",
            "Fetching gate-1.2.4.tar from http://other.example/b",
        ];
        assert!(new(&[good], &tonight).is_empty());
    }

    #[test]
    fn a_line_like_nothing_before_is_new_and_more_builds_make_it_calmer() {
        let tonight = ["the sluice is open", "the weir holds water"];
        let one: &[&str] = &["the weir holds water"];
        assert_eq!(new(&[one], &tonight), ["the sluice is open"]);
        let other: &[&str] = &["the sluice is open"];
        assert!(new(&[one, other], &tonight).is_empty());
    }

    #[test]
    fn another_failed_test_is_new_whatever_failed_before() {
        let names = ["Gate", "Weir", "Sluice", "Dam"];
        let good: Vec<String> = names.map(|n| format!("dam.{n}Test > opens FAILED")).into();
        let good: Vec<&str> = good.iter().map(String::as_str).collect();
        let found = new(&[&good], &["dam.PumpTest > opens FAILED"]);
        assert_eq!(found, ["dam.PumpTest > opens FAILED"]);
    }

    #[test]
    fn a_known_head_over_another_trace_is_new() {
        let known = "Traceback (most recent call last):\n  in weir\n  in gate\nKeyError: 1";
        let other = "Traceback (most recent call last):\n  in pump\n  in hose\nValueError: 2";
        assert!(new(&[&[known]], &[known]).is_empty());
        assert_eq!(new(&[&[known]], &[other]).len(), 1);
    }

    #[test]
    fn what_every_build_had_is_gone_when_it_lacks() {
        let baseline = Baseline::of(vec![
            build(&["weir closed", "pump stopped"]),
            build(&["weir closed"]),
        ]);
        let gone = baseline.compare(&build(&["the sluice is open"])).gone;
        assert_eq!((gone.patterns, gone.most[0].1.as_str()), (1, "weir closed"));
    }

    #[test]
    fn beside_an_empty_build_everything_is_new() {
        let baseline = Baseline::of(vec![Corpus::default()]);
        assert!(baseline.is_empty());
        assert_eq!(baseline.compare(&build(&["weir closed"])).new_groups(), 1);
    }
}
