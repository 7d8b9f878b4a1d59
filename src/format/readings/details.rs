//! What is seldom asked of readings, kept once for all that have it in common.
//!
//! Skeletons are many, but service, process and message stand at the same places in very many of them. So a
//! reading takes two bytes here, where details of its own would take nearly as much as all the rest of it.

use super::READINGS_MAX;
use super::reading::Question;
use crate::event::Part;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// What else is read of a line, by places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Details {
    /// The questions after the first; most readings have none.
    pub questions: Box<[Question]>,
    pub service: Option<Part>,
    pub component: Option<Part>,
    pub pid: Option<Part>,
    pub message: Message,
    pub facility: Option<u8>,
    pub bare: bool,
}

impl Details {
    /// Numbers that details seldom have in common which are not the same.
    fn key(&self) -> (u64, u64) {
        let start = |part: Part| part.start() as u64;
        let both = |part: Part| start(part) << u16::BITS | part.end() as u64;
        let question = self.questions.first();
        let question = question.map_or(0, |question| start(question.text));
        let Message {
            start: from,
            behind,
        } = self.message;
        let message = u64::from(from) << u16::BITS | u64::from(behind);
        let pid = self.pid.map_or(0, start);
        let parts = [self.service, self.component];
        let [service, component] = parts.map(|part| part.map_or(0, both));
        let places = message << u32::BITS | pid << u16::BITS | question;
        (places, service << u32::BITS | component)
    }
}

/// The place of a message, told from both ends of its line: the same for most lines, however long they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message {
    start: u16,
    behind: u16,
}

impl Message {
    /// The place of a message in a line; `None` where it is not in it, or too far from an end.
    pub fn within(line: &[u8], message: &[u8]) -> Option<Self> {
        let start = Part::within(line, message)?.start();
        let behind = line.len() - start - message.len();
        Some(Message {
            start: start.try_into().ok()?,
            behind: behind.try_into().ok()?,
        })
    }

    /// The message of a line, which must be as long as the one it is of.
    pub fn of_line(self, line: &[u8]) -> &[u8] {
        &line[self.start.into()..line.len() - usize::from(self.behind)]
    }
}

/// The details of all readings.
#[derive(Debug)]
pub(super) struct AllDetails {
    /// Of each reading the number of its details.
    numbers: Vec<u16>,
    distinct: Vec<Details>,
    /// The numbers of the distinct ones, by their hashes.
    known: HashTable<u16>,
    hasher: RandomState,
}

const _: () = assert!(READINGS_MAX <= u16::MAX as usize);

impl Default for AllDetails {
    fn default() -> Self {
        AllDetails {
            // Room for all of them, of which only what is written to takes memory.
            numbers: Vec::with_capacity(READINGS_MAX),
            distinct: Vec::new(),
            known: HashTable::new(),
            hasher: RandomState::default(),
        }
    }
}

impl AllDetails {
    /// Keeps those of the next reading; there are [`READINGS_MAX`] of these.
    pub fn push(&mut self, details: &Details) {
        let hash_of = |details: &Details| self.hasher.hash_one(details.key());
        let hash = hash_of(details);
        let is_same = |number: &u16| self.distinct[usize::from(*number)] == *details;
        let number = match self.known.find(hash, is_same) {
            Some(number) => *number,
            None => {
                let number = self.distinct.len() as u16;
                self.distinct.push(details.clone());
                let rehash = |number: &u16| hash_of(&self.distinct[usize::from(*number)]);
                self.known.insert_unique(hash, number, rehash);
                number
            }
        };
        self.numbers.push(number);
    }

    /// Those of a reading.
    #[inline]
    pub fn of(&self, reading: u32) -> &Details {
        &self.distinct[usize::from(self.numbers[reading as usize])]
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.numbers.clear();
        self.distinct.clear();
        self.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_kept_once_and_found_for_each_reading() {
        let lines: [&[u8]; 3] = [b"cron[7]: done", b"cron[7]: all done", b"cron[77]: done"];
        let details = lines.map(|line| {
            let start = line
                .iter()
                .position(|byte| *byte == b' ')
                .unwrap_or_default()
                + 1;
            let message = Message::within(line, &line[start..]);
            message.map(|message| Details {
                questions: Box::default(),
                service: Part::of(0..4),
                component: None,
                pid: None,
                message,
                facility: None,
                bare: false,
            })
        });
        let mut all = AllDetails::default();
        for _ in 0..2 {
            details
                .iter()
                .flatten()
                .for_each(|details| all.push(details));
            for (number, (line, details)) in (0..).zip(lines.iter().zip(&details)) {
                assert_eq!(Some(all.of(number)), details.as_ref());
                assert!(all.of(number).message.of_line(line).ends_with(b"done"));
            }
            assert_eq!((all.distinct.len(), all.numbers.len()), (2, 3));
            all.clear();
        }
    }
}
