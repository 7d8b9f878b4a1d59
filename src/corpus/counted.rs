//! A pattern on a host while a worker counts it: as compact as it can be, and not to be read yet.
//!
//! There is one of these for each pattern, host and worker. Reading one makes it a
//! [`Host`](super::Host), one pattern at a time as workers fold what they have.

use super::host::Dense;
use super::{Host, Limits, Slot, Span, TimesRoom, varint};
use crate::event::Timestamp;
use std::sync::Arc;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    undated: u64,
    /// The exact times, while there are at most [`Limits::times_max`].
    times: Times,
    /// What is left of the times once there are more.
    dense: Option<Box<Dense>>,
}

impl Counted {
    /// Counts an event. Times may come in any order.
    #[inline]
    pub fn add(&mut self, time: Option<Timestamp>, limits: &Limits) {
        match time {
            None => self.undated += 1,
            Some(time) if self.add_exact(time, limits) => {}
            Some(time) => self.dense(limits).add(time, limits),
        }
    }

    /// Whether its times are too many to keep each.
    pub fn is_dense(&self) -> bool {
        self.dense.is_some()
    }

    /// Counts events of one slot, where times are too many to keep.
    pub fn add_dense(&mut self, slot: Slot, span: Span, limits: &Limits) {
        self.dense(limits).add_all(slot, span, limits);
    }

    /// Counts an event if its time can be kept; whether it can.
    #[inline]
    pub fn add_exact(&mut self, time: Timestamp, limits: &Limits) -> bool {
        let has_room = self.dense.is_none() && (self.times.count as usize) < limits.times_max;
        if has_room {
            self.times.push(time);
        }
        has_room
    }

    /// The times as what is left of them, which those that were kept become a part of.
    fn dense(&mut self, limits: &Limits) -> &mut Dense {
        self.dense.get_or_insert_with(|| {
            let mut dense = Box::<Dense>::default();
            let times = std::mem::take(&mut self.times);
            times.iter().for_each(|time| dense.add(time, limits));
            dense
        })
    }

    /// All that was counted, on the host of this name.
    pub fn into_host(self, name: Option<Arc<str>>, limits: &Limits) -> Host {
        Host::counted(name, [self], limits, &mut TimesRoom::default())
    }

    /// Writes the exact times behind those of others; gives how many events have no time, and what is left of
    /// the times once they are too many.
    pub(super) fn read(self, room: &mut TimesRoom) -> (u64, Option<Box<Dense>>) {
        room.extend(self.times.iter());
        (self.undated, self.dense)
    }
}

/// Times in the order in which they came, the gaps between them in as few bytes as they need.
#[derive(Debug, Default)]
struct Times {
    first_micros: i64,
    last_micros: i64,
    count: u32,
    /// Of each time after the first what it is more than the one before: whole seconds doubled and
    /// 1 more, or microseconds doubled.
    gaps: Vec<u8>,
}

impl Times {
    #[inline]
    fn push(&mut self, time: Timestamp) {
        match self.count {
            0 => self.first_micros = time.0,
            _ => self.push_gap(time.0.wrapping_sub(self.last_micros)),
        }
        self.last_micros = time.0;
        self.count += 1;
    }

    #[inline]
    fn push_gap(&mut self, micros: i64) {
        let seconds = micros / Timestamp::MICROS;
        let (gap, unit) = match seconds * Timestamp::MICROS == micros {
            true => (seconds, true),
            false => (micros, false),
        };
        varint::push_with_bit(&mut self.gaps, varint::zigzag(gap), unit);
    }

    fn iter(&self) -> impl ExactSizeIterator<Item = Timestamp> {
        let mut gaps = &self.gaps[..];
        let mut time = Timestamp(self.first_micros);
        (0..self.count).map(move |place| {
            if place > 0 {
                let number = varint::take(&mut gaps);
                let gap = varint::unzigzag((number >> 1) as u64);
                let micros = match number & 1 {
                    0 => gap,
                    _ => gap * Timestamp::MICROS,
                };
                time = Timestamp(time.0.wrapping_add(micros));
            }
            time
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_of_any_kind_come_back_in_their_order(
            seconds in prop::collection::vec(0i64..100_000, 0..20),
            others in prop::collection::vec(any::<i64>(), 0..5),
        ) {
            let seconds = seconds.into_iter().map(Timestamp::from_seconds);
            let times: Vec<Timestamp> = seconds.chain(others.into_iter().map(Timestamp)).collect();
            let mut kept = Times::default();
            times.iter().for_each(|time| kept.push(*time));
            prop_assert_eq!(kept.iter().collect::<Vec<_>>(), times);
        }
    }
}
