//! What belongs to an event, and what is left out.

use super::*;
use crate::event::Timestamp;
use crate::format::zone::Zone;
use crate::input::Source;
use std::sync::Arc;

/// What was told, a line each: `event`, `more` or the reason of a drop, and the text.
#[derive(Default)]
struct Told(Vec<(u64, String)>);

impl Sink for Told {
    fn event(&mut self, line: u64, _text: &[u8], event: &Event<'_>) {
        let message = String::from_utf8_lossy(&event.message);
        self.0.push((line, format!("event {message}")));
    }

    fn continuation(&mut self, line: u64, text: &[u8]) {
        self.0
            .push((line, format!("more {}", String::from_utf8_lossy(text))));
    }

    fn dropped(&mut self, line: u64, reason: DropReason) {
        self.0.push((line, format!("{reason:?}")));
    }
}

fn assembler() -> Assembler {
    let context = Context::new(Zone::utc(), Timestamp::from_seconds(1_772_600_000), None);
    Assembler::new(context, None, Window::default(), None)
}

fn block(text: &str, first_line: u64, last: bool) -> Block {
    let source = Source {
        name: "a.log".into(),
        modified: None,
    };
    Block {
        source: Arc::new(source),
        first_line,
        bytes: text.as_bytes().to_vec(),
        lines_cut: 0,
        last,
    }
}

fn told(assembler: Assembler, text: &str) -> Vec<String> {
    let mut assembler = assembler;
    let mut told = Told::default();
    assembler.read(&block(text, 1, true), &mut told);
    let lines: Vec<u64> = told.0.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, (1..=text.lines().count() as u64).collect::<Vec<_>>());
    told.0.into_iter().map(|(_, what)| what).collect()
}

const TRACE: &str = "2026-03-02 10:00:00 ERROR [w-1] org.acme.Store: put failed\n\
    org.acme.StoreException: no quorum\n\
    \tat org.acme.Store.put(Store.java:10)\n\
    Caused by: java.io.IOException: disk\n\
    \n\
    2026-03-02 10:00:01 INFO [w-1] org.acme.Store: next\n";

#[test]
fn a_trace_belongs_to_the_event_that_opens_it() {
    let kinds: Vec<String> = told(assembler(), TRACE)
        .iter()
        .map(|what| what.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(kinds, ["event", "more", "more", "more", "Blank", "event"]);
}

#[test]
fn a_trace_behind_a_prefix_is_one_event_too() {
    let text = "web-1  | Traceback (most recent call last):\n\
        web-1  |   File \"a.py\", line 3, in f\n\
        web-1  | ValueError: bad\n\
        web-1  | ready\n";
    let told = told(assembler(), text);
    assert!(
        told[1].starts_with("more") && told[2].starts_with("more"),
        "{told:?}"
    );
    assert_eq!(told[3], "event ready");
}

#[test]
fn what_lies_outside_the_window_is_dropped_with_its_continuation_lines() {
    let mut early = assembler();
    early.window.since = Some(Timestamp::from_seconds(1_772_445_601));
    let told = told(early, TRACE);
    assert_eq!(told[0], "OutsideWindow");
    assert_eq!(told[2], "OutsideWindow");
    assert_eq!(told[5], "event next");
}

#[test]
fn a_stream_cut_at_any_line_tells_the_same() {
    let export = "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1772445600000000\nMESSAGE=one\n_HOSTNAME=h\n\n\
        __CURSOR=s=2\n__REALTIME_TIMESTAMP=1772445601000000\nMESSAGE=two\n\n";
    for text in [TRACE, export] {
        let whole = told(assembler(), text);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for cut in 1..lines.len() {
            let mut stream = assembler().streaming();
            let mut parts = Told::default();
            stream.read(&block(&lines[..cut].concat(), 1, false), &mut parts);
            let rest = block(&lines[cut..].concat(), cut as u64 + 1, true);
            stream.read(&rest, &mut parts);
            let parts: Vec<String> = parts.0.into_iter().map(|(_, what)| what).collect();
            assert_eq!(parts, whole, "cut before line {}", cut + 1);
        }
    }
}
