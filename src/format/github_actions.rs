//! Logs of GitHub Actions runners: each line stamped, with workflow commands in between.
//!
//! The raw log (`2024-05-01T10:00:00.1234567Z text`), what `gh run view --log` prints (job and step
//! in columns before that), and lines with a command but no stamp. A command (`##[error]text`,
//! `::error file=f::text`) is a level or a mark, and no part of the message. The job's name is left
//! out, as it names the matrix and not the program.

use memchr::{memchr, memmem};

use super::nested::fill;
use super::{Context, Format, read_inner, runner_stamp, stamp};
use crate::event::{Event, Severity, Text};

/// See the module.
pub struct GithubActions;

impl Format for GithubActions {
    fn name(&self) -> &'static str {
        "github-actions"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        // Nearly every line of another format ends here.
        if !matches!(line.first()?, b'0'..=b'9' | 0xef | b'#' | b':')
            && memchr(b'\t', line).is_none()
        {
            return None;
        }
        let Columns { step, stamp, text } = columns(line);
        let command = command(text);
        if stamp.is_none() && command.is_none() {
            return None;
        }
        let header = Event {
            timestamp: stamp.and_then(|stamp| stamp::parse(stamp, context)?.timestamp),
            component: step.map(Text::Borrowed),
            ..Event::default()
        };
        let Command { severity, text } = command.unwrap_or(Command {
            severity: None,
            text,
        });
        let inner = read_inner(text, context);
        let inner = Event {
            severity: severity.or(inner.severity),
            ..inner
        };
        Some(fill(inner, header))
    }
}

/// Whether the line only ends a group and says nothing.
pub fn is_marker(line: &[u8]) -> bool {
    const LAST_BYTES: [u8; 2] = *b"]:";
    line.last().is_some_and(|last| LAST_BYTES.contains(last))
        && matches!(columns(line).text, b"##[endgroup]" | b"::endgroup::")
}

/// A line's parts.
struct Columns<'a> {
    step: Option<&'a [u8]>,
    stamp: Option<&'a [u8]>,
    text: &'a [u8],
}

fn columns(line: &[u8]) -> Columns<'_> {
    let (stamp, text) = stamped(line);
    if stamp.is_some() {
        return Columns {
            step: None,
            stamp,
            text,
        };
    }
    if let Some((job, rest)) = split_at_tab(line)
        && let Some((step, rest)) = split_at_tab(rest)
        && !job.is_empty()
        && let (Some(stamp), text) = stamped(rest)
    {
        return Columns {
            step: Some(step).filter(|step| !step.is_empty() && *step != b"UNKNOWN STEP"),
            stamp: Some(stamp),
            text,
        };
    }
    Columns {
        step: None,
        stamp: None,
        text: line,
    }
}

fn split_at_tab(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let tab = memchr(b'\t', text)?;
    Some((&text[..tab], &text[tab + 1..]))
}

/// Splits off the runner's stamp.
fn stamped(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    // Each step's log is a file of its own that begins with a mark.
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    runner_stamp::github(line).map_or((None, line), |(stamp, text)| (Some(stamp), text))
}

/// A workflow command and the text that it is about.
struct Command<'a> {
    severity: Option<Severity>,
    text: &'a [u8],
}

