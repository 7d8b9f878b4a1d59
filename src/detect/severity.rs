//! Severity: how loud the lines are.

use super::profile::Trouble;
use super::{Detector, Night};
use crate::event::Severity;
use crate::finding::{Evidence, Finding, Signal};

/// What a group of this loudness is worth by itself.
const fn worth(severity: Severity) -> f64 {
    match severity {
        Severity::Emergency => 0.90,
        Severity::Alert => 0.80,
        Severity::Critical => 0.65,
        Severity::Error => 0.35,
        Severity::Warning => 0.15,
        Severity::Notice | Severity::Info | Severity::Debug => 0.0,
    }
}

/// The points of a trouble: its worth, as far as it is believed.
pub(super) fn points(trouble: &Trouble) -> f64 {
    worth(trouble.severity) * trouble.trust
}

/// Groups of errors and warnings of a night up to which each of them counts in full.
const CROWD_MIN: f64 = 16.0;

/// Errors and warnings, unlike what is critical, say less where everything complains.
pub(super) fn is_common(trouble: &Trouble) -> bool {
    trouble.severity > Severity::Critical
}

/// What is left of each complaint's worth in a crowd of them, 0..=1.
pub(super) fn crowd<'a>(troubles: impl Iterator<Item = &'a Trouble>) -> f64 {
    let errors =
        troubles.filter(|trouble| is_common(trouble) && trouble.severity <= Severity::Error);
    left_of(errors.count())
}

/// What is left of the worth of each of so many kinds of complaints.
fn left_of(kinds: usize) -> f64 {
    (CROWD_MIN / kinds.max(1) as f64).sqrt().min(1.0)
}

/// The detector of loud lines.
#[derive(Debug)]
pub struct Loudness;

impl Detector for Loudness {
    fn signal(&self) -> Signal {
        Signal::Severity
    }

    fn doc(&self) -> &'static str {
        "What it sees: how bad the lines themselves say it is, by the level in the header, by a \
         level inside the message (level=warn, [error]), or by words of trouble that are not \
         denied (\"0 errors\"), conditional (\"on failure\") or part of a name (error_log).\n\
         Why it matters: one critical line deserves a look, however rare it is.\n\
         Formula: emergency 0.90, alert 0.80, critical 0.65, error 0.35, warning 0.15, else 0. \
         Words louder than the stated level count half, at debug level a quarter. \
         In a night of n kinds of errors, more than 16, errors and warnings are worth sqrt(16 / n) \
         of that, and what is critical so among critical kinds: where everything complains, a complaint \
         tells less.\n\
         Example: \"out of memory\" without a level is worth 0.65, the same at level info 0.33."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let profiles = night.profiles().iter();
        let troubles = profiles.filter_map(|profile| profile.trouble.as_deref());
        let critical = left_of(
            troubles
                .clone()
                .filter(|trouble| !is_common(trouble))
                .count(),
        );
        let crowd = crowd(troubles);
        let loud = night
            .profiles()
            .iter()
            .enumerate()
            .filter_map(|(group, profile)| {
                let trouble = profile.trouble.as_ref()?;
                Some(Finding {
                    group,
                    signal: Signal::Severity,
                    points: points(trouble) * if is_common(trouble) { crowd } else { critical },
                    evidence: Evidence::Severity {
                        level: trouble.severity,
                        basis: trouble.basis.clone(),
                    },
                })
            });
        loud.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{assert_example, found};
    use crate::finding::SeverityBasis;

    #[test]
    fn it_fires_on_a_loud_header_and_on_loud_words() {
        let header = found(
            &Loudness,
            &[(Some(1), Some(Severity::Critical), "volume gone")],
        );
        assert_eq!(header[0].points, 0.65);
        let words = found(&Loudness, &[(Some(1), None, "flush failed")]);
        let basis = SeverityBasis::Word("failed".into());
        assert_eq!(
            words[0].evidence,
            Evidence::Severity {
                level: Severity::Error,
                basis
            }
        );
    }

    #[test]
    fn where_everything_complains_a_complaint_tells_less() {
        let parts = [
            "pump", "valve", "gate", "door", "lamp", "fan", "belt", "mill",
        ];
        let states = [
            "gone", "open", "cold", "stuck", "wet", "loose", "worn", "dark",
        ];
        let told = |level: Severity| {
            let texts = parts
                .iter()
                .flat_map(|part| states.map(|state| format!("{part} {state}")));
            let lines: Vec<(_, _, &'static str)> = texts
                .map(|text| (Some(1), Some(level), &*text.leak()))
                .collect();
            found(&Loudness, &lines)[0].points
        };
        assert_eq!(
            (told(Severity::Error), told(Severity::Critical)),
            (0.35 / 2.0, 0.65 / 2.0)
        );
    }

    #[test]
    fn it_is_quiet_on_healthy_lines() {
        let lines = [
            (Some(1), Some(Severity::Notice), "configuration reloaded"),
            (Some(2), None, "sync done, 0 errors"),
        ];
        assert!(found(&Loudness, &lines).is_empty());
    }

    #[test]
    fn the_example_of_the_doc_is_computed() {
        for level in [None, Some(Severity::Info)] {
            let found = found(&Loudness, &[(Some(1), level, "out of memory")]);
            assert_example(&Loudness, &found[0]);
        }
    }
}
