//! What triage says, as objects: the evidence of a cause and of news, and the difference from baselines.

use crate::baseline::Comparison;
use crate::finding::Evidence;
use serde::Serialize;

/// The numbers of a signal that `triage` gave.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum TriageEvidence {
    Cause {
        class: &'static str,
        worth: f64,
        place: f64,
        trust: f64,
        share: f64,
    },
    New {
        baseline_builds: u64,
        likeness: f64,
        count: u64,
        crowd: f64,
        share: f64,
    },
    More {
        baseline_builds: u64,
        count: u64,
        baseline_count_most: u64,
    },
    Strange {
        baseline_builds: u64,
        strange: u64,
        share: f64,
    },
    /// Evidence of another kind, which has its own object.
    Other {},
}

impl TriageEvidence {
    pub(super) fn of(evidence: &Evidence) -> Self {
        match *evidence {
            Evidence::Cause {
                class,
                worth,
                place,
                trust,
                share,
            } => TriageEvidence::Cause {
                class: class.name(),
                worth,
                place,
                trust,
                share,
            },
            Evidence::NewInBuild {
                builds,
                likeness,
                count,
                crowd,
                share,
            } => TriageEvidence::New {
                baseline_builds: builds,
                likeness,
                count,
                crowd,
                share,
            },
            Evidence::MoreInBuild {
                builds,
                count,
                count_most,
            } => TriageEvidence::More {
                baseline_builds: builds,
                count,
                baseline_count_most: count_most,
            },
            Evidence::StrangeInBuild {
                builds,
                count,
                share,
            } => TriageEvidence::Strange {
                baseline_builds: builds,
                strange: count,
                share,
            },
            _ => TriageEvidence::Other {},
        }
    }
}

/// How the build differs from its baselines; only with `--baseline`.
#[derive(Serialize)]
pub(super) struct BaselineObject<'a> {
    builds: u64,
    new: u64,
    gone: u64,
    gone_most: Vec<GoneObject<'a>>,
}

#[derive(Serialize)]
struct GoneObject<'a> {
    id: String,
    pattern: &'a str,
}

impl<'a> From<&'a Comparison> for BaselineObject<'a> {
    fn from(comparison: &'a Comparison) -> Self {
        let gone = comparison.gone.most.iter();
        BaselineObject {
            builds: comparison.builds,
            new: comparison.new_groups(),
            gone: comparison.gone.patterns,
            gone_most: gone
                .map(|(id, pattern)| GoneObject {
                    id: id.to_string(),
                    pattern,
                })
                .collect(),
        }
    }
}
