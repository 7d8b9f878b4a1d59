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
         Words louder than the stated level count half, at debug level a quarter.\n\
         Example: \"out of memory\" without a level is worth 0.65, the same at level info 0.33."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let loud = night
            .profiles()
            .iter()
            .enumerate()
            .filter_map(|(group, profile)| {
                let trouble = profile.trouble.as_ref()?;
                Some(Finding {
                    group,
                    signal: Signal::Severity,
                    points: points(trouble),
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
    use crate::detect::testing::found;
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
    fn it_is_quiet_on_healthy_lines() {
        let lines = [
            (Some(1), Some(Severity::Notice), "configuration reloaded"),
            (Some(2), None, "sync done, 0 errors"),
        ];
        assert!(found(&Loudness, &lines).is_empty());
    }
}
