//! What is told beside the records: problems, hints, progress, statistics; all on standard error.
//!
//! A message that cannot be written is lost: there is nowhere left to say so.

use crate::corpus::Accounting;
use crate::input;
use crate::output::escape::visible;
use crate::output::layout::{counted, number};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Prints one sentence as `brainstem: ...`.
pub fn tell(sentence: &str) {
    let _ = writeln!(io::stderr().lock(), "brainstem: {}", visible(sentence));
}

/// Says what is waited for if it is a person at a terminal who has to provide it.
pub fn tell_waiting(operands: &[OsString]) {
    let from_stdin = operands.is_empty() || operands.iter().any(|operand| operand == "-");
    if from_stdin && io::stdin().is_terminal() {
        tell("waiting for log lines on standard input; end them with Ctrl-D, or name files");
    }
}

/// A bar with bytes, rate and time left, drawn only where standard error is a terminal.
pub struct Progress {
    bar: ProgressBar,
    input: Arc<input::Progress>,
}

impl Progress {
    /// Begins; the time left is known only if the size of all input is.
    pub fn begin(input: Arc<input::Progress>) -> Self {
        let bar = match input.total_bytes.filter(|total| *total > 0) {
            Some(total) => ProgressBar::new(total).with_style(style(
                "{bytes:>10} of {total_bytes}  {wide_bar}  {bytes_per_sec}  {eta} left",
            )),
            None => ProgressBar::no_length().with_style(style("{bytes:>10}  {bytes_per_sec}")),
        };
        // At most ten pictures a second; indicatif draws nothing where there is no terminal.
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        Progress { bar, input }
    }

    /// Shows how far the input is read.
    pub fn update(&self) {
        self.bar
            .set_position(self.input.read_bytes.load(Ordering::Relaxed));
    }

    /// Runs something that writes to standard error without garbling the bar.
    pub fn aside(&self, tell: impl FnOnce()) {
        self.bar.suspend(tell);
    }

    /// Removes the bar.
    pub fn end(&self) {
        self.bar.finish_and_clear();
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
    pub fn tell(&self, bytes: u64, accounting: &Accounting, patterns: Option<usize>) {
        let seconds = self.began.elapsed().as_secs_f64().max(1e-6);
        let rate = (bytes as f64 / 1e6 / seconds).round() as u64;
        let mut counts = vec![
            counted(bytes, "byte"),
            counted(accounting.lines(), "line"),
            counted(accounting.events, "event"),
        ];
        counts.extend(patterns.map(|patterns| counted(patterns as u64, "pattern")));
        tell(&format!(
            "{} in {seconds:.3} s, {} MB/s",
            counts.join(", "),
            number(rate)
        ));
        let phase = |(name, took): &(&str, Duration)| format!("{name} {:.3} s", took.as_secs_f64());
        let phases: Vec<String> = self.phases.iter().map(phase).collect();
        let threads = counted(rayon::current_num_threads() as u64, "thread");
        tell(&format!("{}; {threads}", phases.join(", ")));
    }
}
