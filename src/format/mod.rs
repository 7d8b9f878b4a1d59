//! The catalogue of log formats, and the choice of one for a line.
//!
//! A format is a bounded, stateless grammar: it looks at one cleaned line (or one entry, where a
//! format's entries span lines) and answers with an event or "not mine". The first format of
//! [`FORMATS`] that answers is taken, so the order below is part of the contract: strict grammars
//! stand before loose ones, and `plain` takes whatever is left. Grouping lines into events is the
//! assembler's work, not done here.

use crate::event::{Event, Timestamp};

pub mod ci_sections;
pub mod container;
pub mod envelope;
pub mod github_actions;
pub mod journal_export;
pub mod journal_fields;
pub mod journal_json;
pub mod json;
mod json_escapes;
pub mod json_line;
mod json_values;
pub mod logfmt;
pub mod logicmonitor;
pub mod ndjson;
mod nested;
mod object_fields;
pub mod stamp;
pub mod zone;

use zone::Zone;

/// What a stamp needs to know beyond its own digits.
///
/// Cloned for each worker: the zone keeps a small cache of offsets.
#[derive(Debug, Clone)]
pub struct Context {
    /// The zone of stamps that name none.
    pub zone: Zone,
    /// The instant that a stamp without a year is nearest to: the file's mtime, or now for a stream.
    pub reference: Timestamp,
    /// The year of stamps without one, where the user fixed it (`--year`).
    pub year: Option<i32>,
}

/// One log format.
pub trait Format: Sync {
    /// The name that `--input` takes, lower case with hyphens.
    fn name(&self) -> &'static str;

    /// Reads one line, already free of escapes, CR and NUL; `None` when it is not of this format.
    ///
    /// Never panics, allocates only where the text must be unescaped, and takes time linear in the line.
    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>>;

    /// For formats whose entries span lines: the extent of the entry that begins at `text`.
    ///
    /// `text` starts at a line start and reaches to the end of what is known. `None`: no entry of
    /// this format begins here. The slice that `Extent::Complete` measures is what `parse` is given.
    fn entry(&self, _text: &[u8]) -> Option<Extent> {
        None
    }
}

/// How far an entry that spans lines reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The entry is this many bytes long, its last newline included.
    Complete(usize),
    /// The end is not in sight: more text is needed, or at the end of input all of it belongs.
    Open,
}

/// All formats, in the order in which they are asked.
pub static FORMATS: &[&dyn Format] = &[];

/// Reads what is left of a line after a prefix.
pub fn read_inner<'a>(line: &'a [u8], _context: &Context) -> Event<'a> {
    Event {
        message: line.into(),
        ..Event::default()
    }
}

/// The context of the formats' tests: UTC, the middle of 2024.
#[cfg(test)]
pub(crate) fn test_context() -> Context {
    Context {
        zone: Zone::utc(),
        reference: Timestamp::from_seconds(1_719_792_000),
        year: None,
    }
}
