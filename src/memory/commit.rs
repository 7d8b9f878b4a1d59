//! Remembering a run: one short transaction that joins what the run saw to what is there.
//!
//! Every table but `runs` is joined by a rule that is commutative, associative and idempotent: the
//! smaller text, the earlier first, the later last, the higher verdict, [`Day::join`]. A verdict is what
//! the nights before make of a night: where one of them is committed later, it is judged again (see
//! [`inputs`]). What is older than the retention is deleted, what is older than [`FINE_DAYS`] is aged, both counted from the latest day
//! in memory.

use super::course::{Course, DAY_SECONDS, Day};
use super::inputs::{self, Unkept};
use super::verdicts::{Run, judged, write_verdicts};
use super::{Cause, FINE_DAYS, Known, Problem, Snapshot, VACUUM_PAGES, damaged, signed};
use crate::corpus::{Corpus, Host, Pattern, SLOT_SECONDS};
use crate::event::Timestamp;
use crate::finding::Item;
use crate::group::Group;
use crate::signature::Fingerprint;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Days from 1970 beyond which a stamp is one that nobody meant; they are not remembered.
pub(super) const DAY_MAX: i64 = 1 << 24;

/// What a run saw, to be remembered.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The patterns.
    pub corpus: &'a Corpus,
    /// Their groups.
    pub groups: &'a [Group],
    /// What was judged of them, muted or not.
    pub items: &'a [Item],
    /// Whether they were judged as a night, which is to be judged again when an earlier one is committed
    /// later.
    pub is_night: bool,
    /// The inputs as the user named them.
    pub sources: &'a [String],
    /// The present: later days than tomorrow are wrong stamps, by which nothing is forgotten.
    pub now: Timestamp,
}

impl Snapshot {
    /// Joins what a run saw, and forgets what is more than `keep_days` before the latest day. Tells
    /// which inputs cannot be judged again, for want of room.
    pub fn commit(&mut self, seen: &Seen<'_>, keep_days: i64) -> Result<Unkept, Problem> {
        let committed = self.try_commit(seen, keep_days);
        committed.map_err(|cause| self.problem(cause))
    }

    fn try_commit(&mut self, seen: &Seen<'_>, keep_days: i64) -> Known<Unkept> {
        self.connection
            .pragma_update(None, "synchronous", "NORMAL")?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writer = Writer {
            transaction: &transaction,
            aged: aged_days(&transaction)?,
            hosts: HashMap::new(),
            touched: BTreeSet::new(),
        };
        for (fingerprint, pattern) in &seen.corpus.patterns {
            writer.pattern(*fingerprint, pattern, seen.corpus)?;
        }
        writer.count_days()?;
        let news = !writer.touched.is_empty();
        let unkept = match Run::of(seen.corpus) {
            // A part of a night that is remembered whole says nothing of the night.
            Some(run) if !news && run.is_part(&transaction)? => Unkept::default(),
            run => writer.judged(run, seen, news)?,
        };
        forget(&transaction, keep_days, seen.now)?;
        transaction.commit()?;
        self.connection
            .execute_batch(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
        Ok(unkept)
    }
}

fn aged_days(transaction: &Transaction<'_>) -> Known<BTreeSet<i64>> {
    let mut statement = transaction.prepare("SELECT day FROM days WHERE aged = 1")?;
    let days = statement.query_map([], |row| row.get(0))?;
    Ok(days.collect::<Result<_, _>>()?)
}

/// Writes into one transaction.
struct Writer<'a> {
    transaction: &'a Transaction<'a>,
    aged: BTreeSet<i64>,
    /// The numbers of hosts met so far.
    hosts: HashMap<Option<Arc<str>>, u32>,
    /// The days whose activity changed.
    touched: BTreeSet<i64>,
}

