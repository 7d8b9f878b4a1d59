//! Plain text: a line without a header, taken as it is.

use std::borrow::Cow;

use memchr::memchr2_iter;

use super::stamp::{self, Layout};
use super::{Context, Format};
use crate::event::{Event, Timestamp};

/// How far into a line the brackets around its stamp open at most.
const STAMP_OFFSET_MAX: usize = 200;

/// Brackets that are looked into at most.
const BRACKETS_MAX: usize = 8;

/// The digits of a year.
const YEAR_DIGITS: usize = 4;

/// Takes every line whole.
pub struct Plain;

impl Format for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        Some(event(line, context))
    }
}

/// The event of a line that has no header, whatever stands in it; but a stamp further on that has brackets
/// for itself says when it happened.
pub fn event<'a>(line: &'a [u8], context: &Context) -> Event<'a> {
    Event {
        timestamp: bracketed_stamp(line, context),
        message: Cow::Borrowed(line.trim_ascii_end()),
        bare: true,
        ..Event::default()
    }
}

/// The time in the first brackets that hold a stamp with its year and nothing else.
fn bracketed_stamp(line: &[u8], context: &Context) -> Option<Timestamp> {
    let within = &line[..line.len().min(STAMP_OFFSET_MAX)];
    let mut brackets = memchr2_iter(b'[', b'<', within).take(BRACKETS_MAX);
    brackets.find_map(|open| {
        let inner = &line[open + 1..];
        let stamp = stamp::parse(inner, context).filter(|stamp| stamp.layout != Layout::Epoch)?;
        let (spelled, rest) = inner.split_at(stamp.length);
        let mut numbers = spelled.split(|byte| !byte.is_ascii_digit());
        let has_year = numbers.any(|number| number.len() == YEAR_DIGITS);
        let is_alone = matches!(rest.first(), Some(b']' | b'>'));
        stamp.timestamp.filter(|_| has_year && is_alone)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_context;

    fn time(line: &str) -> Option<Timestamp> {
        event(line.as_bytes(), &test_context()).timestamp
    }

    #[test]
    fn a_stamp_in_brackets_of_its_own_is_the_time_of_the_line() {
        let ten = Some(Timestamp::from_seconds(1_714_557_600));
        for line in [
            "[pid: 7|req: 5] 192.0.2.7 {44 vars} [Wed May  1 10:00:00 2024] GET /a",
            "79a5 bucket [01/May/2024:10:00:00 +0000] 192.0.2.7 GET",
            "####<May 1, 2024 10:00:00 AM UTC> <Error> <Deploy> <up>",
            "backup of <home> done [2024-05-01 10:00:00]",
        ] {
            assert_eq!(time(line), ten, "{line}");
            let event = event(line.as_bytes(), &test_context());
            assert_eq!(event.message.as_ref(), line.as_bytes());
        }
    }

    #[test]
    fn other_times_date_nothing() {
        for line in [
            "backup done 2024-05-01 10:00:00",
            "see [May  1 10:00:00] above",
            "from [2024-05-01 10:00:00 to 2024-05-01 11:00:00]",
            "at [1714557600]",
            "at [10:00:00]",
            "<<<<<<<<<[2024-05-01 10:00:00]",
            "[",
            "",
        ] {
            assert_eq!(time(line), None, "{line}");
        }
    }
}
