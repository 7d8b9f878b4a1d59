//! The user's words: commands, flags, their help, and their meaning as typed values.
//!
//! The only place that names clap; nothing is opened, read or printed here. The clock comes in as an
//! argument, since a relative `--since` needs it.

mod generate;
mod help;
mod memory;
mod time;
mod values;
mod verbs;

use crate::corpus::Limits;
use crate::detect::Thresholds;
use crate::event::Timestamp;
use crate::finding::{Band, Label};
use crate::format::{self, FORMATS};
use crate::output::{self, OUTPUTS};
use crate::run::{self, Emit};
use crate::terminal::Colour;
use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueHint, value_parser};
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

pub use generate::{Artifact, generate};

/// Items that a text digest shows unless `--top` says otherwise: what one reads before coffee.
const TOP_TEXT: usize = 10;

/// What the user asked for.
pub enum Command {
    /// Read logs and say what deserves attention.
    Scan(Box<run::Scan>),
    /// Say what memory alone holds of a stretch of nights.
    Digest(run::Digest),
    /// Say whether something was seen before.
    Recall(run::Recall),
    /// Take the user's word for something.
    Ack(run::Ack),
    /// Print a man page or a completion script.
    Generate(Artifact),
}

/// What is told instead of running: help, the version, or what is wrong with the words.
pub struct Answer(clap::Error);

impl Answer {
    /// Prints help to standard output, complaints to standard error.
    pub fn print(&self) -> io::Result<()> {
        self.0.print()
    }

    /// Whether it complains, which makes the exit status 2.
    pub fn is_error(&self) -> bool {
        self.0.use_stderr()
    }
}

/// Understands the command line; `clock` is the present instant.
///
/// No words at all are a request for help.
pub fn parse(
    words: impl IntoIterator<Item = OsString>,
    clock: Timestamp,
) -> Result<Command, Answer> {
    let mut words: Vec<OsString> = words.into_iter().collect();
    if words.len() <= 1 {
        words = vec!["brainstem".into(), "-h".into()];
    }
    let understood = Cli::try_parse_from(words).and_then(|cli| match cli.verb {
        Verb::Scan(flags) => Ok(Command::Scan(Box::new(flags.resolve(clock)?))),
        Verb::Digest(flags) => Ok(Command::Digest(flags.resolve(clock)?)),
        Verb::Recall(flags) => Ok(Command::Recall(flags.resolve(clock)?)),
        Verb::Ack(flags) => Ok(Command::Ack(flags.resolve(clock)?)),
        Verb::Generate { artifact } => Ok(Command::Generate(artifact)),
    });
    understood.map_err(Answer)
}

/// Reads logs, groups lines into patterns, and says which few deserve attention, and why.
#[derive(Parser)]
#[command(name = "brainstem", version, disable_help_subcommand = true)]
#[command(after_help = help::BRIEF)]
#[command(subcommand_required = true, max_term_width = 80)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Say which patterns of a log deserve attention, and why
    ///
    /// Reads log lines of any known format, compressed or not, groups them into patterns, and prints
    /// the few that deserve a human's attention with the reasons and their points.
    #[command(after_help = help::SCAN_BRIEF, after_long_help = help::scan())]
    Scan(Box<ScanFlags>),
    /// Say what earned attention over the remembered nights
    ///
    /// Reads no log: tells from memory alone what earned attention, what is gone and what is back, and
    /// how whole memory is; of its last seven days unless --since or --until say otherwise.
    Digest(verbs::DigestFlags),
    /// Say whether a pattern, a line or an incident was seen before
    ///
    /// Exits with status 1 if it was not; "not seen" always says since when memory reaches.
    Recall(verbs::RecallFlags),
    /// Acknowledge, mute or annotate patterns, and name incidents
    ///
    /// Saying something twice is saying it once.
    Ack(verbs::AckFlags),
    /// Print a man page or a completion script
    #[command(hide = true)]
    Generate {
        /// What to print
        artifact: Artifact,
    },
}

#[derive(Args)]
struct ScanFlags {
    /// Logs to read, plain or compressed; none or `-` is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    operands: Vec<OsString>,

    /// Compare with a build that went well; repeatable
    ///
    /// A log, compressed or not, or a directory of logs, each of them a build. What no such build has is
    /// new; what all of them have is no news, however loud it is. Several make the judgement calmer.
    /// Nothing is written to it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath, help_heading = "Judgement")]
    baseline: Vec<OsString>,

    /// How to print: text, json, github, junit, sarif or markdown [default: text]
    ///
    /// `text` is a digest for people, `json` one object a line for programs. `github` prints
    /// annotations of GitHub Actions, at most ten, `junit` a test report, `sarif` results for code
    /// scanning, `markdown` a summary. Events and signatures are always JSON Lines.
    #[arg(long, value_name = "FORMAT", value_parser = output_names(), hide_possible_values = true)]
    #[arg(help_heading = "Output")]
    format: Option<String>,