impl Writer<'_> {
    fn pattern(&mut self, id: Fingerprint, pattern: &Pattern, corpus: &Corpus) -> Known<()> {
        let first = pattern.span.map(|span| span.first.0);
        let undated = (pattern.undated() > 0).then(|| corpus.span.map_or(0, |span| span.first.0));
        write_text(
            self.transaction,
            id,
            pattern.service.as_deref(),
            &pattern.display,
            (first, undated),
        )?;
        let mut days: BTreeMap<i64, Day> = BTreeMap::new();
        for host in pattern.hosts.as_slice() {
            let Some(span) = host.span() else { continue };
            let number = self.host(host, span.first, span.last)?;
            self.transaction
                .prepare_cached(
                    "INSERT INTO pattern_hosts VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE \
                     SET first = excluded.first WHERE excluded.first < first",
                )?
                .execute(params![signed(id), number, span.first.0])?;
            for (day, course) in courses(host) {
                days.entry(day).or_default().hosts.insert(number, course);
            }
        }
        for (day, activity) in days {
            self.activity(day, id, activity)?;
        }
        Ok(())
    }

    /// The first and the last of the examples that an input kept.
    fn examples(&self, id: Fingerprint, pattern: &Pattern) -> Known<()> {
        let examples = pattern.examples.as_slice();
        for example in examples {
            let Some(at) = example.timestamp else {
                continue;
            };
            for (place, order) in [(0, "<"), (1, ">")] {
                let sql = format!(
                    "INSERT INTO examples VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE \
                     SET at = excluded.at, text = excluded.text, source = excluded.source, \
                     line = excluded.line WHERE (excluded.at, excluded.text, excluded.source, \
                     excluded.line) {order} (at, text, source, line)"
                );
                self.transaction.prepare_cached(&sql)?.execute(params![
                    signed(id),
                    place,
                    at.0,
                    example.text,
                    example.source,
                    example.line as i64
                ])?;
            }
        }
        Ok(())
    }

    /// The host's number; 0 for no host.
    fn host(&mut self, host: &Host, first: Timestamp, last: Timestamp) -> Known<u32> {
        let number = match self.hosts.get(&host.name) {
            Some(number) => *number,
            None => {
                let number = self.new_host(host.name.as_deref(), first)?;
                self.hosts.insert(host.name.clone(), number);
                number
            }
        };
        self.transaction
            .prepare_cached(
                "UPDATE hosts SET first = min(first, ?2), last = max(last, ?3) \
                 WHERE number = ?1 AND (first > ?2 OR last < ?3)",
            )?
            .execute(params![number, first.0, last.0])?;
        Ok(number)
    }

    fn new_host(&self, name: Option<&str>, at: Timestamp) -> Known<u32> {
        let number = self
            .transaction
            .prepare_cached("SELECT number FROM hosts WHERE name IS ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if let Some(number) = number {
            return Ok(number);
        }
        let next = "SELECT coalesce(max(number), 0) + 1 FROM hosts";
        let number: u32 = match name {
            None => 0,
            Some(_) => self.transaction.query_row(next, [], |row| row.get(0))?,
        };
        self.transaction.execute(
            "INSERT INTO hosts VALUES (?1, ?2, ?3, ?3)",
            params![number, name, at.0],
        )?;
        Ok(number)
    }

    /// What the run said of what it saw.
    fn judged(&self, run: Option<Run>, seen: &Seen<'_>, news: bool) -> Known<Unkept> {
        for (id, pattern) in &seen.corpus.patterns {
            self.examples(*id, pattern)?;
        }
        let Some(run) = run else {
            return Ok(Unkept::default());
        };
        run.write(self.transaction, seen)?;
        let judged = judged(run, seen.items, seen.groups, seen.corpus);
        write_verdicts(self.transaction, run, &judged)?;
        inputs::keep(self.transaction, run, seen, news)
    }

    fn activity(&mut self, day: i64, id: Fingerprint, mut told: Day) -> Known<()> {
        if self.aged.contains(&day) {
            told.age();
        }
        let known: Option<Vec<u8>> = self
            .transaction
            .prepare_cached("SELECT course FROM activity WHERE day = ?1 AND fingerprint = ?2")?
            .query_row(params![day, signed(id)], |row| row.get(0))
            .optional()?;
        if let Some(known) = &known {
            told.join(Day::decode(known).ok_or_else(|| damaged("an activity is no activity"))?);
        }
        let course = told.encode();
        if known.is_some_and(|known| known == course) {
            return Ok(());
        }
        self.touched.insert(day);
        write_day(self.transaction, day, signed(id), &told, &course)
    }

    /// Sums up the days that changed.
    fn count_days(&self) -> Known<()> {
        for day in &self.touched {
            self.transaction
                .prepare_cached(
                    "INSERT INTO days SELECT ?1, coalesce(sum(events), 0), count(*), 0 \
                     FROM activity WHERE day = ?1 ON CONFLICT DO UPDATE \
                     SET events = excluded.events, patterns = excluded.patterns",
                )?
                .execute([day])?;
        }
        Ok(())
    }
}

/// What a pattern or a group says: the smallest of what was told, as in a corpus. With when it was seen
/// first, with a time and without.
pub(super) fn write_text(
    transaction: &Transaction<'_>,
    id: Fingerprint,
    service: Option<&str>,
    pattern: &str,
    (first, undated): (Option<i64>, Option<i64>),
) -> Known<()> {
    transaction
        .prepare_cached(
            "INSERT INTO patterns VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET \
             service = coalesce(min(service, excluded.service), service, excluded.service), \
             pattern = min(pattern, excluded.pattern), \
             first = coalesce(min(first, excluded.first), first, excluded.first), \
             undated = coalesce(min(undated, excluded.undated), undated, excluded.undated)",
        )?
        .execute(params![signed(id), service, pattern, first, undated])?;
    Ok(())
}

