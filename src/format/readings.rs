//! Lines that differ in the values of their digits alone, read once for all.
//!
//! A line whose digits are all `0` is its skeleton. Whatever a format reads depends on the skeleton,
//! on what the stamps of the line answer (see [`Notes`](super::notes::Notes)), and on nothing else, or
//! it says so and the line is not kept. So for a skeleton that is known, the places of host, service
//! and message are known too; its stamps are asked again, since the instant is in their digits, and
//! where one answers in another shape the line is read anew. Hexadecimal ids differ in their letters as
//! numbers do in their digits: a line that is not known is looked up again with such ids in place of
//! its own that stand for all of their kind, and then all its stamps are asked again. The table is
//! bounded; forgetting it changes no result, nor does which lines it took in.

use super::hex::Leveller;
use super::syslog_tag::decimal;
use super::{Context, Format, journal_entry, read, section};
use crate::event::{Brief, Event, Headed, Part, Timestamp};
use crate::met_once::MetOnce;
use details::{AllDetails, Details};
use memchr::memchr;
use places::Places;
use reading::Reading;
use shared::Exchange;
use skeleton::{Identity, Keys};
use std::borrow::Cow;
use std::sync::Arc;

mod ahead;
mod details;
mod entries;
mod headers;
mod places;
mod reading;
mod runs;
mod shared;
mod skeleton;

pub use ahead::{Ahead, Expected};

pub use reading::{Hint, Opens};
pub use shared::Shared;

/// Longer lines are read anew each time.
const LINE_BYTES_MAX: usize = 1024;

/// Readings that a worker keeps; beyond it the table starts afresh.
const READINGS_MAX: usize = if cfg!(test) { 1 << 9 } else { 1 << 15 };

/// As long as readings are fewer, a skeleton is kept from the first time on: most of those that a log begins
/// with come again.
const KEPT_AT_ONCE_MAX: usize = READINGS_MAX / 2;

/// Skeletons met once are remembered by so many hashes, since after that one is kept from the second time on.
const MET_ONCE: usize = 1 << 15;

/// All readings that one worker keeps.
#[derive(Debug)]
pub struct Readings {
    keys: Arc<Keys>,
    /// The places of the readings, by the hashes of their skeletons.
    places: Places,
    readings: Vec<Reading>,
    /// What is seldom asked of the readings, in their order.
    details: AllDetails,
    met_once: MetOnce<MET_ONCE>,
    entries: journal_entry::Entries,
    messages: entries::Messages,
    headers: headers::Headers,
    /// How often all of them were forgotten, so that their numbers are those of others now.
    forgotten: u32,
    /// What passes between it and other workers.
    exchange: Exchange,
}

impl Default for Readings {
    fn default() -> Self {
        Readings::sharing(&Shared::default())
    }
}

impl Readings {
    /// Readings of a worker that learns from others.
    pub fn sharing(shared: &Shared) -> Self {
        Readings {
            keys: shared.keys(),
            places: Places::default(),
            // Room for all of them, of which only what is written to takes memory.
            readings: Vec::with_capacity(READINGS_MAX),
            details: AllDetails::default(),
            met_once: MetOnce::default(),
            entries: journal_entry::Entries::default(),
            messages: entries::Messages::default(),
            headers: headers::Headers::default(),
            forgotten: 0,
            exchange: shared.exchange(),
        }
    }
}

/// What a line is kept under.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    identity: Identity,
    /// Where the line's first hexadecimal id begins, if the identity is that of the line with all of
    /// them levelled.
    first_id: Option<u16>,
}

impl Wanted {
    /// What a line is kept under that has no ids.
    #[inline]
    fn plain(identity: Identity) -> Self {
        Wanted {
            identity,
            first_id: None,
        }
    }
}

/// A line that reads as one before it: the number of its reading, until the next line is read.
#[derive(Debug, Clone, Copy)]
pub struct Alike {
    reading: u32,
    timestamp: Option<Timestamp>,
}

/// A line that was not found, once it is read.
#[derive(Debug)]
pub enum Anew<'a> {
    /// It is as one that was found: its event is had by its reading, and not handed on beside that, since an
    /// event is large.
    Kept(Alike),
    /// Its event, where nothing is kept.
    Read(Event<'a>),
}

/// What is told of a line that reads as one before it, to a sink that has described that one.
#[derive(Debug)]
pub struct Known<'a> {
    /// What is counted of it.
    pub brief: Brief<'a>,
    /// What the sink wrote for such lines.
    pub hint: Hint,
    /// What its message opens.
    pub opens: Opens,
    /// The component, where lines read alike may have others.
    pub component: Option<&'a [u8]>,
}

