//! Entries of the journal whose messages are known, told without making events of them.
//!
//! Of an entry the cursor, the times and the ids are its own, so that as a line it has no skeleton that
//! comes again. But its message has one: what a message opens depends on that alone, and what a sink
//! worked out for it on that and on the service. A message that is not known is looked up again with its
//! hexadecimal ids levelled, as lines are. The table is bounded, and a newer message takes the place of
//! an older one, which changes no result.

use super::reading::{Hint, Opens};
use super::skeleton::{Identity, Keys};
use super::{LINE_BYTES_MAX, Readings};
use crate::event::{Brief, Event};
use crate::format::hex::Leveller;
use crate::format::journal_entry::{self, Essence};

/// Messages that a worker keeps.
const MESSAGES_MAX: usize = if cfg!(test) { 1 << 4 } else { 1 << 12 };

/// Places that a message may have; a newer one takes that of the older.
const WAYS: usize = 2;

/// The messages that were met, each in the set of places that its identity names.
#[derive(Debug, Default)]
pub(super) struct Messages {
    sets: Vec<[Known; WAYS]>,
    /// For those that have ids.
    leveller: Leveller,
}

impl Messages {
    #[inline]
    fn known(&self, key: Key) -> Option<(Hint, Opens)> {
        let set = self.sets.get(key.set())?;
        let known = set.iter().find(|known| known.key == key)?;
        Some((known.hint, known.opens))
    }

    fn keep(&mut self, known: Known) {
        if self.sets.is_empty() {
            self.sets.resize(MESSAGES_MAX / WAYS, [known; WAYS]);
        }
        let set = &mut self.sets[known.key.set()];
        // What was kept of the same message does not hold any more.
        let place = set.iter().position(|other| other.key == known.key);
        set[..=place.unwrap_or(WAYS - 1)].rotate_right(1);
        set[0] = known;
    }
}

/// What is known of entries with one message and one service, in one line of the processor's cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Known {
    key: Key,
    hint: Hint,
    opens: Opens,
}

/// What entries are told apart by: the skeleton of the message, and the service as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    message: Identity,
    service: Option<Identity>,
}

/// An entry of the journal in one line.
#[derive(Debug)]
pub struct Entry<'r, 'a> {
    entry: journal_entry::Entry<'r, 'a>,
    messages: &'r mut Messages,
    keys: &'r Keys,
    /// What is counted of it, and what it is known by, if that is all that it takes.
    brief: Option<(Essence<'a>, Key)>,
}

impl<'a> Entry<'_, 'a> {
    /// The line without its newline.
    pub fn line(&self) -> &'a [u8] {
        self.entry.line
    }

    /// The event; `None` where it is no entry after all.
    pub fn event(&self) -> Option<Event<'a>> {
        self.entry.event()
    }

    /// What is counted of it, if that is all that it takes where its message is known.
    pub fn brief(&self) -> Option<Brief<'a>> {
        Some(self.brief?.0.brief)
    }

    /// What was kept for its message.
    #[inline]
    pub fn known(&mut self) -> Option<(Hint, Opens)> {
        let (_, key) = self.brief?;
        self.messages.known(key).or_else(|| self.known_levelled())
    }

    /// What was kept for its message with ids, as which it is known then.
    #[inline(never)]
    fn known_levelled(&mut self) -> Option<(Hint, Opens)> {
        let (essence, key) = self.brief.as_mut()?;
        let (levelled, _) = self.messages.leveller.level(essence.message)?;
        key.message = self.keys.identity(levelled);
        self.messages.known(*key)
    }

    /// Keeps what a sink worked out for its message, and what that opens.
    pub fn keep(self, hint: Hint, opens: Opens) {
        let Some((_, key)) = self.brief else { return };
        self.messages.keep(Known { key, hint, opens });
    }
}

impl Readings {
    /// The entry in the line that a text begins with; `None` where that is to be read as others are.
    #[inline(always)]
    pub fn entry<'r, 'a>(&'r mut self, text: &'a [u8]) -> Option<Entry<'r, 'a>> {
        let entry = self.entries.read(text)?;
        let mut brief = None;
        if let Some(essence) = entry.essence()
            && let Some(key) = Key::of(&essence, &self.keys)
        {
            brief = Some((essence, key));
        }
        Some(Entry {
            entry,
            messages: &mut self.messages,
            keys: &self.keys,
            brief,
        })
    }
}

impl Key {
    #[inline]
    fn of(essence: &Essence<'_>, keys: &Keys) -> Option<Self> {
        let (message, service) = (essence.message, essence.service);
        let is_long = message.len().max(service.map_or(0, <[u8]>::len)) > LINE_BYTES_MAX;
        if is_long {
            return None;
        }
        Some(Key {
            message: keys.identity(message),
            service: service.map(|service| keys.identity_of_bytes(service)),
        })
    }

    #[inline]
    fn set(&self) -> usize {
        let service = self.service.map_or(0, Identity::hash);
        (self.message.hash() ^ service.rotate_left(8)) as usize % (MESSAGES_MAX / WAYS)
    }
}
