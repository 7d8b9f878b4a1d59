//! Lines that are known by their header alone.

use super::{Assembler, Fate, Open, Place, Sink};
use crate::format::readings::Opens;

impl Assembler {
    /// Tells a line whose header is known and whose message is not, if the sink needs no more of it.
    #[inline]
    pub(super) fn tell_headed<S: Sink>(&mut self, line: &[u8], place: Place, sink: &mut S) -> bool {
        let known = self.readings.as_ref();
        let Some(headed) = known.and_then(|known| known.headed(line, &self.context)) else {
            return false;
        };
        let told = self.window.contains(headed.timestamp) && sink.headed(place.number, headed);
        if told {
            self.open = Open {
                headed: true,
                fate: Some(Fate::Told),
                unasked: Some(headed.message.start()),
                at: Some(place.at),
                ..Open::default()
            };
        }
        told
    }

    /// Asks what the message of the open event opens, if that was not asked yet: it is of no use unless a
    /// line follows that may go on with it.
    pub(super) fn ask_what_opens(&mut self, text: &[u8]) {
        let Some(at) = self.open.unasked.take() else {
            return;
        };
        let line = self.open_line(text);
        let message = line.get(at..).unwrap_or_default();
        let opens = Opens::of(line, message.trim_ascii_end());
        (self.open.trace, self.open.indent) = (opens.trace, opens.indent);
    }
}

#[cfg(test)]
mod tests {
    use crate::assemble::{Assembler, DropReason, Sink};
    use crate::event::{Event, Headed};
    use crate::format::readings::Readings;
    use crate::format::test_context;
    use crate::input::Block;
    use crate::window::Window;

    /// The numbers of lines that were told as events, by their header or in full.
    #[derive(Default)]
    struct Told {
        headed: Vec<u64>,
        in_full: Vec<u64>,
    }

    impl Sink for Told {
        fn event(&mut self, line: u64, _text: &[u8], _event: &Event<'_>) {
            self.in_full.push(line);
        }
        fn takes_headed(&self) -> bool {
            true
        }
        fn headed(&mut self, line: u64, _headed: Headed<'_>) -> bool {
            self.headed.push(line);
            true
        }
        fn continuation(&mut self, _line: u64, _text: &[u8]) {}
        fn dropped(&mut self, _line: u64, _reason: DropReason) {}
    }

    #[test]
    fn what_a_message_opens_is_asked_where_a_line_may_go_on_with_it() {
        let lines = [
            "May  1 10:00:00 web1 gate[77]: valve opens",
            "May  1 10:00:01 web1 gate[77]: door opens",
            "May  1 10:00:02 web1 gate[77]: Traceback (most recent call last):",
            "During handling of the above exception, another exception occurred:",
            "May  1 10:00:03 web1 gate[77]: no trace",
            "During handling of the above exception, another exception occurred:",
            "May  1 10:00:04 web1 gate[77]: no trace",
            "  further",
        ];
        let told = |cut: usize| {
            let mut told = Told::default();
            let mut assembler = Assembler::new(test_context(), None, Window::default(), None)
                .keeping(Readings::default())
                .streaming();
            let mut first_line = 1;
            for lines in [&lines[..cut], &lines[cut..]] {
                let text = lines.join("\n") + "\n";
                let block = Block::of_text("a.log", first_line, &text);
                first_line += lines.len() as u64;
                assembler.read(&block, &mut told);
            }
            told
        };
        for cut in 1..lines.len() {
            // One header in 256 is taken for met wrongly, and then told as such from the first time on.
            let as_expected = |_| {
                let told = told(cut);
                told.headed == [3, 5, 7] && told.in_full == [1, 2, 6]
            };
            assert!((0..9).any(as_expected), "cut at {cut}");
            let told = told(cut);
            let mut all = [told.headed, told.in_full].concat();
            all.sort_unstable();
            assert_eq!(all, [1, 2, 3, 5, 6, 7], "cut at {cut}");
        }
    }
}
