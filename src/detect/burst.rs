//! Bursts: many times the usual rate, within minutes.

use super::newcomer::TRUST_BLAND;
use super::timeline::{course, moved};
use super::{Detector, Earlier, Night, Profile, chance, past};
use crate::event::Timestamp;
use crate::finding::{Evidence, Finding, Signal};
use crate::history::HOURS;

/// What a burst is worth at least.
const POINTS_MIN: f64 = 0.45;
/// What a burst of [`RATIO_FULL`] times the usual rate is worth.
const POINTS_MAX: f64 = 0.60;
/// How many times the usual rate earns the most.
const RATIO_FULL: f64 = 256.0;
/// The window in which events are counted; longer where the course is kept more coarsely.
const WINDOW_SECONDS: i64 = 300;
/// The least number of events in the window.
const EVENTS_MIN: u64 = 10;
/// The least multiple of the usual rate.
const RATIO_MIN: f64 = 8.0;
/// The chance below which a window is no accident, all windows of the night considered.
const CHANCE_MAX: f64 = 1e-6;
/// The share of all lines within the window from which it is a storm of everything, in which what
/// comes at no other time is not unusual.
const STORM_SHARE_MAX: f64 = 0.1;
/// Windows of half the height that make a rhythm.
const PEERS_MIN: usize = 3;
/// Windows that the input must be long for there to be a usual rate.
const WINDOWS_MIN: f64 = 12.0;

/// The detector of bursts.
#[derive(Debug)]
pub struct Bursts;

impl Detector for Bursts {
    fn signal(&self) -> Signal {
        Signal::Burst
    }

    fn doc(&self) -> &'static str {
        "What it sees: trouble that within five minutes comes at least 10 times and at 8 times its \
         own usual rate. Peaks that come again and again in the night, or at the same hour of at least \
         two and half of the other nights, or of the night a week ago, are its rhythm and no burst; \
         good news in great number is none either. What tells of nothing is believed by 0.6, on a \
         part of the hosts, if it comes at other times too, and came lately or never in an earlier \
         night had an hour of an eighth of the height.\n\
         Why it matters: a dam that breaks for two minutes and holds again leaves no other trace.\n\
         Formula: the scan statistic of Naus (1965) in its simple form: the Poisson tail of the \
         densest window at the rate of the rest, times the number of windows, below 1e-6. Worth \
         0.45 to 0.60 by the logarithm of the multiple, the most from 256 times; times trust.\n\
         Example: a timeout that comes 7 times a day and then 60 times in two minutes is worth 0.60."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let groups = night.profiles().iter().enumerate();
        groups
            .filter_map(|(group, profile)| burst(night, group, profile))
            .collect()
    }
}

fn burst(night: &Night<'_>, group: usize, profile: &Profile<'_>) -> Option<Finding> {
    if profile.dated < EVENTS_MIN {
        return None;
    }
    let belief = night.belief(group).or_else(|| of_known(night, group))?;
    let (width_seconds, course) = course(&profile.members);
    let window_seconds = WINDOW_SECONDS.max(width_seconds);
    let (at, events) = densest(&course, window_seconds, &[])?;
    let windows = night.fleet.all().seconds() / window_seconds as f64;
    // One event more than there was: a rate of nothing at all cannot be known from one night.
    let of_rest = (profile.dated - events + 1) as f64 / windows.max(1.0);
    // The lines of all hosts need not be looked through for what is none by its own rate.
    if windows < WINDOWS_MIN || (events as f64 / of_rest) < RATIO_MIN {
        return None;
    }
    // In a storm of all lines the group's share of the storm is nothing unusual.
    let activity = match profile.hosts.as_slice() {
        [only] => night.fleet.host(only.host())?,
        _ => night.fleet.all(),
    };
    let start = Timestamp::from_seconds(at);
    let end = moved(start, window_seconds as f64);
    let storm = activity.share_between(start, end, (events, profile.dated));
    let usual = of_rest.max((profile.dated - events) as f64 * storm / (1.0 - storm).max(0.01));
    let is_all_there_is = events == profile.dated;
    let needs_rest = storm >= STORM_SHARE_MAX || profile.believed_trouble().is_none();
    if is_all_there_is && needs_rest {
        return None;
    }

    let ratio = events as f64 / usual;
    let chance = chance::poisson_tail(events, usual) * windows;
    let is_burst = events >= EVENTS_MIN && ratio >= RATIO_MIN && chance <= CHANCE_MAX;
    let is_usual =
        || is_rhythm(&course, window_seconds, at, events) || is_nightly(night, profile, at, events);
    if !is_burst || is_usual() {
        return None;
    }
    let full = (ratio.ln() / RATIO_FULL.ln()).min(1.0);
    Some(Finding {
        group,
        signal: Signal::Burst,
        points: (POINTS_MIN + (POINTS_MAX - POINTS_MIN) * full) * belief,
        evidence: Evidence::Burst {
            events,
            window_seconds: window_seconds.unsigned_abs(),
            at: Timestamp::from_seconds(at),
            usual,
        },
    })
}

/// How much something is believed that tells of nothing and came in an earlier night too, never nearly
/// as often within an hour.
fn of_known(night: &Night<'_>, group: usize) -> Option<f64> {
    let profile = &night.profiles()[group];
    let peak = profile.past.seen().map(Earlier::peak).max()?;
    let is_higher = profile.busiest_hour() as f64 >= RATIO_MIN * peak as f64;
    (is_higher && night.is_bland(group)).then_some(TRUST_BLAND)
}

