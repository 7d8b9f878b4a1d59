//! The latest inputs as they were read, to be judged again.
//!
//! A verdict is what the nights before a night make of it. Nights that are committed in another order
//! than they happened would leave verdicts that knew less than memory now does, and which ones those
//! are would depend on the order. So where an input is committed that begins before others that are
//! kept, and brings anything new, those others are stale: they are judged again, by what memory holds
//! from before them, and what was said of them gives way to what is said now. In the order of nights
//! nothing is ever stale, and all of this costs no more than to keep the input.
//!
//! Kept are the latest [`INPUTS_MAX`]: what is older, or was too large to be kept, keeps its verdicts.

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

/// Inputs kept at most, the latest ones: as many nights as detectors look back on.
const INPUTS_MAX: usize = NIGHTS_MAX;
/// Patterns of an input that is kept at most.
const PATTERNS_MAX: usize = 10_000;
/// Bytes of an input that is kept at most, unpacked.
const BYTES_MAX: u64 = 16 << 20;
/// What zstd takes trouble for: the least, since a snapshot has few of them.
const COMPRESSION_LEVEL: i32 = 1;

/// Keeps an input, if it can be judged again, and marks those that it brings `news` for.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    run: Run,
    seen: &Seen<'_>,
    news: bool,
) -> Known<()> {
    if seen.is_night && seen.corpus.patterns.len() <= PATTERNS_MAX {
        insert(transaction, run, seen)?;
    }
    match news {
        true => mark_stale(transaction, run.span, tomorrow_ends(seen.now)),
        false => Ok(()),
    }
}

/// The last microsecond that a stamp may be of; what is later is a wrong stamp, and of no night.
fn tomorrow_ends(now: Timestamp) -> i64 {
    let day = (DAY_SECONDS * Timestamp::MICROS).saturating_mul(tomorrow(now) + 1);
    day.saturating_sub(1)
}

fn insert(transaction: &Transaction<'_>, run: Run, seen: &Seen<'_>) -> Known<()> {
    let known = "SELECT count(*) FROM inputs WHERE number = ?1";
    let known: i64 = transaction
        .prepare_cached(known)?
        .query_row([run.number()], |row| row.get(0))?;
    let bytes = seen.corpus.pack();
    if known > 0 || bytes.len() as u64 > BYTES_MAX {
        return Ok(());
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
    // An input with a wrong stamp is of the night of its first one, or of none and the first to go.
    transaction.execute(
        "DELETE FROM inputs WHERE number NOT IN (SELECT number FROM inputs ORDER BY first <= ?2 DESC, \
         iif(last <= ?2, last, first) DESC, first DESC, lines DESC LIMIT ?1)",
        [INPUTS_MAX as i64, tomorrow_ends(seen.now)],
    )?;
    Ok(())
}

/// Marks the inputs that begin after `span` does, and with them all that overlap, the one of `span` itself
/// too, since of a group and day only the highest verdict of all inputs is kept.
fn mark_stale(transaction: &Transaction<'_>, span: Span, tomorrow: i64) -> Known<()> {
    let later = "SELECT count(*) FROM inputs WHERE first > ?1 AND first <= ?2";
    let later: i64 = transaction.query_row(later, [span.first.0, tomorrow], |row| row.get(0))?;
    if later == 0 {
        return Ok(());
    }
    let mut since = span.first.0;
    loop {
        let sql = "SELECT min(first) FROM inputs WHERE last >= ?1";
        let first: Option<i64> = transaction.query_row(sql, [since], |row| row.get(0))?;
        match first.filter(|first| *first < since) {
            Some(first) => since = first,
            None => break,
        }
    }
    let sql = "UPDATE inputs SET stale = stale + 1 WHERE last >= ?1";
    transaction.execute(sql, [since])?;
    Ok(())
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
