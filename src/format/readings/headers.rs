//! Lines whose message is new, read by their header alone.
//!
//! Where each line says something new, none reads as one before it, yet most have a header that does.
//! A format may promise that a header settles what is read up to the message (see
//! [`Format::settled_header`]); then host, service and stamp are where they were in a line before,
//! and the message is what follows. That is enough to refuse a line, or to keep it and read it later; and
//! it is all that a reading of such lines says, which is made of it in a third of the time that a format
//! takes. The table is bounded; forgetting it changes no result.

use super::Wanted;
use super::details::{Details, Message};
use super::reading::{Hint, Opens, Question, Reading};
use super::reading::{borrowed_part, digits_are_levels, has_digits, is_simple};
use super::runs::{long_runs, run_of_pid};
use super::skeleton::{Identity, Keys};
use crate::event::{Event, Headed, Part, Timestamp};
use crate::format::notes::{Note, Shape};
use crate::format::syslog_tag::decimal;
use crate::format::{Context, Format, read, settled_header};
use crate::met_once::MetOnce;
use hashbrown::HashTable;
use memchr::memchr_iter;
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// Headers that are kept; beyond it the table starts afresh.
const HEADERS_MAX: usize = if cfg!(test) { 8 } else { 1 << 12 };

/// Headers met once are remembered by so many hashes, since one is read from the second time on.
const MET_ONCE: usize = 1 << 8;

/// How far into a line its message begins, at least and at most: no stamp is shorter.
const HEADER_BYTES: RangeInclusive<usize> = 16..=128;

/// What a header ends in.
const COLON: &[u8] = b": ";

/// Bytes of a message that are looked at in one step.
const STEP: usize = 16;

/// The headers that one worker keeps.
#[derive(Debug, Default)]
pub(super) struct Headers {
    known: HashTable<Header>,
    met_once: MetOnce<MET_ONCE>,
}

/// What is read of all lines that begin with a header whose skeleton this is.
#[derive(Debug)]
struct Header {
    identity: Identity,
    /// `None` where the header does not settle it.
    parts: Option<Parts>,
}

#[derive(Debug, Clone, Copy)]
struct Parts {
    stamp: Question,
    host: Option<Part>,
    service: Option<Part>,
    pid: Option<Part>,
}

/// A line whose header is known, with what is read of it.
#[derive(Debug)]
pub(super) struct OfHeader<'a, 'h> {
    parts: &'h Parts,
    headed: Headed<'a>,
}

impl Headers {
    /// What the line says whose header is known.
    #[inline]
    pub fn headed<'a>(&self, line: &'a [u8], keys: &Keys, context: &Context) -> Option<Headed<'a>> {
        let (header, message) = split(line)?;
        let known = self.find(keys.identity(header))?;
        Some(known.told(line, header, message, context)?.headed)
    }

    /// The same of a line that is to be read anew; a header that is not known is kept for the next lines, from
    /// the second time on, if it settles what is read up to the message.
    #[inline(never)]
    pub fn read<'a>(
        &mut self,
        line: &'a [u8],
        keys: &Keys,
        context: &Context,
        forced: Option<&dyn Format>,
    ) -> Option<OfHeader<'a, '_>> {
        let (header, message) = split(line)?;
        let identity = keys.identity(header);
        let same = |known: &Header| known.identity == identity;
        let known = match self.known.find_entry(identity.hash(), same) {
            Ok(known) => return known.into_mut().told(line, header, message, context),
            Err(absent) => absent.into_table(),
        };
        if is_plain(message) && self.met_once.was_met(identity.hash()) {
            let parts = Parts::of(line, header, context, forced);
            keep(known, Header { identity, parts });
        }
        None
    }

    fn find(&self, identity: Identity) -> Option<&Header> {
        let same = |header: &Header| header.identity == identity;
        self.known.find(identity.hash(), same)
    }
}

/// Keeps a header with those that are known.
fn keep(known: &mut HashTable<Header>, header: Header) {
    if known.len() >= HEADERS_MAX {
        known.clear();
    }
    let hash = |header: &Header| header.identity.hash();
    known.insert_unique(hash(&header), header, hash);
}

impl Header {
    /// What a line with such a header says.
    #[inline]
    fn told<'a>(
        &self,
        line: &'a [u8],
        header: &[u8],
        message: &[u8],
        context: &Context,
    ) -> Option<OfHeader<'a, '_>> {
        let parts = self.parts.as_ref()?;
        if !is_plain(message) {
            return None;
        }
        let headed = Headed {
            line,
            timestamp: parts.stamp.answer(header, context)?,
            host: parts.host,
            service: parts.service,
            message: Part::of(header.len()..header.len() + message.trim_ascii_end().len())?,
        };
        Some(OfHeader { parts, headed })
    }
}

