//! How dates and clocks are put together: with the year first, the month's name first, the day
//! first, or in digits alone.
//!
//! A layout answers as soon as the shape is right; whether there is such a day is the calendar's
//! matter. Layouts whose shape alone proves little (`0805 101112`, `10.30 16:49`) ask for a
//! possible month, day and hour before they answer.

use super::Layout;
use super::civil::{Civil, month_day_of_ordinal};
use super::cursor::{Cursor, full_year};
use super::words;
use crate::format::Context;

/// A year that stands apart from its date is only believed in this range.
const YEARS_APART: std::ops::RangeInclusive<i32> = 1970..=2039;

/// The length of `yyyy-mm-ddThh:mm:ss`.
const ISO_BYTES: usize = 19;

/// Reads `yyyy-mm-ddThh:mm:ss` with any of the usual joints, by position, at the start of a text.
pub(super) fn iso(cursor: &mut Cursor<'_>) -> Option<Civil> {
    let &[
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        joint,
        ref clock @ ..,
    ] = cursor.rest().first_chunk::<ISO_BYTES>()?
    else {
        return None;
    };
    let &[h0, h1, b':', i0, i1, b':', s0, s1] = clock else {
        return None;
    };
    if !matches!(joint, b'T' | b' ' | b't' | b'_' | b'\t') {
        return None;
    }
    let year = two(y0, y1)? * 100 + two(y2, y3)?;
    let civil = Civil {
        year: Some(year as i32),
        month: two(m0, m1)?,
        day: two(d0, d1)?,
        hour: two(h0, h1)?,
        minute: two(i0, i1)?,
        second: two(s0, s1)?,
        second_end: ISO_BYTES,
        ..Civil::default()
    };
    cursor.skip(ISO_BYTES);
    Some(civil)
}

/// The length of `Mon dd hh:mm:ss`.
const BSD_BYTES: usize = 15;

/// Reads `Mon dd hh:mm:ss` as RFC 3164 lays it out, by position, at the start of a text.
pub(super) fn bsd(cursor: &mut Cursor<'_>) -> Option<Civil> {
    let &[
        a,
        b,
        c,
        b' ',
        d0,
        d1,
        b' ',
        h0,
        h1,
        b':',
        i0,
        i1,
        b':',
        s0,
        s1,
    ] = cursor.rest().first_chunk::<BSD_BYTES>()?
    else {
        return None;
    };
    let civil = Civil {
        month: words::month_of_three([a, b, c])?,
        day: two(if d0 == b' ' { b'0' } else { d0 }, d1)?,
        hour: two(h0, h1)?,
        minute: two(i0, i1)?,
        second: two(s0, s1)?,
        second_end: BSD_BYTES,
        ..Civil::default()
    };
    cursor.skip(BSD_BYTES);
    Some(civil)
}

/// The number that two digits spell.
fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Whether what follows a clock may be more of the stamp.
///
/// After most stamps stands a blank, and then nothing that [`tail`] reads.
#[inline]
pub(super) fn has_tail(after: &[u8]) -> bool {
    match after {
        [b' ', next, ..] => matches!(
            next,
            b'+' | b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a' | b'p' | b'z'
        ),
        [] | [b' ' | b']' | b'|', ..] => false,
        _ => true,
    }
}

/// Whether nothing behind a stamp is read as a part of it whatever digits stand there in place of its
/// own: [`tail`] reads nothing, nor is there an offset or a year that does not count as one for its
/// value. A stamp that has its year takes no other.
pub(super) fn ends_for_certain(after: &[u8], has_year: bool) -> bool {
    match after {
        [b'+' | b'-', ..] | [b' ', b'+' | b'-', ..] => false,
        [b' ', b'0'..=b'9', ..] => has_year,
        _ => !reads_on(after),
    }
}

/// Whether [`tail`] would read something of what stands behind a stamp.
pub(super) fn reads_on(after: &[u8]) -> bool {
    has_tail(after) && {
        let mut cursor = Cursor::new(after);
        tail(&mut cursor, &mut Civil::default());
        cursor.position() > 0
    }
}

