//! Opening what the user named, and cutting it into blocks of whole lines.
//!
//! The only place that opens files of logs. It unpacks, decodes UTF-16, drops a BOM, bounds long
//! lines, and knows nothing of what the lines say: where a block may be cut is the caller's predicate.

use crate::event::Timestamp;
use std::sync::Arc;

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

/// What could not be read.
#[derive(Debug)]
pub struct Problem {
    /// The name as given.
    pub source: String,
    /// What went wrong.
    pub cause: String,
    /// What helps.
    pub remedy: String,
}
/// Placeholder.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Size of a block.
    pub block_bytes: usize,
    /// Blocks as soon as there is a line.
    pub streaming: bool,
}
/// Placeholder.
pub struct Blocks(std::vec::IntoIter<Result<Block, Problem>>);
/// Placeholder.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes read so far.
    pub read_bytes: std::sync::atomic::AtomicU64,
    /// Bytes to read in all.
    pub total_bytes: Option<u64>,
}
/// Placeholder.
pub const LINE_BYTES_MAX: usize = 64 << 10;
/// Placeholder.
pub const BLOCK_BYTES: usize = 1 << 20;
impl Default for Options {
    fn default() -> Self {
        Options {
            block_bytes: BLOCK_BYTES,
            streaming: false,
        }
    }
}
impl Blocks {
    /// Placeholder.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::default()
    }
}
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.source, self.cause, self.remedy)
    }
}
impl Iterator for Blocks {
    type Item = Result<Block, Problem>;
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
/// Placeholder.
pub fn open(
    operands: &[std::ffi::OsString],
    _options: Options,
    _starts_event: fn(&[u8]) -> bool,
) -> Blocks {
    use std::io::Read;
    let stdin = [std::ffi::OsString::from("-")];
    let operands = if operands.is_empty() {
        &stdin[..]
    } else {
        operands
    };
    let all: Vec<_> = operands
        .iter()
        .map(|operand| {
            let name = operand.to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            let read = if name == "-" {
                std::io::stdin().read_to_end(&mut bytes).map(|_| ())
            } else {
                std::fs::read(operand).map(|b| bytes = b)
            };
            read.map_err(|e| Problem {
                source: name.clone(),
                cause: e.to_string(),
                remedy: "check the name and the permissions".into(),
            })?;
            let source = Arc::new(Source {
                name,
                modified: None,
            });
            Ok(Block {
                source,
                first_line: 1,
                bytes,
                lines_cut: 0,
                last: true,
            })
        })
        .collect();
    Blocks(all.into_iter())
}
