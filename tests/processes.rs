//! What a session file cannot say: pipes, closed and full outputs, streams, the same bytes twice.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const BRAINSTEM: &str = env!("CARGO_BIN_EXE_brainstem");

/// Runs a shell line in the repository, `brainstem` being the one just built.
fn shell(line: &str) -> Output {
    let bin = Path::new(BRAINSTEM).parent().unwrap().to_str().unwrap();
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap());
    Command::new("sh")
        .args(["-c", line])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn out(line: &str) -> String {
    let output = shell(line);
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The exit status and what was said on standard error.
fn told(line: &str) -> (Option<i32>, String) {
    let output = shell(line);
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_pipe_and_a_file_give_the_same_items() {
    let of_file = out("brainstem scan --format json fixtures/night.log");
    let of_pipe = out("cat fixtures/night.log | brainstem scan --format json");
    let of_dash = out("brainstem scan --format json - < fixtures/night.log");
    assert_eq!(of_pipe, of_dash);
    assert_eq!(of_pipe, of_file.replace("fixtures/night.log", "-"));
}

#[test]
fn a_baseline_without_files_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().to_str().unwrap();
    let scan = format!("brainstem scan --baseline {name} fixtures/build-bad.log");
    let (status, said) = told(&scan);
    assert_eq!(status, Some(0));
    assert!(said.contains("the directory has no files"), "{said}");
}

#[test]
fn lines_to_recall_may_be_ids_and_titles() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("night.db");
    let name = snapshot.to_str().unwrap();
    let nights = "tests/sessions/memory.in/2026-03-02.log";
    out(&format!("brainstem scan --snapshot {name} {nights}"));
    let id = "bs1-df9f09fb89919496";
    let title = "volumed: write to <path> timed out after <n>, retrying";
    let stamped = "2026-03-02T00:00:01Z db-1 sshd[1]: hello";
    let asked = |lines: &str| {
        let recall = format!("brainstem recall --snapshot {name} --format json -");
        shell(&format!("printf '%s\\n' {lines} | {recall}"))
    };
    let known = |output: &Output| {
        let answers = String::from_utf8(output.stdout.clone()).unwrap();
        let seen = |line: &&str| line.contains(&format!(r#""id":"{id}","seen":true"#));
        answers.lines().filter(seen).count()
    };
    let by_id = asked(id);
    assert_eq!((by_id.status.code(), known(&by_id)), (Some(0), 1));
    let by_title = asked(&format!("'{title}'"));
    assert_eq!((by_title.status.code(), known(&by_title)), (Some(0), 1));
    assert_eq!(known(&asked(&format!("'{stamped}' {id}"))), 1);
    let cut = asked("bs1-df9f");
    assert_eq!(cut.status.code(), Some(2));
    let said = String::from_utf8(cut.stderr).unwrap();
    assert!(said.contains("bs1-df9f: an id looks like"), "{said}");
}

#[test]
fn a_log_that_names_no_tenant_is_the_asked_for_tenants() {
    let scan = "brainstem scan --format json --tenant north";
    let plain = out(&format!("{scan} fixtures/night.log"));
    let items = plain
        .lines()
        .filter(|line| line.contains("brainstem.item/1"));
    assert!(
        items
            .clone()
            .all(|item| item.contains(r#""tenant_id":"north""#))
    );
    assert!(items.count() > 3);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for emit in ["items", "signatures"] {
        let scan = format!("brainstem scan --format json --emit {emit} fixtures/night.log");
        let one = out(&format!("RAYON_NUM_THREADS=1 {scan}"));
        assert_eq!(one, out(&format!("RAYON_NUM_THREADS=4 {scan}")));
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let line = "brainstem scan --emit events fixtures/night.log fixtures/night.log; echo $? >&2";
    let (_, said) = told(&format!("{{ {line}; }} | head -1"));
    assert_eq!(said, "0\n");
    let closed = "{ sleep 0.2; brainstem scan fixtures/night.log; echo $? >&2; } | true";
    assert_eq!(told(closed).1, "0\n");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_and_is_status_2() {
    for words in [
        "scan fixtures/night.log",
        "scan --emit events fixtures/night.log",
        "scan --help",
    ] {
        let (status, said) = told(&format!("brainstem {words} > /dev/full"));
        assert_eq!(status, Some(2), "{words}");
        assert!(said.starts_with("brainstem: standard output: "), "{said}");
    }
}

#[test]
fn a_closed_standard_input_is_an_empty_one() {
    assert!(out("brainstem scan <&-").starts_with("brainstem: no lines to read\n"));
}

#[test]
fn a_file_that_is_missing_does_not_hide_the_others() {
    let line = "brainstem scan --format json /nowhere.log fixtures/night.log";
    let (status, said) = told(line);
    assert_eq!(status, Some(2));
    assert!(said.starts_with("brainstem: /nowhere.log: "), "{said}");
    let stdout = String::from_utf8(shell(line).stdout).unwrap();
    assert!(stdout.lines().last().unwrap().contains("\"lines\":107,"));
}

#[test]
fn a_line_is_told_while_input_still_flows() {
    let mut child = Command::new(BRAINSTEM)
        .args(["scan", "--emit", "events"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        output
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| tell.send(line))
    });
    for message in ["disk is slow", "disk is fast"] {
        writeln!(input, "{message}").unwrap();
        input.flush().unwrap();
        // The input is still open: an answer that waited for its end would never come.
        let line = told.recv_timeout(Duration::from_secs(20));
        if line.is_err() {
            child.kill().unwrap();
        }
        assert!(line.unwrap().contains(message));
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn every_line_has_one_event_record_and_the_parts_of_the_run_record_add_up() {
    let events = out("brainstem scan --emit events fixtures/night.log");
    assert_eq!(events.lines().count(), 107);
    for (number, line) in (1u64..).zip(events.lines()) {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["line"], number);
    }
    let json = out("brainstem scan --format json fixtures/night.log");
    let run: serde_json::Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    let part = |name: &str| run[name].as_u64().unwrap();
    let parts = part("events") + part("continuation") + part("muted") + part("dropped");
    assert_eq!((parts, part("lines")), (107, 107));
}

#[test]
fn the_text_is_narrow_and_plain_where_there_is_no_terminal() {
    let digest = out("brainstem scan --top 0 --min-band ignore_fast fixtures/night.log");
    assert!(digest.lines().all(|line| line.chars().count() <= 78));
    assert!(!digest.contains('\x1b'));
    let coloured = out("CLICOLOR_FORCE=1 NO_COLOR= brainstem scan fixtures/night.log");
    assert!(coloured.contains('\x1b'));
}

#[test]
fn help_fits_a_screen_of_eighty_columns() {
    for words in ["-h", "--help", "scan -h", "scan --help"] {
        let help = out(&format!("brainstem {words}"));
        assert!(
            help.lines().all(|line| line.chars().count() <= 80),
            "{words}"
        );
    }
    assert!(out("brainstem scan -h").lines().count() <= 42);
}

#[test]
fn statistics_go_to_standard_error() {
    let (status, said) = told("brainstem scan --stats fixtures/night.log");
    assert_eq!(status, Some(0));
    assert!(
        said.contains("107 lines") && said.contains("MB/s"),
        "{said}"
    );
}

#[test]
fn a_directory_of_builds_is_a_baseline_and_the_number_of_threads_changes_nothing() {
    let scan = "brainstem scan --format json --baseline $dir fixtures/build-bad.log";
    let script = |threads: u32| {
        format!(
            "dir=$(mktemp -d) && cp fixtures/build-good.log $dir/1.log && \
             cp fixtures/build-good.log $dir/2.log && RAYON_NUM_THREADS={threads} {scan}; rm -r $dir"
        )
    };
    let one = out(&script(1));
    assert_eq!(one, out(&script(4)));
    assert!(one.contains("\"baseline\":{\"builds\":2,"));
    assert!(one.starts_with("{\"title\":\"test gate::opens_when_empty ... FAILED\""));
}

#[test]
fn a_snapshot_is_a_baseline_and_is_only_read() {
    let script = "dir=$(mktemp -d) && snapshot=$dir/main.db && \
        brainstem scan --snapshot $snapshot fixtures/build-good.log > /dev/null && \
        before=$(cksum < $snapshot) && \
        brainstem scan --format json --baseline $snapshot fixtures/build-bad.log && \
        test \"$before\" = \"$(cksum < $snapshot)\" && test $(ls $dir) = main.db; rm -r $dir";
    let log =
        "brainstem scan --format json --baseline fixtures/build-good.log fixtures/build-bad.log";
    let items = |records: &str| -> Vec<String> {
        let all = records.lines().filter(|line| line.contains("\"id\""));
        all.take(2).map(str::to_owned).collect()
    };
    assert_eq!(items(&out(script)), items(&out(log)));
}

#[test]
fn a_damaged_snapshot_is_no_baseline() {
    let scan = "brainstem scan --baseline $file fixtures/build-bad.log > /dev/null";
    let garbage = "printf 'SQLite format 3\\0garbage' > $file";
    let cut = "brainstem scan --snapshot $file fixtures/build-good.log > /dev/null && \
        head -c 9000 $file > $file.cut && mv $file.cut $file";
    for make in [garbage, cut] {
        let script =
            format!("file=$(mktemp -u) && {make} && {scan}; status=$?; rm $file; exit $status");
        let (status, said) = told(&script);
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains("snapshot"), "{said}");
    }
}

#[test]
fn a_compressed_baseline_is_read_like_any_other() {
    let script = "file=$(mktemp -d)/good.log.gz && gzip -c fixtures/build-good.log > $file && \
        brainstem scan --format json --baseline $file fixtures/build-bad.log";
    let log =
        "brainstem scan --format json --baseline fixtures/build-good.log fixtures/build-bad.log";
    assert_eq!(out(script), out(log));
}

#[test]
fn an_empty_baseline_is_said_so_and_everything_is_new() {
    let (status, said) = told("brainstem scan --baseline /dev/null fixtures/build-bad.log");
    assert_eq!(status, Some(0));
    assert!(said.contains("the baseline has no lines; everything counts as new"));
}

#[test]
fn a_summary_is_appended_to_its_file() {
    let script = "file=$(mktemp) && echo before > $file && \
        brainstem scan --baseline fixtures/build-good.log --summary $file fixtures/build-bad.log > /dev/null \
        && cat $file; rm $file";
    let summary = out(script);
    assert!(summary.starts_with("before\n## brainstem: 1 to promote"));
    assert_eq!(
        told("brainstem scan --summary /none/x fixtures/few.log").0,
        Some(2)
    );
}

#[test]
fn a_heartbeat_that_stops_is_news_and_one_that_beats_on_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let night = |number: u32, beats_until: u32| {
        let lines = format!(
            r#"awk 'BEGIN {{ for (s = 0; s < 86400; s += 120) {{
                at = 1772323200 + {number} * 86400 + s;
                if (s % 600 == 0 && s < {beats_until} * 3600) print at " web1 beat[7]: alive";
                print at " web1 pump[8]: turned in " s % 7 " ms" }} }}'"#
        );
        let scan = "brainstem scan --new-only --format json";
        let snapshot = folder.path().join("night.db");
        out(&format!(
            "{lines} | {scan} --snapshot {}",
            snapshot.display()
        ))
    };
    for number in 0..3 {
        assert_eq!(night(number, 24), "", "night {number}");
    }
    let stopped = night(3, 12);
    assert!(
        stopped.contains("alive") && stopped.contains("silence"),
        "{stopped}"
    );
    assert!(!stopped.contains("turned in"), "{stopped}");
}
