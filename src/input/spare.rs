//! Buffers of blocks that are read, to be filled again.
//!
//! A buffer is made of zeros, which safe code asks for, and each page of it is new to the process; a
//! buffer that comes back is neither. What it held is read over.

use super::BLOCK_BYTES;
use std::sync::{Arc, Mutex, PoisonError};

/// Buffers that wait at most; workers mostly give one back before the next is asked for.
const BUFFERS_MAX: usize = 8;

/// Larger buffers are not kept: they held an event that went on and on.
const BUFFER_BYTES_MAX: usize = 2 * BLOCK_BYTES;

/// Buffers that wait to be filled, for the reader of blocks and for those who are done with them.
#[derive(Debug, Clone, Default)]
pub struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spare {
    /// Gives back the bytes of a block.
    pub fn give(&self, buffer: Vec<u8>) {
        let mut buffers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buffers.len() < BUFFERS_MAX && buffer.capacity() <= BUFFER_BYTES_MAX {
            buffers.push(buffer);
        }
    }

    /// A buffer of whatever length and content; `None` where none waits.
    pub(super) fn take(&self) -> Option<Vec<u8>> {
        let mut buffers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buffers.pop()
    }
}
