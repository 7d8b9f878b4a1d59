//! Escalation: trouble that grows from night to night.

use super::newcomer::TRUST_BLAND;
use super::timeline::course;
use super::{Detector, Night, Profile};
use crate::finding::{Evidence, Finding, Signal};

/// What the faintest trend is worth.
const POINTS_MIN: f64 = 0.45;
/// What the clearest is worth.
const POINTS_MAX: f64 = 0.60;
/// Standard deviations that earn the most.
const DEVIATIONS_FULL: f64 = 5.0;
/// Nights that a trend needs, the present one included.
const NIGHTS_MIN: usize = 3;
/// Nights that are looked at, the present one included.
const NIGHTS_MAX: usize = 7;
/// The least multiple of the first night's count that the last must have.
const RATIO_MIN: f64 = 2.0;
/// The least multiple from night to night, in the middle.
const GROWTH_MIN: f64 = 1.2;
/// The least share of pairs of nights that rise, less those that fall.
const TAU_MIN: f64 = 0.6;
/// Standard deviations of the trend's statistic that are asked of three nights.
const DEVIATIONS_MIN_SHORT: f64 = 1.25;
/// The same of more nights.
const DEVIATIONS_MIN: f64 = 1.9;
/// Events of the first night from which that is traffic.
const COUNT_MAX_BLAND: u64 = 8;
/// Standard deviations that are asked of it.
const DEVIATIONS_MIN_BLAND: f64 = 3.0;
/// Events of the present night that are worth a trend.
const EVENTS_MIN: u64 = 5;
/// Nights of a week: what was as frequent a week ago is a rhythm.
const WEEK_NIGHTS: usize = 7;
/// The latest nights and days of which events are counted: the present one, and all back to the one a
/// week before it. Nothing older is asked for, however long the log is.
const NIGHTS_COUNTED: usize = WEEK_NIGHTS + 1;
const _: () = assert!(NIGHTS_COUNTED >= NIGHTS_MAX);
/// The share of the present count that a week ago makes it a rhythm.
const RHYTHM_SHARE: f64 = 0.67;
const DAY_SECONDS: i64 = 86_400;

/// The detector of growing trouble.
#[derive(Debug)]
pub struct Escalations;

impl Detector for Escalations {
    fn signal(&self) -> Signal {
        Signal::Escalation
    }

    fn doc(&self) -> &'static str {
        "What it sees: trouble that grows over at least 3 nights, or over the days of one long log, to \
         at least twice what it was. One spike is no trend, as the nights before it do not rise; \
         what was as frequent a week ago is a weekly rhythm; and traffic that grows is not trouble. \
         What tells of nothing, on a part of the hosts, is believed by 0.6 if it came lately, or began \
         with at most 8 events and grew by 3 standard deviations.\n\
         Why it matters: a disk does not fail, it fails a little more every night.\n\
         Formula: of the last 7 nights since its first, the rank correlation of Kendall (\"A new \
         measure of rank correlation\", 1938) is at least 0.6, the slope of Theil and Sen of the \
         logarithms at least a factor of 1.2 a night, and the trend statistic of Cox and Lewis (1966) \
         for Poisson counts at least 1.9 standard deviations, 1.25 for 3 nights. Worth 0.45 to \
         0.60 by that statistic, the most from 5; times trust.\n\
         Example: 3, 4, 7, 10 and 15 memory errors in five nights are worth 0.55."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let groups = night.profiles().iter().enumerate();
        groups
            .filter_map(|(group, profile)| escalation(night, group, profile))
            .collect()
    }
}

fn escalation(night: &Night<'_>, group: usize, profile: &Profile<'_>) -> Option<Finding> {
    // No night or day has more events than tonight has in all.
    if profile.count < EVENTS_MIN {
        return None;
    }
    let belief = night.belief(group);
    let all = nightly(night, profile);
    let (last, before) = all.split_last()?;
    let a_week_ago = before
        .len()
        .checked_sub(WEEK_NIGHTS)
        .map(|place| before[place]);
    if a_week_ago.is_some_and(|count| count as f64 >= RHYTHM_SHARE * *last as f64) {
        return None;
    }
    let recent = &all[all.len().saturating_sub(NIGHTS_MAX)..];
    let first = recent.iter().position(|count| *count > 0)?;
    let counts = &recent[first..];
    let trend = trend(counts)?;
    let least = if counts.len() == NIGHTS_MIN {
        DEVIATIONS_MIN_SHORT
    } else {
        DEVIATIONS_MIN
    };
    if *last < EVENTS_MIN || trend.deviations < least {
        return None;
    }
    let grew = || counts[0] <= COUNT_MAX_BLAND && trend.deviations >= DEVIATIONS_MIN_BLAND;
    let of_bland = || (grew() && night.is_bland(group)).then_some(TRUST_BLAND);
    let belief = belief.or_else(of_bland)?;
    let full = (trend.deviations / DEVIATIONS_FULL).min(1.0);
    Some(Finding {
        group,
        signal: Signal::Escalation,
        points: (POINTS_MIN + (POINTS_MAX - POINTS_MIN) * full) * belief,
        evidence: Evidence::Escalation {
            counts: counts.to_vec(),
            growth: trend.growth,
            deviations: trend.deviations,
        },
    })
}

