//! One trouble in many voices: groups that speak at the same moments of the same hosts are told as one.
//!
//! A device that is lost is lost to the kernel, to its driver and to whatever stood on it, and each
//! says so within a second. **Rule.** Of two groups worth a glance the lesser is a voice of the
//! greater if at least 0.8 of its events have one of the greater's within 2 seconds on the same host,
//! and 0.5 of the greater's one of its own; by chance, the binomial tail of the time that the greater
//! covers, that must be below 0.01. Of groups whose scores are of the same tenth the one that speaks
//! first leads. **Effect.** A voice keeps a quarter of each finding's points, and
//! names the item that it is told with.
//!
//! Of what is too frequent for exact times to be kept, the events of each five minutes must be the
//! same to 0.02, and go up and down. Nothing here reads words:
//! what happens together is one thing to look at, whoever says it.

use crate::corpus::{Slot, SlotIter};
use crate::detect::{Night, Profile, Timeline, chance};
use crate::event::Timestamp;
use crate::finding::{Finding, Item};
use crate::signature::Fingerprint;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Seconds within which two events are one moment.
const MOMENT_SECONDS: f64 = 2.0;
/// The same in microseconds.
const MOMENT_MICROS: i64 = 2 * Timestamp::MICROS;
/// The share of a voice's events that must be at moments of the leader.
const VOICE_SHARE_MIN: f64 = 0.8;
/// The share of the leader's events that must be at moments of the voice.
const LEADER_SHARE_MIN: f64 = 0.5;
/// The chance below which that is no accident.
const CHANCE_MAX: f64 = 0.01;
/// What is left of a voice's points.
const VOICE_LEFT: f64 = 0.25;
/// The share of dense events that may be one's alone, slot by slot.
const ECHO_APART_MAX: f64 = 0.02;
/// Different heights that a dense course must have: what is steady is like all that is steady.
const ECHO_HEIGHTS_MIN: usize = 4;
/// Scores within one step are alike, and who speaks first leads.
const SCORE_STEP: f64 = 0.1;
/// Groups that may be voices, those of the highest score.
const VOICES_MAX: usize = 2_000;
/// Leaders that a group is compared with, those of the highest score.
const LEADERS_MAX: usize = 200;

/// Who is told with whom.
#[derive(Debug)]
pub(super) struct Chorus {
    /// The leader of each voice, both by group.
    leader_of: BTreeMap<usize, usize>,
}

impl Chorus {
    /// Hears a night whose groups have these scores; those below `least` are neither voice nor leader.
    pub(super) fn of(night: &Night<'_>, scores: &[f64], least: f64) -> Self {
        let mut loud: Vec<usize> = (0..scores.len())
            .filter(|group| scores[*group] >= least)
            .collect();
        let step = |group: &usize| (scores[*group] / SCORE_STEP).floor();
        loud.sort_by(|a, b| -> Ordering {
            let by_score = step(b).total_cmp(&step(a));
            by_score.then_with(|| first(night, *a).cmp(&first(night, *b)))
        });
        let mut leaders: Vec<usize> = Vec::new();
        let mut leader_of = BTreeMap::new();
        for group in loud.into_iter().take(VOICES_MAX) {
            let profile = &night.profiles()[group];
            let leads = |leader: &&usize| is_voice(night, profile, &night.profiles()[**leader]);
            match leaders.iter().take(LEADERS_MAX).find(leads) {
                Some(leader) => {
                    leader_of.insert(group, *leader);
                }
                None => leaders.push(group),
            }
        }
        Chorus { leader_of }
    }

    /// Leaves the voices a part of their points.
    pub(super) fn quieten(&self, findings: &mut [Vec<Finding>]) {
        for group in self.leader_of.keys() {
            for finding in &mut findings[*group] {
                finding.quieten(VOICE_LEFT);
            }
        }
    }

