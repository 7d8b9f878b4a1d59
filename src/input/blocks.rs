//! From a stream of text to blocks of whole lines that can be reduced apart from each other.
//!
//! An event may be several lines, so where a stream is cut matters: the lines after a cut are read
//! without what precedes it. The invariant that makes the result independent of block size and of
//! thread count is this:
//!
//! > Each cut is before a line that starts an event, or it is *forced*. Forced cuts are the same for
//! > every block size.
//!
//! It holds because a block ends before the *last* line in it that starts an event. So where
//! no event starts for `open_bytes_max` bytes, the block has begun with the line that started the last
//! one, whatever the block size, and growing to `open_bytes_max` bytes it is cut after the last newline
//! within those. A streaming reader hands lines over as they come instead, and its consumer
//! must carry the open event over. What starts an event is the caller's predicate.

use super::StartsEvent;
use super::line_cap::LineCap;
use super::spare::Spare;
use memchr::{memchr, memrchr};
use std::io::{self, BufRead};

/// The share of a block that the first block has, and the last ones may have, unless lines are handed over as
/// they come.
const LEAST_SHARE: usize = 16;

/// Blocks at least that what is left makes, near the end.
const LAST_BLOCKS: u64 = 4;

/// The sizes that bound blocks. They must obey `line_bytes_max < open_bytes_max`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Text that is read before a block is cut, and the step in which it grows where it cannot be cut.
    pub(super) block_bytes: usize,
    /// The longest block, where no line after its first starts an event.
    pub(super) open_bytes_max: usize,
    /// The longest line, its newline not counted.
    pub(super) line_bytes_max: usize,
}

/// Whole lines, cut from the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The lines; only the last line of the stream may lack its newline.
    pub(super) bytes: Vec<u8>,
    /// How many of them lost their tail.
    pub(super) lines_cut: u64,
    /// Whether the stream ends here.
    pub(super) last: bool,
}

/// Cuts what `reader` gives.
pub(super) struct Cutter<R> {
    reader: R,
    limits: Limits,
    streaming: bool,
    starts_event: StartsEvent,
    line_cap: LineCap,
    /// Text that is read and not handed over; it begins at the start of a line. What stands behind
    /// the filled part is to be read over. Between two blocks it has no more room than it takes.
    text: Vec<u8>,
    filled: usize,
    spare: Spare,
    /// Text to read before the next block is cut, which grows to [`Limits::block_bytes`]: the first blocks
    /// are small, so that no worker waits long for one, and learns soon what others have learned; so are the
    /// last, see [`Cutter::expect`].
    wanted_bytes: usize,
    /// Start of a line of the text before which no line starts an event, its first excepted.
    searched: usize,
    state: State,
}

/// How far a stream is.
enum State {
    /// Nothing is handed over yet.
    Fresh,
    /// There may be more.
    Open,
    /// All is handed over, up to the end of the input or to where it could not be read further.
    Done(io::Result<()>),
}

impl<R: BufRead> Cutter<R> {
    /// Reads nothing yet. `starts_event` is asked about whole lines without their newlines.
    pub(super) fn new(
        reader: R,
        limits: Limits,
        streaming: bool,
        starts_event: StartsEvent,
    ) -> Self {
        debug_assert!(limits.line_bytes_max < limits.open_bytes_max);
        let first_bytes = match streaming {
            true => limits.block_bytes,
            false => limits.block_bytes / LEAST_SHARE,
        };
        Cutter {
            reader,
            limits: Limits {
                block_bytes: limits.block_bytes.clamp(1, limits.open_bytes_max),
                ..limits
            },
            streaming,
            starts_event,
            line_cap: LineCap::new(limits.line_bytes_max),
            text: Vec::new(),
            filled: 0,
            spare: Spare::default(),
            wanted_bytes: first_bytes.clamp(1, limits.open_bytes_max),
            searched: 0,
            state: State::Fresh,
        }
    }

    /// With buffers that come back.
    pub(super) fn reusing(mut self, spare: Spare) -> Self {
        self.spare = spare;
        self
    }

    /// Bounds the next block by how much text is likely left: where the last ones are small, no worker is long
    /// at one while the others have none.
    pub(super) fn expect(&mut self, left_bytes: u64) {
        let share = usize::try_from(left_bytes / LAST_BLOCKS).unwrap_or(usize::MAX);
        let least = self.limits.block_bytes / LEAST_SHARE;
        self.wanted_bytes = self.wanted_bytes.min(share.max(least)).max(1);
    }

