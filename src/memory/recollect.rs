//! Asking memory alone: what is remembered of a pattern, what earned attention over a stretch of
//! nights, and how whole memory is.

use super::alike::{alike, words};
use super::course::{DAY_SECONDS, Day};
use super::{Acknowledged, Known, Problem, Snapshot, damaged, fingerprint, signed};
use crate::corpus::{SLOT_SECONDS, Span};
use crate::event::{Severity, Timestamp};
use crate::finding::{Band, Signal};
use crate::history::{Remark, RemarkKind};
use crate::memory::Target;
use crate::signature::Fingerprint;
use crate::window::Window;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::{BTreeMap, BTreeSet};

/// Occurrences further apart than this are two episodes.
const EPISODE_GAP_SECONDS: i64 = 3600;
/// A stretch without any committed input that is worth telling.
const GAP_SECONDS_MIN: i64 = 6 * 3600;
/// How alike two patterns are at least to be called near.
const NEAR_MIN: f64 = 0.4;
/// Near patterns told at most.
const NEAR_MAX: usize = 5;

/// A pattern on one civil day (UTC).
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    /// Where the day starts.
    pub day: Timestamp,
    /// Dated events.
    pub events: u64,
    /// Hosts.
    pub hosts: u64,
    /// The highest band it earned.
    pub band: Option<Band>,
    /// The `candidate_type` of it.
    pub kind: Option<Signal>,
}

/// What is remembered of a pattern or a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Recollection {
    /// Its id.
    pub id: Fingerprint,
    /// Its service.
    pub service: Option<String>,
    /// What it says.
    pub pattern: String,
    /// Its first dated event ever.
    pub first_ever: Option<Timestamp>,
    /// Its last dated event, to five minutes where exact times are not kept.
    pub last: Option<Timestamp>,
    /// The days on which it was seen, oldest first.
    pub days: Vec<Occurrence>,
    /// Stretches of it that an hour without it sets apart.
    pub episodes: u64,
    /// The hosts it was seen on, sorted.
    pub hosts: Vec<String>,
    /// Whether the user acknowledged or muted it.
    pub acknowledged: Option<Acknowledged>,
    /// What the user said of it.
    pub remarks: Vec<Remark>,
    /// Whether it was seen on the latest day in memory.
    pub present: bool,
    /// The last example.
    pub example: Option<Sighting>,
}

/// An example with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The input as the user named it.
    pub source: String,
    /// 1-based.
    pub line: u64,
    /// The whole event.
    pub text: String,
}

/// What a group earned on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The group.
    pub id: Fingerprint,
    /// Its service.
    pub service: Option<String>,
    /// What it says.
    pub pattern: String,
    /// Its first event in that input.
    pub at: Timestamp,
    /// Its last event in that input.
    pub last: Timestamp,
    /// The band.
    pub band: Band,
    /// The score, 0..=1.
    pub score: f64,
    /// The `candidate_type`.
    pub kind: Option<Signal>,
    /// How loud it was.
    pub severity: Option<Severity>,
    /// Events.
    pub events: u64,
    /// Hosts.
    pub hosts: u64,
    /// Whether something else rang for it: critical or louder, or from an alert source.
    pub alerted: bool,
    /// Why it mattered, in sentences.
    pub why: String,
}

/// How whole memory is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Health {
    /// The earliest dated event.
    pub covers_since: Option<Timestamp>,
    /// The latest dated event of any committed input.
    pub covers_until: Option<Timestamp>,
    /// Days of which anything was read.
    pub days: u64,
    /// Patterns that were ever seen and not forgotten.
    pub patterns: u64,
    /// Inputs committed.
    pub runs: u64,
    /// Stretches of six hours or more that no committed input spans, oldest first.
    pub gaps: Vec<Span>,
}

/// What the days of a pattern come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// The pattern.
    pub id: Fingerprint,
    /// Its service.
    pub service: Option<String>,
    /// What it says.
    pub pattern: String,
    /// The days since 1970 on which it was seen, ascending.
    pub days: Vec<i64>,
}

impl Snapshot {
    /// What is remembered of a pattern or a group; `None` if it was never seen.
    pub fn recall(&self, id: Fingerprint) -> Result<Option<Recollection>, Problem> {
        self.known(|| self.try_recall(id))
    }