/// Reads what may follow a clock: a fraction, AM or PM, a zone, a year that the date lacks.
pub(super) fn tail(cursor: &mut Cursor<'_>, civil: &mut Civil) {
    if !has_tail(cursor.rest()) {
        return;
    }
    cursor.fraction(civil);
    if !has_tail(cursor.rest()) {
        return;
    }
    cursor.meridiem(civil);
    cursor.zone(civil);
    if civil.year.is_some() {
        return;
    }
    let mut ahead = *cursor;
    if ahead.eat(b' ') && ahead.digits_ahead(5) == 4 {
        let year = ahead.take_number(4) as i32;
        if YEARS_APART.contains(&year) && ends_word(ahead.peek()) {
            civil.year = Some(year);
            *cursor = ahead;
            if civil.offset_seconds.is_none() {
                cursor.zone(civil);
            }
        }
    }
}

/// Reads a stamp that begins with a letter: a weekday, a zone or a month.
pub(super) fn worded(cursor: &mut Cursor<'_>, context: &Context) -> Option<(Layout, Civil)> {
    let word = cursor.word_ahead();
    let after = cursor.rest()[word.len()..].iter();
    let next = after
        .copied()
        .find(|byte| !matches!(byte, b' ' | b',' | b'-' | b'/'))?;
    let is_weekday = words::is_weekday(word);
    let zone = words::zone_offset_seconds(word);
    // A month goes on with a number; other words with a word are prose.
    if !next.is_ascii_digit() && !is_weekday && zone.is_none() {
        return None;
    }
    if is_weekday {
        cursor.skip(word.len());
        cursor.eat(b',');
        (cursor.blanks() > 0).then_some(())?;
        let (_, civil) = match cursor.peek() {
            b'0'..=b'9' => digits(cursor, context)?,
            _ => month_first(cursor)?,
        };
        return Some((Layout::Weekday, civil));
    }
    if zone.is_none() {
        return month_first(cursor);
    }
    cursor.skip(word.len());
    (cursor.blanks() > 0).then_some(())?;
    let (_, mut civil) = month_first(cursor)?;
    civil.offset_seconds = civil.offset_seconds.or(zone);
    Some((Layout::Other, civil))
}

/// `Mon dd hh:mm:ss`, `Mon dd yyyy hh:mm:ss`, `Month d, yyyy, h:mm:ss PM`, `Mon-dd-yy hh:mm:ss`.
fn month_first(cursor: &mut Cursor<'_>) -> Option<(Layout, Civil)> {
    let mut civil = Civil {
        month: cursor.month()?,
        ..Civil::default()
    };
    let separator = cursor.eat_any(b" -/")?;
    cursor.blanks();
    civil.day = cursor.number(1, 2)?;
    if separator == b' ' {
        cursor.eat(b',');
        (cursor.blanks() > 0).then_some(())?;
        if cursor.digits_ahead(5) == 4 {
            civil.year = cursor.year();
            cursor.joint()?;
        }
    } else {
        if cursor.eat(separator) {
            civil.year = Some(cursor.year()?);
        }
        cursor.joint()?;
    }
    let layout = match separator {
        b' ' => Layout::Bsd,
        _ => Layout::Other,
    };
    Some((layout, finish(cursor, civil, false)?))
}

/// Reads a stamp that begins with a digit.
pub(super) fn digits(cursor: &mut Cursor<'_>, context: &Context) -> Option<(Layout, Civil)> {
    let count = cursor.digits_ahead(15);
    let civil = match (count, cursor.peek_at(count)) {
        (4, _) => return year_first(cursor),
        (1 | 2, separator @ (b'/' | b'-' | b' ' | b'.')) => {
            if !cursor.peek_at(count + 1).is_ascii_digit() {
                return day_first(cursor, separator);
            }
            two_parts(cursor, separator, context)?
        }
        (6 | 8, _) => compact_date(cursor, count, context)?,
        (14, _) => {
            let civil = compact_ymd(cursor, 8);
            finish_weak(cursor, civil, true, context)?
        }
        _ => return None,
    };
    Some((Layout::Other, civil))
}

