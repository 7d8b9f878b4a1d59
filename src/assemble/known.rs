//! Lines that read as one before them, told without making events of them.

use super::{Assembler, Fate, Place, Sink, is_indented};
use crate::format::readings::{Expected, Known};

impl Assembler {
    /// Tells a line of which a reading is expected, if it reads so and the sink needs no more of it.
    #[inline(always)]
    pub(super) fn tell_known<S: Sink>(
        &mut self,
        line: &[u8],
        expected: Expected,
        place: Place,
        sink: &mut S,
    ) -> bool {
        // What is indented may belong to the line before it. None that is blank was read.
        if is_indented(line) {
            return false;
        }
        let known = self.readings.as_ref();
        let known = known.and_then(|readings| readings.known(line, expected, &self.context));
        known.is_some_and(|known| self.tell_brief(place, line, known, sink))
    }

    /// Tells a line with a header that reads as one before it, if the sink needs no more of it.
    #[inline(always)]
    pub(super) fn tell_brief<S: Sink>(
        &mut self,
        place: Place,
        line: &[u8],
        known: Known<'_>,
        sink: &mut S,
    ) -> bool {
        let told = self.window.contains(known.brief.timestamp)
            && sink.event_brief(place.number, line, known.brief, known.hint);
        if told {
            if let Some(component) = known.component {
                sink.component(component, known.hint);
            }
            self.opens(true, known.opens, place.at);
            self.open.fate = Some(Fate::Told);
        }
        told
    }
}
