//! The time window of `--since` and `--until`, and the grammar of the moments that bound it.
//!
//! The grammar is that of journalctl(1) and systemd.time(7): dates, times of day, `yesterday`,
//! `-1h`, `2 days ago`, `@1700000000`; and spans alone, `7d` meaning seven days ago. Calendar
//! expressions that repeat (`Mon *-*-1`) are left out: a window has no use for them.

use crate::event::Timestamp;
use crate::format::Context;
use crate::format::stamp;
use crate::format::zone::Zone;

/// A half-open stretch of time; a missing bound is unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// The first instant inside.
    pub since: Option<Timestamp>,
    /// The first instant no longer inside.
    pub until: Option<Timestamp>,
}

impl Window {
    /// Whether an event of this time lies inside. What has no time is only inside when nothing bounds
    /// the window, since nobody can say that it is.
    pub fn contains(&self, timestamp: Option<Timestamp>) -> bool {
        match timestamp {
            Some(timestamp) => {
                self.since.is_none_or(|since| since <= timestamp)
                    && self.until.is_none_or(|until| timestamp < until)
            }
            None => self.since.is_none() && self.until.is_none(),
        }
    }
}

/// What a unit of time is called, and how many microseconds it has.
///
/// A month is 30.44 days and a year 365.25, as systemd.time(7) has it; only `M` is a month.
const UNITS: [(&[&str], i64); 9] = [
    (&["us", "usec", "µs", "μs"], 1),
    (&["ms", "msec"], 1000),
    (&["s", "sec", "second", "seconds"], SECOND),
    (&["m", "min", "minute", "minutes"], 60 * SECOND),
    (&["h", "hr", "hour", "hours"], 3600 * SECOND),
    (&["d", "day", "days"], DAY),
    (&["w", "week", "weeks"], 7 * DAY),
    (&["M", "month", "months"], 2_630_016 * SECOND),
    (&["y", "year", "years"], 31_557_600 * SECOND),
];

const SECOND: i64 = Timestamp::MICROS;
const DAY: i64 = 86_400 * SECOND;

/// What the messages give as examples.
const EXAMPLES: &str =
    "try 1h, 7d, yesterday, '2 days ago', 09:30, 2024-01-31, '2024-01-31 09:30' or @1700000000";

/// Reads a moment: the time zone decides what day and hour it is `now` and where dates lie.
///
/// The message of an error says what was not understood and gives examples.
pub fn parse_instant(text: &str, now: Timestamp, zone: &Zone) -> Result<Timestamp, String> {
    let trimmed = text.trim();
    let not_understood = || format!("'{text}' is no time: {EXAMPLES}");
    if trimmed.is_empty() {
        return Err(format!("no time is given: {EXAMPLES}"));
    }
    if let Some(days) = named_day(trimmed) {
        return Ok(midnight(now, days, zone));
    }
    if trimmed == "now" {
        return Ok(now);
    }
    if let Some(seconds) = trimmed.strip_prefix('@') {
        return micros_of_decimal(seconds, SECOND)
            .map(Timestamp)
            .ok_or_else(|| format!("'{text}' is no count of seconds since 1970: try @1700000000"));
    }
    if let Some((span, sign)) = relative(trimmed) {
        let micros = span_micros(span)?;
        return now
            .0
            .checked_add(sign * micros)
            .map(Timestamp)
            .ok_or_else(|| format!("'{text}' is beyond the calendar"));
    }
    if let Some(timestamp) = dated(trimmed, now, zone) {
        return timestamp.ok_or_else(|| format!("'{text}' is not in the calendar"));
    }
    match trimmed.starts_with(|first: char| first.is_ascii_digit()) {
        true => span_micros(trimmed)
            .ok()
            .and_then(|micros| now.0.checked_sub(micros))
            .map(Timestamp)
            .ok_or_else(not_understood),
        false => Err(not_understood()),
    }
}

