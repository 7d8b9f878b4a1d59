//! The flags about time, which several commands share: the window, the zone, and the present.

use super::complain_of;
use crate::event::Timestamp;
use crate::format::zone::Zone;
use crate::window::{self, Window};
use clap::Args;

/// What an instant is measured by.
#[derive(Args)]
pub(super) struct ClockFlags {
    /// Zone of stamps and times that name none
    ///
    /// A name (`Europe/Berlin`), an offset (`+02:00`), or `UTC`.
    #[arg(
        long,
        value_name = "ZONE",
        default_value = "UTC",
        allow_hyphen_values = true
    )]
    #[arg(help_heading = "Time")]
    tz: String,

    /// Take this instant for the present
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Time",
        hide_short_help = true
    )]
    now: Option<String>,
}

impl ClockFlags {
    /// What they mean; `clock` is the present unless they say otherwise.
    pub fn times(&self, command: &'static str, clock: Timestamp) -> Result<Times, clap::Error> {
        let zone = Zone::parse(&self.tz);
        let zone = zone.map_err(|cause| complain_of(command, "--tz", &cause.to_string()))?;
        let mut times = Times {
            command,
            zone,
            now: clock,
        };
        times.now = times.instant("--now", &self.now)?.unwrap_or(clock);
        Ok(times)
    }
}

/// From when until when.
#[derive(Args)]
pub(super) struct WindowFlags {
    /// Only what is at or after TIME: 7d, yesterday, 06:00
    ///
    /// As in journalctl: an instant (`2026-03-01 06:00:00`, `@1772344800`), a word (`now`, `today`,
    /// `yesterday`), or a span back from now (`-2h`, `1h ago`, `7d`).
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Time"
    )]
    since: Option<String>,

    /// Only what is before TIME
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Time"
    )]
    until: Option<String>,
}

impl WindowFlags {
    /// The window; an empty one is refused.
    pub fn window(&self, times: &Times) -> Result<Window, clap::Error> {
        let since = times.instant("--since", &self.since)?;
        let until = times.instant("--until", &self.until)?;
        if since
            .zip(until)
            .is_some_and(|(since, until)| since >= until)
        {
            let cause = "is not after --since, so nothing can match";
            return Err(complain_of(times.command, "--until", cause));
        }
        Ok(Window { since, until })
    }
}

/// What the words of time mean.
pub(super) struct Times {
    command: &'static str,
    /// The zone of times that name none.
    pub zone: Zone,
    /// The present.
    pub now: Timestamp,
}

impl Times {
    /// The instant that a flag's words name.
    pub fn instant(
        &self,
        flag: &str,
        text: &Option<String>,
    ) -> Result<Option<Timestamp>, clap::Error> {
        let parse = |text: &String| window::parse_instant(text, self.now, &self.zone);
        let parsed = text.as_ref().map(parse).transpose();
        parsed.map_err(|cause| complain_of(self.command, flag, &cause))
    }
}
