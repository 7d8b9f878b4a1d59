//! The latest inputs as they were read, to be judged again.
//!
//! A verdict is what the nights before a night make of it. Nights that are committed in another order
//! than they happened would leave verdicts that knew less than memory now does, and which ones those
//! are would depend on the order. So where an input is committed that begins before others that are
//! kept, and brings anything new, those others are stale: they are judged again, by what memory holds
//! from before them, and what was said of them gives way to what is said now. In the order of nights
//! nothing is ever stale, and all of this costs no more than to keep the input.
//!
//! Kept are those of the latest [`NIGHTS_MAX`] days, as far as there is room for them: what is older, or
//! was too large to be kept, keeps its verdicts.

use super::commit::{Seen, sweep, tomorrow};
use super::course::DAY_SECONDS;
use super::verdicts::{Judged, Run, judged, shown, write_verdicts};
use super::{Cause, Known, Problem, Snapshot};
use crate::corpus::{Corpus, Span};
use crate::detect::{Night, Thresholds, expected};
use crate::event::Timestamp;
use crate::finding::{Band, Item};
use crate::group::{Group, group};
use crate::history::NIGHTS_MAX;
use crate::score;
use rusqlite::{Transaction, TransactionBehavior, params};
use std::io::{self, Read};

/// What is kept at most, of however many hosts that are scanned one by one; the latest stay.
const ROOM: Room = Room {
    inputs: 2_000,
    bytes: 64 << 20,
};
const DAY_MICROS: i64 = DAY_SECONDS * Timestamp::MICROS;
/// Patterns of an input that is kept at most.
const PATTERNS_MAX: usize = 10_000;
/// Bytes of an input that is kept at most, unpacked.
const BYTES_MAX: u64 = 16 << 20;
/// What zstd takes trouble for: the least, since a snapshot has few of them.
const COMPRESSION_LEVEL: i32 = 1;

/// A cap on inputs, and one on their bytes as they are kept.
#[derive(Clone, Copy)]
struct Room {
    inputs: i64,
    bytes: i64,
}

/// What there was no room for when an input was committed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unkept {
    /// Earlier inputs of the latest nights that cannot be judged again any more.
    pub crowded_out: u64,
    /// Whether the input itself cannot, for its size.
    pub is_too_large: bool,
}

/// Keeps an input, if it can be judged again, and marks those that it brings `news` for.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    run: Run,
    seen: &Seen<'_>,
    news: bool,
) -> Known<Unkept> {
    let tomorrow = tomorrow_ends(seen.now);
    let mut unkept = Unkept::default();
    if seen.is_night {
        unkept.is_too_large = !insert(transaction, run, seen.corpus)?;
        unkept.crowded_out = make_room(transaction, tomorrow, ROOM)?;
    }
    if news {
        mark_stale(transaction, run.span, tomorrow)?;
    }
    Ok(unkept)
}

/// The last microsecond that a stamp may be of; what is later is a wrong stamp, and of no night.
fn tomorrow_ends(now: Timestamp) -> i64 {
    let day_after = DAY_MICROS.saturating_mul(tomorrow(now) + 1);
    day_after.saturating_sub(1)
}

/// Keeps an input; `false` where it is too large.
fn insert(transaction: &Transaction<'_>, run: Run, corpus: &Corpus) -> Known<bool> {
    if corpus.patterns.len() > PATTERNS_MAX {
        return Ok(false);
    }
    let known = "SELECT count(*) FROM inputs WHERE number = ?1";
    let known: i64 = transaction
        .prepare_cached(known)?
        .query_row([run.number()], |row| row.get(0))?;
    if known > 0 {
        return Ok(true);
    }
    let bytes = corpus.pack();
    if bytes.len() as u64 > BYTES_MAX {
        return Ok(false);
    }
    let packed = zstd::bulk::compress(&bytes, COMPRESSION_LEVEL)?;
    transaction.execute(
        "INSERT INTO inputs VALUES (?1, ?2, ?3, ?4, 0, ?5)",
        params![
            run.number(),
            run.span.first.0,
            run.span.last.0,
            run.lines,
            packed
        ],
    )?;
    Ok(true)
}

