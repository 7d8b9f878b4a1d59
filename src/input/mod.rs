//! Opening what the user named, and cutting it into blocks of whole lines.
//!
//! The only place that opens files of logs. It unpacks, decodes UTF-16, drops a BOM, bounds long
//! lines, and knows nothing of what the lines say: where a block may be cut is the caller's predicate.

mod blocks;
mod decode;
mod journal;
mod line_cap;
mod lookahead;
mod patient;
mod rotation;
mod source;
mod spare;
mod unpack;

use crate::event::Timestamp;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use spare::Spare;

/// Text that is read before a block is cut, by default: enough to make handing it over cheap, little
/// enough to stay in a core's cache.
pub const BLOCK_BYTES: usize = 1 << 19;

/// The longest block, where one event goes on and on; it is then cut between two of its lines.
pub const OPEN_BYTES_MAX: usize = 8 << 20;

/// The longest line, its newline not counted; the rest of a longer one is dropped, and it is
/// counted in [`Block::lines_cut`].
pub const LINE_BYTES_MAX: usize = 64 << 10;

/// What a streaming reader reads at once: as much as a pipe holds.
const STREAM_BYTES: usize = 64 << 10;

/// Whether a line starts an event, told what stands before it, as far as that is at hand, and the line without
/// its newline.
pub type StartsEvent = fn(before: &[u8], line: &[u8]) -> bool;

/// A named stream of bytes, as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name as given; `-` for standard input.
    pub name: String,
    /// The file's modification time; `None` for a stream.
    pub modified: Option<Timestamp>,
}

/// Consecutive whole lines of one source; the last line of a source may lack its newline.
#[derive(Debug)]
pub struct Block {
    /// Where the lines come from.
    pub source: Arc<Source>,
    /// 1-based number of the first line.
    pub first_line: u64,
    /// The lines, each with its newline as read.
    pub bytes: Vec<u8>,
    /// Lines of this block that were longer than the cap and lost their tail.
    pub lines_cut: u64,
    /// Whether the source ends here.
    pub last: bool,
}

#[cfg(test)]
impl Block {
    /// Lines of a source of this name, which goes on behind them.
    pub(crate) fn of_text(name: &str, first_line: u64, text: &str) -> Self {
        let source = Source {
            name: name.into(),
            modified: None,
        };
        Block {
            source: Arc::new(source),
            first_line,
            bytes: text.into(),
            lines_cut: 0,
            last: false,
        }
    }
}

/// How sources are cut into blocks.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Text that is read before a block is cut, 1..=[`OPEN_BYTES_MAX`]. What is read does not depend on it.
    pub block_bytes: usize,
    /// Whether lines are handed over as soon as they are read, wherever an event may go on.
    pub streaming: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            block_bytes: BLOCK_BYTES,
            streaming: false,
        }
    }
}

/// Why a source was not read, or not to its end, and what the user can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the source as given.
    pub source: String,
    /// What is wrong with it.
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.source, self.cause, self.remedy)
    }
}

impl std::error::Error for Problem {}

/// How much of the input is read, for whoever watches from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes read so far, packed as they are on disk.
    pub read_bytes: AtomicU64,
    /// Bytes to read in all; `None` where a source is no regular file.
    pub total_bytes: Option<u64>,
}

/// Opens `operands` one after the other and cuts them into blocks. No operand, or `-`, is standard input.
///
/// Operands are read in the order given, but the members of a rotation set (`x.log x.log.1 x.log.2.gz`)
/// oldest first, at the place of the first; one that is given twice is read twice. A directory of the
/// journal stands for the journal files in it. `starts_event` must answer true only for lines that never
/// continue an event; of what stands before a line it is told at least the line before.
///
/// The blocks of a source are consecutive, each but the last ends in a newline, and their cuts are before
/// lines that start an event. Where none does for [`OPEN_BYTES_MAX`] bytes, a cut is forced, at a place
/// that does not depend on [`Options::block_bytes`]. With [`Options::streaming`] cuts fall at any line.
pub fn open(operands: &[OsString], options: Options, starts_event: StartsEvent) -> Blocks {
    let operands: Vec<OsString> = operands.iter().flat_map(source::journals_of).collect();
    let mut operands = rotation::oldest_first(&operands);
    if operands.is_empty() {
        operands.push(source::STDIN.into());
    }
    let total_bytes = operands
        .iter()
        .map(|operand| source::size_bytes(operand))
        .sum();
    let progress = Arc::new(Progress {
        total_bytes,
        ..Progress::default()
    });
    Blocks {
        operands: operands.into_iter(),
        options,
        starts_event,
        progress,
        spare: Spare::default(),
        reading: None,
    }
}

