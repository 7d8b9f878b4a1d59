//! Patterns on hosts being counted.
//!
//! An event of a dense host mostly falls into the slot of the one before it. Such events are counted
//! in a small table of a place for each pattern and host that came lately, and added to the host
//! together: one line of memory for an event, where the host, its slots and the way there are five.

use crate::corpus::{Counted, Limits, SLOT_MICROS, Slot, Span};
use crate::event::Timestamp;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// Places for pairs of a pattern and a host that came lately.
const PLACES: usize = if cfg!(test) { 4 } else { 1 << 12 };

/// The cell of a place that no pair has.
const NO_CELL: u32 = u32::MAX;

/// The count of a run that takes no events.
const CLOSED: u32 = u32::MAX;

/// Events that one run takes.
const COUNT_MAX: u32 = CLOSED - 1;

/// All pairs of a pattern and a host.
#[derive(Debug)]
pub(super) struct Cells {
    cells: Vec<Cell>,
    cell_of: HashMap<(u32, u32), u32, RandomState>,
    lately: Box<[Run; PLACES]>,
}

/// A pattern on a host, but for what its run holds.
#[derive(Debug)]
pub(super) struct Cell {
    pub tally: u32,
    pub host_id: u32,
    pub host: Counted,
}

/// Events of a pattern on a host in one slot.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Run {
    tally: u32,
    host_id: u32,
    cell: u32,
    /// Events that are not added to the cell yet; [`CLOSED`] where none can be.
    count: u32,
    /// Where the slot begins, and how many microseconds behind it the first and the last of them are.
    slot_start: i64,
    first: u32,
    last: u32,
}

impl Run {
    /// The place of no pair.
    const NONE: Run = Run {
        tally: 0,
        host_id: 0,
        cell: NO_CELL,
        count: CLOSED,
        slot_start: 0,
        first: 0,
        last: 0,
    };
}

impl Default for Cells {
    fn default() -> Self {
        Cells {
            cells: Vec::new(),
            cell_of: HashMap::default(),
            lately: Box::new([Run::NONE; PLACES]),
        }
    }
}

impl Cells {
    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Counts an event.
    #[inline]
    pub fn add(&mut self, (tally, host_id): (u32, u32), time: Option<Timestamp>, limits: &Limits) {
        let run = &mut self.lately[place(tally, host_id)];
        if let Some(time) = time
            && (run.tally, run.host_id) == (tally, host_id)
        {
            let behind = time.0.wrapping_sub(run.slot_start) as u64;
            if behind < SLOT_MICROS as u64 && run.count < COUNT_MAX {
                run.count += 1;
                run.first = run.first.min(behind as u32);
                run.last = run.last.max(behind as u32);
                return;
            }
            if run.count == CLOSED
                && let Some(cell) = self.cells.get_mut(run.cell as usize)
                && cell.host.add_exact(time, limits)
            {
                return;
            }
        }
        self.add_elsewhere((tally, host_id), time, limits);
    }

    /// Counts an event that is not of its place's run, which a new one follows if the host is dense.
    fn add_elsewhere(
        &mut self,
        (tally, host_id): (u32, u32),
        time: Option<Timestamp>,
        limits: &Limits,
    ) {
        let run = &mut self.lately[place(tally, host_id)];
        end(run, &mut self.cells, limits);
        if run.cell == NO_CELL || (run.tally, run.host_id) != (tally, host_id) {
            let cells = &mut self.cells;
            let cell = *self.cell_of.entry((tally, host_id)).or_insert_with(|| {
                cells.push(Cell {
                    tally,
                    host_id,
                    host: Counted::default(),
                });
                cells.len() as u32 - 1
            });
            (run.tally, run.host_id, run.cell) = (tally, host_id, cell);
        }
        let host = &mut self.cells[run.cell as usize].host;
        host.add(time, limits);
        if let Some(time) = time
            && host.is_dense()
        {
            run.slot_start = i64::from(Slot::index_of(time)) * SLOT_MICROS;
            let behind = time.0.wrapping_sub(run.slot_start);
            // Times beyond all slots share the last one, and have no run.
            if (0..SLOT_MICROS).contains(&behind) {
                run.count = 0;
                (run.first, run.last) = (behind as u32, behind as u32);
            }
        }
    }

    /// All cells with all that was counted; forgets them.
    pub fn take(&mut self, limits: &Limits) -> Vec<Cell> {
        for run in self.lately.iter_mut() {
            end(run, &mut self.cells, limits);
            *run = Run::NONE;
        }
        self.cell_of.clear();
        std::mem::take(&mut self.cells)
    }
}

/// Adds the events of a run to its cell.
fn end(run: &mut Run, cells: &mut [Cell], limits: &Limits) {
    let count = std::mem::replace(&mut run.count, CLOSED);
    if (1..=COUNT_MAX).contains(&count)
        && let Some(cell) = cells.get_mut(run.cell as usize)
    {
        let at = |behind: u32| Timestamp(run.slot_start + i64::from(behind));
        let span = Span {
            first: at(run.first),
            last: at(run.last),
        };
        let slot = Slot {
            index: Slot::index_of(span.first),
            count,
        };
        cell.host.add_dense(slot, span, limits);
    }
}

#[inline]
fn place(tally: u32, host_id: u32) -> usize {
    let mixed = (tally ^ host_id.rotate_left(16)).wrapping_mul(0x9e37_79b1);
    (mixed >> 20) as usize % PLACES
}
