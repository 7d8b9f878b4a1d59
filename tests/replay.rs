//! Nights told twice, in another order, or with the last minutes of the night before: what is judged
//! and remembered is what the nights themselves make of it.

#![allow(clippy::unwrap_used)]

use brainstem::event::Timestamp;
use brainstem::format::stamp::format_rfc3339;
use rusqlite::types::Value;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

const DAY: i64 = 86_400;
/// A Monday.
const EPOCH: i64 = 20_514 * DAY;
const NIGHTS: i64 = 6;

/// A line of a night: second, what stands after the stamp.
type Line = (i64, String);

/// A night with something of everything that looks back: a heartbeat, trouble that is the same every
/// night, trouble that grows and spreads, that heals, that is new, and a heartbeat that stops.
fn night(night: i64) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut tell = |second: i64, text: &str| lines.push((night * DAY + second, text.to_owned()));
    for n in 0..288 {
        tell(n * 300 + 7, "db1 ledgerd[7]: checkpoint complete");
        if n < 144 || night < 4 {
            tell(n * 300 + 11, "web2 probe[9]: target is up");
        }
    }
    for n in 0..12 {
        tell(n * 7200 + 60, "db1 backupd[3]: warning: volume nearly full");
    }
    for n in 0..(2 << night) {
        tell(n * 1300 + 40, "web2 poold[5]: error: queue overflow");
    }
    for n in 0..(1 + night % 3) * 3 {
        tell(n * 9000 + 100, "db1 linkd[4]: error: link lost");
        tell(n * 9000 + 150, "db1 linkd[4]: link restored");
    }
    if night % 2 == 1 {
        for (n, host) in (0..).zip(["db1", "web2", "web3"]) {
            tell(
                30_000 + n * 600,
                &format!("{host} timed[2]: clock is wrong"),
            );
            tell(
                86_000,
                &format!("{host} ledgerd[7]: error: checksum mismatch"),
            );
        }
    }
    lines.sort();
    lines
}

/// The lines of a stretch of time, in the order of their stamps.
fn text(lines: &[Line]) -> String {
    lines
        .iter()
        .fold(String::new(), |mut text, (second, line)| {
            let stamp = format_rfc3339(Timestamp::from_seconds(EPOCH + second));
            writeln!(text, "{stamp} {line}").unwrap();
            text
        })
}

/// A night after the last ten minutes of the night before it.
fn with_overlap(number: i64) -> Vec<Line> {
    let mut lines = match number {
        0 => Vec::new(),
        number => night(number - 1),
    };
    lines.retain(|line| line.0 >= number * DAY - 600);
    lines.extend(night(number));
    lines
}

/// What a scan of some lines says: the items, without the numbers of lines, and the run record.
fn scan(folder: &Path, lines: &[Line]) -> (Vec<serde_json::Value>, serde_json::Value) {
    scan_text(folder, &text(lines))
}

fn scan_text(folder: &Path, lines: &str) -> (Vec<serde_json::Value>, serde_json::Value) {
    fs::write(folder.join("night.log"), lines).unwrap();
    let arguments = "scan --format json --min-band background --snapshot night.db night.log";
    let run = Command::new(env!("CARGO_BIN_EXE_brainstem"))
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let told = String::from_utf8(run.stdout).unwrap();
    let mut items: Vec<serde_json::Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let record = items.pop().unwrap();
    for item in &mut items {
        for example in item["examples"].as_array_mut().unwrap() {
            example.as_object_mut().unwrap().remove("line");
        }
    }
    (items, record)
}

/// All rows of all tables, but for the numbers of hosts and lines, and the packed inputs.
fn memory(folder: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(folder.join("night.db")).unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') \
         AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut statement = connection.prepare(tables).unwrap();
    let tables = statement.query_map([], |row| row.get::<_, String>(0));
    let mut rows = Vec::new();
    for table in tables.unwrap().map(Result::unwrap) {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {table}"))
            .unwrap();
        let names: Vec<String> = statement
            .column_names()
            .into_iter()
            .map(String::from)
            .collect();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let told = names.iter().enumerate().filter_map(|(place, name)| {
                let value: Value = row.get(place).unwrap();
                match (&*table, &**name) {
                    // Hosts are numbered as they are met.
                    ("hosts", "number") | ("pattern_hosts", "host") | ("activity", "course") => {
                        None
                    }
                    ("examples", "line") | ("inputs", "corpus") => None,
                    _ => Some(format!("{name}: {value:?}")),
                }
            });
            rows.push(format!("{table}: {}", told.collect::<Vec<_>>().join(", ")));
        }
    }
    rows.sort();
    rows
}