    /// Tells each voice its leader, and each leader how many voices it has.
    pub(super) fn tell(&self, night: &Night<'_>, items: &mut [Item]) {
        let id = |group: usize| night.groups[group].id;
        let mut voices: HashMap<Fingerprint, u64> = HashMap::new();
        let mut leaders: HashMap<Fingerprint, Fingerprint> = HashMap::new();
        for (voice, leader) in &self.leader_of {
            *voices.entry(id(*leader)).or_default() += 1;
            leaders.insert(id(*voice), id(*leader));
        }
        for item in items {
            item.told_with = leaders.get(&item.id).copied();
            item.voices = voices.get(&item.id).copied().unwrap_or(0);
        }
    }
}

/// Where a group speaks first, and its id.
fn first<'n>(night: &'n Night<'_>, group: usize) -> impl Ord + use<'n> {
    let example = night.profiles()[group].examples().min();
    (example, night.groups[group].id)
}

/// Whether a group speaks when the leader does, and the leader when it does.
fn is_voice<'a>(night: &Night<'_>, voice: &Profile<'a>, leader: &Profile<'a>) -> bool {
    if voice.dated == 0 || leader.dated == 0 {
        return false;
    }
    let least = VOICE_SHARE_MIN * voice.dated as f64;
    let Some(voice_near) = voice_near(voice, leader).filter(|near| *near as f64 >= least) else {
        return false;
    };
    let (mut leader_near, mut by_chance) = (0, 0.0);
    for (timeline, lead) in voice.together(leader) {
        let Some((times, leads)) = timeline.times().zip(lead.times()) else {
            leader_near += echoed(timeline, lead);
            continue;
        };
        let host_seconds = night
            .fleet
            .host(timeline.host())
            .map_or(1.0, |h| h.seconds());
        let covered = leads.len() as f64 * 2.0 * MOMENT_SECONDS / host_seconds;
        by_chance += times.len() as f64 * covered.min(1.0);
        leader_near += near(leads, times);
    }
    let dated = voice.dated as f64;
    leader_near as f64 >= LEADER_SHARE_MIN * leader.dated as f64
        && chance::binomial_tail(voice_near, voice.dated, by_chance / dated) <= CHANCE_MAX
}

/// How many events of a voice are at moments of the leader; `None` where too many are not, which nearly
/// always a few hosts tell.
fn voice_near<'a>(voice: &Profile<'a>, leader: &Profile<'a>) -> Option<u64> {
    let (mut found, mut missed) = (0, 0);
    let missed_max = voice.count as f64 - VOICE_SHARE_MIN * voice.dated as f64;
    for (timeline, lead) in voice.together(leader) {
        match timeline.times().zip(lead.times()) {
            Some((times, leads)) => {
                let near = near(times, leads);
                found += near;
                missed += times.len() as u64 - near;
            }
            None => found += echoed(timeline, lead),
        }
        if missed as f64 > missed_max {
            return None;
        }
    }
    Some(found)
}

/// Events of two that are too frequent for exact times, if one echoes the other.
fn echoed(one: &Timeline<'_>, other: &Timeline<'_>) -> u64 {
    match is_echo(one, other) {
        true => one.count().min(other.count()),
        false => 0,
    }
}

/// Whether two that are too frequent for exact times have the same course, ups and downs alike.
fn is_echo(one: &Timeline<'_>, other: &Timeline<'_>) -> bool {
    let mut left = ECHO_APART_MAX * (one.count() + other.count()) as f64;
    let mut heights = BTreeSet::new();
    let (mut ones, mut others) = (one.slots(), other.slots());
    let (mut mine, mut theirs) = (ones.next(), others.next());
    while let Some(index) = mine.iter().chain(&theirs).map(|slot| slot.index).min() {
        let height = take(&mut mine, &mut ones, index);
        left -= f64::from(height.abs_diff(take(&mut theirs, &mut others, index)));
        if left < 0.0 {
            return false;
        }
        if heights.len() < ECHO_HEIGHTS_MIN {
            heights.insert(height);
        }
    }
    heights.len() >= ECHO_HEIGHTS_MIN
}