    /// Append a summary in Markdown to FILE
    ///
    /// Beside what --format prints; made for "$GITHUB_STEP_SUMMARY".
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    summary: Option<PathBuf>,

    /// Print items, events or signatures
    ///
    /// `items`: what deserves attention. `events`: one object per input line, in order, while input
    /// still flows. `signatures`: every pattern with its counts, at the end.
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        default_value = "items",
        hide_possible_values = true
    )]
    #[arg(help_heading = "Output")]
    emit: Emit,

    /// Print at most N items, 0 for all [default: 10 as text]
    ///
    /// As JSON, JUnit or SARIF, all items are printed unless this says otherwise.
    #[arg(long, value_name = "N", help_heading = "Output")]
    top: Option<usize>,

    /// Print this band and above [default: watch as text]
    ///
    /// As JSON, items of every band are printed unless this says otherwise.
    ///
    /// Bands, least first: ignore_fast, background, watch, investigate, promote.
    #[arg(long, value_enum, value_name = "BAND", hide_possible_values = true)]
    #[arg(help_heading = "Output")]
    min_band: Option<Band>,

    /// Print only items of this label, such as NETWORK_ANOMALY
    ///
    /// May be given several times. Labels are told by the words of a pattern: NORMAL,
    /// SECURITY_ANOMALY, SYSTEM_FAILURE, PERFORMANCE_ISSUE, NETWORK_ANOMALY, CONFIG_ERROR,
    /// HARDWARE_ISSUE.
    #[arg(
        long,
        value_enum,
        value_name = "LABEL",
        ignore_case = true,
        hide_possible_values = true
    )]
    #[arg(help_heading = "Output")]
    label: Vec<Label>,

    /// Colour the text: auto, always or never
    ///
    /// `auto` colours a terminal, and honours NO_COLOR and CLICOLOR_FORCE.
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    #[arg(help_heading = "Output")]
    color: Colour,

    /// Tell counts, timings and throughput on standard error
    #[arg(long, help_heading = "Output", hide_short_help = true)]
    stats: bool,

    #[command(flatten)]
    context: memory::ContextFlags,

    #[command(flatten)]
    memory: memory::RememberFlags,

    /// Exit with status 1 if an item is of this band or above
    #[arg(long, value_enum, value_name = "BAND", hide_possible_values = true)]
    #[arg(help_heading = "Judgement")]
    fail_on: Option<Band>,

    /// Events that make a recurrence
    #[arg(long, value_name = "N", default_value_t = Thresholds::default().recurrence)]
    #[arg(value_parser = value_parser!(u64).range(1..), help_heading = "Judgement")]
    threshold: u64,

    /// Most patterns to tell apart
    ///
    /// Bounds the memory. When it is reached, the run record and standard error say so, and patterns
    /// beyond it are counted together: first those of which many others of their service open with the
    /// same two words. What is kept is the same for any order and any split of the input.
    #[arg(long, value_name = "N", default_value_t = Limits::default().patterns_max as u64)]
    #[arg(value_parser = value_parser!(u64).range(1..), help_heading = "Judgement", hide_short_help = true)]
    max_patterns: u64,

    /// Take every line to be of this format
    #[arg(long, value_name = "FORMAT", value_parser = format_names(), hide_possible_values = true)]
    #[arg(help_heading = "Input", long_help = input_help())]
    input: Option<String>,

    /// Say whose log it is; others' events are left out
    #[arg(long, value_name = "ID", help_heading = "Input")]
    tenant: Option<String>,

    #[command(flatten)]
    window: time::WindowFlags,

    #[command(flatten)]
    clock: time::ClockFlags,

    /// Year of stamps that name none [default: the nearest]
    ///
    /// The nearest is that which puts the event closest to the file's date, at most a day after it.
    #[arg(long, value_name = "YEAR", value_parser = value_parser!(i32).range(1970..=9999))]
    #[arg(help_heading = "Time")]
    year: Option<i32>,
}

