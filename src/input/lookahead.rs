//! A buffered reader whose next bytes can be looked at before they are taken.
//!
//! Magic bytes, byte order marks and the seams between archive members are recognised here without
//! losing a byte. Large reads bypass the buffer, so plain text is copied once. What the bytes mean
//! is decided by the callers.

use std::io::{self, BufRead, Read};

/// The buffer's size: what a pipe holds, and a good unit for a decompressor's input.
pub(super) const LOOKAHEAD_BYTES: usize = 64 << 10;

/// A stream of bytes of whatever origin.
pub(super) type Input = Lookahead<Box<dyn Read + Send>>;

/// A reader with a buffer of 64 KiB and [`peek`](Lookahead::peek).
pub(super) struct Lookahead<R> {
    inner: R,
    buffer: Box<[u8]>,
    /// The bytes that are read but not taken are `buffer[start..end]`.
    start: usize,
    end: usize,
}

impl<R: Read> Lookahead<R> {
    /// Reads nothing yet.
    pub(super) fn new(inner: R) -> Self {
        let buffer = vec![0; LOOKAHEAD_BYTES].into_boxed_slice();
        Lookahead {
            inner,
            buffer,
            start: 0,
            end: 0,
        }
    }

    /// The bytes that come next, read on until `enough` is satisfied with them.
    ///
    /// They are fewer only where the input ends or the buffer is full. On a slow stream `enough`
    /// should be satisfied as early as it can, because each further byte may keep the user waiting.
    pub(super) fn peek(&mut self, enough: impl Fn(&[u8]) -> bool) -> io::Result<&[u8]> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        while self.end < self.buffer.len() && !enough(&self.buffer[..self.end]) {
            match self.inner.read(&mut self.buffer[self.end..])? {
                0 => break,
                count => self.end += count,
            }
        }
        Ok(&self.buffer[..self.end])
    }
}

impl<R: Read> BufRead for Lookahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            self.end = self.inner.read(&mut self.buffer)?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }
}

impl<R: Read> Read for Lookahead<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && into.len() >= self.buffer.len() {
            return self.inner.read(into);
        }
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn peeking_takes_nothing_and_stops_when_it_has_enough() {
        let mut reader = Lookahead::new(b"ab".chain(&b"cd"[..]).chain(&b"ef"[..]));
        assert_eq!(reader.peek(|head| head.len() >= 3).unwrap(), b"abcd");
        reader.consume(1);
        assert_eq!(reader.peek(|head| head.len() >= 9).unwrap(), b"bcdef");
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"bcdef");
    }

    #[test]
    fn a_large_read_bypasses_the_empty_buffer() {
        let text = vec![b'x'; 3 * LOOKAHEAD_BYTES];
        let mut reader = Lookahead::new(&text[..]);
        assert_eq!(reader.read(&mut vec![0; text.len()]).unwrap(), text.len());
    }
}
