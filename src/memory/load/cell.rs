//! A pattern's nights while the days that they are made of are read.

use super::HOUR_SECONDS;
use crate::history::{HOURS, HostName, HostNight};
use std::collections::BTreeMap;

/// A pattern's nights while they are read, oldest first: hosts by number.
pub(super) type Nights = Vec<(usize, BTreeMap<u32, Cell>)>;

/// A pattern on a host in a night while it is read.
pub(super) struct Cell {
    pub count: u64,
    pub hours: [u32; HOURS],
    /// Seconds from the start of the night; `None` where they are not kept.
    pub times: Option<Vec<u32>>,
}

/// The cell of a night and host; none is made for nothing. Nights come in order.
pub(super) fn cell(
    nights: &mut Nights,
    night: usize,
    host: u32,
    nothing: bool,
) -> Option<&mut Cell> {
    if nothing {
        return None;
    }
    if nights.last().is_none_or(|last| last.0 < night) {
        nights.push((night, BTreeMap::new()));
    }
    // A day reaches into the night that the day before began.
    let place = nights.iter().rposition(|known| known.0 == night)?;
    let cell = nights[place].1.entry(host).or_insert(Cell {
        count: 0,
        hours: [0; HOURS],
        times: Some(Vec::new()),
    });
    Some(cell)
}

impl Cell {
    pub fn add(&mut self, second: i64, count: u32) {
        self.count += u64::from(count);
        if let Some(hour) = self.hours.get_mut((second / HOUR_SECONDS) as usize) {
            *hour = hour.saturating_add(count);
        }
    }

    pub fn add_times(&mut self, seconds: impl Iterator<Item = u32>, keep: bool) {
        if !keep {
            self.times = None;
        }
        for second in seconds {
            self.add(i64::from(second), 1);
            if let Some(times) = &mut self.times {
                times.push(second);
            }
        }
    }

    pub fn finished(self, name: HostName) -> HostNight {
        HostNight {
            name,
            count: self.count,
            hours: self.hours,
            times: self.times.map(Vec::into_boxed_slice),
        }
    }
}
