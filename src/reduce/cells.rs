//! Patterns on hosts being counted.
//!
//! What an event changes of its pattern on its host is one line of the processor's cache. Where that is
//! can be told for nearly all events by a small table of the pairs that came lately.

use crate::corpus::{Chunks, Counted, Limits};
use crate::event::Timestamp;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::vec::Drain;

/// Places for pairs of a pattern and a host that came lately.
const PLACES: usize = if cfg!(test) { 4 } else { 1 << 13 };

/// Cells that there is room for at once, so that they need not move as they become more; only what is written
/// to takes memory.
const ROOM: usize = 1 << 12;

/// What stands in a place that no pair has.
const NO_CELL: u32 = u32::MAX;

/// All pairs of a pattern and a host.
#[derive(Debug)]
pub(super) struct Cells {
    cells: Vec<Cell>,
    cell_of: HashMap<(u32, u32), u32, RandomState>,
    /// The cells of pairs that came lately.
    lately: Box<[u32; PLACES]>,
    chunks: Chunks,
}

/// A pattern on a host.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Cell {
    pub tally: u32,
    pub host_id: u32,
    pub host: Counted,
}

const _: () = assert!(size_of::<Cell>() == 64);

impl Default for Cells {
    fn default() -> Self {
        Cells {
            cells: Vec::with_capacity(ROOM),
            cell_of: HashMap::default(),
            lately: Box::new([NO_CELL; PLACES]),
            chunks: Chunks::default(),
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
    pub fn add(&mut self, pair: (u32, u32), time: Option<Timestamp>, limits: &Limits) {
        let mut number = self.lately[place(pair)] as usize;
        let is_it = |cell: &Cell| (cell.tally, cell.host_id) == pair;
        if !self.cells.get(number).is_some_and(is_it) {
            number = self.find(pair);
        }
        if let Some(cell) = self.cells.get_mut(number) {
            cell.host.add(time, &mut self.chunks, limits);
        }
    }

    /// The number of the cell of a pair that has not its place.
    #[inline(never)]
    fn find(&mut self, pair: (u32, u32)) -> usize {
        let cells = &mut self.cells;
        let number = *self.cell_of.entry(pair).or_insert_with(|| {
            cells.push(Cell {
                tally: pair.0,
                host_id: pair.1,
                host: Counted::default(),
            });
            cells.len() as u32 - 1
        });
        self.lately[place(pair)] = number;
        number as usize
    }

    /// All cells with all that was counted, in an order of their hosts, and what they share; forgets them.
    pub fn take_by<K: Ord>(&mut self, place: impl Fn(u32) -> K) -> (Drain<'_, Cell>, Chunks) {
        self.cells.sort_unstable_by_key(|cell| place(cell.host_id));
        self.cell_of.clear();
        self.lately.fill(NO_CELL);
        (self.cells.drain(..), std::mem::take(&mut self.chunks))
    }
}

#[inline]
fn place((tally, host_id): (u32, u32)) -> usize {
    let mixed = (tally ^ host_id.rotate_left(16)).wrapping_mul(0x9e37_79b1);
    (mixed >> 19) as usize % PLACES
}
