//! What a reducer does with each thing that the assembler tells it.

use super::Reducer;
use crate::assemble::{DropReason, Sink};
use crate::corpus::SectionMark;
use crate::event::{Brief, Event, Headed};
use crate::format::readings::Hint;
use crate::format::section::Mark;

impl Sink for Reducer {
    fn section(&mut self, line: u64, mark: Mark<'_>) {
        let name = |name: &[u8]| String::from_utf8_lossy(name).into();
        let mark = match mark {
            Mark::Begin(of) => SectionMark::Begin(name(of)),
            Mark::Instead(of) => SectionMark::Instead(name(of)),
            Mark::End => SectionMark::End,
            Mark::Output => SectionMark::Output,
            Mark::Aside => return,
        };
        self.sections.insert(&self.source, line, mark);
    }

    fn event(&mut self, line: u64, text: &[u8], event: &Event<'_>) {
        self.event_alike(line, text, event, &mut Hint::default());
    }

    fn event_alike(&mut self, line: u64, text: &[u8], event: &Event<'_>, hint: &mut Hint) {
        self.close();
        let tally = self.tally(event, hint);
        if let Some(tally) = tally {
            self.tallies[tally].describe(event);
        }
        let wanted = self.open(line, text.len(), event.brief(), tally);
        if event.stored {
            self.open
                .as_mut()
                .into_iter()
                .for_each(|open| open.whole = true);
        }
        match (wanted, event.stored) {
            (false, _) => {}
            (true, true) => event.shown(&mut self.text),
            (true, false) => self.collect(text),
        }
    }

    fn event_brief(&mut self, line: u64, text: &[u8], brief: Brief<'_>, hint: Hint) -> bool {
        let wanted = self.open_alike(line, text.len(), brief, hint);
        if wanted == Some(true) {
            self.collect(text);
        }
        wanted.is_some()
    }

    #[inline]
    fn takes_headed(&self) -> bool {
        self.total.is_crowded()
    }

    fn headed(&mut self, line: u64, headed: Headed<'_>) -> bool {
        self.close();
        let class = self.signatures.class(headed.service(), headed.message());
        let Some(class) = class else { return false };
        let bound = self.total.bound(&mut self.known);
        let is_refused = bound.refuses_class(class);
        if !is_refused && !self.is_lone(class, &headed) {
            return false;
        }
        self.open(line, headed.line.len(), headed.brief(), None);
        if !is_refused {
            self.open_lone(class, line, &headed);
        }
        true
    }

    fn component(&mut self, component: &[u8], hint: Hint) {
        self.tallies[hint.value as usize].describe_component(component);
    }

    fn stored_brief<'e>(
        &mut self,
        line: u64,
        bytes: usize,
        brief: Brief<'_>,
        hint: Hint,
        event: impl FnOnce() -> Option<Event<'e>>,
    ) -> bool {
        let Some(wanted) = self.open_alike(line, bytes, brief, hint) else {
            return false;
        };
        if let Some(open) = &mut self.open {
            open.whole = true;
        }
        if wanted && let Some(event) = event() {
            event.shown(&mut self.text);
        }
        true
    }

    fn continuation(&mut self, line: u64, text: &[u8]) {
        self.accounting.continuation += 1;
        self.last_line = line.max(self.last_line);
        let Some(open) = &mut self.open else { return };
        if open.whole {
            return;
        }
        open.bytes = open.bytes.saturating_add(text.len() + 1);
        if open.wanted {
            self.collect(b"\n");
            self.collect(text);
        }
    }

    fn dropped(&mut self, line: u64, reason: DropReason) {
        self.last_line = line.max(self.last_line);
        *self.accounting.dropped.entry(reason).or_default() += 1;
    }
}
