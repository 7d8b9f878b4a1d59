//! The fold marks of Travis CI and GitLab CI logs, and the stamps that runners put before lines.
//!
//! `travis_fold:start:NAME`, `travis_time:end:ID:start=..,finish=..,duration=..` and
//! `section_start:EPOCH:NAME` stand before the text of a line, several in a row and divided by a
//! carriage return or by nothing at all, depending on what was stripped. They are no text; those
//! that hold a time date the line.

use std::ops::ControlFlow;

use super::json_values::epoch;
use super::nested::fill;
use super::{Context, Format, read_inner, runner_stamp, stamp};
use crate::event::{Event, Timestamp};

/// How a mark begins.
const BEGINNINGS: [&[u8]; 6] = [
    b"travis_fold:start:",
    b"travis_fold:end:",
    b"travis_time:start:",
    b"travis_time:end:",
    b"section_start:",
    b"section_end:",
];

/// See the module.
pub struct CiSections;

impl Format for CiSections {
    fn name(&self) -> &'static str {
        "ci-sections"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, b't' | b's' | b'0'..=b'9')
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let marked = |text| unmarked(text).inspect(|_| context.notes.digits_decide());
        let (timestamp, text) = match runner_stamp::split(line) {
            Some((time, text)) => {
                let time = time.and_then(|time| stamp::parse(time, context)?.timestamp);
                let (in_mark, text) = marked(text).unwrap_or((None, text));
                (time.or(in_mark), text)
            }
            None => marked(line)?,
        };
        let header = Event {
            timestamp,
            ..Event::default()
        };
        Some(fill(read_inner(text, context), header))
    }
}

/// Whether the line is nothing but marks.
pub fn is_marker(line: &[u8]) -> bool {
    let line = runner_stamp::after(line).unwrap_or(line);
    unmarked(line).is_some_and(|(_, text)| text.trim_ascii().is_empty())
}

/// The last time that the marks before the text hold, and the text; `None` without a mark.
fn unmarked(line: &[u8]) -> Option<(Option<Timestamp>, &[u8])> {
    let mut timestamp = None;
    let mut rest = line;
    while let Some(body) = after_beginning(rest) {
        let length = body_length(body);
        timestamp = body_time(&body[..length]).or(timestamp);
        rest = &body[length..];
        while let [b'\r', tail @ ..] = rest {
            rest = tail;
        }
    }
    (rest.len() < line.len()).then_some((timestamp, rest))
}

/// What follows the beginning of a mark.
fn after_beginning(text: &[u8]) -> Option<&[u8]> {
    // Almost every line fails here.
    if !matches!(text, [b't' | b's', b'r' | b'e', ..]) {
        return None;
    }
    BEGINNINGS
        .iter()
        .find_map(|beginning| text.strip_prefix(*beginning))
}

/// How far the body of a mark reaches: to a byte that no name has, or to the next mark.
///
/// Names are in lower case while titles and commands hardly begin so, which ends a name where the
/// carriage return is lost.
fn body_length(body: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        match byte {
            b'[' => match memchr::memchr(b']', &body[at..]) {
                Some(options) => return at + options + 1,
                None => return at,
            },
            b't' | b's' if after_beginning(&body[at..]).is_some() => return at,
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b':' | b'=' | b',' => at += 1,
            _ => return at,
        }
    }
    at
}

/// The time in a mark's body: an epoch before the section's name, or when the timed command ended.
fn body_time(body: &[u8]) -> Option<Timestamp> {
    let mut parts = body.split(|byte| matches!(byte, b':' | b','));
    let time =
        parts.try_for_each(
            |part| match epoch(part.strip_prefix(b"finish=").unwrap_or(part)) {
                Some(time) => ControlFlow::Break(time),
                None => ControlFlow::Continue(()),
            },
        );
    time.break_value()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::test_context as context;
    use proptest::prelude::*;

    const DATED: Option<Timestamp> = Some(Timestamp::from_seconds(1_700_000_000));

    #[test]
    fn marks_are_taken_off_whether_or_not_returns_divide_them() {
        let cases = [
            (
                "travis_fold:start:dam.1\rBuild the dam",
                None,
                "Build the dam",
            ),
            (
                "travis_fold:start:dam.1Build the dam",
                None,
                "Build the dam",
            ),
            (
                "travis_fold:end:weir\rtravis_fold:start:dam\rtravis_time:start:0a1b2c3d\r$ make dam",
                None,
                "$ make dam",
            ),
            (
                "travis_fold:end:weirtravis_fold:start:damtravis_time:start:0a1b2c3d$ make dam",
                None,
                "$ make dam",
            ),
            (
                "travis_time:end:0a1b2c3d:start=1600000000000000000,finish=1700000000000000000,duration=1\r\rDone",
                DATED,
                "Done",
            ),
            (
                "section_start:1700000000:build_dam[collapsed=true]\rBuild",
                DATED,
                "Build",
            ),
        ];
        for (line, timestamp, message) in cases {
            let event = CiSections.parse(line.as_bytes(), &context()).unwrap();
            assert_eq!(
                (event.timestamp, event.message.as_ref()),
                (timestamp, message.as_bytes()),
                "{line}"
            );
            assert!(!is_marker(line.as_bytes()));
        }
    }

    #[test]
    fn a_line_of_marks_alone_is_a_marker_and_other_lines_have_none() {
        assert!(is_marker(b"travis_fold:end:dam\r"));
        assert!(is_marker(b"section_end:1700000000:build_dam\r"));
        for line in [
            "travis_fold is a function",
            "see travis_fold:end:dam",
            "section_7:1",
            "",
        ] {
            assert!(!is_marker(line.as_bytes()), "{line}");
            assert_eq!(
                CiSections.parse(line.as_bytes(), &context()),
                None,
                "{line}"
            );
        }
    }

    proptest! {
        #[test]
        fn arbitrary_lines_never_panic(tail: Vec<u8>, head in "(travis_fold:start:|travis_time:end:|section_start:){0,3}") {
            let line = [head.into_bytes(), tail].concat();
            let _ = CiSections.parse(&line, &context());
            is_marker(&line);
        }
    }
}
