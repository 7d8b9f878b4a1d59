//! The bound on a line's length, kept while a block is read.
//!
//! Only lengths are looked at here. A text without overlong lines costs a newline search every 64 KiB
//! and is never moved.

use memchr::{memchr, memrchr};
use std::io::{self, BufRead};

/// Cuts each line that is longer than `bytes_max`, its newline not counted, to just that many
/// bytes, and keeps its newline.
///
/// It works on a text that grows at its end, so what it leaves is the same however reads fall.
#[derive(Debug)]
pub(super) struct LineCap {
    bytes_max: usize,
    /// Where in the text the first line that is not judged starts. After a cut line this may
    /// be its newline, which counts as an empty line.
    judged: usize,
    /// Whether the text ends in a line that was cut and whose newline has not come yet.
    skipping: bool,
    /// Where in the text the lines start that were cut, ascending.
    cut_lines: Vec<usize>,
}

impl LineCap {
    /// A cap for a text that is still empty.
    pub(super) fn new(bytes_max: usize) -> Self {
        LineCap {
            bytes_max,
            judged: 0,
            skipping: false,
            cut_lines: Vec::new(),
        }
    }

    /// Passes over the rest of a line that was cut, so that it needs no room in the text.
    pub(super) fn skip_rest(&mut self, reader: &mut impl BufRead) -> io::Result<()> {
        while self.skipping {
            let bytes = reader.fill_buf()?;
            let newline = memchr(b'\n', bytes);
            let count = newline.unwrap_or(bytes.len());
            self.skipping = newline.is_none() && count > 0;
            reader.consume(count);
        }
        Ok(())
    }

    /// Judges `text[fresh..]`, which was appended, and moves it together where a line is cut.
    /// Returns the new length of the text, at least `fresh`.
    ///
    /// The rest of a line cut earlier must have been passed with [`skip_rest`](Self::skip_rest).
    pub(super) fn admit(&mut self, text: &mut [u8]) -> usize {
        let mut to = self.judged;
        let mut from = self.judged;
        loop {
            let line = from + lines_within(&text[from..], self.bytes_max);
            if text.len() - line <= self.bytes_max {
                self.judged = to + (line - from);
                return shift(text, from, text.len(), to);
            }
            let line_end = line + self.bytes_max;
            to = shift(text, from, line_end, to);
            self.cut_lines.push(to - self.bytes_max);
            match memchr(b'\n', &text[line_end..]) {
                Some(rest) => from = line_end + rest,
                None => {
                    self.judged = to - self.bytes_max;
                    self.skipping = true;
                    return to;
                }
            }
        }
    }

    /// Forgets the first `count` bytes of the text, which are whole lines or all of it, and returns
    /// how many of their lines were cut.
    pub(super) fn forget(&mut self, count: usize) -> u64 {
        let lines_cut = self.cut_lines.partition_point(|&start| start < count);
        self.cut_lines.drain(..lines_cut);
        self.cut_lines.iter_mut().for_each(|start| *start -= count);
        self.judged = self.judged.saturating_sub(count);
        lines_cut as u64
    }
}

/// The start of the first line of `text` that is longer than `bytes_max`; if there is none, the
/// start of a line after which at most `bytes_max` bytes follow.
fn lines_within(text: &[u8], bytes_max: usize) -> usize {
    let mut line = 0;
    while text.len() - line > bytes_max {
        // The last newline within reach skips all lines before it. Two hops go farther than
        // `bytes_max`, so each byte is looked at twice at most.
        match memrchr(b'\n', &text[line..=line + bytes_max]) {
            Some(newline) => line += newline + 1,
            None => break,
        }
    }
    line
}

/// Moves `text[from..end]` down to `to` and returns where it ends there.
fn shift(text: &mut [u8], from: usize, end: usize, to: usize) -> usize {
    if from != to {
        text.copy_within(from..end, to);
    }
    to + (end - from)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Feeds `input` in pieces of `piece` bytes, as a block's reader does.
    fn capped(input: &[u8], piece: usize, bytes_max: usize) -> (Vec<u8>, u64) {
        let mut cap = LineCap::new(bytes_max);
        let mut text = Vec::new();
        let mut reader = input;
        loop {
            cap.skip_rest(&mut reader).unwrap();
            let (fresh, rest) = reader.split_at(piece.min(reader.len()));
            reader = rest;
            text.extend_from_slice(fresh);
            let length = cap.admit(&mut text);
            text.truncate(length);
            if fresh.is_empty() {
                let lines_cut = cap.forget(text.len());
                return (text, lines_cut);
            }
        }
    }

    fn capped_naively(input: &[u8], bytes_max: usize) -> (Vec<u8>, u64) {
        let mut text = Vec::new();
        let mut lines_cut = 0;
        for line in input.split_inclusive(|&byte| byte == b'\n') {
            let content = line.strip_suffix(b"\n").unwrap_or(line);
            text.extend(&content[..content.len().min(bytes_max)]);
            text.extend(&line[content.len()..]);
            lines_cut += u64::from(content.len() > bytes_max);
        }
        (text, lines_cut)
    }

    #[test]
    fn a_line_of_just_the_cap_is_whole_and_one_byte_more_is_cut() {
        assert_eq!(
            capped(b"abcd\nabcde\nabcd", 64, 4),
            (b"abcd\nabcd\nabcd".to_vec(), 1)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn the_cap_leaves_the_same_text_however_the_reads_fall(
            input in proptest::collection::vec(prop_oneof![2 => Just(b'\n'), 7 => b'a'..=b'd'], 0..300),
            piece in 1usize..50,
            bytes_max in 1usize..12,
        ) {
            prop_assert_eq!(capped(&input, piece, bytes_max), capped_naively(&input, bytes_max));
        }
    }
}
