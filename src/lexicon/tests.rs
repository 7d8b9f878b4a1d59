//! A table of invented lines: what is trouble, how loud, and what is not.

use super::*;
use Severity::{Critical, Error, Info, Warning};
use proptest::prelude::*;

fn of(line: &str) -> Words<'_> {
    judge(line, [line])
}

const TROUBLE: &[(&str, Severity)] = &[
    ("write to volume failed", Error),
    ("java.io.IOException: pipe closed", Error),
    ("caught NullPointerException in worker", Error),
    ("ConnectTimeoutError while dialing", Error),
    ("thrown OutOfMemoryError, heap spent", Critical),
    ("Out of memory: victim chosen", Critical),
    ("code=killed, status=9/KILL", Error),
    ("job done: 12 ok, 3 failed", Error),
    ("errors=4 while flushing", Error),
    ("error_count=2", Error),
    ("\"error\": \"pool gone\"", Error),
    ("error: no space left on device", Critical),
    ("no route to host, connect failed", Error),
    ("peer not responding, still trying", Error),
    ("read on sdq failed", Error),
    ("I/O error, sector 12", Error),
    ("connection timed out after 30 s", Error),
    ("request timeout waiting for the ledger", Warning),
    ("link port7 is down", Warning),
    ("will retry in 5 s", Warning),
    ("clock wrong by 12 s", Warning),
    ("certificate expires soon", Warning),
    ("5 sectors currently unreadable", Error),
    ("worker exited with code 3", Error),
    ("status=1/FAILURE", Error),
    ("volume could not be restored", Error),
    ("permission denied", Warning),
    ("Failed password for root", Warning),
    ("authentication failure for user bob", Warning),
    ("array is degraded", Warning),
    ("possible flooding on port 9", Warning),
    ("3 of 12 probes failed", Error),
    ("case 7 failed: mismatch", Error),
    ("failed to flush: 3 rows left", Error),
    ("write failed: Success", Error),
    ("session token expired", Warning),
    ("packets dropped by filter", Warning),
    ("Tests run: 5, Failures: 2, Errors: 0", Error),
    ("fan 2 deviates from its target by 300 rpm", Warning),
    ("frame 12 discarded, bad length 7", Warning),
    ("standby took over after 3 s", Warning),
    ("replica lagged by 14 s", Warning),
    ("job 12 requeued, worker vanished", Warning),
    ("ran out of handles", Warning),
    ("failover to node 2", Warning),
    ("trunk 3 out of service", Error),
    ("port 0 timed out", Error),
    ("node 0 failed", Error),
    ("process 0 crashed", Error),
    ("replica #0 failed to start", Error),
    ("Slot 0 error", Error),
    ("shard-0 error", Error),
    ("gate:0 error", Error),
    ("tag#0 FAILED", Error),
    ("tag#0 FAILED Result: hostbyte=DID_OK", Error),
];

const HARMLESS: &[&str] = &[
    "job done: 12 ok, 0 failed in 3s",
    "0 errors",
    "there were 0 errors",
    "done with 0 errors",
    "12 ok, 0 failed",
    "12 ok - 0 failed",
    "12 passed 0 failed",
    "3 files and 0 failed",
    "errors: 0",
    "run 0 errors",
    "found 0 broken links",
    "port up, 0 timed out",
    "upload 0% packet loss",
    "errors=0 failed=0",
    "failed: 0, aborted: 0",
    "errors: none",
    "error_count=0",
    "\"error\": null, \"size\": 3",
    "err=nil took=5ms",
    "error=\"\" path=x",
    "finished without error",
    "finished without any errors",
    "no errors or warnings",
    "no known errors",
    "no disk failures",
    "an error-free run",
    "installed libgpg-error<n>:amd<n>",
    "error correction enabled",
    "registered ErrorHandler for routes",
    "rotating error_log",
    "opened /var/log/app/error.log",
    "opened logs/failed/today",
    "GET https://host/error/refused",
    "failover ready, failsafe armed",
    "alarms up to one day",
    "starting rollback manager",
    "removed 3 orphaned snapshots",
    "bad=0 late=0 lag=0",
    "Complete=12, Incomplete=0",
    "trunk 3 back in service",
    "replica caught up, lag 0",
    "NOERROR from resolver",
    "ban2fail scanned, fail2ban idle",
    "restart on failure",
    "runs with --on-error continue",
    "alarm is raised if it fails",
    "may fail under load",
    "checking for errors",
    "scanning 3 areas for low memory corruption",
    "connect_timeout=30 max_retries=5",
    "timeout: 30",
    "retry queue empty",
    "idle timeout of 60 seconds",
    "connection to broker restored after timeout",
    "link port7 is up",
    "retry succeeded",
    "exit status 0",
    "exited with code=0",
    "disconnected by user",
    "0% packet loss",
    "Deactivated successfully.",
    "error code: 0",
    "non-fatal",
    "warning threshold 90",
    "array no longer degraded",
    "it is possible to tune this",
    "mounted volume with options rw,errors=remount-ro",
    "kernel command line: quiet panic=-1",
    "0 of 12 probes failed",
    "probes: 0/12 failed, failures: 0/12",
    "dropped privileges to user ledger",
    "removed 12 expired sessions",
    "purging stale and expired entries",
    "transfer aborted by user",
    "session closed after idle timeout",
    "enabling exception support... done.",
    "testThrowsException PASSED",
    "Tests run: 5, Failures: 0, Errors: 0, Skipped: 0",
    "slow query log enabled",
    "clock skew 0.002 ppm",
    "index not found, creating it",
    "err=<nil> rc=0",
    "node joined, unreachable=[]",
    "in case of failure the job moves on",
    "errors in the last 24h: 0",
    "failed units: 0",
    "built with -Wno-error",
    "thermal throttling disabled",
    "3 snapshots expired, 3 removed",
];