/// The files that an operand names: itself, or those right in a directory, in order of their names.
///
/// Hidden files and directories inside it are left out.
pub fn files_of(operand: &OsStr) -> Result<Vec<OsString>, Problem> {
    source::files_of(operand)
}

/// The blocks of all sources in order, and the problems met.
///
/// A source without text gives one empty block, so that it is known to have been read; one of
/// which nothing could be read gives its problem alone, and one that breaks off gives its problem
/// after all that could be read. Either way the next source follows.
pub struct Blocks {
    operands: std::vec::IntoIter<OsString>,
    options: Options,
    starts_event: StartsEvent,
    progress: Arc<Progress>,
    spare: Spare,
    reading: Option<Reading>,
}

/// A source that is being read.
struct Reading {
    source: Arc<Source>,
    archive: Option<unpack::Archive>,
    cutter: blocks::Cutter<lookahead::Input>,
    /// Lines in the blocks so far.
    lines: u64,
}

impl Blocks {
    /// What is read so far; it goes on being updated.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Where the bytes of blocks that are done with may be given back.
    pub fn spare(&self) -> Spare {
        self.spare.clone()
    }

    /// Bytes that are left of all sources, where blocks may be cut by it; `None` where that is not known, as of
    /// a source that has become longer.
    fn left_bytes(&self) -> Option<u64> {
        if self.options.streaming {
            return None;
        }
        // What tells that it is empty may be no file of a disk.
        let total = self.progress.total_bytes.filter(|total| *total > 0)?;
        let read = self.progress.read_bytes.load(Ordering::Relaxed);
        total.checked_sub(read).filter(|left| *left > 0)
    }

    fn open_next(&mut self, operand: &OsString) -> Result<Reading, Problem> {
        let Options {
            block_bytes,
            streaming,
        } = self.options;
        let opened = source::open(operand, self.progress(), streaming)?;
        let limits = blocks::Limits {
            block_bytes: if streaming {
                block_bytes.min(STREAM_BYTES)
            } else {
                block_bytes
            },
            open_bytes_max: OPEN_BYTES_MAX,
            line_bytes_max: LINE_BYTES_MAX,
        };
        let cutter = blocks::Cutter::new(opened.text, limits, streaming, self.starts_event)
            .reusing(self.spare());
        Ok(Reading {
            source: opened.source,
            archive: opened.archive,
            cutter,
            lines: 0,
        })
    }
}

impl Reading {
    fn next_block(&mut self, left_bytes: Option<u64>) -> Option<Block> {
        // Of what is packed nobody knows how much text it makes.
        if let Some(left_bytes) = left_bytes.filter(|_| self.archive.is_none()) {
            self.cutter.expect(left_bytes);
        }
        let piece = self.cutter.next_piece()?;
        let first_line = self.lines + 1;
        let has_open_line = piece.bytes.last().is_some_and(|&byte| byte != b'\n');
        let newlines = memchr::memchr_iter(b'\n', &piece.bytes).count() as u64;
        self.lines += newlines + u64::from(has_open_line);
        Some(Block {
            source: Arc::clone(&self.source),
            first_line,
            bytes: piece.bytes,
            lines_cut: piece.lines_cut,
            last: piece.last,
        })
    }

    /// Why the source could not be read to its end, after its last block.
    fn into_problem(self) -> Option<Problem> {
        let error = self.cutter.into_outcome().err()?;
        Some(source::problem_of_reading(
            &self.source.name,
            self.archive,
            self.lines,
            &error,
        ))
    }
}

impl Iterator for Blocks {
    type Item = Result<Block, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let left_bytes = self.left_bytes();
            if let Some(reading) = &mut self.reading {
                if let Some(block) = reading.next_block(left_bytes) {
                    return Some(Ok(block));
                }
                if let Some(problem) = self.reading.take().and_then(Reading::into_problem) {
                    return Some(Err(problem));
                }
            }
            let operand = self.operands.next()?;
            match self.open_next(&operand) {
                Ok(reading) => self.reading = Some(reading),
                Err(problem) => return Some(Err(problem)),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::lookahead::LOOKAHEAD_BYTES;
    use super::unpack::{Archive, tests::pack};
    use super::*;
    use std::path::Path;

    fn every_line(_: &[u8], _: &[u8]) -> bool {
        true
    }

    fn write(folder: &Path, name: &str, bytes: &[u8]) -> OsString {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.into()
    }

    fn small_blocks() -> Options {
        Options {
            block_bytes: 100,
            streaming: false,
        }
    }

    #[test]
    fn the_last_blocks_are_small_where_it_is_known_which_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let text = b"a line\n".repeat(150_000);
        let options = Options {
            block_bytes: LOOKAHEAD_BYTES,
            streaming: false,
        };
        let lengths = |operand: OsString| -> Vec<usize> {
            let blocks = open(&[operand], options, every_line);
            blocks.map(|block| block.unwrap().bytes.len()).collect()
        };
        let plain = lengths(write(folder.path(), "x.log", &text));
        let packed = lengths(write(
            folder.path(),
            "x.log.gz",
            &pack(Archive::Gzip, &text),
        ));
        let is_whole = |length: usize| length + 14 > LOOKAHEAD_BYTES;
        for lengths in [&plain, &packed] {
            assert_eq!(lengths.iter().sum::<usize>(), text.len());
            assert!(lengths.iter().any(|length| is_whole(*length)));
        }
        let last = |lengths: &[usize]| lengths[lengths.len() - 3];
        assert!(last(&plain) * 8 < LOOKAHEAD_BYTES && is_whole(last(&packed)));
    }

