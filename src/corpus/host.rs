//! A pattern on each of its hosts.

use super::course::{Bucket, Buckets, Course};
use super::{Chunks, Counted, Limits, Span, TimesRoom, ordered};
use crate::event::Timestamp;
use smallvec::SmallVec;
use std::sync::Arc;

/// Seconds of a [`Slot`]; they divide an hour.
pub const SLOT_SECONDS: i64 = 300;

/// Microseconds of a [`Slot`].
pub(crate) const SLOT_MICROS: i64 = SLOT_SECONDS * Timestamp::MICROS;

/// Dated events of five minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// [`SLOT_SECONDS`] since the epoch, rounded down.
    pub index: i32,
    /// Events in it, at least 1; saturates.
    pub count: u32,
}

impl Slot {
    /// The slot of a time; times beyond the year 22,000 share the last one.
    pub fn index_of(time: Timestamp) -> i32 {
        let index = time.seconds().div_euclid(SLOT_SECONDS);
        index.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
    }
}

/// Exact times of events.
type Times = SmallVec<[Timestamp; 2]>;

/// A pattern on one host.
///
/// Where every line is a pattern of its own there is one of these for each, with one time: that
/// case takes no allocation, and what only dense hosts have is out of its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    /// The name; `None` stands for all events that name no host.
    pub name: Option<Arc<str>>,
    /// Events on it.
    pub count: u64,
    /// The exact times, sorted, while there are at most [`Limits::times_max`]; else empty.
    times: Times,
    /// What is left of the times once there are more.
    dense: Option<Box<Dense>>,
}

/// The dated events of a host that are too many to keep each one's time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Dense {
    /// How many they are.
    dated: u64,
    /// From the first to the last.
    span: Option<Span>,
    /// The latest [`Limits::slots_max`] slots.
    slots: Slots,
}

impl Host {
    /// A host given what was counted of it in parts, the times in any order; they are sorted in the room.
    pub(super) fn counted<'c>(
        name: Option<Arc<str>>,
        parts: impl IntoIterator<Item = (&'c Counted, &'c Chunks)>,
        limits: &Limits,
        room: &mut TimesRoom,
    ) -> Self {
        let mut undated = 0;
        let mut dense = None;
        room.times.clear();
        for (part, chunks) in parts {
            let before = room.times.len();
            let (without, of_part) = part.read(chunks, room, limits);
            ordered::settle(&mut room.times, before);
            undated += without;
            Dense::join(&mut dense, of_part);
        }
        let mut host = Host::exact(name, undated, &room.times, limits);
        if let Some(dense) = dense {
            host.count += dense.dated;
            host.spill(limits);
            Dense::join(&mut host.dense, Some(dense));
            host.enforce_slots(limits);
        }
        host
    }

    /// A host of which all times are known, sorted.
    pub(super) fn exact(
        name: Option<Arc<str>>,
        undated: u64,
        times: &[Timestamp],
        limits: &Limits,
    ) -> Self {
        let mut host = Host {
            name,
            count: undated + times.len() as u64,
            ..Host::default()
        };
        match times.len() <= limits.times_max {
            true => host.times = Times::from_slice(times),
            false => host.dense = Some(Dense::of(times, limits)),
        }
        host.enforce_slots(limits);
        host
    }

    /// A host of which only slots are left, sorted; with how many dated events there are and when.
    pub(super) fn dense(
        name: Option<Arc<str>>,
        count: u64,
        (dated, span): (u64, Span),
        slots: Vec<Slot>,
    ) -> Self {
        let dense = Dense {
            dated,
            span: Some(span),
            slots: slots.into_iter().collect(),
        };
        Host {
            name,
            count,
            times: SmallVec::new(),
            dense: Some(Box::new(dense)),
        }
    }

    /// Those of its events that have a time.
    pub fn dated(&self) -> u64 {
        let dense = self.dense.as_ref().map_or(0, |dense| dense.dated);
        self.times.len() as u64 + dense
    }

    /// From the first to the last of the dated ones.
    pub fn span(&self) -> Option<Span> {
        match &self.dense {
            Some(dense) => dense.span,
            None => {
                let (first, last) = (*self.times.first()?, *self.times.last()?);
                Some(Span { first, last })
            }
        }
    }

    /// The exact times, sorted; `None` when there are too many to keep ("dense").
    pub fn times(&self) -> Option<&[Timestamp]> {
        self.dense.is_none().then_some(&self.times)
    }

    /// The slots that are kept of a dense host, earliest first; the latest, at most
    /// [`Limits::slots_max`]. None while [`Host::times`] are known.
    pub fn slots(&self) -> SlotIter<'_> {
        self.dense
            .as_ref()
            .map_or(SlotIter::default(), |dense| dense.slots.iter())
    }

    /// Turns exact times into slots.
    fn spill(&mut self, limits: &Limits) {
        let times = std::mem::take(&mut self.times);
        if !times.is_empty() {
            Dense::join(&mut self.dense, Some(Dense::of(&times, limits)));
        }
    }

    fn merge(&mut self, other: Host, limits: &Limits) {
        self.count += other.count;
        let before = self.times.len();
        self.times.reserve_exact(other.times.len());
        self.times.extend_from_slice(&other.times);
        ordered::merge(&mut self.times, before, &other.times);
        Dense::join(&mut self.dense, other.dense);
        self.enforce(limits);
    }

    /// Turns the times into slots when they are more than the cap.
    pub(crate) fn enforce(&mut self, limits: &Limits) {
        if self.dense.is_some() || self.times.len() > limits.times_max {
            self.spill(limits);
        }
        self.enforce_slots(limits);
    }

    fn enforce_slots(&mut self, limits: &Limits) {
        if let Some(dense) = &mut self.dense {
            dense.slots.0.keep_latest(limits.slots_max);
        }
    }
}

