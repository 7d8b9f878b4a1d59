//! Spread: trouble that reaches one host after the other.

use super::newcomer::TRUST_BLAND;
use super::timeline::{Timeline, seconds_between};
use super::{Detector, Night, Profile};
use crate::event::Timestamp;
use crate::finding::{Evidence, Finding, SPREAD_HOSTS_MAX, Signal};

/// What the smallest spread is worth.
const POINTS_MIN: f64 = 0.45;
/// What the largest is worth.
const POINTS_MAX: f64 = 0.60;
/// Hosts that earn the most.
const HOSTS_FULL: f64 = 16.0;
/// Hosts that make a spread, in a night of which nothing earlier is known.
const HOSTS_MIN: usize = 4;
/// Hosts more than in any earlier night that make a spread.
const HOSTS_MORE_MIN: usize = 3;
/// The multiple of the hosts of any earlier night that makes one.
const HOSTS_RATIO_MIN: usize = 2;
/// The longest that a spread takes.
const SPAN_SECONDS_MAX: f64 = 24.0 * 3600.0;
/// The chance below which it is no accident that all of it lies so close together.
const CHANCE_MAX: f64 = 4e-3;
/// The same of what tells of nothing and may be as old as memory.
const CHANCE_MAX_BLAND: f64 = 1e-3;
/// The chance, far above those that count, from which on it need not be known exactly.
const CHANCE_FAR: f64 = 0.1;
/// Nights of memory up to which nothing else can be known of it.
const NIGHTS_YOUNG: usize = 3;
/// Events of each host up to which it is a word passed on, and no work.
const EVENTS_PER_HOST_MAX: u64 = 3;

/// The detector of spreading trouble.
#[derive(Debug)]
pub struct Spreading;

impl Detector for Spreading {
    fn signal(&self) -> Signal {
        Signal::Spread
    }

    fn doc(&self) -> &'static str {
        "What it sees: trouble that within a day reaches at least 4 hosts, one after the other or all \
         together, and that was on none of them in the rest of the night; or that reaches at least 3 \
         hosts more, and twice as many, as in any earlier night. What is on all hosts all the time \
         does not spread, and neither does the healthy wording of a rollout. What came lately and \
         tells of nothing is believed by 0.6, and so, while memory is younger than 3 nights, is what comes \
         to a part of the hosts, to each at most 3 times.\n\
         Why it matters: what is on six hosts by noon is on all of them by evening.\n\
         Formula: what reached k hosts lies within the share s of the night, by the clock or \
         by all lines; by chance it would with \
         k * s^(k-1), which must be below 0.004, or 0.001 for what may be as old as memory. Worth 0.45 to 0.60 by the logarithm of the hosts, \
         the most from 16; times trust.\n\
         Example: a clock warning on 6 of 12 hosts, every 25 minutes the next, is worth 0.55."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let groups = night.profiles().iter().enumerate();
        groups
            .filter_map(|(group, profile)| spread(night, group, profile))
            .collect()
    }
}

fn spread(night: &Night<'_>, group: usize, profile: &Profile<'_>) -> Option<Finding> {
    if profile.hosts.len() < HOSTS_MIN {
        return None;
    }
    let belief = night.belief(group).or_else(|| of_known(night, group))?;
    let mut firsts: Vec<(Timestamp, &str)> = profile.hosts.iter().filter_map(first).collect();
    firsts.sort_unstable();
    let hosts_before = profile.past.seen().map(|past| past.hosts.len()).max();
    let reaches_more = hosts_before.is_some_and(|before| {
        firsts.len() >= (before + HOSTS_MORE_MIN).max(before * HOSTS_RATIO_MIN)
    });
    if firsts.len() < HOSTS_MIN || !(reaches_more || is_close(night, profile, firsts.len())) {
        return None;
    }
    let (start, end) = (firsts.first()?.0, firsts.last()?.0);
    let full = ((firsts.len() as f64).log2() / HOSTS_FULL.log2()).min(1.0);
    let order = firsts.iter().take(SPREAD_HOSTS_MAX);
    Some(Finding {
        group,
        signal: Signal::Spread,
        points: (POINTS_MIN + (POINTS_MAX - POINTS_MIN) * full) * belief,
        evidence: Evidence::Spread {
            order: order.map(|(_, host)| host.to_string()).collect(),
            hosts: firsts.len() as u64,
            hosts_before: hosts_before.map(|hosts| hosts as u64),
            span_seconds: seconds_between(start, end) as u64,
        },
    })
}

