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

    /// Writes the bytes of a chunk and of all before it, the first in front, in place of others.
    pub(super) fn join(&self, last: Option<u32>, joined: &mut Vec<u8>) {
        joined.clear();
        joined.resize(self.numbers(last).count() * CHUNK_BYTES, 0);
        let rooms = joined.rchunks_exact_mut(CHUNK_BYTES);
        for (room, number) in rooms.zip(self.numbers(last)) {
            room.copy_from_slice(&self.all[number as usize].bytes);
        }
    }

    /// Gives a chunk and all before it to others.
    pub(super) fn give_back(&mut self, last: Option<u32>) {
        if let (Some(first), Some(last)) = (self.numbers(last).last(), last) {
            self.all[first as usize].before = std::mem::replace(&mut self.free, last);
        }
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
        let mut joined = Vec::new();
        for _ in 0..3 {
            let (mut one, mut other) = (None, None);
            for (first, second) in texts(0).into_iter().zip(texts(10)) {
                one = Some(chunks.add(first, one));
                other = Some(chunks.add(second, other));
            }
            for (last, from) in [(one, 0), (other, 10)] {
                chunks.join(last, &mut joined);
                assert_eq!(joined, texts(from).as_flattened());
            }
            chunks.give_back(one);
            chunks.give_back(other);
            assert_eq!(chunks.all.len(), 6);
        }
        chunks.join(None, &mut joined);
        assert!(joined.is_empty());
    }
}
