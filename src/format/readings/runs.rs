//! The runs of digits of a line, and which of them spells its pid.

use crate::event::Part;
use crate::format::syslog_tag::decimal;
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
    let mut spelled = runs(line).filter(|run| decimal(&line[run.clone()]) == Some(pid));
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

/// The runs of digits of a line.
pub(super) fn runs(line: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].iter().position(u8::is_ascii_digit)?;
        let rest = &line[start..];
        let end = rest.iter().position(|byte| !byte.is_ascii_digit());
        at = end.map_or(line.len(), |length| start + length);
        Some(start..at)
    })
}