/// Forgets the inputs of nights that are not looked back on any more, and the earliest ones that there is no
/// room for; tells how many these are. An input with a wrong stamp is of the night of its first one, or of
/// none and the first to go.
fn make_room(transaction: &Transaction<'_>, tomorrow: i64, room: Room) -> Known<u64> {
    let latest = "SELECT max(iif(last <= ?1, last, first)) FROM inputs WHERE first <= ?1";
    let latest: Option<i64> = transaction.query_row(latest, [tomorrow], |row| row.get(0))?;
    if let Some(latest) = latest {
        let days = (NIGHTS_MAX as i64 - 1) * DAY_MICROS;
        transaction.execute(
            "DELETE FROM inputs WHERE iif(last <= ?1, last, first) < ?2",
            [tomorrow, day_of(latest).saturating_sub(days)],
        )?;
    }
    let crowded_out = transaction.execute(
        "DELETE FROM inputs WHERE number IN (SELECT number FROM (SELECT number, \
         row_number() OVER latest AS place, sum(length(corpus)) OVER latest AS bytes FROM inputs \
         WINDOW latest AS (ORDER BY first <= ?1 DESC, iif(last <= ?1, last, first) DESC, first DESC, \
         lines DESC, number)) WHERE place > ?2 OR bytes > ?3)",
        [tomorrow, room.inputs, room.bytes],
    )?;
    Ok(crowded_out as u64)
}

/// Marks the inputs that begin after `span` does, and all that share a day with what may be said of them,
/// the one of `span` itself too: of a group and day only the highest verdict of all inputs is kept, so where
/// one gives way, those that it stood before are needed again. What they say is as it was, so nothing
/// spreads from them.
fn mark_stale(transaction: &Transaction<'_>, span: Span, tomorrow: i64) -> Known<()> {
    let later_sql = "SELECT min(first) FROM inputs WHERE first > ?1 AND first <= ?2";
    let later = [span.first.0, tomorrow];
    let later: Option<i64> = transaction.query_row(later_sql, later, |row| row.get(0))?;
    if let Some(first) = later {
        let sql = "UPDATE inputs SET stale = stale + 1 WHERE last >= ?1 AND first <= ?2";
        transaction.execute(sql, [day_of(first), tomorrow])?;
    }
    Ok(())
}

/// Where the civil day of a time begins.
fn day_of(micros: i64) -> i64 {
    micros.saturating_sub(micros.rem_euclid(DAY_MICROS))
}

/// An input that is kept.
struct Kept {
    run: Run,
    corpus: Corpus,
}

impl Snapshot {
    /// Judges the inputs again that are stale; nearly always there are none. Others wait only while the
    /// verdicts are written.
    pub fn judge_again(&mut self, thresholds: Thresholds) -> Result<(), Problem> {
        let judged = self.try_judge_again(thresholds);
        judged.map_err(|cause| self.problem(cause))
    }

    fn try_judge_again(&self, thresholds: Thresholds) -> Known<()> {
        let reading = self.connection.unchecked_transaction()?;
        let stale = stale(&reading)?;
        if stale.is_empty() {
            return Ok(());
        }
        let mut all = Vec::with_capacity(stale.len());
        let mut lost = Vec::new();
        for (number, _) in &stale {
            let Some(kept) = kept(&reading, *number)? else {
                lost.push(*number);
                continue;
            };
            let (items, groups) = self.judge(&kept.corpus, thresholds)?;
            let told = judged(kept.run, &items, &groups, &kept.corpus);
            all.push((kept.run, told, shown(&items)));
        }
        reading.finish()?;
        let transaction =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        // Another run may have brought more news meanwhile: it judges by all of it.
        if self::stale(&transaction)? == stale {
            for number in lost {
                transaction.execute("DELETE FROM inputs WHERE number = ?1", [number])?;
            }
            replace(&transaction, &all)?;
            transaction.commit()?;
        }
        Ok(())
    }

    /// Judges an input by what memory holds from before it, as when it was read.
    fn judge(&self, corpus: &Corpus, thresholds: Thresholds) -> Known<(Vec<Item>, Vec<Group>)> {
        let mut groups = group(&corpus.patterns);
        let history = self.history(corpus)?;
        groups.extend(expected(corpus, &history));
        let night = Night::new(corpus, &groups, &history, thresholds);
        let mut items = score::judge_from(&night, Band::ALL[0]).items;
        drop(night);
        items.retain(|item| item.band >= Band::Background);
        Ok((items, groups))
    }
}

/// The inputs to be judged again, with how often they were marked, by time.
fn stale(transaction: &Transaction<'_>) -> Known<Vec<(i64, i64)>> {
    let sql = "SELECT number, stale FROM inputs WHERE stale > 0 ORDER BY first, last, lines";
    let mut statement = transaction.prepare(sql)?;
    let stale = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(stale.collect::<Result<_, _>>()?)
}

/// Puts what is said now of all stale inputs in the place of what was said of them.
fn replace(transaction: &Transaction<'_>, all: &[(Run, Vec<Judged>, i64)]) -> Known<()> {
    for (run, _, _) in all {
        let sql = "DELETE FROM verdicts WHERE input = ?1";
        transaction.prepare_cached(sql)?.execute([run.number()])?;
    }
    for (run, judged, shown) in all {
        write_verdicts(transaction, *run, judged)?;
        let Run { span, lines } = *run;
        transaction.execute(
            "UPDATE runs SET items = ?4 WHERE first = ?1 AND last = ?2 AND lines = ?3",
            params![span.first.0, span.last.0, lines, shown],
        )?;
    }
    transaction.execute("UPDATE inputs SET stale = 0 WHERE stale > 0", [])?;
    // Groups of verdicts that are no more.
    transaction.execute(
        "DELETE FROM members WHERE id NOT IN (SELECT id FROM verdicts) \
         AND id NOT IN (SELECT id FROM acknowledgements)",
        [],
    )?;
    sweep(transaction)
}