/// What memory says of the nights, but for its size.
fn digest(folder: &Path) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_brainstem"))
        .args(["digest", "--format", "json", "--snapshot", "night.db"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let told = String::from_utf8(run.stdout).unwrap();
    let lines = told.lines().map(|line| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        line.as_object_mut().unwrap().remove("size_bytes");
        line.to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What is judged of each of some nights, one after the other, what is remembered in the end, and what
/// the digest says of it.
fn told(nights: &[Vec<Line>]) -> (Vec<Vec<serde_json::Value>>, Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let items = nights.iter().map(|lines| scan(folder.path(), lines).0);
    let items = items.collect();
    (items, memory(folder.path()), digest(folder.path()))
}

fn plain() -> Vec<Vec<Line>> {
    (0..NIGHTS).map(night).collect()
}

#[test]
fn the_last_minutes_of_the_night_before_change_nothing() {
    let overlapping: Vec<Vec<Line>> = (0..NIGHTS).map(with_overlap).collect();
    let (items, memory, digest) = told(&plain());
    assert_eq!(told(&overlapping), (items.clone(), memory.clone(), digest));
    // Again, and once more without the overlap.
    let again: Vec<Vec<Line>> = overlapping.iter().cloned().chain(plain()).collect();
    let (items_again, memory_again, _) = told(&again);
    assert_eq!(items_again, [&items[..], &items[..]].concat());
    assert_eq!(memory_again, memory);
}

#[test]
fn a_part_of_a_night_again_changes_nothing_that_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    scan(folder.path(), &night(0));
    scan(folder.path(), &night(1));
    let remembered = memory(folder.path());
    let lines = night(1);
    for part in [&lines[100..200], &lines[..20], &lines[300..]] {
        scan(folder.path(), part);
        assert_eq!(memory(folder.path()), remembered);
    }
}

#[test]
fn the_minutes_that_are_left_out_are_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    scan(folder.path(), &night(0));
    let overlap = with_overlap(1).len() - night(1).len();
    let (_, record) = scan(folder.path(), &with_overlap(1));
    assert_eq!(record["dropped_by_reason"]["remembered"], overlap);
    assert_eq!(record["events"], night(1).len());
    assert_eq!(record["lines"], with_overlap(1).len());
}

#[test]
fn of_a_second_that_was_read_in_part_the_rest_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (last, lines) = (86_399, with_overlap(1));
    let mut first = night(0);
    first.push((last, "db1 linkd[4]: link restored".into()));
    scan(folder.path(), &first);
    let place = lines.len() - night(1).len();
    let mut second = lines.clone();
    second.insert(place, (last, "db1 fenced[1]: error: node lost".into()));
    second.insert(place, (last, "db1 linkd[4]: link restored".into()));
    let (items, record) = scan(folder.path(), &second);
    assert_eq!(record["dropped_by_reason"]["remembered"], place);
    assert!(
        items
            .iter()
            .any(|item| item["pattern"] == "error: node lost")
    );
}

#[test]
fn an_overlap_with_anything_that_is_not_remembered_is_judged_whole() {
    let folder = tempfile::tempdir().unwrap();
    scan(folder.path(), &night(0));
    let mut lines = with_overlap(1);
    lines.insert(0, (DAY - 599, "web9 fenced[1]: error: node lost".into()));
    let (items, record) = scan(folder.path(), &lines);
    assert_eq!(record["dropped_by_reason"]["remembered"], 0);
    assert_eq!(record["events"], lines.len());
    let lost = items
        .iter()
        .filter(|item| item["pattern"] == "error: node lost");
    assert_eq!(lost.count(), 1);
}

