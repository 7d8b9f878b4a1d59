//! Telling: the catalogue of ways to print a report, and what a report is.
//!
//! Only this floor writes prose. Nothing here judges, and nothing depends on the clock, the machine
//! or the number of threads.

pub mod escape;
pub mod events;
pub mod github;
pub mod json;
pub mod junit;
pub mod layout;
pub mod markdown;
pub mod memory;
pub mod prose;
pub mod sarif;
pub mod text;
pub mod wire;
mod wire_memory;

use crate::assemble::DropReason;
use crate::baseline::Comparison;
use crate::corpus::Corpus;
use crate::finding::{Band, Item};
use crate::history::ABSENT_PATTERNS_MAX;
use crate::input::LINE_BYTES_MAX;
use std::io::{self, Write};

/// A way to print a report.
pub trait Output: Sync {
    /// The name that `--format` takes.
    fn name(&self) -> &'static str;

    /// Writes the whole report; the caller flushes.
    fn write(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()>;
}

/// All outputs; the first is the default.
pub static OUTPUTS: &[&dyn Output] = &[
    &text::Text,
    &json::Json,
    &github::Github,
    &junit::Junit,
    &sarif::Sarif,
    &markdown::Markdown,
];

/// The output that `--format` names.
pub fn by_name(name: &str) -> Option<&'static dyn Output> {
    OUTPUTS.iter().copied().find(|output| output.name() == name)
}

/// What the place that is written to can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns of a line.
    pub columns: usize,
    /// Whether to colour.
    pub colour: bool,
}

/// One run, ready to be told.
#[derive(Debug)]
pub struct Report<'a> {
    /// The items to print, first things first.
    pub items: Vec<Item>,
    /// How many items each band has, printed or not; indexed as [`Band::ALL`].
    pub items_per_band: [u64; Band::ALL.len()],
    /// The least band that was asked for.
    pub min_band: Band,
    /// What the items were found in.
    pub corpus: &'a Corpus,
    /// What it was compared with, under `--baseline`.
    pub comparison: Option<&'a Comparison>,
    /// The inputs as the user named them.
    pub sources: Vec<String>,
    /// Remembered patterns that were left out of what tonight was compared with.
    pub patterns_left_out: u64,
}

impl Report<'_> {
    /// Items of this band.
    pub fn in_band(&self, band: Band) -> u64 {
        self.items_per_band[band as usize]
    }

    /// Items of the asked-for bands that `--top` left out.
    pub fn left_out(&self) -> u64 {
        let asked = Band::ALL.into_iter().filter(|band| *band >= self.min_band);
        asked
            .map(|band| self.in_band(band))
            .sum::<u64>()
            .saturating_sub(self.items.len() as u64)
    }

    /// The limits that were reached.
    pub fn caps(&self) -> Vec<Cap> {
        let (limits, reached) = (&self.corpus.limits, self.corpus.limits_reached());
        let cap = |name, limit: usize, over, of| Cap {
            name,
            limit: limit as u64,
            over,
            of,
        };
        let hosts_over = reached.patterns_with_hosts_unnamed as u64;
        let mut caps = vec![
            cap("line_bytes_max", LINE_BYTES_MAX, reached.lines_cut, "line"),
            cap(
                "patterns_max",
                limits.patterns_max,
                reached.events_of_other_patterns,
                "event",
            ),
            cap("hosts_max", limits.hosts_max, hosts_over, "pattern"),
            cap(
                "times_max",
                limits.times_max,
                reached.patterns_dense as u64,
                "pattern",
            ),
            cap(
                "slots_max",
                limits.slots_max,
                reached.patterns_with_slots_lost as u64,
                "pattern",
            ),
            cap(
                "example_bytes_max",
                limits.example_bytes_max,
                reached.events_long,
                "event",
            ),
            cap(
                "absent_patterns_max",
                ABSENT_PATTERNS_MAX,
                self.patterns_left_out,
                "pattern",
            ),
        ];
        caps.retain(|cap| cap.over > 0);
        caps
    }
}

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// Its name, in the words of the source.
    pub name: &'static str,
    /// Its value.
    pub limit: u64,
    /// How many went over it.
    pub over: u64,
    /// What went over it, in the singular.
    pub of: &'static str,
}