/// Events of the latest nights, oldest first, the present one last; the days of a long log are nights. A
/// night of which only a part was read counts as if the rest of it had been like that part.
///
/// These are [`NIGHTS_COUNTED`] nights at most: one stamp that is wrong may make a log of few lines as
/// long as all time, which is a hundred million days.
fn nightly(night: &Night<'_>, profile: &Profile<'_>) -> Vec<u64> {
    let days = (night.fleet.seconds() / DAY_SECONDS as f64)
        .round()
        .max(1.0) as usize;
    let of_present = match night.corpus.span {
        Some(span) if days > 1 => {
            let (_, course) = course(&profile.members);
            latest_days(&course, span.first.seconds(), days)
        }
        _ => vec![profile.count],
    };
    let nights = &profile.past.nights;
    let of_past = nights.len().min(NIGHTS_COUNTED - of_present.len());
    let mut counts: Vec<u64> = nights[nights.len() - of_past..]
        .iter()
        .map(|night| night.count * 24 / night.hours_read as u64)
        .collect();
    counts.extend(of_present);
    counts
}

/// Events on the latest of so many days since a second, [`NIGHTS_COUNTED`] at most; what came after the
/// last day is counted with it.
fn latest_days(course: &[(i64, u64)], first: i64, days: usize) -> Vec<u64> {
    let mut by_day = vec![0; days.min(NIGHTS_COUNTED)];
    let left_out = days - by_day.len();
    for (start, events) in course {
        let day = ((start - first).max(0) / DAY_SECONDS) as usize;
        if let Some(place) = day.min(days - 1).checked_sub(left_out) {
            by_day[place] += events;
        }
    }
    by_day
}

/// How counts grow.
struct Trend {
    growth: f64,
    deviations: f64,
}