#[test]
fn words_count_where_trouble_happened() {
    for (line, severity) in TROUBLE {
        assert_eq!(of(line).severity, Some(*severity), "{line}");
    }
}

#[test]
fn denied_conditional_named_and_past_trouble_is_none() {
    for line in HARMLESS {
        assert_eq!(of(line).severity, None, "{line}: {:?}", of(line).word);
    }
}

#[test]
fn a_masked_value_is_read_in_the_samples() {
    let pattern = "sync: <n> files, <n> failed, err=<*>";
    assert_eq!(
        judge(pattern, ["sync: 7 files, 0 failed, err=nil"]).severity,
        None
    );
    let some = [
        "sync: 7 files, 0 failed, err=nil",
        "sync: 7 files, 2 failed, err=nil",
    ];
    assert_eq!(judge(pattern, some).word, Some("failed"));
    assert_eq!(judge("<n> sectors unreadable", []).severity, Some(Error));
}

#[test]
fn limits_denials_and_exhaustion_are_trouble_in_any_trade() {
    let loud = [
        "peer <n> did not acknowledge within <n>",
        "signature does not match",
        "lease not renewed",
        "queue depth above high-water mark",
        "pool ran out of seats",
        "flush took longer than expected",
        "buffer <n> overflowed",
        "breaker tripped",
        "gate <n> out of service",
        "will try again in <n>",
    ];
    for text in loud {
        assert!(of(text).severity.is_some(), "{text}");
    }
    let quiet = [
        "the map did not change",
        "map is not modified",
        "<n> seats, 0 over hard limit",
    ];
    for text in quiet {
        assert_eq!(of(text).severity, None, "{text}");
    }
}

#[test]
fn a_level_inside_the_message_is_read_as_stated() {
    assert_eq!(
        of("level=warn msg=\"pool nearly full\"").stated,
        Some(Warning)
    );
    assert_eq!(
        of("{\"level\": \"info\", \"msg\": \"up\"}").stated,
        Some(Severity::Info)
    );
    assert_eq!(of("[error] upstream gone").stated, Some(Error));
    assert_eq!(of("mail_from_level = CRITICAL").stated, None);
    assert_eq!(of("<time> [INFO] lease lost").stated, Some(Info));
    assert_eq!(
        of("W<*> gate.go:<n>] pool nearly full").stated,
        Some(Warning)
    );
    assert_eq!(of("W<*> pool nearly full").stated, None);
    assert_eq!(of("WARNING:  nested transaction").stated, Some(Warning));
    assert_eq!(of("%GATE-4-RADAR: seat 7 moved").stated, Some(Warning));
    assert_eq!(of("<time>: %GATE_X-SP-6-SENT: failed").stated, Some(Info));
    let masked = judge("%GATE-<n>: seat <n> moved", ["%GATE-4-RADAR: seat 7 moved"]);
    assert_eq!(masked.stated, Some(Warning));
    assert_eq!(of("%gate-4-radar: moved").stated, None);
    assert_eq!(of("use of %GATE-4-X: moved").stated, None);
    assert_eq!(of("panic: index out of range").stated, Some(Critical));
    assert_eq!(of("Information about errors").stated, None);
    assert_eq!(judge("level=<*> x", ["level=error x"]).stated, Some(Error));
}

#[test]
fn families_tell_failures_logins_and_lifecycle_apart() {
    assert_eq!(
        of("Started the ledger service").family,
        Family::ServiceLifecycle
    );
    assert_eq!(of("session opened for user bob").family, Family::Auth);
    assert_eq!(of("Failed password for bob").family, Family::Auth);
    assert_eq!(of("failed to start the ledger").family, Family::Failure);
    assert_eq!(of("wrote 5 rows").family, Family::Generic);
}

#[test]
fn any_text_is_judged_without_panic_and_in_bounds() {
    let odd = [
        "",
        "<",
        "'",
        "error",
        "error=",
        "error_",
        "é error é",
        "<n>error<n>",
        "0 error 0x",
    ];
    for text in odd {
        let words = of(text);
        assert!(words.word.is_none_or(|word| text.contains(word)), "{text}");
    }
    of(&"no error ".repeat(9000));
    of(&"\u{20ac}failed".repeat(3000));
}

proptest! {
    #[test]
    fn random_texts_are_judged_without_panic(
        pieces in prop::collection::vec(prop::sample::select(&[
            "error", "0", "no ", "=", ": ", "<n>", "'", "\"", "_count", " of ", "é", "[", "]", "for ",
            "failed", "/", "-", "level", "is ", "restored", "<nil>", "timeout", "exit code", " by user",
        ][..]), 0..12)
    ) {
        let text = pieces.concat();
        let words = of(&text);
        prop_assert!(words.word.is_none_or(|word| text.contains(word)));
    }
}