/// Reads a span such as `90min`, `1h 30m`, `1.5d`, `400d`, and gives it in whole seconds.
///
/// The message of an error says which part was not understood.
pub fn parse_span(text: &str) -> Result<i64, String> {
    span_micros(text).map(|micros| micros / SECOND)
}

/// How many days from today a day's name is.
fn named_day(text: &str) -> Option<i64> {
    Some(match text {
        "yesterday" => -1,
        "today" => 0,
        "tomorrow" => 1,
        _ => return None,
    })
}

/// The span and the direction of `-1h`, `+5min`, `1h ago` and `1h left`.
fn relative(text: &str) -> Option<(&str, i64)> {
    let prefixes = [('-', -1), ('+', 1)];
    let suffixes = [(" ago", -1), (" left", 1)];
    let before = prefixes
        .iter()
        .find_map(|&(mark, sign)| Some((text.strip_prefix(mark)?, sign)));
    before.or_else(|| {
        suffixes
            .iter()
            .find_map(|&(mark, sign)| Some((text.strip_suffix(mark)?, sign)))
    })
}

/// A date, a time of day or both; `Some(None)` when there is no such one.
fn dated(text: &str, now: Timestamp, zone: &Zone) -> Option<Option<Timestamp>> {
    let read = |text: &str| {
        let context = Context::new(zone.clone(), now, None);
        stamp::parse_whole(text.as_bytes(), &context)
    };
    let today = || {
        let civil = zone.civil_seconds(now.seconds());
        let day = stamp::format_rfc3339(Timestamp(civil.saturating_mul(SECOND)));
        day.get(..10).unwrap_or_default().to_owned()
    };
    // A date alone begins at midnight, and a time alone is of today; a weekday adds nothing.
    read(text)
        .or_else(|| read(&format!("{text} 00:00:00")))
        .or_else(|| read(&format!("{} {text}", today())))
        .map(|stamp| stamp.timestamp)
}

/// The start of the day that is `days` from today.
fn midnight(now: Timestamp, days: i64, zone: &Zone) -> Timestamp {
    let today = zone.civil_seconds(now.seconds()).div_euclid(86_400);
    let civil = today.saturating_add(days).saturating_mul(86_400);
    Timestamp(zone.utc_seconds(civil).saturating_mul(SECOND))
}

/// The sum of numbers with units.
fn span_micros(text: &str) -> Result<i64, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("no span is given: try 90min, 1h, 7d or '1h 30min'".to_owned());
    }
    let mut sum = 0i64;
    while !rest.is_empty() {
        let number_ends = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'));
        let (number, after) = rest.split_at(number_ends.unwrap_or(rest.len()));
        let after = after.trim_start();
        let unit_ends = after.find(|c: char| c.is_ascii_digit() || c.is_whitespace());
        let (unit, after) = after.split_at(unit_ends.unwrap_or(after.len()));
        rest = after.trim_start();
        let micros_each = unit_micros(unit).ok_or_else(|| match unit {
            "" => {
                format!("'{text}' lacks a unit: say {number}s, {number}min, {number}h or {number}d")
            }
            _ => format!("'{unit}' is no unit of time: use s, min, h, d, w, month or y"),
        })?;
        sum = micros_of_decimal(number, micros_each)
            .and_then(|micros| sum.checked_add(micros))
            .ok_or_else(|| format!("'{text}' is no span of time: try 90min, 1h or 7d"))?;
    }
    Ok(sum)
}

fn unit_micros(unit: &str) -> Option<i64> {
    let lower = unit.to_lowercase();
    let unit = if unit == "M" { unit } else { &lower };
    let found = UNITS.iter().find(|(names, _)| names.contains(&unit));
    found.map(|&(_, micros)| micros)
}

