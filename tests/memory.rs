//! What a snapshot promises: committing is a join, a replay sees what the first run saw, and a
//! damaged file is a sentence.

#![allow(clippy::unwrap_used)]

use brainstem::assemble::Sink;
use brainstem::corpus::{Corpus, Limits, Span};
use brainstem::event::{Event, Timestamp};
use brainstem::group::group;
use brainstem::history::{History, NIGHTS_MAX};
use brainstem::memory::{Seen, Snapshot, Unkept};
use brainstem::reduce::Reducer;
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const DAY: i64 = 86_400;
/// A Monday.
const EPOCH: i64 = 20_514 * DAY;
const KEEP_DAYS: i64 = 400;

/// An event: second from the first midnight, host, pattern.
type Line = (i64, Option<&'static str>, &'static str);

fn corpus(lines: &[Line], times_max: usize) -> Corpus {
    let mut reducer = Reducer::with_limits(Limits {
        times_max,
        ..Limits::default()
    });
    for (number, (second, host, message)) in lines.iter().enumerate() {
        let event = Event {
            timestamp: Some(Timestamp::from_seconds(EPOCH + second)),
            host: host.map(|host| host.as_bytes().into()),
            service: Some(b"ledger"[..].into()),
            message: message.as_bytes().into(),
            ..Event::default()
        };
        reducer.event(number as u64 + 1, message.as_bytes(), &event);
    }
    reducer.finish()
}

fn open(path: &Path) -> Snapshot {
    Snapshot::open(path, Duration::from_secs(1)).unwrap()
}

fn commit(snapshot: &mut Snapshot, corpus: &Corpus) -> Unkept {
    let seen = Seen {
        corpus,
        groups: &group(&corpus.patterns),
        items: &[],
        is_night: true,
        sources: &["night.log".into()],
        now: Timestamp::from_seconds(EPOCH + 100 * DAY),
    };
    snapshot.commit(&seen, KEEP_DAYS).unwrap()
}

/// What a night that starts then would see.
fn seen_from(snapshot: &Snapshot, second: i64) -> History {
    let start = Timestamp::from_seconds(EPOCH + second);
    let tonight = Corpus {
        span: Some(Span {
            first: start,
            last: start,
        }),
        ..Corpus::default()
    };
    snapshot.load(&tonight).unwrap()
}

/// All that is remembered after committing these, one after the other.
fn remembered(corpora: &[&Corpus]) -> History {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&folder.path().join("night.db"));
    for corpus in corpora {
        commit(&mut snapshot, corpus);
    }
    seen_from(&snapshot, 5 * DAY)
}

/// Without exact times, of which a run over many days may keep fewer than one over each.
fn without_times(mut history: History) -> History {
    for past in history.patterns.values_mut() {
        past.last_before = None;
        let nights = past.nights.iter_mut();
        nights
            .flat_map(|night| &mut night.hosts)
            .for_each(|host| host.times = None);
    }
    history
}

fn lines(max: usize) -> impl Strategy<Value = Vec<Line>> {
    let host = prop::sample::select(&[None, Some("db1"), Some("web2")][..]);
    let message = prop::sample::select(&["flush failed", "link lost", "pool nearly full"][..]);
    prop::collection::vec((0..3 * DAY, host, message), 1..max).prop_map(|mut lines| {
        lines.sort();
        lines
    })
}

