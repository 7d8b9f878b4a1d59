//! Recurrence: low-grade trouble that comes back.

use super::session::Sessions;
use super::timeline::{Timeline, are_by_clock, cadence};
use super::{Detector, Night, Profile};
use crate::finding::{Evidence, Finding, Signal};
use std::cell::LazyCell;
use std::ops::Deref;

/// What a recurrence is worth at most.
const POINTS_MAX: f64 = 0.42;
/// The share of it that the number of events earns; the hours they fall in earn the rest.
const COUNT_SHARE: f64 = 0.6;
/// Doublings of the count that earn the full share: 64 events.
const DOUBLINGS_FULL: f64 = 6.0;
/// Events of an hour that count: a hundred within a minute came back once.
const PER_HOUR_MAX: u64 = 8;
/// Distinct hours that earn the full share: a few scattered over the night.
const HOURS_FULL: f64 = 6.0;

/// What the recurrence of a newcomer is worth that tells of nothing.
const POINTS_NEWCOMER: f64 = 0.28;
/// Nights for which it is: what nobody has mended by then is of the place.
const NEWCOMER_NIGHTS_MAX: usize = 3;
/// Hours in which it must have come.
const NEWCOMER_HOURS_MIN: u64 = 3;
/// The share of its intervals that may be regular, as those of a job are.
const REGULAR_SHARE_MAX: f64 = 0.8;
/// Events of which the intervals tell that; of fewer they must be the same.
const REGULAR_TIMES_MIN: usize = 6;

/// The detector of trouble that comes back.
#[derive(Debug)]
pub struct Recurrence;

impl Detector for Recurrence {
    fn signal(&self) -> Signal {
        Signal::Recurrence
    }

    fn doc(&self) -> &'static str {
        "What it sees: trouble, of level warning or louder by header or words, that occurred at \
         least --threshold times. Harmless lines do not recur, however many they are; but in its \
         first 3 nights a line does that came lately, to a part of the hosts, tells of nothing, or of \
         trouble that its level denies, and \
         comes in at least 3 hours at no regular interval; and so does, while memory is that young, what \
         one host alone says of at least 5 that run the service; but what opens or closes a session does not, \
         which another line of the service closes or opens more than 450 seconds off.\n\
         Why it matters: what nobody was woken for and still comes back every hour is next \
         month's ticket.\n\
         Formula: 0.42 * trust * (0.6 * min(1, log2(count) / 6) + 0.4 * min(1, hours / 6)), with \
         the distinct hours it fell in, of each of which at most 8 events count, and trust 1, or 0.5 (debug: 0.25) where only the words tell \
         of trouble and the stated level denies it; 0.28 for what tells of nothing, times m / n in a \
         night of n such, more than m: two for each host, or one of what is as old as memory, and at least 8.\n\
         Example: 8 warnings in 8 different hours are worth 0.29, 64 around the clock 0.42."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let threshold = night.thresholds.recurrence.max(2);
        let sessions = Sessions::of(night);
        let profiles = night.profiles().iter().enumerate();
        let recurring = profiles.filter(|(_, profile)| profile.count >= threshold);
        let found = recurring.filter_map(|(group, profile)| {
            // Of most groups nobody asks for them.
            let hours = LazyCell::new(|| profile.hours().len() as u64);
            Some(Finding {
                group,
                signal: Signal::Recurrence,
                points: points(profile, &hours)
                    .into_iter()
                    .chain(points_of_newcomer(night, &sessions, group, &hours))
                    .max_by(f64::total_cmp)?,
                evidence: Evidence::Recurrence {
                    count: profile.count,
                    threshold,
                    hours: *hours,
                },
            })
        });
        found.collect()
    }
}

/// The points of trouble that comes back.
fn points(profile: &Profile<'_>, hours: &impl Deref<Target = u64>) -> Option<f64> {
    profile.trouble.as_ref()?;
    let (count, hours) = (profile.count, **hours);
    let counted = match hours {
        0 => count,
        hours => count.min(hours.saturating_mul(PER_HOUR_MAX)),
    };
    let by_count = ((counted as f64).log2() / DOUBLINGS_FULL).min(1.0);
    let by_hours = (hours as f64 / HOURS_FULL).min(1.0);
    let share = COUNT_SHARE * by_count + (1.0 - COUNT_SHARE) * by_hours;
    Some(POINTS_MAX * profile.belief() * share)
}

/// The points of a newcomer that comes back now and then, unlike a job.
fn points_of_newcomer(
    night: &Night<'_>,
    sessions: &Sessions<'_, '_>,
    group: usize,
    hours: &impl Deref<Target = u64>,
) -> Option<f64> {
    let newcomer = night.newcomer_of_any_kind(group)?;
    let profile = &night.profiles()[group];
    let is_lately = newcomer.age < NEWCOMER_NIGHTS_MAX && **hours >= NEWCOMER_HOURS_MIN;
    let is_irregular = !profile.hosts.iter().any(is_regular);
    (is_lately && is_irregular && !sessions.have_half(group))
        .then_some(POINTS_NEWCOMER * newcomer.crowd)
}

