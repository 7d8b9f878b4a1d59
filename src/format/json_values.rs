//! What a JSON value says where a time, a level, a number or a text is expected.
//!
//! Which key holds what is for the shapes of objects to say; here only types and magnitudes count.

use std::borrow::Cow;

use super::json::RawValue;
use super::json_escapes::unescape;
use super::nested::clean;
use super::{Context, stamp};
use crate::event::{Severity, Text, Timestamp, facility_name};

/// Numbers below this are no epoch: seconds since a start, or counters. It is in 1973.
const EPOCH_SECONDS_MIN: i64 = 100_000_000;

/// Numbers below this are seconds: the year 5138, and in milliseconds again 1973.
const EPOCH_SECONDS_MAX: i64 = 100_000_000_000;

/// Numbers from the above to below this are milliseconds.
const EPOCH_MILLISECONDS_MAX: i64 = EPOCH_SECONDS_MAX * 1000;

/// Numbers from the above to below this are microseconds, and larger ones nanoseconds.
const EPOCH_MICROSECONDS_MAX: i64 = EPOCH_MILLISECONDS_MAX * 1000;

/// Which meaning small numbers have as a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Syslog's 0..=7, downwards, from a key that means syslog's severity.
    Syslog,
    /// Any of the scales by magnitude; syslog's three loudest are not believed, since more
    /// programs count their own levels up from zero than report that the system is unusable.
    Guessed,
    /// Python's `levelno`: 10, 20, 30, 40, 50 upwards.
    Python,
    /// OpenTelemetry's `SeverityNumber`: 1..=24 in steps of four upwards.
    OpenTelemetry,
}