    /// Whether everything could be read, once [`next_piece`](Self::next_piece) has given the last.
    pub(super) fn into_outcome(self) -> io::Result<()> {
        match self.state {
            State::Done(outcome) => outcome,
            State::Fresh | State::Open => Ok(()),
        }
    }

    /// The next block; `None` after the last, or where not a byte could be read for an error.
    ///
    /// An empty stream gives one empty piece.
    pub(super) fn next_piece(&mut self) -> Option<Piece> {
        let fresh = matches!(self.state, State::Fresh);
        if let State::Done(_) = self.state {
            return None;
        }
        self.state = State::Open;
        self.make_room();
        let mut target = self.wanted_bytes;
        self.wanted_bytes = (target * 2).min(self.limits.block_bytes);
        loop {
            if let State::Done(outcome) = self.fill(target) {
                let nothing = fresh && self.filled == 0 && outcome.is_err();
                self.state = State::Done(outcome);
                return (!nothing).then(|| self.hand_over(self.filled));
            }
            if let Some(cut) = self.cut() {
                return Some(self.hand_over(cut));
            }
            target = (self.filled + self.limits.block_bytes).min(self.limits.open_bytes_max);
        }
    }

    /// Moves what is left of the text to a buffer for a block.
    ///
    /// This is done when a block is asked for, since the buffer that came back last then mostly is the one
    /// that whoever asks has worked on: it is in the cache of their core and no other.
    fn make_room(&mut self) {
        let mut buffer = self.spare.take().unwrap_or_else(|| self.new_text());
        let kept = buffer.len().min(self.filled);
        let (over, behind) = self.text[..self.filled].split_at(kept);
        buffer[..kept].copy_from_slice(over);
        buffer.extend_from_slice(behind);
        self.text = buffer;
    }

    /// Reads until the text is `target` bytes long or, streaming, has got a newline.
    fn fill(&mut self, target: usize) -> State {
        let mut filled = self.filled;
        // The zeros are there to be read over: safe code reads into nothing else.
        if self.text.len() < target {
            self.text.resize(target, 0);
        }
        let mut state = State::Open;
        while filled < target {
            let read = self
                .line_cap
                .skip_rest(&mut self.reader)
                .and_then(|()| self.reader.read(&mut self.text[filled..target]));
            match read {
                Ok(0) => state = State::Done(Ok(())),
                Err(error) => state = State::Done(Err(error)),
                Ok(count) => {
                    let end = self.line_cap.admit(&mut self.text[..filled + count]);
                    let has_newline =
                        self.streaming && memchr(b'\n', &self.text[filled..end]).is_some();
                    filled = end;
                    if !has_newline {
                        continue;
                    }
                }
            }
            break;
        }
        self.filled = filled;
        state
    }

    /// Room for a block; what is not read over takes no memory.
    fn new_text(&self) -> Vec<u8> {
        vec![0; self.limits.block_bytes]
    }

    /// Where the text can be cut, or must be. A text of `open_bytes_max` bytes always has a cut,
    /// since no line is that long.
    fn cut(&mut self) -> Option<usize> {
        if self.streaming {
            return memrchr(b'\n', &self.text[..self.filled]).map(|newline| newline + 1);
        }
        // Without a start all whole lines are searched, so `searched` is where the last one ends.
        let forced = |cutter: &Self| cutter.filled >= cutter.limits.open_bytes_max;
        self.last_event_start()
            .or_else(|| forced(self).then_some(self.searched))
    }

    /// Where the last line starts that starts an event, the first line of the text left aside.
    ///
    /// Each line is asked about once at most, however often the text grows.
    fn last_event_start(&mut self) -> Option<usize> {
        let searched = self.searched;
        let whole = searched + memrchr(b'\n', &self.text[searched..self.filled])? + 1;
        self.searched = whole;
        let mut line_end = whole;
        while line_end > searched {
            let content = &self.text[searched..line_end - 1];
            let start = memrchr(b'\n', content).map_or(searched, |newline| searched + newline + 1);
            if start > 0
                && (self.starts_event)(&self.text[..start], &self.text[start..line_end - 1])
            {
                return Some(start);
            }
            line_end = start;
        }
        None
    }