impl ScanFlags {
    /// Gives the words their meaning; complains in the user's terms.
    fn resolve(self, clock: Timestamp) -> Result<run::Scan, clap::Error> {
        self.check_emit()?;
        let times = self.clock.times("scan", clock)?;
        // Programs that read objects choose for themselves; all other readers are people in the end.
        let (top, min_band) = match self.format.as_deref().unwrap_or("text") {
            "json" => (usize::MAX, Band::IgnoreFast),
            "junit" | "sarif" => (usize::MAX, Band::Watch),
            _ => (TOP_TEXT, Band::Watch),
        };
        Ok(run::Scan {
            operands: self.operands,
            baselines: self.baseline,
            emit: self.emit,
            output: self
                .format
                .and_then(|name| output::by_name(&name))
                .unwrap_or(OUTPUTS[0]),
            forced: self.input.and_then(|name| format::by_name(&name)),
            window: self.window.window(&times)?,
            zone: times.zone,
            year: self.year,
            now: times.now,
            tenant: self.tenant,
            limits: Limits {
                patterns_max: usize::try_from(self.max_patterns).unwrap_or(usize::MAX),
                ..Limits::default()
            },
            thresholds: Thresholds {
                recurrence: self.threshold,
            },
            top: self
                .top
                .map_or(top, |top| if top == 0 { usize::MAX } else { top }),
            min_band: self.min_band.unwrap_or(min_band),
            summary: self.summary,
            labels: self.label,
            around: self.context.around()?,
            new_only: self.memory.new_only,
            snapshot: self.memory.snapshot.place("scan")?,
            keep_days: self.memory.keep_days()?,
            fail_on: self.fail_on,
            colour: self.color,
            stats: self.stats,
        })
    }

    /// Refuses flags that choose among items where no items are printed.
    fn check_emit(&self) -> Result<(), clap::Error> {
        if self.emit == Emit::Items {
            return Ok(());
        }
        let about_items = [
            (
                "--format",
                self.format
                    .as_deref()
                    .is_some_and(|format| format != "json"),
            ),
            ("--summary", self.summary.is_some()),
            ("--baseline", !self.baseline.is_empty()),
            ("--top", self.top.is_some()),
            ("--min-band", self.min_band.is_some()),
            ("--label", !self.label.is_empty()),
            ("--fail-on", self.fail_on.is_some()),
        ];
        match about_items.into_iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(complain(
                flag,
                "is about items; leave it out, or --emit items",
            )),
            None => Ok(()),
        }
    }
}

/// A usage error of `scan`, in clap's form.
fn complain(flag: &str, cause: &str) -> clap::Error {
    complain_of("scan", flag, cause)
}

/// A usage error of a command, in clap's form.
fn complain_of(command: &str, flag: &str, cause: &str) -> clap::Error {
    let mut root = Cli::command();
    root.build();
    let command = root
        .find_subcommand_mut(command)
        .expect("the command is declared above");
    command.error(ErrorKind::ValueValidation, format!("{flag}: {cause}"))
}

fn format_names() -> PossibleValuesParser {
    FORMATS
        .iter()
        .map(|format| format.name())
        .collect::<Vec<_>>()
        .into()
}

fn output_names() -> PossibleValuesParser {
    OUTPUTS
        .iter()
        .map(|output| output.name())
        .collect::<Vec<_>>()
        .into()
}

/// The long help of `--input`, made from the catalogue so that it cannot fall behind.
fn input_help() -> String {
    let names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
    format!(
        "Take every line to be of this format instead of detecting it.\n\nFormats: {}.",
        names.join(", ")
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn scan(words: &str) -> Result<run::Scan, Answer> {
        let words = words.split(' ').map(OsString::from);
        match parse(words, Timestamp::from_seconds(1_772_344_800))? {
            Command::Scan(scan) => Ok(*scan),
            _ => panic!("not a scan"),
        }
    }

    fn complaint(words: &str) -> String {
        scan(words)
            .err()
            .map(|answer| answer.0.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn the_declaration_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn people_get_the_few_and_programs_get_all() {
        let text = scan("brainstem scan").ok().unwrap();
        assert_eq!((text.top, text.min_band), (TOP_TEXT, Band::Watch));
        let json = scan("brainstem scan --format json").ok().unwrap();
        assert_eq!((json.top, json.min_band), (usize::MAX, Band::IgnoreFast));
        assert_eq!(scan("brainstem scan --top 0").ok().unwrap().top, usize::MAX);
    }

    #[test]
    fn flags_about_items_are_refused_where_no_items_are_printed() {
        assert!(
            complaint("brainstem scan --emit events --top 3").contains("--top: is about items")
        );
        assert!(
            complaint("brainstem scan --emit signatures --fail-on watch").contains("--fail-on")
        );
        assert!(scan("brainstem scan --emit events --format json").is_ok());
    }

    #[test]
    fn a_window_that_nothing_can_be_in_is_refused() {
        let words = "brainstem scan --since 2026-03-02T00:00:00Z --until 2026-03-01T00:00:00Z";
        assert!(complaint(words).contains("is not after --since"));
    }

    #[test]
    fn no_words_at_all_ask_for_help() {
        let answer = parse(["brainstem".into()], Timestamp(0)).err().unwrap();
        assert!(!answer.is_error());
        assert!(answer.0.to_string().contains("Usage: brainstem <COMMAND>"));
    }
}