#[test]
fn nights_in_any_order_leave_the_same_memory() {
    let (items, memory, digest) = told(&plain());
    let last = items.last().unwrap();
    // By itself the last night says something else.
    assert_ne!(told(&plain()[5..]).0.last(), Some(last));
    for order in [
        [4, 3, 2, 1, 0, 5],
        [2, 0, 4, 1, 3, 5],
        [5, 4, 3, 2, 1, 0],
        [1, 5, 0, 3, 2, 4],
    ] {
        let nights: Vec<Vec<Line>> = order.iter().map(|n| night(*n)).collect();
        let (items, memory_then, digest_then) = told(&nights);
        if order[5] == 5 {
            assert_eq!(items.last(), Some(last), "{order:?}");
        }
        assert_eq!(memory_then, memory, "{order:?}");
        assert_eq!(digest_then, digest, "{order:?}");
    }
}

#[test]
fn the_hosts_of_a_night_may_be_told_one_after_the_other() {
    let of = |number, host: &str| -> Vec<Line> {
        let lines = night(number).into_iter();
        lines.filter(|line| line.1.starts_with(host)).collect()
    };
    let in_order = |hosts: [&str; 3]| -> Vec<Vec<Line>> {
        let nights = (0..4).flat_map(|number| hosts.map(|host| of(number, host)));
        nights.filter(|lines| !lines.is_empty()).collect()
    };
    let memory = |hosts| told(&in_order(hosts)).1;
    let remembered = memory(["db1", "web2", "web3"]);
    assert_eq!(memory(["web3", "db1", "web2"]), remembered);
    assert_eq!(memory(["web2", "web3", "db1"]), remembered);
}

#[test]
fn parts_of_days_in_any_order_leave_the_same_memory() {
    let of = |part: i64| -> Vec<Line> {
        let mut lines = night(part / 3);
        lines.retain(|line| line.0.div_euclid(DAY / 3) == part);
        lines
    };
    let memory = |order: &[i64]| told(&order.iter().map(|part| of(*part)).collect::<Vec<_>>()).1;
    let in_order: Vec<i64> = (0..9).collect();
    let remembered = memory(&in_order);
    for order in [[0, 2, 1, 3, 5, 4, 6, 8, 7], [0, 3, 6, 2, 5, 8, 1, 4, 7]] {
        assert_eq!(memory(&order), remembered, "{order:?}");
    }
}

/// A wrong stamp, or an input in the snapshot that is none, costs no scan after it.
#[test]
fn what_cannot_be_judged_again_is_not_kept_and_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = r#"{"__REALTIME_TIMESTAMP": "9000000000000000000", "MESSAGE": "clock is wrong"}"#;
    scan_text(folder.path(), &format!("{}{wrong}\n", text(&night(3))));
    scan(folder.path(), &night(4));
    let connection = rusqlite::Connection::open(folder.path().join("night.db")).unwrap();
    let count = || -> i64 {
        let sql = "SELECT count(*) FROM inputs WHERE stale = 0";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    scan(folder.path(), &night(2));
    assert_eq!(count(), 3);
    for damage in ["x'00'", "substr(corpus, 1, length(corpus) - 9)"] {
        let sql = format!("UPDATE inputs SET corpus = {damage} WHERE last >= ?1");
        let from = (EPOCH + 4 * DAY) * 1_000_000;
        connection.execute(&sql, [from]).unwrap();
        scan(folder.path(), &night(i64::from(damage == "x'00'")));
    }
    assert_eq!(count(), 3);
}

#[test]
fn only_so_many_inputs_are_kept_as_nights_are_looked_back_on() {
    let folder = tempfile::tempdir().unwrap();
    for day in 0..40 {
        scan(
            folder.path(),
            &[(day * DAY, "db1 linkd[4]: error: link lost".into())],
        );
    }
    let connection = rusqlite::Connection::open(folder.path().join("night.db")).unwrap();
    let kept: (i64, i64) = connection
        .query_row("SELECT count(*), min(first) FROM inputs", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(kept, (35, (EPOCH + 5 * DAY) * 1_000_000));
}
