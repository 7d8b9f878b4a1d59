//! Reading a pipe without keeping its writer from work.
//!
//! A reader that stands blocked in a read is woken by every write, and the writer pays for it: where
//! it writes four kilobytes at a time that is some hundredths of its time, line by line a sixth. A
//! reader that sleeps of its own accord costs it nothing. So where reads come back short again and
//! again, this waits a little before the next, so that the bytes gather, and longer or shorter after
//! what has gathered. Where waiting is out of place is left to those who open files.

use std::io::{self, Read};
use std::time::Duration;

/// Half of what a pipe holds by default; in twice the time it would be full and its writer stand still.
const PLENTY_BYTES: usize = 32 << 10;

/// Short reads before the first wait, so that an input of a few lines is read at once.
const SHORT_READS_MIN: u32 = 8;

/// After each wait in vain twice as many come before the next, up to 8192: at four kilobytes each it
/// then takes less than a hundredth of a fast writer's time.
const DOUBLINGS_MAX: u32 = 10;

/// The shortest wait and the first. Who writes plenty in it is fast, and works no faster for being
/// read less often; a shorter one takes more of the reader's time than it saves.
const WAIT_MIN: Duration = Duration::from_micros(500);

/// The longest wait: some hundred times what it takes to wake a reader, and too short to be felt.
const WAIT_MAX: Duration = Duration::from_millis(2);

/// Reads from `inner`, after a wait where that is better done later.
pub(super) struct Patient<R, W> {
    inner: R,
    wait: W,
    pace: Pace,
}

impl<R> Patient<R, fn(Duration)> {
    /// Sleeps where it waits.
    pub(super) fn new(inner: R) -> Self {
        let (wait, pace) = (std::thread::sleep, Pace::default());
        Patient { inner, wait, pace }
    }
}

impl<R: Read, W: FnMut(Duration)> Read for Patient<R, W> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.pace.wait.is_zero() {
            (self.wait)(self.pace.wait);
        }
        let count = self.inner.read(into)?;
        // A small buffer that is filled does not tell how much there was.
        if count >= PLENTY_BYTES {
            self.pace.plenty();
        } else if count < into.len() {
            self.pace.short(count);
        }
        Ok(count)
    }
}

/// When to wait, after what was read so far.
#[derive(Default)]
struct Pace {
    /// What to wait before the next read; zero where it follows at once.
    wait: Duration,
    /// Short reads since one gave plenty.
    short_reads: u32,
    /// Waits that were in vain, since the writer fills the pipe in no time.
    waits_in_vain: u32,
}

impl Pace {
    /// A read gave a good part of what a pipe can hold.
    fn plenty(&mut self) {
        self.short_reads = 0;
        if self.wait > WAIT_MIN {
            self.wait = WAIT_MIN.max(self.wait / 2);
        } else if !self.wait.is_zero() {
            self.wait = Duration::ZERO;
            self.waits_in_vain += 1;
        }
    }

    /// A read gave all there was, `count` bytes.
    fn short(&mut self, count: usize) {
        self.short_reads += 1;
        let hurry = SHORT_READS_MIN << self.waits_in_vain.min(DOUBLINGS_MAX);
        if self.wait.is_zero() && self.short_reads >= hurry {
            self.wait = WAIT_MIN;
        } else if count < PLENTY_BYTES / 2 {
            self.wait = WAIT_MAX.min(2 * self.wait);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// The waits of so many reads into a buffer of `room` bytes, where a writer writes so much in
    /// a millisecond and only waits take time.
    fn waits(bytes_per_ms: u128, reads: usize, room: usize) -> Vec<Duration> {
        struct Pipe<'a>(u128, &'a Cell<Duration>);
        impl Read for Pipe<'_> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                let written = self.0 * self.1.take().as_micros() / 1000;
                Ok(into.len().min(written.clamp(4 << 10, 64 << 10) as usize))
            }
        }
        let (waited, mut waits) = (Cell::default(), Vec::new());
        let mut patient = Patient {
            inner: Pipe(bytes_per_ms, &waited),
            wait: |wait| {
                waited.set(wait);
                waits.push(wait);
            },
            pace: Pace::default(),
        };
        let mut buffer = vec![0; room];
        for _ in 0..reads {
            assert!(patient.read(&mut buffer).is_ok());
        }
        waits
    }

    #[test]
    fn a_few_reads_follow_at_once_and_then_a_slow_writer_is_given_time() {
        let waits = waits(5 << 10, 99, 1 << 20);
        assert_eq!(waits.len(), 99 - SHORT_READS_MIN as usize);
        assert_eq!(waits[..2], [WAIT_MIN, 2 * WAIT_MIN]);
        assert!(waits[2..].iter().all(|&wait| wait == WAIT_MAX));
    }

    #[test]
    fn a_wait_is_no_longer_than_until_the_pipe_is_half_full() {
        let waits = waits(40 << 10, 99, 1 << 20);
        assert!(waits.iter().all(|&wait| wait == WAIT_MIN));
    }

    #[test]
    fn a_fast_writer_is_made_to_stand_still_ever_less_often() {
        assert!(waits(2 << 20, 1000, 1 << 20).len() < 8);
        assert!(waits(2 << 20, 50_000, 1 << 20).len() < 20);
    }

    #[test]
    fn a_buffer_that_is_filled_gives_no_reason_to_wait() {
        assert_eq!(waits(1, 999, 4 << 10), []);
    }
}
