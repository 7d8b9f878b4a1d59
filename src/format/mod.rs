//! The catalogue of log formats, and the choice of one for a line.
//!
//! A format is a bounded, stateless grammar: it looks at one cleaned line (or one entry, where a
//! format's entries span lines) and answers with an event or "not mine". The first format of
//! [`FORMATS`] that answers is taken, so the order below is part of the contract: strict grammars
//! stand before loose ones, and `plain` takes whatever is left. Grouping lines into events is the
//! assembler's work, not done here.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::{LazyLock, OnceLock};

use crate::event::{Event, Timestamp};

pub mod access;
mod apart;
pub mod audit;
mod byte_set;
pub mod ci_sections;
pub mod container;
mod device;
pub mod envelope;
pub mod generic;
pub mod github_actions;
pub mod glog;
mod header;
pub mod hex;
mod journal_entry;
pub mod journal_export;
pub mod journal_fields;
pub mod journal_json;
mod journal_keys;
mod journal_shape;
pub mod journal_short;
pub mod journal_verbose;
pub mod json;
mod json_escapes;
pub mod json_line;
mod json_quotes;
mod json_strings;
mod json_values;
pub mod logfmt;
pub mod logicmonitor;
pub mod ndjson;
mod nested;
mod notes;
mod object_fields;
mod object_view;
pub mod plain;
pub mod readings;
mod request;
pub mod rfc3164;
pub mod rfc5424;
pub mod runner_stamp;
pub mod section;
pub mod stamp;
mod syslog_header;
pub mod syslog_iso;
mod syslog_tag;
pub mod zone;

use zone::Zone;

/// What a stamp needs to know beyond its own digits.
///
/// Cloned for each worker: it keeps what it worked out for the stamp before, as the zone keeps offsets,
/// and the keys of journal entries.
#[derive(Debug, Clone)]
pub struct Context {
    /// The zone of stamps that name none.
    pub zone: Zone,
    /// The instant that a stamp without a year is nearest to: the file's mtime, or now for a stream.
    pub reference: Timestamp,
    /// The year of stamps without one, where the user fixed it (`--year`).
    pub year: Option<i32>,
    recent: stamp::Recent,
    notes: notes::Notes,
    entries: RefCell<journal_entry::Entries>,
}

impl Context {
    /// A context that has read no stamp yet.
    pub fn new(zone: Zone, reference: Timestamp, year: Option<i32>) -> Self {
        Context {
            zone,
            reference,
            year,
            recent: stamp::Recent::default(),
            notes: notes::Notes::default(),
            entries: RefCell::default(),
        }
    }
}

/// One log format.
pub trait Format: Sync {
    /// The name that `--input` takes, lower case with hyphens.
    fn name(&self) -> &'static str;

    /// Whether a line of this format may begin with this byte; where not, it is not asked.
    fn begins_with(&self, _first: u8) -> bool {
        true
    }

    /// Whether lines that differ in the values of digits alone are read alike, but for what their
    /// stamps answer and where [`notes`] are taken that digits decide.
    fn reads_digits_alike(&self) -> bool {
        false
    }

    /// Where the message of a line begins, if what the line says before it settles how it is read,
    /// whatever message follows that begins with a letter and has neither quotes nor anything but visible
    /// ASCII: all of that is then the event's message, but for blanks at its end.
    fn settled_header(&self, _line: &[u8], _context: &Context) -> Option<usize> {
        None
    }

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

