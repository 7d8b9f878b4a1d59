//! What was worked out for the stamps before, since the next one is mostly of the same day, of the same
//! minute, or the same.
//!
//! Each entry stands beside what it was worked out from, so that it never changes a result.

use std::cell::{Cell, RefCell};

use super::civil::{Civil, Date};
use super::clock::Clock;
use super::{Stamp, layouts};
use crate::event::Timestamp;
use crate::format::Context;
use crate::format::notes::Shape;

/// The stamps read last.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    /// The latest civil second that can be meant, and its year.
    pub(super) latest_year: Cell<Option<(i64, i32)>>,
    /// A date and its days since 1970.
    pub(super) day: Cell<Option<(Date, i64)>>,
    /// Stamps, one for each class of their first byte.
    stamps: RefCell<[Option<Spelled>; STAMPS]>,
    /// Minutes, one for each class of where their seconds stand.
    minutes: RefCell<[Option<Minute>; MINUTES]>,
}

/// A stamp with its fields and its spelling, the byte behind it and what it was read beside.
#[derive(Debug, Clone)]
struct Spelled {
    spelling: Spelling,
    next: Option<u8>,
    beside: Beside,
    read: (Stamp, Civil),
}

/// How many stamps are remembered, since some formats repeat the time in another layout.
const STAMPS: usize = 4;

/// How many minutes are remembered.
const MINUTES: usize = 8;

/// The longest stamp that is remembered.
const SPELLING_BYTES_MAX: usize = 32;

/// The bytes of a stamp, filled up with zeros.
type Spelling = [u8; SPELLING_BYTES_MAX];

/// What decides the year of a stamp that has none. The zone is the context's for good.
type Beside = (Timestamp, Option<i32>);

/// The minute of a stamp: what all stamps have in common that are spelled as it is but for the digits
/// of the second and of its fraction.
#[derive(Debug, Clone, Copy)]
struct Minute {
    /// Ones for each bit of the stamp that counts, and these bits.
    mask: Spelling,
    spelling: Spelling,
    clock: Clock,
    shape: Shape,
    beside: Beside,
    /// Its first instant.
    begin: Timestamp,
}

impl Minute {
    /// Whether a text begins with the bytes that count.
    #[inline]
    fn is_of(&self, text: &[u8]) -> bool {
        let Some(text) = text.first_chunk() else {
            return masked(&beginning(text), &self.mask) == self.spelling;
        };
        // As words, so that nothing is written before it is compared.
        let pairs = words(text).zip(words(&self.mask));
        let pairs = pairs.zip(words(&self.spelling));
        pairs.fold(0, |others, ((word, mask), known)| {
            others | (word & mask) ^ known
        }) == 0
    }
}

#[inline]
fn words(bytes: &Spelling) -> impl Iterator<Item = u64> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| u64::from_ne_bytes(*word))
}

/// Whether a stamp has the bytes that another one began with. Most are compared in two steps that
/// overlap, since a call to compare so few bytes takes longer than to compare them.
#[inline]
fn is_spelled(spelling: &[u8], known: &Spelling) -> bool {
    let Some(known) = known.get(..spelling.len()) else {
        return false;
    };
    match spelling.len() {
        8..=16 => ends::<8>(spelling) == ends(known),
        17..=32 => ends::<16>(spelling) == ends(known),
        _ => spelling == known,
    }
}

/// The first and the last bytes, which may overlap.
#[inline]
fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    bytes.first_chunk().zip(bytes.last_chunk())
}

/// The bytes that a text begins with, filled up with zeros.
#[inline]
fn beginning(text: &[u8]) -> Spelling {
    text.first_chunk().copied().unwrap_or_else(|| {
        let mut beginning = [0; SPELLING_BYTES_MAX];
        beginning[..text.len()].copy_from_slice(text);
        beginning
    })
}

impl Recent {
    /// The stamp that the text begins with, if it is spelled as one that was read lately.
    ///
    /// Behind both stands the same mark, and nothing that would be read as part of the stamp, so that
    /// the spelling is all that counts.
    #[inline]
    pub(super) fn stamp(&self, text: &[u8], context: &Context) -> Option<Stamp> {
        let stamp = self.stamp_alone(text, context)?;
        (!layouts::reads_on(&text[stamp.length..])).then_some(stamp)
    }

    /// As [`Recent::stamp`], for a text of which it is known that nothing behind the stamp is read.
    #[inline]
    pub(super) fn stamp_alone(&self, text: &[u8], context: &Context) -> Option<Stamp> {
        self.spelled(text, context, |(stamp, _)| *stamp)
    }