/// The trend of some counts, the first of which is not 0; `None` where they do not grow steadily.
fn trend(counts: &[u64]) -> Option<Trend> {
    let (first, last) = (*counts.first()?, *counts.last()?);
    let enough = counts.len() >= NIGHTS_MIN && last as f64 >= RATIO_MIN * first as f64;
    // Without the last night it grows too: one spike is no trend.
    let rises_before = counts.len() >= 2 && counts[counts.len() - 2] > first;
    let (mut concordant, mut pairs, mut slopes) = (0i64, 0i64, Vec::new());
    for (i, a) in counts.iter().enumerate() {
        for (steps, b) in (1..).zip(&counts[i + 1..]) {
            concordant += (b.cmp(a) as i8) as i64;
            pairs += 1;
            slopes.push(((*b as f64 + 0.5) / (*a as f64 + 0.5)).ln() / f64::from(steps));
        }
    }
    slopes.sort_by(f64::total_cmp);
    let growth = slopes.get(slopes.len() / 2)?.exp();
    let tau = concordant as f64 / pairs as f64;
    let n = counts.len() as f64;
    let total: f64 = counts.iter().map(|count| *count as f64).sum();
    let offset = |place: usize| place as f64 - (n - 1.0) / 2.0;
    let moment: f64 = (0..)
        .zip(counts)
        .map(|(at, count)| offset(at) * *count as f64)
        .sum();
    let deviations = moment / (total * (n * n - 1.0) / 12.0).sqrt();
    let steady = tau >= TAU_MIN && growth >= GROWTH_MIN;
    (enough && rises_before && steady).then_some(Trend { growth, deviations })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Thresholds;
    use crate::detect::testing::{Line, assert_example, corpus, found, found_in, history};
    use crate::event::Timestamp;
    use proptest::prelude::*;

    /// One long log with so many events on each day.
    fn days(message: &'static str, counts: &[i64]) -> Vec<Line> {
        let mut lines: Vec<Line> = vec![(Some(0), None, "tick")];
        for (day, count) in (0..).zip(counts) {
            let start = day * DAY_SECONDS;
            lines.extend((0..*count).map(|n| (Some(start + n * 611), None, message)));
            lines.push((Some(start + DAY_SECONDS - 1), None, "tick"));
        }
        lines
    }

    #[test]
    fn it_fires_on_trouble_that_grows_and_the_clearer_the_more() {
        let short = found(&Escalations, &days("read error on disk", &[3, 4, 7]));
        let long = found(
            &Escalations,
            &days("read error on disk", &[3, 4, 7, 10, 15]),
        );
        assert!(short[0].points >= POINTS_MIN && short[0].points < long[0].points);
        let Evidence::Escalation { counts, growth, .. } = &long[0].evidence else {
            panic!("{long:?}");
        };
        assert_eq!(counts, &[3, 4, 7, 10, 15]);
        assert!((1.3..1.7).contains(growth));
    }

    #[test]
    fn it_is_quiet_on_a_spike_a_steady_rate_a_weekday_and_growing_traffic() {
        for counts in [&[5, 4, 60][..], &[8, 9, 8, 10], &[3, 60, 5], &[2, 3]] {
            assert!(found(&Escalations, &days("read error on disk", counts)).is_empty());
        }
        let weekly = [20, 4, 4, 5, 5, 8, 11, 20];
        assert!(found(&Escalations, &days("read error on disk", &weekly)).is_empty());
        assert!(found(&Escalations, &days("page served", &[30, 60, 90])).is_empty());
    }

    #[test]
    fn of_a_log_as_long_as_all_time_no_more_than_the_latest_days_are_counted() {
        let last = i64::MAX / Timestamp::MICROS;
        let times = [0, 1, 2, 3, 4, last];
        let lines: Vec<Line> = times
            .iter()
            .map(|at| (Some(*at), None, "read error on disk"))
            .collect();
        let corpus = corpus(&lines);
        for past in [&[][..], &[9; 20]] {
            let history = history(&corpus, past, "db1");
            let groups = crate::group::group(&corpus.patterns);
            let night = Night::new(&corpus, &groups, &history, Thresholds::default());
            assert!(night.fleet.seconds() > last as f64 - 1.0);
            let counts = nightly(&night, &night.profiles()[0]);
            assert_eq!(counts, [0, 0, 0, 0, 0, 0, 0, 1]);
            assert!(counts.capacity() <= 2 * NIGHTS_COUNTED);
            assert!(found_in(&Escalations, &corpus, &history).is_empty());
        }
    }

    #[test]
    fn the_latest_nights_are_those_that_are_counted_of_all() {
        let corpus = corpus(&days("read error on disk", &[3, 4, 7]));
        let history = history(&corpus, &[11, 12, 13, 14, 15, 16, 17, 18, 19], "db1");
        let groups = crate::group::group(&corpus.patterns);
        let night = Night::new(&corpus, &groups, &history, Thresholds::default());
        let of_disk = |profile: &&Profile<'_>| profile.count == 14;
        let disk = night.profiles().iter().find(of_disk);
        let counts = disk.map(|disk| nightly(&night, disk));
        assert_eq!(counts, Some(vec![15, 16, 17, 18, 19, 3, 4, 7]));
    }

    proptest! {
        #[test]
        fn the_latest_days_are_the_end_of_all_days(
            mut course in prop::collection::vec((-1_000i64..40 * DAY_SECONDS, 0u64..9), 0..60),
            days in 1usize..40,
        ) {
            course.sort_unstable();
            let mut all = vec![0; days];
            for (start, events) in &course {
                all[((start.max(&0) / DAY_SECONDS) as usize).min(days - 1)] += events;
            }
            let latest = latest_days(&course, 0, days);
            prop_assert_eq!(latest.len(), days.min(NIGHTS_COUNTED));
            prop_assert!(all.ends_with(&latest));
        }
    }

    #[test]
    fn what_tells_of_nothing_grows_only_from_little_and_clearly() {
        const BLAND: &str = "mirror seven answers for six";
        let grown = found(&Escalations, &days(BLAND, &[3, 5, 9, 16]));
        assert!(grown.len() == 1 && grown[0].points < POINTS_MIN);
        assert!(found(&Escalations, &days(BLAND, &[3, 4, 7])).is_empty());
        assert!(found(&Escalations, &days(BLAND, &[40, 60, 90, 140])).is_empty());
    }

    #[test]
    fn the_example_of_the_doc_is_computed() {
        let lines = days("read error of memory", &[3, 4, 7, 10, 15]);
        assert_example(&Escalations, &found(&Escalations, &lines)[0]);
    }
}
