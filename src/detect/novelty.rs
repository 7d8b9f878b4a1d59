//! Novelty: what was never seen before.

use super::severity::crowd;
use super::timeline::moved;
use super::{Detector, Night, Profile};
use crate::event::{Severity, Timestamp};
use crate::finding::{Evidence, Finding, Signal};
use std::collections::BTreeMap;

/// What new wording without trouble is worth.
const POINTS_HARMLESS: f64 = 0.08;
/// New patterns of a service without trouble that are one note.
const ROLLOUT_MIN: usize = 3;
/// Of trouble that comes often the newness fades with this over one more than the count.
const COUNT_HALF: f64 = 2.0;
/// Seconds before and after new trouble in which a storm of lines is looked for.
const STORM_SECONDS: f64 = 60.0;
/// The share of its host's lines that are a storm, as at boot.
const STORM_SHARE_MIN: f64 = 0.2;
/// What is left of newness in a storm: there much is said that is not said else.
const STORM_FACTOR: f64 = 0.3;
/// What something new on a part of the hosts is worth that tells of nothing and states no level.
const POINTS_NEWCOMER: f64 = 0.28;

/// The detector of what is new.
#[derive(Debug)]
pub struct Novelties;

/// What new trouble is worth.
const fn worth(severity: Severity) -> f64 {
    match severity {
        Severity::Emergency | Severity::Alert | Severity::Critical => 0.40,
        Severity::Error => 0.32,
        Severity::Warning => 0.26,
        Severity::Notice | Severity::Info | Severity::Debug => POINTS_HARMLESS,
    }
}

impl Detector for Novelties {
    fn signal(&self) -> Signal {
        Signal::Novelty
    }

    fn doc(&self) -> &'static str {
        "What it sees: a pattern that memory never saw, nor one that differs from it in a single word \
         that is no state. On a first run there is nothing to compare with, and nothing is new. \
         Three or more new patterns of one service that tell of no trouble are a rollout, and one \
         note. What comes to a part of the hosts only, states no level and says neither that something \
         is wrong nor, but for once, that it is well tells of nothing, and is told by itself.\n\
         Why it matters: software repeats itself; what it says for the first time, it has a reason \
         for.\n\
         Formula: 0.40 for critical trouble and louder, 0.32 for errors, 0.26 for warnings, times trust, \
         and times (2 / (1 + count))^2 for more than one event; 0.08 for what tells of no trouble, \
         0.28 for what tells of nothing, times m / n in a night of n such, more than m, two for each host and at least 8. \
         Errors and warnings amid a storm of lines, as at boot, are worth 0.3 of that. In \
         a night of n new kinds of errors, more than 16, all are worth sqrt(16 / n) of that.\n\
         Example: a first \"index out of range\" in 30 nights is worth 0.32 besides its severity."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let Some(covers_since) = night.history.covers_since else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut new: Vec<(usize, f64)> = Vec::new();
        let mut harmless: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        for (group, profile) in night.profiles().iter().enumerate() {
            if night.arrival(group) != Some(0) {
                continue;
            }
            if let Some(points) = points(night, profile) {
                new.push((group, points));
            } else if let Some(points) = points_of_newcomer(night, group) {
                found.push(finding(group, points, covers_since, 0));
            } else {
                let service = night.groups[group].service.as_deref();
                harmless.entry(service).or_default().push(group);
            }
        }
        let troubles = new
            .iter()
            .filter_map(|(group, _)| night.profiles()[*group].trouble.as_deref());
        let crowd = crowd(troubles);
        found.extend(
            new.iter()
                .map(|(group, points)| finding(*group, points * crowd, covers_since, 0)),
        );
        for groups in harmless.into_values() {
            if groups.len() < ROLLOUT_MIN {
                let each = groups.iter();
                found.extend(each.map(|group| finding(*group, POINTS_HARMLESS, covers_since, 0)));
                continue;
            }
            let busiest = |group: &&usize| (night.profiles()[**group].count, **group);
            let note = groups.iter().max_by_key(busiest);
            let others = groups.len() as u64 - 1;
            found.extend(note.map(|group| finding(*group, POINTS_HARMLESS, covers_since, others)));
        }
        found
    }
}

/// The points of new trouble.
fn points(night: &Night<'_>, profile: &Profile<'_>) -> Option<f64> {
    let trouble = profile.trouble.as_ref()?;
    let calm = match trouble.severity {
        severity if severity > Severity::Critical => calm(night, profile),
        _ => 1.0,
    };
    Some(worth(trouble.severity) * profile.belief() * rarity(profile) * calm)
}

