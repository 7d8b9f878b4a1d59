//! Lines that differ in the values of their digits alone, read once for all.
//!
//! A line whose digits are all `0` is its skeleton. Whatever a format reads depends on the skeleton,
//! on what the stamps of the line answer (see [`Notes`](super::notes::Notes)), and on nothing else, or
//! it says so and the line is not kept. So for a skeleton that is known, the places of host, service
//! and message are known too; its stamps are asked again, since the instant is in their digits, and
//! where one answers in another shape the line is read anew. Hexadecimal ids differ in their letters as
//! numbers do in their digits: a line that is not known is looked up again with such ids in place of
//! its own that stand for all of their kind, and then all its stamps are asked again. The table is bounded; forgetting it
//! changes no result, nor does which lines it took in.

use super::notes::{Kind, Note, Shape, shape};
use super::syslog_tag::{DIGITS_FITTING, decimal};
use super::{Context, Format, hex, read};
use crate::event::{Event, Severity, Text, Timestamp};
use crate::trace::{self, Trace};
use foldhash::fast::RandomState;
use memchr::memmem;
use runs::{run_of_pid, runs};
use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

/// Longer lines are read anew each time.
const LINE_BYTES_MAX: usize = 1024;

/// Bytes of skeletons a worker keeps; beyond it the table starts afresh.
const SKELETONS_BYTES_MAX: usize = if cfg!(test) { 1 << 16 } else { 2 << 20 };

/// Sets of places. The skeletons that fit are about as many, so few of a set's places are taken.
const SETS: usize = if cfg!(test) { 1 << 6 } else { 1 << 14 };

/// Places of one set, a line of the processor's cache; a newer one takes the room of the oldest.
const WAYS: usize = 4;

/// Bytes of a line that are masked in one step.
const STEP: usize = 32;

/// Questions of one line at most; a line that is asked more is read anew each time.
const QUESTIONS_MAX: usize = 6;

/// Skeletons met once are remembered by so many hashes, since a skeleton is kept from the second time on.
const MET_ONCE: usize = 1 << 15;

/// What a sink worked out for an event, kept for events that read alike. It is the sink's to say
/// whether it still holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hint {
    /// What the sink was when it wrote this; 0 where nothing was written.
    pub generation: u32,
    /// What it wrote.
    pub value: u32,
}

/// All readings that one worker keeps.
#[derive(Debug)]
pub struct Readings {
    /// The skeletons, one behind the other.
    text: Vec<u8>,
    readings: Vec<Reading>,
    /// A skeleton's place is in the set that its hash names.
    sets: Box<[Set]>,
    met_once: Box<[u32; MET_ONCE]>,
    room: Box<[u8; LINE_BYTES_MAX]>,
    random: RandomState,
}

/// Places of skeletons, the latest first.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Set([Place; WAYS]);

/// Where a skeleton stands in the text, half of its hash, and its reading. Nothing stands at a place
/// without length.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    tag: u32,
    start: u32,
    reading: u32,
    length: u16,
}

/// What is read of a line, by places in it.
#[derive(Debug)]
struct Reading {
    questions: [Option<Question>; QUESTIONS_MAX],
    /// The question whose answer dates the event.
    dating: Option<u8>,
    host: Option<Part>,
    service: Option<Part>,
    component: Option<Part>,
    pid: Option<Part>,
    message: Part,
    severity: Option<Severity>,
    facility: Option<u8>,
    bare: bool,
    opens: Opens,
    /// Whether two lines of the skeleton have one signature, so that a hint may be of use.
    one_signature: bool,
    hint: Hint,
}

/// What a message says of the lines behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opens {
    /// The trace that it opens.
    pub trace: Trace,
    /// Blanks before the line or the message.
    pub indent: usize,
}

impl Opens {
    /// What the message of a line opens.
    pub fn of(line: &[u8], message: &[u8]) -> Self {
        Opens {
            trace: Trace::opened_by(message),
            indent: trace::indent(line).max(trace::indent(message)),
        }
    }
}

/// A part of a line.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: u16,
    end: u16,
}

impl Part {
    fn of(range: Range<usize>) -> Option<Self> {
        Some(Part {
            start: range.start.try_into().ok()?,
            end: range.end.try_into().ok()?,
        })
    }

    /// The place of a text in the line that it was borrowed from.
    fn within(line: &[u8], text: &[u8]) -> Option<Self> {
        Self::at(line, text.as_ptr() as usize, text.len())
    }

    fn at(line: &[u8], address: usize, length: usize) -> Option<Self> {
        let start = address.checked_sub(line.as_ptr() as usize)?;
        let end = start.checked_add(length).filter(|&end| end <= line.len())?;
        Part::of(start..end)
    }

    #[inline]
    fn of_line(self, line: &[u8]) -> &[u8] {
        &line[usize::from(self.start)..usize::from(self.end)]
    }
}

/// A question and the shape of its answer.
#[derive(Debug, Clone, Copy)]
struct Question {
    kind: Kind,
    text: Part,
    shape: Shape,
}

