//! Lines that are entries of the journal, told without asking the formats one by one.

use super::{Assembler, Fate, Place, Sink};
use crate::format::access;
use crate::format::readings::{Hint, Opens};

impl Assembler {
    /// Tells the line at a place if it is an entry of the journal as most are written; gives its length.
    #[inline]
    pub(super) fn stored_line<S: Sink>(&mut self, place: Place, sink: &mut S) -> Option<usize> {
        let known = self.readings.as_mut().filter(|_| self.forced.is_none())?;
        let mut entry = known.entry(&place.text[place.at..])?;
        let line = entry.line();
        let brief = entry.brief();
        let Some(brief) = brief.filter(|brief| self.window.contains(brief.timestamp)) else {
            let mut event = access::outcome(entry.event()?, &self.context);
            self.read_line(line, place, &mut event, None, sink);
            return Some(line.len());
        };
        let opens = match entry.known() {
            Some((hint, opens))
                if sink.stored_brief(place.number, line.len(), brief, hint, || entry.event()) =>
            {
                opens
            }
            _ => {
                // What is brief has no escapes, and so no request in quotes that might have failed.
                let event = entry.event()?;
                let (opens, mut hint) = (Opens::of(line, &event.message), Hint::default());
                sink.event_alike(place.number, line, &event, &mut hint);
                entry.keep(hint, opens);
                opens
            }
        };
        self.opens(true, opens, place.at);
        self.open.fate = Some(Fate::Told);
        Some(line.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;
    use crate::event::Timestamp;
    use crate::format::readings::Readings;
    use crate::format::{Context, zone::Zone};
    use crate::input::Block;
    use crate::reduce::Reducer;
    use crate::window::Window;
    use proptest::prelude::*;

    const MESSAGES: [&str; 12] = [
        "valve 7 opens at 10.0.0.7",
        "valve 7 opens at 10.0.0.77",
        "gate 0fc12ab9 lost",
        "gate 7fc12ab9 lost",
        "gate 0fc12cd7 lost",
        "gate 0x7fc12cd lost 7ABC77",
        "[   12.5] valve 7 opens",
        " valve 7 opens ",
        r"two\nlines",
        r#"say \"7\""#,
        "Traceback (most recent call last):",
        "",
    ];

    const SERVICES: [&str; 5] = ["pumpd", "kernel", "worker-7", "worker-8", ""];

    /// What is counted of the lines, in blocks of some, with what is known of lines before or without.
    fn corpus(lines: &[String], keeps: bool, window: Window) -> Corpus {
        let (mut reducer, mut readings) = (Reducer::default(), Readings::default());
        let mut first_line = 1;
        for lines in lines.chunks(20) {
            let block = Block::of_text("a.json", first_line, &lines.concat());
            first_line += lines.len() as u64;
            reducer.begin(&block);
            let context = Context::new(Zone::utc(), Timestamp(0), None);
            let mut assembler = Assembler::new(context, None, window, None);
            if keeps {
                assembler = assembler.keeping(readings);
            }
            assembler.read(&block, &mut reducer);
            readings = assembler.into_readings();
        }
        reducer.finish()
    }

    proptest! {
        #[test]
        fn entries_count_as_what_the_formats_read_there(
            picks in prop::collection::vec((0..MESSAGES.len(), 0..SERVICES.len(), 0u8..8, 0u8..10, 0u32..9), 1..90),
            since in prop::option::of(0i64..9),
        ) {
            let line = |(message, service, level, digit, second): (usize, usize, u8, u8, u32)| {
                let (message, service) = (MESSAGES[message], SERVICES[service]);
                let message = message.replace('7', &digit.to_string());
                match level {
                    // A line of another kind among them.
                    0 => format!("1970-01-01T00:00:0{second}Z {service} {message}\n"),
                    _ => format!(
                        "{{\"__REALTIME_TIMESTAMP\":\"{second}00000{digit}\",\"PRIORITY\":\"{level}\",\"_HOSTNAME\":\"h{digit}\",\"SYSLOG_IDENTIFIER\":\"{service}\",\"MESSAGE\":\"{message}\"}}\n"
                    ),
                }
            };
            let lines: Vec<String> = picks.into_iter().map(line).collect();
            let since = since.map(Timestamp::from_seconds);
            let window = Window { since, ..Window::default() };
            prop_assert_eq!(corpus(&lines, true, window), corpus(&lines, false, window));
        }
    }
}