/// The points of a newcomer that tells of nothing; `None` for one that states a level, by which it
/// could be believed to be harmless, and where too much is new to tell of each.
fn points_of_newcomer(night: &Night<'_>, group: usize) -> Option<f64> {
    let newcomer = night.newcomer(group)?;
    let profile = &night.profiles()[group];
    let points = POINTS_NEWCOMER * newcomer.crowd * rarity(profile) * calm(night, profile);
    (profile.level.is_none() && points > POINTS_HARMLESS).then_some(points)
}

/// What is left of the newness of what comes more than once, 0..=1.
fn rarity(profile: &Profile<'_>) -> f64 {
    let often = COUNT_HALF / (1.0 + profile.count.max(1) as f64);
    often.powi(2).min(1.0)
}

/// What is left of newness where it comes in a storm of lines, 0..=1.
fn calm(night: &Night<'_>, profile: &Profile<'_>) -> f64 {
    let (Some(span), [only]) = (profile.span, profile.hosts.as_slice()) else {
        return 1.0;
    };
    let in_storm = night.fleet.host(only.host()).is_some_and(|activity| {
        let first = moved(span.first, -STORM_SECONDS);
        let last = moved(span.last, STORM_SECONDS);
        activity.is_storm(first, last, STORM_SHARE_MIN)
    });
    if in_storm { STORM_FACTOR } else { 1.0 }
}

fn finding(group: usize, points: f64, covers_since: Timestamp, others: u64) -> Finding {
    Finding {
        group,
        signal: Signal::Novelty,
        points,
        evidence: Evidence::Novelty {
            covers_since,
            others,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Line, assert_example, corpus, found_in, history};
    use crate::history::History;

    #[test]
    fn it_fires_on_new_trouble_and_weighs_it_by_severity_and_count() {
        let known = history(
            &corpus(&[(Some(1), None, "tick of the clock")]),
            &[9, 9],
            "db1",
        );
        let tonight = corpus(&[
            (Some(1), None, "tick of the clock"),
            (Some(2), None, "shard 4 corrupted"),
            (Some(3), None, "flush to mirror failed"),
            (Some(4), None, "reply from gate was too long"),
            (Some(5), None, "reply from gate was too long"),
        ]);
        let mut points: Vec<f64> = found_in(&Novelties, &tonight, &known)
            .iter()
            .map(|finding| finding.points)
            .collect();
        points.sort_by(f64::total_cmp);
        assert_eq!(points, [0.26 * (2.0f64 / 3.0).powi(2), 0.32, 0.40]);
    }

    #[test]
    fn it_is_quiet_on_a_first_run_on_what_is_known_and_on_what_is_nearly_known() {
        let tonight = corpus(&[(Some(1), None, "flush to mirror east failed")]);
        assert!(found_in(&Novelties, &tonight, &History::default()).is_empty());
        assert!(found_in(&Novelties, &tonight, &history(&tonight, &[1], "db1")).is_empty());
        let near = corpus(&[(Some(1), None, "flush to mirror west failed")]);
        assert!(found_in(&Novelties, &tonight, &history(&near, &[1], "db1")).is_empty());
    }

    #[test]
    fn the_new_wording_of_a_rollout_is_one_note() {
        let known = history(
            &corpus(&[(Some(1), None, "tick of the clock")]),
            &[9],
            "db1",
        );
        let rollout = corpus(&[
            (Some(1), None, "planner five is in use"),
            (Some(2), None, "cache warmed"),
            (Some(3), None, "exporter flushed all of its spans"),
        ]);
        let found = found_in(&Novelties, &rollout, &known);
        assert_eq!((found.len(), found[0].points), (1, POINTS_HARMLESS));
        assert!(matches!(
            found[0].evidence,
            Evidence::Novelty { others: 2, .. }
        ));
    }

    #[test]
    fn the_example_of_the_doc_is_computed() {
        let known = history(&corpus(&[(Some(1), None, "tick")]), &[9; 30], "db1");
        let tonight = corpus(&[(Some(2), None, "index out of range")]);
        assert_example(&Novelties, &found_in(&Novelties, &tonight, &known)[0]);
    }

    #[test]
    fn what_tells_of_nothing_is_told_by_itself_unless_it_states_a_level_or_much_is_new() {
        let known = history(&corpus(&[(Some(1), None, "tick")]), &[9], "db1");
        let points = |lines: &[Line]| -> Vec<f64> {
            let found = found_in(&Novelties, &corpus(lines), &known);
            found.iter().map(|finding| finding.points).collect()
        };
        let bland = (Some(2), None, "mirror seven answers for six");
        assert_eq!(points(&[bland]), [POINTS_NEWCOMER]);
        let stated = (Some(2), Some(Severity::Info), bland.2);
        assert_eq!(points(&[stated]), [POINTS_HARMLESS]);
    }
}
