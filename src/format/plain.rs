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

/// How much later than what is the present to a log a line of it may be: clocks differ, and so do zones.
const TO_COME_MICROS_MAX: i64 = 24 * 3600 * Timestamp::MICROS;

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

/// The time in the first brackets that hold a stamp with its year and nothing else, and none to come.
fn bracketed_stamp(line: &[u8], within: &[u8], context: &Context) -> Option<Timestamp> {
    let mut brackets = memchr2_iter(b'[', b'<', within).take(PLACES_MAX);
    brackets.find_map(|open| {
        let (time, rest) = full_stamp(line, open + 1, context)?;
        // Other digits may be a time to come.
        context.notes.digits_decide();
        let latest = context.reference.0.saturating_add(TO_COME_MICROS_MAX);
        let is_alone = matches!(rest.first(), Some(b']' | b'>'));
        (is_alone && time.0 <= latest).then_some(time)
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
        let quote = line.get(sign + 1)?;
        let is_time = matches!(quote, b'"' | b'\'') && role_of(key) == Some(Role::Time);
        let stamped = is_time.then(|| full_stamp(line, sign + 2, context));
        let (time, rest) = stamped.flatten()?;
        (rest.first() == Some(quote)).then_some(time)
    })
}

/// The time and the level behind it, whatever stands before both.
fn stamp_and_level(line: &[u8], within: &[u8], context: &Context) -> Option<(Timestamp, Severity)> {
    let begins = |at: &usize| within.get(at + 1).is_some_and(u8::is_ascii_digit);
    let mut blanks = memchr_iter(b' ', within).filter(begins).take(PLACES_MAX);
    blanks.find_map(|blank| {
        let (time, rest) = full_stamp(line, blank + 1, context)?;
        let word = header::word(rest.strip_prefix(b" ")?);
        let word = word.strip_suffix(b":").unwrap_or(word);
        let level = Severity::from_word(word).filter(|_| header::is_shouted_level(word))?;
        Some((time, level))
    })
}

/// The time of the stamp at a place of a line, if it has its year and no prose leads to it; and what follows
/// it.
fn full_stamp<'a>(line: &'a [u8], at: usize, context: &Context) -> Option<(Timestamp, &'a [u8])> {
    let text = &line[at..];
    if is_prose(&line[..at - 1]) {
        return None;
    }
    let stamp = stamp::parse(text, context).filter(|stamp| stamp.layout != Layout::Epoch)?;
    let (spelled, rest) = text.split_at(stamp.length);
    Some((stamp.timestamp.filter(|_| has_year(spelled))?, rest))
}

/// Whether the two words before a place are of letters alone, as in what tells of another time.
fn is_prose(before: &[u8]) -> bool {
    let words = before.trim_ascii_end().rsplit(|byte| *byte == b' ').take(2);
    let mut words = words.filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| word.iter().all(u8::is_ascii_alphabetic))
}

/// Whether a stamp has the four digits of a year, which are no zone's and no fraction.
fn has_year(spelled: &[u8]) -> bool {
    let mut at = 0;
    spelled.split(|byte| !byte.is_ascii_digit()).any(|number| {
        let begins = at;
        at += number.len() + 1;
        let is_last = at > spelled.len();
        number.len() == YEAR_DIGITS
            && match begins.checked_sub(1).map(|before| spelled[before]) {
                Some(b'+' | b'.' | b',') => false,
                Some(b'-') => !is_last,
                _ => true,
            }
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
    fn a_stamp_for_itself_is_the_time_of_the_line() {
        let ten = Some(Timestamp::from_seconds(1_714_557_600));
        for line in [
            "[pid: 7|req: 5] 192.0.2.7 {44 vars} [Wed May  1 10:00:00 2024] GET /a",
            "79a5 bucket [01/May/2024:10:00:00 +0000] 192.0.2.7 GET",
            "####<May 1, 2024 10:00:00 AM UTC> <Error> <Deploy> <up>",
            "backup 7 [2024-05-01 10:00:00]",
            "00:01 x [01-05-2024 10:00:00 -0000] stuck",
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
            "7 [May  1 10:00:00 +0000] above",
            "7 [May  1 10:00:00.1234] above",
            "panic: token bad since [2019-01-01 00:00:00]",
            "token valid <2019-01-01 00:00:00> ERROR failure",
            "Certificate expires [2024-05-01 00:00:00]",
            "id 7: [2031-01-01 00:00:00]",
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