/// Writes an activity with the columns that are read off its course.
fn write_day(
    transaction: &Transaction<'_>,
    day: i64,
    fingerprint: i64,
    told: &Day,
    course: &[u8],
) -> Known<()> {
    let Some((first, last)) = told.ends() else {
        return Ok(());
    };
    if day.abs() > DAY_MAX {
        return Err(damaged("a day is out of range"));
    }
    let micros = |second: u32| (day * DAY_SECONDS + i64::from(second)) * Timestamp::MICROS;
    transaction
        .prepare_cached("INSERT OR REPLACE INTO activity VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![
            day,
            fingerprint,
            told.count() as i64,
            told.hosts.len() as i64,
            micros(first),
            micros(last),
            course
        ])?;
    Ok(())
}

/// What a host's events were on each day.
pub(super) fn courses(host: &Host) -> Vec<(i64, Course)> {
    let mut days: BTreeMap<i64, Course> = BTreeMap::new();
    if let Some(times) = host.times() {
        let mut by_day: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for time in times {
            let (day, second) = (
                time.seconds().div_euclid(DAY_SECONDS),
                time.seconds().rem_euclid(DAY_SECONDS),
            );
            by_day.entry(day).or_default().push(second as u32);
        }
        days.extend(
            by_day
                .into_iter()
                .map(|(day, times)| (day, Course::of_times(times))),
        );
    }
    let per_day = (DAY_SECONDS / SLOT_SECONDS) as i32;
    for slot in host.slots() {
        let (day, index) = (
            slot.index.div_euclid(per_day),
            slot.index.rem_euclid(per_day),
        );
        let course = days
            .entry(i64::from(day))
            .or_insert_with(|| Course::of_slots(Vec::new()));
        course.slots.push((index as u32, slot.count));
    }
    let mut days: Vec<(i64, Course)> = days.into_iter().collect();
    days.retain(|(day, _)| day.abs() <= DAY_MAX);
    days
}

/// The last day of which a stamp may be, given the present.
pub(super) fn tomorrow(now: Timestamp) -> i64 {
    now.seconds().div_euclid(DAY_SECONDS) + 1
}

/// Deletes what is older than the retention, and ages what is older than [`FINE_DAYS`].
fn forget(transaction: &Transaction<'_>, keep_days: i64, now: Timestamp) -> Known<()> {
    let latest: Option<i64> = transaction.query_row(
        "SELECT max(day) FROM days WHERE day <= ?1",
        [tomorrow(now)],
        |row| row.get(0),
    )?;
    let Some(latest) = latest else { return Ok(()) };
    let oldest = latest.saturating_sub(keep_days);
    let outdated: i64 = transaction.query_row(
        "SELECT count(*) FROM days WHERE day < ?1",
        [oldest],
        |row| row.get(0),
    )?;
    if outdated > 0 {
        for table in ["activity", "verdicts", "days"] {
            transaction.execute(&format!("DELETE FROM {table} WHERE day < ?1"), [oldest])?;
        }
        let micros = oldest.saturating_mul(DAY_SECONDS * Timestamp::MICROS);
        for table in ["runs", "inputs"] {
            transaction.execute(&format!("DELETE FROM {table} WHERE last < ?1"), [micros])?;
        }
        sweep(transaction)?;
    }
    age(transaction, latest.saturating_sub(FINE_DAYS))
}

/// Deletes what nothing tells of any more.
pub(super) fn sweep(transaction: &Transaction<'_>) -> Known<()> {
    transaction.execute_batch(
        "DELETE FROM patterns WHERE undated IS NULL \
           AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.fingerprint = patterns.fingerprint) \
           AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.id = patterns.fingerprint) \
           AND NOT EXISTS (SELECT 1 FROM acknowledgements k WHERE k.id = patterns.fingerprint) \
           AND NOT EXISTS (SELECT 1 FROM remarks r \
             WHERE r.target = printf('bs1-%016x', patterns.fingerprint));
         DELETE FROM pattern_hosts WHERE fingerprint NOT IN (SELECT fingerprint FROM patterns);
         DELETE FROM examples WHERE fingerprint NOT IN (SELECT fingerprint FROM patterns);
         DELETE FROM members WHERE id NOT IN (SELECT fingerprint FROM patterns);",
    )?;
    Ok(())
}

fn age(transaction: &Transaction<'_>, before: i64) -> Known<()> {
    let days: Vec<i64> = transaction
        .prepare_cached("SELECT day FROM days WHERE day < ?1 AND aged = 0")?
        .query_map([before], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for day in days {
        let fine: Vec<(i64, Vec<u8>)> = transaction
            .prepare_cached("SELECT fingerprint, course FROM activity WHERE day = ?1")?
            .query_map([day], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (fingerprint, course) in fine {
            let mut told =
                Day::decode(&course).ok_or_else(|| damaged("an activity is no activity"))?;
            told.age();
            write_day(transaction, day, fingerprint, &told, &told.encode())?;
        }
        transaction.execute("UPDATE days SET aged = 1 WHERE day = ?1", [day])?;
    }
    Ok(())
}

impl From<std::num::TryFromIntError> for Cause {
    fn from(_: std::num::TryFromIntError) -> Self {
        damaged("a number is out of range")
    }
}
