//! Where tonight starts and since when memory reaches, whatever stamps nobody meant lie before.

use super::course::DAY_SECONDS;
use super::{Known, Snapshot};
use crate::corpus::{Corpus, SLOT_SECONDS};
use crate::event::Timestamp;
use std::collections::BTreeMap;

/// Days without any event that set stamps apart from those that follow.
const APART_DAYS: i64 = 60;

/// Where tonight starts: at its first event, but for strays, stamps that nobody meant. Those are
/// fewer than one event in a hundred, and [`APART_DAYS`] without any event set them apart.
pub(super) fn start(corpus: &Corpus) -> Option<Timestamp> {
    let span = corpus.span?;
    let apart = APART_DAYS * DAY_SECONDS;
    if span.last.seconds().saturating_sub(span.first.seconds()) <= apart {
        return Some(span.first);
    }
    let mut slots: BTreeMap<i64, u64> = BTreeMap::new();
    for host in corpus.patterns.values().flat_map(|p| p.hosts.as_slice()) {
        for time in host.times().unwrap_or_default() {
            *slots.entry(time.seconds()).or_default() += 1;
        }
        for slot in host.slots() {
            let start = i64::from(slot.index) * SLOT_SECONDS;
            *slots.entry(start).or_default() += u64::from(slot.count);
        }
    }
    let (mut begin, mut before, mut last) = (span.first, 0u64, None::<i64>);
    for (second, events) in slots {
        if before.saturating_mul(100) >= corpus.accounting.dated {
            break;
        }
        if last.is_some_and(|last| second.saturating_sub(last) > apart) {
            begin = Timestamp(second.saturating_mul(Timestamp::MICROS));
        }
        before += events;
        last = Some(second);
    }
    Some(begin)
}

impl Snapshot {
    /// The first event since which no stretch of [`APART_DAYS`] is empty: what is further apart is a
    /// wrong stamp, or so long ago that "not seen since" would promise too much.
    pub(super) fn covers_since(&self, start: Timestamp) -> Known<Option<Timestamp>> {
        let today = start.seconds().div_euclid(DAY_SECONDS);
        let sql = "SELECT day FROM days WHERE day <= ?1 ORDER BY day DESC";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([today])?;
        let mut earliest: Option<i64> = None;
        while let Some(row) = rows.next()? {
            let day: i64 = row.get(0)?;
            if earliest.is_some_and(|known| known.saturating_sub(day) > APART_DAYS) {
                break;
            }
            earliest = Some(day);
        }
        let Some(earliest) = earliest else {
            return Ok(None);
        };
        let micros = earliest.saturating_mul(DAY_SECONDS * Timestamp::MICROS);
        // What a pattern's own row tells is exact; of one that began before, only its course is left.
        let exact = "SELECT min(first) FROM patterns WHERE first >= ?1";
        let exact: Option<i64> = self
            .connection
            .query_row(exact, [micros], |row| row.get(0))?;
        let coarse = "SELECT min(a.first) FROM activity a JOIN patterns p USING (fingerprint) \
             WHERE a.day = ?1 AND p.first < ?2";
        let coarse: Option<i64> = self
            .connection
            .query_row(coarse, [earliest, micros], |row| row.get(0))?;
        let first = exact
            .into_iter()
            .chain(coarse.map(|at| at.max(micros)))
            .min();
        Ok(first.filter(|first| *first < start.0).map(Timestamp))
    }
}
