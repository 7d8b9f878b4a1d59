//! The calendar: from the fields of a stamp to an instant, and from an instant to RFC 3339.
//!
//! Proleptic Gregorian dates by plain arithmetic, since a call into a calendar library for each
//! line would cost more than reading it. How the fields are spelled is the layouts' matter.

use crate::event::Timestamp;
use crate::format::Context;

/// Years outside are the zeroes of other epochs (0001, 1601) and not when anything was logged.
const YEAR_MIN: i32 = 1900;
const YEAR_MAX: i32 = 2199;

/// How far ahead of the reference a stamp without a year may lie: clocks differ, zones are guessed.
const AHEAD_SECONDS_MAX: i64 = DAY_SECONDS;

/// The longest distance between two leap days, over a century that is none.
const LEAP_YEARS_APART_MAX: i32 = 8;

const DAY_SECONDS: i64 = 86_400;

/// Year, month and day.
pub(super) type Date = (i32, u32, u32);

/// The fields that a stamp spells, not yet checked against the calendar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Civil {
    /// The year in full; `None` when the stamp has none.
    pub year: Option<i32>,
    /// 1..=12 when possible.
    pub month: u32,
    /// 1..=31 when possible.
    pub day: u32,
    /// 0..=23, or 24 for midnight at the end of the day.
    pub hour: u32,
    /// 0..=59 when possible.
    pub minute: u32,
    /// 0..=59, or 60 for a leap second, which counts as the second after it.
    pub second: u32,
    /// Microseconds within the second.
    pub micros: u32,
    /// Seconds east of UTC where the stamp says so.
    pub offset_seconds: Option<i32>,
    /// Where in the text the digits of the second end; 0 where there are none.
    pub second_end: usize,
    /// The digits of the fraction behind them and their mark.
    pub fraction_digits: usize,
}

impl Civil {
    /// The instant, in the context's zone and year where the stamp lacks them; `None` when there is
    /// no such date or time of day.
    pub fn resolve(&self, context: &Context) -> Option<Timestamp> {
        if !self.has_time_of_day() {
            return None;
        }
        let seconds = match self.year.or(context.year) {
            Some(year) => self.utc_seconds(self.civil_seconds(year, context)?, context),
            None => self.utc_seconds_nearest(context)?,
        };
        Some(Timestamp(
            seconds * Timestamp::MICROS + i64::from(self.micros),
        ))
    }

    fn has_time_of_day(&self) -> bool {
        let end_of_day = self.hour == 24 && self.minute == 0 && self.second == 0;
        (self.hour < 24 && self.minute < 60 && self.second <= 60) || end_of_day
    }

    /// What the clock shows, as the seconds since 1970 it would be in UTC; `None` for no such date.
    fn civil_seconds(&self, year: i32, context: &Context) -> Option<i64> {
        let date = (year, self.month, self.day);
        let recent = &context.recent.day;
        let days = match recent.get() {
            Some((known, days)) if known == date => days,
            _ => {
                let days = self.days(year)?;
                recent.set(Some((date, days)));
                days
            }
        };
        let time_of_day = self.hour * 3600 + self.minute * 60 + self.second;
        Some(days * DAY_SECONDS + i64::from(time_of_day))
    }

    /// Days since 1970 of the date in a year; `None` for no such date.
    fn days(&self, year: i32) -> Option<i64> {
        if !(YEAR_MIN..=YEAR_MAX).contains(&year)
            || self.day == 0
            || self.day > days_in_month(year, self.month)?
        {
            return None;
        }
        Some(days_from_civil(year, self.month, self.day))
    }

    fn utc_seconds(&self, civil_seconds: i64, context: &Context) -> i64 {
        match self.offset_seconds {
            Some(offset) => civil_seconds - i64::from(offset),
            None => context.zone.utc_seconds(civil_seconds),
        }
    }

    /// The latest such instant that is at most a day ahead of the reference, which is the nearest
    /// that can be meant: logs are of the past. The 29th of February looks for a leap year.
    fn utc_seconds_nearest(&self, context: &Context) -> Option<i64> {
        let latest = context
            .reference
            .seconds()
            .saturating_add(AHEAD_SECONDS_MAX);
        // No zone is a day from UTC; what is later than this need not be asked of the zone's cache.
        let civil_latest = latest.saturating_add(DAY_SECONDS);
        let recent = &context.recent.latest_year;
        let year = match recent.get() {
            Some((known, year)) if known == civil_latest => year,
            _ => year_of(civil_latest),
        };
        recent.set(Some((civil_latest, year)));
        (0..=LEAP_YEARS_APART_MAX)
            .filter_map(|back| self.civil_seconds(year.saturating_sub(back), context))
            .filter(|&civil_seconds| civil_seconds <= civil_latest)
            .map(|civil_seconds| self.utc_seconds(civil_seconds, context))
            .find(|&seconds| seconds <= latest)
    }
}

/// The days of a month; `None` when there is no such month.
fn days_in_month(year: i32, month: u32) -> Option<u32> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    })
}

/// Days since 1970-01-01 of a valid date (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_from_civil(year: i32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01, by the inverse of the above.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

fn year_of(seconds: i64) -> i32 {
    let (year, _, _) = civil_from_days(seconds.div_euclid(DAY_SECONDS));
    i32::try_from(year).unwrap_or(i32::MAX)
}

