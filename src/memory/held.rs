//! Whether memory holds a log already, or a part of one.

use super::commit::courses;
use super::course::Day;
use super::{Known, Problem, Snapshot, damaged, signed};
use crate::corpus::{Corpus, Pattern, Span};
use crate::event::Timestamp;
use crate::signature::Fingerprint;
use rusqlite::{OptionalExtension, params};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

impl Snapshot {
    /// What the committed inputs spanned, by their first event.
    pub fn runs(&self) -> Result<Vec<Span>, Problem> {
        self.known(|| {
            let sql = "SELECT first, last FROM runs ORDER BY first, last";
            let mut statement = self.connection.prepare(sql)?;
            let runs = statement.query_map([], |row| {
                Ok(Span {
                    first: Timestamp(row.get(0)?),
                    last: Timestamp(row.get(1)?),
                })
            })?;
            Ok(runs.collect::<Result<_, _>>()?)
        })
    }

    /// Whether each event of a corpus is remembered: committing it would change nothing of what
    /// happened when and where. Events without a time are not asked for; what the corpus has no room
    /// for is not held.
    pub fn holds(&self, corpus: &Corpus) -> Result<bool, Problem> {
        if corpus.other() > 0 {
            return Ok(false);
        }
        self.known(|| {
            let sql = "SELECT name, number FROM hosts";
            let mut statement = self.connection.prepare(sql)?;
            let numbers = statement.query_map([], |row| {
                let name: Option<String> = row.get(0)?;
                Ok((name.map(Arc::from), row.get(1)?))
            })?;
            let numbers: HashMap<Option<Arc<str>>, u32> = numbers.collect::<Result<_, _>>()?;
            for (id, pattern) in &corpus.patterns {
                if !self.holds_pattern(*id, pattern, &numbers)? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    fn holds_pattern(
        &self,
        id: Fingerprint,
        pattern: &Pattern,
        numbers: &HashMap<Option<Arc<str>>, u32>,
    ) -> Known<bool> {
        let mut days: BTreeMap<i64, Day> = BTreeMap::new();
        for host in pattern.hosts.as_slice() {
            let Some(number) = numbers.get(&host.name) else {
                return Ok(false);
            };
            for (day, course) in courses(host) {
                days.entry(day).or_default().hosts.insert(*number, course);
            }
        }
        for (day, told) in days {
            let known: Option<Vec<u8>> = self
                .connection
                .prepare_cached("SELECT course FROM activity WHERE day = ?1 AND fingerprint = ?2")?
                .query_row(params![day, signed(id)], |row| row.get(0))
                .optional()?;
            let Some(known) = known else { return Ok(false) };
            let known = Day::decode(&known).ok_or_else(|| damaged("an activity is no activity"))?;
            let mut joined = known.clone();
            joined.join(told);
            if joined != known {
                return Ok(false);
            }
        }
        Ok(pattern.events_elsewhere() == 0)
    }
}
