//! Failed builds of many tools, under the marks of several CI systems: the cause is told among the first.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Items among which the cause must be.
const FIRST: usize = 3;

/// Lines of an example in which it must stand.
const HEAD_LINES: usize = 4;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/builds")
}

/// The texts of the first items, the most telling first.
fn told(name: &str, good: Option<&Path>) -> Vec<String> {
    let mut scan = Command::new(env!("CARGO_BIN_EXE_brainstem"));
    scan.args(["scan", "--format", "json", "--min-band", "watch"]);
    if let Some(good) = good {
        scan.arg("--baseline").arg(good);
    }
    let log = folder().join(format!("{name}.log"));
    let output = scan.arg(log).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{name}: {output:?}");
    let records = String::from_utf8(output.stdout).unwrap();
    let records = records
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let examples = records.filter_map(|record: serde_json::Value| {
        let examples = record["examples"].as_array()?.iter();
        let heads = examples.flat_map(|e| e["text"].as_str().unwrap().lines().take(HEAD_LINES));
        Some(heads.collect::<Vec<_>>().join("\n"))
    });
    examples.take(FIRST).collect()
}

/// What is kept of one line may be several, so that they reach beyond the next mark of a section.
#[test]
fn an_entry_of_several_lines_between_marks_is_told() {
    let entry = |second: u32, message: &str| {
        format!(
            r#"{{"_HOSTNAME":"ci","PRIORITY":"3","SYSLOG_IDENTIFIER":"dump","__REALTIME_TIMESTAMP":"17000000{second:02}000000","MESSAGE":"{message}"}}"#
        )
    };
    let mut log = tempfile::NamedTempFile::new().unwrap();
    let first = entry(1, r"error: dump failed\nframe one\nframe two\nframe three");
    let (begin, second) = ("##[group]Run tests", entry(2, "error: no more room"));
    writeln!(log, "{begin}\n{first}\n{begin}\n{second}").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_brainstem"))
        .args(["scan", "--format", "json"])
        .arg(log.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let records = String::from_utf8(output.stdout).unwrap();
    assert!(
        records.contains("dump failed") && records.contains("no more room"),
        "{records}"
    );
}

#[test]
fn the_cause_of_a_failed_build_is_among_the_first() {
    let causes = std::fs::read_to_string(folder().join("causes.tsv")).unwrap();
    let mut missed = Vec::new();
    for row in causes.lines() {
        let (name, cause) = row.split_once('\t').unwrap();
        let good = folder().join(format!("{name}.good.log"));
        let good = good.exists().then_some(good.as_path());
        for good in [None, good]
            .into_iter()
            .take(1 + usize::from(good.is_some()))
        {
            let told = told(name, good);
            // Some causes are told by either of two lines.
            let is_told = |cause: &str| told.iter().any(|text| text.contains(cause));
            if !cause.split('|').any(is_told) {
                missed.push(format!("{name}, baseline {}: {told:#?}", good.is_some()));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