/// How much something is believed that tells of nothing, where memory is too young to know since when it
/// comes: by the order of the hosts alone, if it is short and came no oftener than that.
fn of_known(night: &Night<'_>, group: usize) -> Option<f64> {
    let profile = &night.profiles()[group];
    let hosts = profile.hosts.len();
    let is_young = night.history.covered().count() < NIGHTS_YOUNG;
    let is_brief = profile.count <= EVENTS_PER_HOST_MAX * hosts as u64;
    let was_brief = profile
        .past
        .seen()
        .all(|night| night.count <= EVENTS_PER_HOST_MAX * hosts as u64);
    (is_young
        && is_brief
        && was_brief
        && chance(night, profile, hosts)? <= CHANCE_MAX_BLAND
        && night.is_bland(group))
    .then_some(TRUST_BLAND)
}

fn first<'a>(timeline: &Timeline<'a>) -> Option<(Timestamp, &'a str)> {
    Some((timeline.span()?.first, timeline.host()?))
}

/// Whether all events lie closer together than chance would have it.
fn is_close(night: &Night<'_>, profile: &Profile<'_>, hosts: usize) -> bool {
    chance(night, profile, hosts).is_some_and(|chance| chance <= CHANCE_MAX)
}

/// The chance that all events lie so close together; `None` where that is not within a day, or far too
/// likely.
fn chance(night: &Night<'_>, profile: &Profile<'_>, hosts: usize) -> Option<f64> {
    let span = profile.span?;
    if seconds_between(span.first, span.last) > SPAN_SECONDS_MAX {
        return None;
    }
    let all = night.fleet.all();
    let chance = |share: f64| hosts as f64 * share.powi(hosts as i32 - 1);
    // By the lines it is no less, and most groups are all over the night.
    if chance(all.share_by_clock(span.first, span.last)) > CHANCE_FAR {
        return None;
    }
    let share = all.share_between(span.first, span.last, (profile.dated, profile.dated));
    (share < 1.0).then(|| chance(share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{
        HostLine, assert_example, corpus_of_hosts, found_in, found_on_hosts, history,
    };

    const HOSTS: [&str; 6] = ["db1", "db2", "web1", "web2", "web3", "web4"];

    fn night(message: &'static str, step_seconds: i64) -> Vec<HostLine> {
        let ends = [
            ("db1", (Some(0), None, "tick")),
            ("db1", (Some(86_400), None, "tick")),
        ];
        let hosts = HOSTS.iter().rev().enumerate();
        let reached = hosts.map(|(n, host)| {
            (
                *host,
                (Some(20_000 + n as i64 * step_seconds), None, message),
            )
        });
        ends.into_iter().chain(reached).collect()
    }

    #[test]
    fn it_fires_on_trouble_that_goes_from_host_to_host() {
        let found = found_on_hosts(&Spreading, &night("clock is wrong", 1_500));
        let Evidence::Spread {
            order,
            hosts,
            span_seconds,
            ..
        } = &found[0].evidence
        else {
            panic!("{found:?}");
        };
        assert_eq!(
            (*hosts, order[0].as_str(), *span_seconds),
            (6, "web4", 7_500)
        );
    }

    #[test]
    fn it_is_quiet_on_a_rollout_and_on_what_is_everywhere_all_day() {
        assert!(found_on_hosts(&Spreading, &night("release 4 installed", 1_500)).is_empty());
        assert!(found_on_hosts(&Spreading, &night("clock is wrong", 13_000)).is_empty());
        let few: Vec<HostLine> = night("clock is wrong", 1_500)[..5].to_vec();
        assert!(found_on_hosts(&Spreading, &few).is_empty());
    }

    #[test]
    fn while_memory_is_young_it_fires_on_what_tells_of_nothing_and_comes_to_a_part_of_the_hosts() {
        const MESSAGE: &str = "root of the basin is chosen anew";
        let ticks = ["web5", "web6", "web7"].map(|host| (host, (Some(9), None, "tick")));
        let found = |lines: &[HostLine]| {
            let lines = [ticks.as_slice(), lines].concat();
            found_on_hosts(&Spreading, &lines).len()
        };
        assert_eq!(found(&night(MESSAGE, 1_500)), 1);
        assert_eq!(found(&night(MESSAGE, 8_000)), 0);
        let mut often = night(MESSAGE, 1_500);
        often.extend((0..30).map(|n| ("web1", (Some(24_000 + n), None, MESSAGE))));
        assert_eq!(found(&often), 0);
    }

    #[test]
    fn it_fires_on_more_hosts_than_in_any_earlier_night_however_slowly() {
        let tonight = corpus_of_hosts(&night("clock is wrong", 13_000));
        let known = history(&tonight, &[4, 5], "db1");
        let found = found_in(&Spreading, &tonight, &known);
        let Evidence::Spread { hosts_before, .. } = found[0].evidence else {
            panic!("{found:?}");
        };
        assert_eq!(hosts_before, Some(1));
    }

    #[test]
    fn the_example_of_the_doc_is_computed() {
        let found = found_on_hosts(&Spreading, &night("clock is wrong", 1_500));
        assert_example(&Spreading, &found[0]);
    }
}