impl Default for Readings {
    fn default() -> Self {
        Readings {
            text: Vec::new(),
            readings: Vec::new(),
            sets: vec![Set::default(); SETS].into(),
            met_once: Box::new([0; MET_ONCE]),
            room: Box::new([0; LINE_BYTES_MAX]),
            random: RandomState::default(),
        }
    }
}

/// A line that was read as one before it: its number, until the next line is read, and what it opens.
#[derive(Debug, Clone, Copy)]
pub struct Alike {
    reading: u32,
    /// What its message opens.
    pub opens: Opens,
}

impl Readings {
    /// What [`read`] gives, and whether that was known.
    pub fn read<'a>(
        &mut self,
        line: &'a [u8],
        context: &Context,
        forced: Option<&dyn Format>,
    ) -> (Event<'a>, Option<Alike>) {
        let kept =
            line.len() <= LINE_BYTES_MAX && !matches!(line.first(), None | Some(b'{' | b'<'));
        if !kept {
            return (read(line, context, forced), None);
        }
        skeleton(line, &mut self.room);
        let mut hash = self.hash(line.len());
        if let Some(number) = self.find(hash, line.len()) {
            return self.read_as(number, line, context, forced);
        }
        let has_ids = hex::level(&mut self.room[..line.len()]);
        if has_ids {
            hash = self.hash(line.len());
            if let Some(number) = self.find(hash, line.len()) {
                return self.read_as(number, line, context, forced);
            }
        }
        let tag = (hash >> 32) as u32;
        let slot = &mut self.met_once[hash as usize % MET_ONCE];
        if *slot != tag {
            *slot = tag;
            return (read(line, context, forced), None);
        }
        let (event, notes) = context.notes.of(has_ids, || read(line, context, forced));
        let length = line.len();
        if let Some(notes) = notes
            && let Some(reading) = Reading::of(
                line,
                &self.room[..length],
                &event,
                &notes,
                context,
                |other| read(other, context, forced).pid,
            )
        {
            self.keep(hash, length, reading);
        }
        (event, None)
    }

    /// The hash of the skeleton that stands in `room`.
    #[inline]
    fn hash(&self, length: usize) -> u64 {
        let mut hasher = self.random.build_hasher();
        hasher.write(&self.room[..length]);
        hasher.finish()
    }

    /// The number of the reading of the skeleton that stands in `room`, if it is known.
    #[inline]
    fn find(&self, hash: u64, length: usize) -> Option<u32> {
        let (tag, skeleton) = ((hash >> 32) as u32, &self.room[..length]);
        let same = |place: &&Place| {
            place.tag == tag
                && usize::from(place.length) == length
                && self.text[place.start as usize..][..length] == *skeleton
        };
        let set = &self.sets[hash as usize % SETS].0;
        set.iter().find(same).map(|place| place.reading)
    }

    /// Reads a line as one before it, or anew where a stamp says that it is another.
    #[inline]
    fn read_as<'a>(
        &self,
        number: u32,
        line: &'a [u8],
        context: &Context,
        forced: Option<&dyn Format>,
    ) -> (Event<'a>, Option<Alike>) {
        let reading = &self.readings[number as usize];
        let alike = Alike {
            reading: number,
            opens: reading.opens,
        };
        match reading.instant(line, context) {
            Some(timestamp) => (reading.event(line, timestamp), Some(alike)),
            None => (read(line, context, forced), None),
        }
    }

    /// Keeps the reading of the skeleton that stands in `room`.
    fn keep(&mut self, hash: u64, length: usize, reading: Reading) {
        if self.text.len() + length > SKELETONS_BYTES_MAX {
            self.text.clear();
            self.readings.clear();
            self.sets.fill(Set::default());
        }
        let place = Place {
            tag: (hash >> 32) as u32,
            start: self.text.len() as u32,
            reading: self.readings.len() as u32,
            length: length as u16,
        };
        self.text.extend_from_slice(&self.room[..length]);
        self.readings.push(reading);
        let set = &mut self.sets[hash as usize % SETS].0;
        set.rotate_right(1);
        set[0] = place;
    }

    /// The hint that belongs to a line just read, if it may have one.
    pub fn hint(&mut self, alike: Alike) -> Option<&mut Hint> {
        let reading = &mut self.readings[alike.reading as usize];
        reading.one_signature.then_some(&mut reading.hint)
    }
}