/// `yyyy-mm-dd`, `yyyy/mm/dd`, `yyyy.mm.dd`, `yyyy:mm:dd`, `yyyy-Mon-dd`, `yyyy Mon dd`, `yyyy-ddd`.
fn year_first(cursor: &mut Cursor<'_>) -> Option<(Layout, Civil)> {
    let year = cursor.year()?;
    let separator = cursor.eat_any(b"-/.: _")?;
    let mut civil = Civil {
        year: Some(year),
        ..Civil::default()
    };
    if separator == b'-' && cursor.digits_ahead(4) == 3 {
        let ordinal = cursor.take_number(3);
        (civil.month, civil.day) = month_day_of_ordinal(year, ordinal).unwrap_or_default();
    } else {
        civil.month = match cursor.peek() {
            b'0'..=b'9' if separator != b' ' => cursor.number(1, 2)?,
            _ => cursor.month()?,
        };
        cursor.eat(separator).then_some(())?;
        if separator == b' ' {
            cursor.blanks();
        }
        civil.day = cursor.number(1, 2)?;
    }
    let close = cursor.joint()?;
    let layout = match separator {
        b'-' => Layout::Iso,
        b' ' => Layout::Bsd,
        _ => Layout::Other,
    };
    Some((layout, finish(cursor, civil, close)?))
}

/// `dd/Mon/yyyy:hh:mm:ss`, `dd-Mon-yyyy hh:mm:ss`, `dd Mon yyyy hh:mm:ss`, `dd Mon hh:mm:ss`.
fn day_first(cursor: &mut Cursor<'_>, separator: u8) -> Option<(Layout, Civil)> {
    let mut civil = Civil {
        day: cursor.number(1, 2)?,
        ..Civil::default()
    };
    cursor.eat(separator).then_some(())?;
    civil.month = cursor.month()?;
    // After a blank, two digits and a colon are the clock already.
    if cursor.eat(separator) && (separator != b' ' || cursor.digits_ahead(5) == 4) {
        civil.year = Some(cursor.year()?);
        cursor.joint()?;
    } else if separator != b' ' {
        return None;
    }
    let layout = match separator {
        b'/' => Layout::Access,
        _ => Layout::Other,
    };
    Some((layout, finish(cursor, civil, false)?))
}

/// Dates of two or three short numbers: `mm/dd/yyyy`, `dd.mm.yyyy`, `yy/mm/dd`, `mm-dd`, ...
///
/// A number above 12 is the day. Where neither is, `/` has the month first, as Americans write, and
/// `.` and `-` the day, as Europeans do. Two digits for the year may stand at either end: see
/// [`short_year`]. Without a year the month comes first.
fn two_parts(cursor: &mut Cursor<'_>, separator: u8, context: &Context) -> Option<Civil> {
    if separator == b' ' {
        return None;
    }
    let first = cursor.number(1, 2)?;
    cursor.eat(separator).then_some(())?;
    let second = cursor.number(1, 2)?;
    let months_first = |day_last| match (first > 12, second > 12) {
        (true, _) => (second, first),
        (false, true) => (first, second),
        (false, false) if day_last => (first, second),
        (false, false) => (second, first),
    };
    let mut civil = Civil::default();
    if cursor.eat(separator) {
        match cursor.digits_ahead(5) {
            4 => {
                civil.year = cursor.year();
                (civil.month, civil.day) = months_first(separator == b'/');
            }
            2 => {
                let third = cursor.take_number(2);
                (civil.year, civil.month, civil.day) =
                    short_year([first, second, third], separator, context);
            }
            _ => return None,
        }
    } else {
        (civil.month, civil.day) = months_first(true);
    }
    cursor.joint()?;
    match civil.year {
        Some(_) => finish(cursor, civil, false),
        None => finish_weak(cursor, civil, false, context),
    }
}

