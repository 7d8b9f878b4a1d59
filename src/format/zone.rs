//! Time zones: from the civil time that a stamp shows to UTC, and back.
//!
//! The rules of named zones come from jiff, which carries the IANA database as the bytes that it is
//! distributed as, so that a start costs nothing for it; those of this machine from chrono. Here is only
//! the choice among them and a cache that spares a look-up per line. Zone words inside stamps (`CEST`, `+0200`) are the stamps' matter.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Local, MappedLocalTime, NaiveDateTime, Offset, TimeZone};
use jiff::tz::{self, AmbiguousOffset};

/// Offsets change at quarters of an hour of civil time, if at all.
const SLOT_SECONDS: i64 = 15 * 60;

/// The largest offset from UTC that an offset may name: 18 hours, as in ISO 8601 libraries.
const OFFSET_SECONDS_MAX: i64 = 18 * 3600;

/// A time zone; cheap to clone, and each clone has its own cache.
#[derive(Debug)]
pub struct Zone {
    rule: Rule,
    /// The civil slot last asked for and its offset, where that is the same throughout the slot;
    /// packed into one word, so that threads sharing it never see half of an answer.
    cached: AtomicU64,
}

/// Bits of the cache that hold the offset; the slot is in those above.
const OFFSET_BITS: u32 = 20;
/// Added to an offset so that it is not negative.
const OFFSET_BIAS: i64 = 1 << (OFFSET_BITS - 1);
/// Slots in 0..SLOTS_MAX, which reach some 30 million years past 1970, can be cached.
const SLOTS_MAX: i64 = 1 << 40;
/// No slot is cached.
const EMPTY: u64 = u64::MAX;

impl Clone for Zone {
    fn clone(&self) -> Self {
        Self::new(self.rule.clone())
    }
}

#[derive(Debug, Clone)]
enum Rule {
    /// A constant number of seconds east of UTC.
    Fixed(i64),
    /// A zone of the IANA database.
    Named(tz::TimeZone),
    /// The zone of this machine.
    Local,
}

/// What `--tz` was given is no zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownZone {
    text: String,
    /// A zone whose city is the one given.
    similar: Option<String>,
}

impl fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is no time zone: ", self.text)?;
        match &self.similar {
            Some(name) => write!(f, "did you mean {name}?"),
            None => write!(
                f,
                "use UTC, local, an offset like +02:00, or a name like Europe/Berlin"
            ),
        }
    }
}

impl std::error::Error for UnknownZone {}

impl Zone {
    /// Coordinated universal time.
    pub const fn utc() -> Self {
        Self::new(Rule::Fixed(0))
    }

    /// The zone of this machine, as `TZ` or the system says.
    pub const fn local() -> Self {
        Self::new(Rule::Local)
    }

    const fn new(rule: Rule) -> Self {
        Zone {
            rule,
            cached: AtomicU64::new(EMPTY),
        }
    }

    /// Reads what `--tz` takes: `UTC`, `local`, `+02:00`, `Europe/Berlin`.
    pub fn parse(text: &str) -> Result<Self, UnknownZone> {
        let rule = match text.to_ascii_lowercase().as_str() {
            "utc" | "gmt" | "z" => Some(Rule::Fixed(0)),
            "local" => Some(Rule::Local),
            _ => parse_offset(text)
                .map(Rule::Fixed)
                .or_else(|| tz::db().get(text).ok().map(Rule::Named)),
        };
        rule.map(Self::new).ok_or_else(|| UnknownZone {
            text: text.to_owned(),
            similar: similar_zone(text),
        })
    }

    /// The UTC seconds of a civil time, given as the seconds since 1970 that it would be in UTC.
    ///
    /// Of an ambiguous time, when clocks go back, the earlier instant is meant; a time in the gap,
    /// when clocks go forward, is as far after the change as it claims to be after the old hour.
    pub fn utc_seconds(&self, civil_seconds: i64) -> i64 {
        if let Rule::Fixed(offset) = self.rule {
            return civil_seconds.saturating_sub(offset);
        }
        let slot = civil_seconds.div_euclid(SLOT_SECONDS);
        let cached = self.cached.load(Ordering::Relaxed);
        if (cached >> OFFSET_BITS) as i64 == slot {
            let offset = (cached & ((1 << OFFSET_BITS) - 1)) as i64 - OFFSET_BIAS;
            return civil_seconds.saturating_sub(offset);
        }
        let first = self.rule.offset_of_civil(slot.saturating_mul(SLOT_SECONDS));
        let last_second = slot
            .saturating_mul(SLOT_SECONDS)
            .saturating_add(SLOT_SECONDS - 1);
        if first == self.rule.offset_of_civil(last_second) {
            if (0..SLOTS_MAX).contains(&slot) {
                let packed = (slot as u64) << OFFSET_BITS | (first + OFFSET_BIAS) as u64;
                self.cached.store(packed, Ordering::Relaxed);
            }
            return civil_seconds.saturating_sub(first);
        }
        civil_seconds.saturating_sub(self.rule.offset_of_civil(civil_seconds))
    }

    /// The civil time that clocks show at an instant, as the seconds since 1970 it would be in UTC.
    pub fn civil_seconds(&self, utc_seconds: i64) -> i64 {
        utc_seconds.saturating_add(self.rule.offset_at(utc_seconds))
    }
}

impl Rule {
    /// Seconds east of UTC at an instant.
    fn offset_at(&self, utc_seconds: i64) -> i64 {
        match self {
            Rule::Fixed(offset) => *offset,
            Rule::Named(zone) => jiff::Timestamp::from_second(utc_seconds)
                .map_or(0, |instant| zone.to_offset(instant).seconds().into()),
            Rule::Local => naive(utc_seconds).map_or(0, |instant| {
                seconds_east(Local.offset_from_utc_datetime(&instant))
            }),
        }
    }

