//! States of one thing that no word of ours explains: halves by their times alone.
//!
//! Both lines came to the service in one night and share a word, and the one follows the other soon,
//! each time. Which words they have is not asked here, but that what begins is no loss and what ends no
//! recovery.

use super::outages::{apart, outages_between};
use super::{EVENTS_MAX, Half, PAIRS_MIN_UNRELATED, Story};
use crate::detect::Night;
use crate::detect::past::with_past;
use crate::detect::timeline::{OUTAGE_SECONDS_MAX_STRANGE, are_by_clock, seconds_between};
use crate::event::Timestamp;
use crate::finding::Family;

/// Whether both came to the service in one night, and lately: as telling as a shared word.
pub(super) fn came_together(night: &Night<'_>, loss: usize, recovery: usize) -> bool {
    let age = |group| night.lately(group);
    age(loss).is_some() && age(loss) == age(recovery)
}

/// Whether two halves may be states of one thing though no words of ours tell which: both came lately,
/// and neither is trouble told as what is back, nor a beginning told as a loss or an end as its end.
pub(super) fn may_be_strange(night: &Night<'_>, loss: &Half, recovery: &Half) -> bool {
    let is_late = |half: &Half| night.lately(half.group).is_some();
    let profile = |half: &Half| &night.profiles()[half.group];
    let stops = |half: &Half| night.profiles()[half.group].states.tells_stop;
    let begins = profile(loss).family == Family::ServiceLifecycle && !stops(loss);
    let ends = stops(recovery) || profile(recovery).believed_trouble().is_some();
    let is_other = loss.group != recovery.group;
    is_other && is_late(loss) && is_late(recovery) && !begins && !ends
}

/// When the outages of two groups began on tonight's hosts, tonight and in the nights whose times are
/// remembered, sorted; none of a host on which they ever did not alternate.
pub(super) fn starts_with_past(night: &Night<'_>, loss: usize, recovery: usize) -> Vec<Timestamp> {
    let (lost, back) = (&night.profiles()[loss], &night.profiles()[recovery]);
    let mut starts = Vec::new();
    for timeline in &lost.hosts {
        let other = back.on(timeline.host());
        let lost = with_past(night, loss, timeline, EVENTS_MAX);
        let back = other.and_then(|other| with_past(night, recovery, other, EVENTS_MAX));
        let Some((lost, back)) = lost.zip(back) else {
            continue;
        };
        let outages: Vec<_> = outages_between(&lost.times, &back.times).collect();
        let is_short = |(start, end): &(Timestamp, Timestamp)| {
            seconds_between(*start, *end) <= OUTAGE_SECONDS_MAX_STRANGE
        };
        let alternate = outages.len() == lost.times.len() && outages.len() == back.times.len();
        if alternate && outages.iter().all(is_short) {
            starts.extend(outages.into_iter().map(|(start, _)| start));
        }
    }
    starts.sort_unstable();
    starts
}