/// The date that three numbers of two digits mean.
///
/// The year stands first where the first number cannot be a day or a month, or where it is above 12
/// and does not make a year to come; otherwise it stands last, and the rule for four digits holds.
fn short_year(parts: [u32; 3], separator: u8, context: &Context) -> (Option<i32>, u32, u32) {
    let [first, second, third] = parts;
    let year_first = Civil {
        year: Some(full_year(first)),
        month: second,
        day: third,
        ..Civil::default()
    };
    let ahead = || match year_first.resolve(context) {
        Some(timestamp) => timestamp > context.reference,
        None => true,
    };
    if first > 31 || (first > 12 && second <= 12 && !ahead()) {
        return (year_first.year, second, third);
    }
    let day_first = first > 12 || (second <= 12 && separator != b'/');
    let (month, day) = match day_first {
        true => (second, first),
        false => (first, second),
    };
    (Some(full_year(third)), month, day)
}

/// `yyyymmdd` or `yymmdd`, and a clock with or without colons.
fn compact_date(cursor: &mut Cursor<'_>, count: usize, context: &Context) -> Option<Civil> {
    let civil = compact_ymd(cursor, count);
    cursor.joint()?;
    finish_weak(cursor, civil, true, context)
}

fn compact_ymd(cursor: &mut Cursor<'_>, count: usize) -> Civil {
    let year = match count {
        8 => cursor.take_number(4) as i32,
        _ => full_year(cursor.take_number(2)),
    };
    Civil {
        year: Some(year),
        month: cursor.take_number(2),
        day: cursor.take_number(2),
        ..Civil::default()
    }
}

/// Reads the clock and its tail. Where it stands `close` to the date it may lack colons.
fn finish(cursor: &mut Cursor<'_>, mut civil: Civil, close: bool) -> Option<Civil> {
    let short = civil.year.is_some();
    let found = cursor.clock(&mut civil, short) || (close && cursor.close_clock(&mut civil));
    found.then(|| {
        tail(cursor, &mut civil);
        civil
    })
}

/// As [`finish`], for shapes that prove little by themselves.
fn finish_weak(
    cursor: &mut Cursor<'_>,
    civil: Civil,
    close: bool,
    context: &Context,
) -> Option<Civil> {
    let year_given = civil.year.is_some();
    let mut clocked = Civil {
        year: None,
        ..civil
    };
    let found = cursor.clock(&mut clocked, false) || (close && cursor.close_clock(&mut clocked));
    if !found {
        return None;
    }
    clocked.year = civil.year;
    if year_given {
        tail(cursor, &mut clocked);
    } else {
        cursor.fraction(&mut clocked);
    }
    let possible = civil.year.is_none_or(|year| YEARS_APART.contains(&year))
        && (1..=12).contains(&clocked.month)
        && (1..=31).contains(&clocked.day)
        && clocked.hour <= 24
        && clocked.minute < 60
        && clocked.second <= 60;
    if !possible {
        context.notes.doubt();
    }
    (possible && !cursor.peek().is_ascii_alphanumeric()).then_some(clocked)
}

/// `mmdd hh:mm:ss` or `yyyymmdd hh:mm:ss`; the shape is enough, since its caller knows the format.
pub(super) fn month_day(cursor: &mut Cursor<'_>) -> Option<Civil> {
    let year = match cursor.digits_ahead(9) {
        4 => None,
        8 => Some(cursor.take_number(4) as i32),
        _ => return None,
    };
    let mut civil = Civil {
        year,
        month: cursor.take_number(2),
        day: cursor.take_number(2),
        ..Civil::default()
    };
    cursor.eat(b' ').then_some(())?;
    // No year and no zone may follow: the number behind the clock is a thread's.
    let found = cursor.clock(&mut civil, false);
    cursor.fraction(&mut civil);
    found.then_some(civil)
}

/// Whether a byte, 0 at the end of the line, ends a word.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        0 | b' ' | b'\t' | b']' | b')' | b'}' | b':' | b',' | b';' | b'|' | b'"' | b'\''
    )
}