    /// Whether an entry may begin with this line; where not, there is none.
    fn begins_entry(&self, _line: &[u8]) -> bool {
        false
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
pub static FORMATS: &[&dyn Format] = &[
    &rfc5424::Rfc5424,
    &rfc3164::Rfc3164,
    &json_line::JsonLine,
    &journal_json::JournalJson,
    &envelope::Envelope,
    &logicmonitor::LogicMonitor,
    &ndjson::Ndjson,
    &journal_export::JournalExport,
    &journal_verbose::JournalVerbose,
    &github_actions::GithubActions,
    &ci_sections::CiSections,
    &container::Container,
    &syslog_iso::SyslogIso,
    &journal_short::JournalShort,
    &glog::Glog,
    &audit::Audit,
    &access::Access,
    &logfmt::Logfmt,
    &generic::Generic,
    &plain::Plain,
];

/// Those of them whose entries span lines, in the same order.
static ENTRY_FORMATS: &[&dyn Format] = &[
    &journal_export::JournalExport,
    &journal_verbose::JournalVerbose,
];

/// The formats whose lines hold lines of other formats; they are not asked about those.
const WRAPPERS: &[&str] = &["github-actions", "ci-sections", "container"];

/// The formats that wrap lines, as bits in the order of [`FORMATS`].
static WRAPPING: LazyLock<u32> =
    LazyLock::new(|| those(|format| WRAPPERS.contains(&format.name())));

/// Those for which the values of digits may mean anything, as such bits.
static UNLIKE: LazyLock<u32> = LazyLock::new(|| those(|format| !format.reads_digits_alike()));

/// Which formats to ask about a line that begins with this byte, as such bits.
///
/// Most bytes begin lines of a few formats only, so the first byte spares most questions. Which they are is
/// asked once for each byte that comes.
fn beginning_with(first: u8) -> u32 {
    static BY_FIRST_BYTE: [OnceLock<u32>; 256] = [const { OnceLock::new() }; 256];
    *BY_FIRST_BYTE[usize::from(first)].get_or_init(|| those(|format| format.begins_with(first)))
}

fn those(wanted: impl Fn(&dyn Format) -> bool) -> u32 {
    let bits = FORMATS.iter().enumerate();
    bits.filter(|(_, format)| wanted(**format))
        .fold(0, |set, (bit, _)| set | 1 << bit)
}

/// What the first of `FORMATS` that takes the line reads there; an empty line is plain text.
fn read_as_first<'a>(line: &'a [u8], context: &Context, without: u32) -> Event<'a> {
    let unlike = *UNLIKE;
    let mut asked = line.first().map_or(0, |first| beginning_with(*first)) & !without;
    while asked != 0 {
        let format = FORMATS[asked.trailing_zeros() as usize];
        if asked & asked.wrapping_neg() & unlike != 0 {
            context.notes.digits_decide();
        }
        if let Some(event) = event_of(format, line, context) {
            return event;
        }
        asked &= asked - 1;
    }
    plain::event(line, context)
}

/// What a format reads of a line or an entry, with the outcome of the request that it tells of, if it does.
pub fn event_of<'a>(format: &dyn Format, text: &'a [u8], context: &Context) -> Option<Event<'a>> {
    let event = format.parse(text, context)?;
    Some(access::outcome(event, context))
}

/// The format of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// Reads a line, in the forced format if there is one; what no format takes is plain text.
pub fn read<'a>(line: &'a [u8], context: &Context, forced: Option<&dyn Format>) -> Event<'a> {
    match forced {
        Some(format) => {
            if !format.reads_digits_alike() {
                context.notes.digits_decide();
            }
            let event = event_of(format, line, context);
            event.unwrap_or_else(|| plain::event(line, context))
        }
        None => read_as_first(line, context, 0),
    }
}

/// The length of a line's header, if nothing but that decides what is read before the message; see
/// [`Format::settled_header`]. Where there is a choice of formats the first of them must take the line.
fn settled_header(line: &[u8], context: &Context, forced: Option<&dyn Format>) -> Option<usize> {
    let first = || {
        let asked = beginning_with(*line.first()?);
        FORMATS.get(asked.trailing_zeros() as usize).copied()
    };
    match forced {
        Some(format) => format.settled_header(line, context),
        None => first()?.settled_header(line, context),
    }
}

/// Reads a line that stands inside another one: any format but those that wrap lines.
pub fn read_inner<'a>(line: &'a [u8], context: &Context) -> Event<'a> {
    read_as_first(line, context, *WRAPPING)
}

/// The entry that begins at `text` in a format whose entries span lines; `line` is its first line.
#[inline]
pub fn entry(
    text: &[u8],
    line: &[u8],
    forced: Option<&'static dyn Format>,
) -> Option<(&'static dyn Format, Extent)> {
    match may_begin_entry(line) {
        true => entry_of(text, line, forced),
        false => None,
    }
}