    fn try_recall(&self, id: Fingerprint) -> Known<Option<Recollection>> {
        let sql = "SELECT service, pattern FROM patterns WHERE fingerprint = ?1";
        let text = self.connection.query_row(sql, [signed(id)], |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, String>(1)?))
        });
        let Some((service, pattern)) = text.optional()? else {
            return Ok(None);
        };
        let members = "SELECT ?1 UNION SELECT fingerprint FROM members WHERE id = ?1";
        let first = format!("SELECT min(first) FROM patterns WHERE fingerprint IN ({members})");
        let first: Option<i64> = self
            .connection
            .query_row(&first, [signed(id)], |row| row.get(0))?;
        let mut days: BTreeMap<i64, (u64, BTreeSet<u32>)> = BTreeMap::new();
        let mut times = BTreeSet::new();
        let sql = format!("SELECT day, course FROM activity WHERE fingerprint IN ({members})");
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([signed(id)])?;
        while let Some(row) = rows.next()? {
            let (day, told) = activity(row)?;
            let sum = days.entry(day).or_default();
            sum.0 += told.count();
            sum.1.extend(told.hosts.keys());
            times.extend(seconds(day, &told));
        }
        let latest: Option<i64> =
            self.connection
                .query_row("SELECT max(day) FROM days", [], |row| row.get(0))?;
        let present = latest.is_some_and(|latest| days.contains_key(&latest));
        let mut occurrences = Vec::with_capacity(days.len());
        for (day, (events, hosts)) in days {
            let (band, kind) = self.verdict_of(day, id)?;
            occurrences.push(Occurrence {
                day: Timestamp::from_seconds(day * DAY_SECONDS),
                events,
                hosts: hosts.len() as u64,
                band,
                kind,
            });
        }
        Ok(Some(Recollection {
            id,
            service,
            pattern,
            first_ever: first.map(Timestamp),
            last: times.last().map(|second| Timestamp::from_seconds(*second)),
            days: occurrences,
            episodes: episodes(&times),
            hosts: self.hosts_of(id)?,
            acknowledged: self.acknowledged(id)?,
            remarks: self.remarks_on(&Target::Pattern(id))?,
            present,
            example: self.example_of(id)?,
        }))
    }

    /// The highest verdict on a pattern or its group on a day.
    fn verdict_of(&self, day: i64, id: Fingerprint) -> Known<(Option<Band>, Option<Signal>)> {
        let sql = "SELECT band, kind FROM verdicts WHERE day = ?1 AND id IN \
             (SELECT ?2 UNION SELECT id FROM members WHERE fingerprint = ?2) \
             ORDER BY score DESC LIMIT 1";
        let found = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![day, signed(id)], |row| {
                Ok((row.get::<_, usize>(0)?, row.get::<_, Option<String>>(1)?))
            })
            .optional()?;
        let Some((band, kind)) = found else {
            return Ok((None, None));
        };
        Ok((Some(read_band(band)?), kind.and_then(|k| signal(&k))))
    }

    fn hosts_of(&self, id: Fingerprint) -> Known<Vec<String>> {
        let sql = "SELECT DISTINCT h.name FROM pattern_hosts p JOIN hosts h ON h.number = p.host \
             WHERE h.name IS NOT NULL AND p.fingerprint IN \
             (SELECT ?1 UNION SELECT fingerprint FROM members WHERE id = ?1) ORDER BY h.name";
        let mut statement = self.connection.prepare(sql)?;
        let names = statement.query_map([signed(id)], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    fn example_of(&self, id: Fingerprint) -> Known<Option<Sighting>> {
        let sql = "SELECT source, line, text FROM examples WHERE fingerprint IN \
             (SELECT ?1 UNION SELECT fingerprint FROM members WHERE id = ?1) \
             ORDER BY at DESC, text DESC LIMIT 1";
        let example = self.connection.query_row(sql, [signed(id)], |row| {
            Ok(Sighting {
                source: row.get(0)?,
                line: row.get(1)?,
                text: row.get(2)?,
            })
        });
        Ok(example.optional()?)
    }

    /// What the user said of a target.
    pub(super) fn remarks_on(&self, target: &Target) -> Known<Vec<Remark>> {
        let of_it = self.all_remarks()?.into_iter();
        Ok(of_it
            .filter(|(of, _)| of == target)
            .map(|(_, remark)| remark)
            .collect())
    }

    /// The patterns whose words, their service's included, are most like these, with how like they
    /// are ([`alike`]), most alike first.
    pub fn near(&self, pattern: &str) -> Result<Vec<(f64, Fingerprint)>, Problem> {
        self.known(|| {
            let wanted = words(pattern);
            let sql = "SELECT fingerprint, coalesce(service, '') || ' ' || pattern FROM patterns";
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            let mut near = Vec::new();
            while let Some(row) = rows.next()? {
                let text: String = row.get(1)?;
                let alike = alike(&wanted, &words(&text));
                if alike >= NEAR_MIN {
                    near.push((alike, fingerprint(row.get(0)?)));
                }
            }
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            near.truncate(NEAR_MAX);
            Ok(near)
        })
    }

    /// What earned attention within a window, by time.
    pub fn verdicts(&self, window: Window) -> Result<Vec<Verdict>, Problem> {
        self.known(|| {
            let sql = "SELECT v.id, p.service, p.pattern, v.at, v.band, v.score, v.kind, v.events, \
                 v.hosts, v.alerted, v.why, v.severity, v.last FROM verdicts v \
                 JOIN patterns p ON p.fingerprint = v.id ORDER BY v.at, v.id";
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            let mut verdicts = Vec::new();
            while let Some(row) = rows.next()? {
                let verdict = verdict(row)?;
                if window.contains(Some(verdict.at)) {
                    verdicts.push(verdict);
                }
            }
            Ok(verdicts)
        })
    }

    /// The days of every pattern that was judged background or above at least once.
    pub fn presences(&self) -> Result<Vec<Presence>, Problem> {
        self.known(|| {
            let sql = "SELECT DISTINCT v.id, p.service, p.pattern FROM verdicts v \
                 JOIN patterns p ON p.fingerprint = v.id WHERE v.band >= ?1 ORDER BY v.id";
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([Band::Watch as i64])?;
            let mut days = self.connection.prepare(
                "SELECT DISTINCT day FROM activity WHERE fingerprint IN \
                 (SELECT ?1 UNION SELECT fingerprint FROM members WHERE id = ?1) ORDER BY day",
            )?;
            let mut presences = Vec::new();
            while let Some(row) = rows.next()? {
                let id: i64 = row.get(0)?;
                presences.push(Presence {
                    id: fingerprint(id),
                    service: row.get(1)?,
                    pattern: row.get(2)?,
                    days: days
                        .query_map([id], |row| row.get(0))?
                        .collect::<Result<_, _>>()?,
                });
            }
            Ok(presences)
        })
    }

    /// The days since 1970 of which anything was read, ascending.
    pub fn days(&self) -> Result<Vec<i64>, Problem> {
        self.known(|| {
            let mut statement = self
                .connection
                .prepare("SELECT day FROM days ORDER BY day")?;
            let days = statement.query_map([], |row| row.get(0))?;
            Ok(days.collect::<Result<_, _>>()?)
        })
    }

    /// The patterns and groups that became tickets.
    pub fn ticketed(&self) -> Result<Vec<(Fingerprint, String)>, Problem> {
        self.known(|| {
            let mut ticketed = Vec::new();
            for (target, remark) in self.all_remarks()? {
                if let (Target::Pattern(id), RemarkKind::Ticket) = (target, remark.kind) {
                    let sql = "SELECT pattern FROM patterns WHERE fingerprint = ?1";
                    let text = self
                        .connection
                        .query_row(sql, [signed(id)], |row| row.get(0));
                    ticketed.push((id, text.optional()?.unwrap_or_default()));
                }
            }
            ticketed.dedup();
            Ok(ticketed)
        })
    }

    /// How whole memory is.
    pub fn health(&self) -> Result<Health, Problem> {
        self.known(|| {
            let one = |sql: &str| -> Known<Option<i64>> {
                Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
            };
            let count = |table: &str| -> Known<u64> {
                let n = one(&format!("SELECT count(*) FROM {table}"))?;
                Ok(n.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
            };
            let mut statement = self
                .connection
                .prepare("SELECT first, last FROM runs ORDER BY first, last")?;
            let mut rows = statement.query([])?;
            let (mut gaps, mut end) = (Vec::new(), None::<i64>);
            while let Some(row) = rows.next()? {
                let (first, last): (i64, i64) = (row.get(0)?, row.get(1)?);
                if let Some(end) = end
                    && first.saturating_sub(end) >= GAP_SECONDS_MIN * Timestamp::MICROS
                {
                    gaps.push(Span {
                        first: Timestamp(end),
                        last: Timestamp(first),
                    });
                }
                end = Some(end.map_or(last, |end| end.max(last)));
            }
            Ok(Health {
                covers_since: one("SELECT min(first) FROM patterns")?.map(Timestamp),
                covers_until: end.map(Timestamp),
                days: count("days")?,
                patterns: count("patterns")?,
                runs: count("runs")?,
                gaps,
            })
        })
    }

    /// Every pattern's times to five minutes or better, and its days that keep no more than hours
    /// left out; with the text. For finding what came before an incident.
    pub(super) fn each_course(&self, mut tell: impl FnMut(Fingerprint, i64, &Day)) -> Known<()> {
        let sql = "SELECT day, course, fingerprint FROM activity";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (day, told) = activity(row)?;
            if !told.aged {
                tell(fingerprint(row.get(2)?), day, &told);
            }
        }
        Ok(())
    }
}

/// Day and course of a row that begins with them.
fn activity(row: &Row<'_>) -> Known<(i64, Day)> {
    let day: i64 = row.get(0)?;
    let course = row.get_ref(1)?;
    let course = course
        .as_blob()
        .map_err(|_| damaged("an activity is no blob"))?;
    let told = Day::decode(course).ok_or_else(|| damaged("an activity is no activity"))?;
    match day.abs() <= super::commit::DAY_MAX {
        true => Ok((day, told)),
        false => Err(damaged("a day is out of range")),
    }
}

fn verdict(row: &Row<'_>) -> Known<Verdict> {
    let kind: Option<String> = row.get(6)?;
    Ok(Verdict {
        id: fingerprint(row.get(0)?),
        service: row.get(1)?,
        pattern: row.get(2)?,
        at: Timestamp(row.get(3)?),
        band: read_band(row.get(4)?)?,
        score: row.get(5)?,
        kind: kind.and_then(|kind| signal(&kind)),
        events: row.get(7)?,
        hosts: row.get(8)?,
        alerted: row.get(9)?,
        why: row.get(10)?,
        last: Timestamp(row.get(12)?),
        severity: row.get::<_, Option<u8>>(11)?.map(Severity::from_number),
    })
}

pub(super) fn read_band(number: usize) -> Known<Band> {
    let band = Band::ALL.get(number).copied();
    band.ok_or_else(|| damaged("a band is no band"))
}

/// Seconds since 1970 at which a pattern occurred on a day: exact, or the starts of slots.
pub(super) fn seconds(day: i64, told: &Day) -> BTreeSet<i64> {
    let begin = day * DAY_SECONDS;
    let mut seconds = BTreeSet::new();
    for course in told.hosts.values() {
        match &course.times {
            Some(times) => seconds.extend(times.iter().map(|s| begin + i64::from(*s))),
            None => {
                let starts = course
                    .slots
                    .iter()
                    .map(|slot| i64::from(slot.0) * SLOT_SECONDS);
                seconds.extend(starts.map(|start| begin + start));
            }
        }
    }
    seconds
}

fn episodes(times: &BTreeSet<i64>) -> u64 {
    let mut episodes = 0;
    let mut last = None;
    for time in times {
        if last.is_none_or(|last| time - last > EPISODE_GAP_SECONDS) {
            episodes += 1;
        }
        last = Some(*time);
    }
    episodes
}

/// The signal of a name.
fn signal(name: &str) -> Option<Signal> {
    Signal::ALL.into_iter().find(|signal| signal.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_quiet_sets_episodes_apart() {
        assert_eq!(episodes(&[0, 3600, 7201, 7202].into()), 2);
        assert_eq!(episodes(&BTreeSet::new()), 0);
    }
}