/// A string of the object as text: cleaned, and without the newlines at its end.
pub(super) fn text(value: RawValue<'_>) -> Option<Text<'_>> {
    match value {
        RawValue::Str(raw) => Some(unescaped(without_newlines(raw))),
        _ => None,
    }
}

/// The text of the inside of a string. Without escapes it is part of the line, which is clean.
#[inline]
pub(super) fn unescaped(raw: &[u8]) -> Text<'_> {
    if memchr::memchr(b'\\', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    clean(unescape(raw))
}

/// The inside of a string without the escaped newlines at its end, so that most need no unescaping.
fn without_newlines(mut raw: &[u8]) -> &[u8] {
    while let [head @ .., b'\\', b'n' | b'r'] = raw {
        let backslashes = head.iter().rev().take_while(|&&byte| byte == b'\\').count();
        if backslashes % 2 == 1 {
            break;
        }
        raw = head;
    }
    raw
}

/// A text that says something.
pub(super) fn filled_text(value: RawValue<'_>) -> Option<Text<'_>> {
    text(value).filter(|text| !text.trim_ascii().is_empty())
}

/// A time: a stamp, an epoch in any usual unit, or an object that holds one.
pub(super) fn timestamp(value: RawValue<'_>, context: &Context) -> Option<Timestamp> {
    match value {
        RawValue::Number(digits) => epoch(digits),
        RawValue::Str(raw) => {
            let text = unescape(raw);
            let text = text.trim_ascii();
            epoch(text).or_else(|| stamp::parse(text, context)?.timestamp)
        }
        RawValue::Object(_) => timestamp_object(value, context),
        _ => None,
    }
}

/// A time spelled as an object: `{"$date": ...}`, or seconds and nanoseconds apart.
fn timestamp_object(value: RawValue<'_>, context: &Context) -> Option<Timestamp> {
    let mut seconds = None;
    let mut nanoseconds = 0;
    for (key, value) in value.members()? {
        match key {
            // One level further down stands a number in a string: `{"$numberLong": "..."}`.
            b"$date" => {
                return value
                    .members()
                    .map_or(Some(value), |mut members| Some(members.next()?.1))
                    .filter(|value| !matches!(value, RawValue::Object(_)))
                    .and_then(|value| timestamp(value, context));
            }
            b"epochSecond" | b"seconds" | b"timestamp" => seconds = timestamp(value, context),
            b"nanoOfSecond" | b"nanos" => nanoseconds = number::<i64>(value)?,
            _ => {}
        }
    }
    let micros = nanoseconds.checked_div(1000)?;
    Some(Timestamp(seconds?.0.checked_add(micros)?))
}

/// Reads a decimal epoch whose magnitude tells its unit: seconds, milli-, micro- or nanoseconds.
pub(super) fn epoch(digits: &[u8]) -> Option<Timestamp> {
    const SECONDS_MICROS: i64 = Timestamp::MICROS;
    let point = memchr::memchr(b'.', digits).unwrap_or(digits.len());
    let (whole, fraction) = (
        &digits[..point],
        digits.get(point + 1..).unwrap_or_default(),
    );
    if memchr::memchr2(b'e', b'E', fraction).is_some() {
        return scientific_epoch(digits);
    }
    if whole.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return None;
    }
    let number: i64 = parsed(whole)?;
    if number < EPOCH_SECONDS_MIN {
        return None;
    }
    let unit_micros = match number {
        EPOCH_MICROSECONDS_MAX.. => return Some(Timestamp(number / 1000)),
        EPOCH_MILLISECONDS_MAX.. => 1,
        EPOCH_SECONDS_MAX.. => SECONDS_MICROS / 1000,
        _ => SECONDS_MICROS,
    };
    let mut digit_micros = unit_micros;
    let below: i64 = fraction
        .iter()
        .map(|digit| {
            digit_micros /= 10;
            i64::from(digit - b'0') * digit_micros
        })
        .sum();
    number
        .checked_mul(unit_micros)?
        .checked_add(below)
        .map(Timestamp)
}

/// Seconds written as `1.7e9`.
fn scientific_epoch(digits: &[u8]) -> Option<Timestamp> {
    let seconds: f64 = parsed(digits)?;
    let known = EPOCH_SECONDS_MIN as f64..EPOCH_SECONDS_MAX as f64;
    let micros = (seconds * Timestamp::MICROS as f64) as i64;
    known.contains(&seconds).then_some(Timestamp(micros))
}

/// A level: a word, perhaps with a digit behind it, or a number on the given scale.
pub(super) fn severity(value: RawValue<'_>, scale: Scale) -> Option<Severity> {
    match value {
        RawValue::Number(digits) => {
            severity_number(std::str::from_utf8(digits).ok()?.parse().ok()?, scale)
        }
        RawValue::Str(raw) => {
            let word = raw.trim_ascii();
            if let Some(number) = parsed(word) {
                return severity_number(number, scale);
            }
            Severity::from_word(word).or_else(|| Severity::from_word(stem(word)))
        }
        _ => None,
    }
}

fn severity_number(number: u16, scale: Scale) -> Option<Severity> {
    use Severity::{Alert, Critical, Debug, Emergency, Error, Info, Notice, Warning};
    Some(match (scale, number) {
        (Scale::Syslog, 0..=7) | (Scale::Guessed, 3..=7) => Severity::from_number(number as u8),
        (Scale::OpenTelemetry, 1..=8) => Debug,
        (Scale::OpenTelemetry, 9..=12) => Info,
        (Scale::OpenTelemetry, 13..=16) => Warning,
        (Scale::OpenTelemetry, 17..=20) => Error,
        (Scale::OpenTelemetry, 21..=24) => Critical,
        (Scale::OpenTelemetry, _) => return None,
        (Scale::Python, 10) => Debug,
        (Scale::Python, 20) => Info,
        (Scale::Python, 30) => Warning,
        (Scale::Python, 40) => Error,
        (Scale::Python, 50) => Critical,
        // The steps of ten of bunyan and pino, with levels of their own between them.
        (_, 10..=29) => Debug,
        (_, 30..=39) => Info,
        (_, 40..=49) => Warning,
        (_, 50..=59) => Error,
        (_, 60..=69) => Critical,
        // The steps of a hundred of google.logging.type.LogSeverity.
        (_, 100) => Debug,
        (_, 200) => Info,
        (_, 300) => Notice,
        (_, 400) => Warning,
        (_, 500) => Error,
        (_, 600) => Critical,
        (_, 700) => Alert,
        (_, 800) => Emergency,
        _ => return None,
    })
}

/// A facility by number or keyword.
pub(super) fn facility(value: RawValue<'_>) -> Option<u8> {
    let by_name =
        |raw: &[u8]| (0..24).find(|&number| facility_name(number).map(str::as_bytes) == Some(raw));
    let known = number::<u8>(value).filter(|&number| facility_name(number).is_some());
    known.or_else(|| match value {
        RawValue::Str(raw) => by_name(&raw.to_ascii_lowercase()),
        _ => None,
    })
}

/// A decimal number, also in a string.
pub(super) fn number<T: std::str::FromStr>(value: RawValue<'_>) -> Option<T> {
    match value {
        RawValue::Number(digits) | RawValue::Str(digits) => parsed(digits),
        _ => None,
    }
}

fn parsed<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A value as short text: strings unescaped, scalars as they stand, objects and arrays as JSON.
pub(super) fn display(value: RawValue<'_>) -> Text<'_> {
    match value {
        RawValue::Str(_) => text(value).unwrap_or_default(),
        RawValue::Number(raw) | RawValue::Bool(raw) => Cow::Borrowed(raw),
        RawValue::Object(raw) | RawValue::Array(raw) => Cow::Borrowed(raw),
        RawValue::Null => Cow::Borrowed(b""),
    }
}

/// The word without the digits at its end, as in `DEBUG5`.
fn stem(word: &[u8]) -> &[u8] {
    let digits = word
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    &word[..word.len() - digits]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::test_context as context;

    #[test]
    fn the_magnitude_of_an_epoch_tells_its_unit() {
        let expected = Some(Timestamp(1_700_000_000_123_456));
        for digits in [
            "1700000000.123456",
            "1700000000.1234567",
            "1700000000123.456",
            "1700000000123456",
            "1700000000123456789",
            "1.700000000123456e9",
        ] {
            assert_eq!(epoch(digits.as_bytes()), expected, "{digits}");
        }
        for digits in [
            "12.5",
            "0",
            "",
            ".",
            "1.2.3",
            "-1700000000",
            "99999999999999999999",
            "1e5",
            "17000x0000",
        ] {
            assert_eq!(epoch(digits.as_bytes()), None, "{digits}");
        }
    }

    #[test]
    fn times_in_objects_are_read() {
        let expected = Some(Timestamp(1_700_000_000_500_000));
        for text in [
            r#"{"$date":"2023-11-14T22:13:20.5Z"}"#,
            r#"{"$date":{"$numberLong":"1700000000500"}}"#,
            r#"{"epochSecond":1700000000,"nanoOfSecond":500000000}"#,
            r#"{"nanos":500000000,"seconds":"1700000000"}"#,
        ] {
            assert_eq!(
                timestamp(RawValue::Object(text.as_bytes()), &context()),
                expected,
                "{text}"
            );
        }
        for text in [
            "{}",
            r#"{"$date":{"$date":{"$date":1}}}"#,
            r#"{"seconds":null}"#,
        ] {
            assert_eq!(
                timestamp(RawValue::Object(text.as_bytes()), &context()),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn levels_are_words_or_numbers_of_a_known_scale() {
        let number =
            |digits: &'static str, scale| severity(RawValue::Number(digits.as_bytes()), scale);
        assert_eq!(number("30", Scale::Guessed), Some(Severity::Info));
        assert_eq!(number("30", Scale::Python), Some(Severity::Warning));
        assert_eq!(number("3", Scale::Guessed), Some(Severity::Error));
        assert_eq!(number("1", Scale::Guessed), None);
        assert_eq!(number("1", Scale::Syslog), Some(Severity::Alert));
        assert_eq!(number("500", Scale::Guessed), Some(Severity::Error));
        assert_eq!(number("13", Scale::OpenTelemetry), Some(Severity::Warning));
        let word = |word: &'static str| severity(RawValue::Str(word.as_bytes()), Scale::Guessed);
        assert_eq!(word("DEBUG5"), Some(Severity::Debug));
        assert_eq!(word(" Warning "), Some(Severity::Warning));
        assert_eq!(word("40"), Some(Severity::Warning));
        assert_eq!(word("loud"), None);
    }

    #[test]
    fn escaped_newlines_at_the_end_are_dropped_and_a_backslash_before_n_is_not() {
        assert!(matches!(
            text(RawValue::Str(br"line\r\n")),
            Some(Cow::Borrowed(b"line"))
        ));
        assert_eq!(text(RawValue::Str(br"C:\\n")).unwrap().as_ref(), br"C:\n");
        assert_eq!(facility(RawValue::Str(b"Auth")), Some(4));
        assert_eq!(facility(RawValue::Number(b"99")), None);
    }
}