/// The lines of a stretch of time.
fn cut(lines: &[Line], from: i64, to: i64) -> Vec<Line> {
    let within = |line: &&Line| from <= line.0 && line.0 < to;
    lines.iter().filter(within).copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn committing_is_a_join(
        all in lines(80),
        cuts in (0..3 * DAY, 0..3 * DAY),
        overlap in 0..DAY,
    ) {
        let (first, second) = (cuts.0.min(cuts.1), cuts.0.max(cuts.1));
        let part = |from, to| corpus(&cut(&all, from, to), 300);
        let a = part(0, first + overlap);
        let b = part(first, second + overlap);
        let c = part(second, 3 * DAY);
        let whole = remembered(&[&corpus(&all, 300)]);
        prop_assert_eq!(&remembered(&[&a, &b, &c]), &whole, "parts that overlap");
        prop_assert_eq!(&remembered(&[&c, &a, &b]), &whole, "in another order");
        prop_assert_eq!(&remembered(&[&a, &b, &a, &c, &b]), &whole, "and again");
    }

    #[test]
    fn counts_of_dense_patterns_join_where_logs_are_cut_between_slots(
        all in lines(200),
        cuts in (0..864i64, 0..864i64),
        overlap in 0..DAY,
    ) {
        let (first, second) = (cuts.0.min(cuts.1) * 300, cuts.0.max(cuts.1) * 300);
        let part = |from, to| corpus(&cut(&all, from, to), 0);
        let parts = [part(0, first + overlap), part(first, second + overlap), part(second, 3 * DAY)];
        let whole = without_times(remembered(&[&corpus(&all, 0)]));
        let [a, b, c] = &parts;
        prop_assert_eq!(&without_times(remembered(&[a, b, c])), &whole);
        prop_assert_eq!(&without_times(remembered(&[c, b, a, b])), &whole);
    }

    #[test]
    fn a_replay_sees_what_the_first_run_saw(all in lines(120), start in DAY..2 * DAY) {
        let folder = tempfile::tempdir().unwrap();
        let mut snapshot = open(&folder.path().join("night.db"));
        commit(&mut snapshot, &corpus(&cut(&all, 0, start), 300));
        let first = seen_from(&snapshot, start);
        commit(&mut snapshot, &corpus(&cut(&all, start, 3 * DAY), 300));
        let replay = seen_from(&snapshot, start);
        prop_assert_eq!(first, replay);
    }
}

#[test]
fn a_first_run_that_is_read_again_is_still_the_first() {
    // So many that only their five minutes are kept, which begin before the first of them.
    let lines: Vec<Line> = (0..40).map(|n| (2 + n * 30, None, "link lost")).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&folder.path().join("night.db"));
    let corpus = corpus(&lines, 10);
    commit(&mut snapshot, &corpus);
    assert!(snapshot.load(&corpus).unwrap().is_empty());
}

#[test]
fn nights_are_as_long_as_each_other_and_know_what_was_not_read() {
    let lines: Vec<Line> = [0, 1, 3]
        .into_iter()
        .flat_map(|day| {
            (0..24).map(move |hour| (day * DAY + hour * 3600, Some("db1"), "link lost"))
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&folder.path().join("night.db"));
    commit(&mut snapshot, &corpus(&lines, 300));
    let history = seen_from(&snapshot, 4 * DAY + 6 * 3600 + 17);
    let events: Vec<u64> = history.nights.iter().map(|night| night.events).collect();
    // Of the first night only what lies before its end at six in the morning was read.
    assert_eq!(events, [6, 24, 18, 6, 18]);
    assert_eq!(history.nights[4].hours_read(), 0..18);
    let past = history.patterns.values().next().unwrap();
    assert_eq!((past.nights_seen, past.nights.len()), (3, 5));
    assert_eq!(
        past.last_before.unwrap().seconds(),
        EPOCH + 3 * DAY + 23 * 3600
    );
    assert_eq!(history.covers_since.unwrap().seconds(), EPOCH);
}

#[test]
fn a_log_that_begins_ten_minutes_early_has_the_same_nights_cut_where_it_begins() {
    let minutely = (0..48 * 60).map(|minute| (minute * 60, Some("db1"), "link lost"));
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&folder.path().join("night.db"));
    commit(&mut snapshot, &corpus(&minutely.collect::<Vec<_>>(), 300));
    let starts_and_events = |second| -> Vec<(i64, u64)> {
        let nights = seen_from(&snapshot, second).nights;
        let start = |at: Timestamp| (at.seconds() - EPOCH) / DAY;
        nights.iter().map(|n| (start(n.start), n.events)).collect()
    };
    assert_eq!(starts_and_events(2 * DAY + 3), [(0, 1440), (1, 1440)]);
    assert_eq!(starts_and_events(2 * DAY - 600), [(0, 1440), (1, 1430)]);
}