/// Month and day of the nth day of a year, 1 for the first of January; `None` past its end.
pub(super) fn month_day_of_ordinal(year: i32, ordinal: u32) -> Option<(u32, u32)> {
    let mut day = ordinal;
    for month in 1..=12 {
        let length = days_in_month(year, month)?;
        if day <= length {
            return (day > 0).then_some((month, day));
        }
        day -= length;
    }
    None
}

/// Writes an instant as RFC 3339 in UTC with `Z`: no fraction when it is zero, else as many as
/// needed of three or six digits.
pub fn format_rfc3339(timestamp: Timestamp) -> String {
    let seconds = timestamp.seconds();
    let micros = timestamp.0.rem_euclid(Timestamp::MICROS);
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY_SECONDS));
    let time_of_day = seconds.rem_euclid(DAY_SECONDS);
    let (hour, minute, second) = (time_of_day / 3600, time_of_day / 60 % 60, time_of_day % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if micros % 1000 != 0 {
        text.push_str(&format!(".{micros:06}"));
    } else if micros != 0 {
        text.push_str(&format!(".{:03}", micros / 1000));
    }
    text.push('Z');
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::zone::Zone;

    /// 2024-01-01T12:00:00Z.
    const NEW_YEAR_NOON: i64 = 1_704_110_400;

    fn context(reference_seconds: i64) -> Context {
        Context::new(
            Zone::utc(),
            Timestamp::from_seconds(reference_seconds),
            None,
        )
    }

    fn resolved(month: u32, day: u32, context: &Context) -> Option<String> {
        let civil = Civil {
            month,
            day,
            hour: 11,
            ..Civil::default()
        };
        civil.resolve(context).map(format_rfc3339)
    }

    #[test]
    fn a_missing_year_is_the_nearest_that_is_at_most_a_day_ahead() {
        let context = context(NEW_YEAR_NOON);
        for (month, day, expected) in [
            (1, 1, "2024-01-01T11:00:00Z"),
            (1, 2, "2024-01-02T11:00:00Z"),
            (1, 3, "2023-01-03T11:00:00Z"),
            (12, 31, "2023-12-31T11:00:00Z"),
            (2, 29, "2020-02-29T11:00:00Z"),
        ] {
            assert_eq!(resolved(month, day, &context).as_deref(), Some(expected));
        }
        assert_eq!(resolved(2, 30, &context), None);
    }

    #[test]
    fn the_day_ahead_may_lie_in_the_next_year() {
        // 2023-12-31T12:00:00Z.
        let context = context(NEW_YEAR_NOON - DAY_SECONDS);
        assert_eq!(
            resolved(1, 1, &context).as_deref(),
            Some("2024-01-01T11:00:00Z")
        );
    }

    #[test]
    fn the_leap_day_is_found_across_a_century_without_one() {
        // 1903-06-01: the last leap day was in 1896, before any log.
        assert_eq!(resolved(2, 29, &context(-2_101_334_400)), None);
        // 2103-06-01.
        assert_eq!(
            resolved(2, 29, &context(4_210_099_200)).as_deref(),
            Some("2096-02-29T11:00:00Z")
        );
    }

    #[test]
    fn a_fixed_year_is_taken_as_it_is() {
        let context = Context {
            year: Some(2019),
            ..context(NEW_YEAR_NOON)
        };
        assert_eq!(
            resolved(7, 1, &context).as_deref(),
            Some("2019-07-01T11:00:00Z")
        );
        assert_eq!(resolved(2, 29, &context), None);
    }

    #[test]
    fn leap_seconds_and_midnight_at_the_end_count_as_the_next_second() {
        let at = |hour, minute, second| {
            let civil = Civil {
                year: Some(2016),
                month: 12,
                day: 31,
                hour,
                minute,
                second,
                ..Civil::default()
            };
            civil.resolve(&context(0)).map(format_rfc3339)
        };
        assert_eq!(at(23, 59, 60).as_deref(), Some("2017-01-01T00:00:00Z"));
        assert_eq!(at(24, 0, 0).as_deref(), Some("2017-01-01T00:00:00Z"));
        assert_eq!(at(24, 0, 1), None);
        assert_eq!(at(23, 60, 0), None);
    }

    #[test]
    fn every_day_of_a_century_survives_both_directions() {
        for days in -30_000..60_000 {
            let (year, month, day) = civil_from_days(days);
            let back = days_from_civil(year as i32, month as u32, day as u32);
            assert_eq!(back, days);
        }
        assert_eq!(month_day_of_ordinal(2023, 60), Some((3, 1)));
        assert_eq!(month_day_of_ordinal(2024, 60), Some((2, 29)));
        assert_eq!(month_day_of_ordinal(2024, 0), None);
        assert_eq!(month_day_of_ordinal(2023, 366), None);
    }

    #[test]
    fn rfc_3339_shows_only_the_digits_needed() {
        assert_eq!(format_rfc3339(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert_eq!(
            format_rfc3339(Timestamp(1_500_000)),
            "1970-01-01T00:00:01.500Z"
        );
        assert_eq!(format_rfc3339(Timestamp(-1)), "1969-12-31T23:59:59.999999Z");
        assert_eq!(
            format_rfc3339(Timestamp(i64::MAX)),
            "294247-01-10T04:00:54.775807Z"
        );
    }
}
