//! What is kept of readings gives what reading anew gives, for any lines in any order.

use super::*;
use crate::format::tests::line_like;
use crate::format::{FORMATS, test_context};
use proptest::prelude::*;

/// Lines in which digits stand for as many things as they can.
const LINES: &[&str] = &[
    "May 11 10:00:00 web07 cron[1234]: (root) 17 jobs, 12 ms",
    "May  1 10:00:00 web07 kernel: [  970.699396] eth0: up 1 time",
    "May 11 10:00:00 fw1 %LINK-3-UPDOWN: port 12 is down",
    "May 11 10:00:00 2019 web1 <12> pump[77]: at 7",
    "May 11 10:00:00 <34>web1 pump[77]: at 7",
    "May 11 10:00:00 sw1 pump[4294967295]: [ID 800047 mail.error] 12",
    "2024-05-01 10:00:00,123 INFO [worker-12] a.b.Pump: 12 of 24 in 10.0.0.1",
    "2024-05-01 10:00:00,123 DEBUG1 [12] a.b.Pump: 12 of 24",
    "2024-05-01T10:00:00.5+02:00 web1 pump[77]: valve 12 opens",
    "24/05/11 10:00:00 WARN pump.Valve: 12 turns at 10:00:01",
    "[Fri May 11 10:00:00 2024] [error] [pid 77:tid 12] valve 12 stuck",
    "[05.11 10:00:00] pump - 192.0.2.7:443 open, 12 bytes (1.18 KB)",
    "20240511-10:00:00:123|Pump_Valve|30002312|turns 12 7",
    "- 1714557600 2024.05.01 r7-m1 2024-05-01-10.00.00.000000 r7-m1 RAS KERNEL INFO 12 of 7",
    "477712 node-07 pump status 1714557600 1 valve 12 is 0x12",
    "10:00:00 WARN pump 12",
    "12 1714557600 pump[7]: 12",
    "I0501 10:00:00.123456 77 pump.cc:12] turns 7",
    "web-7d9c8b5f4d-a2b2c gate opens 12",
    "1 2024-05-01T10:00:00Z web1 pump 77 ID12 - turns 12",
    "192.0.2.7 - - [01/May/2024:10:00:00 +0000] \"GET /a/12\" 200 12",
    "May 11 10:00:00 web07 gated[77]: 192.0.2.7 - - [01/May/2024:10:00:00 +0000] \"GET /a/12\" 500 12",
    "2024-05-01T10:00:00Z web07 gated[77]: 192.0.2.7 - - [12] \"GET /a\" 200 \"GET /b\" 502",
    "pump=12 level=30 time=1714557600 msg=\"turns 12\"",
    "Pump 12 turns 7 times at 10:00:00",
    "E 12 valve",
    "May 11 10:00:00 web07 cron[4294967296]: 12 jobs",
    "May 11 10:00:00 web07 cron[1234567890] of 12345678901",
    "I0501 10:00:00.123456 4100000000 pump.cc:12] turns 4100000000",
    "May  1 10:00:01 web-1 systemd[1]: unit 1 of 1 is up at 10:01",
    "2024-05-01 10:00:01 1 [1] ERROR (1) pump.go:1 1 of [pid 1:tid 1]",
    "2024-05-01 10:00:00, Info                  CBS    Read pump 309e7e144aee26~x [0x54f3e31b - A_B]",
    "- 1714557600 2024.05.01 3a9e71-m1 2024-05-01-10.00.00.000000 r7-0aff12 RAS KERNEL INFO iar 7a992692",
    "May 11 10:00:00 3a9e71 pump-5b6e7f[77]: at a0b1c2 in @4000000037c219bf2ef02e94",
    "May 11 10:00:00.12ab34 web1 pump[12ab34]: at 12ab34.5: on [12.345ab6] <12ab34>",
    "2024 May 01-123456ab34 web1 pump[7]: turns 0x12345678 of 0xABCDEF12",
    "2024.05.01-1a3456ab34 [12ab34cd] ERROR A1B2C3D4.go:12ab34 a.b.1a2b3c: turns",
    "05.01-10.00.00.12ab34 5ab123 pump: DEBUG 1a2b3c 12ab3456 [3a9e71:error] (1a2b3c) t1a2b3c x.go:7 y",
    "web-3a9e71b  | 1a2b3c 12 WARN e1a2b3c: 0x7f8e9d10 [3a9e71b] in a.Pump$1a2b3c-0xab12cd: x",
    "web-7d9c8b5f4d-a2b2c 1a2b3c4d gate opens 12",
    "240501 100000 2411 INFO a.b$Pump: valve blk_-8956347658715968291 of 4294967296",
    "240501 100000 77 WARN [4294967296] pump|4294967295|12 turns=4294967296",
    "450000 gate4 gate temperature 1714557600 1 opens 45000000 10:00:00",
    "20240501-1:50:7:440|Pump_Valve|55821686|turns=9245797903665##8589:4294967295",
    "55821686 10:00:00 pump|55821686 10:00:00|turns",
    "- 1714557600 2024.05.01 r7-m1:j03 2024-05-01-10.00.59.996000 r7-m1:j03 RAS APP FATAL valve 7",
    "2024-05-01 10:00:59,040 WARN [Pump:gate@web-41:8200] a.b.Valve: turns 4294967296_1 (4294967296)",
    "2024-05-01 10:00:00.5 1970 WARN pump: May  1 10:00:00 2040 turns",
    "May  1 10:00:58 2024 web1 pump[77]: turns",
    "May  1 10:00:58 7024 web1 pump[4294967290]: turns at 10:00:58.123456",
    "2024-05-01 10:00:58.1234567+02:00 INFO pump: turns",
    "2024-05-01 10:00:58 UTC+2 INFO pump: turns [pid 4294967296]",
    "May  1, 2024 10:00:58 PM pump turns",
    "1 May 2024 1:0:8 WARN [pump--4294967296] turns #4294967296",
    "[Wed May  1 10:00:58.123 2024] [error] [pid 4294967296:tid 7] turns",
    "2024-05-01 10:00:58, Info                 1a2b3c4d of 2024-05-01 10:00:58 1a2b3c4d",
    "2024-05-01 10:00:58 1a2b3c4d INFO pump: turns",
    "2024-05-01 10:00:58 Z1a2b3c4 INFO pump: turns",
    "- 1714557600 2024.05.01 r7-m1:j03-u11 2024-05-01-10.00.59.996000 r7-m1:j03-u11 RAS APP INFO iar 0a1b2c3d",
    "May  1 10:00:58 web1 pump[77]: valve-of-the-lower-gate-of-the-upper-basin-is-open@0a1b2c3d",
    "2024-05-01 10:00:58 [1714557600 #4294967296] pump: 1714557600.25 turns 0a1b2c3d",
    "1714557600 INFO pump: turns 7",
    "1714557600.123456 INFO pump: turns 7",
    "1714557600.5 web1 pump[77]: turns 7",
    "1714557600123 INFO 1714557600 pump: turns 7",
    "[4294967296] 10:00:00 INFO [1714557600] pump: turns 7",
    "2024-05-01T10:00:00.123456Z 00O section_start:1714557600:dam7",
    "2024-05-01T10:00:00.1234567Z pump turns 7",
    "[2024-05-01T10:00:00.123Z] pump turns 7",
    "10:00:00  pump turns 7",
    "10:00:00  section_end:1714557600:1a2b3c4d",
    "travis_fold:start:dam.1a2b3c4d",
    "May  1 10:00:00 web1 web2 pump: turns 7",
    "2024-05-01T10:00:00Z web1 web1 pump: turns 7",
    "1a2b3c4d INFO 3a9e71b: 1714557600ab 171455760012ab 10:00:00.12ab34 12 ",
];