/// Every reason with its name in output.
pub const DROP_REASONS: [(DropReason, &str); 5] = [
    (DropReason::Blank, "blank"),
    (DropReason::Marker, "marker"),
    (DropReason::OutsideWindow, "outside_window"),
    (DropReason::OtherTenant, "other_tenant"),
    (DropReason::Remembered, "remembered"),
];

/// The name of a reason in output.
pub fn drop_reason_name(reason: DropReason) -> &'static str {
    DROP_REASONS[reason as usize].1
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod testing {
    //! One item and one report that the tests of every output share.

    use super::*;
    use crate::corpus::Example;
    use crate::event::{Origin, Severity, Timestamp};
    use crate::finding::{Evidence, Family, Finding, Label, SeverityBasis, Signal, Standing};
    use crate::signature::Fingerprint;

    pub fn item() -> Item {
        let first = Timestamp::from_seconds(1_772_323_500);
        let finding = |signal, points, evidence| Finding {
            group: 0,
            signal,
            points,
            evidence,
        };
        let level = Severity::Error;
        let basis = SeverityBasis::Word("failed".into());
        Item {
            id: Fingerprint(0x0123_4567_89ab_cdef),
            pattern: "mount of <path> failed".into(),
            service: Some("storage".into()),
            component: None,
            section: None,
            family: Family::Failure,
            labels: vec![Label::HardwareIssue],
            severity: Some(level),
            count: 14,
            hosts: vec!["db-1".into(), "web-1".into()],
            first: Some(first),
            last: Some(Timestamp(first.0 + 3_600_000_000)),
            course: vec![0, 1, 0, 4, 9],
            findings: vec![
                finding(
                    Signal::Recurrence,
                    0.375,
                    Evidence::Recurrence {
                        count: 14,
                        threshold: 2,
                        hours: 2,
                    },
                ),
                finding(Signal::Severity, 0.25, Evidence::Severity { level, basis }),
            ],
            score: 0.625,
            band: Band::Investigate,
            confidence: 0.5,
            examples: vec![Example {
                timestamp: Some(first),
                line: 7,
                source: "night.log".into(),
                text: "mount of /srv/data failed\n  retrying".into(),
            }],
            origin: Some(Origin {
                tenant_id: Some("acme".into()),
                source_type: None,
                fields: vec![("alert_id".into(), "LM-1".into())],
            }),
            memory: Standing::default(),
            remarks: Vec::new(),
            nearby: Vec::new(),
            told_with: None,
            voices: 0,
        }
    }

    pub fn corpus() -> Corpus {
        let mut corpus = Corpus::default();
        corpus.accounting.events = 3;
        corpus.accounting.continuation = 1;
        corpus.accounting.dropped.insert(DropReason::Blank, 1);
        corpus.accounting.dated = 2;
        corpus
    }

    /// What an output writes of some items, 78 columns wide and plain.
    pub fn written(output: &dyn Output, items: Vec<Item>) -> String {
        let (corpus, mut out) = (corpus(), Vec::new());
        let style = Style {
            columns: 78,
            colour: false,
        };
        let report = report(items, &corpus);
        output.write(&report, &style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    pub fn report(items: Vec<Item>, corpus: &Corpus) -> Report<'_> {
        let mut items_per_band = [0; Band::ALL.len()];
        for item in &items {
            items_per_band[item.band as usize] += 1;
        }
        let sources = vec!["night.log".into()];
        Report {
            items,
            items_per_band,
            min_band: Band::Watch,
            corpus,
            comparison: None,
            sources,
            patterns_left_out: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drop_reasons_stand_in_the_order_of_their_variants() {
        for (index, (reason, _)) in DROP_REASONS.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
        }
    }

    #[test]
    fn bands_stand_in_the_order_of_their_variants() {
        for (index, band) in Band::ALL.into_iter().enumerate() {
            assert_eq!(band as usize, index);
        }
    }
}