/// A decimal number of units in microseconds; what is finer is cut.
fn micros_of_decimal(text: &str, micros_each: i64) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let mut micros = whole.parse::<i64>().ok()?.checked_mul(micros_each)?;
    let mut place = micros_each;
    for digit in fraction.bytes() {
        place /= 10;
        micros = micros.checked_add(i64::from(digit - b'0') * place)?;
    }
    Some(micros)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// 2024-05-15T10:20:30Z, a Wednesday; half past noon in Berlin.
    const NOW: Timestamp = Timestamp::from_seconds(1_715_768_430);

    fn at(text: &str) -> String {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        parse_instant(text, NOW, &zone).map_or_else(|error| error, stamp::format_rfc3339)
    }

    #[test]
    fn dates_and_times_of_day_lie_in_the_zone() {
        for (text, expected) in [
            ("2024-01-02", "2024-01-01T23:00:00Z"),
            ("2024-01-02 03:04", "2024-01-02T02:04:00Z"),
            ("2024-01-02 03:04:05", "2024-01-02T02:04:05Z"),
            ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
            ("Tue 2024-01-02 03:04:05 UTC", "2024-01-02T03:04:05Z"),
            ("03:04", "2024-05-15T01:04:00Z"),
            ("03:04:05", "2024-05-15T01:04:05Z"),
            ("today", "2024-05-14T22:00:00Z"),
            ("yesterday", "2024-05-13T22:00:00Z"),
            ("tomorrow", "2024-05-15T22:00:00Z"),
            (" now ", "2024-05-15T10:20:30Z"),
            ("@1700000000", "2023-11-14T22:13:20Z"),
            ("@1700000000.25", "2023-11-14T22:13:20.250Z"),
        ] {
            assert_eq!(at(text), expected, "{text}");
        }
    }

    #[test]
    fn spans_count_from_now_and_alone_they_go_back() {
        for (text, expected) in [
            ("-1h", "2024-05-15T09:20:30Z"),
            ("+5min", "2024-05-15T10:25:30Z"),
            ("1h ago", "2024-05-15T09:20:30Z"),
            ("2 days ago", "2024-05-13T10:20:30Z"),
            ("1h left", "2024-05-15T11:20:30Z"),
            ("1h", "2024-05-15T09:20:30Z"),
            ("7d", "2024-05-08T10:20:30Z"),
            ("1h 30min", "2024-05-15T08:50:30Z"),
        ] {
            assert_eq!(at(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_say_what_to_write_instead() {
        assert!(at("").contains("try 1h"));
        assert!(at("sometime").contains("'sometime' is no time: try 1h"));
        assert!(at("2024-02-30").contains("not in the calendar"));
        assert!(at("25:00").contains("not in the calendar"));
        assert!(at("-5").contains("say 5s, 5min"));
        assert!(at("5 parsecs ago").contains("'parsecs' is no unit"));
        assert!(at("@soon").contains("try @1700000000"));
        assert!(at("-999999999y").contains("no span"));
        assert!(at("12 monkeys").contains("is no time"));
    }

    #[test]
    fn spans_add_up_and_are_given_in_seconds() {
        for (text, seconds) in [
            ("90min", 5400),
            ("1h30m", 5400),
            ("1.5 h", 5400),
            ("400d", 34_560_000),
            ("2 weeks", 1_209_600),
            ("1M", 2_630_016),
            ("1y", 31_557_600),
            ("999ms", 0),
        ] {
            assert_eq!(parse_span(text), Ok(seconds), "{text}");
        }
        for text in [
            "",
            "h",
            "1",
            "1x",
            "1..5h",
            "-1h",
            "9223372036854775807y",
            "1h é",
        ] {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_window_is_half_open_and_excludes_the_undated_once_it_is_bounded() {
        let all = Window::default();
        assert!(all.contains(None) && all.contains(Some(NOW)));
        let second = Window {
            since: Some(NOW),
            until: Some(Timestamp(NOW.0 + SECOND)),
        };
        assert!(second.contains(second.since) && !second.contains(second.until));
        assert!(!second.contains(None) && !second.contains(Some(Timestamp(NOW.0 - 1))));
    }
}