/// Reads the command at the start of a text; `None` when there is none that is known.
fn command(text: &[u8]) -> Option<Command<'_>> {
    let (name, text) = if let Some(rest) = text.strip_prefix(b"##[") {
        let end = memchr(b']', rest)?;
        (&rest[..end], &rest[end + 1..])
    } else {
        let rest = text.strip_prefix(b"::")?;
        let end = memmem::find(rest, b"::")?;
        let name_end = memchr(b' ', &rest[..end]).unwrap_or(end);
        (&rest[..name_end], &rest[end + 2..])
    };
    let severity = match name {
        b"error" => Some(Severity::Error),
        b"warning" => Some(Severity::Warning),
        b"notice" => Some(Severity::Notice),
        b"debug" => Some(Severity::Debug),
        b"group" | b"endgroup" | b"command" | b"section" | b"add-mask" | b"set-output"
        | b"set-env" | b"save-state" | b"add-path" | b"add-matcher" | b"remove-matcher"
        | b"echo" | b"stop-commands" => None,
        _ => return None,
    };
    Some(Command { severity, text })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::Timestamp;
    use crate::format::test_context as context;
    use proptest::prelude::*;

    fn parse(line: &str) -> Option<Event<'_>> {
        GithubActions.parse(line.as_bytes(), &context())
    }

    #[test]
    fn commands_are_levels_and_marks_and_no_text() {
        let cases = [
            (
                "2023-11-14T22:13:20.0000000Z built the dam",
                None,
                "built the dam",
            ),
            (
                "2023-11-14T22:13:20.0000000Z \tat dam.Build",
                None,
                "\tat dam.Build",
            ),
            ("2023-11-14T22:13:20.0000000Z", None, ""),
            (
                "2023-11-14T22:13:20.0000000Z ##[error]no water",
                Some(Severity::Error),
                "no water",
            ),
            (
                "2023-11-14T22:13:20.0000000Z ##[group]Run make",
                None,
                "Run make",
            ),
            ("2023-11-14T22:13:20.0000000Z ##[0]x", None, "##[0]x"),
            (
                "2023-11-14T22:13:20.0000000Z ::warning file=dam.c,line=7::dry::well",
                Some(Severity::Warning),
                "dry::well",
            ),
            ("\u{feff}2023-11-14T22:13:20.0000000Z first", None, "first"),
        ];
        for (line, severity, message) in cases {
            let event = parse(line).unwrap();
            assert_eq!(
                event.timestamp,
                Some(Timestamp::from_seconds(1_700_000_000)),
                "{line}"
            );
            assert_eq!(
                (event.severity, event.message.as_ref()),
                (severity, message.as_bytes()),
                "{line}"
            );
        }
        let unstamped = parse("##[warning]no water").unwrap();
        assert_eq!(
            (unstamped.severity, unstamped.timestamp),
            (Some(Severity::Warning), None)
        );
    }

    #[test]
    fn the_columns_of_the_viewer_name_the_step() {
        let event = parse("build (1)\tRun make\t2023-11-14T22:13:20.0000000Z no water").unwrap();
        assert_eq!(event.component.as_deref(), Some(&b"Run make"[..]));
        assert_eq!(event.message.as_ref(), b"no water");
        let event =
            parse("build\tUNKNOWN STEP\t\u{feff}2023-11-14T22:13:20.0000000Z no water").unwrap();
        assert_eq!(event.component, None);
    }

    #[test]
    fn other_stamps_and_marks_are_left_to_other_formats() {
        for line in [
            "2023-11-14T22:13:20.000000Z six digits",
            "2023-11-14T22:13:20.0000000Z,no blank",
            "a\tb\tc",
            "##[unknown]text",
            "::std::string::size",
            "::error without an end",
            "",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn the_end_of_a_group_is_a_marker() {
        assert!(is_marker(b"2023-11-14T22:13:20.0000000Z ##[endgroup]"));
        assert!(is_marker(
            b"job\tstep\t2023-11-14T22:13:20.0000000Z ##[endgroup]"
        ));
        assert!(!is_marker(
            b"2023-11-14T22:13:20.0000000Z ##[group]Run make"
        ));
    }

    proptest! {
        #[test]
        fn arbitrary_lines_never_panic(tail: Vec<u8>, head in "(2023-11-14T22:13:20.0000000Z |##\\[|::|a\tb\t)?") {
            let line = [head.into_bytes(), tail].concat();
            let _ = GithubActions.parse(&line, &context());
            is_marker(&line);
        }
    }
}
