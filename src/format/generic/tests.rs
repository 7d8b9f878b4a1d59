//! Headers of many makes, and the prose behind them that must stay.

use super::*;
use crate::format::stamp::format_rfc3339;
use crate::format::test_context;

/// Level, component or service, pid, and message of a line.
type Read<'a> = (Option<&'a str>, Option<&'a str>, Option<u32>, &'a str);

fn read(line: &str) -> Option<(Option<&'static str>, Option<String>, Option<u32>, String)> {
    let event = Generic.parse(line.as_bytes(), &test_context())?;
    let name = event.service.or(event.component);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((
        event.severity.map(Severity::name),
        name.as_deref().map(text),
        event.pid,
        text(&event.message),
    ))
}

#[test]
fn headers_are_read_element_by_element_and_prose_stays() {
    let cases: &[(&str, Read<'_>)] = &[
        (
            "2024-05-01 10:00:00,123 INFO [main] org.acme.Store: opened",
            (Some("info"), Some("org.acme.Store"), None, "opened"),
        ),
        (
            "2024-05-01 10:00:00.123  WARN 41 --- [pool-1] o.a.Dialer  : slow peer",
            (Some("warning"), Some("o.a.Dialer"), Some(41), "slow peer"),
        ),
        (
            "[Wed May 01 10:00:00 2024] [error] [pid 7:tid 9] child died",
            (Some("error"), None, Some(7), "child died"),
        ),
        (
            "05-01 10:00:00.123  170  239 D PumpService: valve open",
            (Some("debug"), Some("PumpService"), Some(170), "valve open"),
        ),
        (
            "240501 100000 14 INFO pump.Valve$Port: valve open",
            (
                Some("info"),
                Some("pump.Valve$Port"),
                Some(14),
                "valve open",
            ),
        ),
        (
            "E [01/May/2024:10:00:00 +0000] StartPump: no power",
            (Some("error"), Some("StartPump"), None, "no power"),
        ),
        (
            "- 1714557600 2024.05.01 r7 May 1 10:00:00 r7/r7 cron(pam)[29]: closed",
            (None, Some("cron(pam)"), Some(29), "closed"),
        ),
        (
            "1714557600 r7 pump[3]: WARNING: low",
            (None, Some("pump"), Some(3), "WARNING: low"),
        ),
        (
            "20240501-10:00:00:123|Pump|300|valve open",
            (None, Some("Pump"), Some(300), "valve open"),
        ),
        (
            "2024-05-01 10:00:00 | INFO     | pump.main:run:12 - valve open",
            (Some("info"), Some("pump.main:run:12"), None, "valve open"),
        ),
        (
            "I, [2024-05-01T10:00:00.123 #12]  INFO -- : valve open",
            (Some("info"), None, Some(12), "valve open"),
        ),
        (
            "2024-05-01T10:00:00Z\tinfo\tpump/valve.go:87\tvalve open",
            (Some("info"), Some("pump/valve.go:87"), None, "valve open"),
        ),
        (
            "WARNING:pump.valve:stuck",
            (Some("warning"), Some("pump.valve"), None, "stuck"),
        ),
        (
            "10:00:00.123 [main] INFO  org.acme.Store - opened",
            (Some("info"), Some("org.acme.Store"), None, "opened"),
        ),
        (
            "2024-05-01 10:00:00 5 files copied",
            (None, None, None, "5 files copied"),
        ),
        (
            "2024-05-01 10:00:00 Failed: no space",
            (None, None, None, "Failed: no space"),
        ),
        (
            "2024-05-01 10:00:00 error while reading",
            (None, None, None, "error while reading"),
        ),
    ];
    for (line, expected) in cases {
        let read = read(line);
        let found = read
            .as_ref()
            .map(|(level, name, pid, message)| (*level, name.as_deref(), *pid, message.as_str()));
        assert_eq!(found, Some(*expected), "{line}");
    }
}

#[test]
fn plain_text_is_not_taken() {
    for line in [
        "valve open",
        "[pump] valve open",
        "Error while reading",
        "5 files copied",
        "I am here",
        "",
    ] {
        assert_eq!(read(line), None, "{line}");
    }
}

#[test]
fn the_first_stamp_dates_the_event() {
    let line =
        "1714557600 2024.05.01 r7 2024-05-02-10.00.00.000001 r7 RAS KERNEL INFO parity corrected";
    let event = Generic.parse(line.as_bytes(), &test_context());
    let event = event.map(|event| {
        (
            event.timestamp.map(format_rfc3339),
            event.message.into_owned(),
        )
    });
    let expected = (
        Some("2024-05-01T10:00:00Z".to_owned()),
        b"parity corrected".to_vec(),
    );
    assert_eq!(event, Some(expected));
}