    /// Seconds east of UTC when clocks show this civil time.
    fn offset_of_civil(&self, civil_seconds: i64) -> i64 {
        match self {
            Rule::Fixed(offset) => *offset,
            Rule::Named(zone) => civil(civil_seconds).map_or(0, |civil| {
                let offset = match zone.to_ambiguous_timestamp(civil).offset() {
                    AmbiguousOffset::Unambiguous { offset } => offset,
                    // Before the change the earlier instant; in a gap that offset holds.
                    AmbiguousOffset::Fold { before, .. } | AmbiguousOffset::Gap { before, .. } => {
                        before
                    }
                };
                offset.seconds().into()
            }),
            Rule::Local => naive(civil_seconds).map_or(0, |civil| {
                let offset = earliest(Local.offset_from_local_datetime(&civil));
                // In a gap the offset before it holds, and a day earlier is before any gap there ever was.
                offset.unwrap_or_else(|| self.offset_at(civil_seconds.saturating_sub(86_400)))
            }),
        }
    }
}

/// A civil time of jiff's; `None` past its years.
fn civil(civil_seconds: i64) -> Option<jiff::civil::DateTime> {
    let instant = jiff::Timestamp::from_second(civil_seconds).ok()?;
    Some(tz::Offset::UTC.to_datetime(instant))
}

fn naive(seconds: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(seconds, 0).map(|instant| instant.naive_utc())
}

fn earliest<O: Offset>(offset: MappedLocalTime<O>) -> Option<i64> {
    offset.earliest().map(seconds_east)
}

fn seconds_east<O: Offset>(offset: O) -> i64 {
    offset.fix().local_minus_utc().into()
}

/// Reads `+hh`, `+hhmm` or `+hh:mm` as seconds east of UTC.
fn parse_offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes() {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [hours @ .., b':', a, b] => (hours, [*a, *b]),
        [h, i, a, b] => (&[*h, *i][..], [*a, *b]),
        hours => (hours, [b'0'; 2]),
    };
    let number = |digits: &[u8]| match digits {
        [a @ b'0'..=b'9'] => Some(i64::from(a - b'0')),
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(i64::from((a - b'0') * 10 + (b - b'0'))),
        _ => None,
    };
    let minutes = number(&minutes).filter(|&minutes| minutes < 60)?;
    let seconds = number(hours)? * 3600 + minutes * 60;
    (seconds <= OFFSET_SECONDS_MAX).then_some(sign * seconds)
}

/// The zone that was probably meant: right but for its case, or named by its city alone.
fn similar_zone(text: &str) -> Option<String> {
    let is_city = |name: &str, text: &str| {
        let city = name.rsplit('/').next();
        city.is_some_and(|city| city.eq_ignore_ascii_case(text))
    };
    let text = text.replace(' ', "_");
    let mut names = tz::db().available();
    let name = names.find(|name| is_city(name.as_str(), &text));
    name.map(|name| name.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// 2024-03-31T00:00 and 2024-10-27T00:00 as civil seconds.
    const SPRING: i64 = 1_711_843_200;
    const AUTUMN: i64 = 1_729_987_200;

    #[test]
    fn zones_are_named_by_word_offset_or_city() {
        for (text, seconds) in [
            ("UTC", 0),
            ("gmt", 0),
            ("+02:00", 7200),
            ("-0330", -12600),
            ("+5", 18000),
            ("Asia/Kolkata", 19800),
        ] {
            assert_eq!(Zone::parse(text).unwrap().utc_seconds(seconds), 0, "{text}");
        }
        for text in ["", "+", "+2x", "+19:00", "+02:60", "Mars/Olympus", "+é1"] {
            assert!(Zone::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_unknown_zone_is_answered_with_the_one_probably_meant() {
        let message = |text| Zone::parse(text).unwrap_err().to_string();
        assert_eq!(
            message("berlin"),
            "'berlin' is no time zone: did you mean Europe/Berlin?"
        );
        assert!(message("nowhere").contains("+02:00"));
    }

    #[test]
    fn of_an_ambiguous_hour_the_earlier_instant_is_meant() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let half_past_two = AUTUMN + 2 * 3600 + 1800;
        assert_eq!(zone.utc_seconds(half_past_two), half_past_two - 7200);
        assert_eq!(
            zone.utc_seconds(half_past_two + 3600),
            half_past_two + 3600 - 3600
        );
    }

    #[test]
    fn a_time_in_the_gap_is_shifted_forward() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let half_past_two = SPRING + 2 * 3600 + 1800;
        assert_eq!(zone.utc_seconds(half_past_two), half_past_two - 3600);
        assert_eq!(
            zone.civil_seconds(half_past_two - 3600),
            half_past_two + 3600
        );
    }

    #[test]
    fn the_cache_answers_as_the_rules_do() {
        let zone = Zone::parse("America/New_York").unwrap();
        for minute in 0..4 * 24 * 60 {
            let civil = 1_730_419_200 + minute * 60;
            assert_eq!(
                zone.utc_seconds(civil),
                civil - zone.rule.offset_of_civil(civil)
            );
        }
    }

    #[test]
    fn times_beyond_the_calendar_do_not_panic() {
        for zone in [Zone::local(), Zone::parse("Europe/Berlin").unwrap()] {
            for seconds in [i64::MIN, i64::MIN / 2, i64::MAX / 2, i64::MAX] {
                zone.utc_seconds(seconds);
                zone.civil_seconds(seconds);
            }
        }
    }
}
