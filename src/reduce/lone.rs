//! Patterns of one event, which are handed on without being worked out.

use super::{LONE_HELD_MAX, Reducer};
use crate::corpus::Lone;
use crate::event::Headed;
use crate::signature::Class;
use smallvec::SmallVec;

impl Reducer {
    /// Whether an event is the first that is met of its class, as far as is known, and short enough for
    /// its line to be kept whole.
    pub(super) fn is_lone(&mut self, class: Class, headed: &Headed<'_>) -> bool {
        headed.line.len() <= self.limits.example_bytes_max && !self.classes.was_met(class.0)
    }

    /// Begins the pattern of an event that was opened; its text is collected until it ends.
    pub(super) fn open_lone(&mut self, class: Class, line: u64, headed: &Headed<'_>) {
        self.text.clear();
        self.collect(headed.line);
        let lone = Lone::new(class, line, self.source.clone(), headed);
        self.lone.push(lone);
        if let Some(open) = &mut self.open {
            open.wanted = true;
        }
    }

    /// Ends the pattern that was begun last.
    pub(super) fn close_lone(&mut self) {
        if let Some(lone) = self.lone.last_mut() {
            // No more room than it takes, should it be long.
            lone.text = SmallVec::from_slice(&self.text);
        }
        if self.lone.len() >= LONE_HELD_MAX {
            self.total.add_lone(self.lone.drain(..));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Reducer, Total};
    use crate::assemble::Assembler;
    use crate::corpus::{Corpus, Limits};
    use crate::event::Timestamp;
    use crate::format::readings::Readings;
    use crate::format::{Context, zone::Zone};
    use crate::input::Block;
    use crate::window::Window;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// What is kept of lines that several workers read in blocks, with readings of lines before or without.
    fn corpus(lines: &[String], workers: usize, keeps: bool, limits: Limits) -> Corpus {
        let total = Arc::new(Total::with_limits(limits));
        let mut workers: Vec<(Reducer, Readings)> = (0..workers)
            .map(|_| {
                let reducer = Reducer {
                    patterns_held_max: 5,
                    ..Reducer::into_total(total.clone())
                };
                (reducer, Readings::default())
            })
            .collect();
        let mut first_line = 1;
        for (number, lines) in lines.chunks(7).enumerate() {
            let block = Block::of_text("a.log", first_line, &lines.concat());
            first_line += lines.concat().lines().count() as u64;
            let at = number % workers.len();
            let (reducer, readings) = &mut workers[at];
            reducer.begin(&block);
            let context = Context::new(Zone::utc(), Timestamp(0), None);
            let mut assembler = Assembler::new(context, None, Window::default(), None);
            if keeps {
                assembler = assembler.keeping(std::mem::take(readings));
            }
            assembler.read(&block, reducer);
            *readings = assembler.into_readings();
        }
        workers.iter_mut().for_each(|(reducer, _)| reducer.end());
        drop(workers);
        Arc::into_inner(total)
            .map(Total::into_corpus)
            .unwrap_or_default()
    }

    proptest! {
        #[test]
        fn patterns_that_are_worked_out_late_are_those_worked_out_at_once(
            picks in prop::collection::vec((0u32..60, 0u32..4, 0u32..3, 0u32..99, 0u32..12), 1..250),
            caps in (1usize..40, 1usize..4),
            workers in 1usize..4,
        ) {
            let limits = Limits {
                patterns_max: caps.0,
                class_patterns: caps.1,
                example_bytes_max: 60,
                examples_max: 2,
                ..Limits::default()
            };
            let word = |number: u32| -> String {
                [number / 8, number % 8].map(|digit| char::from(b'j' + digit as u8)).iter().collect()
            };
            let line = |(class, rest, host, number, kind): (u32, u32, u32, u32, u32)| {
                let message = format!("gate {} turns {} {number}", word(class), word(rest));
                let header = format!("Jan  1 10:00:{:02} h{host} pump[{number}]", number % 60);
                match kind {
                    0 => format!("{header}: {message}\n  further\n"),
                    1 => format!("{header}: {message} {message}\n"),
                    2 => format!("{header}: gate 7 turns {number}\n"),
                    3 => "panic: gate\n".to_owned(),
                    _ => format!("{header}: {message}\n"),
                }
            };
            let lines: Vec<String> = picks.into_iter().map(line).collect();
            let expected = corpus(&lines, 1, false, limits);
            prop_assert_eq!(corpus(&lines, workers, true, limits), expected);
        }
    }
}
