//! Newcomers: what came to the place lately, lives on a part of it, and tells of nothing well.
//!
//! Words of trouble are a list, and no list knows the words of the next program. Where the words say
//! nothing either way, it still tells something that a line which nobody ever saw begins to come on
//! one host. That alone is worth nothing; it is what other detectors believe by, in place of words,
//! where what they look for is there. In a night in which much is new, each of it says less.

use super::{Fleet, Profile};
use crate::event::{Severity, Timestamp};
use crate::finding::Family;
use crate::group::Group;
use crate::history::History;
use crate::lexicon;
use crate::normalize;
use std::collections::{BTreeMap, HashMap};

/// How much is believed what tells of nothing, on a part of the hosts.
pub const TRUST_BLAND: f64 = 0.6;
/// Nights for which something is a newcomer: after a week it belongs to the place.
const AGE_MAX: usize = 6;
/// Newcomers of a night up to which each of them counts in full.
const CROWD_MIN: f64 = 8.0;
/// The share of the hosts that is a part of them.
const HOSTS_SHARE_MAX: f64 = 0.75;
/// Hosts from which one can speak of a part.
const HOSTS_MIN: usize = 4;
/// New patterns of one service on the same hosts that are a rollout.
const ROLLOUT_MIN: usize = 3;
/// Known patterns of a service that a new one is compared with at most.
const COMPARED_MAX: usize = 2_000;

/// A group that came lately.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Newcomer {
    /// Nights since its first of which something was read; 0 is tonight.
    pub age: usize,
    /// What is left of its worth among all newcomers of the night, 0..=1.
    pub crowd: f64,
}

/// The arrivals among the groups of a night.
#[derive(Debug, Default)]
pub struct Arrivals {
    ages: Vec<Option<usize>>,
    newcomers: Vec<Option<Newcomer>>,
}

impl Arrivals {
    /// Compares the groups with what is remembered.
    pub fn of(
        groups: &[Group],
        profiles: &[Profile<'_>],
        history: &History,
        fleet: &Fleet<'_>,
    ) -> Self {
        if history.is_empty() {
            return Arrivals::default();
        }
        let known = Known::of(history);
        let pairs = || groups.iter().zip(profiles);
        let ages: Vec<Option<usize>> = pairs()
            .map(|(group, profile)| {
                let age = age(history, group, profile)?;
                let first = first_ever(history, group, profile);
                (!known.has_alike(group, first)).then_some(age)
            })
            .collect();
        // What one service began to say on the same hosts.
        let mut rollouts: BTreeMap<(Option<&str>, HostNames<'_>), Vec<usize>> = BTreeMap::new();
        for (index, (group, profile)) in pairs().enumerate() {
            if ages[index].is_some() && is_bland(group, profile, fleet) {
                let hosts = profile.hosts.iter().map(|host| host.host()).collect();
                let rollout = rollouts.entry((group.service.as_deref(), hosts));
                rollout.or_default().push(index);
            }
        }
        rollouts.retain(|_, indices| indices.len() < ROLLOUT_MIN);
        let left: Vec<usize> = rollouts.into_values().flatten().collect();
        let crowd = (CROWD_MIN / left.len().max(1) as f64).min(1.0);
        let mut newcomers = vec![None; groups.len()];
        for index in left {
            newcomers[index] = ages[index].map(|age| Newcomer { age, crowd });
        }
        Arrivals { ages, newcomers }
    }

    /// Nights since the first of a group that came lately, as of [`Newcomer::age`]: 0 if nothing like
    /// it was seen before tonight.
    pub fn arrival(&self, group: usize) -> Option<usize> {
        self.ages.get(group).copied().flatten()
    }

    /// The group as a newcomer, if it is one.
    pub fn newcomer(&self, group: usize) -> Option<Newcomer> {
        self.newcomers.get(group).copied().flatten()
    }
}

/// Nights since a group's first; `None` where it is older, or as old as memory, or absent tonight.
fn age(history: &History, group: &Group, profile: &Profile<'_>) -> Option<usize> {
    if profile.count == 0 {
        return None;
    }
    if !profile.past.is_known {
        return Some(0);
    }
    let nights = &profile.past.nights;
    let first = nights.iter().position(|night| night.count > 0)?;
    let start = history.nights.get(nights[first].night)?.start;
    let mut firsts = group.members.iter().filter_map(|id| history.get(*id));
    let is_younger = firsts.all(|past| past.first_ever.is_some_and(|ever| ever >= start));
    let age = nights.len() - first;
    (first > 0 && is_younger && age <= AGE_MAX).then_some(age)
}

/// The first event ever of a group.
fn first_ever(history: &History, group: &Group, profile: &Profile<'_>) -> Option<Timestamp> {
    let pasts = group.members.iter().filter_map(|id| history.get(*id));
    let tonight = profile.span.map(|span| span.first);
    pasts
        .filter_map(|past| past.first_ever)
        .chain(tonight)
        .min()
}

/// Whether a group is on a part of the hosts, and its words and level say neither that something is
/// wrong nor that it is well.
pub fn is_bland(group: &Group, profile: &Profile<'_>, fleet: &Fleet<'_>) -> bool {
    is_quiet(group, profile, fleet) && lexicon::recovery(&group.pattern).is_none()
}

/// Whether a group is on a part of the hosts, and its words and level do not say that something is
/// wrong or was stopped.
pub fn is_quiet(group: &Group, profile: &Profile<'_>, fleet: &Fleet<'_>) -> bool {
    let (hosts, named) = (profile.hosts.len() as f64, fleet.named());
    let is_local = named < HOSTS_MIN || hosts <= HOSTS_SHARE_MAX * named as f64;
    let is_quiet = profile.believed_trouble().is_none()
        && profile.level != Some(Severity::Debug)
        && profile.family != Family::ServiceLifecycle;
    is_local && is_quiet && !lexicon::tells_stop(&group.pattern)
}

/// The hosts of a group; `None` stands for all events that name none.
type HostNames<'a> = Vec<Option<&'a str>>;

/// The first event ever of a pattern, and its words.
type Wording<'a> = (Option<Timestamp>, Vec<&'a str>);

/// What a pattern alike must share: its service, and how many words it has.
type Shape<'a> = (Option<&'a str>, usize);