/// A line of one of the kinds above, or of their fragments.
fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::sample::select(LINES).prop_map(|line| line.as_bytes().to_vec()),
        line_like(),
        (
            prop::sample::select(LINES),
            any::<prop::sample::Index>(),
            line_like()
        )
            .prop_map(|(line, at, more)| {
                let (head, tail) = line.as_bytes().split_at(at.index(line.len()));
                [head, &more[..], tail].concat()
            }),
    ]
}

/// Headers of which most settle what is read of any message.
const HEADERS: &[&str] = &[
    "May 11 10:00:00 web07 cron[1234]: ",
    "May  1 10:00:00 web-1 su: ",
    "May 11 10:00:00 3a9e71b pump-5b6e7f[77]: ",
    "May 11 10:00:00 web1 gate1(pam)[4100000000]: ",
    "May 11 10:00:00 web1 pump 1.4.1: ",
    "May 11 10:00:00 web1 error: ",
    "2024-05-01T10:00:00Z web1 pump[77]: ",
    "May 11 10:00:00 web1 web2 pump: ",
];

/// Lines that have one of two headers and many messages.
fn headed_lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let header = || prop::sample::select(HEADERS);
    let message = prop_oneof![
        2 => "[a-z]{1,6}[0-9a-f]{0,8}[ -~]{0,20}".prop_map(String::into_bytes),
        1 => line().prop_map(|line| [&b"valve "[..], &line].concat()),
        1 => line(),
    ];
    let digit = prop_oneof![8 => Just(None), 1 => (0..10u8).prop_map(Some)];
    let digits = prop::collection::vec(digit, 1..40);
    let lines = prop::collection::vec((any::<bool>(), message, digits), 3..24);
    ([header(), header()], lines).prop_map(|(headers, lines)| {
        let line = |(which, message, digits): (bool, Vec<u8>, Vec<_>)| {
            let header = headers[usize::from(which)].as_bytes();
            varied(&[header, &message[..]].concat(), &digits)
        };
        lines.into_iter().map(line).collect()
    })
}

