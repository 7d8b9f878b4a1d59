//! What is read of the lines of one skeleton, by places in them.

use super::details::{Details, Message};
use super::runs::{begins_field, long_runs, run_of_pid};
use super::skeleton::Identity;
use super::{Known, Wanted};
use crate::event::{Brief, Event, Part, Severity, Text, Timestamp};
use crate::format::Context;
use crate::format::notes::{Kind, Note, Shape, Taken};
use crate::format::stamp;
use crate::trace::{self, Trace};
use memchr::memchr_iter;
use std::borrow::Cow;
use std::ops::Range;

/// Questions of one line at most; a line that is asked more is read anew each time.
const QUESTIONS_MAX: usize = 6;

/// What a sink worked out for an event, kept for events that read alike. It is the sink's to say
/// whether it still holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hint {
    /// What the sink was when it wrote this; 0 where nothing was written.
    pub generation: u32,
    /// What it wrote.
    pub value: u32,
}

/// What is asked of a reading for each line, in one line of the processor's cache.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Reading {
    pub identity: Identity,
    pub hint: Hint,
    pub opens: Opens,
    pub host: Option<Part>,
    /// The component, where its digits vary.
    pub varying_component: Option<Part>,
    /// The question that is asked first, and whether there are others.
    pub question: Option<Question>,
    pub is_asked_more: bool,
    /// The question whose answer dates the event.
    pub dating: Option<u8>,
    pub severity: Option<Severity>,
    /// Whether two lines of the skeleton have one signature, so that a hint may be of use.
    pub one_signature: bool,
    /// Whether a hint and a [`Brief`] say all that is counted of its events.
    pub is_brief: bool,
}

const _: () = assert!(size_of::<Reading>() == 64);

/// What a message says of the lines behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opens {
    /// The trace that it opens.
    pub trace: Trace,
    /// Blanks before the line or the message.
    pub indent: u32,
}

impl Opens {
    /// What the message of a line opens.
    pub fn of(line: &[u8], message: &[u8]) -> Self {
        Opens {
            trace: Trace::opened_by(message),
            indent: trace::indent(line).max(trace::indent(message)) as u32,
        }
    }
}

/// A question and the shape of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    pub kind: Kind,
    pub text: Part,
    pub shape: Shape,
}

impl Question {
    /// The instant that another line gives for an answer; `None` where the answer has another shape.
    #[inline]
    pub fn answer(&self, line: &[u8], context: &Context) -> Option<Option<Timestamp>> {
        // Nearly always a stamp of the minute of the line before. It is in the text whatever follows that,
        // since it has the length of the answer.
        if let Kind::Clock(clock) = self.kind
            && let Some(from) = line.get(self.text.start()..)
            && let Some((timestamp, shape)) = stamp::of_known_minute(from, clock, context)
            && shape == self.shape
        {
            return Some(Some(timestamp));
        }
        self.answer_anew(self.text.of_line(line), context)
    }

    #[inline(never)]
    fn answer_anew(&self, text: &[u8], context: &Context) -> Option<Option<Timestamp>> {
        let answer = self.kind.ask(text, context);
        let same = Shape::of(answer) == self.shape;
        same.then(|| answer.and_then(|stamp| stamp.timestamp))
    }
}

impl Reading {
    /// The reading of a line that gave this event; `None` where other lines of its skeleton may read
    /// otherwise, or where that cannot be told. `pid_of` reads the pid of another line.
    pub fn of(
        line: &[u8],
        wanted: Wanted,
        event: &Event<'_>,
        notes: Taken,
        context: &Context,
        pid_of: impl Fn(&[u8]) -> Option<u32>,
    ) -> Option<(Self, Details)> {
        let part = |text: &Option<Text<'_>>| borrowed_part(line, text);
        let Cow::Borrowed(message) = event.message else {
            return None;
        };
        let notes = to_ask_again(line, notes, wanted.first_id);
        let (service, component) = (part(&event.service)?, part(&event.component)?);
        if !is_simple(event)
            || digits_are_levels(line, event.service.as_deref().unwrap_or_default())
        {
            return None;
        }
        let [question, questions @ ..] = questions(line, &notes, wanted.first_id, context)?;
        let one_signature = service.is_none_or(|service| !has_digits(line, &service));
        let reading = Reading {
            identity: wanted.identity,
            hint: Hint::default(),
            opens: Opens::of(line, message),
            host: part(&event.host)?,
            varying_component: component.filter(|component| has_digits(line, component)),
            question,
            is_asked_more: questions[0].is_some(),
            dating: dating(event.timestamp, &notes)?,
            severity: event.severity,
            one_signature,
            is_brief: one_signature && !event.bare && !message.is_empty(),
        };
        let details = Details {
            questions: questions.into_iter().flatten().collect(),
            service,
            component,
            pid: match event.pid {
                None => None,
                Some(pid) => Some(run_of_pid(line, pid, pid_of)?),
            },
            message: Message::within(line, message)?,
            facility: event.facility,
            bare: event.bare,
        };
        Some((reading, details))
    }
}