#[test]
fn what_is_old_is_aged_and_then_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&folder.path().join("night.db"));
    let night = |day: i64| corpus(&[(day * DAY + 60, Some("db1"), "link lost")], 300);
    commit(&mut snapshot, &night(0));
    commit(&mut snapshot, &night(70));
    let id = *night(0).patterns.keys().next().unwrap();
    let known = snapshot.recall(id).unwrap().unwrap();
    assert_eq!((known.days.len(), known.days[0].events), (2, 1));
    commit(&mut snapshot, &night(0));
    assert_eq!(snapshot.recall(id).unwrap().unwrap().days.len(), 2);
    commit(&mut snapshot, &night(90));
    let seen = Seen {
        corpus: &night(95),
        groups: &[],
        items: &[],
        is_night: true,
        sources: &[],
        now: Timestamp::from_seconds(EPOCH + 100 * DAY),
    };
    snapshot.commit(&seen, 10).unwrap();
    let days = snapshot.recall(id).unwrap().unwrap().days;
    let days: Vec<i64> = days
        .iter()
        .map(|day| day.day.seconds() / DAY - EPOCH / DAY)
        .collect();
    assert_eq!(days, [90, 95]);
}

#[test]
fn an_input_that_is_too_large_to_be_judged_again_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&folder.path().join("night.db"));
    let letters = || (0..22).map(|letter| char::from(b'a' + letter));
    let words: Vec<String> = letters()
        .flat_map(|a| letters().map(move |b| format!("k{a}{b}")))
        .collect();
    let pairs = || words.iter().flat_map(|a| words.iter().map(move |b| [a, b]));
    let night = |patterns: usize| {
        let lines = pairs().take(patterns).map(|[one, other]| {
            let message: &'static str = format!("{one} {other}").leak();
            (0, None, message)
        });
        corpus(&lines.collect::<Vec<Line>>(), 300)
    };
    assert!(!commit(&mut snapshot, &night(400)).is_too_large);
    assert!(commit(&mut snapshot, &night(10_001)).is_too_large);
}

#[test]
fn a_stamp_from_the_future_makes_nothing_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&folder.path().join("night.db"));
    commit(&mut snapshot, &corpus(&[(0, None, "link lost")], 300));
    commit(
        &mut snapshot,
        &corpus(&[(40_000 * DAY, None, "flush failed")], 300),
    );
    let history = seen_from(&snapshot, DAY);
    assert_eq!(history.patterns.len(), 1);
    assert!(history.nights.len() <= NIGHTS_MAX);
}

#[test]
fn a_stray_stamp_from_the_past_does_not_hide_what_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&folder.path().join("night.db"));
    commit(&mut snapshot, &corpus(&[(0, None, "link lost")], 300));
    let mut lines: Vec<Line> = (0..200)
        .map(|n| (DAY + n * 60, None, "link lost"))
        .collect();
    lines.insert(0, (-EPOCH, None, "clock not set"));
    let tonight = corpus(&lines, 300);
    let history = snapshot.load(&tonight).unwrap();
    assert_eq!(history.covers_since.unwrap().seconds(), EPOCH);
    commit(&mut snapshot, &tonight);
    let history = seen_from(&snapshot, 2 * DAY);
    assert_eq!(history.covers_since.unwrap().seconds(), EPOCH);
    assert_eq!(history.nights.len(), 2);
}

