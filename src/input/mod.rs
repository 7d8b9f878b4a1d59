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