impl Reading {
    /// What is told of another line of the skeleton, which happened then.
    #[inline(always)]
    pub fn known<'a>(&self, line: &'a [u8], timestamp: Option<Timestamp>) -> Known<'a> {
        let of_line = |part: Part| part.of_line(line);
        Known {
            brief: Brief {
                timestamp,
                host: self.host.map(of_line),
                severity: self.severity,
            },
            hint: self.hint,
            opens: self.opens,
            component: self.varying_component.map(of_line),
        }
    }
}

/// The place of a text that is read of a line, if it has one; `None` where it is not as it stands there.
pub(super) fn borrowed_part(line: &[u8], text: &Option<Text<'_>>) -> Option<Option<Part>> {
    match text {
        None => Some(None),
        Some(Cow::Borrowed(text)) => Part::within(line, text).map(Some),
        Some(Cow::Owned(_)) => None,
    }
}

/// Whether a part of a line has digits, which lines of one skeleton may differ in.
pub(super) fn has_digits(line: &[u8], part: &Part) -> bool {
    part.of_line(line).iter().any(u8::is_ascii_digit)
}

/// Whether an event has nothing that places in its line do not tell.
pub(super) fn is_simple(event: &Event<'_>) -> bool {
    event.detail.is_none() && event.origin.is_none() && !event.stored
}

/// Whether a line has digits that may stand for a level: a priority, or the mnemonic of a service.
pub(super) fn digits_are_levels(line: &[u8], service: &[u8]) -> bool {
    let is_priority = |at: usize| {
        let digits = line[at + 1..].iter().take(PRIORITY_DIGITS_MAX);
        let digits = digits.take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && line.get(at + 1 + digits) == Some(&b'>')
    };
    service.starts_with(b"%") || memchr_iter(b'<', line).any(is_priority)
}

/// Digits of a priority at most.
const PRIORITY_DIGITS_MAX: usize = 3;

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

impl Note {
    /// The part of a line that was asked about.
    fn part(&self, line: &[u8]) -> Option<Part> {
        Part::at(line, self.address, self.length)
    }

    /// Whether a run of digits of the line is all of a stamp, or what one begins with.
    fn is_stamp_of(&self, line: &[u8], run: &Range<usize>) -> bool {
        self.answer
            .zip(self.part(line))
            .is_some_and(|(stamp, part)| {
                part.start() == run.start && run.end <= run.start + stamp.length
            })
    }
}

/// The notes of what other lines may answer otherwise, be it for their digits or for their ids.
fn to_ask_again(line: &[u8], mut notes: Taken, first_id: Option<u16>) -> Taken {
    notes.retain(|note| {
        let part = note.part(line);
        !note.by_ids_alone || part.is_none_or(|part| !is_plain(part, line, first_id))
    });
    notes
}

/// Whether a line's ids take no part in how a part of it is read as a stamp, or as none. Otherwise the
/// letters of an id may be what a stamp goes on with, or what another text has in place of digits.
fn is_plain(part: Part, line: &[u8], first_id: Option<u16>) -> bool {
    first_id.is_none_or(|first_id| {
        let place = usize::from(first_id).saturating_sub(part.start());
        stamp::ends_before(part.of_line(line), place)
    })
}

/// All that is to be asked of a line again: what was noted, and of each run of digits that may be too
/// long for a number whether it is. `None` where that is too much.
fn questions(
    line: &[u8],
    notes: &[Note],
    first_id: Option<u16>,
    context: &Context,
) -> Option<[Option<Question>; QUESTIONS_MAX]> {
    let mut questions = [None; QUESTIONS_MAX];
    let mut free = questions.iter_mut();
    for note in notes {
        let part = note.part(line)?;
        let text = part.of_line(line);
        let is_plain = is_plain(part, line, first_id);
        *free.next()? = Some(Question {
            kind: match is_plain {
                true => note.kind.again(text, note.answer, context),
                false => note.kind,
            },
            text: part,
            shape: Shape::of(note.answer),
        });
    }
    // What is a stamp is no number that fits sometimes.
    let is_stamp = |run: &Range<usize>| notes.iter().any(|note| note.is_stamp_of(line, run));
    for run in long_runs(line) {
        if !begins_field(line, &run) || is_stamp(&run) {
            continue;
        }
        *free.next()? = Some(Question {
            kind: Kind::Number,
            shape: Shape::of(Kind::Number.ask(&line[run.clone()], context)),
            text: Part::of(run)?,
        });
    }
    Some(questions)
}