#[test]
#[cfg(unix)]
fn a_snapshot_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("night.db");
    open(&path);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_no_snapshot_of_ours_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| {
        Snapshot::open(path, Duration::ZERO)
            .unwrap_err()
            .to_string()
    };
    let text = folder.path().join("text");
    fs::write(&text, "no database at all, but long enough to be looked at").unwrap();
    assert!(refused(&text).ends_with("name another one with --snapshot"));
    let other = folder.path().join("other.db");
    let connection = rusqlite::Connection::open(&other).unwrap();
    connection.execute_batch("CREATE TABLE mine (x)").unwrap();
    assert!(refused(&other).contains("no snapshot of brainstem"));
    let newer = folder.path().join("newer.db");
    open(&newer);
    let connection = rusqlite::Connection::open(&newer).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(refused(&newer).contains("a later release wrote this snapshot (version 99"));
    let held = folder.path().join("held.db");
    let mut snapshot = open(&held);
    let holder = rusqlite::Connection::open(&held).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let corpus = corpus(&[(0, None, "link lost")], 300);
    let seen = Seen {
        corpus: &corpus,
        groups: &[],
        items: &[],
        is_night: true,
        sources: &[],
        now: Timestamp(0),
    };
    let locked = snapshot.commit(&seen, KEEP_DAYS).unwrap_err().to_string();
    assert!(locked.contains("wait longer with --wait"), "{locked}");
}

/// What keeps readers apart from writers would lie beside the file, under a longer name than there may be:
/// so that nothing can be written for whoever runs this, the superuser included.
#[test]
fn a_snapshot_beside_which_nothing_can_be_written_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("night.db");
    let lines = corpus(&[(0, Some("db1"), "link lost")], 300);
    commit(&mut open(&path), &lines);
    let long = folder.path().join("n".repeat(253));
    fs::rename(&path, &long).unwrap();
    assert!(Snapshot::open_existing(&long, Duration::ZERO).is_err());
    let snapshot = Snapshot::open_to_ask(&long, Duration::ZERO).unwrap();
    let id = *lines.patterns.keys().next().unwrap();
    assert!(snapshot.recall(id).unwrap().is_some());
    drop(snapshot);
    fs::rename(&long, &path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    fs::rename(&path, &long).unwrap();
    let refused = Snapshot::open_to_ask(&long, Duration::ZERO).unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("earlier release") && said.contains("may only be read"),
        "{said}"
    );
}

/// Whatever is done to the file: an answer or a sentence and status 2, never a panic.
#[test]
fn a_damaged_snapshot_is_told_and_never_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("night.db");
    let lines: Vec<Line> = (0..400)
        .map(|n| {
            (
                n * 400,
                Some("db1"),
                if n % 7 == 0 {
                    "link lost"
                } else {
                    "flush failed"
                },
            )
        })
        .collect();
    commit(&mut open(&path), &corpus(&lines, 300));
    let whole = fs::read(&path).unwrap();
    let broken = folder.path().join("broken.db");
    let answers = |bytes: &[u8], what: &str| {
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(folder.path().join(format!("broken.db{end}")));
        }
        fs::write(&broken, bytes).unwrap();
        for words in ["scan fixtures/few.log", "digest", "recall ledger"] {
            let run = Command::new(env!("CARGO_BIN_EXE_brainstem"))
                .args(words.split(' '))
                .arg("--snapshot")
                .arg(&broken)
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&run.stderr).into_owned();
            assert!(!said.contains("panicked"), "{what}: {said}");
            match run.status.code() {
                Some(0 | 1) => {}
                Some(2) => assert!(said.contains("broken.db: "), "{what}: {said}"),
                other => panic!("{what}: {other:?}"),
            }
        }
    };
    for length in (0..whole.len()).step_by(whole.len() / 12) {
        answers(&whole[..length], &format!("cut at {length}"));
    }
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        for byte in bytes.iter_mut().skip(at).take(24) {
            *byte = byte.wrapping_mul(31).wrapping_add(77);
        }
        answers(&bytes, &format!("damaged at {at}"));
    }
}

#[test]
fn lines_of_which_nothing_is_kept_are_not_held() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot = open(&folder.path().join("night.db"));
    let mut corpus = corpus(&[(0, None, "link lost"), (7, None, "flush failed")], 300);
    commit(&mut snapshot, &corpus);
    assert!(snapshot.holds(&corpus).unwrap());
    corpus.limits.patterns_max = 1;
    corpus.patterns.pop_last();
    assert!(!snapshot.holds(&corpus).unwrap());
}