impl Dense {
    /// What is left of times, best told in order.
    pub fn of(times: &[Timestamp], limits: &Limits) -> Box<Self> {
        let mut dense = Box::<Dense>::default();
        times.iter().for_each(|time| dense.add(*time, limits));
        dense.slots.0.settle();
        dense
    }

    /// Adds what is left of the times of another part, if anything is.
    fn join(mine: &mut Option<Box<Self>>, other: Option<Box<Self>>) {
        match (mine, other) {
            (Some(mine), Some(other)) => mine.merge(*other),
            (mine @ None, other) => *mine = other,
            (Some(_), None) => {}
        }
    }

    #[inline]
    pub fn add(&mut self, time: Timestamp, limits: &Limits) {
        self.dated += 1;
        Span::include(&mut self.span, time);
        let slots = &mut self.slots.0;
        // Nearly always the latest slot. Asked this way round it takes no division.
        let start = slots.latest().wrapping_mul(SLOT_MICROS);
        if (time.0.wrapping_sub(start) as u64) < SLOT_MICROS as u64 {
            slots.add_latest(1);
        } else {
            self.add_slot(Slot::index_of(time), 1, limits);
        }
    }

    /// Adds events of one slot.
    pub fn add_all(&mut self, slot: Slot, span: Span, limits: &Limits) {
        self.dated += u64::from(slot.count);
        Span::join(&mut self.span, Some(span));
        self.add_slot(slot.index, slot.count.into(), limits);
    }

    fn add_slot(&mut self, index: i32, count: u64, limits: &Limits) {
        let index = i64::from(index);
        let slots = &mut self.slots.0;
        slots.add(Bucket { index, count });
        // Rarely: in bulk, since each removal goes over all that stay.
        if slots.len() >= limits.slots_max.saturating_mul(2) {
            slots.keep_latest(limits.slots_max);
        }
    }

    fn merge(&mut self, other: Dense) {
        self.dated += other.dated;
        Span::join(&mut self.span, other.span);
        self.slots.0.merge(other.slots.0);
    }
}

impl FromIterator<Slot> for Slots {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        let bucket = |slot: Slot| Bucket {
            index: slot.index.into(),
            count: slot.count.into(),
        };
        Slots(slots.into_iter().map(bucket).collect())
    }
}

/// Slots sorted by index, each index once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots(Course);

impl Slots {
    /// The slots of several, those of the same five minutes added.
    pub fn joined<'a>(parts: impl IntoIterator<Item = SlotIter<'a>>) -> Self {
        parts.into_iter().flatten().collect()
    }

    /// The slots, earliest first.
    pub fn iter(&self) -> SlotIter<'_> {
        SlotIter(Some(self.0.iter()))
    }
}

/// Slots, earliest first.
#[derive(Debug, Clone, Default)]
pub struct SlotIter<'a>(Option<Buckets<'a>>);

impl Iterator for SlotIter<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let bucket = self.0.as_mut()?.next()?;
        Some(Slot {
            index: bucket.index as i32,
            count: bucket.count.try_into().unwrap_or(u32::MAX),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.as_ref().map_or((0, Some(0)), Buckets::size_hint)
    }
}

impl ExactSizeIterator for SlotIter<'_> {}

/// The hosts of a pattern, sorted by name, events without a host first.
///
/// Past [`Limits::hosts_max`] the smallest names stay, with exact counts: a name among the smallest
/// of the whole is among the smallest of each part. How many other hosts there are is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(SmallVec<[Host; 1]>);