// Apart, so that the question whether there may be one stands in each place that asks.
#[inline(never)]
fn entry_of(
    text: &[u8],
    line: &[u8],
    forced: Option<&'static dyn Format>,
) -> Option<(&'static dyn Format, Extent)> {
    let extent = |format: &'static dyn Format| {
        let begins = format.begins_entry(line);
        begins.then(|| format.entry(text)).flatten()
    };
    let spanning = || {
        let mut spanning = ENTRY_FORMATS.iter().copied();
        spanning.find_map(|format| Some((format, extent(format)?)))
    };
    match forced {
        Some(format) => extent(format).map(|extent| (format, extent)),
        None => spanning(),
    }
}

/// What both ends of a line say of [`Format::begins_entry`]: nearly always no.
#[inline]
fn may_begin_entry(line: &[u8]) -> bool {
    match line {
        [b'_', ..] => true,
        [b'A'..=b'Z', .., b']'] => true,
        [b'A'..=b'Z', .., last] if last.is_ascii_whitespace() => {
            line.trim_ascii_end().ends_with(b"]")
        }
        _ => false,
    }
}

/// Whether a line belongs to its format and not to the log: the end of a fold, the mark of a boot.
pub fn is_marker(line: &[u8]) -> bool {
    journal_short::is_marker(line)
        || github_actions::is_marker(line)
        || ci_sections::is_marker(line)
}

/// Whether a line opens an event, so that the input may be cut there: it has a header of its own, and
/// begins with it. What stands before it tells only whether it is the first field of an entry of the journal.
pub fn opens_event(before: &[u8], line: &[u8]) -> bool {
    if !line.first().is_some_and(
        |b| matches!(b, b'{' | b'_' | b'<' | b'[' | b'*' | b'0'..=b'9' | b'A'..=b'Z' | b'-'),
    ) {
        return false;
    }
    if journal_export::is_within_entry(before, line) {
        return false;
    }
    if entry(line, line, None).is_some() {
        return true;
    }
    has_header(&visible(line))
}

/// What is read of a line: what a terminal would show, but that no line with a header is overwritten.
pub fn visible(line: &[u8]) -> Cow<'_, [u8]> {
    crate::clean::visible(line, has_header)
}

/// Whether a text has a header of its own, in whatever format.
fn has_header(text: &[u8]) -> bool {
    let context = Context::new(Zone::utc(), Timestamp(0), None);
    !text.is_empty() && !read(text, &context, None).bare
}

/// The context of the formats' tests: UTC, the middle of 2024.
#[cfg(test)]
pub(crate) fn test_context() -> Context {
    Context::new(Zone::utc(), Timestamp::from_seconds(1_719_792_000), None)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts close to log lines, which reach further into the formats than random bytes do.
    pub(super) fn line_like() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            "(<34>|<34>1 |May  1 10:00:00|2024-05-01T10:00:00Z|1714557600.1|\\[    1.5\\])",
            "(Wed 2024-05-01 10:00:00 UTC|I0501 10:00:00.1|\\[1/May/2024:10:00:00 \\+0000\\])",
            "[a-zA-Z0-9_.-]{1,9}",
            "[]:()\\[<>\"=/%-]{1,3}",
            "(\\[7\\]: |kernel: | - | \\[s=|\n    |\\[ID 7 |ERROR)",
            "\\PC{0,3}",
            " {1,2}",
        ];
        prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_format_panic(
            line in prop_oneof![line_like(), prop::collection::vec(any::<u8>(), 0..200)],
        ) {
            for format in FORMATS {
                let event = format.parse(&line, &test_context());
                let may_begin = line.first().is_none_or(|&first| format.begins_with(first));
                prop_assert!(may_begin || event.is_none(), "{}", format.name());
                if let Some(Extent::Complete(length)) = format.entry(&line) {
                    prop_assert!(length > 0 && length <= line.len());
                }
                let first_line = line.split(|&byte| byte == b'\n').next().unwrap_or_default();
                prop_assert!(may_begin_entry(first_line) || !format.begins_entry(first_line));
                prop_assert!(format.begins_entry(first_line) || format.entry(&line).is_none());
            }
        }
    }
}
