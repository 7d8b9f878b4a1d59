//! Plain text: a line without a header, taken as it is.

use std::borrow::Cow;

use super::{Context, Format};
use crate::event::Event;

/// Takes every line whole.
pub struct Plain;

impl Format for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn parse<'a>(&self, line: &'a [u8], _context: &Context) -> Option<Event<'a>> {
        Some(event(line))
    }
}

/// The event of a line that has no header.
pub fn event(line: &[u8]) -> Event<'_> {
    Event {
        message: Cow::Borrowed(line.trim_ascii_end()),
        bare: true,
        ..Event::default()
    }
}
