//! A pattern on a host while a worker counts it: all that an event changes is together, and small.
//!
//! There is one of these for each pattern, host and worker. Times are kept as the few bytes that they
//! differ by; once they are too many, an event mostly falls into the slot of the one before it, and such
//! events are added to the slots together. Not to be read yet: [`Host`](super::Host)s are made of them, one
//! pattern at a time as workers fold what they have.

use super::chunks::{CHUNK_BYTES, Chunks};
use super::host::{Dense, SLOT_MICROS};
use super::varint::{self, WITH_BIT_MAX};
use super::{Limits, Slot, Span, TIMES_MAX};
use crate::event::Timestamp;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    undated: u64,
    dated: Dated,
}

// What else is known of a pattern on a host has room in the same line of the processor's cache.
const _: () = assert!(size_of::<Counted>() <= 56);

/// The events that have a time.
#[derive(Debug)]
enum Dated {
    /// While there are at most [`Limits::times_max`].
    Few(Times),
    /// What is left of the times once there are more, and the last of them, which are no part of that yet.
    Many(Box<Dense>, Run),
}

impl Default for Dated {
    fn default() -> Self {
        Dated::Few(Times::default())
    }
}

impl Counted {
    /// Counts an event. Times may come in any order; `chunks` are those of all that are counted.
    #[inline]
    pub fn add(&mut self, time: Option<Timestamp>, chunks: &mut Chunks, limits: &Limits) {
        let Some(time) = time else {
            self.undated += 1;
            return;
        };
        let is_counted = match &mut self.dated {
            Dated::Many(_, run) => run.add(time),
            Dated::Few(times) => times.add(time, chunks, limits),
        };
        if !is_counted {
            self.add_to_slots(time, chunks, limits);
        }
    }

    /// Counts an event whose time is one too many to be kept, or not in the slot of the one before it.
    #[inline(never)]
    fn add_to_slots(&mut self, time: Timestamp, chunks: &mut Chunks, limits: &Limits) {
        if let Dated::Few(times) = &mut self.dated {
            let mut room = TimesRoom::default();
            times.read(chunks, &mut room);
            chunks.give_back(times.before);
            self.dated = Dated::Many(Dense::of(&room.times, limits), Run::default());
        }
        if let Dated::Many(dense, run) = &mut self.dated {
            std::mem::take(run).end(dense, limits);
            run.start = i64::from(Slot::index_of(time)) * SLOT_MICROS;
            // Times beyond all slots share the last one, and have no run.
            if !run.add(time) {
                dense.add(time, limits);
            }
        }
    }

    /// Writes the exact times behind those of others; gives how many events have no time, and what is left of
    /// the times once they are too many.
    pub(super) fn read(
        &self,
        chunks: &Chunks,
        room: &mut TimesRoom,
        limits: &Limits,
    ) -> (u64, Option<Box<Dense>>) {
        match &self.dated {
            Dated::Few(times) => {
                times.read(chunks, room);
                (self.undated, None)
            }
            Dated::Many(dense, run) => {
                let mut dense = dense.clone();
                run.end(&mut dense, limits);
                (self.undated, Some(dense))
            }
        }
    }
}

/// Where times are put in order, to be used for many.
#[derive(Debug, Default)]
pub(crate) struct TimesRoom {
    pub(super) times: Vec<Timestamp>,
    gaps: Vec<u8>,
}

/// Times in the order in which they came, the gaps between them in as few bytes as they need.
#[derive(Debug, Default)]
struct Times {
    last_micros: i64,
    count: u16,
    /// How many of the bytes are taken, and the chunk that holds those before them.
    length: u8,
    before: Option<u32>,
    /// Of each time what it is more than the one before, of the first what it is more than the epoch:
    /// whole seconds doubled and 1 more, or microseconds doubled.
    gaps: [u8; CHUNK_BYTES],
}

const _: () = assert!(TIMES_MAX <= u16::MAX as usize);

impl Times {
    /// Keeps a time if there is room for it; whether there is.
    #[inline]
    fn add(&mut self, time: Timestamp, chunks: &mut Chunks, limits: &Limits) -> bool {
        let has_room = usize::from(self.count) < limits.times_max.min(TIMES_MAX);
        if has_room {
            self.push(time, chunks);
        }
        has_room
    }

    #[inline]
    fn push(&mut self, time: Timestamp, chunks: &mut Chunks) {
        let micros = time.0.wrapping_sub(self.last_micros);
        let seconds = micros / Timestamp::MICROS;
        let (gap, unit) = match seconds * Timestamp::MICROS == micros {
            true => (seconds, true),
            false => (micros, false),
        };
        self.last_micros = time.0;
        self.count += 1;
        let number = varint::zigzag(gap);
        let used = usize::from(self.length);
        match (
            varint::short_with_bit(number, unit),
            self.gaps.get_mut(used..used + 2),
        ) {
            (Some((bytes, length)), Some(gaps)) => {
                gaps.copy_from_slice(&bytes);
                self.length += length as u8;
            }
            _ => self.push_bytes(varint::with_bit(number, unit), chunks),
        }
    }

