//! What belongs to an event, and what is left out.

use super::*;
use crate::event::Timestamp;
use crate::format::zone::Zone;

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
        .judging(|message| message.ends_with("the job failed"))
}

fn block(text: &str, first_line: u64, last: bool) -> Block {
    Block {
        last,
        ..Block::of_text("a.log", first_line, text)
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

/// Traces that crashes write, each with all its lines.
const CRASHES: [&str; 3] = [
    "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\nValueError: bad\n\n\
     During handling of the above exception, another exception occurred:\n\n\
     Traceback (most recent call last):\n  File \"a.py\", line 9, in g\nKeyError: 7\n",
    "Exception in thread \"main\" java.lang.IllegalStateException: bad\n\tat a.B.c(B.java:1)\n\
     Caused by: java.io.IOException: disk\n\t... 2 more\n",
    "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\
     \t/srv/main.go:9 +0x1d\nexit status 2\n",
];

#[test]
fn a_crash_that_nothing_announces_is_an_event_of_its_own() {
    for (before, announces) in [
        ("INFO served request 7", false),
        ("served request 7", false),
        ("INFO 12 ok, 0 failed", false),
        ("WARN slow", true),
        ("INFO the job failed", true),
        ("INFO the job's trace:", true),
        ("INFO a.b.PumpException: stuck", true),
    ] {
        for crash in CRASHES {
            let text = format!("2026-03-02 10:00:00 {before}\n{crash}");
            let events =
                |told: &[String]| told.iter().filter(|what| what.starts_with("event")).count();
            let told = told(assembler(), &text);
            assert_eq!(events(&told), 2 - usize::from(announces), "{told:?}");
            assert_eq!(told[1].starts_with("more"), announces, "{told:?}");
        }
    }
}

#[test]
fn a_crash_behind_prefixes_keeps_its_blank_lines_and_its_own_time() {
    let crash = CRASHES[0]
        .lines()
        .map(|line| format!("2026-03-02T10:00:07.5Z stderr F {line}\n"));
    let text = "2026-03-02T10:00:00.5Z stdout F INFO up\n".to_owned() + &crash.collect::<String>();
    let told = told(assembler(), &text);
    assert_eq!(told[1], "event Traceback (most recent call last):");
    assert!(
        told[2..].iter().all(|what| what.starts_with("more")),
        "{told:?}"
    );
}

#[test]
fn a_crash_without_a_time_has_that_of_the_line_before_it() {
    #[derive(Default)]
    struct Times(Vec<Option<Timestamp>>);
    impl Sink for Times {
        fn event(&mut self, _line: u64, _text: &[u8], event: &Event<'_>) {
            self.0.push(event.timestamp);
        }
        fn continuation(&mut self, _line: u64, _text: &[u8]) {}
        fn dropped(&mut self, _line: u64, _reason: DropReason) {}
    }
    let text = format!("2026-03-02 10:00:00 INFO up\n{}", CRASHES[0]);
    let mut times = Times::default();
    assembler().read(&block(&text, 1, true), &mut times);
    assert!(times.0[0].is_some() && times.0 == [times.0[0]; 2]);
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
    let headed =
        |crash| format!("2026-03-02 10:00:00 INFO up\n{crash}2026-03-02 10:00:01 INFO up\n");
    let crashes = CRASHES.map(headed);
    let failed = format!("2026-03-02 10:00:00 INFO the job failed\n\n{}", CRASHES[1]);
    let [python, java, go] = &crashes;
    for text in [TRACE, export, python, java, go, &failed] {
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

#[test]
fn what_is_overwritten_does_not_depend_on_the_lines_before() {
    for id in ["sensor", "a1b2c3d4"] {
        let lines = (0..9).map(|n| format!("13202795{n}.833299 {id} water ok\rall is well {n}\n"));
        let text =
            lines.collect::<String>() + &format!("9320279510.833299 {id} off\rall is well 3\n");
        let kept = told(assembler().keeping(Readings::default()), &text);
        assert_eq!(kept, told(assembler(), &text));
        assert_eq!(kept[9], "event all is well 3");
    }
}
