//! What is told beside the records: problems, hints, progress, statistics; all on standard error.
//!
//! A message that cannot be written is lost: there is nowhere left to say so.

use crate::input::Problem;
use crate::output::escape::visible;
use crate::output::layout::{counted, number};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Prints one sentence as `brainstem: ...`.
pub fn tell(sentence: &str) {
    let _ = writeln!(io::stderr().lock(), "brainstem: {}", visible(sentence));
}

/// Prints what could not be read, why, and what helps.
pub fn tell_problem(problem: &Problem) {
    let Problem {
        source,
        cause,
        remedy,
    } = problem;
    match remedy.as_str() {
        "" => tell(&format!("{source}: {cause}")),
        remedy => tell(&format!("{source}: {cause}; {remedy}")),
    }
}

/// Says what is waited for if it is a person at a terminal who has to provide it.
pub fn tell_waiting(operands: &[OsString]) {
    let from_stdin = operands.is_empty() || operands.iter().any(|operand| operand == "-");
    if from_stdin && io::stdin().is_terminal() {
        tell("waiting for log lines on standard input; end them with Ctrl-D, or name files");
    }
}

/// A bar with bytes, rate and time left, drawn only where standard error is a terminal.
pub struct Progress(ProgressBar);

impl Progress {
    /// Begins; the time left is known only if every operand is a file.
    pub fn begin(operands: &[OsString]) -> Self {
        let size = |operand| {
            let metadata = std::fs::metadata(operand)
                .ok()
                .filter(|metadata| metadata.is_file());
            metadata.map(|metadata| metadata.len())
        };
        let total: Option<u64> = operands.iter().map(size).sum();
        let bar = match total.filter(|total| *total > 0) {
            Some(total) => ProgressBar::new(total).with_style(style(
                "{bytes:>10} of {total_bytes}  {wide_bar}  {bytes_per_sec}  {eta} left",
            )),
            None => ProgressBar::no_length().with_style(style("{bytes:>10}  {bytes_per_sec}")),
        };
        // At most ten pictures a second; indicatif hides the bar where there is no terminal.
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        Progress(bar)
    }

    /// So many bytes of unpacked text went by.
    pub fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
        // Compressed files hold more than their size: then the end is not known.
        if self
            .0
            .length()
            .is_some_and(|total| self.0.position() > total)
        {
            self.0.unset_length();
            self.0.set_style(style("{bytes:>10}  {bytes_per_sec}"));
        }
    }

    /// Runs something that writes to standard error without garbling the bar.
    pub fn aside(&self, tell: impl FnOnce()) {
        self.0.suspend(tell);
    }

    /// Removes the bar.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Counts and timings for `--stats`. They depend on the machine, so they never go to stdout.
pub struct Stats {
    began: Instant,
    phases: Vec<(&'static str, Duration)>,
}

impl Stats {
    /// Starts the watch.
    pub fn begin() -> Self {
        Stats {
            began: Instant::now(),
            phases: Vec::new(),
        }
    }

    /// What ran since the last call was this phase.
    pub fn phase(&mut self, name: &'static str) {
        let before: Duration = self.phases.iter().map(|(_, took)| *took).sum();
        self.phases
            .push((name, self.began.elapsed().saturating_sub(before)));
    }

    /// Prints the counts and how long each phase took.
    pub fn tell(&self, bytes: u64, lines: u64, events: u64, signatures: Option<u64>) {
        let seconds = self.began.elapsed().as_secs_f64().max(1e-6);
        let rate = (bytes as f64 / 1e6 / seconds).round() as u64;
        let signatures =
            signatures.map_or(String::new(), |n| format!(", {}", counted(n, "pattern")));
        tell(&format!(
            "{} bytes, {}, {}{signatures} in {seconds:.3} s, {} MB/s",
            number(bytes),
            counted(lines, "line"),
            counted(events, "event"),
            number(rate),
        ));
        let phases: Vec<String> = self
            .phases
            .iter()
            .map(|(name, took)| format!("{name} {:.3} s", took.as_secs_f64()))
            .collect();
        tell(&format!(
            "{} with {}",
            phases.join(", "),
            counted(threads(), "thread")
        ));
    }
}

fn threads() -> u64 {
    rayon::current_num_threads() as u64
}