impl<'a> OfHeader<'a, '_> {
    /// When it happened.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.headed.timestamp
    }

    /// The event of the line.
    pub fn event(&self) -> Event<'a> {
        let line = self.headed.line;
        let text = |part: Part| Cow::Borrowed(part.of_line(line));
        let pid = self.parts.pid.map(|part| part.of_line(line));
        Event {
            timestamp: self.headed.timestamp,
            host: self.parts.host.map(text),
            service: self.parts.service.map(text),
            pid: pid.and_then(decimal),
            message: text(self.headed.message),
            ..Event::default()
        }
    }

    /// The reading of all lines of the line's skeleton; `None` where ids that may be others stand in the header.
    pub fn reading(&self, wanted: Wanted) -> Option<(Reading, Details)> {
        let (parts, line, message) = (self.parts, self.headed.line, self.headed.message);
        let first_id = wanted.first_id.map(usize::from);
        if first_id.is_some_and(|first_id| first_id < message.start()) {
            return None;
        }
        let of_service = parts.service.filter(|service| has_digits(line, service));
        let one_signature = of_service.is_none();
        let reading = Reading {
            identity: wanted.identity,
            hint: Hint::default(),
            opens: Opens::of(line, message.of_line(line)),
            host: parts.host,
            varying_component: None,
            question: Some(parts.stamp),
            is_asked_more: false,
            dating: Some(0),
            severity: None,
            one_signature,
            is_brief: one_signature,
        };
        let details = Details {
            questions: Box::default(),
            service: parts.service,
            component: None,
            pid: parts.pid,
            message: Message::within(line, message.of_line(line))?,
            facility: None,
            bare: false,
        };
        Some((reading, details))
    }
}

impl Parts {
    /// What is read of a line up to its message, if its header settles that.
    fn of(
        line: &[u8],
        header: &[u8],
        context: &Context,
        forced: Option<&dyn Format>,
    ) -> Option<Self> {
        settled_header(line, context, forced).filter(|length| *length == header.len())?;
        let (event, notes) = context.notes.of(false, || read(line, context, forced));
        let notes = notes?;
        let host = borrowed_part(header, &event.host)?;
        let service = borrowed_part(header, &event.service)?;
        let of_service = service.map_or(&b""[..], |service| service.of_line(header));
        let settles = says_nothing_else(&event)
            && event.message[..] == *line[header.len()..].trim_ascii_end()
            && !digits_are_levels(header, of_service)
            && long_runs(header).next().is_none();
        let stamp = stamp(header, &notes, context).filter(|_| settles)?;
        let pid_of = |other: &[u8]| read(other, context, forced).pid;
        let pid = match event.pid {
            None => None,
            Some(pid) => Some(run_of_pid(line, pid, pid_of)?),
        };
        if pid.is_some_and(|pid| pid.start() >= header.len()) {
            return None;
        }
        (stamp.answer(header, context)? == event.timestamp).then_some(Parts {
            stamp,
            host,
            service,
            pid,
        })
    }
}

/// The only question that was asked, to be asked of other headers.
fn stamp(header: &[u8], notes: &[Note], context: &Context) -> Option<Question> {
    let [note] = notes else { return None };
    let start = note.address.checked_sub(header.as_ptr() as usize)?;
    let text = header.get(start..)?;
    Some(Question {
        kind: note.kind.again(text, note.answer, context),
        text: Part::of(start..header.len())?,
        shape: Shape::of(note.answer),
    })
}

/// Whether an event has but a time, a host, a service, a process and a message.
fn says_nothing_else(event: &Event<'_>) -> bool {
    let is_unlevelled = event.severity.is_none() && event.facility.is_none();
    is_simple(event) && is_unlevelled && event.component.is_none() && !event.bare
}

/// The header that a line may have, up to the first colon with a blank behind it, and what follows.
#[inline]
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    // The colons of the stamp need not be asked.
    let from = *HEADER_BYTES.start() - COLON.len();
    let within = line.get(from..line.len().min(*HEADER_BYTES.end()))?;
    let mut colons = memchr_iter(COLON[0], within);
    let colon = colons.find(|at| within[*at..].starts_with(COLON))?;
    Some(line.split_at(from + colon + COLON.len()))
}

