//! Stamps: the dates and times at the start of log lines, in every spelling that loggers have.
//!
//! Read by hand, without a calendar library and without a pattern language, since this runs for
//! every line. A stamp is taken by its shape; a date that does not exist still has the shape, and
//! makes an undated event instead of a wrapped date. Brackets and quotes around a stamp are its
//! caller's matter, and so are a date and a time in different fields.

mod civil;
mod clock;
mod counts;
mod cursor;
mod layouts;
mod recent;
mod words;

pub use civil::format_rfc3339;
pub use clock::Clock;
pub use recent::Recent;

use crate::event::Timestamp;
use crate::format::Context;
use crate::format::notes::{Kind, Shape, time_of_day};
use civil::Civil;
use cursor::Cursor;

/// A stamp at the start of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The instant; `None` when the digits name no date or no time of day.
    pub timestamp: Option<Timestamp>,
    /// How many bytes of the text it takes, a zone and a year after it included.
    pub length: usize,
    /// How it is spelled.
    pub layout: Layout,
}

/// The families of spellings that formats tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `2024-05-01T10:00:00`, the joint being anything: ISO 8601, RFC 3339 and their like.
    Iso,
    /// `May  1 10:00:00`, with or without a year: RFC 3164 and its like.
    Bsd,
    /// Anything after a weekday: asctime, RFC 2822, the full form of journalctl.
    Weekday,
    /// `01/May/2024:10:00:00 +0000`, as web servers write.
    Access,
    /// A count since the epoch.
    Epoch,
    /// The rest.
    Other,
}

/// Reads the stamp that `text` begins with, if it does.
///
/// A year, a zone or both that the stamp lacks are taken from the context. What follows the stamp is
/// not looked at, but for digits that would make it something else.
pub fn parse(text: &[u8], context: &Context) -> Option<Stamp> {
    // Most of what is asked is prose.
    let may_begin = may_begin(text);
    let known = || context.recent.stamp(text, context);
    let stamp = may_begin
        .then(|| known().or_else(|| parse_anew(text, context)))
        .flatten();
    if stamp.is_none() && may_begin {
        context.notes.unanswered();
    }
    context.notes.asked(Kind::Stamp, text, stamp);
    stamp
}

/// Reads the stamp that all of a text is, if it is one.
pub fn parse_whole(text: &[u8], context: &Context) -> Option<Stamp> {
    parse(text, context).filter(|stamp| stamp.length == text.len())
}

/// Whether a text is read as a stamp, or as none, whatever stands from a place in it on: a stamp has
/// fewer bytes beside digits and blanks, with all that may decide whether it goes on.
pub(super) fn ends_before(text: &[u8], place: usize) -> bool {
    const WORD_BYTES_MAX: usize = 16;
    const OTHER_BYTES_MAX: usize = 44;
    let begins_with_word = text.first().is_some_and(u8::is_ascii_alphabetic);
    let bytes_max = OTHER_BYTES_MAX + if begins_with_word { WORD_BYTES_MAX } else { 0 };
    let is_spelled = |byte: &&u8| !byte.is_ascii_digit() && **byte != b' ';
    text.get(..place)
        .is_none_or(|before| before.iter().filter(is_spelled).count() >= bytes_max)
}

/// How to ask for a stamp that [`parse`] gave of a text, in texts that have the same skeleton as far as
/// that decides.
pub(super) fn again(text: &[u8], answer: Option<Stamp>, context: &Context) -> Kind {
    let known = || context.recent.fields(text, context);
    let read = || known().or_else(|| parse_fields(text, context));
    let Some((stamp, civil)) = answer.and_then(|_| read()) else {
        return Kind::Stamp;
    };
    if stamp.layout == Layout::Epoch {
        return Clock::of_count(text, stamp).map_or(Kind::StampAlone, Kind::Clock);
    }
    if !layouts::ends_for_certain(&text[stamp.length..], civil.year.is_some()) {
        return Kind::Stamp;
    }
    Clock::of(text, stamp, &civil).map_or(Kind::StampAlone, Kind::Clock)
}

/// What [`parse`] gives for a text of which [`Kind::StampAlone`] is asked.
pub(super) fn parse_alone(text: &[u8], context: &Context) -> Option<Stamp> {
    let known = context.recent.stamp_alone(text, context);
    known.or_else(|| parse(text, context))
}