    #[test]
    fn line_numbers_go_on_through_the_blocks_of_a_source() {
        let folder = tempfile::tempdir().unwrap();
        let text: Vec<u8> = (1..=999)
            .flat_map(|n| format!("line {n}\n").into_bytes())
            .collect();
        let operand = write(folder.path(), "x.log", &text);
        let blocks: Vec<Block> = open(&[operand], small_blocks(), every_line)
            .map(Result::unwrap)
            .collect();
        assert!(blocks.len() > 50);
        for block in &blocks {
            assert!(
                block
                    .bytes
                    .starts_with(format!("line {}\n", block.first_line).as_bytes())
            );
            assert!(block.source.modified.is_some());
        }
        assert_eq!(blocks.iter().filter(|block| block.last).count(), 1);
        assert_eq!(
            blocks
                .iter()
                .flat_map(|block| block.bytes.clone())
                .collect::<Vec<u8>>(),
            text
        );
    }

    #[test]
    fn a_source_that_fails_does_not_keep_the_others_from_being_read() {
        let folder = tempfile::tempdir().unwrap();
        let packed = pack(
            Archive::Gzip,
            "a line that is packed\n".repeat(999).as_bytes(),
        );
        let operands = [
            write(folder.path(), "a.log", b"a\n"),
            write(folder.path(), "cut.gz", &packed[..packed.len() - 9]),
            folder.path().join("missing.log").into(),
            folder.path().into(),
            write(
                folder.path(),
                "broken.gz",
                b"\x1F\x8B\x08\0\0\0\0\0\0\0\xFF\xFF\xFF",
            ),
            write(folder.path(), "empty.log", b""),
        ];
        let blocks = open(&operands, Options::default(), every_line);
        let told: Vec<String> = blocks
            .map(|result| match result {
                Ok(block) => format!(
                    "{} bytes{}",
                    block.bytes.len(),
                    if block.last { ", last" } else { "" }
                ),
                Err(problem) => problem.cause,
            })
            .collect();
        assert_eq!(told[0], "2 bytes, last");
        assert!(told[1].ends_with(" bytes, last"));
        assert!(
            told[2].starts_with("this gzip archive is truncated at line 9"),
            "{}",
            told[2]
        );
        assert_eq!(told[3..5], ["there is no such file", "it is a directory"]);
        assert!(
            told[5].starts_with("this gzip archive is corrupt at its beginning ("),
            "{}",
            told[5]
        );
        assert_eq!(told[6..], ["0 bytes, last"]);
    }

    #[test]
    fn packed_utf16_is_unpacked_and_decoded() {
        let folder = tempfile::tempdir().unwrap();
        let utf16: Vec<u8> = "\u{FEFF}größer\r\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        for archive in [Archive::Gzip, Archive::Zstd, Archive::Xz, Archive::Bzip2] {
            let operand = write(folder.path(), "packed", &pack(archive, &utf16));
            let blocks: Vec<Block> = open(&[operand], small_blocks(), every_line)
                .map(Result::unwrap)
                .collect();
            assert_eq!(blocks[0].bytes, "größer\r\n".as_bytes());
        }
    }

    #[test]
    fn progress_counts_bytes_on_disk_up_to_the_sum_of_the_sizes() {
        let folder = tempfile::tempdir().unwrap();
        let packed = pack(Archive::Xz, &[b'x'; 99_999]);
        let operands = [
            write(folder.path(), "a.xz", &packed),
            write(folder.path(), "b", b"b\n"),
            "missing".into(),
        ];
        let blocks = open(&operands, small_blocks(), every_line);
        let progress = blocks.progress();
        assert_eq!(progress.total_bytes, Some(packed.len() as u64 + 2));
        assert_eq!(blocks.count(), 3);
        assert_eq!(
            Some(progress.read_bytes.load(Ordering::Relaxed)),
            progress.total_bytes
        );
    }

    #[test]
    fn blocks_can_be_handed_to_other_threads() {
        fn is_send<T: Send>(_: &T) {}
        is_send(&open(&[], Options::default(), every_line));
    }
}