    /// The stamp that [`Recent::stamp`] gives, and its fields.
    pub(super) fn fields(&self, text: &[u8], context: &Context) -> Option<(Stamp, Civil)> {
        let read = self.spelled(text, context, |read| *read)?;
        (!layouts::reads_on(&text[read.0.length..])).then_some(read)
    }

    /// A part of what was read of a stamp lately, if the text begins with one that is spelled so.
    #[inline]
    fn spelled<T>(
        &self,
        text: &[u8],
        context: &Context,
        part: impl Fn(&(Stamp, Civil)) -> T,
    ) -> Option<T> {
        let place = usize::from(*text.first()?) % STAMPS;
        let stamps = self.stamps.borrow();
        let known = stamps[place].as_ref()?;
        let (spelling, after) = text.split_at_checked(known.read.0.length)?;
        let same = is_spelled(spelling, &known.spelling)
            && after.first() == known.next.as_ref()
            && known.beside == (context.reference, context.year);
        same.then(|| part(&known.read))
    }

    /// Remembers a stamp that the text begins with, and its fields.
    pub(super) fn remember(&self, text: &[u8], context: &Context, read: (Stamp, Civil)) {
        let (spelled, after) = text.split_at(read.0.length);
        let mut spelling = [0; SPELLING_BYTES_MAX];
        let next = after.first().copied();
        if let Some(room) = spelling.get_mut(..spelled.len())
            && matches!(next, None | Some(b' ' | b']' | b'|' | b','))
            && !layouts::reads_on(after)
        {
            room.copy_from_slice(spelled);
            let place = usize::from(spelled[0]) % STAMPS;
            self.stamps.borrow_mut()[place] = Some(Spelled {
                spelling,
                next,
                beside: (context.reference, context.year),
                read,
            });
        }
    }

    /// The stamp that the text begins with, if it is of a minute of which one was read lately. Of the
    /// text it must be known that its seconds stand there and that nothing behind the stamp is read.
    #[inline]
    pub(super) fn of_minute(
        &self,
        text: &[u8],
        clock: Clock,
        context: &Context,
    ) -> Option<(Timestamp, Shape)> {
        let minutes = self.minutes.borrow();
        let minute = minutes[clock.class() % MINUTES].as_ref()?;
        let same = minute.is_of(text)
            && minute.clock == clock
            && minute.beside == (context.reference, context.year);
        let micros = clock.micros(text).filter(|_| same)?;
        Some((Timestamp(minute.begin.0 + micros), minute.shape))
    }

    /// Remembers the minute of a stamp that was read of a text, if all its seconds follow one another.
    pub(super) fn remember_minute(
        &self,
        text: &[u8],
        clock: Clock,
        context: &Context,
        (stamp, civil): (Stamp, Civil),
    ) {
        let Some(begin) = first_instant(text, clock, context, (stamp, civil)) else {
            return;
        };
        let Some(spelling) = text.get(..stamp.length) else {
            return;
        };
        let mut mask = [0; SPELLING_BYTES_MAX];
        let Some(of_stamp) = mask.get_mut(..spelling.len()) else {
            return;
        };
        of_stamp.fill(u8::MAX);
        clock.digits().for_each(|digit| of_stamp[digit] = 0);
        self.minutes.borrow_mut()[clock.class() % MINUTES] = Some(Minute {
            spelling: masked(&beginning(text), &mask),
            mask,
            clock,
            shape: Shape::of(Some(stamp)),
            beside: (context.reference, context.year),
            begin,
        });
    }
}

/// The first instant of the minute of a stamp, if all seconds of it follow one another.
fn first_instant(
    text: &[u8],
    clock: Clock,
    context: &Context,
    (stamp, civil): (Stamp, Civil),
) -> Option<Timestamp> {
    if clock.counts() {
        return Some(Timestamp(stamp.timestamp?.0 - clock.micros(text)?));
    }
    let at = |second| {
        let civil = Civil {
            second,
            micros: 0,
            ..civil
        };
        civil.resolve(context)
    };
    // Clocks are changed between minutes, or else within one; that of a year that is guessed may be
    // another one from some second on.
    let (begin, last) = (at(0)?, at(59)?);
    (last.0 - begin.0 == 59 * Timestamp::MICROS).then_some(begin)
}

/// The bits of a spelling that count.
#[inline]
fn masked(spelling: &Spelling, mask: &Spelling) -> Spelling {
    let mut masked = *spelling;
    for (byte, of_mask) in masked.iter_mut().zip(mask) {
        *byte &= of_mask;
    }
    masked
}
