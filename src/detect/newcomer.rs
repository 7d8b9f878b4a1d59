//! Newcomers: what came to the place lately, lives on a part of it, and tells of nothing well.
//!
//! Words of trouble are a list, and no list knows the words of the next program. Where the words say
//! nothing either way, it still tells something that a line which nobody ever saw begins to come on
//! one host. That alone is worth nothing; it is what other detectors believe by, in place of words,
//! where what they look for is there. In a night in which much is new, each of it says less.
//!
//! Of what is as old as memory nobody knows when it came. There the other hosts tell: what one of many
//! hosts says again and again, and none of those that run the same service, is strange to the place, too.

use super::{Fleet, Profile};
use crate::event::{Severity, Timestamp};
use crate::finding::Family;
use crate::group::Group;
use crate::history::History;
use crate::lexicon::Recovery;
use crate::normalize;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How much is believed what tells of nothing, on a part of the hosts.
pub const TRUST_BLAND: f64 = 0.6;
/// Nights for which something is a newcomer: after a week it belongs to the place.
const AGE_MAX: usize = 6;
/// Newcomers of a night up to which each of them counts in full: as many, or so many for each host.
const CROWD_MIN: f64 = 8.0;
const CROWD_PER_HOST: f64 = 2.0;
/// The same of what is alone among its peers: where hosts differ in much, it tells nothing.
const CROWD_PER_HOST_ALONE: f64 = 1.0;
/// Hosts that run a service from which one of them can be alone with what it says.
const PEERS_MIN: usize = 5;
/// The chance below which it is no accident that all events are on one of them.
const CHANCE_MAX_ALONE: f64 = 0.01;
/// Events from which what one host alone says is its work.
const COUNT_MAX_ALONE: u64 = 80;
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
    /// Whether it tells that something begins or ends, which is much of what is new in good order.
    pub is_lifecycle: bool,
}

/// The arrivals among the groups of a night.
#[derive(Debug, Default)]
pub struct Arrivals {
    ages: Vec<Option<usize>>,
    lately: Vec<Option<usize>>,
    newcomers: Vec<Option<Newcomer>>,
}