/// The instant and the shape of what [`parse_minute`] gives, where a stamp of the same minute was read
/// lately.
#[inline]
pub(super) fn of_known_minute(
    text: &[u8],
    clock: Clock,
    context: &Context,
) -> Option<(Timestamp, Shape)> {
    context.recent.of_minute(text, clock, context)
}

/// What [`parse`] gives for a text of which [`Kind::Clock`] is asked; its minute is remembered.
pub(super) fn parse_minute(text: &[u8], clock: Clock, context: &Context) -> Option<Stamp> {
    let (stamp, civil) = parse_fields(text, context)?;
    if again(text, Some(stamp), context) == Kind::Clock(clock) {
        let recent = &context.recent;
        recent.remember_minute(text, clock, context, (stamp, civil));
    }
    Some(stamp)
}

/// Whether a stamp may begin with what a text begins with. Only the letters of a name tell: those of
/// an id, which a digit follows, are no name.
fn may_begin(text: &[u8]) -> bool {
    match text.first() {
        Some(b'0'..=b'9' | b'@') => true,
        _ => words::may_begin_name(text),
    }
}

/// Reads a stamp that is not spelled as one before it, and remembers it.
fn parse_anew(text: &[u8], context: &Context) -> Option<Stamp> {
    let read = parse_fields(text, context)?;
    context.recent.remember(text, context, read);
    Some(read.0)
}

/// A stamp and the fields it was read of, which counts since an epoch lack.
fn parse_fields(text: &[u8], context: &Context) -> Option<(Stamp, Civil)> {
    let counted = |stamp| (stamp, Civil::default());
    let mut cursor = Cursor::new(text);
    let (layout, civil) = match text.first()? {
        b'0'..=b'9' => match layouts::iso(&mut cursor) {
            Some(civil) => (Layout::Iso, with_tail(&mut cursor, civil)),
            None => match counts::epoch(text, context) {
                Some(stamp) => return Some(counted(stamp)),
                None => layouts::digits(&mut cursor, context)?,
            },
        },
        b'@' => return counts::tai64n(text, context).map(counted),
        b'A'..=b'Z' | b'a'..=b'z' => match layouts::bsd(&mut cursor) {
            Some(civil) => (Layout::Bsd, with_tail(&mut cursor, civil)),
            None if !words::may_begin_name(text) => return None,
            None => layouts::worded(&mut cursor, context)?,
        },
        _ => return None,
    };
    if cursor.peek().is_ascii_digit() {
        return None;
    }
    let stamp = Stamp {
        timestamp: civil.resolve(context),
        length: cursor.position(),
        layout,
    };
    Some((stamp, civil))
}

fn with_tail(cursor: &mut Cursor<'_>, mut civil: Civil) -> Civil {
    layouts::tail(cursor, &mut civil);
    civil
}

/// Reads `mmdd hh:mm:ss` or `yyyymmdd hh:mm:ss`, where the format says that it is one.
///
/// Four digits and a clock prove too little to be a stamp anywhere.
pub(super) fn parse_month_day(text: &[u8], context: &Context) -> Option<Stamp> {
    let mut cursor = Cursor::new(text);
    let stamp = layouts::month_day(&mut cursor).map(|civil| Stamp {
        timestamp: civil.resolve(context),
        length: cursor.position(),
        layout: Layout::Other,
    });
    if stamp.is_none() && text.first().is_some_and(u8::is_ascii_digit) {
        context.notes.unanswered();
    }
    context.notes.asked(Kind::MonthDay, text, stamp);
    stamp
}

/// The length of a time of day `hh:mm:ss`, with any fraction, that `text` begins with.
///
/// It is no stamp, since it says nothing of the day; callers that know what it is skip it.
pub fn parse_time_only(text: &[u8], context: &Context) -> Option<usize> {
    let length = counts::time_only(text, context);
    if length.is_none() && text.first().is_some_and(u8::is_ascii_digit) {
        context.notes.unanswered();
    }
    context
        .notes
        .asked(Kind::TimeOnly, text, length.map(time_of_day));
    length
}

#[cfg(test)]
mod tests;