/// Takes the slot of this index and goes to the next one; 0 where there is none.
fn take(slot: &mut Option<Slot>, rest: &mut SlotIter<'_>, index: i32) -> u32 {
    match *slot {
        Some(Slot { index: at, count }) if at == index => {
            *slot = rest.next();
            count
        }
        _ => 0,
    }
}

/// How many of the times have one of the others' within a moment; both are sorted.
fn near(times: &[Timestamp], others: &[Timestamp]) -> u64 {
    let mut from = 0;
    let has_near = |time: &&Timestamp| {
        let is_past = |other: &Timestamp| time.0.saturating_sub(other.0) > MOMENT_MICROS;
        while others.get(from).is_some_and(is_past) {
            from += 1;
        }
        let next = others.get(from);
        next.is_some_and(|other| other.0.saturating_sub(time.0) <= MOMENT_MICROS)
    };
    times.iter().filter(has_near).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{HostLine, corpus_of_hosts};
    use crate::finding::Band;
    use crate::score::tests::judged;

    /// A night of a host on which each message comes at its seconds.
    fn items(messages: &[(&'static str, &[i64])]) -> Vec<Item> {
        let ends = [0, 80_000].map(|at| ("db1", (Some(at), None, "tick of the clock")));
        let line =
            |(message, at): (&'static str, i64)| -> HostLine { ("db1", (Some(at), None, message)) };
        let all = messages
            .iter()
            .flat_map(|(m, times)| times.iter().map(|at| (*m, *at)));
        let lines: Vec<HostLine> = ends.into_iter().chain(all.map(line)).collect();
        judged(&corpus_of_hosts(&lines))
    }

    fn is_shown(item: &&Item) -> bool {
        item.band >= Band::Watch
    }

    #[test]
    fn what_speaks_at_the_same_moments_is_one_item_and_its_voices_are_in_the_background() {
        let moments = [3_000, 21_000, 47_000, 70_000];
        let items = items(&[
            ("disk 4 failed to answer", &moments),
            (
                "volume of ledger lost, write error",
                &moments.map(|at| at + 1),
            ),
            ("index rebuild aborted on panic", &moments),
        ]);
        let shown: Vec<&Item> = items.iter().filter(is_shown).collect();
        let [leader] = shown.as_slice() else {
            panic!("{shown:?}");
        };
        assert_eq!((leader.voices, leader.told_with), (2, None));
        let voices = items
            .iter()
            .filter(|item| item.told_with == Some(leader.id));
        assert_eq!(voices.count(), 2);
    }

    #[test]
    fn what_is_too_frequent_for_exact_times_is_a_voice_by_its_course() {
        let many: Vec<i64> = (0..700).map(|n| 100 * n + n * n % 997).collect();
        let steady: Vec<i64> = (0..700).map(|n| 100 * n).collect();
        let shown = |times: &[i64]| {
            let all = items(&[
                ("write to mirror failed", &many),
                ("mirror refused the page", times),
            ]);
            all.iter().filter(is_shown).count()
        };
        assert_eq!(shown(&many), 1);
        assert_eq!(shown(&steady), 2);
    }

    #[test]
    fn what_comes_at_its_own_times_or_more_often_stands_for_itself() {
        let moments = [3_000, 21_000, 47_000, 70_000];
        let apart = items(&[
            ("disk 4 failed to answer", &moments),
            ("write to mirror failed", &moments.map(|at| at + 500)),
        ]);
        assert_eq!(apart.iter().filter(is_shown).count(), 2);
        let many: Vec<i64> = (0..40).map(|n| 3_000 + n * 1_700).collect();
        let once = items(&[
            ("disk 4 failed to answer", &many),
            ("page of ledger corrupted", &[3_001]),
        ]);
        assert_eq!(once.iter().filter(is_shown).count(), 2);
    }
}
