//! Telling: the catalogue of ways to print a report, and what a report is.
//!
//! Only this floor writes prose. Nothing here judges, and nothing depends on the clock, the machine
//! or the number of threads.

pub mod escape;
pub mod events;
pub mod json;
pub mod layout;
pub mod prose;
pub mod text;
pub mod wire;

use crate::assemble::DropReason;
use crate::event::{Severity, Timestamp};
use crate::finding::{Band, Family, Item};
use crate::signature::Fingerprint;
use std::io::{self, Write};

/// A way to print a report.
pub trait Output: Sync {
    /// The name that `--format` takes.
    fn name(&self) -> &'static str;

    /// Writes the whole report; the caller flushes.
    fn write(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()>;
}

/// All outputs; the first is the default.
pub static OUTPUTS: &[&dyn Output] = &[&text::Text, &json::Json];

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
    pub items: &'a [Item],
    /// How many items each band has, printed or not; indexed as [`Band::ALL`].
    pub items_per_band: [u64; Band::ALL.len()],
    /// The least band that was asked for.
    pub min_band: Band,
    /// Distinct signatures.
    pub signatures: u64,
    /// What became of the lines.
    pub accounting: Accounting,
    /// Limits that were reached.
    pub caps: Vec<Cap>,
    /// The inputs as the user named them.
    pub sources: Vec<String>,
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
}

/// What became of the lines: `lines = events + continuation + muted + dropped`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounting {
    /// Lines read.
    pub lines: u64,
    /// Lines that open an event.
    pub events: u64,
    /// Further lines of an event.
    pub continuation: u64,
    /// Lines of events that the user silenced.
    pub muted: u64,
    /// Lines that are neither, with their reason; indexed as [`DROP_REASONS`].
    pub dropped: [u64; DROP_REASONS.len()],
    /// Events with a time.
    pub dated: u64,
}

impl Accounting {
    /// Lines dropped for any reason.
    pub fn dropped_all(&self) -> u64 {
        self.dropped.iter().sum()
    }

    /// Events without a time.
    pub fn undated(&self) -> u64 {
        self.events.saturating_sub(self.dated)
    }
}

/// Every reason with its name in output.
pub const DROP_REASONS: [(DropReason, &str); 4] = [
    (DropReason::Blank, "blank"),
    (DropReason::Marker, "marker"),
    (DropReason::OutsideWindow, "outside_window"),
    (DropReason::OtherTenant, "other_tenant"),
];

/// The name of a reason in output.
pub fn drop_reason_name(reason: DropReason) -> &'static str {
    DROP_REASONS[reason as usize].1
}

/// A limit that was reached, and what that cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// Its name, in the words of the flag or constant.
    pub name: &'static str,
    /// Its value.
    pub limit: u64,
    /// What went over it: events, lines, hosts, as the name says.
    pub over: u64,
}

/// One signature of the corpus, as `--emit signatures` tells it.
#[derive(Debug, Clone)]
pub struct SignatureRow<'a> {
    /// The signature.
    pub id: Fingerprint,
    /// Its pattern with typed placeholders.
    pub pattern: &'a str,
    /// The id of its group.
    pub group: Fingerprint,
    /// The pattern of its group.
    pub group_pattern: &'a str,
    /// The service, where the lines name one.
    pub service: Option<&'a str>,
    /// What kind of event it is.
    pub family: Family,
    /// The loudest level that a header states.
    pub severity: Option<Severity>,
    /// Events.
    pub count: u64,
    /// Host names, sorted.
    pub hosts: Vec<String>,
    /// First event with a time.
    pub first: Option<Timestamp>,
    /// Last event with a time.
    pub last: Option<Timestamp>,
}

#[cfg(test)]
mod testing {
    //! One item and one report that the tests of every output share.

    use super::*;
    use crate::corpus::Example;
    use crate::event::Origin;
    use crate::finding::{Evidence, Finding, SeverityBasis, Signal};

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
            family: Family::Failure,
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
        }
    }

    pub fn report(items: &[Item]) -> Report<'_> {
        let mut items_per_band = [0; Band::ALL.len()];
        for item in items {
            items_per_band[item.band as usize] += 1;
        }
        Report {
            items,
            items_per_band,
            min_band: Band::Watch,
            signatures: 2,
            accounting: Accounting {
                lines: 5,
                events: 3,
                continuation: 1,
                muted: 0,
                dropped: [1, 0, 0, 0],
                dated: 2,
            },
            caps: vec![Cap {
                name: "max_patterns",
                limit: 2,
                over: 1,
            }],
            sources: vec!["night.log".into()],
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