/// Whether a group comes on a host at one interval; so it does where too often to say.
fn is_regular(timeline: &Timeline<'_>) -> bool {
    let Some(times) = timeline.times() else {
        return true;
    };
    if times.len() < REGULAR_TIMES_MIN {
        return times.len() > 2 && are_by_clock(times);
    }
    cadence(times).is_some_and(|(_, share)| share >= REGULAR_SHARE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Line, assert_example, corpus, found, found_in, history};
    use crate::event::Severity;

    fn hourly(count: i64, level: Option<Severity>, message: &'static str) -> Vec<Line> {
        (0..count)
            .map(|hour| (Some(hour * 3600), level, message))
            .collect()
    }

    #[test]
    fn it_fires_on_trouble_that_comes_back_and_grows_with_count_and_hours() {
        let few = found(
            &Recurrence,
            &hourly(4, Some(Severity::Warning), "pool nearly full"),
        );
        let many = found(
            &Recurrence,
            &hourly(16, Some(Severity::Warning), "pool nearly full"),
        );
        assert!(few[0].points > 0.05 && few[0].points < many[0].points);
        let evidence = Evidence::Recurrence {
            count: 16,
            threshold: 2,
            hours: 16,
        };
        assert_eq!(many[0].evidence, evidence);
        let endless = found(&Recurrence, &hourly(3000, None, "flush failed"));
        assert_eq!(endless[0].points, POINTS_MAX);
    }

    #[test]
    fn undated_trouble_recurs_by_count_alone() {
        let undated: Vec<Line> = (0..8).map(|_| (None, None, "flush failed")).collect();
        let found = found(&Recurrence, &undated);
        assert!((found[0].points - 0.42 * 0.6 * 0.5).abs() < 1e-12);
    }

    #[test]
    fn it_is_quiet_on_harmless_cadence_and_on_trouble_seen_once() {
        assert!(found(&Recurrence, &hourly(500, None, "health check passed")).is_empty());
        assert!(found(&Recurrence, &hourly(500, Some(Severity::Info), "tick")).is_empty());
        assert!(found(&Recurrence, &hourly(1, None, "flush failed")).is_empty());
    }

    #[test]
    fn it_fires_on_a_newcomer_that_tells_of_nothing_unless_it_is_regular_or_old() {
        const MESSAGE: &str = "mirror seven answers for six";
        let night = |times: &[i64]| -> Vec<Line> {
            let told = times.iter().map(|at| (Some(*at), None, MESSAGE));
            let tick = (Some(86_399), None, "tick");
            told.chain([(Some(0), None, "tick"), tick]).collect()
        };
        let memory = |message| history(&corpus(&[(Some(0), None, message)]), &[9, 9], "db1");
        let irregular = corpus(&night(&[4_000, 9_000, 31_000, 70_000]));
        let found = found_in(&Recurrence, &irregular, &memory("tick"));
        assert_eq!((found.len(), found[0].points), (1, POINTS_NEWCOMER));
        assert!(found_in(&Recurrence, &irregular, &memory(MESSAGE)).is_empty());
        let regular = corpus(&night(&[4_000, 24_000, 44_000, 64_000]));
        assert!(found_in(&Recurrence, &regular, &memory("tick")).is_empty());
        let harmless = corpus(&hourly(5, None, "mirror seven recovered"));
        assert!(found_in(&Recurrence, &harmless, &memory("tick")).is_empty());
    }

    #[test]
    fn it_fires_on_beginnings_that_come_again_and_on_few_that_are_no_job() {
        let times = [4_000, 26_000, 47_000, 86_399];
        let at = |message: &'static str, count: usize| -> Vec<Line> {
            let lines = times[..count].iter();
            lines.map(|at| (Some(*at), None, message)).collect()
        };
        let memory = history(&corpus(&[(Some(0), None, "tick")]), &[9, 9], "db1");
        let fires = |message, count| {
            let tonight = corpus(&at(message, count));
            found_in(&Recurrence, &tonight, &memory).len()
        };
        assert_eq!(fires("restarting the basin of page seven", 4), 1);
        assert_eq!(fires("mirror seven answers for six", 3), 1);
        assert_eq!(fires("restarting the basin of page seven", 2), 0);
    }

    #[test]
    fn the_example_of_the_doc_is_computed() {
        let few = found(
            &Recurrence,
            &hourly(8, Some(Severity::Warning), "pool busy"),
        );
        assert_example(&Recurrence, &few[0]);
        let many: Vec<Line> = (0..64)
            .map(|n| (Some(n * 1350), None, "flush failed"))
            .collect();
        assert_example(&Recurrence, &found(&Recurrence, &many)[0]);
    }
}