impl Readings {
    /// What is told of a line of which this is expected, if that is all that it takes.
    #[inline(always)]
    pub fn known<'a>(
        &self,
        line: &'a [u8],
        expected: Expected,
        context: &Context,
    ) -> Option<Known<'a>> {
        let number = expected.reading()?;
        let reading = self.readings.get(number as usize)?;
        if !reading.is_brief {
            return None;
        }
        let timestamp = self.instant(number, reading, line, context)?;
        Some(reading.known(line, timestamp))
    }

    /// What is known of a line of which this is expected; `None` where it is to be looked up, or reads
    /// otherwise.
    #[inline]
    pub fn find(&self, line: &[u8], expected: Expected, context: &Context) -> Option<Alike> {
        self.alike(expected.reading()?, line, context)
    }

    #[inline]
    fn alike(&self, number: u32, line: &[u8], context: &Context) -> Option<Alike> {
        let reading = self.readings.get(number as usize)?;
        let timestamp = self.instant(number, reading, line, context)?;
        Some(Alike {
            reading: number,
            timestamp,
        })
    }

    /// Looks a line up which may have been kept since it was looked up before; what it is wanted under
    /// where it is not known.
    #[inline(never)]
    pub fn find_anew(
        &self,
        line: &[u8],
        wanted: Option<Wanted>,
        context: &Context,
    ) -> Result<Alike, Option<Wanted>> {
        let Some(wanted) = wanted.or_else(|| self.wanted(line)) else {
            return Err(None);
        };
        match self.number(wanted.identity) {
            Some(number) => self.alike(number, line, context).ok_or(None),
            None => Err(Some(wanted)),
        }
    }

    /// What a line is kept under, if it may be kept.
    fn wanted(&self, line: &[u8]) -> Option<Wanted> {
        if !may_be_kept(line) {
            return None;
        }
        let plain = Wanted::plain(self.keys.identity(line));
        if self.number(plain.identity).is_some() {
            return Some(plain);
        }
        let levelled = self.levelled(line, &mut Leveller::default());
        levelled.or(Some(plain))
    }

    /// What a line is kept under that has ids.
    fn levelled(&self, line: &[u8], leveller: &mut Leveller) -> Option<Wanted> {
        let (levelled, first_id) = leveller.level(line)?;
        Some(Wanted {
            identity: self.keys.identity(levelled),
            first_id: first_id.try_into().ok(),
        })
    }

    /// The number of the reading of an identity.
    fn number(&self, identity: Identity) -> Option<u32> {
        let mut tagged = self.places.tagged(identity.hash());
        tagged.find(|number| self.readings[*number as usize].identity == identity)
    }

    /// The number of the latest reading that may be the one of an identity, as its tag says; where
    /// there is none, a number that no reading has.
    #[inline]
    fn tagged(&self, identity: Identity) -> u32 {
        let mut tagged = self.places.tagged(identity.hash());
        tagged.next().unwrap_or(u32::MAX)
    }

    /// Reads a line that was not found, and keeps its reading for the next one where it is wanted.
    pub fn read_anew<'a>(
        &mut self,
        line: &'a [u8],
        wanted: Option<Wanted>,
        context: &Context,
        forced: Option<&dyn Format>,
    ) -> Anew<'a> {
        // What a return overwrites depends on what stands on both of its sides.
        let wanted = wanted.filter(|_| memchr(b'\r', line).is_none());
        let wanted = wanted.filter(|wanted| self.is_worth_it(wanted));
        let wanted = wanted.filter(|_| section::mark(line).is_none());
        if let Some(known) = self.headers.read(line, &self.keys, context, forced) {
            let timestamp = known.timestamp();
            return match wanted.and_then(|wanted| known.reading(wanted)) {
                Some(kept) => self.kept(kept, timestamp),
                None => Anew::Read(known.event()),
            };
        }
        let Some(wanted) = wanted else {
            return Anew::Read(read(line, context, forced));
        };
        match reading_of(line, wanted, context, forced) {
            (event, Some(kept)) => self.kept(kept, event.timestamp),
            (event, None) => Anew::Read(event),
        }
    }

    /// A line of which this reading is kept, and when it happened.
    fn kept<'a>(
        &mut self,
        (reading, details): (Reading, Details),
        timestamp: Option<Timestamp>,
    ) -> Anew<'a> {
        Anew::Kept(Alike {
            reading: self.keep(reading, &details),
            timestamp,
        })
    }

    /// Whether the reading of a line that is wanted under this is to be kept.
    fn is_worth_it(&mut self, wanted: &Wanted) -> bool {
        self.readings.len() < KEPT_AT_ONCE_MAX || self.met_once.was_met(wanted.identity.hash())
    }

    /// What a line says whose header is known, its message being new.
    #[inline]
    pub fn headed<'a>(&self, line: &'a [u8], context: &Context) -> Option<Headed<'a>> {
        self.headers.headed(line, &self.keys, context)
    }

    /// Keeps a reading, and gives its number.
    fn keep(&mut self, reading: Reading, details: &Details) -> u32 {
        if self.readings.len() >= READINGS_MAX {
            self.forgotten = self.forgotten.wrapping_add(1);
            self.readings.clear();
            self.details.clear();
            self.places.clear();
        }
        let number = self.readings.len() as u32;
        let hash = reading.identity.hash();
        self.readings.push(reading);
        if self.places.have_room(self.readings.len()) {
            self.places.enter(hash, number);
        } else {
            self.places = self.places.more();
            for (number, reading) in (0..).zip(&self.readings) {
                self.places.enter(reading.identity.hash(), number);
            }
        }
        self.details.push(details);
        number
    }

    /// What is told of a line that was found, if that is all that it takes.
    pub fn brief<'a>(&self, line: &'a [u8], alike: &Alike) -> Option<Known<'a>> {
        let reading = &self.readings[alike.reading as usize];
        let is_brief = reading.is_brief;
        is_brief.then(|| reading.known(line, alike.timestamp))
    }

    /// What the message of a line opens that was found.
    #[inline]
    pub fn opens(&self, alike: &Alike) -> Opens {
        self.readings[alike.reading as usize].opens
    }

    /// The hint that belongs to a line that was found, if it may have one.
    pub fn hint(&mut self, alike: &Alike) -> Option<&mut Hint> {
        let reading = &mut self.readings[alike.reading as usize];
        reading.one_signature.then_some(&mut reading.hint)
    }

    /// When another line of a reading's skeleton happened; `None` where one of its stamps answers
    /// otherwise, so that it may read otherwise too.
    #[inline(always)]
    fn instant(
        &self,
        number: u32,
        reading: &Reading,
        line: &[u8],
        context: &Context,
    ) -> Option<Option<Timestamp>> {
        let Some(first) = &reading.question else {
            return Some(None);
        };
        let answer = first.answer(line, context)?;
        let timestamp = answer.filter(|_| reading.dating == Some(0));
        match reading.is_asked_more {
            false => Some(timestamp),
            true => self.instant_of_others(number, timestamp, line, context),
        }
    }

    /// The same by the questions after the first, which gave this.
    fn instant_of_others(
        &self,
        number: u32,
        mut timestamp: Option<Timestamp>,
        line: &[u8],
        context: &Context,
    ) -> Option<Option<Timestamp>> {
        let dating = self.readings[number as usize].dating;
        let others = self.details.of(number).questions.iter();
        for (index, question) in (1..).zip(others) {
            let answer = question.answer(line, context)?;
            if dating == Some(index) {
                timestamp = answer;
            }
        }
        Some(timestamp)
    }

    /// The event of a line that was found.
    pub fn event<'a>(&self, line: &'a [u8], alike: &Alike) -> Event<'a> {
        let text = |part: Part| Cow::Borrowed(part.of_line(line));
        let reading = &self.readings[alike.reading as usize];
        let details = self.details.of(alike.reading);
        Event {
            timestamp: alike.timestamp,
            host: reading.host.map(text),
            service: details.service.map(text),
            component: details.component.map(text),
            pid: details.pid.and_then(|part| decimal(part.of_line(line))),
            severity: reading.severity,
            facility: details.facility,
            message: Cow::Borrowed(details.message.of_line(line)),
            bare: details.bare,
            ..Event::default()
        }
    }
}

/// The event of a line, and its reading if others may be read by it.
fn reading_of<'a>(
    line: &'a [u8],
    wanted: Wanted,
    context: &Context,
    forced: Option<&dyn Format>,
) -> (Event<'a>, Option<(Reading, Details)>) {
    let anew = || read(line, context, forced);
    let pid_of = |other: &[u8]| read(other, context, forced).pid;
    let (event, notes) = context.notes.of(wanted.first_id.is_some(), anew);
    let kept = notes.and_then(|notes| Reading::of(line, wanted, &event, notes, context, pid_of));
    (event, kept)
}

/// Whether a line's reading may be kept, as far as its length and its first byte tell.
#[inline]
fn may_be_kept(line: &[u8]) -> bool {
    line.len() <= LINE_BYTES_MAX && !matches!(line.first(), None | Some(b'{' | b'<'))
}

#[cfg(test)]
mod tests;