impl Story {
    /// Whether the times alone tell which half is the loss: the halves alternate, the second follows
    /// soon each time, and no clock sets the outages. Where tonight's are too few to say, the outages
    /// with those of earlier nights tell.
    pub(super) fn tells_by_time(&self, with_past: impl Fn() -> Vec<Timestamp>) -> bool {
        let alternate = self.unpaired == 0 && self.recoveries == self.outages.len() as u64;
        let longest = self.outages.last().copied().unwrap_or(0.0);
        let is_short = longest <= OUTAGE_SECONDS_MAX_STRANGE;
        let are_many = |starts: &[Timestamp]| {
            apart(starts.iter().copied()) >= PAIRS_MIN_UNRELATED && !are_by_clock(starts)
        };
        alternate && is_short && (are_many(&self.starts) || are_many(&with_past()))
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::self_heal::SelfHealing;
    use crate::detect::testing::{HostLine, Line, corpus, corpus_of_hosts, found_in, history};

    #[test]
    fn two_states_that_no_word_explains_are_halves_if_they_are_new_and_alternate() {
        let ticks: Vec<Line> = (0..=900)
            .map(|n| (Some(n * 96), None, "tick of it"))
            .collect();
        let memory = history(&corpus(&ticks), &[900, 900], "db1");
        let stories = |states: &[(i64, i64)]| {
            let mut lines = ticks.clone();
            for (at, seconds) in states {
                lines.push((Some(*at), None, "gate of basin amber turned purple"));
                lines.push((Some(at + seconds), None, "gate of basin amber turned olive"));
            }
            found_in(&SelfHealing, &corpus(&lines), &memory).len()
        };
        let states = [(9_000, 40), (31_000, 22), (48_000, 71), (80_000, 35)];
        assert_eq!(stories(&states), 1);
        assert_eq!(stories(&states[..2]), 0);
        let long = [
            (9_000, 4_000),
            (31_000, 2_200),
            (48_000, 7_100),
            (80_000, 3_500),
        ];
        assert_eq!(stories(&long), 0);
        let by_clock = [(9_000, 40), (29_000, 22), (49_000, 71), (69_000, 35)];
        assert_eq!(stories(&by_clock), 0);
        let of_two_jobs = [(7_200, 40), (14_400, 22), (93_600, 71), (100_800, 35)];
        assert_eq!(stories(&of_two_jobs), 0);
    }

    #[test]
    fn what_stops_and_is_idle_again_is_a_half_and_what_starts_and_is_finished_is_none() {
        let ticks: Vec<Line> = (0..=900)
            .map(|n| (Some(n * 96), None, "tick of it"))
            .collect();
        let memory = history(&corpus(&ticks), &[900, 900], "db1");
        let stories = |one: &'static str, other: &'static str| {
            let mut lines = ticks.clone();
            for (at, seconds) in [(9_000, 40), (31_000, 22), (48_000, 71), (80_000, 35)] {
                lines.push((Some(at), None, one));
                lines.push((Some(at + seconds), None, other));
            }
            found_in(&SelfHealing, &corpus(&lines), &memory).len()
        };
        let (stopped, idle) = (
            "basin four changed to stopped",
            "basin four changed to idle",
        );
        assert_eq!(stories(stopped, idle), 1);
        assert_eq!(
            stories(
                "starting sweep of basin four",
                "finished sweep of basin four"
            ),
            0
        );
    }

    #[test]
    fn too_few_outages_of_a_night_are_enough_with_those_of_earlier_nights() {
        let states = [
            "gate of basin amber turned purple",
            "gate of basin amber turned olive",
        ];
        let ticks: Vec<Line> = (0..=900)
            .map(|n| (Some(n * 96), None, "tick of it"))
            .collect();
        let tonight = |hosts: [&'static str; 2]| {
            let of_host = |host| ticks.iter().map(move |tick| (host, *tick));
            let mut lines: Vec<HostLine> = of_host("db1").chain(of_host("db2")).collect();
            for (host, (at, seconds)) in hosts.into_iter().zip([(9_000, 40), (31_000, 22)]) {
                lines.push((host, (Some(at), None, states[0])));
                lines.push((host, (Some(at + seconds), None, states[1])));
            }
            lines
        };
        let stories = |hosts, seconds: [&[u32]; 2]| {
            let lines = tonight(hosts);
            let mut memory = history(&corpus(&ticks), &[900, 900], "db1");
            let halves = corpus_of_hosts(&lines[2 * ticks.len()..]);
            let mut known = history(&halves, &[0, 2], "db1");
            for past in known.patterns.values_mut() {
                let half = usize::from(past.pattern.ends_with("olive"));
                for host in past.nights.iter_mut().flat_map(|night| &mut night.hosts) {
                    host.times = Some(seconds[half].into());
                }
            }
            memory.patterns.extend(known.patterns);
            found_in(&SelfHealing, &corpus_of_hosts(&lines), &memory).len()
        };
        let outages: [&[u32]; 2] = [&[14_000, 70_000], &[14_050, 70_080]];
        assert_eq!(stories(["db1"; 2], outages), 1);
        let one: [&[u32]; 2] = [&[70_000], &[70_080]];
        assert_eq!(stories(["db1", "db2"], one), 1);
        let unlike: [&[u32]; 2] = [&[14_000, 70_000], &[18_050, 79_080]];
        assert_eq!(stories(["db1"; 2], unlike), 0);
    }
}