    /// Takes the first `count` bytes off the text.
    fn hand_over(&mut self, count: usize) -> Piece {
        let last = matches!(self.state, State::Done(_));
        let rest = &self.text[count..self.filled];
        let next = rest.to_vec();
        self.filled = rest.len();
        self.text.truncate(count);
        self.searched = self.searched.saturating_sub(count);
        Piece {
            bytes: std::mem::replace(&mut self.text, next),
            lines_cut: self.line_cap.forget(count),
            last,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::input::lookahead::Lookahead;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::io::Read;

    const LIMITS: Limits = Limits {
        block_bytes: 64,
        open_bytes_max: 4096,
        line_bytes_max: 40,
    };

    fn begins_with_e(_: &[u8], line: &[u8]) -> bool {
        line.starts_with(b"e")
    }

    /// Gives at most `count` bytes a read, as a pipe may.
    struct ShortReads<'a>(&'a [u8], usize);

    impl Read for ShortReads<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = into.len().min(self.1);
            self.0.read(&mut into[..count])
        }
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }

    fn pieces(input: &[u8], limits: Limits, read_bytes: usize) -> Vec<Piece> {
        let reader = Lookahead::new(ShortReads(input, read_bytes));
        let mut cutter = Cutter::new(reader, limits, false, begins_with_e);
        let pieces: Vec<Piece> = std::iter::from_fn(|| cutter.next_piece()).collect();
        cutter.into_outcome().unwrap();
        pieces
    }

    /// Where the pieces are cut although no event starts there.
    fn forced_cuts(pieces: &[Piece]) -> BTreeSet<usize> {
        let starts = pieces.iter().scan(0, |end, piece| {
            let start = *end;
            *end += piece.bytes.len();
            Some((start, piece))
        });
        let forced =
            |(start, piece): &(usize, &Piece)| *start > 0 && !begins_with_e(b"", &piece.bytes);
        starts.filter(forced).map(|(start, _)| start).collect()
    }

    #[test]
    fn a_block_ends_before_the_last_line_that_starts_an_event() {
        let events = [
            "e one\n  more\n",
            "e two\n  more\n  more\n",
            "e three\n  more\n  more\n  more\n",
        ];
        let limits = Limits {
            block_bytes: 24,
            ..LIMITS
        };
        let cut = pieces(events.concat().as_bytes(), limits, 99);
        let cut: Vec<&[u8]> = cut.iter().map(|piece| &piece.bytes[..]).collect();
        assert_eq!(cut, events.map(str::as_bytes));
    }

    #[test]
    fn an_event_longer_than_the_block_is_whole_up_to_the_longest_open_block() {
        let event = [b"e trace\n".to_vec(), b"  at frame\n".repeat(200)].concat();
        let cut = pieces(&event.repeat(3), LIMITS, 99);
        assert!(cut.iter().all(|piece| piece.bytes == event));
        let long = [b"e trace\n".to_vec(), b"  at frame\n".repeat(500)].concat();
        let cut = pieces(&long, LIMITS, 99);
        let lengths: Vec<usize> = cut.iter().map(|piece| piece.bytes.len()).collect();
        assert_eq!(lengths, [8 + 371 * 11, 129 * 11]);
    }

    #[test]
    fn each_line_is_asked_about_once_at_most() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        fn never(_: &[u8], _: &[u8]) -> bool {
            ASKED.fetch_add(1, Ordering::Relaxed);
            false
        }
        let input = b"x\n".repeat(10_000);
        let limits = Limits {
            block_bytes: 1,
            open_bytes_max: 1 << 15,
            line_bytes_max: 40,
        };
        let mut cutter = Cutter::new(Lookahead::new(&input[..]), limits, false, never);
        while cutter.next_piece().is_some() {}
        assert!(ASKED.load(Ordering::Relaxed) < 10_000);
    }

    #[test]
    fn an_endless_line_takes_no_room() {
        let input = io::repeat(b'x').take(50 << 20).chain(&b"\nnext\n"[..]);
        let mut cutter = Cutter::new(Lookahead::new(input), LIMITS, false, begins_with_e);
        let piece = cutter.next_piece().unwrap();
        assert_eq!(
            (piece.bytes.len(), piece.lines_cut, piece.last),
            (40 + 1 + 5, 1, true)
        );
        assert!(piece.bytes.capacity() < 4096);
    }

    #[test]
    fn cut_lines_are_counted_in_the_block_that_holds_them() {
        let long = [b"e".repeat(50), b"\n".to_vec()].concat();
        let input = [&long[..], b"e\n", &long, &long].concat();
        let cut = pieces(
            &input,
            Limits {
                block_bytes: 45,
                ..LIMITS
            },
            7,
        );
        let counts: Vec<u64> = cut.iter().map(|piece| piece.lines_cut).collect();
        assert_eq!(counts.iter().sum::<u64>(), 3);
        for piece in &cut {
            let long = piece
                .bytes
                .split(|&byte| byte == b'\n')
                .filter(|line| line.len() == 40)
                .count();
            assert_eq!(piece.lines_cut, long as u64);
        }
    }

    #[test]
    fn a_streaming_reader_hands_over_what_each_read_completes() {
        let input = b"one\n"
            .chain(&b"tw"[..])
            .chain(&b"o\nthree\nfo"[..])
            .chain(&b"ur"[..]);
        let mut cutter = Cutter::new(Lookahead::new(input), LIMITS, true, begins_with_e);
        let cut: Vec<Vec<u8>> = std::iter::from_fn(|| cutter.next_piece())
            .map(|p| p.bytes)
            .collect();
        assert_eq!(cut, [&b"one\n"[..], b"two\nthree\n", b"four"]);
    }

    #[test]
    fn an_empty_stream_gives_one_empty_last_block() {
        assert_eq!(
            pieces(b"", LIMITS, 9),
            [Piece {
                bytes: Vec::new(),
                lines_cut: 0,
                last: true
            }]
        );
    }

    #[test]
    fn a_read_error_comes_after_all_that_was_read() {
        let mut cutter = Cutter::new(
            Lookahead::new(b"e 1\nhal".chain(Broken)),
            LIMITS,
            false,
            begins_with_e,
        );
        let piece = cutter.next_piece().unwrap();
        assert_eq!((&piece.bytes[..], piece.last), (&b"e 1\nhal"[..], true));
        assert!(cutter.next_piece().is_none());
        assert_eq!(
            cutter.into_outcome().unwrap_err().to_string(),
            "the disk is gone"
        );
        let mut cutter = Cutter::new(Lookahead::new(Broken), LIMITS, false, begins_with_e);
        assert!(cutter.next_piece().is_none());
        assert!(cutter.into_outcome().is_err());
    }

    fn line() -> impl Strategy<Value = Vec<u8>> {
        let start = (0usize..6).prop_map(|n| [&b"e"[..], &b"v".repeat(n)].concat());
        let more = (0usize..60).prop_map(|n| b" ".repeat(n));
        prop_oneof![1 => start, 6 => more]
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 400,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]
        #[test]
        fn cuts_are_at_event_starts_or_forced_alike_for_every_block_size(
            lines in proptest::collection::vec((line(), 1usize..40), 0..60),
            ends_in_newline: bool,
            block_bytes in 1usize..5000,
            read_bytes in 1usize..5000,
        ) {
            let lines: Vec<Vec<u8>> =
                lines.into_iter().flat_map(|(line, count)| vec![line; count]).collect();
            let mut input = lines.join(&b'\n');
            if ends_in_newline {
                input.push(b'\n');
            }
            let limits = Limits { open_bytes_max: 1000, ..LIMITS };
            let reference = pieces(&input, Limits { block_bytes: 64, ..limits }, usize::MAX);
            let cut = pieces(&input, Limits { block_bytes, ..limits }, read_bytes);
            let text = |pieces: &[Piece]| -> Vec<u8> {
                pieces.iter().flat_map(|piece| piece.bytes.clone()).collect()
            };
            let lines_cut = |pieces: &[Piece]| pieces.iter().map(|p| p.lines_cut).sum::<u64>();
            prop_assert_eq!(text(&cut), text(&reference));
            prop_assert_eq!(lines_cut(&cut), lines_cut(&reference));
            prop_assert_eq!(forced_cuts(&cut), forced_cuts(&reference));
            let (last, others) = cut.split_last().unwrap();
            prop_assert!(last.last && last.bytes.len() <= 1000);
            for piece in others {
                prop_assert!(!piece.last && piece.bytes.ends_with(b"\n") && piece.bytes.len() <= 1000);
            }
        }
    }
}
