//! What a reading of one line asked of its digits beyond their being digits.
//!
//! Two lines that differ in the values of their digits alone are read alike as far as only the kind
//! of each byte is looked at. Where values are looked at, that is noted here: a stamp as a question
//! that can be asked of the other line again, anything else as a reason to read each line anew.
//! Nothing is noted unless someone takes notes, which [`super::readings`] does.

use super::access::is_server_error_status;
use super::stamp::{self, Clock, Layout, Stamp};
use super::syslog_tag::decimal;
use super::{Context, Event};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};

/// The kinds of questions that can be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// [`stamp::parse`].
    Stamp,
    /// The same of a text in which the stamp ends for certain, whatever its digits are.
    StampAlone,
    /// The same of a stamp whose seconds stand at a certain place.
    Clock(Clock),
    /// [`stamp::parse_month_day`].
    MonthDay,
    /// [`stamp::parse_time_only`]; what is no stamp answers with its length alone.
    TimeOnly,
    /// Whether a long run of digits is a number that fits, as that of a process has to.
    Number,
    /// Whether a status of HTTP is an error of the server.
    Status,
}

impl Kind {
    /// The kind of a question that was answered, to ask it of a text that has the same skeleton.
    pub fn again(self, text: &[u8], answer: Option<Stamp>, context: &Context) -> Kind {
        match self {
            Kind::Stamp => stamp::again(text, answer, context),
            kind => kind,
        }
    }

    /// Asks the question of a text.
    pub fn ask(self, text: &[u8], context: &Context) -> Option<Stamp> {
        match self {
            Kind::Stamp => stamp::parse(text, context),
            Kind::StampAlone => stamp::parse_alone(text, context),
            Kind::Clock(clock) => stamp::parse_minute(text, clock, context),
            Kind::MonthDay => stamp::parse_month_day(text, context),
            Kind::TimeOnly => stamp::parse_time_only(text, context).map(time_of_day),
            Kind::Number => decimal(text).map(|_| time_of_day(text.len())),
            Kind::Status => is_server_error_status(text).then(|| time_of_day(text.len())),
        }
    }
}

/// What dates nothing, as a stamp.
pub(super) fn time_of_day(length: usize) -> Stamp {
    Stamp {
        timestamp: None,
        length,
        layout: Layout::Other,
    }
}

/// All of an answer that may decide what is read next: not the instant, but whether there is one. In one
/// number, so that two of them are compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape(u32);

impl Shape {
    /// No answer.
    const NONE: Shape = Shape(u32::MAX);

    pub fn of(answer: Option<Stamp>) -> Self {
        let of_stamp = |stamp: Stamp| {
            // Lines that are read again are shorter than this.
            let length = stamp.length.min(usize::from(u16::MAX)) as u32;
            let is_dated = u32::from(stamp.timestamp.is_some());
            Shape(length << 8 | (stamp.layout as u32) << 1 | is_dated)
        };
        answer.map_or(Shape::NONE, of_stamp)
    }
}

/// A question that was asked, of the text at an address, and its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    pub kind: Kind,
    pub address: usize,
    pub length: usize,
    pub answer: Option<Stamp>,
    /// Whether no digits would answer otherwise, but letters of ids.
    pub by_ids_alone: bool,
}

/// What was asked of one line; most lines have one stamp.
pub(super) type Taken = SmallVec<[Note; 2]>;

/// The notes of one reading.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes {
    taking: Cell<bool>,
    doubted: Cell<bool>,
    unanswered: Cell<bool>,
    anew: Cell<bool>,
    /// Whether letters of ids may be other ones too, so that what no digits would have answered may
    /// be answered as well.
    ids: Cell<bool>,
    notes: RefCell<Taken>,
}

impl Notes {
    /// Says that a shape that was there is none for the values of its digits.
    #[inline]
    pub fn doubt(&self) {
        self.doubted.set(true);
    }

    /// Says that a text that may begin a stamp begins none.
    #[inline]
    pub fn unanswered(&self) {
        self.unanswered.set(self.ids.get());
    }

    /// Notes a question, once; one that no digits would have answered needs no note.
    #[inline]
    pub fn asked(&self, kind: Kind, text: &[u8], answer: Option<Stamp>) {
        if !self.taking.get() {
            return;
        }
        let by_digits = self.doubted.take() || answer.is_some();
        if self.unanswered.take() || by_digits {
            self.note(Note {
                kind,
                address: text.as_ptr() as usize,
                length: text.len(),
                answer,
                by_ids_alone: !by_digits,
            });
        }
    }

    /// Notes that it was asked whether a status is an error of the server.
    pub fn asked_status(&self, status: &[u8]) {
        // Other digits may answer otherwise.
        self.doubt();
        let answer = is_server_error_status(status).then(|| time_of_day(status.len()));
        self.asked(Kind::Status, status, answer);
    }

    #[cold]
    fn note(&self, note: Note) {
        let mut notes = self.notes.borrow_mut();
        let same = |known: &Note| {
            (known.kind, known.address, known.length) == (note.kind, note.address, note.length)
        };
        if !notes.iter().any(same) {
            notes.push(note);
        }
    }

    /// Notes that digits decided something else.
    #[inline]
    pub fn digits_decide(&self) {
        self.anew.set(true);
    }

    /// Takes notes of one reading: the event and what was asked, `None` where that is not all.
    ///
    /// `ids` says that the line has ids, and is to be told for lines with others.
    pub fn of<'a>(
        &self,
        ids: bool,
        read: impl FnOnce() -> Event<'a>,
    ) -> (Event<'a>, Option<Taken>) {
        self.ids.set(ids);
        self.anew.set(false);
        self.doubted.set(false);
        self.unanswered.set(false);
        self.taking.set(true);
        let event = read();
        self.taking.set(false);
        self.ids.set(false);
        let notes = self.notes.take();
        (event, (!self.anew.get()).then_some(notes))
    }
}
