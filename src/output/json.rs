//! JSON Lines: items or signatures, one object a line, and the run record at the end.
//!
//! The objects themselves are declared in `wire`.

use super::wire::{ItemLine, RunLine, SignatureLine, write_line};
use super::{Output, Report, Style};
use crate::group::Group;
use std::io::{self, Write};

/// `--format json`.
pub struct Json;

impl Output for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, report: &Report<'_>, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        for item in &report.items {
            write_line(out, &ItemLine::from(item))?;
        }
        write_line(out, &RunLine::from(report))
    }
}

/// `--emit signatures`: every signature, group by group, then the run record.
pub fn write_signatures(
    groups: &[Group],
    report: &Report<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for group in groups {
        for (id, pattern) in group
            .members
            .iter()
            .filter_map(|id| report.corpus.patterns.get_key_value(id))
        {
            write_line(out, &SignatureLine::new(*id, pattern, group))?;
        }
    }
    write_line(out, &RunLine::from(report))
}