/// An input that is kept; `None` if it is none, for whatever reason: its verdicts stay as they are.
fn kept(transaction: &Transaction<'_>, number: i64) -> Known<Option<Kept>> {
    let sql = "SELECT first, last, lines, corpus FROM inputs WHERE number = ?1";
    let mut statement = transaction.prepare_cached(sql)?;
    let (run, packed) = statement.query_row([number], |row| {
        let span = Span {
            first: Timestamp(row.get(0)?),
            last: Timestamp(row.get(1)?),
        };
        let run = Run {
            span,
            lines: row.get(2)?,
        };
        Ok((run, row.get::<_, Vec<u8>>(3)?))
    })?;
    let corpus = unpacked(&packed).filter(|corpus| corpus.span == Some(run.span));
    Ok(corpus.map(|corpus| Kept { run, corpus }))
}

fn unpacked(packed: &[u8]) -> Option<Corpus> {
    let mut bytes = Vec::new();
    let decoder = zstd::stream::read::Decoder::new(packed).ok()?;
    let read = decoder.take(BYTES_MAX + 1).read_to_end(&mut bytes);
    read.ok().and_then(|_| Corpus::unpack(&bytes))
}

/// Packing touches no file: what it refuses is what it was given.
impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Cause::Damaged(error.to_string())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::time::Duration;

    const HOUR: i64 = DAY_MICROS / 24;
    /// The end of the days that are told of.
    const TOMORROW: i64 = 100 * DAY_MICROS - 1;

    /// A snapshot that keeps inputs which span these hours, each as large.
    fn keeping(path: &std::path::Path, inputs: &[(i64, i64)], bytes: usize) -> Snapshot {
        let snapshot = Snapshot::open(path, Duration::from_secs(1)).unwrap();
        for (number, (first, last)) in (0i64..).zip(inputs) {
            let sql = "INSERT INTO inputs VALUES (?1, ?2, ?3, 1, 0, zeroblob(?4))";
            let (first, last) = (first.saturating_mul(HOUR), last.saturating_mul(HOUR));
            let row = params![number, first, last, bytes as i64];
            snapshot.connection.execute(sql, row).unwrap();
        }
        snapshot
    }

    #[test]
    fn all_that_share_a_day_with_a_later_input_are_judged_again_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        // Two nights from noon to noon, the morning, the input that comes late, the afternoon, and a
        // wrong stamp.
        let inputs = [
            (12, 35),
            (36, 59),
            (72, 79),
            (80, 87),
            (88, 95),
            (40_000, 40_001),
        ];
        let snapshot = keeping(&folder.path().join("night.db"), &inputs, 1);
        let transaction = snapshot.connection.unchecked_transaction().unwrap();
        let late = Span {
            first: Timestamp(80 * HOUR),
            last: Timestamp(87 * HOUR),
        };
        mark_stale(&transaction, late, TOMORROW).unwrap();
        let stale = stale(&transaction).unwrap();
        assert_eq!(stale, [(2, 1), (3, 1), (4, 1)]);
    }

    #[test]
    fn the_latest_nights_are_kept_and_what_has_no_room_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let left = |name: &str, room: Room| {
            // Twelve hosts of forty nights, with a wrong stamp in the first, and one that is all wrong.
            let hosts = (0..480).map(|n| (n / 12 * 24 + 1, n / 12 * 24 + 23));
            let wrong = [(1, i64::MAX), (i64::MAX, i64::MAX)];
            let inputs: Vec<(i64, i64)> = hosts.chain(wrong).collect();
            let snapshot = keeping(&folder.path().join(name), &inputs, 100);
            let transaction = snapshot.connection.unchecked_transaction().unwrap();
            let crowded_out = make_room(&transaction, TOMORROW, room).unwrap();
            let sql = "SELECT count(*), min(first) FROM inputs";
            let left: (i64, i64) = transaction
                .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap();
            (crowded_out, left.0, left.1.div_euclid(DAY_MICROS))
        };
        assert_eq!(left("all.db", ROOM), (0, 35 * 12 + 1, 5));
        let (inputs, bytes) = (24, 2_400);
        assert_eq!(left("few.db", Room { inputs, ..ROOM }), (397, 24, 38));
        assert_eq!(left("small.db", Room { bytes, ..ROOM }), (397, 24, 38));
    }
}