impl Arrivals {
    /// Compares the groups with what is remembered, and with each other.
    pub fn of(
        groups: &[Group],
        profiles: &[Profile<'_>],
        history: &History,
        fleet: &Fleet<'_>,
    ) -> Self {
        let pairs = || groups.iter().zip(profiles);
        let ages: Vec<Option<usize>> = if history.is_empty() {
            vec![None; groups.len()]
        } else {
            let known = Known::of(history);
            let arrivals = pairs().map(|(group, profile)| {
                let age = age(history, group, profile)?;
                let came = came(history, profile);
                (!known.has_alike(group, came)).then_some(age)
            });
            arrivals.collect()
        };
        let alone = Alone::of(groups, profiles, history);
        let alone = pairs().map(|(group, profile)| alone.age(group, profile));
        let mut strange: Vec<Option<usize>> = alone.collect();
        for (alone, age) in strange.iter_mut().zip(&ages) {
            *alone = alone.filter(|_| age.is_none());
        }
        let hosts = fleet.named() as f64;
        let crowd_max = CROWD_MIN.max(CROWD_PER_HOST * hosts);
        let mut newcomers = bland(groups, profiles, fleet, &ages, crowd_max);
        let crowd_max = CROWD_MIN.max(CROWD_PER_HOST_ALONE * hosts);
        let of_strange = bland(groups, profiles, fleet, &strange, crowd_max);
        for (newcomer, alone) in newcomers.iter_mut().zip(of_strange) {
            *newcomer = newcomer.or(alone);
        }
        let lately = ages.iter().zip(strange);
        Arrivals {
            lately: lately.map(|(age, alone)| age.or(alone)).collect(),
            ages,
            newcomers,
        }
    }

    /// Nights since the first of a group that came lately, as of [`Newcomer::age`]: 0 if nothing like
    /// it was seen before tonight.
    pub fn arrival(&self, group: usize) -> Option<usize> {
        self.ages.get(group).copied().flatten()
    }

    /// The same, also of what is as old as memory and alone among its peers.
    pub fn lately(&self, group: usize) -> Option<usize> {
        self.lately.get(group).copied().flatten()
    }

    /// The group as a newcomer, if it is one.
    pub fn newcomer(&self, group: usize) -> Option<Newcomer> {
        self.newcomers.get(group).copied().flatten()
    }
}

/// The newcomers among the groups of these ages: the bland ones that are no rollout.
fn bland(
    groups: &[Group],
    profiles: &[Profile<'_>],
    fleet: &Fleet<'_>,
    ages: &[Option<usize>],
    crowd_max: f64,
) -> Vec<Option<Newcomer>> {
    // What one service began to say on the same hosts.
    let mut rollouts: BTreeMap<(Option<&str>, HostNames<'_>), Vec<usize>> = BTreeMap::new();
    for (index, (group, profile)) in groups.iter().zip(profiles).enumerate() {
        if ages[index].is_some() && is_bland(profile, fleet) {
            let hosts = profile.hosts.iter().map(|host| host.host()).collect();
            let rollout = rollouts.entry((group.service.as_deref(), hosts));
            rollout.or_default().push(index);
        }
    }
    rollouts.retain(|_, indices| indices.len() < ROLLOUT_MIN);
    let left: Vec<usize> = rollouts.into_values().flatten().collect();
    let crowd = (crowd_max / left.len().max(1) as f64).min(1.0);
    let mut newcomers = vec![None; groups.len()];
    for index in left {
        newcomers[index] = ages[index].map(|age| Newcomer {
            age,
            crowd,
            is_lifecycle: profiles[index].family == Family::ServiceLifecycle,
        });
    }
    newcomers
}

/// How many hosts each service was heard on tonight.
struct Peers<'a>(HashMap<Option<&'a str>, BTreeSet<&'a str>>);

impl<'a> Peers<'a> {
    fn of(groups: &'a [Group], profiles: &'a [Profile<'_>]) -> Self {
        let mut peers: HashMap<_, BTreeSet<&str>> = HashMap::new();
        for (group, profile) in groups.iter().zip(profiles) {
            let names = profile.hosts.iter().filter_map(|host| host.host());
            let of_service = peers.entry(group.service.as_deref()).or_default();
            of_service.extend(names);
        }
        Peers(peers)
    }
}

/// What one host alone says of those that run the same service.
struct Alone<'a, 'p> {
    groups: &'a [Group],
    profiles: &'a [Profile<'p>],
    /// Nights of which something was read.
    nights: usize,
    /// Few nights are asked for them.
    peers: OnceCell<Peers<'a>>,
}

impl<'a, 'p> Alone<'a, 'p> {
    fn of(groups: &'a [Group], profiles: &'a [Profile<'p>], history: &History) -> Self {
        Alone {
            groups,
            profiles,
            nights: history.covered().count(),
            peers: OnceCell::new(),
        }
    }

    fn peers(&self) -> &Peers<'a> {
        let peers = || Peers::of(self.groups, self.profiles);
        self.peers.get_or_init(peers)
    }

    /// How many nights ago memory begins, where a group is as old as it, and one host said it all that
    /// time and none of its peers.
    fn age(&self, group: &Group, profile: &Profile<'_>) -> Option<usize> {
        // The first event may be on any of them, and each other one then on the same.
        let others = i32::try_from(profile.dated.checked_sub(1)?).ok()?;
        if others == 0 {
            return None;
        }
        let age = self.nights;
        let past = &profile.past;
        let is_as_old = past.nights.first().is_some_and(|night| night.count > 0);
        if age > AGE_MAX || age > 0 && !is_as_old {
            return None;
        }
        let [only] = profile.hosts.as_slice() else {
            return None;
        };
        let host = only.host()?;
        let mut before = past.nights.iter();
        let mut names = before.clone().flat_map(|night| &night.hosts);
        let is_alone = names.all(|name| *name == host)
            && before.all(|night| night.count <= COUNT_MAX_ALONE)
            && profile.dated <= COUNT_MAX_ALONE;
        if !is_alone {
            return None;
        }
        let peers = self.peers().0.get(&group.service.as_deref())?.len();
        let chance = (1.0 / peers as f64).powi(others);
        (peers >= PEERS_MIN && chance <= CHANCE_MAX_ALONE).then_some(age)
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

/// When a group came: its first event of tonight, else where the night begins in which it came first:
/// what came with it is not what it may be a variant of.
fn came(history: &History, profile: &Profile<'_>) -> Option<Timestamp> {
    let first = profile.past.seen().next();
    let night = first.and_then(|first| history.nights.get(first.night));
    let tonight = profile.span.map(|span| span.first);
    night.map(|night| night.start).or(tonight)
}

/// Whether a group is on a part of the hosts, and its words and level say neither that something is
/// wrong nor that it is well.
pub fn is_bland(profile: &Profile<'_>, fleet: &Fleet<'_>) -> bool {
    let says_well = match profile.states.recovery {
        None => false,
        // What is done for the first time, and once, is news also where it succeeds.
        Some(Recovery::Well) => profile.count > 1 || profile.family == Family::ServiceLifecycle,
        Some(Recovery::Again) => true,
    };
    is_quiet(profile, fleet) && !says_well
}

/// Whether a group is on a part of the hosts, and its words and level do not agree that something is
/// wrong, and do not say that it was stopped.
pub fn is_quiet(profile: &Profile<'_>, fleet: &Fleet<'_>) -> bool {
    let (hosts, named) = (profile.hosts.len() as f64, fleet.named());
    let is_local = named < HOSTS_MIN || hosts <= HOSTS_SHARE_MAX * named as f64;
    // Words that the level denies say less than that it is new.
    let belief = profile.believed_trouble().map(|_| profile.belief());
    let is_quiet =
        belief.is_none_or(|belief| belief < TRUST_BLAND) && profile.level != Some(Severity::Debug);
    is_local && is_quiet && !profile.states.tells_stop
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
    fn has_alike(&self, group: &Group, came: Option<Timestamp>) -> bool {
        let words: Vec<&str> = group.pattern.split(' ').collect();
        let shape = (group.service.as_deref(), words.len());
        self.0.get(&shape).is_some_and(|alike| {
            let earlier = alike
                .iter()
                .filter(|(ever, _)| ever.is_none() || *ever < came);
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
    use crate::detect::testing::{HostLine, corpus_of_hosts, corpus_of_services, history};
    use crate::detect::{Night, Thresholds};
    use crate::history::History;

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
        assert_eq!(
            ages("level=info msg=\"mirror seven failed\"", 1, &[0, 0]),
            [0]
        );
        assert!(ages("mirror seven recovered", 1, &[0, 0]).is_empty());
        assert!(ages("mirror seven is ready", 4, &[0, 0]).is_empty());
        assert_eq!(ages("seat for mirror seven made, success", 1, &[0, 0]), [0]);
        assert!(ages("tick of the door", 1, &[0, 0]).is_empty());
        assert!(ages("tick of 17 doors", 1, &[0, 0]).is_empty());
    }

    /// How many newcomers there are in a first night in which so many hosts tick, and one of them says a
    /// message so often, be it as another service.
    fn alone(hosts: &[&'static str], events: i64, service: &'static str) -> usize {
        let ticks = hosts
            .iter()
            .map(|host| ("ledger", (*host, (Some(5), None, "tick of the clock"))));
        let told = (0..events).map(|n| {
            let line = (Some(9 + 9_000 * n), None, "mirror seven answers for six");
            (service, (hosts[0], line))
        });
        let tonight = corpus_of_services(ticks.chain(told));
        let groups = crate::group::group(&tonight.patterns);
        let first_run = History::default();
        let night = Night::new(&tonight, &groups, &first_run, Thresholds::default());
        let newcomers = (0..groups.len()).filter_map(|group| night.newcomer(group));
        newcomers.count()
    }

    #[test]
    fn what_one_of_many_peers_says_again_and_again_is_strange_on_a_first_run_too() {
        const MANY: [&str; 8] = ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"];
        assert_eq!(alone(&MANY, 5, "ledger"), 1);
        assert_eq!(alone(&MANY, 2, "ledger"), 0);
        assert_eq!(alone(&MANY[..5], 3, "ledger"), 0);
        assert_eq!(alone(&MANY[..4], 5, "ledger"), 0);
        assert_eq!(alone(&MANY, 5, "usher"), 0);
    }

    #[test]
    fn what_differs_in_one_word_and_came_with_it_is_no_variant_of_what_was_known() {
        const STATES: [&str; 2] = ["gate of amber turned olive", "gate of amber turned purple"];
        let lines: Vec<HostLine> = (0..2)
            .map(|n| ("db1", (Some(9 + n as i64), None, STATES[n])))
            .collect();
        let tonight = corpus_of_hosts(&lines);
        let ticks = corpus_of_hosts(&[("db1", (Some(5), None, "tick of the clock"))]);
        let mut memory = history(&ticks, &[9, 9], "db1");
        memory
            .patterns
            .extend(history(&tonight, &[0, 2], "db1").patterns);
        let mut later = memory.patterns.values_mut();
        let later = later.find(|past| past.pattern.ends_with("purple"));
        let later = later.and_then(|past| past.first_ever.as_mut());
        later.into_iter().for_each(|ever| ever.0 += 5_000_000);
        let groups = crate::group::group(&tonight.patterns);
        let night = Night::new(&tonight, &groups, &memory, Thresholds::default());
        let ages = (0..groups.len()).filter_map(|group| night.arrival(group));
        assert_eq!(ages.collect::<Vec<_>>(), [1, 1]);
    }
}
