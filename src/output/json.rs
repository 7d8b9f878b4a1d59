//! JSON Lines: items or signatures, one object a line, and the run record at the end.
//!
//! The objects themselves are declared in `wire`.

use super::wire::{ItemLine, RunLine, SignatureLine, write_line};
use super::{Output, Report, SignatureRow, Style};
use std::io::{self, Write};

/// `--format json`.
pub struct Json;

impl Output for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, report: &Report<'_>, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        for item in report.items {
            write_line(out, &ItemLine::from(item))?;
        }
        write_line(out, &RunLine::from(report))
    }
}

/// `--emit signatures`: every signature, then the run record.
pub fn write_signatures<'a>(
    rows: impl IntoIterator<Item = SignatureRow<'a>>,
    report: &Report<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for row in rows {
        write_line(out, &SignatureLine::from(&row))?;
    }
    write_line(out, &RunLine::from(report))
}