impl Hosts {
    /// Hosts sorted by their names, each name once, and each under these caps.
    pub(super) fn from_sorted(hosts: SmallVec<[Host; 1]>) -> Self {
        Hosts(hosts)
    }

    /// Hosts in any order, names repeated or not.
    pub(crate) fn from_unsorted(hosts: impl IntoIterator<Item = Host>, limits: &Limits) -> Self {
        let mut hosts: SmallVec<[Host; 1]> = hosts.into_iter().collect();
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
        if hosts.windows(2).any(|pair| pair[0].name == pair[1].name) {
            let mut sorted = Hosts::default();
            for host in hosts {
                match sorted.0.last_mut() {
                    Some(last) if last.name == host.name => last.merge(host, limits),
                    _ => sorted.0.push(host),
                }
            }
            hosts = sorted.0;
        }
        let mut sorted = Hosts(hosts);
        sorted.enforce(limits);
        sorted
    }

    /// The hosts kept.
    pub fn as_slice(&self) -> &[Host] {
        &self.0
    }

    /// The names kept.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|host| host.name.as_deref())
    }

    pub(crate) fn merge(&mut self, other: Hosts, limits: &Limits) {
        for host in other.0 {
            match self.0.binary_search_by(|mine| mine.name.cmp(&host.name)) {
                Ok(place) => self.0[place].merge(host, limits),
                Err(place) if place < limits.hosts_max => self.0.insert(place, host),
                // All after it are greater still.
                Err(_) => break,
            }
        }
        self.0.truncate(limits.hosts_max);
    }

    pub(crate) fn enforce(&mut self, limits: &Limits) {
        self.0.truncate(limits.hosts_max);
        self.0.iter_mut().for_each(|host| host.enforce(limits));
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Chunks, Counted};
    use super::*;

    fn host(name: &str, seconds: &[i64], limits: &Limits) -> Host {
        let mut host = Counted::default();
        let mut chunks = Chunks::default();
        let times = seconds.iter().map(|&s| Timestamp::from_seconds(s));
        times.for_each(|time| host.add(Some(time), &mut chunks, limits));
        let room = &mut TimesRoom::default();
        Host::counted(Some(name.into()), [(&host, &chunks)], limits, room)
    }

    #[test]
    fn exact_times_stay_up_to_the_cap_and_go_past_it() {
        let limits = Limits {
            times_max: 3,
            ..Limits::default()
        };
        let mut few = Hosts::from_unsorted(vec![host("db1", &[7, 5], &limits)], &limits);
        few.merge(
            Hosts::from_unsorted(vec![host("db1", &[6], &limits)], &limits),
            &limits,
        );
        let times: Vec<i64> = few.0[0]
            .times()
            .into_iter()
            .flatten()
            .map(|t| t.seconds())
            .collect();
        assert_eq!(times, [5, 6, 7]);
        few.merge(
            Hosts::from_unsorted(vec![host("db1", &[1], &limits)], &limits),
            &limits,
        );
        assert_eq!((few.0[0].times(), few.0[0].dated()), (None, 4));
        let slots: Vec<Slot> = few.0[0].slots().collect();
        assert_eq!(slots, [Slot { index: 0, count: 4 }]);
    }

    #[test]
    fn the_latest_slots_stay_past_their_cap_in_whatever_order_they_come() {
        let limits = Limits {
            times_max: 1,
            slots_max: 2,
            ..Limits::default()
        };
        let seconds = [900, 0, 300, 1200, 310, 901, 0];
        let whole = Hosts::from_unsorted(vec![host("db1", &seconds, &limits)], &limits);
        let mut parts = Hosts::from_unsorted(vec![host("db1", &seconds[4..], &limits)], &limits);
        parts.merge(
            Hosts::from_unsorted(vec![host("db1", &seconds[..4], &limits)], &limits),
            &limits,
        );
        assert_eq!(whole, parts);
        let slots: Vec<_> = whole.0[0].slots().map(|s| (s.index, s.count)).collect();
        assert_eq!(slots, [(3, 2), (4, 1)]);
    }

    #[test]
    fn the_smallest_names_stay_past_the_cap() {
        let limits = Limits {
            hosts_max: 2,
            ..Limits::default()
        };
        let unsorted = ["web3", "db1", "web1"]
            .map(|name| host(name, &[1], &limits))
            .to_vec();
        let mut hosts = Hosts::from_unsorted(unsorted, &limits);
        hosts.merge(
            Hosts::from_unsorted(vec![host("app", &[2], &limits)], &limits),
            &limits,
        );
        assert_eq!(hosts.names().collect::<Vec<_>>(), ["app", "db1"]);
    }
}
