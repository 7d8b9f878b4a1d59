//! Novelty: what was never seen before.

use super::severity::crowd;
use super::timeline::moved;
use super::{Detector, Night, Profile};
use crate::event::{Severity, Timestamp};
use crate::finding::{Evidence, Finding, Signal};
use crate::normalize;
use std::collections::{BTreeMap, HashMap};

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
/// Known patterns of a service that a new one is compared with at most.
const COMPARED_MAX: usize = 2_000;

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
         note.\n\
         Why it matters: software repeats itself; what it says for the first time, it has a reason \
         for.\n\
         Formula: 0.40 for critical trouble and louder, 0.32 for errors, 0.26 for warnings, times trust, \
         and times (2 / (1 + count))^2 for more than one event; 0.08 for what tells of no trouble. \
         Errors and warnings amid a storm of lines, as at boot, are worth 0.3 of that. In \
         a night of n new kinds of errors, more than 16, all are worth sqrt(16 / n) of that.\n\
         Example: a first \"index out of range\" in 30 nights is worth 0.32 besides its severity."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let Some(covers_since) = night.history.covers_since else {
            return Vec::new();
        };
        let known = Known::of(night);
        let mut found = Vec::new();
        let mut new: Vec<(usize, f64)> = Vec::new();
        let mut harmless: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        for (group, profile) in night.profiles().iter().enumerate() {
            if profile.past.is_known || known.has_alike(night, group) {
                continue;
            }
            match points(night, profile) {
                Some(points) => new.push((group, points)),
                None => {
                    let service = night.groups[group].service.as_deref();
                    harmless.entry(service).or_default().push(group);
                }
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
    let in_storm = match (profile.span, profile.hosts.as_slice()) {
        (Some(span), [only]) => night.fleet.host(only.host()).is_some_and(|activity| {
            let first = moved(span.first, -STORM_SECONDS);
            let last = moved(span.last, STORM_SECONDS);
            activity.is_storm(first, last, STORM_SHARE_MIN)
        }),
        _ => false,
    };
    let calm = if in_storm && trouble.severity > Severity::Critical {
        STORM_FACTOR
    } else {
        1.0
    };
    let often = COUNT_HALF / (1.0 + profile.count.max(1) as f64);
    Some(worth(trouble.severity) * profile.belief() * often.powi(2).min(1.0) * calm)
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

/// The known patterns by what a pattern alike must share.
struct Known<'a>(HashMap<(Option<&'a str>, usize), Vec<Vec<&'a str>>>);

impl<'a> Known<'a> {
    fn of(night: &'a Night<'_>) -> Self {
        let mut known: HashMap<_, Vec<Vec<&str>>> = HashMap::new();
        let mut patterns: Vec<_> = night.history.patterns.iter().collect();
        patterns.sort_unstable_by_key(|(id, _)| **id);
        for (_, past) in patterns {
            let words: Vec<&str> = past.pattern.split(' ').collect();
            let alike = known
                .entry((past.service.as_deref(), words.len()))
                .or_default();
            if alike.len() < COMPARED_MAX {
                alike.push(words);
            }
        }
        Known(known)
    }

    /// Whether a known pattern differs from a group's in a single word that is no state.
    fn has_alike(&self, night: &Night<'_>, group: usize) -> bool {
        let group = &night.groups[group];
        let words: Vec<&str> = group.pattern.split(' ').collect();
        let key = (group.service.as_deref(), words.len());
        self.0.get(&key).is_some_and(|alike| {
            alike.iter().any(|known| {
                let mut differing = known.iter().zip(&words).filter(|(a, b)| a != b);
                let may_vary = |word: &str| {
                    !normalize::is_state(word.trim_matches(|c: char| !c.is_alphanumeric()))
                };
                match (differing.next(), differing.next()) {
                    (None, _) => true,
                    (Some((a, b)), None) => words.len() > 2 && may_vary(a) && may_vary(b),
                    _ => false,
                }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{corpus, found_in, history};
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
}
