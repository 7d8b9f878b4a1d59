//! The flags about the snapshot, which several commands share, and those about context.

use super::complain_of;
use crate::run::{Around, Place};
use crate::window;
use clap::{Args, ValueHint};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The file in a service's state directory.
const FILE_NAME: &str = "brainstem.db";
const DAY_SECONDS: i64 = 86_400;

#[derive(Args)]
pub(super) struct SnapshotFlags {
    /// Remember nights in this file
    ///
    /// Without this flag, BRAINSTEM_SNAPSHOT and STATE_DIRECTORY are asked in turn; without them
    /// nothing is remembered. The file is made if it is not there, readable by its owner alone. It is
    /// an SQLite database with documented tables and views (`v_patterns`, `v_nights`, ...).
    #[arg(long, value_name = "FILE", help_heading = "Memory", value_hint = ValueHint::FilePath)]
    snapshot: Option<PathBuf>,

    /// Wait this long for another run that holds the snapshot
    #[arg(
        long,
        value_name = "SPAN",
        default_value = "10s",
        hide_short_help = true
    )]
    #[arg(help_heading = "Memory")]
    wait: String,
}

/// What `scan` shows around an example.
#[derive(Args)]
pub(super) struct ContextFlags {
    /// Show N lines around an item's first example
    ///
    /// From the same source and host. Files are read a second time for it; standard input cannot be.
    #[arg(long, value_name = "N", help_heading = "Output")]
    context: Option<usize>,

    /// Show the lines within SPAN of it, a hundred on each side at most
    #[arg(
        long,
        value_name = "SPAN",
        hide_short_help = true,
        help_heading = "Output"
    )]
    around: Option<String>,
}

impl ContextFlags {
    pub fn around(&self) -> Result<Option<Around>, clap::Error> {
        let span = self.around.as_ref();
        let span = span
            .map(|span| seconds("scan", "--around", span))
            .transpose()?;
        let asked = self.context.is_some() || span.is_some();
        Ok(asked.then_some(Around {
            lines: self.context,
            seconds: span,
        }))
    }
}

/// How `scan` remembers.
#[derive(Args)]
pub(super) struct RememberFlags {
    #[command(flatten)]
    pub snapshot: SnapshotFlags,

    /// Forget nights that are more than SPAN before the latest
    #[arg(
        long,
        value_name = "SPAN",
        default_value = "400d",
        hide_short_help = true
    )]
    #[arg(help_heading = "Memory")]
    keep: String,

    /// Print only what is new, returned or escalating
    ///
    /// And what has fallen silent; nothing at all where nothing is. For cron: a quiet night sends no mail. What was
    /// acknowledged is no news, and a first run has nothing to compare with.
    #[arg(long, help_heading = "Memory")]
    pub new_only: bool,
}

impl RememberFlags {
    /// Days to remember, one at least.
    pub fn keep_days(&self) -> Result<i64, clap::Error> {
        match seconds("scan", "--keep", &self.keep)? / DAY_SECONDS {
            0 => Err(complain_of("scan", "--keep", "is less than a day")),
            days => Ok(days),
        }
    }
}

impl SnapshotFlags {
    /// Where the snapshot is, if anything says so.
    pub fn place(&self, command: &str) -> Result<Option<Place>, clap::Error> {
        let set = |name: &str| env::var_os(name).filter(|value: &OsString| !value.is_empty());
        let in_state_directory = || {
            let directories = set("STATE_DIRECTORY")?;
            let first = env::split_paths(&directories).next()?;
            Some(first.join(FILE_NAME))
        };
        let path = self.snapshot.clone();
        let path = path.or_else(|| set("BRAINSTEM_SNAPSHOT").map(PathBuf::from));
        let wait = seconds(command, "--wait", &self.wait)?;
        Ok(path.or_else(in_state_directory).map(|path| Place {
            path,
            wait: Duration::from_secs(wait.min(i64::from(i32::MAX) / 1000) as u64),
        }))
    }

    /// The same for commands that are nothing without it.
    pub fn required_place(&self, command: &str) -> Result<Place, clap::Error> {
        let place = self.place(command)?;
        place.ok_or_else(|| {
            complain_of(
                command,
                "--snapshot",
                "name the file in which nights are remembered, or set BRAINSTEM_SNAPSHOT",
            )
        })
    }
}

/// A span that is not negative, in seconds.
pub(super) fn seconds(command: &str, flag: &str, text: &str) -> Result<i64, clap::Error> {
    window::parse_span(text)
        .map(|seconds| seconds.max(0))
        .map_err(|cause| complain_of(command, flag, &cause))
}
