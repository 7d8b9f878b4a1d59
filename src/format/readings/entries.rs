//! Entries of the journal whose messages are known, told without making events of them.
//!
//! Of an entry the cursor, the times and the ids are its own, so that as a line it has no skeleton that
//! comes again. But its message has one: what a message opens depends on that alone, and what a sink
//! worked out for it on that and on the service. A message that is not known is looked up again with its
//! hexadecimal ids levelled, as lines are. The table is bounded, and a newer message takes the place of
//! an older one, which changes no result.

use super::Readings;
use super::reading::{Hint, Opens};
use super::skeleton::{BOTH_BYTES_MAX, Identity, Keys};
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
    fn known(&self, key: Identity) -> Option<(Hint, Opens)> {
        let set = self.sets.get(set_of(key))?;
        let known = set.iter().find(|known| known.key == key)?;
        Some((known.hint, known.opens))
    }

    fn keep(&mut self, known: Known) {
        if self.sets.is_empty() {
            self.sets.resize(MESSAGES_MAX / WAYS, [known; WAYS]);
        }
        let set = &mut self.sets[set_of(known.key)];
        // What was kept of the same message does not hold any more.
        let place = set.iter().position(|other| other.key == known.key);
        set[..=place.unwrap_or(WAYS - 1)].rotate_right(1);
        set[0] = known;
    }
}

#[inline]
fn set_of(key: Identity) -> usize {
    key.hash() as usize % (MESSAGES_MAX / WAYS)
}

/// What is known of entries with one message and one service; a set is one line of the processor's cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Known {
    /// Of the skeleton of the message, and the service as it is.
    key: Identity,
    hint: Hint,
    opens: Opens,
}

const _: () = assert!(size_of::<[Known; WAYS]>() == 64);

/// An entry of the journal in one line.
#[derive(Debug)]
pub struct Entry<'r, 'a> {
    entry: journal_entry::Entry<'r, 'a>,
    messages: &'r mut Messages,
    keys: &'r Keys,
    /// What is counted of it, and what it is known by, if that is all that it takes.
    brief: Option<(Essence<'a>, Identity)>,
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
        *key = self
            .keys
            .identity_of_both(levelled, essence.service.unwrap_or_default());
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
            && let Some(key) = key_of(&essence, &self.keys)
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

/// What an entry is known by.
#[inline]
fn key_of(essence: &Essence<'_>, keys: &Keys) -> Option<Identity> {
    let (message, service) = (essence.message, essence.service.unwrap_or_default());
    // None is known as the empty one, so that a service whose name is empty is not known.
    let is_nameless = essence.service.is_some_and(<[u8]>::is_empty);
    if is_nameless || message.len() + service.len() > BOTH_BYTES_MAX {
        return None;
    }
    Some(keys.identity_of_both(message, service))
}
