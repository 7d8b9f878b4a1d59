//! Times that are counts since an epoch, in decimal or as TAI64 labels, and times without a day.

use super::civil::Civil;
use super::cursor::Cursor;
use super::layouts::ends_word;
use super::{Layout, Stamp};
use crate::event::Timestamp;
use crate::format::Context;

/// Seconds since the epoch that are taken for a time: those of the years 2000 to 2039.
const EPOCH_SECONDS: std::ops::Range<i64> = 946_684_800..2_208_988_800;

// Of counts that differ in their last two digits alone, all are taken or none.
const _: () = assert!(EPOCH_SECONDS.start % 100 == 0 && EPOCH_SECONDS.end % 100 == 0);

/// TAI64 labels count from here; the leap seconds since 1972 are left in, as the labels' writers
/// (daemontools' multilog and its kin) leave out all but the first ten.
const TAI64_EPOCH: i64 = 0x4000_0000_0000_000a;

/// A count of seconds, milliseconds, microseconds or nanoseconds since the epoch, told by its length.
pub(super) fn epoch(text: &[u8], context: &Context) -> Option<Stamp> {
    // The shortest has ten digits; nearly all other numbers are turned down by this.
    if !text.get(9).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let mut cursor = Cursor::new(text);
    let count = cursor.digits_ahead(20);
    let mut digits = || {
        let (most, least) = (count.min(9), count - count.min(9));
        let high = i64::from(cursor.take_number(most));
        let middle = least.min(9);
        let low = i64::from(cursor.take_number(middle));
        cursor.skip(least - middle);
        high * 10i64.pow(middle as u32) + low
    };
    // Nanoseconds are read to their first 18 digits: what is finer than a microsecond is cut anyway.
    let (value, micros_each, parts_each) = match count {
        10 => (digits(), Timestamp::MICROS, 1),
        13 => (digits(), 1000, 1),
        16 => (digits(), 1, 1),
        19 => (digits(), 1, 100),
        _ => return None,
    };
    let mut timestamp = Timestamp(value * micros_each / parts_each);
    if count == 10 && cursor.peek() != b':' {
        let mut civil = Civil::default();
        cursor.fraction(&mut civil);
        timestamp.0 += i64::from(civil.micros);
    }
    if !ends_word(cursor.peek()) {
        return None;
    }
    if !EPOCH_SECONDS.contains(&timestamp.seconds()) {
        context.notes.doubt();
        return None;
    }
    Some(Stamp {
        timestamp: Some(timestamp),
        length: cursor.position(),
        layout: Layout::Epoch,
    })
}

/// `@4...`: an external TAI64 or TAI64N label in hexadecimal.
pub(super) fn tai64n(text: &[u8], context: &Context) -> Option<Stamp> {
    let label = text.strip_prefix(b"@")?;
    context.notes.doubt();
    let length = label
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    if !matches!(length, 16 | 24 | 32) || label[0] != b'4' {
        return None;
    }
    let hex = |digits: &[u8]| {
        let digit = |&byte: &u8| char::from(byte).to_digit(16).map(i64::from);
        let add = |value, byte| Some(value * 16 + digit(byte)?);
        digits.iter().try_fold(0, add)
    };
    let seconds = hex(&label[..16])? - TAI64_EPOCH;
    let nanos = match length {
        16 => 0,
        _ => hex(&label[16..24])?,
    };
    let possible = EPOCH_SECONDS.contains(&seconds) && nanos < 1_000_000_000;
    Some(Stamp {
        timestamp: possible.then(|| Timestamp(seconds * Timestamp::MICROS + nanos / 1000)),
        length: 1 + length,
        layout: Layout::Other,
    })
}

/// `hh:mm:ss` with an optional fraction, as its length.
pub(super) fn time_only(text: &[u8], context: &Context) -> Option<usize> {
    let mut cursor = Cursor::new(text);
    let mut civil = Civil::default();
    if !cursor.clock(&mut civil, false) {
        return None;
    }
    cursor.fraction(&mut civil);
    let possible = civil.hour < 24 && civil.minute < 60 && civil.second <= 60;
    let ends = cursor.peek() != b'-' && !cursor.peek().is_ascii_alphanumeric();
    if ends && !possible {
        context.notes.doubt();
    }
    (possible && ends).then_some(cursor.position())
}