/// Whether no format looks for anything in a message: it begins with a letter, and has neither quotes,
/// which requests stand in, nor anything but visible ASCII.
#[inline]
fn is_plain(message: &[u8]) -> bool {
    // All of a step are looked at, which is done at once.
    let others = |bytes: &[u8]| {
        bytes.iter().fold(false, |others, byte| {
            others | !(b' '..=b'~').contains(byte) | (*byte == b'"')
        })
    };
    let (steps, rest) = message.as_chunks::<STEP>();
    let mut any = message
        .last_chunk::<STEP>()
        .map_or_else(|| others(rest), |last| others(last));
    for step in steps {
        any |= others(step);
    }
    !any && message.first().is_some_and(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::tests::line_like;
    use crate::format::{FORMATS, test_context};
    use proptest::prelude::*;
    use std::slice;

    const HEADERS: [&str; 12] = [
        "May 11 10:00:00 web07 cron[1234]: ",
        "May  1 10:00:00 web-1 su: ",
        "May 11 10:00:00 cron[7]: ",
        "May 11 10:00:00 relay web1.example.com su: ",
        "May 11 10:00:00 web1 gate(pam)[77]: ",
        "May 11 10:00:00 web1 kernel: ",
        "May 11 10:00:00 fw1 %LINK-3-UPDOWN: ",
        "May 11 10:00:00 2024 web1 pump[4294967295]: ",
        "May 11 10:00:00 web1 error: ",
        "May 11 10:00:00 web1 pump 1.4.1: ",
        "May 11 10:00:00 web1 see ",
        "2024-05-01T10:00:00Z web1 pump[77]: ",
    ];

    const MESSAGES: [&str; 9] = [
        "valve opens at 7",
        "valve opens",
        "[ID 800047 mail.error] valve",
        "[  12.345678] valve",
        "GET \"] \"a\" 500 12",
        "error: valve[7]: stuck ",
        "Pump[7]: in",
        "last message repeated 3 times",
        "",
    ];

    fn learned(lines: &[Vec<u8>], forced: Option<&dyn Format>) -> (Headers, Keys, Context) {
        let (mut headers, keys, context) = (Headers::default(), Keys::default(), test_context());
        for line in lines.iter().chain(lines) {
            headers.read(line, &keys, &context, forced);
        }
        (headers, keys, context)
    }

    /// Where a line is told by its header, that is what the formats read. Gives whether it is told.
    #[track_caller]
    fn is_told_as_read(
        (headers, keys, context): &(Headers, Keys, Context),
        line: &[u8],
        forced: Option<&dyn Format>,
    ) -> bool {
        let Some(headed) = headers.headed(line, keys, context) else {
            return false;
        };
        let event = read(line, &test_context(), forced);
        assert!(says_nothing_else(&event));
        assert_eq!(
            (
                headed.timestamp,
                headed.host(),
                headed.service(),
                headed.message()
            ),
            (
                event.timestamp,
                event.host.as_deref(),
                event.service.as_deref(),
                &event.message[..]
            ),
            "{}",
            String::from_utf8_lossy(line)
        );
        assert_eq!(&crate::format::visible(line)[..], line);
        true
    }

    #[test]
    fn a_header_is_known_from_the_second_time_on_whatever_message_follows() {
        let known = learned(&[b"May  1 10:00:00 web1 cron[1234]: run".to_vec()], None);
        for (line, is_told) in [
            ("May  2 10:00:01 web2 cron[4321]: stop it now", true),
            ("May  2 10:00:01 web2 cron[432]: stop it now", false),
            ("May 32 10:00:01 web2 cron[4321]: stop it now", false),
            ("May  2 10:00:01 web2 cron[4321]: stop \x1b[0m", false),
            ("May  2 10:00:01 web2 cron[4321]: [stop]", false),
            ("May  2 10:00:01 web2 cron[4321]: ", false),
        ] {
            assert_eq!(
                is_told_as_read(&known, line.as_bytes(), None),
                is_told,
                "{line}"
            );
        }
    }

    #[test]
    fn headers_of_many_kinds_are_told_by_and_those_that_state_a_level_are_not() {
        let told = HEADERS.map(|header| {
            let line = [header, MESSAGES[0]].concat().into_bytes();
            is_told_as_read(&learned(slice::from_ref(&line), None), &line, None)
        });
        let expected = [
            true, true, true, false, true, true, false, false, false, true, false, false,
        ];
        assert_eq!(told, expected);
    }

    proptest! {
        #[test]
        fn what_a_header_tells_is_what_is_read(
            learned_from in prop::collection::vec((0..HEADERS.len(), 0..MESSAGES.len(), any::<u64>()), 1..9),
            asked in prop::collection::vec((0..HEADERS.len(), 0..MESSAGES.len(), any::<u64>()), 1..40),
            format in 0..2 * FORMATS.len(),
        ) {
            let forced = FORMATS.get(format).copied();
            let forced: Option<&dyn Format> = forced.map(|format| format as _);
            let line = |(header, message, digits): (usize, usize, u64)| {
                let mut line = [HEADERS[header], MESSAGES[message]].concat().into_bytes();
                let mut rest = digits;
                for byte in line.iter_mut().filter(|byte| byte.is_ascii_digit()) {
                    // Most stay, so that stamps do.
                    if rest % 8 == 0 {
                        *byte = b'0' + (rest / 8 % 10) as u8;
                    }
                    rest = rest.rotate_right(5);
                }
                line
            };
            let lines: Vec<Vec<u8>> = learned_from.into_iter().map(line).collect();
            let known = learned(&lines, forced);
            for line in asked.into_iter().map(line) {
                is_told_as_read(&known, &line, forced);
            }
        }

        #[test]
        fn no_line_is_told_otherwise_than_it_is_read(
            lines in prop::collection::vec(line_like(), 1..9),
            header in 0..HEADERS.len(),
            message in "[a-z]{1,9}[ -~]{0,40}",
        ) {
            let known = learned(&lines, None);
            for line in &lines {
                is_told_as_read(&known, line, None);
                if let Some((header, _)) = split(line) {
                    is_told_as_read(&known, &[header, message.as_bytes()].concat(), None);
                }
            }
            let line = [HEADERS[header], MESSAGES[0]].concat().into_bytes();
            let other = [HEADERS[header], &message].concat().into_bytes();
            is_told_as_read(&learned(&[line], None), &other, None);
        }
    }
}