    /// Writes a gap of more bytes, or where room ends.
    #[inline(never)]
    fn push_bytes(&mut self, (bytes, length): ([u8; WITH_BIT_MAX], usize), chunks: &mut Chunks) {
        for byte in &bytes[..length] {
            if usize::from(self.length) == CHUNK_BYTES {
                self.before = Some(chunks.add(self.gaps, self.before));
                self.length = 0;
            }
            self.gaps[usize::from(self.length)] = *byte;
            self.length += 1;
        }
    }

    /// Writes the times behind others.
    fn read(&self, chunks: &Chunks, room: &mut TimesRoom) {
        chunks.join(self.before, &mut room.gaps);
        room.gaps
            .extend_from_slice(&self.gaps[..self.length.into()]);
        let mut gaps = &room.gaps[..];
        let mut time = Timestamp(0);
        room.times.extend((0..self.count).map(|_| {
            let (number, is_seconds) = varint::take_with_bit(&mut gaps);
            let gap = varint::unzigzag(number);
            let micros = match is_seconds {
                false => gap,
                true => gap * Timestamp::MICROS,
            };
            time = Timestamp(time.0.wrapping_add(micros));
            time
        }));
    }
}

/// The last events, all of one slot.
#[derive(Debug)]
struct Run {
    /// Where the slot begins, and how many microseconds behind it the first and the last of them are.
    start: i64,
    first: u32,
    last: u32,
    count: u32,
}

impl Default for Run {
    fn default() -> Self {
        Run {
            start: 0,
            first: u32::MAX,
            last: 0,
            count: 0,
        }
    }
}

impl Run {
    /// Counts an event if it is of the slot; whether it is.
    #[inline]
    fn add(&mut self, time: Timestamp) -> bool {
        let behind = time.0.wrapping_sub(self.start) as u64;
        let is_of_it = behind < SLOT_MICROS as u64 && self.count < u32::MAX;
        if is_of_it {
            self.count += 1;
            self.first = self.first.min(behind as u32);
            self.last = self.last.max(behind as u32);
        }
        is_of_it
    }

    /// Adds the events to the others.
    fn end(&self, dense: &mut Dense, limits: &Limits) {
        if self.count == 0 {
            return;
        }
        let at = |behind: u32| Timestamp(self.start + i64::from(behind));
        let span = Span {
            first: at(self.first),
            last: at(self.last),
        };
        let slot = Slot {
            index: Slot::index_of(span.first),
            count: self.count,
        };
        dense.add_all(slot, span, limits);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Host;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_of_any_kind_come_back_in_their_order(
            seconds in prop::collection::vec(0i64..100_000, 0..60),
            others in prop::collection::vec(any::<i64>(), 0..10),
        ) {
            let seconds = seconds.into_iter().map(Timestamp::from_seconds);
            let times: Vec<Timestamp> = seconds.chain(others.into_iter().map(Timestamp)).collect();
            let mut chunks = Chunks::default();
            let mut kept = [Times::default(), Times::default()];
            for time in &times {
                kept.iter_mut().for_each(|kept| kept.push(*time, &mut chunks));
            }
            for kept in kept {
                let mut room = TimesRoom::default();
                kept.read(&chunks, &mut room);
                prop_assert_eq!(&room.times, &times);
            }
        }

        #[test]
        fn events_of_a_slot_that_are_added_together_are_those_added_one_by_one(
            micros in prop::collection::vec(-3 * SLOT_MICROS..3 * SLOT_MICROS, 0..60),
            far in prop::collection::vec(any::<i64>(), 0..5),
            times_max in 0usize..10,
            workers in any::<u64>(),
        ) {
            let limits = Limits { times_max, ..Limits::default() };
            let mut chunks = Chunks::default();
            let mut parts = [Counted::default(), Counted::default()];
            let mut times: Vec<Timestamp> = micros.into_iter().chain(far).map(Timestamp).collect();
            for (index, time) in (0u32..).zip(&times) {
                let worker = workers.rotate_right(index) & 1;
                parts[worker as usize].add(Some(*time), &mut chunks, &limits);
            }
            let mut room = TimesRoom::default();
            let parts = parts.iter().map(|part| (part, &chunks));
            let host = Host::counted(None, parts, &limits, &mut room);
            times.sort_unstable();
            prop_assert_eq!(host, Host::exact(None, 0, &times, &limits));
        }
    }
}
