//! Bytes that grow in very many places at once, a chunk at a time.
//!
//! A growing vector for each would move again and again, and leave holes of all sizes behind. Here what is
//! full stays where it is, and what is given back is what the next one takes.

/// Bytes of a chunk: with the link to the one before half a line of the processor's cache.
pub(super) const CHUNK_BYTES: usize = 28;

/// Chunks that there is room for at once; only what is written to takes memory.
const ROOM: usize = 1 << 13;

/// Where no chunk is.
const NO_CHUNK: u32 = u32::MAX;

/// Chunks of bytes, each with a link to the one that was filled before it.
#[derive(Debug)]
pub(crate) struct Chunks {
    all: Vec<Chunk>,
    /// The last of those that were given back.
    free: u32,
    /// What was joined last.
    joined: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Chunk {
    bytes: [u8; CHUNK_BYTES],
    before: u32,
}

const _: () = assert!(size_of::<Chunk>() == 32);

impl Default for Chunks {
    fn default() -> Self {
        Chunks {
            all: Vec::with_capacity(ROOM),
            free: NO_CHUNK,
            joined: Vec::new(),
        }
    }
}

impl Chunks {
    /// Keeps bytes behind those of a chunk; the number of theirs.
    pub(super) fn add(&mut self, bytes: [u8; CHUNK_BYTES], before: Option<u32>) -> u32 {
        let before = before.unwrap_or(NO_CHUNK);
        let chunk = Chunk { bytes, before };
        let number = self.free;
        match self.all.get_mut(number as usize) {
            Some(free) => {
                self.free = free.before;
                *free = chunk;
                number
            }
            None => {
                self.all.push(chunk);
                self.all.len() as u32 - 1
            }
        }
    }

    /// The bytes of a chunk and of all before it, the first in front, and some more; the chunks are given back.
    pub(super) fn take(&mut self, last: Option<u32>, behind: &[u8]) -> &[u8] {
        let length = self.numbers(last).count() * CHUNK_BYTES;
        let mut joined = std::mem::take(&mut self.joined);
        joined.resize(length, 0);
        let mut first = None;
        for (room, number) in joined
            .rchunks_exact_mut(CHUNK_BYTES)
            .zip(self.numbers(last))
        {
            room.copy_from_slice(&self.all[number as usize].bytes);
            first = Some(number);
        }
        if let (Some(first), Some(last)) = (first, last) {
            self.all[first as usize].before = std::mem::replace(&mut self.free, last);
        }
        joined.extend_from_slice(behind);
        self.joined = joined;
        &self.joined
    }

    /// The numbers of a chunk and of all before it.
    fn numbers(&self, last: Option<u32>) -> impl Iterator<Item = u32> {
        std::iter::successors(last, |number| {
            let before = self.all[*number as usize].before;
            (before != NO_CHUNK).then_some(before)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_in_their_order_and_what_is_given_back_is_taken_again() {
        let mut chunks = Chunks::default();
        let texts = |from: u8| [from, from + 1, from + 2].map(|byte| [byte; CHUNK_BYTES]);
        for _ in 0..3 {
            let (mut one, mut other) = (None, None);
            for (first, second) in texts(0).into_iter().zip(texts(10)) {
                one = Some(chunks.add(first, one));
                other = Some(chunks.add(second, other));
            }
            let expected = |from: u8, behind: &[u8]| [texts(from).as_flattened(), behind].concat();
            assert_eq!(chunks.take(one, b"ab"), expected(0, b"ab"));
            assert_eq!(chunks.take(other, b""), expected(10, b""));
            assert_eq!(chunks.all.len(), 6);
        }
        assert_eq!(chunks.take(None, b"ab"), b"ab");
    }
}