/// The window with the most events: where it begins, and how many. Windows that begin within one
/// window's length of a time in `except` do not count.
fn densest(course: &[(i64, u64)], window_seconds: i64, except: &[i64]) -> Option<(i64, u64)> {
    let mut best: Option<(i64, u64)> = None;
    let (mut end, mut events) = (0, 0);
    for (index, &(start, count)) in course.iter().enumerate() {
        while let Some(&(next, count)) = course.get(end)
            && next - start < window_seconds
        {
            events += count;
            end += 1;
        }
        debug_assert!(end > index);
        let is_open = except.iter().all(|at| (at - start).abs() >= window_seconds);
        if is_open && best.is_none_or(|(_, most)| events > most) {
            best = Some((start, events));
        }
        events -= count;
    }
    best
}

/// Whether peaks of at least half the height come again and again.
fn is_rhythm(course: &[(i64, u64)], window_seconds: i64, at: i64, events: u64) -> bool {
    let mut peaks = vec![at];
    while peaks.len() <= PEERS_MIN {
        match densest(course, window_seconds, &peaks) {
            Some((start, count)) if count.saturating_mul(2) >= events => peaks.push(start),
            _ => return false,
        }
    }
    true
}

/// Whether other nights had at least half of the events in the same hour or the next to it.
fn is_nightly(night: &Night<'_>, profile: &Profile<'_>, at: i64, events: u64) -> bool {
    let hour = at.div_euclid(3600).rem_euclid(HOURS as i64) as usize;
    let had = |past: &Earlier<'_>| {
        let start = night.history.nights[past.night].start.seconds();
        let begin = start.div_euclid(3600).rem_euclid(HOURS as i64) as usize;
        let of_night = (hour + HOURS - begin) % HOURS;
        let around = past.hours.iter().enumerate();
        let around = around.filter(|(place, _)| place.abs_diff(of_night) <= 1);
        (past.count > 0).then(|| 2 * around.map(|(_, events)| events).sum::<u64>() >= events)
    };
    let nights: Vec<Option<bool>> = profile.past.nights.iter().map(had).collect();
    past::is_rhythm(&nights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Line, assert_example, corpus, found, found_in, history};

    fn night(message: &'static str, bursts: &[i64]) -> Vec<Line> {
        let rest = (0..8).map(|n| (Some(n * 10_800), None, message));
        let dense = |at: &i64| {
            (0..40)
                .map(move |n| (Some(at + n * 3), None, message))
                .collect()
        };
        let dense: Vec<Line> = bursts
            .iter()
            .flat_map(|at| -> Vec<Line> { dense(at) })
            .collect();
        rest.chain(dense).collect()
    }

    #[test]
    fn it_fires_on_trouble_far_above_its_own_rate() {
        let found = found(&Bursts, &night("reply from shard 3 timed out", &[50_000]));
        let Evidence::Burst {
            events, at, usual, ..
        } = found[0].evidence
        else {
            panic!("{found:?}");
        };
        assert_eq!((events, at), (40, Timestamp::from_seconds(50_000)));
        assert!(usual < 0.1 && found[0].points > 0.5);
    }

    #[test]
    fn it_is_quiet_on_good_news_on_a_rhythm_and_on_a_steady_rate() {
        assert!(found(&Bursts, &night("route registered", &[50_000])).is_empty());
        let hourly = [7_200, 21_600, 36_000, 50_400, 64_800];
        assert!(found(&Bursts, &night("reply from shard 3 timed out", &hourly)).is_empty());
        let steady: Vec<Line> = (0..900)
            .map(|n| (Some(n * 96), None, "flush failed"))
            .collect();
        assert!(found(&Bursts, &steady).is_empty());
    }

    #[test]
    fn it_is_quiet_on_what_comes_every_night_at_that_hour() {
        let tonight = corpus(&night("reply from shard 3 timed out", &[50_000]));
        let mut memory = history(&tonight, &[48, 48, 48], "db1");
        assert_eq!(found_in(&Bursts, &tonight, &memory).len(), 1);
        for past in memory.patterns.values_mut() {
            for host in past.nights.iter_mut().skip(1).flat_map(|n| &mut n.hosts) {
                (host.hours, host.hours[13]) = ([0; HOURS], 40);
            }
        }
        assert!(found_in(&Bursts, &tonight, &memory).is_empty());
    }

    #[test]
    fn what_tells_of_nothing_bursts_above_what_is_known_of_it() {
        let bland = |bursts: &[i64]| corpus(&night("mirror seven answers for six", bursts));
        let memory = history(&bland(&[]), &[8, 8], "db1");
        let found = found_in(&Bursts, &bland(&[50_000]), &memory);
        assert!(found.len() == 1 && found[0].points < POINTS_MIN);
        assert!(found_in(&Bursts, &bland(&[50_000]), &Default::default()).is_empty());
        let busy = history(&bland(&[]), &[480, 480], "db1");
        assert!(found_in(&Bursts, &bland(&[50_000]), &busy).is_empty());
    }

    #[test]
    fn the_example_of_the_doc_is_computed() {
        let rest = (0..7).map(|n| (Some(n * 12_000), None, "reply timed out"));
        let dense = (0..60).map(|n| (Some(50_000 + n * 2), None, "reply timed out"));
        let end = (Some(86_399), None, "tick");
        let lines: Vec<Line> = rest.chain(dense).chain([end]).collect();
        assert_example(&Bursts, &found(&Bursts, &lines)[0]);
    }
}
