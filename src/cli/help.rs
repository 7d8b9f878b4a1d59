//! What help says beyond the flags: examples, exit status, environment. The man page has the same.

/// Under `brainstem -h` and `brainstem --help`.
pub const BRIEF: &str = "\
Try it:
  brainstem scan /var/log/syslog
  journalctl -o json --since yesterday | brainstem scan

`brainstem scan -h` lists the flags, `brainstem scan --help` explains them.";

/// Under `brainstem scan -h`.
pub const SCAN_BRIEF: &str = "\
Example: journalctl -o json | brainstem scan
`--help` explains each flag, with more examples and the exit status.";

/// The examples of `scan`: what it does, and the line that does it.
pub const EXAMPLES: &[(&str, &str)] = &[
    (
        "The journal since yesterday",
        "journalctl -o json --since yesterday | brainstem scan",
    ),
    (
        "A log with all its rotations",
        "brainstem scan /var/log/syslog*",
    ),
    (
        "A nightly mail, the first line as its subject",
        "brainstem scan --since 24h app.log >d; mail -s \"$(head -1 d)\" ops <d",
    ),
    (
        "Programs read JSON Lines",
        "brainstem scan --format json app.log | jq -r '.title // empty'",
    ),
    (
        "What is new in a build that failed",
        "brainstem scan --baseline good.log fail.log",
    ),
    (
        "A gate in a build",
        "brainstem scan --fail-on investigate build.log",
    ),
    (
        "Every night from cron, a mail only if something is new",
        "brainstem scan --snapshot night.db --new-only /var/log/syslog.1",
    ),
    (
        "Was this seen before?",
        "tail -1 app.log | brainstem recall --snapshot night.db -",
    ),
    (
        "A stream, one object a line",
        "tail -f app.log | brainstem scan --emit events",
    ),
];

/// Exit statuses and what they mean.
pub const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "It ran, whatever it found."),
    (
        "1",
        "An item is of the band that --fail-on names, or above; recall: not seen.",
    ),
    (
        "2",
        "Wrong usage, unreadable input (the rest is analysed), a locked or damaged snapshot, or a \
         failed write.",
    ),
];

/// Environment variables that are honoured.
pub const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "NO_COLOR",
        "If set and not empty, --color auto does not colour.",
    ),
    (
        "CLICOLOR_FORCE",
        "If set and not 0, --color auto colours files and pipes.",
    ),
    (
        "BRAINSTEM_SNAPSHOT",
        "The snapshot, where --snapshot does not name one.",
    ),
    (
        "STATE_DIRECTORY",
        "Where brainstem.db is the snapshot, if neither names one; systemd sets it.",
    ),
    (
        "RAYON_NUM_THREADS",
        "Number of threads; the output does not depend on it.",
    ),
];

/// The end of `brainstem scan --help`.
pub fn scan() -> String {
    let mut text = String::from("Examples:\n");
    for (what, command) in EXAMPLES {
        text += &format!("  {what}:\n    {command}\n");
    }
    for (heading, rows) in [("Exit status", EXIT_STATUS), ("Environment", ENVIRONMENT)] {
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        text += &format!("\n{heading}:\n");
        for (name, meaning) in rows {
            text += &format!("  {name:<width$}  {meaning}\n");
        }
    }
    text.truncate(text.trim_end().len());
    text
}