/// The line with some of its digits exchanged, and of its ids also letters.
fn varied(line: &[u8], digits: &[Option<u8>]) -> Vec<u8> {
    let levelled = |line: &[u8]| {
        let mut leveller = Leveller::default();
        let levelled = leveller.level(line).map(|(levelled, _)| levelled.to_vec());
        levelled.unwrap_or_else(|| skeleton::skeleton(line))
    };
    let mut other = digits_varied(line, digits);
    let wanted = levelled(&other);
    let mut picks = digits.iter().cycle();
    for at in 0..other.len() {
        let byte = other[at];
        let letter = match picks.next() {
            Some(Some(pick)) if byte.is_ascii_digit() => b'a' + pick % 6,
            Some(Some(pick)) if byte.is_ascii_hexdigit() => b'0' + pick,
            _ => continue,
        };
        other[at] = letter;
        if levelled(&other) != wanted {
            other[at] = letter.to_ascii_uppercase();
        }
        if levelled(&other) != wanted {
            other[at] = byte;
        }
    }
    other
}

/// The line with some of its digits exchanged.
fn digits_varied(line: &[u8], digits: &[Option<u8>]) -> Vec<u8> {
    let mut digits = digits.iter().cycle();
    let vary = |&byte: &u8| match byte.is_ascii_digit().then(|| digits.next()) {
        Some(Some(Some(digit))) => b'0' + digit,
        _ => byte,
    };
    line.iter().map(vary).collect()
}

/// Lines of few skeletons in any order.
fn lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let digit =
        prop_oneof![3 => Just(None), 1 => (0..3u8).prop_map(Some), 1 => (0..10u8).prop_map(Some)];
    let digits = prop::collection::vec(digit, 1..40);
    let kinds = prop::collection::vec(line(), 1..4);
    let picks = prop::collection::vec((any::<prop::sample::Index>(), digits), 1..24);
    (kinds, picks).prop_map(|(kinds, picks)| {
        let pick = |(kind, digits): &(prop::sample::Index, Vec<_>)| {
            varied(&kinds[kind.index(kinds.len())], digits)
        };
        picks.iter().map(pick).collect()
    })
}

/// Whether `readings` reads the line as it is read anew, and whether it knew it.
fn reads_alike(
    readings: &mut Readings,
    context: &Context,
    line: &[u8],
    forced: Option<&dyn Format>,
) -> bool {
    let found = readings.find_anew(line, None, context);
    let (event, alike) = match found {
        Ok(alike) => (readings.event(line, &alike), Some(alike)),
        Err(wanted) => {
            let event = match readings.read_anew(line, wanted, context, forced) {
                Anew::Kept(kept) => readings.event(line, &kept),
                Anew::Read(event) => event,
            };
            (event, None)
        }
    };
    let anew = read(line, &test_context(), forced);
    assert_eq!(event, anew, "{}", String::from_utf8_lossy(line));
    if let Some(alike) = alike {
        assert!(section::mark(line).is_none());
        assert_eq!(readings.opens(&alike), Opens::of(line, &anew.message));
        if let Some(known) = readings.brief(line, &alike) {
            let component = anew.component.as_deref();
            let varies = component.is_some_and(|name| name.iter().any(u8::is_ascii_digit));
            assert_eq!(
                (known.brief, known.opens),
                (anew.brief(), readings.opens(&alike))
            );
            assert_eq!(known.component, component.filter(|_| varies));
            assert!(!anew.bare && !anew.message.is_empty());
        }
    }
    alike.is_some()
}

proptest! {
    #[test]
    fn what_is_kept_reads_as_what_is_read_anew(lines in lines()) {
        let (mut readings, context) = (Readings::default(), test_context());
        for line in lines.iter().chain(&lines) {
            reads_alike(&mut readings, &context, line, None);
        }
    }

    #[test]
    fn what_is_kept_by_a_known_header_reads_as_what_is_read_anew(lines in headed_lines()) {
        let (mut readings, context) = (Readings::default(), test_context());
        for line in lines.iter().chain(&lines) {
            reads_alike(&mut readings, &context, line, None);
        }
    }

    #[test]
    fn what_another_worker_learned_reads_as_what_is_read_anew(lines in lines()) {
        let (shared, context) = (Shared::default(), test_context());
        let mut workers = [(); 2].map(|()| Readings::sharing(&shared));
        for (index, line) in lines.iter().chain(&lines).enumerate() {
            let readings = &mut workers[index % 2];
            readings.exchange();
            reads_alike(readings, &context, line, None);
        }
    }

    #[test]
    fn a_forced_format_is_kept_to(lines in lines(), format in 0..FORMATS.len()) {
        let (mut readings, context) = (Readings::default(), test_context());
        for line in lines.iter().chain(&lines) {
            reads_alike(&mut readings, &context, line, Some(FORMATS[format]));
        }
    }
}