/// The known patterns by their shape, with their first events.
struct Known<'a>(HashMap<Shape<'a>, Vec<Wording<'a>>>);

impl<'a> Known<'a> {
    fn of(history: &'a History) -> Self {
        let mut known: HashMap<_, Vec<_>> = HashMap::new();
        let mut patterns: Vec<_> = history.patterns.iter().collect();
        patterns.sort_unstable_by_key(|(id, _)| **id);
        for (_, past) in patterns {
            let words: Vec<&str> = past.pattern.split(' ').collect();
            let shape = (past.service.as_deref(), words.len());
            let alike: &mut Vec<_> = known.entry(shape).or_default();
            if alike.len() < COMPARED_MAX {
                alike.push((past.first_ever, words));
            }
        }
        Known(known)
    }

    /// Whether a pattern that was there before is nearly the group's.
    fn has_alike(&self, group: &Group, first: Option<Timestamp>) -> bool {
        let words: Vec<&str> = group.pattern.split(' ').collect();
        let shape = (group.service.as_deref(), words.len());
        self.0.get(&shape).is_some_and(|alike| {
            let earlier = alike
                .iter()
                .filter(|(ever, _)| ever.is_none() || *ever < first);
            let mut earlier = earlier.map(|(_, known)| known);
            earlier.any(|known| is_alike(known, &words))
        })
    }
}

/// Whether two patterns of one length differ in no more than one constant word, which is no state,
/// and share at least half of their words.
fn is_alike(one: &[&str], other: &[&str]) -> bool {
    let is_masked = |word: &str| word.contains('<');
    let (mut differing, mut constant) = (0, None);
    for (a, b) in one.iter().zip(other).filter(|(a, b)| a != b) {
        differing += 1;
        // Nearly all pairs part here, at the second word.
        if !is_masked(a) && !is_masked(b) && constant.replace((a, b)).is_some() {
            return false;
        }
    }
    let may_vary =
        |word: &str| !normalize::is_state(word.trim_matches(|c: char| !c.is_alphanumeric()));
    let is_close = one.len() > 2 && 2 * differing <= one.len();
    differing == 0 || is_close && constant.is_none_or(|(a, b)| may_vary(a) && may_vary(b))
}

#[cfg(test)]
mod tests {
    use crate::detect::testing::{HostLine, corpus_of_hosts, history};
    use crate::detect::{Night, Thresholds};

    const HOSTS: [&str; 5] = ["db1", "db2", "web1", "web2", "web3"];

    /// How old the newcomers of a night are, in which a message comes on some hosts and a tick on all,
    /// after nights in which it came so often, and the tick always.
    fn ages(message: &'static str, hosts: usize, counts: &[u64]) -> Vec<usize> {
        let tick = |host: &&'static str| (*host, (Some(5), None, "tick of the clock"));
        let line = |host: &&'static str| (*host, (Some(9), None, message));
        let ticks: Vec<HostLine> = HOSTS.iter().map(tick).collect();
        let told: Vec<HostLine> = HOSTS[..hosts].iter().map(line).collect();
        let mut memory = history(&corpus_of_hosts(&ticks), &vec![9; counts.len()], "db1");
        let known = history(&corpus_of_hosts(&told), counts, "db1");
        memory.patterns.extend(known.patterns);
        let tonight = corpus_of_hosts(&[ticks, told].concat());
        let groups = crate::group::group(&tonight.patterns);
        let night = Night::new(&tonight, &groups, &memory, Thresholds::default());
        let newcomers = (0..groups.len()).filter_map(|group| night.newcomer(group));
        newcomers.map(|newcomer| newcomer.age).collect()
    }

    #[test]
    fn it_knows_what_came_lately_and_since_when() {
        assert_eq!(ages("mirror seven answers for six", 1, &[0, 0]), [0]);
        assert_eq!(ages("mirror seven answers for six", 1, &[0, 2, 0, 4]), [3]);
    }

    #[test]
    fn what_is_old_or_everywhere_or_tells_something_is_no_newcomer() {
        assert!(ages("mirror seven answers for six", 1, &[2, 0]).is_empty());
        assert!(ages("mirror seven answers for six", 5, &[0, 0]).is_empty());
        assert!(ages("mirror seven failed", 1, &[0, 0]).is_empty());
        assert!(ages("mirror seven recovered", 1, &[0, 0]).is_empty());
        assert!(ages("tick of the door", 1, &[0, 0]).is_empty());
        assert!(ages("tick of 17 doors", 1, &[0, 0]).is_empty());
    }
}