impl Reading {
    /// The reading of a line that gave this event; `None` where other lines of its skeleton may read
    /// otherwise, or where that cannot be told. `pid_of` reads the pid of another line.
    fn of(
        line: &[u8],
        skeleton: &[u8],
        event: &Event<'_>,
        notes: &[Note],
        context: &Context,
        pid_of: impl Fn(&[u8]) -> Option<u32>,
    ) -> Option<Self> {
        let part = |text: &Option<Text<'_>>| match text {
            None => Some(None),
            Some(Cow::Borrowed(text)) => Part::within(line, text).map(Some),
            Some(Cow::Owned(_)) => None,
        };
        let Cow::Borrowed(message) = event.message else {
            return None;
        };
        let service = part(&event.service)?;
        let of_skeleton = |part: Option<Part>| part.map_or(&b""[..], |part| part.of_line(skeleton));
        let is_plain = event.detail.is_none() && event.origin.is_none() && !event.stored;
        if !is_plain || digits_are_levels(skeleton, of_skeleton(service)) {
            return None;
        }
        Some(Reading {
            questions: questions(line, notes, context)?,
            dating: dating(event.timestamp, notes)?,
            host: part(&event.host)?,
            service,
            component: part(&event.component)?,
            pid: match event.pid {
                None => None,
                Some(pid) => Some(run_of_pid(line, pid, pid_of)?),
            },
            message: Part::within(line, message)?,
            severity: event.severity,
            facility: event.facility,
            bare: event.bare,
            opens: Opens::of(line, message),
            one_signature: !of_skeleton(service).contains(&b'0'),
            hint: Hint::default(),
        })
    }

    /// When another line of the skeleton happened; `None` where one of its stamps answers otherwise,
    /// so that it may read otherwise too.
    #[inline]
    fn instant(&self, line: &[u8], context: &Context) -> Option<Option<Timestamp>> {
        let mut timestamp = None;
        for (index, question) in (0..).zip(self.questions.iter().map_while(|q| q.as_ref())) {
            let answer = question.kind.ask(question.text.of_line(line), context);
            if shape(answer) != question.shape {
                return None;
            }
            if self.dating == Some(index) {
                timestamp = answer.and_then(|stamp| stamp.timestamp);
            }
        }
        Some(timestamp)
    }

    /// The event of another line of the skeleton.
    #[inline]
    fn event<'a>(&self, line: &'a [u8], timestamp: Option<Timestamp>) -> Event<'a> {
        let text = |part: Part| Cow::Borrowed(part.of_line(line));
        Event {
            timestamp,
            host: self.host.map(text),
            service: self.service.map(text),
            component: self.component.map(text),
            pid: self.pid.and_then(|part| decimal(part.of_line(line))),
            severity: self.severity,
            facility: self.facility,
            message: text(self.message),
            bare: self.bare,
            ..Event::default()
        }
    }
}

/// The line with each digit as `0`, written to `room`.
fn skeleton(line: &[u8], room: &mut [u8; LINE_BYTES_MAX]) {
    let room = &mut room[..line.len()];
    if let (Some(last), Some(room_last)) = (line.last_chunk(), room.last_chunk_mut()) {
        // The last step overlaps the one before it.
        mask_step(last, room_last);
        let (steps, _) = line.as_chunks();
        let (rooms, _) = room.as_chunks_mut();
        for (step, room) in steps.iter().zip(rooms) {
            mask_step(step, room);
        }
    } else {
        for (byte, room) in line.iter().zip(&mut *room) {
            *room = masked(*byte);
        }
    }
}

fn masked(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'0' } else { byte }
}

/// A function of its own, since apart from other loops it is sure to become one of vectors.
#[inline(never)]
fn mask_step(step: &[u8; STEP], room: &mut [u8; STEP]) {
    for (byte, room) in step.iter().zip(room) {
        *room = masked(*byte);
    }
}

/// Whether a skeleton has digits that may stand for a level: a priority, or the mnemonic of a service.
fn digits_are_levels(skeleton: &[u8], service: &[u8]) -> bool {
    let priorities: [&[u8]; 3] = [b"<0>", b"<00>", b"<000>"];
    service.starts_with(b"%")
        || priorities
            .iter()
            .any(|priority| memmem::find(skeleton, priority).is_some())
}

/// The one question whose answer can have dated the event, `Some(None)` for an undated one; `None`
/// where two have the same answer, so that another line has to tell.
fn dating(timestamp: Option<Timestamp>, notes: &[Note]) -> Option<Option<u8>> {
    let Some(timestamp) = timestamp else {
        return Some(None);
    };
    let dates = |note: &Note| note.answer.and_then(|stamp| stamp.timestamp) == Some(timestamp);
    let mut dating = (0..).zip(notes).filter(|(_, note)| dates(note));
    match (dating.next(), dating.next()) {
        (Some((index, _)), None) => Some(Some(index)),
        _ => None,
    }
}

/// All that is to be asked of a line again: what was noted, and of each run of digits that may be too
/// long for a number whether it is. `None` where that is too much.
fn questions(
    line: &[u8],
    notes: &[Note],
    context: &Context,
) -> Option<[Option<Question>; QUESTIONS_MAX]> {
    let mut questions = [None; QUESTIONS_MAX];
    let mut free = questions.iter_mut();
    for note in notes {
        *free.next()? = Some(Question {
            kind: note.kind,
            text: Part::at(line, note.address, note.length)?,
            shape: shape(note.answer),
        });
    }
    for run in runs(line).filter(|run| run.len() > DIGITS_FITTING) {
        *free.next()? = Some(Question {
            kind: Kind::Number,
            shape: shape(Kind::Number.ask(&line[run.clone()], context)),
            text: Part::of(run)?,
        });
    }
    Some(questions)
}

mod runs;

#[cfg(test)]
mod tests;