/// Readings of so many lines with skeletons of their own.
fn readings_of(count: usize) -> Readings {
    let (mut readings, context) = (Readings::default(), test_context());
    for length in 1..=count {
        let line = [b"2024-05-01 10:00:00 INFO ", &b"a".repeat(length)[..]].concat();
        reads_alike(&mut readings, &context, &line, None);
    }
    assert_eq!(readings.readings.len(), count);
    readings
}

#[test]
fn a_skeleton_is_known_from_the_second_time_on_and_among_many_from_the_third() {
    let known_among = |count: usize, line: &str| {
        let (mut readings, context) = (readings_of(count), test_context());
        [1, 2, 3].map(|digit| {
            let line = line.replace('7', &digit.to_string());
            reads_alike(&mut readings, &context, line.as_bytes(), None)
        })
    };
    let line = "May  1 10:00:00 web1 cron[77]: 12 jobs";
    assert_eq!(known_among(0, line), [false, true, true]);
    assert_eq!(known_among(KEPT_AT_ONCE_MAX - 1, line), [false, true, true]);
    assert_eq!(known_among(KEPT_AT_ONCE_MAX, line), [false, false, true]);
    let known = |line| known_among(0, line);
    assert_eq!(known("<34>May  1 10:00:00 web1 cron[77]: 12"), [false; 3]);
    assert_eq!(known("May  1 10:00:00 w %A-7-B: x"), [false; 3]);
    assert_eq!(known(&"May 7 ".repeat(LINE_BYTES_MAX / 6 + 1)), [false; 3]);
}

#[test]
fn digits_that_may_be_levels_are_told() {
    for (skeleton, service, expected) in [
        ("<0>a", "", true),
        ("a <00> b", "", true),
        ("a < <000>", "", true),
        ("a <0000> <> <0 <a>", "", false),
        ("<00", "", false),
        ("a", "%LINK-0-UP", true),
        ("", "pump", false),
    ] {
        let found = reading::digits_are_levels(skeleton.as_bytes(), service.as_bytes());
        assert_eq!(found, expected, "{skeleton}");
    }
}

#[test]
fn a_host_that_is_said_twice_is_told_from_two() {
    let mut readings = Readings::default();
    for hosts in [
        "web1 web7",
        "web1 web1",
        "web7 web1",
        "3a9e71 3a9e71",
        "3a9e71 0b9c2d",
    ] {
        let line = format!("May 11 10:00:00 {hosts} pump: turns");
        reads_alike(&mut readings, &test_context(), line.as_bytes(), None);
    }
}

#[test]
fn a_pid_is_told_from_equal_numbers() {
    let (mut readings, context) = (Readings::default(), test_context());
    let known = [1, 1, 7].map(|pid| {
        let line = format!("May 11 10:00:01 web-1 systemd[{pid}]: unit 1 is up");
        reads_alike(&mut readings, &context, line.as_bytes(), None)
    });
    assert_eq!(known, [false, true, true]);
}

#[test]
fn lines_that_differ_in_ids_are_one_skeleton() {
    let (mut readings, context) = (Readings::default(), test_context());
    let ids = ["0fc12ab9", "7d21c04e", "99999a99"];
    let known = ids.map(|id| {
        let line = format!("2024-05-01 10:00:00 INFO pump: valve {id} opens");
        reads_alike(&mut readings, &context, line.as_bytes(), None)
    });
    assert_eq!(known, [false, true, true]);
}

#[test]
fn a_table_that_is_full_starts_afresh() {
    let (mut readings, context) = (Readings::default(), test_context());
    let words = (0..26u8).flat_map(|a| (0..26u8).map(move |b| [b'a' + a, b'a' + b]));
    for word in words.flat_map(|word| [5usize, 50, 100].map(|times| word.repeat(times * 4))) {
        let line = [b"2024-05-01 10:00:00 INFO ", &word[..]].concat();
        for _ in 0..3 {
            reads_alike(&mut readings, &context, &line, None);
            assert!(readings.readings.len() <= READINGS_MAX);
        }
    }
}
