//! Plain text: a line without a header, taken as it is.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr2_iter};

use super::object_fields::{Role, role_of};
use super::stamp::{self, Layout};
use super::{Context, Format, header};
use crate::event::{Event, Severity, Timestamp};

/// How far into a line the stamp begins at most that dates it.
const STAMP_OFFSET_MAX: usize = 200;

/// Places that are looked at at most, of each kind.
const PLACES_MAX: usize = 8;

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

/// The event of a line that has no header, whatever stands in it; but further on it may say when it happened, in
/// brackets or an attribute of its own, or before a level in capitals.
pub fn event<'a>(line: &'a [u8], context: &Context) -> Event<'a> {
    let within = &line[..line.len().min(STAMP_OFFSET_MAX)];
    let attribute = || attribute_stamp(line, within, context);
    let timestamp = bracketed_stamp(line, within, context).or_else(attribute);
    let (timestamp, severity) = match timestamp {
        Some(_) => (timestamp, None),
        None => stamp_and_level(line, within, context).unzip(),
    };
    Event {
        timestamp,
        severity,
        message: Cow::Borrowed(line.trim_ascii_end()),
        bare: true,
        ..Event::default()
    }
}

/// The time in the first brackets that hold a stamp with its year and nothing else.
fn bracketed_stamp(line: &[u8], within: &[u8], context: &Context) -> Option<Timestamp> {
    let mut brackets = memchr2_iter(b'[', b'<', within).take(PLACES_MAX);
    brackets.find_map(|open| {
        let (time, rest) = full_stamp(&line[open + 1..], context)?;
        matches!(rest.first(), Some(b']' | b'>')).then_some(time)
    })
}

/// The time that the attributes of an element state: `<entry ts="2024-05-01T10:00:00" ...`.
fn attribute_stamp(line: &[u8], within: &[u8], context: &Context) -> Option<Timestamp> {
    let [b'<', first, ..] = line else { return None };
    let mut signs = memchr_iter(b'=', within)
        .filter(|_| first.is_ascii_alphabetic())
        .take(PLACES_MAX);
    signs.find_map(|sign| {
        let key = line[..sign]
            .rsplit(|&byte| !header::is_name_byte(byte))
            .next()?;
        let (quote, value) = line[sign + 1..].split_first()?;
        let is_time = matches!(quote, b'"' | b'\'') && role_of(key) == Some(Role::Time);
        let (time, rest) = is_time.then(|| full_stamp(value, context)).flatten()?;
        (rest.first() == Some(quote)).then_some(time)
    })
}

/// The time and the level behind it, whatever stands before both.
fn stamp_and_level(line: &[u8], within: &[u8], context: &Context) -> Option<(Timestamp, Severity)> {
    let begins = |at: &usize| within.get(at + 1).is_some_and(u8::is_ascii_digit);
    let mut blanks = memchr_iter(b' ', within).filter(begins).take(PLACES_MAX);
    blanks.find_map(|blank| {
        let (time, rest) = full_stamp(&line[blank + 1..], context)?;
        let word = header::word(rest.strip_prefix(b" ")?);
        let word = word.strip_suffix(b":").unwrap_or(word);
        let level = Severity::from_word(word).filter(|_| header::is_shouted_level(word))?;
        Some((time, level))
    })
}

/// The time of the stamp that a text begins with, if it has its year, and what follows it.
fn full_stamp<'a>(text: &'a [u8], context: &Context) -> Option<(Timestamp, &'a [u8])> {
    let stamp = stamp::parse(text, context).filter(|stamp| stamp.layout != Layout::Epoch)?;
    let (spelled, rest) = text.split_at(stamp.length);
    let mut numbers = spelled.split(|byte| !byte.is_ascii_digit());
    let has_year = numbers.any(|number| number.len() == YEAR_DIGITS);
    Some((stamp.timestamp.filter(|_| has_year)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_context;

    fn time(line: &str) -> Option<Timestamp> {
        event(line.as_bytes(), &test_context()).timestamp
    }

    #[test]
    fn a_stamp_for_itself_is_the_time_of_the_line() {
        let ten = Some(Timestamp::from_seconds(1_714_557_600));
        for line in [
            "[pid: 7|req: 5] 192.0.2.7 {44 vars} [Wed May  1 10:00:00 2024] GET /a",
            "79a5 bucket [01/May/2024:10:00:00 +0000] 192.0.2.7 GET",
            "####<May 1, 2024 10:00:00 AM UTC> <Error> <Deploy> <up>",
            "backup of <home> done [2024-05-01 10:00:00]",
            r#"<co ts="2024-05-01T10:00:00.00" pi="72a9" text="stuck"/>"#,
            "<Event a='7'><Created SystemTime='2024-05-01T10:00:00Z'/>",
            "7817 0cff -- none -- - 2024-05-01T10:00:00+00:00 WARN (4): stuck",
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
            r#"<co pi="2024-05-01T10:00:00">"#,
            r#"<co ts="2024-05-01T10:00:00 or so">"#,
            r#"a <co ts="2024-05-01T10:00:00">"#,
            "since 2024-05-01 10:00:00 warnings",
            "since 2024-05-01 10:00:00 THE END",
            "<<<<<<<<<[2024-05-01 10:00:00]",
            "[",
            "",
        ] {
            assert_eq!(time(line), None, "{line}");
        }
    }
}
