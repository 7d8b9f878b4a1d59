//! Headers of many makes, and the prose behind them that must stay.

use super::*;
use crate::format::stamp::format_rfc3339;
use crate::format::test_context;

/// A line, and below it the level, the component or service, the pid and the message that are read.
const HEADERS: &str = "\
2024-05-01 10:00:00,123 INFO [main] org.acme.Store: opened
 => info ; org.acme.Store ; - ; opened
2024-05-01 10:00:00.123  WARN 41 --- [pool-1] o.a.Dialer  : slow peer
 => warning ; o.a.Dialer ; 41 ; slow peer
[Wed May 01 10:00:00 2024] [error] [pid 7:tid 9] child died
 => error ; - ; 7 ; child died
05-01 10:00:00.123  170  239 D PumpService: valve open
 => debug ; PumpService ; 170 ; valve open
240501 100000 14 INFO pump.Valve$Port: valve open
 => info ; pump.Valve$Port ; 14 ; valve open
E [01/May/2024:10:00:00 +0000] StartPump: no power
 => error ; StartPump ; - ; no power
- 1714557600 2024.05.01 r7 May 1 10:00:00 r7/r7 cron(pam)[29]: closed
 => - ; cron(pam) ; 29 ; closed
1714557600 r7 pump[3]: WARNING: low
 => - ; pump ; 3 ; WARNING: low
[1714557600] r7 pump: low
 => - ; pump ; - ; low
[1714557600.123456] r7 pump[3]: low
 => - ; pump ; 3 ; low
[1714557600] VALVE ALERT: pump;OK;low
 => - ; - ; - ; VALVE ALERT: pump;OK;low
[1714557600] valve stuck: low
 => - ; - ; - ; valve stuck: low
20240501-10:00:00:123|Pump|300|valve open
 => - ; Pump ; 300 ; valve open
2024-05-01 10:00:00 | INFO     | pump.main:run:12 - valve open
 => info ; pump.main:run:12 ; - ; valve open
I, [2024-05-01T10:00:00.123 #12]  INFO -- : valve open
 => info ; - ; 12 ; valve open
2024-05-01T10:00:00Z\tinfo\tpump/valve.go:87\tvalve open
 => info ; pump/valve.go:87 ; - ; valve open
WARNING:pump.valve:stuck
 => warning ; pump.valve ; - ; stuck
10:00:00.123 [main] INFO  org.acme.Store - opened
 => info ; org.acme.Store ; - ; opened
[W 2024-05-01 10:00:00.123 PumpApp] 404 GET /valve
 => warning ; - ; - ; 404 GET /valve
[I 240501 10:00:00 web:2064] 200 GET /valve
 => info ; - ; - ; 200 GET /valve
2024-05-01 10:00:00,123 - pump.py[WARNING]: valve stuck
 => warning ; pump.py ; - ; valve stuck
05-01 10:00:00.123  170  239 E PumpService: FATAL valve stuck
 => error ; PumpService ; 170 ; FATAL valve stuck
2024-05-01 10:00:00 +0000 UTC [ERROR] valve stuck
 => error ; - ; - ; valve stuck
2024-05-01\t10:00:00\tpump7\tvalve stuck
 => - ; - ; - ; pump7\tvalve stuck
h2 2024-05-01T10:00:00.123456Z edge 192.0.2.7:80
 => - ; h2 ; - ; edge 192.0.2.7:80
update-pumps 2024-05-01 10:00:00: run with --all
 => - ; update-pumps ; - ; run with --all
2024-05-01 10:00:00 5 files copied
 => - ; - ; - ; 5 files copied
2024-05-01 10:00:00 Failed: no space
 => - ; - ; - ; Failed: no space
2024-05-01 10:00:00 error while reading
 => - ; - ; - ; error while reading
";

/// Level, component or service, pid and message, parted by semicolons; `-` for what is not there.
fn read(line: &str) -> Option<String> {
    let event = Generic.parse(line.as_bytes(), &test_context())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let name = event.service.or(event.component).map(|name| text(&name));
    let fields = [
        event.severity.map(|level| level.name().to_owned()),
        name,
        event.pid.map(|pid| pid.to_string()),
        Some(text(&event.message)),
    ];
    let shown = fields.map(|field| field.unwrap_or_else(|| "-".to_owned()));
    Some(shown.join(" ; "))
}

#[test]
fn headers_are_read_element_by_element_and_prose_stays() {
    let lines: Vec<&str> = HEADERS.lines().collect();
    for case in lines.chunks(2) {
        let expected = case[1].strip_prefix(" => ").map(str::to_owned);
        assert_eq!(read(case[0]), expected, "{}", case[0]);
    }
}

#[test]
fn plain_text_is_not_taken() {
    for line in [
        "valve open",
        "expires 2024-05-01T10:00:00Z at the latest",
        "until 2024-05-01 10:00:00 all was well",
        "[Q 2024-05-01 10:00:00 PumpApp] 404",
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
