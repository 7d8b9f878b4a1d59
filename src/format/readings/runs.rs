//! The runs of digits of a line, and which of them spells its pid.

use crate::event::Part;
use crate::format::syslog_tag::{DIGITS_FITTING, decimal};
use memchr::memchr_iter;
use std::ops::Range;

/// Runs of digits at most that are tried for the one that a pid was read from.
const RUNS_OF_PID_MAX: usize = 8;

/// The run of digits in a line that its pid was read from; `None` where that cannot be told.
///
/// Of several that spell the number it is the one without which the line would have another pid.
pub(super) fn run_of_pid(
    line: &[u8],
    pid: u32,
    pid_of: impl Fn(&[u8]) -> Option<u32>,
) -> Option<Part> {
    let mut spelled = runs_spelling(line, pid);
    let first = spelled.next()?;
    let rest: Vec<Range<usize>> = spelled.take(RUNS_OF_PID_MAX).collect();
    if rest.is_empty() {
        return Part::of(first);
    }
    if rest.len() == RUNS_OF_PID_MAX {
        return None;
    }
    let mut other = line.to_vec();
    let mut is_pid = |run: &Range<usize>| {
        let last = run.end - 1;
        // What is the day or the hour of a stamp stays one.
        other[last] = match line[last] {
            digit @ (b'0' | b'1') => digit + 1,
            digit => digit - 1,
        };
        let changes = pid_of(&other) != Some(pid);
        other[last] = line[last];
        changes
    };
    let mut found = std::iter::once(first).chain(rest).filter(|run| is_pid(run));
    match (found.next(), found.next()) {
        (Some(run), None) => Part::of(run),
        _ => None,
    }
}

/// Whether a run of digits begins where a field may. No number is read of digits within a word, be it
/// a name, an assignment, a path or an address, so that it does not matter whether those fit.
pub(super) fn begins_field(line: &[u8], run: &Range<usize>) -> bool {
    match &line[..run.start] {
        [] | [.., b'-', b'-'] => true,
        [.., before] => before.is_ascii_whitespace() || b"[(<|:#])>".contains(before),
    }
}

/// The runs of digits of a line that spell a number.
fn runs_spelling(line: &[u8], number: u32) -> impl Iterator<Item = Range<usize>> {
    let last = b'0' + (number % 10) as u8;
    let ends = memchr_iter(last, line).map(|at| at + 1);
    let ends = ends.filter(|end| !line.get(*end).is_some_and(u8::is_ascii_digit));
    ends.map(|end| end - digits(line[..end].iter().rev())..end)
        .filter(move |run| decimal(&line[run.clone()]) == Some(number))
}

/// How many digits bytes begin with.
fn digits<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take_while(|byte| byte.is_ascii_digit()).count()
}

/// The runs of digits of a line that are too long to spell a number that fits whatever they are.
pub(super) fn long_runs(line: &[u8]) -> impl Iterator<Item = Range<usize>> {
    // Each has a byte at this distance behind the last that is known to be none of its own.
    const STEP: usize = DIGITS_FITTING + 1;
    let mut at = DIGITS_FITTING;
    std::iter::from_fn(move || {
        while line.get(at).is_some() {
            let run = run_around(line, at);
            at = run.end + STEP;
            if run.len() > DIGITS_FITTING {
                return Some(run);
            }
        }
        None
    })
}

/// The run of digits that a place in a line is of; an empty one where there is none.
fn run_around(line: &[u8], at: usize) -> Range<usize> {
    let behind = digits(line[at..].iter());
    let before = match behind {
        0 => 0,
        _ => digits(line[..at].iter().rev()),
    };
    at - before..at + behind
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The runs of digits of a line.
    fn runs(line: &[u8]) -> Vec<Range<usize>> {
        let places = (0..line.len()).map(|at| run_around(line, at));
        let mut runs: Vec<_> = places.filter(|run| !run.is_empty()).collect();
        runs.dedup();
        runs
    }

    proptest! {
        #[test]
        fn no_run_is_overlooked(text in "[0-9]{0,20}([a-c:/]{1,12}(0?12|121|[0-9]{0,12})){0,6}", number in 0u32..130) {
            let line = text.as_bytes();
            let of_all = |wanted: &dyn Fn(&Range<usize>) -> bool| {
                runs(line).into_iter().filter(wanted).collect::<Vec<_>>()
            };
            let is_long = |run: &Range<usize>| run.len() > DIGITS_FITTING;
            prop_assert_eq!(long_runs(line).collect::<Vec<_>>(), of_all(&is_long));
            let spells = |run: &Range<usize>| decimal(&line[run.clone()]) == Some(number);
            prop_assert_eq!(runs_spelling(line, number).collect::<Vec<_>>(), of_all(&spells));
        }
    }
}
